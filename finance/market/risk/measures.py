"""VaR, ES and drawdown-at-risk of a portfolio, read off simulated worlds, each with its band."""

from collections.abc import Sequence
from typing import Literal, TypeAlias

import numpy as np
import pandas as pd
from scipy.special import ndtri

from scenara.finance.market.risk.checks import (
    check_levels,
    check_losses,
    check_probabilities,
    check_worlds,
)
from scenara.shared.errors import ConfigError
from scenara.shared.types import Array, FloatArray, RandomState

__all__ = [
    "Band",
    "expected_shortfall",
    "max_drawdowns",
    "portfolio_losses",
    "portfolio_risk",
    "tail_measures",
    "value_at_risk",
]

Band: TypeAlias = Literal["asymptotic", "bootstrap"]

N_BOOTSTRAPS = 400


def portfolio_losses(
    worlds: FloatArray, weights: FloatArray, *, horizon: int | None = None
) -> FloatArray:
    """Give what a portfolio that is bought and held loses over a horizon in each world.

    Args:
        worlds: Daily log returns, shape ``(paths, days, assets)``.
        weights: What is held of each asset, as fractions of the portfolio or in money, shape
            ``(assets,)``; negative for short positions.
        horizon: Days; all days of the worlds if None.

    Returns:
        Losses in the unit of the weights, negative for gains, shape ``(paths,)``.

    Raises:
        DataError: The worlds are no finite array of three dimensions, or the weights don't fit.
        ConfigError: The horizon is outside the worlds.

    Example:
        >>> worlds = np.log([[[1.10, 0.80]]])
        >>> portfolio_losses(worlds, np.array([500.0, 500.0])).round(6).tolist()
        [50.0]
    """
    units = unit_losses(worlds, weights, horizon=horizon)
    losses: FloatArray = units @ np.asarray(weights, dtype=float)
    return losses


def unit_losses(
    worlds: FloatArray, weights: FloatArray, *, horizon: int | None = None
) -> FloatArray:
    """Give what one unit of each asset loses in each world, shape ``(paths, assets)``."""
    n_days = check_worlds(worlds, weights, horizon)
    losses: FloatArray = -np.expm1(worlds[:, :n_days].sum(axis=1))
    return losses


def max_drawdowns(
    worlds: FloatArray, weights: FloatArray, *, horizon: int | None = None
) -> FloatArray:
    """Give the deepest fall from an earlier peak, as a fraction of the peak, in each world.

    The portfolio is bought and held; the first day's value counts as a peak.

    Args:
        worlds: Daily log returns, shape ``(paths, days, assets)``.
        weights: What is held of each asset, with a positive sum, shape ``(assets,)``.
        horizon: Days; all days of the worlds if None.

    Returns:
        Drawdowns, 0 and above, shape ``(paths,)``.

    Raises:
        DataError: The worlds are no finite array of three dimensions, or the weights don't fit.
        ConfigError: The horizon is outside the worlds, or the weights don't sum to more than 0.

    Example:
        >>> worlds = np.log([[[1.0], [1.25], [0.6], [1.1]]])
        >>> max_drawdowns(worlds, np.array([1.0])).round(6).tolist()
        [0.4]
    """
    n_days = check_worlds(worlds, weights, horizon)
    holdings = np.asarray(weights, dtype=float)
    if holdings.sum() <= 0:
        raise ConfigError(f"weights: a drawdown needs a positive sum, found {holdings.sum():g}")
    wealth = np.exp(np.cumsum(worlds[:, :n_days], axis=1)) @ (holdings / holdings.sum())
    wealth = np.column_stack([np.ones(len(wealth)), wealth])
    falls: FloatArray = (1 - wealth / np.maximum.accumulate(wealth, axis=1)).max(axis=1)
    return falls


def value_at_risk(
    losses: FloatArray, *, level: float, probabilities: FloatArray | None = None
) -> float:
    """Give the smallest loss that is not exceeded with probability ``level`` or more.

    Args:
        losses: One loss a world, shape ``(paths,)``.
        level: Such as .99.
        probabilities: Probability of each world, shape ``(paths,)``; equal if None.

    Returns:
        The loss.

    Raises:
        DataError: There is no loss, one is not finite, or the probabilities don't fit.
        ConfigError: The level is not inside 0 to 1.

    Example:
        >>> value_at_risk(np.arange(1.0, 101.0), level=0.95)
        95.0
    """
    check_levels((level,))
    order, cumulated, _ = _sorted(losses, check_probabilities(probabilities, check_losses(losses)))
    return float(losses[order[_place(cumulated, level)]])


