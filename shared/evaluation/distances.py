"""Distances between two samples, each a plain number that is zero when they agree."""

import numpy as np
from numpy.typing import ArrayLike

from scenara.shared.types import FloatArray

__all__ = [
    "log_ratio",
    "mean_gap",
    "quantile_curve",
    "quantiles_of_sorted",
    "relative_error",
    "wasserstein_1",
]

N_LEVELS = 1000
LEAST_RATIO = 1e-3


def quantiles_of_sorted(ordered: FloatArray, probabilities: ArrayLike) -> FloatArray:
    """Read linearly interpolated quantiles off a sample that is sorted already.

    The estimator is number 7 of Hyndman and Fan, NumPy's default; sorting once and reading all
    quantiles off the same array is what makes scoring millions of days cheap.

    Args:
        ordered: Values in rising order along the first axis, shape ``(n, ...)``.
        probabilities: Levels between 0 and 1, shape ``(k,)``.

    Returns:
        Quantiles, shape ``(k, ...)``.

    Example:
        >>> quantiles_of_sorted(np.array([0.0, 1.0, 2.0]), [0.25, 0.5]).tolist()
        [0.5, 1.0]

    References:
        Hyndman, Fan (1996), Sample quantiles in statistical packages, The American
        Statistician 50(4), definition 7.
    """
    position = np.asarray(probabilities, float) * (len(ordered) - 1)
    below = np.floor(position).astype(int)
    above = np.minimum(below + 1, len(ordered) - 1)
    share = (position - below).reshape(-1, *(1,) * (ordered.ndim - 1))
    step = ordered[above] - ordered[below]
    curve: FloatArray = np.where(
        share < 0.5, ordered[below] + step * share, ordered[above] - step * (1 - share)
    )
    return curve


def quantile_curve(
    values: ArrayLike, *, n_levels: int = N_LEVELS, is_sorted: bool = False
) -> FloatArray:
    """Summarise a sample by its quantiles at the midpoints of ``n_levels`` equal shares.

    Args:
        values: Sample along the first axis, shape ``(n, ...)``.
        n_levels: Number of quantiles.
        is_sorted: Whether the values rise already, which saves the sorting.

    Returns:
        Quantiles in rising order, shape ``(n_levels, ...)``.

    Example:
        >>> quantile_curve([0.0, 1.0], n_levels=2).tolist()
        [0.25, 0.75]
    """
    ordered = np.asarray(values, float)
    if not is_sorted:
        ordered = np.sort(ordered, axis=0)
    return quantiles_of_sorted(ordered, (np.arange(n_levels) + 0.5) / n_levels)


def wasserstein_1(first: ArrayLike, second: ArrayLike, *, n_levels: int = N_LEVELS) -> FloatArray:
    """Measure how far probability mass must be carried to turn one sample into the other.

    In one dimension it is the area between the two quantile functions, here the mean gap
    between their quantile curves. Extremes beyond the outermost half share do not count.

    Args:
        first: Sample along the first axis, shape ``(n, ...)``.
        second: Sample along the first axis, shape ``(m, ...)``, same trailing shape.
        n_levels: Number of quantiles compared.

    Returns:
        Distances in the unit of the sample, shape ``(...)``.

    Example:
        >>> x = np.random.default_rng(0).normal(size=100)
        >>> round(float(wasserstein_1(x, x + 0.5)), 12)
        0.5

    References:
        Ramdas, Garcia Trillos, Cuturi (2017), On Wasserstein two-sample testing and related
        families of nonparametric tests, Entropy 19(2), proposition 1.
    """
    curves = (quantile_curve(sample, n_levels=n_levels) for sample in (first, second))
    gap: FloatArray = np.abs(np.subtract(*curves)).mean(axis=0)
    return gap


def mean_gap(first: ArrayLike, second: ArrayLike) -> float:
    """Average the absolute differences of two arrays of the same shape.

    Example:
        >>> mean_gap([0.0, 1.0], [0.5, 1.0])
        0.25
    """
    return float(np.mean(np.abs(np.subtract(first, second))))


def log_ratio(first: ArrayLike, second: ArrayLike) -> float:
    """Average the absolute log ratio of two arrays: a tenth too much costs as a tenth too little.

    Ratios below one in a thousand, and those of the wrong sign, count as one in a thousand.

    Example:
        >>> round(log_ratio([2.0, 1.0], [1.0, 1.0]), 12) == round(float(np.log(2)) / 2, 12)
        True
    """
    ratio = np.maximum(np.divide(first, second), LEAST_RATIO)
    return float(np.mean(np.abs(np.log(ratio))))


def relative_error(estimate: ArrayLike, truth: ArrayLike) -> float:
    """Average the absolute relative errors of ``estimate``.

    Example:
        >>> round(relative_error([1.1, 0.9], [1.0, 1.0]), 12)
        0.1
    """
    return float(np.mean(np.abs(np.divide(estimate, truth) - 1)))
