import numpy as np
import pytest
from scipy import stats
from sklearn.preprocessing import PowerTransformer

from scenara.shared.features.power import fit_power, yeo_johnson, yeo_johnson_inverse

VALUES = np.linspace(-5, 7, 101)


@pytest.mark.parametrize("power", [0.0, 0.3, 1.0, 1.7, 2.0])
def test_the_transform_is_that_of_scipy(power):
    np.testing.assert_allclose(yeo_johnson(VALUES, power), stats.yeojohnson(VALUES, power), 1e-12)


@pytest.mark.parametrize("power", [0.0, 0.3, 1.0, 1.7, 2.0])
def test_the_inverse_undoes_the_transform(power):
    np.testing.assert_allclose(
        yeo_johnson_inverse(yeo_johnson(VALUES, power), power), VALUES, atol=1e-12
    )


def test_the_power_is_that_of_scikit_learn():
    values = np.sort(np.random.default_rng(0).gamma(3, size=1_500))
    curve = fit_power(values, np.ones(1_500, dtype=int))
    reference = PowerTransformer().fit(values[:, None] / curve.scale)
    assert curve.power == pytest.approx(reference.lambdas_[0], abs=1e-3)
    np.testing.assert_allclose(
        curve.transform(values)[1],
        reference.transform(values[:, None] / curve.scale)[:, 0],
        atol=2e-3,
    )


@pytest.mark.parametrize("unit", [1e-200, 1.0, 1e200])
def test_the_unit_of_the_values_does_not_matter(unit):
    values = np.sort(np.random.default_rng(0).lognormal(size=500))
    ones = np.ones(500, dtype=int)
    expected = fit_power(values, ones).transform(values)[1]
    found = fit_power(values * unit, ones).transform(values * unit)[1]
    np.testing.assert_allclose(found, expected, atol=1e-6)


@pytest.mark.parametrize("position", [-1e300, -1e6, 1e6, 1e300])
def test_no_position_leaves_the_range_seen(position):
    curve = fit_power(VALUES, np.ones(101, dtype=int))
    found = curve.inverse(np.zeros(1, int), np.array([position]))
    assert found[0] == (VALUES[0] if position < 0 else VALUES[-1])
