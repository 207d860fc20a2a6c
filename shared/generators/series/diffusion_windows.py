"""Windows of normal scores and what came before them, as a flow learns them."""

import numpy as np
import torch
from torch import Tensor

from scenara.shared.types import FloatArray, IntArray

__all__ = ["remembered", "window_examples", "window_starts"]

_MEMORY_LIVES = (1.0, 4.0, 16.0)
"""Half-lives of the averages by which the window before is known, in steps."""
_REACH = 64
_MEAN_SIZE = float(np.sqrt(2 / np.pi))
_HELD_BLOCK = 63


def remembered(scores: FloatArray) -> FloatArray:
    """Sum up the window before by averages of normal scores and of their sizes.

    Recent steps count most; what lies before the first step counts as usual.

    Args:
        scores: ``(n, steps, c)``; the last 64 steps are read.

    Returns:
        ``(n, 6 c)``: at each of three half-lives the scores and their sizes less the usual one.

    Example:
        >>> remembered(np.zeros((2, 5, 3))).shape
        (2, 18)
    """
    scores = scores[:, -_REACH:]
    age = np.arange(scores.shape[1])[::-1]
    decays = 0.5 ** (1 / np.array(_MEMORY_LIVES))[:, None]
    weights = (1 - decays) * decays**age
    both = np.concatenate([scores, np.abs(scores) - _MEAN_SIZE], axis=2)
    averages: FloatArray = np.einsum("mt,ntc->nmc", weights, both)
    return averages.reshape(len(scores), -1)


def window_starts(n_series: int, n_steps: int, length: int) -> tuple[IntArray, IntArray]:
    """Choose windows to train on, and windows in every eighth block of steps to validate on.

    No window to train on shares a step with one to validate on. Of series too short for blocks,
    every eighth is held out.

    Args:
        n_series: Number of series.
        n_steps: Steps of each.
        length: Steps of a window.

    Returns:
        Two arrays of rows (series, first step); the second may be empty.

    Example:
        >>> kept, held = window_starts(1, 1_000, 21)
        >>> len(kept), len(held)
        (814, 86)
    """
    block = max(_HELD_BLOCK, 2 * length)
    starts = np.stack(
        np.meshgrid(np.arange(n_series), np.arange(n_steps - length + 1), indexing="ij"), axis=-1
    ).reshape(-1, 2)
    if n_steps < 5 * block:
        held = starts[:, 0] % 8 == 4
        return starts[~held], starts[held]
    first = starts[:, 1] // block % 8 == 4
    last = (starts[:, 1] + length - 1) // block % 8 == 4
    return starts[~first & ~last], starts[first & last]


def window_examples(
    scores: FloatArray, conditions: FloatArray, starts: IntArray, *, length: int
) -> tuple[Tensor, Tensor]:
    """Cut windows out of series.

    Args:
        scores: ``(series, steps, c)``.
        conditions: What came before each step, ``(series, steps, conditions)``.
        starts: Rows (series, first step).
        length: Steps of a window.

    Returns:
        Windows ``(n, length, c)`` and what came before them ``(n, conditions)``.
    """
    series, first = starts.T
    windows = scores[series[:, None], first[:, None] + np.arange(length)]
    before = conditions[series, first]
    return torch.from_numpy(windows).float(), torch.from_numpy(before).float()