def expected_shortfall(
    losses: FloatArray, *, level: float, probabilities: FloatArray | None = None
) -> float:
    """Average the worst losses of total probability 1 - ``level``.

    The world at the VaR counts with the part of its probability that belongs to the tail, so the
    average is coherent for any probabilities.

    Args:
        losses: One loss a world, shape ``(paths,)``.
        level: Such as .975.
        probabilities: Probability of each world, shape ``(paths,)``; equal if None.

    Returns:
        The average loss.

    Raises:
        DataError: There is no loss, one is not finite, or the probabilities don't fit.
        ConfigError: The level is not inside 0 to 1.

    Example:
        >>> round(expected_shortfall(np.arange(1.0, 101.0), level=0.95), 6)
        98.0

    References:
        Acerbi and Tasche (2002), On the coherence of expected shortfall, Journal of Banking and
        Finance 26(7), definition 2.6.
    """
    check_levels((level,))
    chances = check_probabilities(probabilities, check_losses(losses))
    return float(tail_weights(losses, chances, level) @ losses)


def tail_weights(losses: FloatArray, probabilities: FloatArray, level: float) -> FloatArray:
    """Give the weight of each world in the expected shortfall; they sum to one."""
    order, cumulated, chances = _sorted(losses, probabilities)
    beyond = np.clip(cumulated - level, 0, chances)
    weights: FloatArray = np.empty(len(beyond))
    weights[order] = beyond / beyond.sum()
    return weights


def tail_measures(
    losses: FloatArray,
    *,
    levels: Sequence[float] = (0.95, 0.975, 0.99),
    probabilities: FloatArray | None = None,
    confidence: float = 0.95,
    band: Band = "asymptotic",
    random_state: RandomState = 0,
) -> pd.DataFrame:
    """Give VaR and ES of losses at several levels, each with a confidence band.

    The band says how far the finite number of worlds blurs the figure, not whether the worlds are
    right. ``"asymptotic"``: order statistics for the VaR, the influence function for the ES.
    ``"bootstrap"``: percentiles over worlds drawn again with replacement.

    Args:
        losses: One loss a world, shape ``(paths,)``.
        levels: Levels inside 0 to 1.
        probabilities: Probability of each world, shape ``(paths,)``; equal if None.
        confidence: Probability that the band covers the figure of endless worlds.
        band: How bands are made.
        random_state: Seed of the bootstrap.

    Returns:
        Columns ``estimate``, ``low``, ``high``; rows ``(measure, level)``.

    Raises:
        DataError: There is no loss, one is not finite, or the probabilities don't fit.
        ConfigError: A level or the confidence is not inside 0 to 1, or ``band`` is not known.

    Example:
        >>> losses = np.random.default_rng(0).normal(size=10_000)
        >>> table = tail_measures(losses, levels=(0.99,)).loc[("VaR", 0.99)]
        >>> bool(table["low"] < 2.326 < table["high"])
        True

    References:
        Woodruff (1952), Confidence intervals for medians and other position measures, JASA 47.
    """
    check_levels((*levels, confidence))
    chances = check_probabilities(probabilities, check_losses(losses))
    if band not in ("asymptotic", "bootstrap"):
        raise ConfigError(f"band: expected 'asymptotic' or 'bootstrap', found {band!r}")
    rng = np.random.default_rng(random_state)
    rows = {}
    for level in levels:
        var = value_at_risk(losses, level=level, probabilities=chances)
        es = float(tail_weights(losses, chances, level) @ losses)
        bands = (
            _asymptotic(losses, chances, level, (var, es), confidence)
            if band == "asymptotic"
            else _bootstrap(losses, chances, level, confidence, rng)
        )
        rows["VaR", level] = (var, *bands[0])
        rows["ES", level] = (es, *bands[1])
    index = pd.MultiIndex.from_tuples(sorted(rows, reverse=True), names=["measure", "level"])
    return pd.DataFrame([rows[key] for key in index], index, columns=["estimate", "low", "high"])


