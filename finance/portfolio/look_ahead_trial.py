"""A strategy on trial: the real days, what they could have been, and who does better on them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import pandas as pd

from scenara.finance.portfolio.backtest import Backtest, backtest
from scenara.finance.portfolio.luck.superior_ability import stationary_indices
from scenara.finance.portfolio.rebalancing import Rule
from scenara.finance.portfolio.strategies import Strategy
from scenara.shared.errors import DataError
from scenara.shared.types import FloatArray

__all__ = ["MOST", "Contest", "Measure", "Trial", "contest", "edge", "mean_gain", "sharpe"]

MOST = 999
"""Made-up histories after which a strategy that did best on the real days is held for informed."""

_STAGES = (19, 99, MOST)
"""Rearranged histories after which an ordinary strategy is let go: at the first that does as well."""

_MEAN_BLOCK = 63.0
_AT_ONCE = 32
_ROUNDING = 1e-9


@dataclass(frozen=True, kw_only=True, eq=False)
class Trial:
    """Let one strategy trade on days that may be made up, always with the real dates and names.

    Args:
        strategy: The strategy.
        returns: Simple returns of the real days, days by assets.
        n_history: First days that are only estimated from.
        rebalance: Steps between trades, a calendar, or a rule.
        seed: Seed of all that is made up.

    Raises:
        DataError: There are too few days.
    """

    strategy: Strategy
    returns: pd.DataFrame
    n_history: int
    rebalance: int | str | Rule
    seed: int

    def __post_init__(self) -> None:
        if len(self.returns) < self.n_history + 20:
            raise DataError(
                f"look-ahead: expected at least 20 days after the {self.n_history} that are "
                f"estimated from, found {len(self.returns) - self.n_history}"
            )

    def play(self, days: FloatArray, strategy: Strategy | str | None = None) -> Backtest:
        """Trade in some histories.

        Args:
            days: Simple returns, those that are only estimated from included, shape
                (paths, days, assets).
            strategy: Another strategy than the one on trial.

        Returns:
            What it held and earned.
        """
        index = self.returns.index
        dated = pd.DatetimeIndex(index) if isinstance(index, pd.DatetimeIndex) else None
        return backtest(
            days[:, self.n_history :],
            self.strategy if strategy is None else strategy,
            rebalance=self.rebalance,
            history=days[:, : self.n_history] if self.n_history else None,
            dates=None if dated is None else dated[self.n_history :],
            history_dates=None if dated is None or not self.n_history else dated[: self.n_history],
            assets=[str(column) for column in self.returns.columns],
        )

    @property
    def real(self) -> FloatArray:
        """The real days, shape (1, days, assets)."""
        return self.returns.to_numpy(np.float64)[None]

    def stream(self, place: int) -> np.random.Generator:
        """Give the random stream of the histories from a number on.

        Args:
            place: Number of histories before.
        """
        return np.random.default_rng([self.seed, place])

    def changed_after(self, cut: int) -> FloatArray:
        """Give the real days with those from a cut on rearranged and mirrored.

        Args:
            cut: Position of the first day that changes.

        Returns:
            Simple returns, shape (days, assets).
        """
        values = self.returns.to_numpy(np.float64).copy()
        rng = np.random.default_rng(self.seed)
        later = values[cut:][rng.permutation(len(values) - cut)]
        values[cut:] = np.clip(-1.5 * later[:, rng.permutation(values.shape[1])], -0.5, 0.5)
        return values

    def relabelled(self, n: int, rng: np.random.Generator) -> FloatArray:
        """Give the real days with assets that changed their labels.

        Args:
            n: Number of histories.
            rng: Where the orders of labels come from.

        Returns:
            Simple returns, shape (n, days, assets).
        """
        return np.stack([self.real[0][:, rng.permutation(self.returns.shape[1])] for _ in range(n)])

    def rearranged(self, n: int, rng: np.random.Generator) -> FloatArray:
        """Give histories of the real days in blocks, with assets that changed their labels.

        Args:
            n: Number of histories.
            rng: Where blocks and orders of labels come from.

        Returns:
            Simple returns, shape (n, days, assets).
        """
        values = self.real[0]
        order = stationary_indices(len(values), n, mean_block=_MEAN_BLOCK, random_state=rng)
        labels = rng.permuted(np.tile(np.arange(values.shape[1]), (n, 1)), axis=1)
        made: FloatArray = values[order[:, :, None], labels[:, None, :]]
        return made

    def day(self, place: int) -> str:
        """Write a day.

        Args:
            place: Its position.
        """
        label = self.returns.index[place]
        return f"{label:%Y-%m-%d}" if isinstance(label, pd.Timestamp) else f"day {label}"


def mean_gain(own: FloatArray, equal: FloatArray) -> FloatArray:
    """Give the mean gain over equal weights.

    Args:
        own: Returns of the strategy, shape (paths, steps).
        equal: Returns of equal weights, shape (paths, steps).

    Returns:
        Mean difference a step, shape (paths,).

    Example:
        >>> mean_gain(np.array([[0.25, 0.25]]), np.array([[0.0, 0.25]])).tolist()
        [0.125]
    """
    return np.asarray((own - equal).mean(axis=1))


def sharpe(own: FloatArray, equal: FloatArray) -> FloatArray:
    """Give the Sharpe ratio a step; 0 where nothing moves.

    Args:
        own: Returns of the strategy, shape (paths, steps).
        equal: Ignored.

    Returns:
        Mean over standard deviation, shape (paths,).

    Example:
        >>> sharpe(np.array([[1.0, 3.0], [0.0, 0.0]]), np.zeros((2, 2))).tolist()
        [2.0, 0.0]
    """
    deviation = own.std(axis=1)
    moves = deviation > 1e-12
    return np.asarray(np.where(moves, own.mean(axis=1) / np.where(moves, deviation, 1), 0))


def edge(own: FloatArray, equal: FloatArray) -> FloatArray:
    """Give the Sharpe ratio a year of what equal weights, held as much as it holds, do not explain.

    Args:
        own: Returns of the strategy, shape (paths, steps).
        equal: Returns of equal weights, shape (paths, steps).

    Returns:
        Mean over standard deviation of what a regression on equal weights leaves, its constant
        included, times the root of 252, shape (paths,).

    Example:
        >>> equal = np.array([[1.0, -1.0, 1.0, -1.0]])
        >>> (edge(2 * equal + [1, 1, 3, 3], equal) / 252**0.5).round(6).tolist()
        [2.0]
    """
    gaps = equal - equal.mean(axis=1, keepdims=True)
    spread = np.square(gaps).sum(axis=1)
    slope = (own * gaps).sum(axis=1) / np.where(spread > 0, spread, 1)
    return np.asarray(sharpe(own - slope[:, None] * equal, equal) * np.sqrt(252))


Measure: TypeAlias = Callable[[FloatArray, FloatArray], FloatArray]
"""Takes returns of a strategy and of equal weights, shape (paths, steps); gives (paths,)."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Contest:
    """Hold what a strategy reaches on the real days, and the best of made-up ones, by each measure.

    Args:
        reached: On the real days, shape (measures,).
        best: The most in the made-up histories that were tried, shape (measures,).
        n: Number of those histories.
        same: Share of their decisions that are those on the real days.
    """

    reached: FloatArray
    best: FloatArray
    n: int
    same: float

    @property
    def beaten(self) -> bool:
        """Whether by each measure some made-up history is as good as the real days."""
        return bool((self.best >= self.reached - _ROUNDING).all())


