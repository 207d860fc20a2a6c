"""The dates of a price table: unambiguous, of one time zone, one for each row."""

import re
from typing import Any

import numpy as np
import pandas as pd

from scenara.shared.data.origin import Origin, shown
from scenara.shared.errors import DataError
from scenara.shared.types import Array

__all__ = ["find_date_column", "parse_dates"]

_ISO = r"(\d{4})([-/]?)(\d{2})\2(\d{2})(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?"
_OFFSET = r":\d{2}(?:\.\d+)?\s*(Z|UTC|[+-]\d{2}(?::?\d{2})?)$"
_ANY_ORDER = r"\d{1,2}([-/. ])\d{1,2}[-/. ]\d{2,4}.*"
_NAMES = ("date", "datetime", "timestamp", "day", "time", "trade_date", "trading_day")
_NAMELESS = re.compile(r"(?:Unnamed: 0|index|level_0)?")


def _looks_like_a_date(cell: object) -> bool:
    return bool(re.fullmatch(rf"(?:{_ISO}|{_ANY_ORDER}).*", str(cell)))


def find_date_column(frame: pd.DataFrame, where: Origin, *, column: str | None = None) -> str:
    """Find the column that holds the dates.

    Args:
        frame: The table as it was read.
        where: Its origin, for messages.
        column: Its name, where the user gave one.

    Returns:
        That name; else the column called date or the like; else the first column, if it has no
        name or its first cell looks like a date.

    Raises:
        DataError: If there is no such column, or the first line holds data instead of names.

    Example:
        >>> find_date_column(pd.DataFrame({"Date": [], "AAPL": []}), Origin("a.csv"))
        'Date'
    """
    names: list[Any] = list(frame.columns)
    listed = ", ".join(map(str, names[:8]))
    if column is not None and column not in names:
        raise DataError(f"{where.place()}: there is no column {shown(column)}; it has: {listed}")
    if column is not None:
        return column
    if re.fullmatch(_ISO, str(names[0])):
        raise DataError(
            f"{where.place()}: the first line holds data ({shown(names[0])}), expected the names "
            "of the columns; write a line such as date,AAPL,MSFT above it"
        )
    by_name = {str(name).strip().casefold(): name for name in reversed(names)}
    known = [by_name[name] for name in _NAMES if name in by_name]
    first = frame[names[0]]
    if not known and (
        _NAMELESS.fullmatch(str(names[0]))
        or first.dtype.kind == "M"
        or (len(first) and _looks_like_a_date(first.iloc[0]))
    ):
        known = names[:1]
    if not known:
        raise DataError(
            f"{where.place()}: found no column of dates among: {listed}; call it date, or say "
            "which it is with date_column="
        )
    return str(known[0]) if isinstance(known[0], str) else known[0]


def _refuse_date(cell: str, position: int, where: Origin, column: object) -> DataError:
    place = where.place(position, column)
    order = re.fullmatch(_ANY_ORDER, cell)
    if order:
        mark = order.group(1)
        day_first, month_first = f"%d{mark}%m{mark}%Y", f"%m{mark}%d{mark}%Y"
        return DataError(
            f"{place}: date {shown(cell)} may be day first or month first; write ISO 8601 dates "
            f"such as 2020-01-31, or say date_format={day_first!r} or {month_first!r}"
        )
    return DataError(
        f"{place}: expected a date, found {shown(cell)}; accepted are ISO 8601 dates such as "
        "2020-01-31, 2020/01/31 and 20200131, or what date_format= says"
    )


def _without_offsets(cells: "pd.Series[str]", where: Origin, column: object) -> "pd.Series[str]":
    """Cut the offset off, so that the local day remains, and refuse a mix of them."""
    offsets = cells.str.extract(_OFFSET, expand=False).fillna("none").replace("UTC", "Z")
    other = (offsets != offsets.iloc[0]).to_numpy()
    if other.any():
        i = int(other.argmax())
        raise DataError(
            f"{where.place(i, column)}: time zone {offsets.iloc[i]}, but {offsets.iloc[0]} in the "
            "rows above; write dates without time, or one time zone throughout"
        )
    return cells.str.replace(
        r"(:\d{2}(?:\.\d+)?)\s*(?:Z|UTC|[+-]\d{2}(?::?\d{2})?)$", r"\1", regex=True
    )


def _parse_text(
    cells: "pd.Series[str]", where: Origin, column: object, date_format: str | None
) -> pd.DatetimeIndex:
    local = _without_offsets(cells, where, column)
    if date_format is not None:
        plain = date_format.replace("%z", "").strip()
        days = pd.to_datetime(local, format=plain, errors="coerce")
    else:
        parts = local.str.extract(f"^{_ISO}$")
        iso = parts[0] + "-" + parts[2] + "-" + parts[3]
        days = pd.to_datetime(iso, format="%Y-%m-%d", errors="coerce")
    wrong = days.isna().to_numpy()
    if wrong.any():
        i = int(wrong.argmax())
        if date_format is None:
            raise _refuse_date(cells.iloc[i], i, where, column)
        raise DataError(
            f"{where.place(i, column)}: expected a date as date_format={date_format!r} says, "
            f"found {shown(cells.iloc[i])}; mend the cell or the format"
        )
    return pd.DatetimeIndex(days)


def _refuse_missing(missing: Array, where: Origin, column: object) -> None:
    if missing.any():
        place = where.place(int(missing.argmax()), column)
        raise DataError(f"{place}: the date is missing; fill it in, or leave the row out")


def parse_dates(
    cells: "pd.Series[Any] | pd.Index[Any]",
    where: Origin,
    *,
    column: object = None,
    date_format: str | None = None,
) -> pd.DatetimeIndex:
    """Parse the dates of a table, one trading day a row, without guessing.

    Accepted is ISO 8601, year first, with or without a time; the local day counts, its time and
    time zone are dropped. Day-first and month-first dates need ``date_format``.

    Args:
        cells: Shape (rows,): text, whole numbers such as 20200131, or date-times.
        where: Origin of the rows, for messages.
        column: Name of the column, for messages.
        date_format: Format of the text in the codes of ``strptime``.

    Returns:
        Shape (rows,): midnights without time zone, named ``"date"``.

    Raises:
        DataError: If a cell is missing, no date, ambiguous, or of another time zone.

    Example:
        >>> dates = pd.Series(["2020-01-02T16:00:00-05:00", "2020-01-03T16:00:00-05:00"])
        >>> list(parse_dates(dates, Origin("a.csv")).strftime("%d %b"))
        ['02 Jan', '03 Jan']
    """
    series = pd.Series(cells).reset_index(drop=True)
    _refuse_missing(series.isna().to_numpy(), where, column)
    if series.dtype.kind == "M":
        days = pd.DatetimeIndex(series)
    elif not len(series):
        days = pd.DatetimeIndex([])
    else:
        if series.dtype.kind == "f" and bool(np.all(series % 1 == 0)):
            series = series.astype(np.int64)
        days = _parse_text(series.map(str).str.strip(), where, column, date_format)
    return days.tz_localize(None).normalize().rename("date")
