"""Memory in time: of returns, of their size, and from one to the other."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from scenara.finance.market.facts.panel import Panel
from scenara.shared.evaluation import mean_gap
from scenara.shared.types import FloatArray

__all__ = ["Temporal", "lagged_correlation", "temporal", "temporal_distances"]

RETURN_LAGS = tuple(range(1, 6))
SIZE_LAGS = (1, 2, 3, 5, 10, 20, 40, 60)
SQUARE_LAGS = tuple(range(1, 21))
LEVERAGE_LAGS = tuple(range(1, 11))
WEEK_LAGS = tuple(range(1, 6))
WEEK = 5
# Damps correlations whose variances multiply to less than about 1e-12: those of squared daily
# returns shrink by it, alike on both sides. Changing it changes every published score.
DAMPING = 1e-12


@dataclass(frozen=True)
class Temporal:
    """Hold correlations over time, pooled over windows.

    Args:
        returns: Autocorrelation of returns, shape ``(lags, assets)``.
        sizes: Autocorrelation of absolute returns, shape ``(lags, assets)``.
        squares: Autocorrelation of winsorised squared returns, shape ``(lags, assets)``.
        leverage: Correlation of returns with later squared returns, shape ``(lags, assets)``.
        coarse_to_fine: How much better weekly volatility of the equal-weighted basket predicts
            later daily volatility than the reverse, shape ``(lags,)``.
    """

    returns: FloatArray
    sizes: FloatArray
    squares: FloatArray
    leverage: FloatArray
    coarse_to_fine: FloatArray


def temporal(panel: Panel, square_limit: FloatArray) -> Temporal:
    """Describe the memory of each asset and of the equal-weighted basket.

    Args:
        panel: Checked windows.
        square_limit: Level at which squared returns are winsorised, shape ``(assets,)``; a
            single crash would decide the result otherwise.

    Returns:
        The temporal facts.
    """
    assets = [_asset(*pair) for pair in zip(panel.columns, square_limit, strict=True)]
    parts = {name: np.stack([asset[name] for asset in assets], axis=-1) for name in assets[0]}
    basket = panel.index - panel.mean.mean()
    return Temporal(coarse_to_fine=coarse_to_fine(basket), **parts)


def temporal_distances(real: Temporal, generated: Temporal) -> dict[str, float]:
    """Compare two sets of memories; see ``MEASURES`` for the meaning of each distance."""
    return {
        "acf_r": mean_gap(generated.returns, real.returns),
        "acf_abs": mean_gap(generated.sizes, real.sizes),
        "acf_sq": mean_gap(generated.squares, real.squares),
        "lev": mean_gap(generated.leverage, real.leverage),
        "zum": mean_gap(generated.coarse_to_fine, real.coarse_to_fine),
    }


def lagged_correlation(first: FloatArray, second: FloatArray, *, lags: Sequence[int]) -> FloatArray:
    """Correlate ``first`` today with ``second`` some days later, pooled over windows.

    Pairs never straddle two windows. Both series are centred by the caller over all windows,
    so that slow changes between windows count as memory.

    Args:
        first: Centred series, shape ``(windows, days)``.
        second: Centred series, same shape.
        lags: Days by which ``second`` is later, each at least 1 and below ``days``.

    Returns:
        Correlations, shape ``(lags,)``.

    Example:
        >>> x = np.random.default_rng(0).normal(size=(1, 10_000))
        >>> bool(abs(lagged_correlation(x, np.roll(x, 2), lags=[2])[0] - 1) < 0.01)
        True
    """
    n_windows, n_days = first.shape
    width = n_days + max(lags)
    before = _padded(first, width)
    after = before if second is first else _padded(second, width)
    scale = np.sqrt((before @ before) * (after @ after) / first.size**2 + DAMPING)
    sums = np.array([before[:-lag] @ after[lag:] for lag in lags])
    correlation: FloatArray = sums / (n_windows * (n_days - np.asarray(lags))) / scale
    return correlation


def coarse_to_fine(basket: FloatArray) -> FloatArray:
    """Compare how weekly and daily volatility predict each other.

    Coarse volatility is the absolute weekly return, fine volatility the sum of absolute daily
    returns. In real markets coarse predicts fine better than fine predicts coarse.

    Args:
        basket: Demeaned daily returns, shape ``(windows, days)``.

    Returns:
        Correlation of coarse with later fine volatility less the reverse, at one to five weeks,
        shape ``(5,)``.

    References:
        Muller, Dacorogna, Dave, Olsen, Pictet, von Weizsacker (1997), Volatilities of different
        time resolutions - analyzing the dynamics of market components, Journal of Empirical
        Finance 4(2-3), section 4.
    """
    n_weeks = basket.shape[1] // WEEK
    weeks = basket[:, : n_weeks * WEEK].reshape(len(basket), n_weeks, WEEK)
    coarse, fine = np.abs(weeks.sum(axis=2)), np.abs(weeks).sum(axis=2)
    coarse, fine = coarse - coarse.mean(), fine - fine.mean()
    forward = lagged_correlation(coarse, fine, lags=WEEK_LAGS)
    return forward - lagged_correlation(fine, coarse, lags=WEEK_LAGS)


def _asset(column: FloatArray, square_limit: float) -> dict[str, FloatArray]:
    sizes = np.abs(column)
    squares = np.minimum(column**2, square_limit)
    sizes -= sizes.mean()
    squares -= squares.mean()
    return {
        "returns": lagged_correlation(column, column, lags=RETURN_LAGS),
        "sizes": lagged_correlation(sizes, sizes, lags=SIZE_LAGS),
        "squares": lagged_correlation(squares, squares, lags=SQUARE_LAGS),
        "leverage": lagged_correlation(column, squares, lags=LEVERAGE_LAGS),
    }


def _padded(series: FloatArray, width: int) -> FloatArray:
    """Join the windows with zeros between them, so that one dot product gives all of a lag."""
    rows = np.zeros((len(series), width))
    rows[:, : series.shape[1]] = series
    return rows.ravel()
