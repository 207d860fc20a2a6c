"""What a table of prices must satisfy before a model may learn from it."""

from typing import Any, cast

import numpy as np
import pandas as pd

from scenara.shared.data.origin import Origin, shown
from scenara.shared.errors import DataError
from scenara.shared.types import Array

__all__ = [
    "check_assets",
    "check_calendar",
    "check_dates",
    "check_jumps",
    "check_prices_sound",
    "to_numbers",
]

_TYPICAL_GAP = 4
_N_TO_JUDGE_FREQUENCY = 10


def _at(prices: pd.DataFrame, where: Origin, row: int, column: object = None) -> str:
    return f"{where.place(row, column)} ({prices.index[row]:%Y-%m-%d})"


def _first(mask: Array) -> tuple[int, int]:
    """Find the first True of a table, row by row."""
    row = int(mask.any(axis=1).argmax())
    return row, int(mask[row].argmax())


def check_assets(columns: pd.Index, where: Origin, *, minimum: int, maximum: int) -> None:
    """Refuse too few or too many assets, an asset twice, and one asset's open, high, low, close.

    Args:
        columns: Names of the assets.
        where: Origin of the table.
        minimum: Fewest assets.
        maximum: Most assets.

    Raises:
        DataError: Naming the count or the column.

    Example:
        >>> check_assets(pd.Index(["A", "B"]), Origin("prices"), minimum=2, maximum=500)
    """
    if len(columns) > maximum:
        raise DataError(
            f"{where.place()}: found {len(columns):,} assets, expected at most {maximum:,}; "
            "choose fewer columns, or raise maximum_assets"
        )
    if not columns.is_unique:
        twice = columns[columns.duplicated()][0]
        raise DataError(f"{where.place(None, twice)}: stands there twice; rename or drop one")
    if {"open", "high", "low", "close"} <= {str(name).strip().casefold() for name in columns}:
        raise DataError(
            f"{where.place()}: found open, high, low and close of one asset, expected one column "
            "of prices an asset; join the closing prices of several assets by date"
        )
    if len(columns) < minimum:
        raise DataError(
            f"{where.place()}: found {_count(len(columns), 'asset')}, expected at least {minimum}; "
            "add columns of prices, one an asset"
        )


def _count(n: int, noun: str) -> str:
    return f"{n:,} {noun}" if n == 1 else f"{n:,} {noun}s"


def check_dates(prices: pd.DataFrame, where: Origin, *, minimum_rows: int) -> None:
    """Refuse a date that comes twice, dates out of order, and too few of them.

    Args:
        prices: Shape (days, assets), indexed by day.
        where: Origin of the table.
        minimum_rows: Fewest rows.

    Raises:
        DataError: Naming the row.
    """
    dates = prices.index
    twice = dates.duplicated()
    if twice.any():
        i = int(twice.argmax())
        first = where.row(int((dates == dates[i]).argmax()))
        above = f" in {first}" if first else ""
        raise DataError(
            f"{where.place(i, 'date')}: the day {dates[i]:%Y-%m-%d} stands there already{above}; "
            "keep one row a day"
        )
    back = np.flatnonzero(np.diff(dates.to_numpy()) < np.timedelta64(0, "D"))
    if back.size:
        i = int(back[0]) + 1
        raise DataError(
            f"{where.place(i, 'date')}: {dates[i]:%Y-%m-%d} comes after {dates[i - 1]:%Y-%m-%d}; "
            "sort the rows by date, oldest first"
        )
    if len(dates) < minimum_rows:
        raise DataError(
            f"{where.place()}: found {_count(len(dates), 'row')} of prices, expected at least "
            f"{minimum_rows:,}; give a longer history"
        )


def _number(cell: object) -> float:
    """Give the number that a cell holds or spells, else NaN; a truth value is no number."""
    try:
        return np.nan if isinstance(cell, bool) else float(cast(float, cell))
    except (TypeError, ValueError, OverflowError):
        return np.nan


def _first_wrong(cells: "pd.Series[Any]", is_wrong: Array) -> tuple[int, str]:
    """Find the cell to blame, and the advice: one that is text, else the first odd mark."""
    texts = cells.astype(str).str.strip()
    is_text = is_wrong & ~texts.str.fullmatch(r"[+-]?\d[\d.,]*").to_numpy(dtype=bool)
    if is_text.any():
        return int(is_text.argmax()), "mend the cell"
    marks = texts.str.extract(r"([.,])[^.,]*$", expand=False).where(cells.notna())
    usual = marks.dropna().iloc[:1].tolist()
    is_odd = (marks.notna() & ~marks.isin(usual)).to_numpy()
    if is_odd.any():
        return int(is_odd.argmax()), "use one decimal mark throughout, or say decimal="
    return int(is_wrong.argmax()), "mend the cell"


