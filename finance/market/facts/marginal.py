"""Distributions of returns: body, tails, and what becomes of them over weeks and months."""

from dataclasses import dataclass

import numpy as np

from scenara.finance.market.facts.panel import Panel
from scenara.shared.evaluation import log_ratio, mean_gap, quantile_curve, quantiles_of_sorted
from scenara.shared.types import FloatArray

__all__ = ["Marginal", "hill_index", "marginal", "marginal_distances", "shortfall"]

PROBABILITIES = (0.005, 0.01, 0.025, 0.05, 0.95, 0.975, 0.99, 0.995)
SHORTFALL_SHARES = (0.01, 0.025)
AGGREGATED_PROBABILITIES = (0.01, 0.05, 0.95, 0.99)
HORIZONS = (5, 21)
HILL_SHARE = 0.05
TAIL_SHARE = 0.05
WINSOR_PROBABILITY = 0.995
SMALLEST = 1e-12


@dataclass(frozen=True)
class Marginal:
    """Hold the distribution of each asset's returns; all but ``curve`` are demeaned.

    Args:
        curve: Quantile curve of daily returns, shape ``(levels, assets)``.
        deviation: Standard deviation of daily returns, shape ``(assets,)``.
        quantiles: Tail quantiles of daily returns, shape ``(8, assets)``.
        shortfall: Mean beyond both tails at 1 % and 2.5 %, as losses, shape ``(4, assets)``.
        hill: Hill index of the lower and the upper tail, shape ``(2, assets)``.
        aggregated: Quantiles of 5- and 21-day returns, shape ``(2, 4, assets)``.
        tails: Quantiles at 5 % and 95 %, the tails of other groups, shape ``(2, assets)``.
        square_limit: 99.5 % quantile of squared returns, shape ``(assets,)``.
    """

    curve: FloatArray
    deviation: FloatArray
    quantiles: FloatArray
    shortfall: FloatArray
    hill: FloatArray
    aggregated: FloatArray
    tails: FloatArray
    square_limit: FloatArray


def marginal(panel: Panel) -> Marginal:
    """Describe the distribution of each asset's returns.

    Each asset is sorted once; all its quantiles, shortfalls and tail indices are read off that.

    Args:
        panel: Checked windows.

    Returns:
        The marginal facts.
    """
    days = [_asset(column, mean) for column, mean in zip(panel.columns, panel.mean, strict=True)]
    parts = {name: np.stack([day[name] for day in days], axis=-1) for name in days[0]}
    return Marginal(**parts)


def marginal_distances(real: Marginal, generated: Marginal) -> dict[str, float]:
    """Compare two sets of distributions; see ``MEASURES`` for the meaning of each distance."""
    carried = np.abs(real.curve - generated.curve).mean(axis=0)
    return {
        "w1": float(np.mean(carried / real.deviation)),
        "tailq": log_ratio(generated.quantiles, real.quantiles),
        "es": log_ratio(generated.shortfall, real.shortfall),
        "hill": mean_gap(generated.hill, real.hill),
        "aggq": log_ratio(generated.aggregated, real.aggregated),
    }


def shortfall(ordered: FloatArray, share: float) -> float:
    """Average the values at or below the quantile at ``share`` of a sorted sample.

    Args:
        ordered: Values in rising order, shape ``(n,)``.
        share: Share of the sample in the tail.

    Returns:
        Mean of the tail, in the unit of the sample.

    Example:
        >>> shortfall(np.arange(101.0), 0.02)
        1.0

    References:
        Acerbi, Tasche (2002), On the coherence of expected shortfall, Journal of Banking and
        Finance 26(7), https://arxiv.org/abs/cond-mat/0104295
    """
    threshold = quantiles_of_sorted(ordered, [share])[0]
    return float(ordered[: np.searchsorted(ordered, threshold, side="right")].mean())


def hill_index(ordered: FloatArray, *, share: float = HILL_SHARE) -> float:
    """Estimate the tail index, one over the Pareto exponent, of the upper tail.

    It is the mean log excess of the largest ``k`` values over the next one, where ``k`` is
    ``share`` of the sample but at least 5.

    Args:
        ordered: Values in rising order, shape ``(n,)``, more than ``k`` of them.
        share: Share of the sample that counts as the tail.

    Returns:
        Tail index; larger means fatter, 0 an exponential or thinner tail.

    Example:
        >>> pareto = np.sort(np.random.default_rng(0).pareto(3, 100_000) + 1)
        >>> abs(hill_index(pareto) - 1 / 3) < 0.02
        True

    References:
        Hill (1975), A simple general approach to inference about the tail of a distribution,
        Annals of Statistics 3(5), equation 2.3.
    """
    n_tail = max(5, int(share * len(ordered)))
    tail = np.log(np.maximum(ordered[-n_tail - 1 :], SMALLEST))
    return float(tail[1:].mean() - tail[0])


def _asset(column: FloatArray, mean: float) -> dict[str, FloatArray]:
    """Describe one asset from its demeaned returns, shape ``(windows, days)``."""
    ordered = np.sort(column, axis=None)
    mirrored = -ordered[::-1]
    tails = [shortfall(tail, p) for p in SHORTFALL_SHARES for tail in (ordered, mirrored)]
    return {
        "curve": quantile_curve(ordered, is_sorted=True) + mean,
        "deviation": np.sqrt(np.mean(ordered**2)),
        "quantiles": quantiles_of_sorted(ordered, PROBABILITIES),
        "shortfall": np.array(tails),
        "hill": np.array([hill_index(mirrored), hill_index(ordered)]),
        "aggregated": np.stack([_aggregated(column, days) for days in HORIZONS]),
        "tails": quantiles_of_sorted(ordered, (TAIL_SHARE, 1 - TAIL_SHARE)),
        "square_limit": _square_quantile(ordered, WINSOR_PROBABILITY),
    }


def _aggregated(column: FloatArray, n_days: int) -> FloatArray:
    """Read the tail quantiles of returns over ``n_days``, without overlap."""
    n_sums = column.shape[1] // n_days
    pieces = column[:, : n_sums * n_days].reshape(-1, n_days)
    return quantiles_of_sorted(np.sort(pieces @ np.ones(n_days)), AGGREGATED_PROBABILITIES)


def _square_quantile(ordered: FloatArray, probability: float) -> FloatArray:
    """Read a high quantile of the squares: they come from the two ends of the sorted sample."""
    n_end = len(ordered) - int(probability * (len(ordered) - 1))
    squares = np.sort(np.r_[ordered[:n_end], ordered[-n_end:]] ** 2)[-n_end:]
    padded = np.r_[np.zeros(len(ordered) - n_end), squares]
    quantile: FloatArray = quantiles_of_sorted(padded, [probability])[0]
    return quantile
