"""Prices that stood still: runs of unchanged days that tell nothing about volatility."""

import numpy as np

from scenara.shared.types import Array, FloatArray, IntArray

__all__ = ["live_days"]

_CHANCE = 0.01


def live_days(returns: FloatArray) -> Array:
    """Tell the days of a channel that are not part of a stale run.

    A run of exact zeros is stale where a run so long would have a chance below one in a hundred
    if days without change came independently of each other, at their observed rate.

    Args:
        returns: Returns of one channel, (steps,).

    Returns:
        True where the price lives, (steps,).

    Example:
        >>> returns = np.r_[np.ones(50), 0.0, np.ones(50), np.zeros(30), np.ones(50)]
        >>> int(live_days(returns).sum())
        151
    """
    unchanged = returns == 0
    share = unchanged.mean()
    if share in (0, 1):
        return np.ones(len(returns), dtype=bool)
    longest = np.log(_CHANCE / len(returns)) / np.log(share)
    live: Array = ~(unchanged & (_run_lengths(unchanged) > longest))
    return live


def _run_lengths(flags: Array) -> IntArray:
    """Give each step the length of the run of equal flags that it is in, (steps,)."""
    number = np.concatenate([[0], np.cumsum(flags[1:] != flags[:-1])])
    lengths: IntArray = np.bincount(number)[number]
    return lengths
