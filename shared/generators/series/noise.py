"""Choices made by standard normal numbers, so that a path is a function of its noise."""

import numpy as np
from scipy.special import ndtr

from scenara.shared.types import FloatArray, IntArray

__all__ = ["uniform", "uniform_rows"]


def uniform(noise: FloatArray) -> FloatArray:
    """Turn standard normal numbers into uniform ones in [0, 1).

    Args:
        noise: Standard normal numbers of any shape.

    Example:
        >>> uniform(np.zeros(2))
        array([0.5, 0.5])
    """
    levels: FloatArray = np.minimum(ndtr(noise), np.nextafter(1.0, 0.0))
    return levels


def uniform_rows(noise: FloatArray, n_rows: int) -> IntArray:
    """Turn standard normal numbers into row numbers that are all equally likely.

    Numbers near each other choose rows near each other.

    Args:
        noise: Standard normal numbers of any shape.
        n_rows: Rows to choose from.

    Example:
        >>> uniform_rows(np.array([-9.0, 0.0, 9.0]), 5)
        array([0, 2, 4])
    """
    rows: IntArray = (uniform(noise) * n_rows).astype(np.int64)
    return rows
