"""Run one decision through many paths of returns: the door of the engine.

Time is counted so that wealth k is what the portfolio is worth after k returns and before any
trade at that moment. A trade at step k happens then, knows the returns before step k alone, and
its costs come out of wealth at once, so that they show in wealth k + 1.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Literal

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from scenara.finance.portfolio.account import Account, Costs
from scenara.finance.portfolio.checks import is_whole
from scenara.finance.portfolio.decisions import decide
from scenara.finance.portfolio.ledger import Market, keep_books
from scenara.finance.portfolio.limits import Limits
from scenara.finance.portfolio.outcome import Outcome
from scenara.finance.portfolio.panel import Panel, read_panel
from scenara.finance.portfolio.plan import Plan
from scenara.finance.portfolio.rebalancing import Rule
from scenara.finance.portfolio.result import Backtest
from scenara.finance.portfolio.schedule import rebalance_steps
from scenara.finance.portfolio.segments import follow
from scenara.finance.portfolio.sources import Sources, read_sources
from scenara.finance.portfolio.strategies import Strategy, as_strategy
from scenara.shared.errors import ConfigError
from scenara.shared.progress import Progress, silent
from scenara.shared.types import Array, IntArray

__all__ = ["Backtest", "backtest"]

# What the holdings of a chunk take up between two steps: a cache, or much of a GPU.
_CHUNK_BYTES = {"cpu": 2 << 20, "cuda": 256 << 20}
_MOST_PATHS = 4096


def backtest(
    returns: pd.DataFrame | Array | Tensor,
    strategy: Strategy | str | Callable[..., Any],
    *,
    rebalance: int | str | Rule = 21,
    costs: float | Costs = 0.0,
    account: Account | None = None,
    limits: Limits | None = None,
    dividends: pd.DataFrame | Array | Tensor | None = None,
    flows: Array | Tensor | None = None,
    history: pd.DataFrame | Array | Tensor | None = None,
    dates: pd.DatetimeIndex | None = None,
    history_dates: pd.DatetimeIndex | None = None,
    assets: Sequence[str] | None = None,
    dtype: Literal["float32", "float64"] | None = None,
    device: Literal["cpu", "cuda", "auto"] = "cpu",
    chunk: int | None = None,
    keep_drifted: bool = False,
    progress: Progress = silent,
) -> Backtest:
    """Trade a strategy on every path, with drift between trades and all that trading costs.

    At a trade the strategy names targets; wealth R and holdings d become wealth v and holdings
    w v with ``v + costs + taxes = R``, so costs are paid on exactly what is traded, the first
    purchase included. Between trades holdings grow with their assets. A strategy sees the returns
    before the step of the trade and no later ones: they are not passed to it. Until ``lookback``
    returns are known, equal weights are held.

    An asset whose returns begin later (or end earlier) than the path is missing there: it can't be
    held before, and is paid out at its last price after. What is wanted of it meanwhile goes to
    the others of its side, long or short, in proportion, or to cash if there are none. A strategy
    with a lookback holds it once its window is full.

    Args:
        returns: Simple returns: a frame (steps, assets) for one path, or an array or tensor
            (paths, steps, assets); price returns where there are dividends. Fastest where memory
            has time first, such as ``array_of_steps.transpose(1, 0, 2)``.
        strategy: A strategy, its name, or a function of the last 63 returns. A schedule of its own
            goes before ``rebalance``.
        rebalance: Steps between trades; "week", "month-end", "quarter", "year" or "never"; or a
            rule that decides path by path: ``Band`` or ``OnSignal``.
        costs: Cost as a fraction of the value traded, in [0, 0.5], or costs of every kind.
        account: Interest on cash and debt, fees on short positions, what becomes of dividends,
            taxes. Without it cash earns nothing and debt is free.
        limits: Limits on the weights that a strategy may name.
        dividends: Dividends of each step as a fraction of the price before it, shape as ``returns``
            or (steps, assets) for all paths.
        flows: Money paid in before each step, negative where it is drawn, in units of the initial
            wealth, shape (steps,) or (paths, steps). It comes from and goes to cash.
        history: Returns before the first step, for estimation only, shape (days, assets) for all
            paths or (paths, days, assets).
        dates: Date of each step, for calendar schedules; a frame brings its own.
        history_dates: Date of each return of the history, for strategies that ask for dates; a
            frame brings its own.
        assets: Name of each asset, for strategies that know assets by name; a frame brings its own.
        dtype: Type to compute in; by default float32 for float32 returns, else float64.
        device: Where to compute; "auto" takes a CUDA device if there is one.
        chunk: Paths worked on at a time; by default what stays in the cache.
        keep_drifted: Whether to keep the weights before each trade.
        progress: Receives the number of paths done.

    Returns:
        Wealth, turnover, costs and weights of every path, on the CPU.

    Raises:
        DataError: Returns, history, dividends or flows are not finite, not in their range, of the
            wrong shape, or their dates do not fit; or a strategy gives weights that are not finite or of the wrong shape.
        ConfigError: An argument is out of its range, or no trade ever has ``lookback`` returns.

    Example:
        >>> paths = np.random.default_rng(0).normal(0.001, 0.01, (100, 252, 5))
        >>> outcome = backtest(paths, "equal-weight", rebalance=21, costs=0.0005)
        >>> outcome.wealth.shape, outcome.turnover.shape
        ((100, 253), (100, 12))
        >>> float(outcome.turnover[0, 0].round(4))
        0.9995
        >>> float(backtest(paths, "equal-weight", account=Account(cash_rate=0.03)).cash[0, 1])
        0.0
    """
    panel = read_panel(returns, dates=dates, assets=assets)
    sources = read_sources(
        panel, history=history, dividends=dividends, flows=flows, history_dates=history_dates
    )
    followed = as_strategy(strategy)
    steps, rule = _moments(panel, getattr(followed, "schedule", None) or rebalance)
    plan = Plan(
        strategy=followed,
        n_steps=panel.n_steps,
        steps=steps,
        rule=rule,
        costs=costs if isinstance(costs, Costs) else Costs(proportional=costs),
        account=account,
        limits=limits,
        dtype=_choose_dtype(dtype, panel),
        device=_choose_device(device),
        assets=panel.assets,
        dates=panel.dates,
        history_dates=sources.history_dates,
        has_flows=flows is not None,
        has_dividends=dividends is not None,
        keep_drifted=keep_drifted,
    )
    plan.check_reach(sources.n_history)
    outcome = Outcome.empty(panel, plan)
    for start, end in _chunks(panel, plan, chunk):
        outcome = _run(sources, plan, outcome, start, end)
        progress("backtest", end, panel.n_paths)
    return outcome.freeze(panel, plan)


def _run(sources: Sources, plan: Plan, outcome: Outcome, start: int, end: int) -> Outcome:
    """Take the fast way where it leads, and the ledger where there is more to account for."""
    present = None
    careful = plan.strategy.lookback > 0 or not sources.history_is_complete
    if plan.needs_ledger or careful:
        present = sources.check(start, end)
    if not plan.needs_ledger and present is None:
        returns, past = sources.returns(start, end, plan), sources.past(start, end, plan)
        weights = decide(returns, past, plan)
        # Strategies may learn by gradients; what follows does not, and is faster without.
        with torch.inference_mode():
            part = follow(returns, weights, plan)
            if part is not None:
                outcome.put(start, end, part, plan)
                return outcome
        present = sources.check(start, end)
    market = Market(
        returns=sources.returns(start, end, plan),
        past=sources.past(start, end, plan),
        present=None if present is None else present.to(plan.device),
        dividends=sources.dividends(start, end, plan),
        flows=sources.flows(start, end, plan),
    )
    return outcome.put_records(start, end, keep_books(market, plan))


def _moments(panel: Panel, rebalance: int | str | Rule) -> tuple[IntArray, Rule | None]:
    if isinstance(rebalance, int | float | str | np.integer):
        return rebalance_steps(panel.n_steps, rebalance, dates=panel.dates), None
    if not hasattr(rebalance, "orders"):
        raise ConfigError(
            "rebalance: expected a number of steps, a schedule such as 'month-end', or a rule such "
            f"as Band(0.05); found {rebalance!r}"
        )
    return rebalance_steps(panel.n_steps, rebalance.every, dates=panel.dates), rebalance


def _chunks(panel: Panel, plan: Plan, chunk: int | None) -> Iterator[tuple[int, int]]:
    if chunk is not None and not (is_whole(chunk) and chunk >= 1):
        raise ConfigError(f"chunk: expected a whole number, at least 1 path, found {chunk!r}")
    path_bytes = plan.n_rows * plan.row_bytes
    size = int(chunk or 0) or min(max(1, _CHUNK_BYTES[plan.device.type] // path_bytes), _MOST_PATHS)
    for start in range(0, panel.n_paths, size):
        yield start, min(start + size, panel.n_paths)


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
