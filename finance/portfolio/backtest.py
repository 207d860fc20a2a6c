"""Run one decision through many paths of returns: the vectorised engine.

Time is counted so that wealth k is what the portfolio is worth after k returns and before any
trade at that moment. A trade at step k happens then, knows the returns before step k alone, and
its costs come out of wealth at once, so that they show in wealth k + 1.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from scenara.finance.portfolio.accounting import Growth, grow, pay_costs, total
from scenara.finance.portfolio.panel import Panel, read_panel
from scenara.finance.portfolio.performance import simple_returns
from scenara.finance.portfolio.schedule import rebalance_steps
from scenara.finance.portfolio.strategies import State, Strategy, as_strategy, strategy_name
from scenara.shared.errors import ConfigError, DataError
from scenara.shared.progress import Progress, silent
from scenara.shared.types import Array, FloatArray, IntArray

__all__ = ["Backtest", "backtest"]

# What the holdings of a chunk take up between two steps, and what a strategy looks at at a time: a
# cache, or much of a GPU.
_CHUNK_BYTES = {"cpu": 2 << 20, "cuda": 256 << 20}
_HISTORY_BYTES = {"cpu": 1 << 20, "cuda": 256 << 20}
_MOST_PATHS = 4096


@dataclass(frozen=True, eq=False, kw_only=True)
class Backtest:
    """Hold the outcome of one strategy on every path.

    Args:
        wealth: Wealth after k returns and before a trade then, starting at 1, shape
            (paths, steps + 1). Once it reaches 0 (short or leveraged positions only) it stays
            there.
        turnover: Value bought plus value sold, as a fraction of wealth before the trade, shape
            (paths, rebalances). The first purchase of everything counts 1, a full switch 2.
        costs: Costs paid, in units of the initial wealth, shape (paths, rebalances).
        weights: Target weights, shape (paths, rebalances, assets); read-only where they are the
            same throughout.
        steps: Step before whose return each trade happens, shape (rebalances,).
        strategy: Name of the strategy.
        assets: Name of each asset.
        dates: Date of each return, where known.
        drifted: Weights just before each trade, where asked for, shape as ``weights``.
    """

    wealth: FloatArray
    turnover: FloatArray
    costs: FloatArray
    weights: FloatArray
    steps: IntArray
    strategy: str
    assets: tuple[str, ...]
    dates: pd.DatetimeIndex | None = None
    drifted: FloatArray | None = None

    @property
    def n_paths(self) -> int:
        """Number of paths."""
        return int(self.wealth.shape[0])

    @property
    def returns(self) -> FloatArray:
        """Simple returns of the portfolio after costs, shape (paths, steps)."""
        return simple_returns(self.wealth)

    def returns_of(self, path: int = 0) -> pd.Series:
        """Give the returns of one path, by date where dates are known.

        Args:
            path: Number of the path.

        Returns:
            Simple returns after costs, shape (steps,), named after the strategy.

        Example:
            >>> backtest(np.full((1, 2, 2), 0.5), "equal-weight").returns_of().tolist()
            [0.5, 0.5]
        """
        values = simple_returns(self.wealth[path]).astype(np.float64)
        return pd.Series(values, index=self.dates, name=self.strategy)


def backtest(
    returns: pd.DataFrame | Array | Tensor,
    strategy: Strategy | str | Callable[..., Any],
    *,
    rebalance: int | str = 21,
    costs: float = 0.0,
    history: pd.DataFrame | Array | Tensor | None = None,
    dates: pd.DatetimeIndex | None = None,
    assets: Sequence[str] | None = None,
    dtype: Literal["float32", "float64"] | None = None,
    device: Literal["cpu", "cuda", "auto"] = "cpu",
    chunk: int | None = None,
    keep_drifted: bool = False,
    progress: Progress = silent,
) -> Backtest:
    """Trade a strategy on every path, with drift between trades and proportional costs.

    At a trade the strategy names targets; wealth R and holdings d become wealth v and holdings
    w v with ``v + costs * sum|w v - d| = R``, so costs are paid on exactly what is traded, the
    first purchase included. Between trades holdings grow with their assets. Cash earns nothing.
    A strategy sees the returns before the step of the trade and no later ones: they are not passed
    to it. Until ``lookback`` returns are known, equal weights are held.

    Args:
        returns: Simple returns: a frame (steps, assets) for one path, or an array or tensor
            (paths, steps, assets). Fastest where memory has time first, such as
            ``array_of_steps.transpose(1, 0, 2)``.
        strategy: A strategy, its name, or a function of the last 63 returns.
        rebalance: Steps between trades, or "week", "month-end", "quarter", "year" or "never".
        costs: Cost as a fraction of the value traded, in [0, 0.5].
        history: Returns before the first step, for estimation only, shape (days, assets) for all
            paths or (paths, days, assets).
        dates: Date of each step, for calendar schedules; a frame brings its own.
        assets: Name of each asset, for strategies that know assets by name; a frame brings its own.
        dtype: Type to compute in; by default float32 for float32 returns, else float64.
        device: Where to compute; "auto" takes a CUDA device if there is one.
        chunk: Paths worked on at a time; by default what stays in the cache.
        keep_drifted: Whether to keep the weights before each trade.
        progress: Receives the number of paths done.

    Returns:
        Wealth, turnover, costs and weights of every path, on the CPU.

    Raises:
        DataError: Returns or history are not finite, not above -1, or of the wrong shape; or a
            strategy gives weights that are not finite or of the wrong shape.
        ConfigError: An argument is out of its range, or no trade ever has ``lookback`` returns.

    Example:
        >>> paths = np.random.default_rng(0).normal(0.001, 0.01, (100, 252, 5))
        >>> outcome = backtest(paths, "equal-weight", rebalance=21, costs=0.0005)
        >>> outcome.wealth.shape, outcome.turnover.shape
        ((100, 253), (100, 12))
        >>> float(outcome.turnover[0, 0].round(4))
        0.9995
    """
    panel = read_panel(returns, dates=dates, assets=assets)
    past = None if history is None else _read_history(history, panel)
    plan = _Plan(
        strategy=as_strategy(strategy),
        steps=rebalance_steps(panel.n_steps, rebalance, dates=panel.dates),
        rate=_check_costs(costs),
        dtype=_choose_dtype(dtype, panel),
        device=_choose_device(device),
        assets=panel.assets,
        dates=panel.dates,
    )
    _check_reach(plan, 0 if past is None else past.n_steps)
    outcome = _Outcome.empty(panel, plan, keep_drifted=keep_drifted)
    for start, end in _chunks(panel, plan, chunk):
        _run(panel, past, plan, start, end, outcome)
        progress("backtest", end, panel.n_paths)
    return outcome.freeze(panel, plan)


@dataclass(frozen=True)
class _Plan:
    strategy: Strategy
    steps: IntArray
    rate: float
    dtype: torch.dtype
    device: torch.device
    assets: tuple[str, ...]
    dates: pd.DatetimeIndex | None

    @property
    def row_bytes(self) -> int:
        return len(self.assets) * self.dtype.itemsize

    def moment(self, step: int) -> State:
        date = None if self.dates is None else self.dates[step]
        return State(step=step, assets=self.assets, date=date)


@dataclass(frozen=True)
class _Part:
    """The outcome of one chunk, time first: (rebalances, paths[, assets]).

    Args:
        worth: Wealth per unit of the segment's opening wealth, (longest segment, segments, paths).
        opening: Wealth just after each trade.
        turnover: As in ``Backtest``.
        costs: As in ``Backtest``.
        weights: Targets.
        drifted: Holdings before each trade, in units of the wealth after the trade before.
        scale: Wealth before each trade, in the same units.
    """

    worth: Tensor
    opening: Tensor
    turnover: Tensor
    costs: Tensor
    weights: Tensor
    drifted: Tensor
    scale: Tensor


def _run(
    panel: Panel, past: Panel | None, plan: _Plan, start: int, end: int, outcome: "_Outcome"
) -> None:
    if plan.strategy.lookback > 0:
        panel.check(start, end)
    returns = panel.paths(start, end).to(plan.device)
    weights = _decide(returns, _past_paths(past, start, end, plan.device), plan)
    # Strategies may learn by gradients; what follows has no use for them, and is faster without.
    with torch.inference_mode():
        lowest = returns.amin()
        growth = grow(returns, weights, plan.steps.tolist())
        worst, best = torch.aminmax(growth.worth)
        # A second look at the input is spared: nan is not above -1, and inf shows in the worth.
        if not (lowest > -1 and best < torch.inf):
            panel.check(start, end)
        part = _account(growth, weights, plan, may_lose_all=not worst > 0)
        outcome.put(start, end, part, plan.steps)


def _decide(returns: Tensor, past: Tensor | None, plan: _Plan) -> Tensor:
    """Ask the strategy at every trade; each time it gets the returns before that step alone."""
    shape = returns.shape[1:]
    if plan.strategy.lookback == 0:
        seen = torch.empty(0, *shape, dtype=plan.dtype, device=plan.device)
        fixed = _check_weights(plan.strategy.weights(seen, plan.moment(0)), seen, plan.rate)
        return fixed[None]
    n_paths = max(1, _HISTORY_BYTES[plan.device.type] // (plan.strategy.lookback * plan.row_bytes))
    targets = torch.empty(len(plan.steps), *shape, dtype=plan.dtype, device=plan.device)
    for i in range(0, shape[0], n_paths):
        j = min(i + n_paths, shape[0])
        known = None if past is None else past[:, i:j]
        for target, step in zip(targets[:, i:j], plan.steps.tolist(), strict=True):
            target[:] = _ask(returns[:, i:j], known, step, plan)
    return targets


def _ask(returns: Tensor, past: Tensor | None, step: int, plan: _Plan) -> Tensor:
    seen = _known(returns, past, step, plan.strategy.lookback)
    if seen is None:
        n_assets = returns.shape[-1]
        return torch.full((n_assets,), 1 / n_assets, dtype=plan.dtype, device=plan.device)
    # A copy: what a strategy writes into it must not reach the caller's returns.
    seen = seen.to(dtype=plan.dtype, device=plan.device, copy=True)
    return _check_weights(plan.strategy.weights(seen, plan.moment(step)), seen, plan.rate)


def _known(returns: Tensor, past: Tensor | None, step: int, lookback: int) -> Tensor | None:
    """Give the last ``lookback`` returns before ``step``, or None where there are fewer."""
    if step >= lookback:
        return returns[step - lookback : step]
    missing = lookback - step
    if past is None or len(past) < missing:
        return None
    return torch.cat([past[len(past) - missing :].to(returns), returns[:step]])


def _account(growth: Growth, weights: Tensor, plan: _Plan, *, may_lose_all: bool) -> _Part:
    worth, drifted = growth.worth, growth.brought
    if may_lose_all:
        worth.masked_fill_(worth.cummin(0).values <= 0, 0)
    # The portfolio comes to the first trade with all its wealth in cash.
    value = torch.cat([torch.ones_like(worth[-1, :1]), worth[-1, :-1]])
    if may_lose_all:
        drifted *= (value > 0)[..., None]
    after, traded = pay_costs(weights, drifted, value, rate=plan.rate)
    opening = after.clamp_min(0).cumprod(0)
    before = torch.cat([torch.ones_like(opening[:1]), opening[:-1]])
    scale = value.clamp_min(torch.finfo(value.dtype).tiny)
    return _Part(
        worth=worth,
        opening=opening,
        turnover=traded / scale,
        costs=plan.rate * traded * before,
        weights=weights,
        drifted=drifted,
        scale=scale,
    )


def _join(part: _Part, steps: IntArray, wealth: Tensor) -> None:
    """Put the segments of a part in a row, (steps, paths), without what fills the short ones."""
    n_steps, n_segments = len(wealth), len(steps)
    length = len(part.worth)
    if n_steps == length * n_segments:
        rows, places = part.worth.transpose(0, 1), wealth.view(n_segments, length, -1)
        room = places if places.device == rows.device else None
        joined = torch.mul(rows, part.opening[:, None], out=room)
        if room is None:
            places.copy_(joined)
        return
    every = np.arange(n_steps)
    segment = np.searchsorted(steps, every, side="right") - 1
    where = torch.from_numpy((every - steps[segment]) * n_segments + segment)
    worth = (part.worth * part.opening).flatten(0, 1)
    wealth.copy_(worth[where.to(worth.device)])


@dataclass(frozen=True)
class _Outcome:
    """Room for the whole outcome, time first so that chunks are written in long runs."""

    wealth: Tensor
    turnover: Tensor
    costs: Tensor
    weights: Tensor
    drifted: Tensor | None

    @classmethod
    def empty(cls, panel: Panel, plan: _Plan, *, keep_drifted: bool) -> "_Outcome":
        trades = (len(plan.steps), panel.n_paths)
        holdings = (*trades, len(panel.assets))
        fixed = plan.strategy.lookback == 0
        wealth = torch.empty(panel.n_steps + 1, panel.n_paths, dtype=plan.dtype)
        wealth[0] = 1
        return cls(
            wealth=wealth,
            turnover=torch.empty(trades, dtype=plan.dtype),
            costs=torch.empty(trades, dtype=plan.dtype),
            weights=torch.empty((1, *holdings[1:]) if fixed else holdings, dtype=plan.dtype),
            drifted=torch.empty(holdings, dtype=plan.dtype) if keep_drifted else None,
        )

    def put(self, start: int, end: int, part: _Part, steps: IntArray) -> None:
        _join(part, steps, self.wealth[1:, start:end])
        self.turnover[:, start:end] = part.turnover
        self.costs[:, start:end] = part.costs
        self.weights[:, start:end] = part.weights[: len(self.weights)]
        if self.drifted is not None:
            self.drifted[:, start:end] = part.drifted / part.scale[..., None]

    def freeze(self, panel: Panel, plan: _Plan) -> Backtest:
        weights = self.weights.numpy()
        shape = (len(plan.steps), *weights.shape[1:])
        if len(weights) != len(plan.steps):
            weights = np.broadcast_to(weights, shape)
        return Backtest(
            wealth=self.wealth.numpy().T,
            turnover=self.turnover.numpy().T,
            costs=self.costs.numpy().T,
            weights=weights.swapaxes(0, 1),
            steps=plan.steps,
            strategy=strategy_name(plan.strategy),
            assets=panel.assets,
            dates=panel.dates,
            drifted=None if self.drifted is None else self.drifted.numpy().swapaxes(0, 1),
        )


def _chunks(panel: Panel, plan: _Plan, chunk: int | None) -> Iterator[tuple[int, int]]:
    if chunk is not None and chunk < 1:
        raise ConfigError(f"chunk: expected at least 1 path, found {chunk!r}")
    path_bytes = len(plan.steps) * plan.row_bytes
    size = chunk or min(max(1, _CHUNK_BYTES[plan.device.type] // path_bytes), _MOST_PATHS)
    for start in range(0, panel.n_paths, size):
        yield start, min(start + size, panel.n_paths)


def _read_history(history: pd.DataFrame | Array | Tensor, panel: Panel) -> Panel:
    past = read_panel(history, name="history")
    if past.n_paths not in (1, panel.n_paths) or len(past.assets) != len(panel.assets):
        raise DataError(
            f"history: expected {len(panel.assets)} assets and 1 or {panel.n_paths} paths, as in "
            f"returns; found {len(past.assets)} assets and {past.n_paths} paths"
        )
    named = isinstance(history, pd.DataFrame) and panel.named
    if named and past.assets != panel.assets:
        raise DataError(
            f"history: expected the columns of returns in their order, {list(panel.assets)}; "
            f"found {list(past.assets)}"
        )
    past.check(0, past.n_paths)
    return past


def _past_paths(past: Panel | None, start: int, end: int, device: torch.device) -> Tensor | None:
    if past is None:
        return None
    if past.n_paths == 1:
        return past.paths(0, 1).to(device).expand(-1, end - start, -1)
    return past.paths(start, end).to(device)


def _check_weights(weights: Tensor, seen: Tensor, rate: float) -> Tensor:
    n_paths, n_assets = seen.shape[1:]
    if tuple(weights.shape) not in {(n_paths, n_assets), (1, n_assets), (n_assets,)}:
        raise DataError(
            f"strategy: expected weights of shape (paths, assets) = {(n_paths, n_assets)}, "
            f"found {tuple(weights.shape)}"
        )
    rows = weights[:1] if weights.ndim == 2 and weights.stride(0) == 0 else weights
    gross = float(total(rows.abs()).max())
    if not gross < torch.inf:
        raise DataError("strategy: expected finite weights, found nan or inf")
    if rate * gross > 0.5:
        raise ConfigError(
            f"costs: a rate of {rate} on positions of {gross:.4g} times wealth eats more than half "
            "of it in one trade; lower the costs or the leverage"
        )
    return weights.to(seen).expand(n_paths, n_assets)


def _check_costs(costs: float) -> float:
    if not 0 <= costs <= 0.5:
        raise ConfigError(
            f"costs: expected a fraction of the value traded in [0, 0.5], found {costs} "
            "(5 basis points are 0.0005)"
        )
    return float(costs)


def _check_reach(plan: _Plan, n_history: int) -> None:
    lookback, known = plan.strategy.lookback, int(plan.steps[-1]) + n_history
    if lookback > known:
        raise ConfigError(
            f"strategy {strategy_name(plan.strategy)!r} needs {lookback} returns before a trade, "
            f"but only {known} are known at the last one (step {plan.steps[-1]}); pass history=, "
            "longer paths or a shorter lookback"
        )


def _choose_dtype(dtype: str | None, panel: Panel) -> torch.dtype:
    if dtype not in (None, "float32", "float64"):
        raise ConfigError(f"dtype: expected 'float32' or 'float64', found {dtype!r}")
    name = dtype or str(panel.values.dtype).removeprefix("torch.")
    return torch.float32 if name == "float32" else torch.float64


def _choose_device(device: str) -> torch.device:
    if device not in ("cpu", "cuda", "auto"):
        raise ConfigError(f"device: expected 'cpu', 'cuda' or 'auto', found {device!r}")
    if device == "cuda" and not torch.cuda.is_available():
        raise ConfigError("device='cuda': no CUDA device was found; use 'cpu' or 'auto'")
    found = "cuda" if device != "cpu" and torch.cuda.is_available() else "cpu"
    return torch.device(found)
