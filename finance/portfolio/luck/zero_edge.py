"""Worlds in which nothing can be earned, and worlds in which one strategy can earn a known amount."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import torch

from scenara.finance.portfolio.limits import Limits
from scenara.finance.portfolio.rebalancing import Rule
from scenara.finance.portfolio.schedule import dates_before, rebalance_steps
from scenara.finance.portfolio.strategies import State, Strategy, as_strategy
from scenara.shared.errors import ConfigError, DataError
from scenara.shared.types import Array, FloatArray, RandomState

__all__ = ["planted_edge", "zero_edge"]

_MEASURED = 50
"""Worlds in which the shape of a strategy's gains is measured."""

_DEEPEST = 0.99
"""Share of its value that a mirrored asset may lose in a step at most."""


def zero_edge(worlds: Array, *, cash: float = 0.0, random_state: RandomState = None) -> FloatArray:
    r"""Make worlds in which no strategy earns more than cash on average, by construction.

    With :math:`e_t` the returns of a day over cash, the new ones are :math:`s_t e_t` with a fair
    sign :math:`s_t = \pm 1`, the same for all assets and independent of everything else. For any
    weights that depend on the past alone (and even on the size of all moves to come),
    :math:`E[w_t \cdot s_t e_t] = E[s_t] \, w_t \cdot e_t = 0`: gains over cash are a martingale
    difference, so no timing, selection or sizing has an edge. Sizes of moves, their clustering in
    time, and the covariance of assets are those of the given worlds; their mean and skewness are
    not.

    An asset that more than doubles in a step cannot fall by as much. The returns of such a step
    are shrunk together until the mirror of the largest one is a loss of 99 %.

    Args:
        worlds: Simple returns, shape (paths, steps, assets).
        cash: What cash earns in one step.
        random_state: Seed of the signs.

    Returns:
        Simple returns, shape (paths, steps, assets).

    Raises:
        DataError: The shape is another one, or a return is not finite or not above -1.

    Example:
        >>> worlds = np.random.default_rng(0).normal(0.001, 0.01, (50, 252, 3))
        >>> fair = zero_edge(worlds, random_state=1)
        >>> bool((np.abs(fair) == np.abs(worlds)).all())
        True
    """
    moves = _mirrorable(worlds, cash)
    rng = np.random.default_rng(random_state)
    signs = 2.0 * rng.integers(2, size=moves.shape[:2], dtype=np.int8) - 1.0
    fair: FloatArray = moves * signs[:, :, None] + cash
    return fair


def planted_edge(
    worlds: Array,
    strategy: Strategy | str | Callable[..., Any],
    *,
    sharpe: float,
    rebalance: int | str | Rule = 21,
    history: Array | None = None,
    dates: pd.DatetimeIndex | None = None,
    history_dates: pd.DatetimeIndex | None = None,
    assets: Sequence[str] | None = None,
    cash: float = 0.0,
    limits: Limits | None = None,
    periods_per_year: float = 252,
    random_state: RandomState = None,
) -> FloatArray:
    r"""Make worlds in which one strategy has an edge of a given Sharpe ratio, and signs hold it.

    As in :func:`zero_edge`, each day's returns over cash keep their size and get a sign. Here the
    sign is the one by which the strategy's portfolio gains with probability
    :math:`\tfrac12 + \delta`. It holds what it chose from the days of the planted world before, and
    drifts between its trades. With the ratio :math:`\kappa = E|x| / \sqrt{E x^2}` of its daily
    gains x, which signs do not change much, :math:`\delta = S / (2 \kappa \sqrt{1 + S^2})` gives the
    Sharpe ratio S a step before costs; :math:`\kappa` is measured in the first 50 worlds with fair
    signs. Signs are fair while the strategy holds nothing, and once it has lost everything, which
    ends its record. Other strategies earn as much of the edge as their portfolios have in common
    with this one.

    Args:
        worlds: Simple returns, shape (paths, steps, assets).
        strategy: The strategy that can earn.
        sharpe: Its Sharpe ratio a year, over cash and before costs.
        rebalance: Steps between its trades, a calendar, or a rule, which is taken to trade whenever
            it looks; a schedule of its own goes before it.
        history: Returns before the first step, shape (paths, steps, assets), for its first
            decisions; they are given as they are.
        dates: Date of each step, for calendars.
        history_dates: Date of each return of the history, for strategies that ask for dates.
        assets: Name of each asset, for strategies that know them by name.
        cash: What cash earns in one step.
        limits: Limits on the weights that the strategy may name.
        periods_per_year: Steps in a year.
        random_state: Seed of the signs.

    Returns:
        Simple returns, shape (paths, steps, assets).

    Raises:
        ConfigError: The Sharpe ratio is more than signs can hold.
        DataError: The shape is another one, a return is not finite or not above -1, or the
            strategy holds nothing but cash throughout.

    Example:
        >>> worlds = np.random.default_rng(0).normal(0, 0.01, (200, 252, 3))
        >>> planted = planted_edge(worlds, "equal-weight", sharpe=2.0, random_state=1)
        >>> gains = planted.mean(axis=2)
        >>> round(float(gains.mean() / gains.std() * 252**0.5), 1)
        2.0
    """
    moves = _mirrorable(worlds, cash)
    past = None if history is None else _checked(history)
    seed = np.random.default_rng(random_state).integers(2**63)
    player = _Player(
        strategy=as_strategy(strategy),
        moves=moves,
        past=moves[:, :0] if past is None else past,
        rebalance=rebalance if isinstance(rebalance, (int, str)) else rebalance.every,
        dates=dates,
        history_dates=history_dates,
        assets=tuple(assets or (f"asset {i}" for i in range(moves.shape[2]))),
        cash=cash,
        limits=limits,
    )
    few = replace(player, moves=moves[:_MEASURED], past=player.past[:_MEASURED])
    gains = few.play(0.0, np.random.default_rng(seed))[1]
    gains = gains[np.isfinite(gains)]
    size = float(np.abs(gains).mean())
    if not size > 0:
        raise DataError("planted edge: the strategy holds nothing but cash, so that it has no edge")
    step = sharpe / np.sqrt(periods_per_year)
    kappa = size / float(np.sqrt(np.square(gains).mean()))
    bias = float(step / (2 * kappa * np.sqrt(1 + step**2)))
    if abs(bias) > 0.5:
        raise ConfigError(
            f"planted edge: signs cannot hold a Sharpe ratio of {sharpe:g} a year; at most "
            f"{_largest(kappa) * np.sqrt(periods_per_year):.1f} here"
        )
    return player.play(bias, np.random.default_rng(seed))[0]


