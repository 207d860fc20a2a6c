"""Strategies traded in every world and in the real later days, by the same engine and costs."""

import re
from collections.abc import Iterable, Mapping
from inspect import cleandoc
from pathlib import Path
from typing import Any

import pandas as pd

from scenara.finance.market.results import StrategyOutcome, TearSheet
from scenara.finance.portfolio import Backtest, Strategy, backtest, summarise
from scenara.finance.portfolio.tear_sheet import write_tear_sheet
from scenara.shared.errors import DataError
from scenara.shared.progress import Progress, silent
from scenara.shared.types import FloatArray

__all__ = ["day_labels", "sheet_stems", "trade", "write_tear_sheets"]

_PERCENTILES = (5, 50, 95)
_DRAWN = 1_000
"""Worlds that a fan of wealth is drawn of."""

_LONGEST = 120
_FUNCTION = re.compile(r"<function ([\w.]*(?:<\w+>[\w.]*)*) at 0x[0-9a-fA-F]+>")
_OBJECT = re.compile(r"<(?:[^<>]*(?:<locals>)?\.)?(\w+) object at 0x[0-9a-fA-F]+>")
_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")
"""How Python writes what has no words of its own: by its place in memory."""


def trade(
    name: str,
    strategy: Strategy,
    worlds: FloatArray,
    real: pd.DataFrame,
    *,
    past: FloatArray | None = None,
    first_day: pd.Timestamp,
    tear_sheets: str = "",
    progress: Progress = silent,
    **trading: Any,  # noqa: ANN401  (what the engine takes)
) -> StrategyOutcome:
    """Trade one strategy in every world, in each real window as long as a world, and at a stretch.

    Where the days before a world are known, the strategy may estimate from them from the first
    day on, as it may from the real days before a real window. Worlds bear the dates of the first
    real days.

    Args:
        name: What to call it.
        strategy: The strategy.
        worlds: Simple daily returns, shape (n_paths, horizon, assets).
        real: Simple daily returns of all real days.
        past: Simple daily returns before each world, shape (n_paths, days, assets).
        first_day: First of the real days that are traded.
        tear_sheets: How the names of its tear sheets begin, see :func:`sheet_stems`: of the real
            days and of the worlds at the 5th, 50th and 95th percentile of final wealth. Empty: none.
        progress: Told how many worlds are done.
        **trading: What the engine takes, such as ``rebalance`` and ``costs``.

    Returns:
        The outcome.

    Raises:
        ConfigError: The strategy looks back further than a world is long.
        DataError: A real window does not fit into the real days.
    """
    before, later = real[real.index < first_day], real[real.index >= first_day]
    windows = _windows(real, len(before), worlds.shape[1], 0 if past is None else past.shape[1])
    made = backtest(
        worlds,
        strategy,
        history=past,
        dates=day_labels(later.index, worlds.shape[1]),
        history_dates=None if past is None else _days_before(before, past.shape[1]),
        assets=[str(asset) for asset in real.columns],
        progress=progress,
        **trading,
    )
    whole = backtest(later, strategy, history=before, **trading)
    lived = [backtest(days, strategy, history=known, **trading) for known, days in windows]
    figures = pd.concat([summarise(outcome) for outcome in lived])
    return StrategyOutcome(
        worlds=summarise(made),
        windows=figures.set_index(pd.Index([days.index[0] for _, days in windows])),
        whole={str(figure): float(value) for figure, value in summarise(whole).iloc[0].items()},
        description=_describe(strategy),
        tear_sheets=_sheets(tear_sheets, whole, made) if tear_sheets else (),
        wealth=pd.Series(whole.wealth[0, 1:], index=later.index),
        paths=made.wealth[:_DRAWN],
        lived={
            f"{days.index[0]:%Y-%m}": outcome.wealth[0]
            for (_, days), outcome in zip(windows, lived, strict=True)
        },
    )


def day_labels(days: pd.Index, n: int) -> pd.DatetimeIndex:
    """Date the days of a world: as the first real days, and business days where those end.

    Args:
        days: The real days.
        n: Number of days of a world.

    Returns:
        The dates.

    Example:
        >>> day_labels(pd.DatetimeIndex(["2024-03-28"]), 2).strftime("%Y-%m-%d").tolist()
        ['2024-03-28', '2024-03-29']
    """
    known = pd.DatetimeIndex(days[:n])
    more = pd.bdate_range(known[-1], periods=n - len(known) + 1)[1:]
    return pd.DatetimeIndex(known.append(more))


