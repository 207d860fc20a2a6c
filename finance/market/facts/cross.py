"""Dependence between assets: on all days, on the worst days, and on the days after."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from scenara.finance.market.facts.panel import Panel
from scenara.shared.evaluation import log_ratio, mean_gap, quantile_curve
from scenara.shared.types import FloatArray

__all__ = ["Cross", "cross", "cross_distances"]

TAIL_SHARE = 0.05
N_FACTORS = 5
VOLATILITY_LAGS = (1, 5)
CHUNK = 100


@dataclass(frozen=True)
class Cross:
    """Hold the dependence between assets; pairs are those above the diagonal.

    Args:
        covariance: Covariance of daily returns, shape ``(assets, assets)``.
        correlation: Correlation of each pair, shape ``(pairs,)``.
        factors: Largest eigenvalues of the correlation matrix, falling, shape ``(5,)`` or fewer.
        tails: Lower, then upper tail dependence of each pair, shape ``(2, pairs)``.
        spillover: Correlation of one asset's size of move with another's one and five days
            later, shape ``(2, assets * (assets - 1))``.
        crash: Quantile curve of the share of assets in their lower tail on days when at least
            one is, shape ``(levels,)``.
        quarters: Quantile curve of the mean correlation in a quarter, shape ``(levels,)``.
    """

    covariance: FloatArray
    correlation: FloatArray
    factors: FloatArray
    tails: FloatArray
    spillover: FloatArray
    crash: FloatArray
    quarters: FloatArray


def cross(panel: Panel, tails: FloatArray, quarterly_correlation: FloatArray) -> Cross:
    """Describe the dependence between assets.

    Args:
        panel: Checked windows.
        tails: Quantiles at 5 % and 95 % of each asset, demeaned, shape ``(2, assets)``.
        quarterly_correlation: Mean correlation of each quarter, shape ``(quarters,)``.

    Returns:
        The facts between assets.
    """
    covariance = _covariance(panel)
    deviation = np.sqrt(np.diag(covariance))
    correlation = covariance / deviation / deviation[:, None]
    lower, upper, n_fallen = _joint_tails(panel, tails)
    sizes = _sizes(panel)
    pairs = np.triu_indices(panel.n_assets, 1)
    return Cross(
        covariance=covariance,
        correlation=correlation[pairs],
        factors=np.linalg.eigvalsh(correlation)[::-1][:N_FACTORS],
        tails=np.stack([lower[pairs], upper[pairs]]),
        spillover=np.stack([_spillover(panel, sizes, lag) for lag in VOLATILITY_LAGS]),
        crash=quantile_curve(n_fallen[n_fallen >= 1] / panel.n_assets),
        quarters=quantile_curve(quarterly_correlation),
    )


def cross_distances(real: Cross, generated: Cross) -> dict[str, float]:
    """Compare the dependence of two sets; see ``MEASURES`` for the meaning of each distance."""
    return {
        "corr": mean_gap(generated.correlation, real.correlation),
        "tdep": mean_gap(generated.tails, real.tails),
        "eig": log_ratio(generated.factors, real.factors),
        "xvol": mean_gap(generated.spillover, real.spillover),
        "crash": mean_gap(generated.crash, real.crash),
        "corrdist": mean_gap(generated.quarters, real.quarters),
    }


def _chunks(panel: Panel) -> Iterator[FloatArray]:
    """Give the demeaned returns some windows at a time, to keep memory flat and caches warm."""
    for start in range(0, panel.n_windows, CHUNK):
        yield panel.columns[:, start : start + CHUNK]


def _covariance(panel: Panel) -> FloatArray:
    total = np.zeros((panel.n_assets, panel.n_assets))
    for chunk in _chunks(panel):
        days = chunk.reshape(panel.n_assets, -1)
        total += days @ days.T
    return total / (panel.n_windows * panel.length - 1)


def _joint_tails(panel: Panel, tails: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Count joint tail days of each pair, and the assets in their lower tail on each day.

    Counts below 2**24 are exact in single precision.
    """
    together = np.zeros((2, panel.n_assets, panel.n_assets))
    n_fallen = []
    for chunk in _chunks(panel):
        days = chunk.reshape(panel.n_assets, -1)
        fallen = (days <= tails[0][:, None]).astype(np.float32)
        risen = (days >= tails[1][:, None]).astype(np.float32)
        together += np.stack([fallen @ fallen.T, risen @ risen.T])
        n_fallen.append(fallen.sum(axis=0))
    lower, upper = together / (panel.n_windows * panel.length) / TAIL_SHARE
    return lower, upper, np.concatenate(n_fallen).astype(float)


def _spillover(panel: Panel, sizes: tuple[FloatArray, FloatArray], lag: int) -> FloatArray:
    """Correlate the size of one asset's move with that of another ``lag`` days later."""
    mean, deviation = sizes
    total = np.zeros((panel.n_assets, panel.n_assets))
    for chunk in _chunks(panel):
        rows = np.zeros((*chunk.shape[:2], panel.length + lag))
        rows[:, :, : panel.length] = (np.abs(chunk) - mean) / deviation
        flat = rows.reshape(panel.n_assets, -1)
        total += flat[:, :-lag] @ flat[:, lag:].T
    pooled = total / (panel.n_windows * (panel.length - lag))
    others: FloatArray = pooled[~np.eye(panel.n_assets, dtype=bool)]
    return others


def _sizes(panel: Panel) -> tuple[FloatArray, FloatArray]:
    """Give mean and deviation of absolute returns, shape ``(assets, 1, 1)`` each."""
    sizes = [np.abs(column) for column in panel.columns]
    mean = np.array([size.mean() for size in sizes])
    deviation = np.array([size.std() for size in sizes])
    return mean[:, None, None], deviation[:, None, None]
