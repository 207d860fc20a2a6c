"""The tests between forecasters: size under the null, power, and what they refuse."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import ttest_1samp

from scenara.finance.market.forecasts import confidence_set, diebold_mariano
from scenara.shared.errors import ConfigError, DataError


def overlapping_noise(rng, n, days_ahead):
    """Give noise correlated as errors of overlapping forecasts are."""
    steps = rng.standard_normal(n + days_ahead - 1)
    return np.convolve(steps, np.ones(days_ahead), mode="valid") / np.sqrt(days_ahead)


@pytest.mark.parametrize(("days_ahead", "limit"), [(1, 0.08), (5, 0.10), (21, 0.13)])
def test_size_under_the_null_is_near_its_level(days_ahead, limit):
    rng = np.random.default_rng(0)
    p_values = [
        diebold_mariano(
            overlapping_noise(rng, 1_000, days_ahead), np.zeros(1_000), days_ahead=days_ahead
        ).p_value
        for _ in range(800)
    ]
    assert 0.03 < np.mean(np.array(p_values) < 0.05) < limit


def test_without_correlation_it_is_near_students_test():
    gap = np.random.default_rng(1).normal(0.05, 1, 2_000)
    ours = diebold_mariano(gap, np.zeros(2_000))
    assert ours.statistic == pytest.approx(ttest_1samp(gap, 0).statistic, rel=0.1)


def test_long_run_variance_is_that_of_statsmodels():
    statsmodels = pytest.importorskip("statsmodels.api")
    gap = overlapping_noise(np.random.default_rng(2), 300, 5) + 0.1
    test = diebold_mariano(gap, np.zeros(300), days_ahead=5)
    fit = statsmodels.OLS(gap, np.ones(300)).fit(
        cov_type="HAC", cov_kwds={"maxlags": test.n_lags, "use_correction": False}
    )
    harvey = np.sqrt((300 + 1 - 10 + 5 * 4 / 300) / 300)
    assert test.statistic == pytest.approx(harvey * fit.tvalues[0])


def test_swapping_the_models_swaps_the_sign():
    first, second = np.random.default_rng(3).normal(size=(2, 200))
    there, back = diebold_mariano(first, second), diebold_mariano(second, first)
    assert (there.statistic, there.p_value) == (-back.statistic, back.p_value)


def test_equal_losses_are_no_difference():
    same = np.random.default_rng(4).normal(size=100)
    assert diebold_mariano(same, same).p_value == 1.0


@pytest.mark.parametrize("gap", [1.0, -0.5])
def test_a_gap_that_never_varies_is_no_luck(gap):
    test = diebold_mariano(np.full(100, gap), np.zeros(100))
    assert test.p_value == 0.0
    assert np.isfinite(test.statistic)
    assert np.sign(test.statistic) == np.sign(gap)


@pytest.mark.parametrize(
    ("first", "second", "says"),
    [
        (np.zeros(50), np.zeros(49), "of one length"),
        (np.zeros(10), np.zeros(10), "found 10, expected at least 30"),
        (np.full(50, np.nan), np.zeros(50), "no number in row 0"),
    ],
)
def test_losses_that_can_not_be_tested_are_refused(first, second, says):
    with pytest.raises(DataError, match=says):
        diebold_mariano(first, second)


def test_days_ahead_below_one_are_refused():
    with pytest.raises(ConfigError, match="days_ahead"):
        diebold_mariano(np.zeros(50), np.zeros(50), days_ahead=0)


def test_confidence_set_covers_the_best_model_about_as_often_as_it_says():
    covered = 0
    for seed in range(30):
        noise = np.random.default_rng(seed).normal(size=(250, 4))
        losses = pd.DataFrame(noise + [0.0, 0.02, 0.5, 0.6], columns=list("abcd"))
        covered += "a" in confidence_set(losses, n_repetitions=100, random_state=seed).members
    assert covered >= 24


def test_confidence_set_leaves_out_what_is_surely_worse():
    noise = np.random.default_rng(0).normal(size=(400, 3))
    losses = pd.DataFrame(noise + [0.0, 0.0, 0.5], columns=["a", "b", "worse"])
    assert "worse" not in confidence_set(losses, n_repetitions=300).members


def test_scale_of_the_losses_changes_nothing():
    losses = pd.DataFrame(np.random.default_rng(5).normal(size=(100, 3)), columns=list("abc"))
    tiny, large = (confidence_set(scale * losses, n_repetitions=200) for scale in (1e-6, 1e3))
    assert np.allclose(tiny.p_values, large.p_values)


@pytest.mark.parametrize(
    ("shape", "size", "error"),
    [((10, 3), 0.1, DataError), ((50, 1), 0.1, DataError), ((50, 3), 1.5, ConfigError)],
)
def test_tables_without_a_set_are_refused(shape, size, error):
    with pytest.raises(error):
        confidence_set(pd.DataFrame(np.zeros(shape)), size=size)
