"""Rows drawn by the code of a column keep the law given it, and rare codes come up often."""

import numpy as np
import pytest
import torch

from scenara.shared.generators.tables.masked import fit_masked
from scenara.shared.generators.tables.masked_sampling import draw_codes
from scenara.shared.generators.tables.strata import Strata

N_ROWS, N_DRAWS = 10_000, 40_000


def stream(seed=0):
    return torch.Generator().manual_seed(seed)


def drawn(strata, column):
    return strata.draw(torch.full((N_DRAWS,), column), stream()).numpy()


@pytest.fixture(scope="module")
def chances():
    """Chances of a rare code that the first column decides."""
    rare = np.array([0.001, 0.004, 0.03])
    return np.column_stack([1 - rare, rare])


@pytest.fixture(scope="module")
def rows(chances):
    rng = np.random.default_rng(0)
    first = rng.integers(3, size=N_ROWS)
    return np.column_stack([first, rng.random(N_ROWS) < chances[first, 1]]).astype(np.int64)


def test_codes_come_up_in_proportion_to_the_logarithm_of_their_count(rows):
    share = drawn(Strata.of(rows, [3, 2]), 1)[:, 1].mean()
    expected = np.log1p(np.bincount(rows[:, 1]))
    assert share == pytest.approx(expected[1] / expected.sum(), abs=3 * np.sqrt(0.25 / N_DRAWS))


@pytest.mark.parametrize("code", [0, 1])
def test_rows_of_a_code_come_up_as_often_as_each_other(rows, code):
    found = drawn(Strata.of(rows, [3, 2]), 1)
    share, truth = ((x[x[:, 1] == code, 0] == 2).mean() for x in (found, rows))
    assert share == pytest.approx(truth, abs=3 * np.sqrt(0.25 / (found[:, 1] == code).sum()))


def test_rows_stand_for_a_code_by_their_chance_of_it(rows, chances):
    found = drawn(Strata.of(rows, [3, 2], soft={1: chances[rows[:, 0]]}), 1)
    mass = np.bincount(rows[:, 0]) * chances[:, 1]
    shares = np.bincount(found[found[:, 1] == 1, 0], minlength=3) / found[:, 1].sum()
    tolerance = 3 * np.sqrt(0.25 / found[:, 1].sum()) + 2 / N_ROWS
    assert shares == pytest.approx(mass / mass.sum(), abs=tolerance)


def test_codes_that_no_row_holds_never_come_up():
    codes = np.array([[0, 1], [2, 1], [2, 1]])
    found = Strata.of(codes, [4, 3]).draw(torch.arange(2).repeat(500), stream()).numpy()
    assert {tuple(row) for row in found.tolist()} == {(0, 1), (2, 1)}


def test_the_law_given_a_rare_code_follows_the_chances_and_not_the_few_rows_that_hold_it(rows):
    chances = np.array([[0.97, 0.03], [0.996, 0.004], [0.999, 0.001]])  # the rows have it reversed
    mass = np.bincount(rows[:, 0]) * chances[:, 1]
    network = fit_masked(
        rows, [3, 2], width=16, n_steps=300, soft={1: lambda n: chances[rows[n, 0]]}, random_state=0
    )
    found = draw_codes(network, 20_000, {1: np.array([False, True])}, np.random.default_rng(1))
    shares = np.bincount(found[:, 0], minlength=3) / len(found)
    assert shares == pytest.approx(mass / mass.sum(), abs=0.1)


def test_codes_come_up_as_seldom_as_they_are_where_nothing_is_given(rows):
    network = fit_masked(rows, [3, 2], width=16, n_steps=300, random_state=0)
    share = draw_codes(network, 20_000, {}, np.random.default_rng(1))[:, 1].mean()
    assert share == pytest.approx(rows[:, 1].mean(), abs=0.006)