@dataclass(frozen=True, kw_only=True, eq=False)
class _Player:
    """Lets one strategy hold its portfolio in worlds whose signs depend on what it holds."""

    strategy: Strategy
    moves: FloatArray
    past: FloatArray
    rebalance: int | str
    dates: pd.DatetimeIndex | None
    history_dates: pd.DatetimeIndex | None
    assets: tuple[str, ...]
    cash: float
    limits: Limits | None

    @property
    def trades(self) -> frozenset[int]:
        every = getattr(self.strategy, "schedule", None) or self.rebalance
        return frozenset(rebalance_steps(self.moves.shape[1], every, dates=self.dates).tolist())

    def play(self, bias: float, rng: np.random.Generator) -> tuple[FloatArray, FloatArray]:
        """Give the worlds, and the strategy's gains over cash, nan after ruin, (paths, steps)."""
        n_paths, n_steps, n_assets = self.moves.shape
        known, trades = self.past.shape[1], self.trades
        lived = np.concatenate([self.past, np.zeros_like(self.moves)], axis=1)
        gains = np.zeros((n_paths, n_steps))
        held: FloatArray = np.zeros((n_paths, n_assets))
        ruined = np.zeros(n_paths, dtype=bool)
        for step in range(n_steps):
            if step in trades:
                held = self._decide(lived[:, : known + step], held, step)
                held[ruined] = 0
            towards = (held * self.moves[:, step]).sum(axis=1)
            wins = rng.random(n_paths) < np.where(towards == 0, 0.5, 0.5 + bias)
            signs = np.where(wins, 1.0, -1.0) * np.where(towards < 0, -1.0, 1.0)
            returns = self.moves[:, step] * signs[:, None] + self.cash
            lived[:, known + step] = returns
            gains[:, step] = np.where(ruined, np.nan, towards * signs)
            worth = 1 + self.cash + towards * signs
            ruined |= worth <= 0
            held = held * (1 + returns) / np.where(ruined, np.inf, worth)[:, None]
        return lived[:, known:], gains

    def _decide(self, seen: FloatArray, held: FloatArray, step: int) -> FloatArray:
        lookback = self.strategy.lookback
        n_paths, n_assets = held.shape
        if seen.shape[1] < lookback:
            return self._within(np.full((n_paths, n_assets), 1 / n_assets))
        window = seen[:, seen.shape[1] - lookback :].transpose(1, 0, 2).copy()
        state = State(
            step=step,
            assets=self.assets,
            date=None if self.dates is None else self.dates[step],
            dates=dates_before(step, lookback, dates=self.dates, history_dates=self.history_dates),
            drifted=torch.from_numpy(held.copy()),
        )
        found = np.asarray(self.strategy.weights(torch.from_numpy(window), state), np.float64)
        return self._within(np.broadcast_to(found, held.shape).copy())

    def _within(self, wanted: FloatArray) -> FloatArray:
        if self.limits is None:
            return wanted
        return np.asarray(self.limits.apply(torch.from_numpy(wanted)).numpy())


def _largest(kappa: float) -> float:
    """Give the Sharpe ratio a step at which the bias is a half."""
    return float(kappa / np.sqrt(1 - kappa**2)) if kappa < 1 else float("inf")


def _checked(worlds: Array) -> FloatArray:
    values = np.asarray(worlds, dtype=np.float64)
    if values.ndim != 3 or 0 in values.shape:
        raise DataError(
            f"worlds: expected simple returns of shape (paths, steps, assets), found {values.shape}"
        )
    if not (np.isfinite(values).all() and (values > -1).all()):
        raise DataError("worlds: expected finite simple returns above -1")
    return values


def _mirrorable(worlds: Array, cash: float) -> FloatArray:
    """Give returns over cash, shrunk where their mirror would lose more than everything."""
    moves: FloatArray = _checked(worlds) - cash
    largest = moves.max(axis=2, keepdims=True)
    bound = _DEEPEST * (1 + cash)
    shrunk: FloatArray = moves * np.where(largest > bound, bound / np.maximum(largest, bound), 1.0)
    return shrunk
