"""Views: combined with means as Black and Litterman do, held exactly by those who are sure."""

import numpy as np
import pytest

from scenara.finance.advisor.client import MarketView
from scenara.finance.advisor.planning import posterior_drifts
from scenara.finance.advisor.planning.drifts import drift_errors

CLASSES = ["shares", "bonds"]
PRIOR = np.array([0.08, 0.04])
ERRORS = np.array([[4e-4, 5e-5], [5e-5, 1e-4]])


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


def test_errors_are_those_of_a_sample_mean(history):
    yearly = 12 * np.log1p(history.returns["shares"]).var()
    assert drift_errors(history)[0, 0] == pytest.approx(yearly / 40)
