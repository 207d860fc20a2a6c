"""One network knows the law of every column of codes given any of the others."""

from itertools import product

import numpy as np
import pytest
import torch

from scenara.shared.errors import ArtifactError, ConfigError, DataError
from scenara.shared.generators.tables import masked_sampling
from scenara.shared.generators.tables.masked import MaskedCodes, fit_masked, from_state, to_state
from scenara.shared.generators.tables.masked_sampling import (
    complete_codes,
    draw_codes,
    log_probability,
)
from scenara.shared.training import initialised

N_CODES = (2, 3, 4)
SPACE = np.array(list(product(*map(range, N_CODES))))
N_ROWS = 4_000


def true_law():
    """Give a joint table in which every column depends on the others."""
    first, second, third = SPACE.T
    mass = np.exp(1.2 * (first == second % 2) + 0.9 * (second == third % 3) - 0.3 * third)
    return mass / mass.sum()


def shares(codes):
    places = np.ravel_multi_index(codes.T, N_CODES)
    return np.bincount(places, minlength=len(SPACE)) / len(codes)


def distance(first, second):
    return np.abs(first - second).sum() / 2


def noise(law, n):
    """Bound the total variation between a law and n draws: its mean and three deviations.

    The mean of each |share - p| is at most sqrt(p / n), and one draw moves the sum by 1 / n.
    """
    return np.sqrt(law / n).sum() / 2 + 3 * np.sqrt(1 / (4 * n))


def rng(seed=0):
    return np.random.default_rng(seed)


@pytest.fixture(scope="module")
def rows():
    return SPACE[rng().choice(len(SPACE), size=N_ROWS, p=true_law())]


@pytest.fixture(scope="module")
def fitted(rows):
    return fit_masked(rows, N_CODES, width=32, n_steps=600, random_state=0)


@pytest.fixture(scope="module")
def wild():
    """A network with large random weights: sampling is held to its own law, whatever it is."""
    network = initialised(lambda: MaskedCodes(N_CODES, width=16), random_state=1).eval()
    with torch.no_grad():
        network.output.weight.mul_(40)
    return network


def only(column, *codes):
    return {column: np.isin(np.arange(N_CODES[column]), codes)}


def test_the_joint_law_is_learned_to_within_the_noise_of_the_rows(fitted):
    law = true_law()
    assert distance(np.exp(log_probability(fitted, SPACE)), law) < noise(law, N_ROWS)


@pytest.mark.parametrize("column", [0, 1, 2])
def test_conditional_laws_are_learned_in_all_directions(fitted, column):
    law, fulfils = true_law(), SPACE[:, column] == 1
    truth = np.where(fulfils, law, 0) / law[fulfils].sum()
    drawn = shares(draw_codes(fitted, 20_000, only(column, 1), rng()))
    tolerance = noise(truth, N_ROWS * law[fulfils].sum()) + noise(truth, 20_000)
    assert distance(drawn, truth) < tolerance


@pytest.mark.parametrize("n_orders", [1, 3])
def test_probabilities_sum_to_one(wild, n_orders):
    total = np.exp(log_probability(wild, SPACE, n_orders=n_orders)).sum()
    assert total == pytest.approx(1, abs=1e-5)


def test_rows_are_drawn_from_the_law_that_is_scored(wild):
    law = np.exp(log_probability(wild, SPACE))
    assert distance(shares(draw_codes(wild, 50_000, {}, rng())), law) < noise(law, 50_000)


@pytest.mark.parametrize(
    "allowed", [only(0, 1), only(0, 0, 1), only(0, 1) | only(1, 0, 2)], ids=["one", "all", "two"]
)
def test_conditions_on_the_first_columns_are_exact(wild, allowed):
    law = np.exp(log_probability(wild, SPACE))
    for column, mask in allowed.items():
        law = law * mask[SPACE[:, column]]
    drawn = shares(draw_codes(wild, 50_000, allowed, rng()))
    assert distance(drawn, law / law.sum()) < noise(law / law.sum(), 50_000)


