"""What an event measures on a path: one number for each path, for many paths at once."""

from collections.abc import Sequence

import numpy as np

from scenara.finance.market.scenarios.holdings import Holding, holding_returns, members
from scenara.shared.errors import ConfigError
from scenara.shared.types import FloatArray

__all__ = [
    "DAYS_PER_YEAR",
    "path_correlation",
    "path_drawdown",
    "path_return",
    "path_returns",
    "path_volatility",
]

DAYS_PER_YEAR = 252
_SMALLEST = 1e-300


def path_returns(paths: FloatArray, of: Holding, channels: Sequence[str]) -> FloatArray:
    """Give the return from the start to the end of each day.

    Args:
        paths: Daily log returns, (n, horizon, channels).
        of: An asset or a portfolio.
        channels: Name of each channel.

    Returns:
        Simple returns, (n, horizon); -0.2 is a fall by 20 %.

    Example:
        >>> paths = np.log([[[0.5], [4.0]]])
        >>> path_returns(paths, "A", ["A"]).round(12).tolist()
        [[-0.5, 1.0]]
    """
    return np.asarray(np.expm1(np.cumsum(holding_returns(paths, of, channels), axis=1)))


def path_return(paths: FloatArray, of: Holding, channels: Sequence[str]) -> FloatArray:
    """Give the return over each path.

    Args:
        paths: Daily log returns, (n, horizon, channels).
        of: An asset or a portfolio.
        channels: Name of each channel.

    Returns:
        Simple returns, (n,).

    Example:
        >>> path_return(np.log([[[0.5], [4.0]]]), "A", ["A"]).round(12).tolist()
        [1.0]
    """
    return np.asarray(np.expm1(holding_returns(paths, of, channels).sum(axis=1)))


def path_volatility(paths: FloatArray, of: Holding, channels: Sequence[str]) -> FloatArray:
    """Give the annualised standard deviation of daily log returns over each path.

    Args:
        paths: Daily log returns, (n, horizon, channels).
        of: An asset or a portfolio.
        channels: Name of each channel.

    Returns:
        Volatilities per year as fractions, (n,).

    Example:
        >>> path_volatility(np.array([[[0.01], [-0.01]]]), "A", ["A"]).round(4).tolist()
        [0.1587]
    """
    daily = holding_returns(paths, of, channels)
    return np.asarray(daily.std(axis=1) * np.sqrt(DAYS_PER_YEAR))


def path_drawdown(paths: FloatArray, of: Holding, channels: Sequence[str]) -> FloatArray:
    """Give the deepest fall below an earlier peak on each path; the start counts as a peak.

    Args:
        paths: Daily log returns, (n, horizon, channels).
        of: An asset or a portfolio.
        channels: Name of each channel.

    Returns:
        Falls as shares of the peak, in [0, 1], (n,).

    Example:
        >>> path_drawdown(np.log([[[2.0], [0.5], [1.5]]]), "A", ["A"]).round(12).tolist()
        [0.5]
    """
    level = np.cumsum(holding_returns(paths, of, channels), axis=1)
    peak = np.maximum(np.maximum.accumulate(level, axis=1), 0)
    return np.asarray(-np.expm1((level - peak).min(axis=1)))


def path_correlation(paths: FloatArray, of: Holding, channels: Sequence[str]) -> FloatArray:
    """Give the mean correlation of all pairs of assets over each path.

    Args:
        paths: Daily log returns, (n, horizon, channels).
        of: Two or more assets.
        channels: Name of each channel.

    Returns:
        Mean correlations, (n,); a pair with an asset that does not move counts as 0.

    Raises:
        ConfigError: There are fewer than two assets.

    Example:
        >>> paths = np.array([[[1.0, 1.0, -1.0], [2.0, 2.0, -2.0]]])
        >>> path_correlation(paths, "equal weight", ["A", "B", "C"]).round(4).tolist()
        [-0.3333]
    """
    rows = members(of, channels)
    if len(rows) < 2:
        raise ConfigError(f"correlation: expected two assets or more, found {len(rows)}")
    chosen = paths[:, :, rows]
    z = chosen - chosen.mean(axis=1, keepdims=True)
    z /= np.sqrt(np.einsum("ntk,ntk->nk", z, z) + _SMALLEST)[:, None]
    total = np.einsum("nt,nt->n", z.sum(axis=2), z.sum(axis=2))
    own = np.einsum("ntk,ntk->n", z, z)
    return np.asarray((total - own) / (len(rows) * (len(rows) - 1)))