def to_numbers(prices: pd.DataFrame, where: Origin) -> pd.DataFrame:
    """Make every column float64, and refuse a cell that is no number.

    Args:
        prices: Shape (days, assets), indexed by day.
        where: Origin of the table.

    Returns:
        The same table as float64; missing cells are NaN.

    Raises:
        DataError: Naming the row and the column of the first such cell.

    Example:
        >>> table = pd.DataFrame({"A": ["1", "2.5"]}, index=pd.to_datetime(["2020-01-02"] * 2))
        >>> to_numbers(table, Origin("prices"))["A"].tolist()
        [1.0, 2.5]
    """
    done = {}
    for column in prices.columns:
        cells = prices[column]
        if cells.dtype.kind in "fiu":
            done[column] = cells.to_numpy(dtype=np.float64, na_value=np.nan)
            continue
        numbers = np.array([_number(cell) for cell in cells], dtype=np.float64)
        is_wrong = cells.notna().to_numpy() & np.isnan(numbers)
        if is_wrong.any():
            i, advice = _first_wrong(cells, is_wrong)
            found = shown(cells.iloc[i])
            place = _at(prices, where, i, column)
            raise DataError(f"{place}: expected a number, found {found}; {advice}")
        done[column] = numbers
    return pd.DataFrame(done, index=prices.index, columns=prices.columns)


def _refuse_missing(prices: pd.DataFrame, where: Origin, row: int, column: int) -> DataError:
    known = np.flatnonzero(prices.iloc[:, column].notna())
    advice = "fill it in, or leave out the row or the column"
    if not known.size:
        advice = "the whole column is empty: leave it out"
    elif row < known[0]:
        day = prices.index[known[0]]
        advice = f"the first one is of {day:%Y-%m-%d}: start the table there, or leave it out"
    elif row > known[-1]:
        day = prices.index[known[-1]]
        advice = f"the last one is of {day:%Y-%m-%d}: end the table there, or leave it out"
    place = _at(prices, where, row, prices.columns[column])
    return DataError(f"{place}: the price is missing; {advice}")


def check_prices_sound(prices: pd.DataFrame, where: Origin) -> None:
    """Refuse a price that is missing, infinite, zero or negative, and one that never moves.

    Args:
        prices: Shape (days, assets), float64, indexed by day.
        where: Origin of the table.

    Raises:
        DataError: Naming the row and the column.
    """
    values = prices.to_numpy()
    missing = np.isnan(values)
    if missing.any():
        raise _refuse_missing(prices, where, *_first(missing))
    wrong = ~np.isfinite(values) | (values <= 0)
    if wrong.any():
        row, column = _first(wrong)
        place = _at(prices, where, row, prices.columns[column])
        raise DataError(
            f"{place}: expected a price above 0, found {shown(values[row, column])}; "
            "mend the cell, or leave out the row or the column"
        )
    constant = (values == values[:1]).all(axis=0)
    if len(values) > 1 and constant.any():
        name = prices.columns[int(constant.argmax())]
        raise DataError(
            f"{where.place(None, name)}: the price is {shown(prices[name].iloc[0])} in every row; "
            "leave the column out"
        )


def check_calendar(prices: pd.DataFrame, where: Origin, *, maximum_gap_days: int) -> None:
    """Refuse prices that are not daily, and a hole that no holiday explains.

    Args:
        prices: Shape (days, assets), indexed by day, sorted.
        where: Origin of the table.
        maximum_gap_days: Longest time between two rows, in calendar days.

    Raises:
        DataError: Naming the row and both dates.
    """
    gaps = np.diff(prices.index.to_numpy().astype("datetime64[D]")).astype(np.int64)
    if gaps.size >= _N_TO_JUDGE_FREQUENCY and np.median(gaps) > _TYPICAL_GAP:
        raise DataError(
            f"{where.place(None, 'date')}: found a row every {np.median(gaps):g} days, expected "
            "one every trading day; give daily prices"
        )
    wide = np.flatnonzero(gaps > maximum_gap_days)
    if wide.size:
        i = int(wide[0]) + 1
        before, after = prices.index[i - 1], prices.index[i]
        raise DataError(
            f"{where.place(i, 'date')}: {gaps[i - 1]} days lie between {before:%Y-%m-%d} and "
            f"{after:%Y-%m-%d}, expected at most {maximum_gap_days}; fill in the missing days, or "
            "raise maximum_gap_days"
        )


def check_jumps(prices: pd.DataFrame, where: Origin, *, maximum_jump: float) -> None:
    """Refuse a price that is a multiple of the one before, as after a split not adjusted for.

    Args:
        prices: Shape (days, assets), positive, indexed by day.
        where: Origin of the table.
        maximum_jump: Largest factor between two rows, up or down.

    Raises:
        DataError: Naming the row and the column.
    """
    moves = np.abs(np.diff(np.log(prices.to_numpy()), axis=0))
    if not (moves > np.log(maximum_jump)).any():
        return
    row, column = _first(moves > np.log(maximum_jump))
    pair = prices.iloc[row : row + 2, column]
    raise DataError(
        f"{_at(prices, where, row + 1, prices.columns[column])}: {shown(pair.iloc[1])} follows "
        f"{shown(pair.iloc[0])}, a factor above {maximum_jump:g}; mend a typing error or a split, "
        "or raise maximum_jump"
    )
