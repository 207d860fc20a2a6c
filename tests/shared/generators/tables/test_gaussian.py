"""Latent normal variables against scipy and against laws that are known."""

import numpy as np
import pytest
from scipy.special import ndtr, ndtri
from scipy.stats import multivariate_normal, truncnorm

from scenara.shared.generators.tables.gaussian import (
    Intervals,
    draw_given,
    fit_correlation,
    truncated,
)

N_ROWS = 4_000
CORRELATION = np.array([[1.0, 0.6, -0.3], [0.6, 1.0, 0.2], [-0.3, 0.2, 1.0]])


def latents(seed=0):
    rng = np.random.default_rng(seed)
    return rng.standard_normal((N_ROWS, 3)) @ np.linalg.cholesky(CORRELATION).T


def cut(values, edges):
    """Know of normal numbers only between which edges they lie."""
    ends = np.array([-np.inf, *edges, np.inf])
    place = np.searchsorted(ends, values) - 1
    return Intervals(ndtr(ends[place]), ndtr(ends[place + 1]))


@pytest.mark.parametrize(
    ("edges", "loss"),
    [(np.linspace(-4, 4, 4_001), 1.0), ((-1, 0, 0.5), 1.3), ((0,), 1.7), ((1,), 2.3)],
)
def test_correlation_is_found_whatever_the_intervals(edges, loss):
    found = fit_correlation(cut(latents(), edges), n_sweeps=40, rng=np.random.default_rng(1))
    # Three standard errors; coarser intervals say less, by about the loss.
    assert found == pytest.approx(CORRELATION, abs=3 * loss / np.sqrt(N_ROWS))


def test_cells_of_which_nothing_is_known_are_integrated_out():
    values, rng = latents(), np.random.default_rng(1)
    known = cut(values, np.linspace(-4, 4, 4_001))
    hidden = np.random.default_rng(2).random(values.shape) < 0.3
    holed = Intervals(np.where(hidden, 0.0, known.low), np.where(hidden, 1.0, known.high))
    found = fit_correlation(holed, n_sweeps=40, rng=rng)
    # At least half of the rows have both cells of a pair.
    assert found == pytest.approx(CORRELATION, abs=4 / np.sqrt(N_ROWS / 2))


def test_copies_of_a_variable_leave_the_correlation_positive_definite():
    values = np.repeat(latents()[:200, :1], 5, axis=1)
    known = cut(values, np.linspace(-4, 4, 401))
    found = fit_correlation(known, n_sweeps=6, rng=np.random.default_rng(0))
    assert np.linalg.eigvalsh(found).min() > 0
    assert found.min() > 0.99


@pytest.mark.parametrize(("low", "high"), [(-1, 2), (0.5, np.inf), (6, 7), (-np.inf, -9), (3, 3)])
def test_truncated_draws_have_the_moments_that_scipy_gives(low, high):
    n_rows, mean, spread = 4_000, 0.3, 0.8
    ends = (np.full(n_rows, float(end)) for end in (low, high))
    drawn = truncated(np.full(n_rows, mean), spread, *ends, np.random.default_rng(0))
    assert ((drawn >= low) & (drawn <= high)).all()
    if low < high:
        law = truncnorm((low - mean) / spread, (high - mean) / spread, mean, spread)
        assert drawn.mean() == pytest.approx(law.mean(), abs=4 * law.std() / np.sqrt(n_rows))


def test_unconditional_draws_have_the_correlation():
    drawn = draw_given(CORRELATION, 20_000, {}, np.random.default_rng(0))
    assert np.corrcoef(drawn.T) == pytest.approx(CORRELATION, abs=4 / np.sqrt(20_000))


def test_one_condition_is_exact_for_itself_and_the_others():
    asked = {0: (np.array([1.0]), np.array([np.inf]))}
    drawn = draw_given(CORRELATION, 20_000, asked, np.random.default_rng(0))
    expected = truncnorm(1, np.inf).mean() * CORRELATION[0]
    assert (drawn[:, 0] >= 1).all()
    assert drawn.mean(axis=0) == pytest.approx(expected, abs=4 / np.sqrt(20_000))


def test_a_union_of_intervals_is_filled_by_their_chances():
    asked = {1: (np.array([-np.inf, 1.0]), np.array([-2.0, np.inf]))}
    drawn = draw_given(CORRELATION, 20_000, asked, np.random.default_rng(0))[:, 1]
    share = ndtr(-2) / (ndtr(-2) + ndtr(-1))
    bound = 4 * np.sqrt(share * (1 - share) / 20_000)
    assert (drawn <= -2).mean() == pytest.approx(share, abs=bound)


def test_several_conditions_have_the_law_of_rows_that_fulfil_them():
    asked = {
        0: (np.array([0.5]), np.array([np.inf])),
        2: (np.array([0.0]), np.array([np.inf])),
    }
    drawn = draw_given(CORRELATION, 4_000, asked, np.random.default_rng(0))
    free = multivariate_normal(cov=CORRELATION).rvs(400_000, random_state=1)
    expected = free[(free[:, 0] > 0.5) & (free[:, 2] > 0)]
    # Weighed draws are fewer than they seem; half as many is a cautious count.
    bound = 4 * np.sqrt(1 / 2_000 + 1 / len(expected))
    assert drawn.mean(axis=0) == pytest.approx(expected.mean(axis=0), abs=bound)


def test_conditions_far_out_in_the_tails_are_kept():
    asked = {0: (np.array([5.0]), np.array([5.1])), 2: (np.array([4.0]), np.array([4.1]))}
    drawn = draw_given(CORRELATION, 100, asked, np.random.default_rng(0))
    assert ((drawn[:, 0] >= 5) & (drawn[:, 0] <= 5.1)).all()
    assert ((drawn[:, 2] >= 4) & (drawn[:, 2] <= 4.1)).all()


def test_narrow_intervals_are_taken_for_points():
    share = np.full((3, 1), 0.25)
    values, loose = Intervals(share, share + 1e-4).start(np.random.default_rng(0))
    assert values == pytest.approx(ndtri(0.25 + 5e-5))
    assert not len(loose[0])
