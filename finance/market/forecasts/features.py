"""What a quantile model sees of the past: scaled moves and volatilities, all known on the day."""

from typing import NamedTuple

import numpy as np
from scipy.signal import lfilter

from scenara.finance.market.forecasts.quantities import DAYS_A_YEAR, Quantities
from scenara.shared.types import FloatArray

__all__ = ["WARM_UP", "TrainingRows", "day_features", "label_scale", "rows_of_paths"]

WARM_UP = 252
"""Days before the first row, over which the slowest average forgets its start."""

SCALE_MEMORY = 0.94
MEMORIES = (0.5, 0.8, 0.99)
SPANS = (1, 5, 21)


class TrainingRows(NamedTuple):
    """Hold what is known and what came, one row a day and target."""

    features: FloatArray
    labels: FloatArray
    """Shape (rows, cells)."""


def day_features(series: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Describe each day of each target by its past.

    Args:
        series: Daily log returns, shape (..., days, targets); the first target is the portfolio.

    Returns:
        Features of shape (..., days, targets, k), and the scale of each target, an exponentially
        weighted volatility, of shape (..., days, targets).

    Example:
        >>> features, scale = day_features(np.random.default_rng(0).normal(size=(300, 2)))
        >>> features.shape, scale.shape
        ((300, 2, 12), (300, 2))
    """
    squares = series**2
    usual = squares[..., :WARM_UP, :].mean(axis=-2, keepdims=True)
    scale = np.sqrt(_averaged(squares, SCALE_MEMORY, usual)) + 1e-8
    speeds = [
        np.log((np.sqrt(_averaged(squares, memory, usual)) + 1e-8) / scale) for memory in MEMORIES
    ]
    moves = [_trailing_sum(series, days) / (scale * np.sqrt(days)) for days in SPANS]
    sizes = [_trailing_sum(np.abs(series), days) / (scale * days) for days in SPANS[1:]]
    own = [*speeds, *moves, *sizes]
    market = [np.broadcast_to(own[place][..., :1], series.shape) for place in (0, 2, 3, 5)]
    return np.stack([*own, *market], axis=-1), scale


def label_scale(scale: FloatArray, quantities: Quantities) -> FloatArray:
    """Give what each cell's quantity is divided by.

    Args:
        scale: Shape (..., targets).
        quantities: What is forecast.

    Returns:
        Shape (..., cells, targets).
    """
    factors = [
        np.sqrt(cell.days if cell.quantity == "return" else DAYS_A_YEAR)
        for cell in quantities.cells
    ]
    return np.asarray(scale[..., None, :] * np.array(factors)[:, None])


def rows_of_paths(
    paths: FloatArray, quantities: Quantities, *, most: int, rng: np.random.Generator
) -> TrainingRows:
    """Make rows to learn from: days whose coming days are all known.

    Args:
        paths: Daily log returns of the targets, shape (n, days, targets).
        quantities: What is forecast.
        most: Most rows; of more, a random part is taken.
        rng: Source of randomness.

    Returns:
        Features, and labels in units of the scale.
    """
    features, scale = day_features(paths)
    labels = quantities.realised(paths) / label_scale(scale, quantities)
    known = slice(WARM_UP, paths.shape[1] - quantities.horizon)
    flat_features = features[:, known].reshape(-1, features.shape[-1])
    by_target = np.moveaxis(labels[:, known], -1, -2)
    flat_labels = by_target.reshape(-1, by_target.shape[-1])
    kept = rng.permutation(len(flat_labels))[:most]
    return TrainingRows(flat_features[kept], flat_labels[kept])


def _averaged(values: FloatArray, memory: float, start: FloatArray) -> FloatArray:
    averaged, _ = lfilter([1 - memory], [1, -memory], values, axis=-2, zi=memory * start)
    return np.asarray(averaged)


def _trailing_sum(values: FloatArray, days: int) -> FloatArray:
    sums = np.cumsum(values, axis=-2)
    total = sums.copy()
    total[..., days:, :] -= sums[..., :-days, :]
    return total
