"""The grid that values lie on: whole numbers, cents, steps of 500, whole days."""

from dataclasses import dataclass

import numpy as np

from scenara.shared.types import Array, FloatArray, IntArray

__all__ = ["Lattice", "decimal_places"]

MAX_PLACES = 9
MIN_DISTINCT = 10


@dataclass(frozen=True)
class Lattice:
    """Map whole numbers on a grid ``offset + step * k`` to ``k`` and back, without loss.

    Args:
        offset: A value on the grid.
        step: Distance between neighbours, at least 1.

    Example:
        >>> lattice = Lattice.of(np.arange(100, 20_100, 500))
        >>> lattice.step, lattice.to_units(np.array([600])), lattice.to_values(np.array([3]))
        (500, array([1]), array([1600]))
    """

    offset: int
    step: int

    @classmethod
    def of(cls, values: IntArray, *, steps: tuple[int, ...] = ()) -> "Lattice":
        """Find the widest grid that all values lie on.

        Args:
            values: Distinct whole numbers, increasing, (values,).
            steps: The steps to choose from; without them any step will do, if there are at
                least ten values to tell it from chance.
        """
        gaps = np.diff(values.view(np.uint64))
        common = int(np.gcd.reduce(gaps)) if len(gaps) else 0
        if steps:
            step = max((step for step in steps if common % step == 0), default=1)
        else:
            step = common if len(values) >= MIN_DISTINCT else 1
        return cls(int(values[0]) if step > 1 else 0, step)

    def to_units(self, values: IntArray) -> IntArray:
        """Give the place of each value on the grid; off it, the one below."""
        if self.step == 1:
            return values
        # Differences of 64-bit integers need not fit into 64 signed bits: count unsigned.
        above = (values - self.offset) // self.step
        far = (values.astype(np.float64) - self.offset) >= 2.0**62
        if far.any():
            gap = values.view(np.uint64) - np.int64(self.offset).view(np.uint64)
            above = np.where(far, (gap // np.uint64(self.step)).view(np.int64), above)
        return above

    def to_values(self, units: IntArray) -> IntArray:
        """Give the value at each place of the grid."""
        if self.step == 1:
            return units
        product = units.astype(np.uint64) * np.uint64(self.step)
        return (product + np.int64(self.offset).view(np.uint64)).view(np.int64)


def decimal_places(values: FloatArray) -> int | None:
    """Find how many decimals numbers are rounded to.

    Args:
        values: Finite numbers, (values,).

    Returns:
        The least ``d`` in 0..9 such that all values are whole multiples of ``10**-d``, exactly
        as their type holds them; None if there is none.

    Example:
        >>> decimal_places(np.array([0.25, 19.9])), decimal_places(np.array([np.pi]))
        (2, None)
    """
    largest = float(np.abs(values).max(initial=0.0))
    for places in range(MAX_PLACES + 1):
        if largest * 10.0**places >= 2.0**53:
            return None
        if _on_grid(values[:64], places) and _on_grid(values, places):
            return places
    return None


def _on_grid(values: FloatArray, places: int) -> bool:
    back = from_places(to_places(values, places), places)
    return bool((back.astype(values.dtype) == values).all())


def to_places(values: Array, places: int) -> IntArray:
    """Count numbers in units of ``10**-places``."""
    return np.rint(values.astype(np.float64) * 10.0**places).astype(np.int64)


def from_places(counts: IntArray, places: int) -> FloatArray:
    """Give the numbers that are so many units of ``10**-places``: the nearest floats."""
    return counts / 10.0**places
