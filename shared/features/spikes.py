"""Values that stand out: an exact 0, a credit limit, a cap that far more rows hold than others."""

import numpy as np

from scenara.shared.types import Array, FloatArray, IntArray

__all__ = ["find_spikes"]

WINDOW = 10
FEW_VALUES = 20
MIN_COUNT = 10


def find_spikes(counts: IntArray, *, share: float = 0.01, ratio: float = 5.0) -> Array:
    """Find the values that hold an atom of probability of their own.

    A value is a spike if it holds at least ``share`` of the rows and at least ``ratio`` times as
    many as the median of the ten values on either side. A column of at most 20 values, half of
    which occur ten times or more, consists of spikes.

    Args:
        counts: Rows that hold each distinct value, values in increasing order, (values,).
        share: Least share of the rows.
        ratio: Least ratio to the neighbours.

    Returns:
        Whether each value is a spike, (values,).

    Example:
        >>> find_spikes(np.array([1, 900, 2, 1, 1, 1, 2, 1, 1, 1])).nonzero()
        (array([1]),)
    """
    n_values = len(counts)
    if n_values <= 1 or (n_values <= FEW_VALUES and np.median(counts) >= MIN_COUNT):
        return np.ones(n_values, dtype=bool)
    large = np.flatnonzero(counts >= share * counts.sum())
    spikes = np.zeros(n_values, dtype=bool)
    spikes[large] = counts[large] >= ratio * _typical_neighbours(counts, large)
    if n_values - spikes.sum() == 1:
        spikes[:] = True
    return spikes


def _typical_neighbours(counts: IntArray, places: IntArray) -> FloatArray:
    steps = np.r_[-WINDOW:0, 1 : WINDOW + 1]
    around = places[:, None] + steps
    outside = (around < 0) | (around >= len(counts))
    near = np.where(outside, np.nan, counts[np.clip(around, 0, len(counts) - 1)])
    return np.asarray(np.nanmedian(near, axis=1), dtype=np.float64)
