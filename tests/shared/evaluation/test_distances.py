"""Distances between samples: known values, and NumPy and SciPy as references."""

import numpy as np
import pytest
from scipy.stats import wasserstein_distance

from scenara.shared.evaluation import (
    log_ratio,
    mean_gap,
    quantile_curve,
    quantiles_of_sorted,
    relative_error,
    wasserstein_1,
)

PROBABILITIES = [0.0, 0.005, 0.1, 0.5, 0.77, 0.995, 1.0]


@pytest.mark.parametrize("n", [1, 2, 7, 100, 1001])
def test_quantiles_of_a_sorted_sample_are_those_of_numpy(n):
    ordered = np.sort(np.random.default_rng(n).normal(size=n))
    expected = np.quantile(ordered, PROBABILITIES)
    np.testing.assert_allclose(quantiles_of_sorted(ordered, PROBABILITIES), expected, rtol=1e-14)


def test_quantiles_are_read_along_the_first_axis():
    columns = np.sort(np.random.default_rng(0).normal(size=(50, 3)), axis=0)
    expected = np.quantile(columns, [0.2, 0.9], axis=0)
    np.testing.assert_allclose(quantiles_of_sorted(columns, [0.2, 0.9]), expected, rtol=1e-14)


def test_a_quantile_between_equal_values_is_that_value_to_the_bit():
    assert quantiles_of_sorted(np.full(10, 0.1), [0.123])[0] == 0.1


def test_a_curve_of_a_sorted_sample_need_not_be_sorted_again():
    values = np.random.default_rng(0).normal(size=100)
    expected = quantile_curve(values)
    np.testing.assert_array_equal(quantile_curve(np.sort(values), is_sorted=True), expected)


@pytest.mark.parametrize("shift", [-2.0, 0.0, 0.3])
def test_distance_of_a_shifted_sample_is_the_shift(shift):
    values = np.random.default_rng(0).standard_t(3, size=(500, 2))
    np.testing.assert_allclose(wasserstein_1(values, values + shift), abs(shift), atol=1e-12)


def test_distance_is_that_of_scipy_for_many_levels():
    rng = np.random.default_rng(0)
    first, second = rng.normal(size=1000), rng.normal(0.1, 1.5, size=1000)
    exact = wasserstein_distance(first, second)
    assert wasserstein_1(first, second, n_levels=100_000) == pytest.approx(exact, rel=2e-3)


def test_distance_is_symmetric():
    rng = np.random.default_rng(0)
    first, second = rng.normal(size=80), rng.exponential(size=130)
    assert wasserstein_1(first, second) == wasserstein_1(second, first)


@pytest.mark.parametrize("distance", [mean_gap, log_ratio, relative_error])
def test_equal_arrays_are_at_distance_zero(distance):
    values = np.array([0.5, -1.0, 3.0])
    assert distance(values, values) == 0


@pytest.mark.parametrize("ratio", [-1.0, 0.0, 1e-9])
def test_log_ratio_is_bounded_below_one_in_a_thousand(ratio):
    assert log_ratio([ratio], [1.0]) == pytest.approx(np.log(1000))