def test_sets_too_many_to_enumerate_are_resampled_to_the_same_law(wild, monkeypatch):
    allowed = only(0, 0, 1) | only(1, 0, 2) | only(2, 0, 1, 3)
    exact = shares(draw_codes(wild, 50_000, allowed, rng(1)))
    monkeypatch.setattr(masked_sampling, "_MAXIMUM_PREFIXES", 11)
    rough = [shares(draw_codes(wild, 50, allowed, rng(seed))) for seed in range(2, 202)]
    # The mean over populations is the law up to a bias of 1 / 11 in the self-normalised weights.
    assert distance(np.mean(rough, axis=0), exact) < 1 / 11


def test_conditioned_columns_hold_only_what_is_allowed(fitted):
    drawn = draw_codes(fitted, 500, only(2, 1, 3) | only(0, 1), rng())
    assert set(drawn[:, 2]) == {1, 3}
    assert set(drawn[:, 0]) == {1}


def test_observed_cells_are_kept(fitted, rows):
    observed = rng(3).random(rows.shape) < 0.5
    holes = np.where(observed, rows, -1)
    complete = complete_codes(fitted, holes, observed, rng())
    assert (complete[observed] == rows[observed]).all()
    assert (complete >= 0).all()


def test_holes_are_filled_from_the_conditional_law(wild):
    given = np.tile([1, 2, -1], (50_000, 1))
    filled = complete_codes(wild, given, given >= 0, rng())
    mass = np.exp(log_probability(wild, SPACE)) * (SPACE[:, 0] == 1) * (SPACE[:, 1] == 2)
    assert distance(shares(filled), mass / mass.sum()) < noise(mass / mass.sum(), 50_000)


def test_a_network_comes_back_from_its_state_bit_for_bit(fitted):
    again = from_state(*to_state(fitted))
    assert (draw_codes(again, 300, {}, rng()) == draw_codes(fitted, 300, {}, rng())).all()
    assert (log_probability(again, SPACE) == log_probability(fitted, SPACE)).all()


def test_the_same_seed_fits_the_same_network(rows):
    first, second = (
        fit_masked(rows, N_CODES, width=8, n_steps=5, random_state=4) for _ in range(2)
    )
    assert all(
        torch.equal(a, b) for a, b in zip(*(x.parameters() for x in (first, second)), strict=True)
    )


def test_draws_depend_on_the_generator_alone(wild):
    first = draw_codes(wild, 200, {}, rng(5))
    with torch.random.fork_rng():
        torch.manual_seed(123)
        assert (draw_codes(wild, 200, {}, rng(5)) == first).all()
    assert (draw_codes(wild, 200, {}, rng(6)) != first).any()


def test_no_rows_can_be_drawn(wild):
    assert draw_codes(wild, 0, only(1, 2), rng()).shape == (0, 3)


@pytest.mark.parametrize(
    ("allowed", "message"),
    [
        ({1: np.zeros(3, dtype=bool)}, "column 1, one of them above 0"),
        ({1: np.ones(2, dtype=bool)}, "expected 3 shares for column 1"),
        ({3: np.ones(2, dtype=bool)}, "expected columns 0 to 2, found 3"),
    ],
)
def test_impossible_conditions_are_refused(wild, allowed, message):
    with pytest.raises(ConfigError, match=message):
        draw_codes(wild, 5, allowed, rng())


@pytest.mark.parametrize(
    ("codes", "message"),
    [
        (np.array([[0, 0, 0], [0, 3, 0]]), "0 to 2 in column 1, found 3 in row 1"),
        (np.array([[0, -1, 0], [0, 1, 0]]), "found -1 in row 0"),
        (np.zeros((5, 2), dtype=int), r"shape \(rows, 3\)"),
        (np.zeros((5, 3)), "whole numbers"),
        (np.zeros((1, 3), dtype=int), "two rows"),
    ],
)
def test_codes_out_of_range_are_refused(codes, message):
    with pytest.raises(DataError, match=message):
        fit_masked(codes, N_CODES, n_steps=1)


def test_a_state_of_something_else_is_refused(fitted):
    values, arrays = to_state(fitted)
    with pytest.raises(ArtifactError, match="network over codes"):
        from_state(values | {"width": 7}, arrays)
