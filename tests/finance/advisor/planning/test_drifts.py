"""Views: combined with means as Black and Litterman do, held exactly by those who are sure."""

import numpy as np
import pandas as pd
import pytest

from scenara.finance.advisor.client import MarketView
from scenara.finance.advisor.planning import posterior_drifts, price_history, simulate_markets
from scenara.finance.advisor.planning.drifts import drift_errors
from scenara.shared.errors import ConfigError

CLASSES = ["shares", "bonds"]
PRIOR = np.array([0.08, 0.04])
ERRORS = np.array([[4e-4, 5e-5], [5e-5, 1e-4]])


@pytest.fixture
def make_history():
    """Give a function that makes a history whose first class has given log returns."""

    def make(logs):
        days = pd.date_range("1900-01-31", periods=len(logs) + 1, freq="ME")
        shares = np.exp(np.append(0.0, logs.cumsum()))
        return price_history(pd.DataFrame({"shares": shares, "cash": 1.0}, days), defensive=[])

    return make


def combined(*views):
    return posterior_drifts(PRIOR, ERRORS, views, classes=CLASSES)


def test_without_views_nothing_changes():
    found = combined()
    assert (found.posterior == PRIOR).all()
    assert (found.covariance == ERRORS).all()


def test_a_sure_view_holds_exactly():
    found = combined(MarketView(asset="shares", return_per_year=0.05, confidence=1.0))
    assert found.posterior[0] == pytest.approx(np.log(1.05))
    assert found.covariance[0, 0] == pytest.approx(0, abs=1e-12)


def test_a_relative_view_holds_for_the_difference():
    view = MarketView(asset="shares", over="bonds", return_per_year=0.01, confidence=1.0)
    found = combined(view)
    assert found.posterior[0] - found.posterior[1] == pytest.approx(np.log(1.01))


def test_a_view_without_confidence_is_left_out():
    found = combined(MarketView(asset="shares", return_per_year=-0.2, confidence=0.0))
    assert (found.posterior == PRIOR).all()


def test_views_are_combined_by_precision():
    views = (
        MarketView(asset="shares", return_per_year=0.03, confidence=0.3),
        MarketView(asset="bonds", return_per_year=0.05, confidence=0.8),
    )
    asked = np.log1p([0.03, 0.05])
    doubt = np.diag((1 / np.array([0.3, 0.8]) - 1) * np.diag(ERRORS))
    # He and Litterman (1999): precisions of prior and views add up.
    precision = np.linalg.inv(ERRORS) + np.linalg.inv(doubt)
    covariance = np.linalg.inv(precision)
    mean = covariance @ (np.linalg.inv(ERRORS) @ PRIOR + np.linalg.inv(doubt) @ asked)
    found = combined(*views)
    np.testing.assert_allclose(found.posterior, mean, rtol=1e-10)
    np.testing.assert_allclose(found.covariance, covariance, rtol=1e-10)


def test_shifts_have_the_posterior_mean():
    found = combined(MarketView(asset="shares", return_per_year=0.02, confidence=0.5))
    shifts = found.shifts(50, seed=0)
    np.testing.assert_allclose(shifts.mean(axis=0), found.posterior - PRIOR, atol=1e-12)


def test_certain_means_are_all_alike():
    assert not combined().shifts(5, seed=0, uncertain=False).any()


def test_errors_of_a_persistent_class_are_those_of_its_long_run(make_history):
    n, slope, lags = 1_200, 0.95, 240
    rng = np.random.default_rng(3)
    level = np.zeros(n)
    for month in range(1, n):
        level[month] = slope * level[month - 1] + rng.normal(0, 1e-3)
    found = drift_errors(make_history(level))[0, 0]
    # By hand: each pair of months within the lags, weighed by Bartlett's triangle.
    away = level - level.mean()
    gap = np.abs(np.subtract.outer(np.arange(n), np.arange(n)))
    weights = np.maximum(1 - gap / (lags + 1), 0)
    assert found == pytest.approx(144 * away @ weights @ away / n**2, rel=1e-6)
    assert found > 10 * 144 * level.var() / n


def test_errors_are_at_least_those_of_independent_months(make_history):
    swings = 0.05 * (-1.0) ** np.arange(600)
    found = drift_errors(make_history(swings))[0, 0]
    assert found == pytest.approx(144 * swings.var(ddof=1) / 600)


def test_errors_are_a_covariance(history):
    assert np.linalg.eigvalsh(drift_errors(history)).min() > 0


def test_a_view_on_cash_moves_no_other_class(history):
    view = MarketView(asset="cash", return_per_year=0.1, confidence=1.0)
    prior = np.array([0.08, 0.04, 0.02])
    found = posterior_drifts(prior, drift_errors(history), [view], classes=history.classes)
    np.testing.assert_array_equal(found.posterior[:2], prior[:2])
    assert found.posterior[2] == pytest.approx(np.log(1.1))


def test_certain_views_that_contradict_each_other_are_named():
    sure = {"confidence": 1.0}
    views = (
        MarketView(asset="shares", return_per_year=0.05, **sure),
        MarketView(asset="bonds", return_per_year=0.04, **sure),
        MarketView(asset="shares", over="bonds", return_per_year=0.3, **sure),
    )
    with pytest.raises(ConfigError, match="shares over bonds 30.0 % can't all be certain"):
        combined(*views)


def test_certain_views_that_agree_hold_exactly():
    sure = {"confidence": 1.0}
    found = combined(
        MarketView(asset="shares", return_per_year=0.05, **sure),
        MarketView(asset="shares", over="bonds", return_per_year=0.01, **sure),
    )
    np.testing.assert_allclose(found.posterior, np.log([1.05, 1.05 / 1.01]))


def test_cash_earns_no_less_than_before_its_mean_is_shifted(history):
    view = MarketView(asset="cash", return_per_year=-0.4, confidence=1.0)
    plain, low = (
        simulate_markets(
            history, ["series/bootstrap"], n_paths=100, n_months=24, views=views
        ).pooled()[..., 2]
        for views in ((), (view,))
    )
    assert low.min() >= plain.min() - 1e-3
    assert low.mean() < plain.mean()
