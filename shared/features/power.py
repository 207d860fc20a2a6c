"""Numbers made as normal as a power of them can be: the transform of Yeo and Johnson."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import boxcox1p, inv_boxcox1p

from scenara.shared.features.quantile import quantile_places
from scenara.shared.types import Array, FloatArray, IntArray

__all__ = ["PowerCurve", "fit_power", "yeo_johnson", "yeo_johnson_inverse"]


SKETCH = 2_000


@dataclass(frozen=True)
class PowerCurve:
    """Map values to standardised powers, ``(yeo_johnson(x / scale) - mean) / deviation``.

    Args:
        power: The power, 1 for none.
        scale: Unit that values are measured in, so that the result does not depend on theirs.
        mean: Mean of the powers.
        deviation: Their standard deviation.
        ends: Least and greatest value seen, int64 or float64, (2,).
    """

    law: ClassVar[str] = "standardised"

    power: float
    scale: float
    mean: float
    deviation: float
    ends: Array

    @property
    def n_components(self) -> int:
        """Count the codes: one."""
        return 1

    def labels(self, show: Callable[[Array], Sequence[str]]) -> tuple[str, ...]:
        """Name the code."""
        return ("body",)

    def transform(self, values: Array) -> tuple[IntArray, FloatArray]:
        """Give codes, all 0, and standardised powers; values outside the ends are clipped."""
        inside = np.clip(values, self.ends[0], self.ends[1]).astype(np.float64)
        powers = yeo_johnson(inside / self.scale, self.power)
        return np.zeros(len(values), dtype=np.int64), (powers - self.mean) / self.deviation

    def inverse(self, codes: IntArray, positions: FloatArray) -> Array:
        """Give the values at positions, never outside the ends."""
        with np.errstate(over="ignore"):
            powers = positions * self.deviation + self.mean
            values = yeo_johnson_inverse(powers, self.power) * self.scale
        return into_ends(values, self.ends)


def fit_power(values: Array, counts: IntArray) -> PowerCurve:
    """Fit the power by maximum likelihood of a normal law.

    It is kept in [-2, 4]; the likelihood is that of at most 2,000 quantiles.

    Args:
        values: Distinct values, increasing, (values,).
        counts: Rows that hold each, (values,).

    References:
        Yeo and Johnson, 2000, A new family of power transformations to improve normality or
        symmetry, Biometrika 87, https://doi.org/10.1093/biomet/87.4.954, equation 2.1.

    Example:
        >>> curve = fit_power(np.exp(np.linspace(-2, 2, 99)), np.ones(99, dtype=int))
        >>> curve.power < 1
        True
    """
    numbers, weights = values.astype(np.float64), counts / counts.sum()
    size = np.abs(numbers)
    scale = float(np.median(size[size > 0]))
    with np.errstate(over="ignore"):
        scaled = numbers / scale
    sketch = scaled[quantile_places(counts, SKETCH)]
    log_slope = float(np.mean(np.sign(sketch) * np.log1p(np.abs(sketch))))

    def loss(power: float) -> float:
        return float(0.5 * np.log(np.var(yeo_johnson(sketch, power))) - (power - 1) * log_slope)

    with np.errstate(over="ignore", invalid="ignore"):
        power = float(minimize_scalar(loss, bounds=(-2.0, 4.0), method="bounded").x)
        powers = yeo_johnson(scaled, power)
        mean = float(weights @ powers)
        deviation = float(np.sqrt(weights @ (powers - mean) ** 2))
    return PowerCurve(power, scale, mean, deviation, values[[0, -1]])


def yeo_johnson(values: FloatArray, power: float) -> FloatArray:
    """Transform numbers by equation 2.1 of Yeo and Johnson (2000).

    Args:
        values: Any numbers, (values,).
        power: The power; 1 leaves them as they are.

    Example:
        >>> yeo_johnson(np.array([-1.0, 3.0]), 1.0)
        array([-1.,  3.])
    """
    size = np.abs(values)
    powers = np.where(values >= 0, boxcox1p(size, power), -boxcox1p(size, 2 - power))
    return np.asarray(powers, dtype=np.float64)


def yeo_johnson_inverse(powers: FloatArray, power: float) -> FloatArray:
    """Undo ``yeo_johnson``; what it never reaches, as powers below 0 have a bound, is infinite.

    Args:
        powers: What it gave, (values,).
        power: The power.

    Example:
        >>> yeo_johnson_inverse(yeo_johnson(np.array([-1.0, 3.0]), 0.3), 0.3)
        array([-1.,  3.])
    """
    size, bent = np.abs(powers), np.where(powers >= 0, power, 2 - power)
    with np.errstate(over="ignore"):
        beyond = size * bent <= -1
    values = np.where(beyond, np.inf, inv_boxcox1p(np.where(beyond, 0.0, size), bent))
    return np.asarray(np.copysign(values, powers), dtype=np.float64)


def into_ends(values: FloatArray, ends: Array) -> Array:
    """Clip values to the ends and round them if the ends are whole numbers."""
    inside = np.clip(values, float(ends[0]), float(ends[1]))
    if ends.dtype.kind != "i":
        return np.asarray(inside)
    return np.asarray(np.clip(np.rint(inside).astype(np.int64), ends[0], ends[1]))
