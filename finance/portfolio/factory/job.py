"""What the report of a search is made of: the trials, and how much of the best one is luck."""

from dataclasses import dataclass

import pandas as pd

from scenara.finance.market.results import Provenance
from scenara.finance.portfolio.cross_validation import CrossValidatedPaths, choice_paths
from scenara.finance.portfolio.factory.result import StrategySearch
from scenara.finance.portfolio.luck import (
    BacktestOverfitting,
    LuckVerdict,
    SuperiorAbility,
    luck_verdict,
    probability_of_backtest_overfitting,
    superior_predictive_ability,
)
from scenara.finance.portfolio.performance import moves
from scenara.shared.errors import DataError
from scenara.shared.types import FloatArray

__all__ = ["SearchJob", "SearchLuck", "judge_search"]

_BLOCKS = 16
_FOLDS = 10
_FEWEST_STEPS = 2 * _BLOCKS


@dataclass(frozen=True, kw_only=True)
class SearchLuck:
    """Hold what tests of luck say about the real pick.

    Args:
        verdict: On the trial that real history picks, given how many there were.
        overfitting: Probability of backtest overfitting; None for a single trial.
        ability: Test that no trial is better than the best baseline; None where none differs.
        choice: What choosing the best on some folds earns on the others; None for a single trial.
        n_still: Trials that never held anything, which such tests can't take.
    """

    verdict: LuckVerdict
    overfitting: BacktestOverfitting | None
    ability: SuperiorAbility | None
    choice: CrossValidatedPaths | None
    n_still: int


@dataclass(frozen=True, kw_only=True)
class SearchJob:
    """Hold everything the report of a search is made of.

    Args:
        search: The trials.
        luck: What tests of luck say; None where every trial stood still.
        family: The generator whose worlds were traded.
        n_paths: Number of worlds.
        horizon: Days of a world.
        real_period: First and last real day that was traded.
        train_period: First and last day that worlds were learned from.
        rebalance: Days between trades.
        costs: Costs as a fraction of the value traded.
        drawn: Whether settings were drawn, instead of every combination.
        provenance: How it was made.

    Raises:
        DataError: Real days were learned from.
    """

    search: StrategySearch
    luck: SearchLuck | None
    family: str
    n_paths: int
    horizon: int
    real_period: tuple[pd.Timestamp, pd.Timestamp]
    train_period: tuple[pd.Timestamp, pd.Timestamp]
    rebalance: int
    costs: float
    drawn: bool
    provenance: Provenance

    def __post_init__(self) -> None:
        if self.train_period[1] >= self.real_period[0]:
            raise DataError("expected the days traded to come after those that worlds learned from")


def judge_search(
    search: StrategySearch, *, rebalance: int = 21, seed: int = 0
) -> SearchLuck | None:
    """Put the trial that real history picks to tests of luck, given all the others.

    Args:
        search: The trials.
        rebalance: Steps between trades: days beside a test fold that nothing is chosen by.
        seed: Seed of all draws.

    Returns:
        What they say; None where the pick never held anything, or there are too few days.

    Example:
        >>> import numpy as np
        >>> from scenara.finance.portfolio.factory import search_strategy
        >>> rng = np.random.default_rng(0)
        >>> days, paths = rng.normal(0, 0.01, (200, 3)), rng.normal(0, 0.01, (20, 100, 3))
        >>> grid = {"lookback": [5, 10, 21]}
        >>> found = search_strategy("momentum", grid, real=pd.DataFrame(days), worlds=paths)
        >>> judge_search(found).verdict.is_luck
        True
    """
    values = search.returns.to_numpy()
    moving = moves(values.T)
    pick = search.pick("real").trial
    if not moving[pick] or len(values) < _FEWEST_STEPS:
        return None
    moved = values[:, moving]
    verdict = luck_verdict(
        moved,
        chosen=int(moving[:pick].sum()),
        n_trials=search.n_trials,
        random_state=seed,
    )
    return SearchLuck(
        verdict=verdict,
        overfitting=None
        if moved.shape[1] < 2
        else probability_of_backtest_overfitting(moved, n_blocks=_BLOCKS),
        ability=_ability(search, seed),
        choice=None if moved.shape[1] < 2 else _choice(moved, rebalance),
        n_still=int((~moving).sum()),
    )


def _choice(returns: FloatArray, rebalance: int) -> CrossValidatedPaths:
    """Drop as many days beside a fold as a holding lasts, where that leaves any."""
    purge = min(rebalance, len(returns) // _FOLDS - 2)
    return choice_paths(returns, n_folds=_FOLDS, purge=purge)


def _ability(search: StrategySearch, seed: int) -> SuperiorAbility | None:
    benchmark = search.baseline_returns[search.best_baseline].to_numpy()
    values = search.returns.to_numpy()
    differs = moves(values.T - benchmark)
    if not differs.any():
        return None
    return superior_predictive_ability(values[:, differs], benchmark=benchmark, random_state=seed)
