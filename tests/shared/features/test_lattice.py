import numpy as np
import pytest

from scenara.shared.features.lattice import Lattice, decimal_places

EXTREMES = np.array([-(2**63), -5, 0, 3, 2**62 + 1, 2**63 - 1])


@pytest.mark.parametrize(
    ("values", "places"),
    [
        ([1.0, 2.0], 0),
        ([0.5], 1),
        ([19.99, 0.01], 2),
        ([1e-9], 9),
        ([np.pi], None),
        ([1e300], None),
    ],
)
def test_the_decimals_of_numbers_are_found(values, places):
    assert decimal_places(np.array(values)) == places


def test_decimals_are_those_of_the_type_that_holds_them():
    assert decimal_places(np.array([0.1], dtype=np.float32)) == 1
    assert decimal_places(np.array([0.1], dtype=np.float32).astype(np.float64)) is None


def test_ten_multiples_are_a_grid_and_nine_may_be_chance():
    values = np.arange(10) * 500 + 100
    assert Lattice.of(values) == Lattice(100, 500)
    assert Lattice.of(values[:9]).step == 1


@pytest.mark.parametrize("steps", [(1,), (7, 1)])
def test_extreme_integers_come_back(steps):
    lattice = Lattice.of(EXTREMES, steps=steps)
    assert (lattice.to_values(lattice.to_units(EXTREMES)) == EXTREMES).all()


def test_a_wide_grid_over_all_64_bits_comes_back():
    values = np.array(range(-(2**63), 2**63, 2**59))
    lattice = Lattice.of(values)
    assert lattice.step == 2**59
    assert (lattice.to_values(lattice.to_units(values)) == values).all()


def test_a_value_off_the_grid_goes_to_the_one_below():
    assert Lattice(0, 10).to_units(np.array([19, -1])).tolist() == [1, -1]
