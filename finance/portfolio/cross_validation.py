"""Many out-of-sample paths from one history: combinatorial purged cross-validation."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import numpy as np
import pandas as pd

from scenara.finance.portfolio.backtest import backtest
from scenara.finance.portfolio.luck.trials import read_trials, sharpe_ratios
from scenara.finance.portfolio.performance import sharpe
from scenara.finance.portfolio.purged_splits import purged_splits
from scenara.finance.portfolio.strategies import Strategy, as_strategy
from scenara.shared.errors import ConfigError, DataError
from scenara.shared.progress import Progress, silent
from scenara.shared.types import Array, FloatArray, IntArray

__all__ = ["CrossValidatedPaths", "Learner", "choice_paths", "combinatorial_purged_paths"]


@runtime_checkable
class Learner(Protocol):
    """Learn a strategy from days that need not follow each other."""

    def fit(self, blocks: Sequence[pd.DataFrame]) -> Strategy:
        """Learn from blocks of simple returns, each of days that follow each other."""
        ...


@dataclass(frozen=True, eq=False, kw_only=True)
class CrossValidatedPaths:
    """Hold what a strategy earned on every out-of-sample path.

    Args:
        returns: Simple returns after costs, shape (paths, steps); each path covers all days.
        splits: Split that each fold of each path is from, shape (paths, folds).
        n_splits: Number of trainings.
        dates: Date of each step, where known.
        periods_per_year: Steps in a year.

    Raises:
        DataError: Returns and splits are not of the same paths.
        ConfigError: The steps in a year are not positive.
    """

    returns: FloatArray
    splits: IntArray
    n_splits: int
    dates: pd.DatetimeIndex | None = None
    periods_per_year: float = 252.0

    def __post_init__(self) -> None:
        if len(self.returns) != len(self.splits):
            raise DataError(
                f"paths: expected {len(self.splits)} paths of returns, found {len(self.returns)}"
            )
        _check_year(self.periods_per_year)

    @property
    def n_paths(self) -> int:
        """Number of paths."""
        return len(self.returns)

    @property
    def sharpe(self) -> FloatArray:
        """Sharpe ratio a year of each path, shape (paths,)."""
        wealth = np.cumprod(1 + self.returns, axis=1)
        whole = np.concatenate([np.ones((self.n_paths, 1)), wealth], axis=1)
        return sharpe(whole, periods_per_year=self.periods_per_year)


def combinatorial_purged_paths(
    returns: pd.DataFrame,
    strategy: Learner | Strategy | str | Callable[..., Any],
    *,
    n_folds: int = 10,
    n_test_folds: int = 2,
    purge: int = 21,
    embargo: int = 5,
    rebalance: int | str = 21,
    costs: float = 0.0,
    history: pd.DataFrame | None = None,
    periods_per_year: float = 252.0,
    progress: Progress = silent,
) -> CrossValidatedPaths:
    r"""Train on every choice of folds, trade the others, and join the pieces to whole paths.

    Each fold is a test fold in :math:`k/N \binom{N}{k}` of the splits, so that there are as many
    paths that cover all days out of sample. Every piece starts in cash and pays for its first
    purchase, and a strategy may look back at the days before it, whatever they are used for: they
    are past. Until it has ``lookback`` of them it holds equal weights, in the first folds of every
    path; pass the days before as ``history`` to leave none of that. What has no training does the same in all splits, so that its paths are all alike: it
    has a distribution only once something is chosen, see ``BestOf``.

    Args:
        returns: Simple returns, steps by assets.
        strategy: What learns a strategy from training days: a learner, ``tree-ranking``, an
            optimiser in the style of scikit-learn; or any strategy, which learns nothing.
        n_folds: Number of folds N.
        n_test_folds: Number of test folds k in a split.
        purge: Training days dropped on either side of a test fold.
        embargo: Further training days dropped after a test fold.
        rebalance: Steps between trades, or a calendar where dates are known.
        costs: Costs as a fraction of the value traded.
        history: Returns before the first step, steps by assets, for estimation only: nothing is
            trained on them.
        periods_per_year: Steps in a year, for Sharpe ratios.
        progress: Told how many splits are done.

    Returns:
        The returns of every path.

    Raises:
        ConfigError: A number is out of range, or the strategy is unknown.
        DataError: The returns or the history are wrong, or too few to learn from.
        MissingExtraError: skfolio is not installed.

    Example:
        >>> days = np.random.default_rng(0).normal(0, 0.01, (100, 3))
        >>> found = combinatorial_purged_paths(
        ...     pd.DataFrame(days), "equal-weight", n_folds=5, n_test_folds=2, purge=1, embargo=0
        ... )
        >>> found.returns.shape, found.n_splits
        ((4, 100), 10)

    References:
        Lopez de Prado (2018), Advances in financial machine learning, chapter 12.
    """
    trader = (
        strategy if isinstance(strategy, Learner) and _is_own(strategy) else as_strategy(strategy)
    )
    _check_year(periods_per_year)
    how: dict[str, Any] = {"rebalance": rebalance, "costs": costs}
    before = returns.iloc[:0] if history is None else _same_columns(history, returns)
    splits = list(
        purged_splits(
            len(returns), n_folds=n_folds, n_test_folds=n_test_folds, purge=purge, embargo=embargo
        )
    )
    pieces: list[list[FloatArray]] = [[] for _ in range(n_folds)]
    sources: list[list[int]] = [[] for _ in range(n_folds)]
    for number, split in enumerate(splits):
        learned = (
            trader.fit(_blocks(returns, split.train)) if isinstance(trader, Learner) else trader
        )
        for fold, days in zip(split.folds, split.tests, strict=True):
            pieces[fold].append(_trade(returns, learned, days, before, how))
            sources[fold].append(number)
        progress("cross-validation", number + 1, len(splits))
    return _joined(pieces, sources, returns.index, periods_per_year)


def choice_paths(
    returns: pd.DataFrame | Array,
    *,
    n_folds: int = 10,
    n_test_folds: int = 2,
    purge: int = 0,
    embargo: int = 0,
    periods_per_year: float = 252.0,
) -> CrossValidatedPaths:
    """Choose the best of some trials on every choice of folds, and follow it on the others.

    The trials have no training, so that what they earned is known day by day: on the training days
    of a split the trial with the highest Sharpe ratio is chosen, on its test folds the returns of
    that one count. This is what the habit of choosing the best backtest earns out of sample.

    Args:
        returns: Returns after costs of each trial, shape (steps, trials).
        n_folds: Number of folds.
        n_test_folds: Number of test folds in a split.
        purge: Training days dropped on either side of a test fold.
        embargo: Further training days dropped after a test fold.
        periods_per_year: Steps in a year, for Sharpe ratios.

    Returns:
        The returns of the choice on every path.

    Raises:
        ConfigError: A number is out of range.
        DataError: A return is not finite, or a trial never moves.
        MissingExtraError: skfolio is not installed.

    Example:
        >>> noise = np.random.default_rng(0).normal(0, 0.01, (500, 50))
        >>> choice_paths(noise).returns.shape
        (9, 500)
    """
    values = read_trials(returns, least=2)
    pieces: list[list[FloatArray]] = [[] for _ in range(n_folds)]
    sources: list[list[int]] = [[] for _ in range(n_folds)]
    splits = purged_splits(
        len(values), n_folds=n_folds, n_test_folds=n_test_folds, purge=purge, embargo=embargo
    )
    for number, split in enumerate(splits):
        best = int(sharpe_ratios(values[split.train]).argmax())
        for fold, days in zip(split.folds, split.tests, strict=True):
            pieces[fold].append(values[days, best])
            sources[fold].append(number)
    dates = returns.index if isinstance(returns, pd.DataFrame) else None
    return _joined(pieces, sources, dates, periods_per_year)


def _joined(
    pieces: list[list[FloatArray]],
    sources: list[list[int]],
    dates: pd.Index | None,
    periods_per_year: float,
) -> CrossValidatedPaths:
    splits = np.array(sources).T
    return CrossValidatedPaths(
        returns=np.concatenate([np.stack(fold) for fold in pieces], axis=1),
        splits=splits,
        n_splits=int(splits.max()) + 1,
        dates=dates if isinstance(dates, pd.DatetimeIndex) else None,
        periods_per_year=periods_per_year,
    )


def _check_year(periods_per_year: float) -> None:
    if not 0 < periods_per_year < np.inf:
        raise ConfigError(
            f"periods_per_year: expected a positive number, found {periods_per_year!r}"
        )


def _same_columns(history: pd.DataFrame, returns: pd.DataFrame) -> pd.DataFrame:
    if list(history.columns) != list(returns.columns):
        raise DataError(
            f"history: expected the columns of returns in their order, {list(returns.columns)}; "
            f"found {list(history.columns)}"
        )
    return history


def _is_own(strategy: object) -> bool:
    """Tell a learner of blocks from an optimiser, whose ``fit`` takes one frame."""
    return not callable(getattr(strategy, "get_params", None))


def _blocks(returns: pd.DataFrame, train: IntArray) -> list[pd.DataFrame]:
    breaks = np.flatnonzero(np.diff(train) > 1) + 1
    return [returns.iloc[days] for days in np.split(train, breaks)]


def _trade(
    returns: pd.DataFrame,
    strategy: Strategy,
    days: IntArray,
    before: pd.DataFrame,
    how: dict[str, Any],
) -> FloatArray:
    first, lookback = int(days[0]), strategy.lookback
    past = returns.iloc[max(0, first - lookback) : first]
    if len(past) < lookback and len(before):
        past = pd.concat([before.iloc[len(past) - lookback :], past])
    known = past if len(past) else None
    traded: FloatArray = backtest(returns.iloc[days], strategy, history=known, **how).returns[0]
    return traded
