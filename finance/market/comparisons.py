"""Which strategy does better: paired over the same worlds, with the interval of the simulation."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd

from scenara.finance.market.intervals import wilson_interval
from scenara.finance.market.results import StrategyOutcome
from scenara.shared.report.numbers import decimal, ordinal, percent
from scenara.shared.types import FloatArray

__all__ = [
    "MOST_NAMED",
    "Comparison",
    "compare_strategies",
    "describe_leader",
    "describe_place",
    "find_leader",
    "percentile_interval",
    "percentile_of_mean",
]


MOST_NAMED = 4
"""Rivals of a strategy that are named one by one; more are counted."""


@dataclass(frozen=True)
class Comparison:
    """Count in how many of the same worlds one strategy ends better than another.

    Args:
        better: Name of the first strategy.
        other: Name of the second.
        figure: What is compared.
        probability: Share of worlds in which the first is better, ties counted half.
        low: Lower end of the 95 % Monte Carlo interval.
        high: Upper end.
        real_wins: Real windows in which the first is better.
        n_real: Real windows in all.
    """

    better: str
    other: str
    figure: str
    probability: float
    low: float
    high: float
    real_wins: int
    n_real: int


def compare_strategies(
    strategies: Mapping[str, StrategyOutcome], figures: Mapping[str, bool]
) -> tuple[Comparison, ...]:
    """Compare each pair of strategies over the same worlds.

    Args:
        strategies: Name -> outcome, all over the same worlds and real windows.
        figures: Figure -> whether more of it is better.

    Returns:
        One comparison for each pair and figure.
    """
    return tuple(
        _compare(strategies, pair, figure, 1 if more_is_better else -1)
        for pair in combinations(strategies, 2)
        for figure, more_is_better in figures.items()
    )


def _compare(
    strategies: Mapping[str, StrategyOutcome], pair: tuple[str, str], figure: str, sign: int
) -> Comparison:
    first, second = (strategies[name] for name in pair)
    gap = sign * (first.worlds[figure].to_numpy(float) - second.worlds[figure].to_numpy(float))
    gap = gap[np.isfinite(gap)]
    share = float((gap > 0).mean() + (gap == 0).mean() / 2) if gap.size else float("nan")
    real = sign * (first.windows[figure].to_numpy(float) - second.windows[figure].to_numpy(float))
    low, high = wilson_interval(share, len(gap))
    return Comparison(*pair, figure, share, low, high, int((real > 0).sum()), len(real))


def describe_leader(strategies: Mapping[str, StrategyOutcome]) -> str:
    """Say which strategy has the highest median Sharpe ratio, and how surely it beats the others.

    Args:
        strategies: Name -> outcome, at least one.

    Returns:
        One sentence; a rival is called level where the interval of the simulation holds a half.
    """
    leader = find_leader(strategies)
    ordered = {leader: strategies[leader], **strategies}
    duels = [c for c in compare_strategies(ordered, {"sharpe": True}) if c.better == leader]
    median = decimal(float(strategies[leader].worlds["sharpe"].median()))
    text = f"Over the worlds, {leader} has the highest median Sharpe ratio, {median}"
    claims = _counted(duels) if len(duels) > MOST_NAMED else _listed(duels)
    return f"{text}; {' and '.join(claims)}." if claims else f"{text}."


def find_leader(strategies: Mapping[str, StrategyOutcome]) -> str:
    """Name the strategy with the highest median Sharpe ratio over the worlds.

    Args:
        strategies: Name -> outcome, at least one.
    """
    medians = {name: float(o.worlds["sharpe"].median()) for name, o in strategies.items()}
    return max(medians, key=lambda name: medians[name])


def _counted(duels: Sequence[Comparison]) -> list[str]:
    """Say how many rivals are beaten, level or ahead, where they are too many to be named."""
    counts = {
        "it beats {} of the {} others world by world": sum(c.low > 0.5 for c in duels),
        "is level with {} of the {} others": sum(c.low <= 0.5 <= c.high for c in duels),
        "falls behind {} of the {} others": sum(c.high < 0.5 for c in duels),
    }
    return [text.format(n, len(duels)) for text, n in counts.items() if n]


def _listed(duels: Sequence[Comparison]) -> list[str]:
    beaten = [f"{c.other} in {percent(c.probability)}" for c in duels if c.low > 0.5]
    level = [f"{c.other} ({percent(c.probability)})" for c in duels if c.low <= 0.5 <= c.high]
    behind = [f"{c.other} (better in {percent(1 - c.probability)})" for c in duels if c.high < 0.5]
    claims = [f"it beats {' and '.join(beaten)} of them"] if beaten else []
    claims += [f"it is level with {' and '.join(level)}"] if level else []
    claims += [f"it falls behind {' and '.join(behind)} world by world"] if behind else []
    return claims


def percentile_interval(
    worlds: "pd.Series[float]", real: "pd.Series[float]", *, n_draws: int = 20_000
) -> tuple[float, float]:
    r"""Give the 95 % interval of a percentile of a mean that is due to the number of worlds.

    The chance p that the mean of n worlds is below the real mean x, found from N worlds, has the
    variance :math:`n^2 \, Var(h(X)) / N` with :math:`h(X) = P(X + X_2 + \dots + X_n < n x)`, to
    first order in 1 / N. The interval is that of Wilson for a share of as many independent draws as
    have this variance; for one window, these are the worlds.

    Args:
        worlds: One figure for each world.
        real: The same figure for each real window.
        n_draws: Sums drawn for h.

    Returns:
        Lower and upper end, NaN without real windows.

    Example:
        >>> worlds = pd.Series(np.arange(1000.0))
        >>> [round(end, 3) for end in percentile_interval(worlds, pd.Series([499.5]))]
        [0.468, 0.53]

    References:
        Hoeffding (1948), A class of statistics with asymptotically normal distribution, Annals of
        Mathematical Statistics 19(3), theorem 7.1. https://doi.org/10.1214/aoms/1177730196
    """
    share = percentile_of_mean(worlds, real, n_draws=n_draws)
    if not math.isfinite(share):
        return float("nan"), float("nan")
    values, seen = _finite(worlds), _finite(real)
    others = np.random.default_rng(1).integers(len(values), size=(n_draws, len(seen) - 1))
    sums = np.sort(values[others].sum(axis=1))
    below = np.searchsorted(sums, seen.sum() - values) / n_draws
    variance = len(seen) ** 2 * float(below.var()) / len(values)
    spread = share * (1 - share)
    # At the ends nothing is seen of the variance; there, a mean of n counts as one of N / n.
    fewest = len(values) / len(seen)
    n = min(spread / variance, len(values)) if spread > 0 and variance > 0 else fewest
    return wilson_interval(share, max(round(n), 1))


def _finite(series: "pd.Series[float]") -> FloatArray:
    values = series.to_numpy(float)
    return values[np.isfinite(values)]


def describe_place(name: str, outcome: StrategyOutcome) -> str:
    """Say where the real years of a strategy fall among its worlds.

    Args:
        name: Name of the strategy.
        outcome: What it earned.

    Returns:
        One sentence, on the mean Sharpe ratio of the real windows.
    """
    worlds, windows = outcome.worlds["sharpe"], outcome.windows["sharpe"]
    share = percentile_of_mean(worlds, windows)
    low, high = percentile_interval(worlds, windows)
    what = (
        "better than the worlds let expect"
        if low > 0.95
        else "worse than the worlds let expect"
        if high < 0.05
        else "nothing unusual"
    )
    return (
        f"{name}: a mean Sharpe ratio of {decimal(float(windows.mean()))} over {len(windows)} real "
        f"windows stands at the {ordinal(share)} percentile of the worlds "
        f"({ordinal(low)} to {ordinal(high)}): {what}."
    )


def percentile_of_mean(
    worlds: "pd.Series[float]", real: "pd.Series[float]", *, n_draws: int = 20_000
) -> float:
    """Place the mean of a few real windows among means of as many worlds.

    A mean of several windows varies less than one world, so it is ranked among means of equally
    many worlds, drawn with replacement from a fixed stream.

    Args:
        worlds: One figure for each world.
        real: The same figure for each real window.
        n_draws: Means drawn.

    Returns:
        Share of the means below the real one, ties counted half; NaN without real windows.

    Example:
        >>> worlds = pd.Series(np.arange(101.0))
        >>> round(percentile_of_mean(worlds, pd.Series([50.0, 50.0])), 1)
        0.5
    """
    values, seen = _finite(worlds), _finite(real)
    if not values.size or not seen.size:
        return float("nan")
    draws = np.random.default_rng(0).integers(len(values), size=(n_draws, len(seen)))
    means = values[draws].mean(axis=1)
    return float((means < seen.mean()).mean() + (means == seen.mean()).mean() / 2)
