"""The scores: closed forms, identities between them, and that the truth scores best."""

import numpy as np
import pytest
from scipy.stats import kstest, norm

from scenara.finance.market.forecasts import (
    crps,
    crps_normal,
    draw_quantiles,
    energy_score,
    log_score,
    probability_transform,
    quantile_loss,
)
from scenara.shared.errors import DataError

POINTS = np.array([-2.5, -0.3, 0.0, 1.1, 4.0])


@pytest.mark.parametrize("observed", POINTS)
def test_closed_form_is_the_integral_of_squared_distance_of_distribution_functions(observed):
    grid = np.linspace(-12, 12, 400_001)
    gap = norm.cdf(grid, 0.5, 1.5) - (grid >= observed)
    integral = np.sum(gap**2) * (grid[1] - grid[0])
    assert crps_normal(observed, mean=0.5, std=1.5) == pytest.approx(integral, abs=1e-4)


def test_crps_of_normal_draws_is_the_closed_form():
    draws = np.random.default_rng(0).standard_normal((400, 2_000, len(POINTS)))
    found = crps(draws.reshape(400, -1), np.tile(POINTS, 2_000)).reshape(2_000, -1)
    error = found.std(axis=0) / np.sqrt(2_000)
    assert (np.abs(found.mean(axis=0) - crps_normal(POINTS)) < 4 * error).all()


def test_crps_of_quantiles_converges_to_the_closed_form():
    quantiles = norm.ppf((np.arange(100) + 0.5) / 100)[:, None] * np.ones(len(POINTS))
    found = crps(quantiles, POINTS, is_random=False)
    assert np.allclose(found, crps_normal(POINTS), rtol=1e-3)


@pytest.mark.parametrize("is_random", [True, False])
def test_crps_is_the_mean_over_all_pairs(is_random):
    draws, n = np.random.default_rng(1).normal(size=9), 9
    pairs = np.abs(draws[:, None] - draws).sum() / (n * (n - 1) if is_random else n * n)
    expected = np.abs(draws - 0.4).mean() - pairs / 2
    assert crps(draws, np.array(0.4), is_random=is_random) == pytest.approx(expected)


def test_energy_score_in_one_dimension_is_the_crps():
    draws = np.random.default_rng(2).standard_t(4, 50)
    score = energy_score(draws[:, None], np.array([0.7]))
    assert score == pytest.approx(float(crps(draws, np.array(0.7))))


def test_energy_score_sees_a_wrong_dependence_where_the_crps_does_not():
    rng = np.random.default_rng(3)
    law = [[1.0, 0.9], [0.9, 1.0]]
    days = rng.multivariate_normal([0, 0], law, size=400)
    right = rng.multivariate_normal([0, 0], law, size=300)
    wrong = np.column_stack([right[:, 0], rng.permutation(right[:, 1])])
    gap = np.array([energy_score(wrong, day) - energy_score(right, day) for day in days])
    assert gap.mean() > 3 * gap.std() / np.sqrt(len(days))
    assert np.array_equal(crps(wrong, days[0]), crps(right, days[0]))


def test_log_score_is_minus_the_log_density_up_to_the_blur_of_the_kernel():
    draws = np.random.default_rng(4).standard_normal((20_000, 3))
    points = np.array([-1.0, 0.0, 1.0])
    assert np.allclose(log_score(draws, points), -norm.logpdf(points), atol=0.04)


def test_log_score_of_an_impossible_day_is_finite():
    draws = np.random.default_rng(5).standard_normal(500)
    assert 10 < log_score(draws, np.array(100.0)) < 50


def test_log_score_of_draws_that_mostly_stand_still_is_that_of_their_deviation():
    draws = np.where(np.arange(500) % 5, 0.0, 0.01)
    deviation = float(draws.std())
    score = log_score(draws, np.array(0.01))
    assert abs(score - np.log(deviation)) < np.log(10)


@pytest.mark.parametrize("scale", [0.5, 0.8, 1.25, 2.0])
@pytest.mark.parametrize("score", [crps, log_score])
def test_the_true_law_scores_better_than_a_wrong_spread(score, scale):
    rng = np.random.default_rng(6)
    days, draws = rng.standard_normal(2_000), rng.standard_normal((500, 1)) * np.ones(2_000)
    gap = score(scale * draws, days) - score(draws, days)
    assert gap.mean() > 2 * gap.std() / np.sqrt(len(days))


@pytest.mark.parametrize("level", [0.01, 0.1, 0.5, 0.99])
def test_quantile_loss_is_least_at_the_quantile(level):
    days = np.random.default_rng(7).standard_normal(20_000)
    candidates = norm.ppf(level) + np.array([-0.3, 0.0, 0.3])
    found = [
        quantile_loss(np.full((2, len(days)), q), days, levels=[level]).mean() for q in candidates
    ]
    assert np.argmin(found) == 1


def test_twice_the_mean_quantile_loss_over_all_levels_is_the_crps():
    draws = np.random.default_rng(8).standard_normal(400)
    levels = (np.arange(400) + 0.5) / 400
    mean = quantile_loss(draws, np.array(0.3), levels=levels).mean()
    assert 2 * mean == pytest.approx(float(crps(draws, np.array(0.3), is_random=False)), rel=1e-6)


def test_quantiles_of_equally_spaced_quantiles_are_themselves():
    levels = (np.arange(100) + 0.5) / 100
    assert np.allclose(draw_quantiles(norm.ppf(levels), [0.005, 0.995]), norm.ppf([0.005, 0.995]))


def test_transform_is_uniform_where_the_forecast_is_true():
    rng = np.random.default_rng(9)
    found = probability_transform(rng.standard_t(4, (99, 2_000)), rng.standard_t(4, 2_000))
    assert kstest(found, "uniform").pvalue > 0.01


@pytest.mark.parametrize("score", [crps, log_score, probability_transform, energy_score])
@pytest.mark.parametrize("shape", [(1, 3), (5, 4), (5,)])
def test_shapes_that_do_not_fit_are_refused(score, shape):
    with pytest.raises(DataError, match="expected at least two of shape"):
        score(np.zeros(shape), np.zeros(3))