def portfolio_risk(
    worlds: FloatArray,
    weights: FloatArray,
    *,
    horizons: Sequence[int] | None = None,
    levels: Sequence[float] = (0.95, 0.975, 0.99),
    probabilities: FloatArray | None = None,
    confidence: float = 0.95,
    band: Band = "asymptotic",
    random_state: RandomState = 0,
) -> pd.DataFrame:
    """Give VaR, ES and drawdown-at-risk of a portfolio over several horizons, with bands.

    Args:
        worlds: Daily log returns, shape ``(paths, days, assets)``, such as ``simulator.sample``
            gives.
        weights: What is held of each asset, as fractions or in money, shape ``(assets,)``.
        horizons: Days; the length of the worlds if None.
        levels: Levels inside 0 to 1.
        probabilities: Probability of each world, shape ``(paths,)``; equal if None.
        confidence: Probability that a band covers the figure of endless worlds.
        band: ``"asymptotic"`` or ``"bootstrap"``.
        random_state: Seed of the bootstrap.

    Returns:
        Columns ``estimate``, ``low``, ``high``; rows ``(horizon, measure, level)``. Measures are
        ``VaR`` and ``ES`` in the unit of the weights, and, where the weights sum to more than
        zero, ``drawdown`` and ``mean drawdown beyond`` as fractions of the peak.

    Raises:
        DataError: The worlds, weights or probabilities don't fit together.
        ConfigError: A horizon or level is out of its range.

    Example:
        >>> worlds = np.random.default_rng(0).normal(0, 0.01, size=(2000, 10, 2))
        >>> table = portfolio_risk(worlds, np.array([0.5, 0.5]), horizons=(1, 10), levels=(0.99,))
        >>> table.loc[(1, "VaR", 0.99), "estimate"].round(3)
        np.float64(0.016)
    """
    options = {"levels": levels, "probabilities": probabilities, "confidence": confidence}
    tables = {}
    for horizon in horizons if horizons is not None else (worlds.shape[1],):
        parts = [
            tail_measures(
                portfolio_losses(worlds, weights, horizon=horizon),
                **options,  # type: ignore[arg-type]  # a dict of keywords has one value type
                band=band,
                random_state=random_state,
            )
        ]
        if np.sum(weights) > 0:
            falls = max_drawdowns(worlds, weights, horizon=horizon)
            parts.append(
                tail_measures(falls, **options, band=band, random_state=random_state).rename(  # type: ignore[arg-type]
                    {"VaR": "drawdown", "ES": "mean drawdown beyond"}, level="measure"
                )
            )
        tables[horizon] = pd.concat(parts)
    return pd.concat(tables, names=["horizon"])


def _sorted(losses: FloatArray, probabilities: FloatArray) -> tuple[Array, FloatArray, FloatArray]:
    order = np.argsort(losses, kind="stable")
    chances = probabilities[order]
    return order, np.cumsum(chances), chances


def _place(cumulated: FloatArray, level: float) -> int:
    # A sum of many probabilities misses a round level by a rounding error.
    place = int(np.searchsorted(cumulated, level - 1e-10))
    return min(place, len(cumulated) - 1)


def _asymptotic(
    losses: FloatArray,
    chances: FloatArray,
    level: float,
    figures: tuple[float, float],
    confidence: float,
) -> tuple[tuple[float, float], tuple[float, float]]:
    z = float(ndtri(0.5 + confidence / 2))
    var, es = figures
    order, cumulated, _ = _sorted(losses, chances)
    error = z * float(np.sqrt((chances**2 * ((losses > var) - (1 - level)) ** 2).sum()))
    ends = [losses[order[_place(cumulated, level + side * error)]] for side in (-1, 1)]
    influence = var + np.maximum(losses - var, 0) / (1 - level) - es
    spread = z * float(np.sqrt((chances**2 * influence**2).sum()))
    return (float(ends[0]), float(ends[1])), (es - spread, es + spread)


def _bootstrap(
    losses: FloatArray,
    chances: FloatArray,
    level: float,
    confidence: float,
    rng: np.random.Generator,
) -> tuple[tuple[float, float], tuple[float, float]]:
    order, _, ordered = _sorted(losses, chances)
    values, n_paths = losses[order], len(losses)
    figures = np.empty((N_BOOTSTRAPS, 2))
    for row in figures:
        counts = np.bincount(rng.integers(n_paths, size=n_paths), minlength=n_paths)
        drawn = ordered * counts
        drawn /= drawn.sum()
        cumulated = np.cumsum(drawn)
        beyond = np.clip(cumulated - level, 0, drawn)
        row[:] = values[_place(cumulated, level)], beyond @ values / beyond.sum()
    low, high = np.quantile(figures, [0.5 - confidence / 2, 0.5 + confidence / 2], axis=0)
    return (float(low[0]), float(high[0])), (float(low[1]), float(high[1]))
