"""Judge the strategies of a market job: which may be luck, and how well that can be told."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from scenara.finance.market.luck_findings import LuckFindings
from scenara.finance.market.results import StrategyOutcome
from scenara.finance.outcomes import day_labels
from scenara.finance.portfolio import Strategy, backtest, simple_returns
from scenara.finance.portfolio.luck import (
    ErrorRate,
    LuckVerdict,
    false_discovery_rate,
    luck_verdict,
    power,
    superior_predictive_ability,
)
from scenara.finance.portfolio.performance import moves
from scenara.shared.errors import ScenaraError
from scenara.shared.progress import Progress, silent
from scenara.shared.types import FloatArray

__all__ = ["judge_luck"]

_FEWEST_WORLDS = 2

_FAILURES = (ScenaraError, ArithmeticError, RuntimeError, ValueError)
"""What strategies and edges may fail with in worlds that are unlike the real days."""


def judge_luck(
    strategies: Mapping[str, Strategy],
    outcomes: Mapping[str, StrategyOutcome],
    worlds: FloatArray,
    real: pd.DataFrame,
    *,
    n_tried_before: int = 0,
    edge: float = 1.0,
    n_worlds: int = 200,
    cash: float = 0.0,
    seed: int = 0,
    progress: Progress = silent,
    **trading: Any,  # noqa: ANN401  (what the engine takes)
) -> LuckFindings | None:
    """Judge the records of strategies over the real days, and the judgement itself in worlds.

    For the latter, worlds are put end to end until they are as long as the real days, and get fair
    signs, so that nothing can be earned, or signs in favour of the strategy with the best record.

    Args:
        strategies: Name -> strategy.
        outcomes: Name -> what it earned in the real days.
        worlds: Simple daily returns, shape (n_paths, days, assets).
        real: Simple daily returns of the real days that were traded.
        n_tried_before: Strategies tried before that are not among these.
        edge: Sharpe ratio a year of the planted edge.
        n_worlds: Number of worlds in which nothing can be earned; half as many have the edge. With
            less than two, neither is tried.
        cash: What cash earns in a day; records are judged over it.
        seed: Seed of all draws.
        progress: Told of each part.
        **trading: What the engine takes, such as ``rebalance`` and ``costs``.

    Returns:
        What was found; None if no strategy ever held anything.
    """
    records = _records(outcomes)
    moving = records.loc[:, moves(records.to_numpy().T)] - cash
    if moving.empty:
        return None
    verdicts = _verdicts(moving, len(strategies) + n_tried_before, seed)
    progress("luck verdicts", 1, 3)
    leads = _leads(moving + cash, real, trading)
    owner = max(verdicts, key=lambda name: verdicts[name].sharpe)
    tried = [strategies[owner], *(s for name, s in strategies.items() if name != owner)]
    settings = {**trading, **_named(real, tried), "cash": cash}
    false_claims, true_claims, no_rates = _error_rates(
        tried, worlds, len(real), edge, n_worlds, seed=seed, progress=progress, trading=settings
    )
    return LuckFindings(
        verdicts=verdicts,
        silent=tuple(name for name in strategies if name not in verdicts),
        n_tried_before=n_tried_before,
        overfitting=verdicts[owner].overfitting,
        over_equal=None if leads.empty else superior_predictive_ability(leads, random_state=seed),
        leads=_verdicts(leads, leads.shape[1] + n_tried_before, seed),
        over_cash=superior_predictive_ability(moving, random_state=seed),
        false_claims=false_claims,
        true_claims=true_claims,
        no_rates=no_rates,
        edge=edge,
        owner=owner,
    )


def _verdicts(returns: pd.DataFrame, n_trials: int, seed: int) -> dict[str, LuckVerdict]:
    """Judge each column among all that were tried."""
    return {
        str(name): luck_verdict(returns, chosen=i, n_trials=n_trials, random_state=seed)
        for i, name in enumerate(returns.columns)
    }


def _error_rates(
    strategies: Sequence[Strategy],
    worlds: FloatArray,
    n_days: int,
    edge: float,
    n_worlds: int,
    *,
    seed: int,
    progress: Progress,
    trading: Mapping[str, Any],
) -> tuple[tuple[ErrorRate, ...], tuple[ErrorRate, ...], str]:
    """Give the rates of claims where nothing can be earned, where the first can, and why not."""
    if n_worlds < _FEWEST_WORLDS:
        return (), (), ""
    false_claims: tuple[ErrorRate, ...] = ()
    n_past = max(strategy.lookback for strategy in strategies)
    rng = np.random.default_rng(seed)
    try:
        past, fair = _long(worlds, n_worlds, n_past, n_days, rng)
        false_claims = false_discovery_rate(
            strategies, fair, history=past, random_state=rng, **trading
        )
        progress("luck where nothing can be earned", 2, 3)
        past, fair = _long(worlds, n_worlds // 2, n_past, n_days, rng)
        true_claims = power(
            strategies, fair, sharpe=edge, history=past, random_state=rng, **trading
        )
    except _FAILURES as error:
        return false_claims, (), str(error) or type(error).__name__
    progress("luck where an edge is planted", 3, 3)
    return false_claims, true_claims, ""


def _named(real: pd.DataFrame, strategies: Sequence[Strategy]) -> dict[str, Any]:
    """Give worlds the dates and the assets of the real days, after business days."""
    dates = day_labels(real.index, len(real))
    n_past = max(strategy.lookback for strategy in strategies)
    return {
        "dates": dates,
        "history_dates": pd.bdate_range(end=dates[0], periods=n_past + 1)[:-1],
        "assets": [str(asset) for asset in real.columns],
    }


def _records(outcomes: Mapping[str, StrategyOutcome]) -> pd.DataFrame:
    records = {}
    for name, outcome in outcomes.items():
        assert outcome.wealth is not None
        wealth = np.concatenate([[1.0], outcome.wealth.to_numpy(np.float64)])
        records[name] = pd.Series(simple_returns(wealth), index=outcome.wealth.index)
    return pd.DataFrame(records)


def _leads(returns: pd.DataFrame, real: pd.DataFrame, trading: Mapping[str, Any]) -> pd.DataFrame:
    """Give what each strategy earned more than equal weights; without those that are just that."""
    equal = backtest(real, "equal-weight", **trading).returns_of().to_numpy()
    leads = returns.sub(equal, axis=0)
    # Two ways to the same weights agree to 1e-13, which is more than the rounding of one of them.
    differing: pd.DataFrame = leads.loc[:, np.ptp(leads.to_numpy(), axis=0) > 1e-12]
    return differing


def _long(
    worlds: FloatArray, n: int, n_past: int, n_days: int, rng: np.random.Generator
) -> tuple[FloatArray | None, FloatArray]:
    """Put worlds end to end, drawn with replacement; give the days before and those traded."""
    n_each = -(-(n_past + n_days) // worlds.shape[1])
    chosen = rng.integers(len(worlds), size=(n, n_each))
    days = worlds[chosen].reshape(n, -1, worlds.shape[2])[:, : n_past + n_days]
    return (days[:, :n_past] if n_past else None), days[:, n_past:]
