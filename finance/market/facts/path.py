"""Whole paths: drawdowns, realised volatility and its changes, and the shape of a quarter."""

from dataclasses import dataclass

import numpy as np

from scenara.finance.market.facts.panel import QUARTER, Panel, cut
from scenara.finance.market.facts.signature import signature
from scenara.shared.evaluation import mean_gap, quantile_curve
from scenara.shared.types import FloatArray

__all__ = ["Path", "Scale", "max_drawdown", "path", "path_distances"]

MONTH = 21
CLIP = 4.0
SMALLEST = 1e-12
# Keeps terms that hardly vary from deciding the mean of standardised gaps.
SIGNATURE_SOFTENING = 0.05


@dataclass(frozen=True)
class Scale:
    """Hold the units of the real side, in which both sides are measured.

    Args:
        mean: Mean daily log return over all assets.
        deviation: Deviation of the equal-weighted mean log return.
        covariance: Covariance of daily log returns, shape ``(assets, assets)``.
    """

    mean: float
    deviation: float
    covariance: FloatArray


@dataclass(frozen=True)
class Path:
    """Hold what paths look like as a whole.

    Args:
        basket_drawdown: Quantile curve of the worst drawdown of the basket, ``(levels,)``.
        basket_drawdown_mean: Its mean.
        asset_drawdown: Quantile curve of each asset's worst drawdown, ``(levels, assets)``.
        asset_drawdown_mean: Its mean, shape ``(assets,)``.
        volatility: Quantile curve of the log volatility of a quarter, ``(levels,)``.
        volatility_change: Quantile curve of its log change from month to month, ``(levels,)``.
        signature: Expected signature of a quarter, shape ``(terms,)``.
        signature_deviation: Deviation of each term, shape ``(terms,)``.
    """

    basket_drawdown: FloatArray
    basket_drawdown_mean: float
    asset_drawdown: FloatArray
    asset_drawdown_mean: FloatArray
    volatility: FloatArray
    volatility_change: FloatArray
    signature: FloatArray
    signature_deviation: FloatArray


def path(panel: Panel, scale: Scale) -> Path:
    """Describe whole paths of the equal-weighted basket and of the assets.

    Args:
        panel: Checked windows.
        scale: Units of the real side.

    Returns:
        The path facts.
    """
    basket = max_drawdown(panel.index)
    assets = max_drawdown(panel.windows)
    terms = signature(_shape_of_quarters(panel.index, scale))
    return Path(
        basket_drawdown=quantile_curve(basket),
        basket_drawdown_mean=float(basket.mean()),
        asset_drawdown=quantile_curve(assets),
        asset_drawdown_mean=assets.mean(axis=0),
        volatility=quantile_curve(np.log(cut(panel.index, QUARTER).std(axis=1) + SMALLEST)),
        volatility_change=quantile_curve(_volatility_changes(panel.index)),
        signature=terms.mean(axis=0),
        signature_deviation=terms.std(axis=0),
    )


def path_distances(real: Path, generated: Path) -> dict[str, float]:
    """Compare two sets of paths; see ``MEASURES`` for the meaning of each distance."""
    asset_gap = np.abs(real.asset_drawdown - generated.asset_drawdown).mean(axis=0)
    basket_gap = mean_gap(generated.basket_drawdown, real.basket_drawdown)
    # The first term is elapsed time, the same on every path.
    gap = np.abs(generated.signature - real.signature)[1:]
    return {
        "mdd": basket_gap / real.basket_drawdown_mean,
        "mdda": float(np.mean(asset_gap / real.asset_drawdown_mean)),
        "rv": mean_gap(generated.volatility, real.volatility),
        "vov": mean_gap(generated.volatility_change, real.volatility_change),
        "sig": float(np.mean(gap / (real.signature_deviation[1:] + SIGNATURE_SOFTENING))),
    }


def max_drawdown(log_returns: FloatArray) -> FloatArray:
    """Find the largest loss of wealth from any earlier peak, the start included.

    Args:
        log_returns: Daily log returns, shape ``(paths, days, ...)``.

    Returns:
        Largest loss as a share of the peak, shape ``(paths, ...)``.

    Example:
        >>> wealth = np.array([1.0, 1.25, 1.0, 1.1, 0.75, 1.5])
        >>> round(float(max_drawdown(np.diff(np.log(wealth))[None])[0]), 12)
        0.4

    References:
        Magdon-Ismail, Atiya, Pratap, Abu-Mostafa (2004), On the maximum drawdown of a Brownian
        motion, Journal of Applied Probability 41(1).
    """
    level, peak, worst = (np.zeros_like(log_returns[:, 0]) for _ in range(3))
    for day in range(log_returns.shape[1]):
        level += log_returns[:, day]
        np.maximum(peak, level, out=peak)
        np.minimum(worst, level - peak, out=worst)
    return -np.expm1(worst)


def _volatility_changes(index: FloatArray) -> FloatArray:
    months = cut(index, MONTH).reshape(len(index), -1, MONTH)
    changes: FloatArray = np.diff(np.log(months.std(axis=2) + SMALLEST), axis=1)
    return changes.ravel()


def _shape_of_quarters(index: FloatArray, scale: Scale) -> FloatArray:
    """Draw each quarter as (time, sum of z, sum of z squared), z in real deviations, clipped."""
    z = np.clip((cut(index, QUARTER) - scale.mean) / scale.deviation, -CLIP, CLIP)
    points = np.zeros((len(z), QUARTER + 1, 3))
    points[:, :, 0] = np.arange(QUARTER + 1) / QUARTER
    points[:, 1:, 1] = np.cumsum(z, axis=1) / np.sqrt(QUARTER)
    points[:, 1:, 2] = np.cumsum(z**2, axis=1) / QUARTER
    return points
