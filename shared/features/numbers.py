"""Columns of numbers: spikes with a code of their own, the rest along a curve."""

from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
import pandas as pd

from scenara.shared.errors import DataError
from scenara.shared.features.base import Encoder, Rows
from scenara.shared.features.lattice import Lattice, decimal_places, from_places, to_places
from scenara.shared.features.mixture import MixtureCurve, fit_mixture
from scenara.shared.features.power import PowerCurve, fit_power
from scenara.shared.features.quantile import BinnedCurve, QuantileCurve, fit_bins, fit_quantiles
from scenara.shared.features.spikes import find_spikes
from scenara.shared.features.storage import Series
from scenara.shared.types import Array, FloatArray, IntArray

__all__ = ["METHODS", "MeasuredEncoder", "NumberEncoder", "NumberScale"]

METHODS = ("quantile", "bins", "power", "mixture")
TOLERANCE = 1e-9
MAX_WHOLE = 2**63 - 1
NUMBERS = (int, float, np.integer, np.floating)

Curve: TypeAlias = QuantileCurve | BinnedCurve | PowerCurve | MixtureCurve


@dataclass(kw_only=True, eq=False)
class MeasuredEncoder(Encoder):
    """Code what can be measured, numbers and times alike, once it is in units.

    Codes are the components of the curve (one, or the bins, or the humps), then the spikes in
    increasing order, then missing. Decoded values never leave the range seen when fitting.

    Args:
        method: The curve: ``quantile`` (normal scores), ``bins`` (bins of equal mass and the
            rank inside), ``power`` (Yeo-Johnson), ``mixture`` (Gaussian components).
        n_bins: Number of bins of the method ``bins``.
        n_components: Most components of the method ``mixture``.
        n_knots: Quantiles kept by the methods ``quantile`` and ``bins``.
        spike_share: Least share of the rows that a spike holds.
        spike_ratio: Least ratio of a spike's rows to those of its neighbours.
    """

    method: str = "quantile"
    n_bins: int = 32
    n_components: int = 10
    n_knots: int = 1_000
    spike_share: float = 0.01
    spike_ratio: float = 5.0
    spikes_: Array = field(init=False, repr=False)
    curve_: Curve | None = field(init=False, repr=False)

    @property
    def law(self) -> str:
        """Say how positions are spread: normal, uniform or standardised; "" without positions."""
        return "" if self.curve_ is None else self.curve_.law

    def _fit_units(self, units: Array) -> None:
        self._check_option("method", METHODS)
        values, counts = np.unique(units, return_counts=True)
        spikes = find_spikes(counts, share=self.spike_share, ratio=self.spike_ratio)
        self.spikes_ = values[spikes]
        self.curve_ = None
        if not spikes.all():
            self.curve_ = self._fit_curve(values[~spikes], counts[~spikes])

    def _fit_curve(self, values: Array, counts: IntArray) -> Curve:
        if self.method == "quantile":
            return fit_quantiles(values, counts, n_knots=self.n_knots)
        if self.method == "bins":
            return fit_bins(values, counts, n_bins=self.n_bins, n_knots=self.n_knots)
        curve: PowerCurve | MixtureCurve
        if self.method == "power":
            curve = fit_power(values, counts)
        else:
            curve = fit_mixture(values, counts, n_components=self.n_components)
        self._refuse_inexact(curve, values)
        return curve

    def _refuse_inexact(self, curve: PowerCurve | MixtureCurve, values: Array) -> None:
        with np.errstate(all="ignore"):
            back = curve.inverse(*curve.transform(values))
            wide = np.maximum(np.abs(values), values[-1] / 2 - values[0] / 2)
            kept = np.abs(values / 2 - back / 2) <= TOLERANCE * wide
        if values.dtype.kind == "i":
            kept = values == back
        if not kept.all():
            raise DataError(
                f"column {self.column_!r}: values from {values[0]:g} to {values[-1]:g} are too "
                f"far apart or have too many digits for the method {self.method!r}; "
                f"use method='quantile'"
            )

    def _code_units(self, units: Array) -> tuple[IntArray, FloatArray]:
        place = np.searchsorted(self.spikes_, units)
        place = np.minimum(place, max(len(self.spikes_) - 1, 0))
        if self.curve_ is None:
            return self._nearest_spike(units), np.zeros(len(units))
        codes, positions = place + self._n_positioned(), np.zeros(len(units))
        body = self.spikes_[place] != units if len(self.spikes_) else np.ones(len(units), bool)
        codes[body], positions[body] = self.curve_.transform(units[body])
        return codes, positions

    def _nearest_spike(self, units: Array) -> IntArray:
        middles = self.spikes_[:-1] / 2 + self.spikes_[1:] / 2
        nearest = np.searchsorted(middles, units, side="left")
        exact = np.minimum(np.searchsorted(self.spikes_, units), len(self.spikes_) - 1)
        return np.where(self.spikes_[exact] == units, exact, nearest)

    def _decode_units(self, codes: IntArray, positions: FloatArray) -> Array:
        body = codes < self._n_positioned()
        units = np.empty(len(codes), dtype=self.spikes_.dtype)
        units[~body] = self.spikes_[codes[~body] - self._n_positioned()]
        if self.curve_ is not None:
            units[body] = self.curve_.inverse(codes[body], positions[body])
        return units

    def _show(self, units: Array) -> list[str]:
        raise NotImplementedError

    def _labels(self) -> tuple[str, ...]:
        names = () if self.curve_ is None else self.curve_.labels(self._show)
        return (*names, *(f"= {text}" for text in self._show(self.spikes_)))

    def _n_present(self) -> int:
        return self._n_positioned() + len(self.spikes_)

    def _n_positioned(self) -> int:
        return 0 if self.curve_ is None else self.curve_.n_components