def contest(
    trial: Trial,
    real: Backtest,
    make: Callable[[int, np.random.Generator], FloatArray],
    measures: tuple[Measure, ...],
) -> Contest:
    """Play in made-up histories until each measure was beaten, or all were tried.

    Args:
        trial: The strategy and its real days.
        real: What it did on them.
        make: Makes some histories, shape (n, days, assets), from a stream.
        measures: What is compared; each takes returns of the strategy and of equal weights.

    Returns:
        How the real days compare.
    """

    def measured(outcome: Backtest, days: FloatArray) -> FloatArray:
        equal = trial.play(days, "equal-weight").returns
        return np.stack([measure(outcome.returns, equal) for measure in measures])

    reached = measured(real, trial.real)[:, 0]
    best, done, same = np.full(len(measures), -np.inf), 0, []
    for n in _batches():
        days = make(n, trial.stream(done))
        outcome = trial.play(days)
        best = np.maximum(best, measured(outcome, days).max(axis=1))
        same.append(_share_of_same(real, outcome))
        done += n
        if (best >= reached - _ROUNDING).all():
            break
    return Contest(reached=reached, best=best, n=done, same=float(np.mean(same)))


def _batches() -> Iterator[int]:
    done = 0
    for stage in _STAGES:
        while done < stage:
            n = min(_AT_ONCE, stage - done)
            done += n
            yield n


def _share_of_same(real: Backtest, outcome: Backtest) -> float:
    """Give the share of decisions that are those on the real days, whatever the past."""
    return float(np.isclose(outcome.weights, real.weights, atol=1e-9).all(axis=2).mean())
