"""Confidence in Sharpe ratios is that of the papers, to the digits that they print."""

import math

import numpy as np
import pytest
from scipy.stats import kurtosis, norm, skew

from scenara.finance.portfolio.luck import (
    SharpeRatio,
    deflated_sharpe_ratio,
    expected_maximum_sharpe,
    independent_trials,
    minimum_track_record_length,
    probabilistic_sharpe_ratio,
)
from scenara.shared.errors import ConfigError, DataError

# Bailey and Lopez de Prado (2012), The Sharpe ratio efficient frontier: two years of monthly returns
# with a ratio of .458 a month, once taken to be normal, once with their own moments.
HEDGE_FUND = {"value": 0.458, "n_steps": 24}
MOMENTS = {"skewness": -2.448, "kurtosis": 10.164}


@pytest.mark.parametrize(("moments", "printed"), [({}, 0.982), (MOMENTS, 0.913)])
def test_probabilistic_sharpe_ratio_is_that_of_the_paper(moments, printed):
    record = SharpeRatio(**HEDGE_FUND, **moments)
    assert round(probabilistic_sharpe_ratio(record), 3) == printed


# The same paper: years until a ratio of 2 a year is above 1 a year, at 95 %.
@pytest.mark.parametrize(
    ("steps_a_year", "moments", "printed"),
    [
        (252, {}, 2.73),
        (52, {}, 2.83),
        (12, {}, 3.24),
        (12, {"skewness": -0.72, "kurtosis": 5.78}, 4.99),
    ],
)
def test_minimum_track_record_length_is_that_of_the_paper(steps_a_year, moments, printed):
    root = math.sqrt(steps_a_year)
    record = SharpeRatio(value=2 / root, n_steps=100, **moments)
    needed = minimum_track_record_length(record, benchmark=1 / root)
    assert round(needed / steps_a_year, 2) == printed


# Bailey and Lopez de Prado (2014), The deflated Sharpe ratio: a ratio of 2.5 a year over five years
# of 250 days, the variance of the trials being 1/2 a year; 46 trials would have been few enough, or
# 88 if returns were normal.
@pytest.mark.parametrize(
    ("n_trials", "moments", "printed"),
    [
        (100, {"skewness": -3, "kurtosis": 10}, 0.9004),
        (46, {"skewness": -3, "kurtosis": 10}, 0.9505),
        (88, {}, 0.9505),
    ],
)
def test_deflated_sharpe_ratio_is_that_of_the_paper(n_trials, moments, printed):
    record = SharpeRatio(value=2.5 / math.sqrt(250), n_steps=1250, **moments)
    found = deflated_sharpe_ratio(record, n_trials=n_trials, trial_variance=0.5 / 250)
    assert round(found, 4) == printed


def test_the_hurdle_of_a_hundred_trials_is_that_of_the_paper():
    assert round(expected_maximum_sharpe(100, trial_variance=0.5 / 250), 4) == 0.1132


@pytest.mark.parametrize("n_trials", [1, 1.0001, 1.1, 1.3])
def test_the_expected_maximum_is_never_below_that_of_one_trial(n_trials):
    assert 0 <= expected_maximum_sharpe(n_trials, trial_variance=1) < 0.03


@pytest.mark.parametrize("n_trials", [10, 100, 1000])
def test_expected_maximum_is_near_that_of_normal_draws(n_trials):
    """The theorem is asymptotic: within 4 % of the integral of the exact law at ten trials."""
    grid = np.linspace(-8, 8, 20_001)
    density = n_trials * norm.pdf(grid) * norm.cdf(grid) ** (n_trials - 1)
    exact = np.trapezoid(grid * density, grid)
    assert expected_maximum_sharpe(n_trials, trial_variance=1) == pytest.approx(exact, rel=0.04)


def test_one_trial_has_no_hurdle():
    record = SharpeRatio(value=0.1, n_steps=500)
    deflated = deflated_sharpe_ratio(record, n_trials=1, trial_variance=1)
    assert deflated == probabilistic_sharpe_ratio(record)


def test_moments_are_those_of_scipy():
    returns = np.random.default_rng(0).standard_t(5, 300) + 0.1
    found = SharpeRatio.of(returns)
    expected = (returns.mean() / returns.std(ddof=1), skew(returns), kurtosis(returns) + 3)
    assert (found.value, found.skewness, found.kurtosis) == pytest.approx(expected, rel=1e-12)


def test_a_record_of_the_minimum_length_has_just_the_confidence():
    record = SharpeRatio(value=0.1, n_steps=2, skewness=-1, kurtosis=6)
    needed = minimum_track_record_length(record, level=0.05)
    long = SharpeRatio(value=0.1, n_steps=math.ceil(needed), skewness=-1, kurtosis=6)
    short = SharpeRatio(value=0.1, n_steps=math.floor(needed), skewness=-1, kurtosis=6)
    assert probabilistic_sharpe_ratio(short) < 0.95 <= probabilistic_sharpe_ratio(long)


def test_no_record_is_long_enough_for_a_ratio_below_the_benchmark():
    assert minimum_track_record_length(SharpeRatio(value=-0.1, n_steps=9)) == math.inf


def test_standard_error_is_that_of_simulated_ratios():
    """For normal returns; the error of a deviation over 4,000 draws is 1 / sqrt(8,000)."""
    draws = np.random.default_rng(0).normal(0.1, 1, (4_000, 250))
    ratios = draws.mean(1) / draws.std(1, ddof=1)
    expected = SharpeRatio(value=0.1, n_steps=250).standard_error
    assert ratios.std() == pytest.approx(expected, rel=3 / math.sqrt(8_000))


@pytest.mark.parametrize(("correlation", "expected"), [(0.0, 20), (0.5, 10.5), (1.0, 1)])
def test_independent_trials_follow_the_mean_correlation(correlation, expected):
    rng = np.random.default_rng(0)
    common, own = rng.standard_normal((20_000, 1)), rng.standard_normal((20_000, 20))
    returns = math.sqrt(correlation) * common + math.sqrt(1 - correlation) * own
    assert independent_trials(returns) == pytest.approx(expected, abs=0.4)


def test_moments_that_no_law_has_are_refused():
    with pytest.raises(DataError, match="no law has the ratio"):
        SharpeRatio(value=1, n_steps=10, skewness=3, kurtosis=1)


@pytest.mark.parametrize("level", [0, 1, math.nan])
def test_a_level_that_is_no_chance_is_refused(level):
    with pytest.raises(ConfigError, match="between 0 and 1"):
        minimum_track_record_length(SharpeRatio(value=1, n_steps=10), level=level)