@dataclass(frozen=True)
class NumberScale:
    """Map numbers to units, whole where the numbers lie on a grid, and back without loss.

    Args:
        places: Decimals that the numbers are rounded to; None if they are real numbers.
        lattice: The grid that the numbers, counted in their last decimal, lie on.
        low: Least number seen.
        high: Greatest number seen.
        whole: Whether the numbers are stored as integers.

    Example:
        >>> scale = NumberScale.of(np.array([0.25, 1.5]))
        >>> scale.to_units(np.array([0.25, 1.5])), scale.to_values(np.array([25]))
        (array([ 25, 150]), array([0.25]))
    """

    places: int | None
    lattice: Lattice
    low: float
    high: float
    whole: bool

    @classmethod
    def of(cls, numbers: Array) -> "NumberScale":
        """Find the grid of numbers.

        Args:
            numbers: int64 or a float type, finite, (values,).
        """
        whole = numbers.dtype.kind == "i"
        values = np.unique(numbers)
        places = 0 if whole else decimal_places(values)
        if not len(values):
            return cls(places, Lattice(0, 1), 0, 0, whole)
        counts = values if whole or places is None else to_places(values, places)
        lattice = Lattice(0, 1) if places is None else Lattice.of(counts)
        return cls(places, lattice, values[0].item(), values[-1].item(), whole)

    def to_units(self, numbers: Array) -> Array:
        """Give the units; numbers outside the range seen are drawn to its ends."""
        inside = np.clip(numbers, self.low, self.high)
        if self.places is None:
            return inside.astype(np.float64)
        if numbers.dtype.kind == "i" and self.places == 0:
            return self.lattice.to_units(inside.astype(np.int64))
        return self.lattice.to_units(to_places(inside, self.places))

    def to_values(self, units: Array) -> Array:
        """Give the numbers."""
        if self.places is None:
            return units
        counts = self.lattice.to_values(units)
        return counts if self.whole else from_places(counts, self.places)


@dataclass(kw_only=True, eq=False)
class NumberEncoder(MeasuredEncoder):
    """Code a column of numbers, whole or real.

    Spikes, whole numbers, and numbers rounded to some decimals come back exactly; real numbers
    within 1e-9 of themselves with the methods ``quantile`` and ``bins``, within 1e-9 of the
    column's range with ``power`` and ``mixture``. Grids are kept: a column of multiples of 500
    decodes to multiples of 500.

    Args:
        method: The curve, see ``MeasuredEncoder`` for it and the other arguments.

    Example:
        >>> income = pd.Series([0.0] * 30 + [1200.5, 800.25, 3100.0], name="income")
        >>> encoder = NumberEncoder().fit(income)
        >>> encoder.labels_
        ('body', '= 0')
        >>> bool((encoder.inverse(encoder.transform(income)) == income).all())
        True
    """

    scale_: NumberScale = field(init=False, repr=False)

    def _fit(self, present: Series) -> None:
        numbers = self._numbers(present)
        self.scale_ = NumberScale.of(numbers)
        self._fit_units(self.scale_.to_units(numbers))

    def _transform(self, present: Series) -> tuple[IntArray, FloatArray]:
        return self._code_units(self.scale_.to_units(self._numbers(present)))

    def _inverse(self, codes: IntArray, positions: FloatArray, rows: Rows) -> Array:
        return self.scale_.to_values(self._decode_units(codes, positions))

    def _show(self, units: Array) -> list[str]:
        return [f"{value:.10g}" for value in self.scale_.to_values(units)]

    def _numbers(self, present: Series) -> Array:
        numbers = _plain_numbers(present, self.column_)
        if numbers.dtype.kind == "f" and not np.isfinite(numbers).all():
            row = int(np.argmin(np.isfinite(numbers)))
            raise DataError(
                f"column {self.column_!r}: expected finite numbers, found {numbers[row]} in row "
                f"{present.index[row]}; clean it or mark it as missing"
            )
        return numbers


def _plain_numbers(present: Series, column: str) -> Array:
    """Give present cells as int64, or as floats of the type they are stored in."""
    if present.dtype == object:
        present = _parsed(present, column)
    kind = getattr(present.dtype, "kind", "O")
    if kind in "bi":
        return present.to_numpy(dtype=np.int64)
    if kind == "u":
        if len(present) and int(present.max()) > MAX_WHOLE:
            raise DataError(_too_large(column, int(present.max())))
        return present.to_numpy(dtype=np.int64)
    if kind != "f":
        raise DataError(
            f"column {column!r}: expected numbers, found dtype {present.dtype}; convert it or give "
            f"it another kind"
        )
    single = str(present.dtype).lower() in ("float32", "float[pyarrow]", "float16")
    return present.to_numpy(dtype=np.float32 if single else np.float64)


def _parsed(present: Series, column: str) -> Series:
    plain = np.array([isinstance(cell, NUMBERS) for cell in present], dtype=bool)
    if not plain.all():
        row = int(np.argmin(plain))
        raise DataError(
            f"column {column!r}: expected numbers, found {str(present.iloc[row])[:40]!r} in row "
            f"{present.index[row]}"
        )
    # Beyond 64 bits pandas would give floats, and digits would be lost.
    huge = next((cell for cell in present if isinstance(cell, int) and abs(cell) > MAX_WHOLE), None)
    if huge is not None:
        raise DataError(_too_large(column, huge))
    return pd.to_numeric(present) if len(present) else present.astype(np.float64)


def _too_large(column: str, number: int) -> str:
    return (
        f"column {column!r}: expected whole numbers below 2**63, found {number}; make it an "
        f"identifier or text"
    )
