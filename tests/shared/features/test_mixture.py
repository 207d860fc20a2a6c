import numpy as np
import pytest

from scenara.shared.features.mixture import fit_mixture

RNG = np.random.default_rng(0)
HUMPS = np.sort(np.r_[RNG.normal(0, 1, 500), RNG.normal(60, 2, 500), RNG.normal(200, 1, 500)])
ONES = np.ones(1_500, dtype=int)


def test_every_hump_has_a_component_near_its_mean():
    curve = fit_mixture(HUMPS, ONES)
    for mean in (0, 60, 200):
        assert np.abs(curve.means - mean).min() < 1


def test_values_of_different_humps_have_different_components():
    codes, _ = fit_mixture(HUMPS, ONES).transform(np.array([0.0, 60.0, 200.0]))
    assert len(set(codes)) == 3


def test_positions_are_in_units_of_four_standard_deviations():
    curve = fit_mixture(HUMPS, ONES)
    values = curve.means + 0.5 * curve.deviations
    codes, positions = curve.transform(values)
    own = (codes == np.arange(len(codes))) & (values < HUMPS[-1])
    assert own.any()
    np.testing.assert_allclose(positions[own], 0.125)


def test_every_component_is_used():
    curve = fit_mixture(HUMPS, ONES)
    assert set(curve.transform(HUMPS)[0]) == set(range(curve.n_components))


def test_values_come_back_to_rounding():
    curve = fit_mixture(HUMPS, ONES)
    np.testing.assert_allclose(curve.inverse(*curve.transform(HUMPS)), HUMPS, atol=1e-12)


@pytest.mark.parametrize(("position", "end"), [(-1e308, 0), (1e308, -1)])
def test_no_position_leaves_the_range_seen(position, end):
    curve = fit_mixture(HUMPS, ONES)
    assert curve.inverse(np.array([0]), np.array([position]))[0] == HUMPS[end]
