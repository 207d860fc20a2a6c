"""The normal baseline against the moments that it has to keep."""

import numpy as np
import pytest
from contracts import example_returns
from scipy.stats import kurtosis

from scenara.shared.generators import make
from scenara.shared.generators.series.gaussian import shrunk_covariance


@pytest.fixture(scope="module")
def returns():
    return example_returns(2_000).to_numpy()


@pytest.fixture(scope="module")
def days(returns):
    paths = make("series/gaussian").fit(returns).sample(4_000, horizon=25, random_state=0)
    return paths.reshape(-1, 3)


def test_means_are_those_of_history(days, returns):
    error = returns.std(axis=0) / np.sqrt(len(days))
    assert (abs(days.mean(axis=0) - returns.mean(axis=0)) < 4 * error).all()


def test_variances_are_those_of_history(days, returns):
    error = np.sqrt(2 / len(days))
    np.testing.assert_allclose(days.var(axis=0) / returns.var(axis=0), 1, atol=4 * error)


def test_correlations_are_those_of_history_and_a_little_less(days, returns):
    found, observed = np.corrcoef(days.T), np.corrcoef(returns.T)
    np.testing.assert_allclose(found, observed, atol=0.03)
    assert found[0, 1] < observed[0, 1]


def test_tails_are_normal(days):
    assert (abs(kurtosis(days)) < 4 * np.sqrt(24 / len(days))).all()


def test_shrinkage_equals_that_of_scikit_learn_on_channels_of_unit_variance(returns):
    from sklearn.covariance import ledoit_wolf

    standard = (returns - returns.mean(axis=0)) / returns.std(axis=0)
    np.testing.assert_allclose(shrunk_covariance(standard), ledoit_wolf(standard)[0], atol=1e-12)


def test_shrinkage_does_not_depend_on_units(returns):
    units = np.array([1.0, 100.0, 0.01])
    expected = shrunk_covariance(returns) * np.outer(units, units)
    np.testing.assert_allclose(shrunk_covariance(returns * units), expected, rtol=1e-9)


def test_more_channels_than_steps_can_be_learned():
    returns = np.random.default_rng(0).normal(size=(60, 120))
    paths = make("series/gaussian").fit(returns).sample(3, horizon=10, random_state=0)
    assert np.isfinite(paths).all()
