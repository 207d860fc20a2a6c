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
    later: pd.DataFrame,
    *,
    rebalance: int = 21,
    costs: float = 0.0005,
    tear_sheet: str | None = None,
    progress: Progress = silent,
) -> StrategyOutcome:
    """Trade one strategy in every world, in each real window as long as a world, and over all days.

    Args:
        name: Name of the strategy.
        worlds: Simple daily returns, shape (n_paths, horizon, assets).
        later: Simple daily returns of the real later days.
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
    windows, starts = _windows(later, worlds.shape[1])
    whole = run(later)
    return StrategyOutcome(
        worlds=summarise(run(worlds, progress=progress)),
        windows=summarise(run(windows)).set_index(starts),
        whole={str(name): float(value) for name, value in summarise(whole).iloc[0].items()},
        description=(type(strategy).__doc__ or "").splitlines()[0],
        tear_sheet=tear_sheet,
        wealth=pd.Series(whole.wealth[0, 1:], index=later.index),
    )


def _windows(later: pd.DataFrame, horizon: int) -> tuple[FloatArray, pd.Index]:
    n_windows = len(later) // horizon
    if n_windows == 0:
        raise DataError(
            f"{len(later)} later days are fewer than a world of {horizon}; choose a shorter "
            "--horizon or an earlier --until"
        )
    values = later.to_numpy()[: n_windows * horizon]
    starts = later.index[: n_windows * horizon : horizon]
    return values.reshape(n_windows, horizon, -1), starts


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
