"""The signature of a path: its iterated integrals, which describe its shape."""

import numpy as np

from scenara.shared.types import FloatArray

__all__ = ["signature"]


def signature(paths: FloatArray, *, depth: int = 4) -> FloatArray:
    """Compute the signatures of piecewise linear paths.

    The terms of level ``k`` are the iterated integrals of ``dx_i1 ... dx_ik``. Each step
    multiplies the signature so far by the exponential of the increment (Chen's identity),
    here in Horner's order: level four costs four tensor products a step instead of ten.

    Args:
        paths: Points, shape ``(paths, points, channels)``.
        depth: Highest level.

    Returns:
        Terms of levels 1 to ``depth`` in lexical order, shape
        ``(paths, channels + ... + channels**depth)``.

    Example:
        >>> signature(np.array([[[0.0, 0.0], [1.0, 2.0]]]), depth=2).tolist()
        [[1.0, 2.0, 0.5, 1.0, 1.0, 2.0]]

    References:
        Chevyrev, Kormilitzin (2016), A primer on the signature method in machine learning,
        https://arxiv.org/abs/1603.03788, sections 1.2 and 1.3.
        Kidger, Lyons (2021), Signatory, https://arxiv.org/abs/2001.00706, section 3.1.
    """
    n_paths, _, n_channels = paths.shape
    # Paths last: the long axis is contiguous in every product.
    steps = np.ascontiguousarray(np.diff(paths, axis=1).transpose(1, 2, 0))
    levels = [np.zeros((n_channels**k, n_paths)) for k in range(1, depth + 1)]
    for step in steps:
        levels = [_extended(levels[:k], step) for k in range(1, depth + 1)]
    return np.concatenate(levels).T


def _extended(lower: list[FloatArray], step: FloatArray) -> FloatArray:
    """Advance the highest of the given levels by one step, in Horner's order."""
    k = len(lower)
    term = lower[0] + step / k
    for j, level in enumerate(lower[1:], start=1):
        product = term[:, None] * (step / (k - j))
        term = level + product.reshape(level.shape)
    return term
