"""Strategies traded in every world and in the real later days, by the same engine and costs."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from scenara.finance.market.results import StrategyOutcome
from scenara.finance.portfolio import backtest, make_strategy, summarise
from scenara.finance.portfolio.tear_sheet import write_tear_sheet
from scenara.shared.errors import DataError
from scenara.shared.progress import Progress, silent
from scenara.shared.types import FloatArray

__all__ = ["trade", "write_tear_sheets"]


def trade(
    name: str,
    worlds: FloatArray,
    real: pd.DataFrame,
    *,
    past: FloatArray | None = None,
    first_day: pd.Timestamp,
    rebalance: int = 21,
    costs: float = 0.0005,
    tear_sheet: str | None = None,
    progress: Progress = silent,
) -> StrategyOutcome:
    """Trade one strategy in every world, in each real window as long as a world, and at a stretch.

    Where the days before a world are known, the strategy may estimate from them from the first
    day on, as it may from the real days before a real window.

    Args:
        name: Name of the strategy.
        worlds: Simple daily returns, shape (n_paths, horizon, assets).
        real: Simple daily returns of all real days.
        past: Simple daily returns before each world, shape (n_paths, days, assets).
        first_day: First of the real days that are traded.
        rebalance: Days between trades.
        costs: Costs as a fraction of the value traded.
        tear_sheet: Relative path of the tear sheet that will be written.
        progress: Told how many worlds are done.

    Returns:
        The outcome.

    Raises:
        ConfigError: The strategy is unknown, or looks back further than a world is long.
    """
    strategy = make_strategy(name)
    run = partial(backtest, strategy=strategy, rebalance=rebalance, costs=costs)
    before, later = real[real.index < first_day], real[real.index >= first_day]
    n_past = 0 if past is None else past.shape[1]
    windows, befores, starts = _windows(real, len(before), worlds.shape[1], n_past)
    whole = run(later, history=before)
    return StrategyOutcome(
        worlds=summarise(run(worlds, history=past, progress=progress)),
        windows=summarise(run(windows, history=befores)).set_index(starts),
        whole={str(figure): float(value) for figure, value in summarise(whole).iloc[0].items()},
        description=f"{(type(strategy).__doc__ or '').splitlines()[0]} Settings: {strategy!r}.",
        tear_sheet=tear_sheet,
        wealth=pd.Series(whole.wealth[0, 1:], index=later.index),
    )


def _windows(
    real: pd.DataFrame, first: int, horizon: int, n_past: int
) -> tuple[FloatArray, FloatArray | None, pd.Index]:
    starts = np.arange(first, len(real) - horizon + 1, horizon)
    if len(starts) == 0:
        raise DataError(
            f"{len(real) - first} later days are fewer than a world of {horizon}; choose a "
            "shorter --horizon or an earlier --until"
        )
    if n_past > first:
        raise DataError(f"expected {n_past} days before the first real window, found {first}")
    values = real.to_numpy()
    windows = np.stack([values[start : start + horizon] for start in starts])
    befores = np.stack([values[start - n_past : start] for start in starts]) if n_past else None
    return windows, befores, real.index[starts]


def write_tear_sheets(
    outcomes: Mapping[str, StrategyOutcome], folder: Path, *, progress: Progress = silent
) -> None:
    """Write the tear sheet of each strategy over the real later days.

    Args:
        outcomes: Name -> outcome; those without a path for a tear sheet are left out.
        folder: The paths are relative to it.
        progress: Told of each sheet.

    Raises:
        MissingExtraError: quantstats is not installed.
    """
    sheets = {name: outcome for name, outcome in outcomes.items() if outcome.tear_sheet}
    for done, (name, outcome) in enumerate(sheets.items(), start=1):
        assert outcome.wealth is not None
        assert outcome.tear_sheet is not None
        wealth = np.concatenate([[1.0], outcome.wealth.to_numpy()])
        returns = pd.Series(wealth[1:] / wealth[:-1] - 1, index=outcome.wealth.index, name=name)
        write_tear_sheet(returns, folder / outcome.tear_sheet, title=name)
        progress("tear sheets", done, len(sheets), name)