def _days_before(before: pd.DataFrame, n_past: int) -> pd.DatetimeIndex:
    return pd.DatetimeIndex(before.index[len(before) - n_past :])


def _windows(
    real: pd.DataFrame, first: int, horizon: int, n_past: int
) -> list[tuple[pd.DataFrame | None, pd.DataFrame]]:
    """Give the days before each real window, and those in it."""
    starts = range(first, len(real) - horizon + 1, horizon)
    if len(starts) == 0:
        raise DataError(
            f"{len(real) - first} later days are fewer than a world of {horizon}; choose a "
            "shorter --horizon or an earlier --until"
        )
    if n_past > first:
        raise DataError(f"expected {n_past} days before the first real window, found {first}")
    return [
        (real.iloc[start - n_past : start] if n_past else None, real.iloc[start : start + horizon])
        for start in starts
    ]


def _describe(strategy: Strategy) -> str:
    """Say what a strategy is; without addresses in memory, which differ from run to run."""
    kind = type(strategy)
    lines = cleandoc(kind.__doc__ or "").splitlines()
    settings = _ADDRESS.sub("", _OBJECT.sub(r"\1", _FUNCTION.sub(r"\1", repr(strategy))))
    return f"{lines[0].rstrip('.') if lines else kind.__name__}. Settings: {settings}."


def sheet_stems(names: Iterable[str]) -> dict[str, str]:
    """Give how the names of each strategy's tear sheets begin.

    Where two would begin alike but for small letters and capitals, or one is too long for a file
    system, all are numbered.

    Args:
        names: Names of the strategies.

    Returns:
        Name -> first part of a file name.

    Example:
        >>> sheet_stems(["momentum(lookback=63)"])
        {'momentum(lookback=63)': 'tear-sheet-momentum-lookback-63'}
        >>> list(sheet_stems(["hold(-0.1)", "hold(0.1)"]).values())
        ['tear-sheet-1-hold-0.1', 'tear-sheet-2-hold-0.1']
    """
    words = {name: re.sub(r"[^A-Za-z0-9.]+", "-", name).strip("-") for name in names}
    distinct = len({word.lower() for word in words.values()}) == len(words)
    if distinct and all(0 < len(word) <= _LONGEST for word in words.values()):
        return {name: f"tear-sheet-{word}" for name, word in words.items()}
    return {
        name: f"tear-sheet-{number}-{word[:_LONGEST]}".rstrip("-")
        for number, (name, word) in enumerate(words.items(), start=1)
    }


def _sheets(stem: str, whole: Backtest, made: Backtest) -> tuple[TearSheet, ...]:
    days = whole.dates
    assert days is not None
    order = made.wealth[:, -1].argsort()
    worlds = {
        percentile: made.returns_of(int(order[round(percentile / 100 * (len(order) - 1))]))
        for percentile in _PERCENTILES
    }
    return (
        TearSheet(f"real days, {days[0]:%Y}–{days[-1]:%Y}", f"{stem}.html", whole.returns_of()),
        *(
            TearSheet(
                f"world at the {percentile}th percentile of final wealth",
                f"{stem}-world-{percentile:02d}.html",
                returns,
            )
            for percentile, returns in worlds.items()
        ),
    )


def write_tear_sheets(
    outcomes: Mapping[str, StrategyOutcome], folder: Path, *, progress: Progress = silent
) -> None:
    """Write the tear sheets of all strategies.

    Args:
        outcomes: Name -> outcome.
        folder: Their paths are relative to it.
        progress: Told of each sheet.

    Raises:
        MissingExtraError: quantstats is not installed.
    """
    sheets = [(name, sheet) for name, outcome in outcomes.items() for sheet in outcome.tear_sheets]
    for done, (name, sheet) in enumerate(sheets, start=1):
        write_tear_sheet(sheet.returns, folder / sheet.file, title=f"{name}: {sheet.path}")
        progress("tear sheets", done, len(sheets), name)
