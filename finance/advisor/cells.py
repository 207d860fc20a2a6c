"""Tables of facts that a person keeps by hand, read cell by cell, each mistake with its place."""

import math
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from typing import Any

import pandas as pd

from scenara.shared.data.options import ReadOptions
from scenara.shared.data.origin import Origin, shown
from scenara.shared.data.read import read_located
from scenara.shared.errors import DataError

__all__ = ["Cells", "nearest", "read_cells"]


def nearest(word: str, known: Sequence[str]) -> str:
    """Give the advice that follows a word that is not known.

    Args:
        word: What was found.
        known: What would have been understood; not empty.

    Example:
        >>> nearest("BNDD", ["BND", "VTI"])
        "did you mean 'BND'?"
    """
    by_case = {name.casefold(): name for name in known}
    close = get_close_matches(word.casefold(), list(by_case), n=1, cutoff=0.0)[0]
    return f"did you mean {by_case[close]!r}?"


@dataclass(frozen=True)
class Cells:
    """Give the cells of a table as what they should be, or refuse them by line and column.

    Args:
        frame: The table as it was read, (rows, columns).
        origin: Where its rows came from.

    Example:
        >>> cells = Cells(pd.DataFrame({"price": [10.0, -1.0]}), Origin("funds.csv"))
        >>> cells.number(0, "price", above=0)
        10.0
        >>> cells.number(1, "price", above=0)
        Traceback (most recent call last):
        ...
        scenara.shared.errors.DataError: funds.csv, row 2, column 'price': expected a number \
above 0, found -1.0
    """

    frame: pd.DataFrame
    origin: Origin

    def __len__(self) -> int:
        return len(self.frame)

    def has(self, row: int, column: str) -> bool:
        """Say whether a cell is there and not empty.

        Args:
            row: Row, from 0.
            column: Name of the column.
        """
        return column in self.frame.columns and bool(self._cell(row, column).strip())

    def text(self, row: int, column: str) -> str:
        """Give a cell as text that is not empty.

        Args:
            row: Row, from 0.
            column: Name of the column.

        Raises:
            DataError: The cell is empty.
        """
        text = self._cell(row, column).strip()
        if not text:
            raise self.wrong(row, column, "the cell is empty; fill it in")
        return text

    def number(
        self,
        row: int,
        column: str,
        *,
        above: float = -math.inf,
        low: float = -math.inf,
        high: float = math.inf,
    ) -> float:
        """Give a cell as a finite number within bounds.

        Args:
            row: Row, from 0.
            column: Name of the column.
            above: The number must be greater.
            low: Least number.
            high: Greatest number.

        Raises:
            DataError: The cell is empty, no number, not finite or out of bounds.
        """
        text = self.text(row, column)
        try:
            number = float(text)
        except ValueError:
            found = f"expected a number, found {shown(text)}"
            raise self.wrong(row, column, found) from None
        if not (math.isfinite(number) and above < number and low <= number <= high):
            bounds = _bounds(above, low, high)
            raise self.wrong(row, column, f"expected a number{bounds}, found {number}")
        return number

    def day(self, row: int, column: str, *, latest: date | None = None) -> date:
        """Give a cell as a date that is not after the latest one.

        Args:
            row: Row, from 0.
            column: Name of the column.
            latest: Last date that makes sense; None for any.

        Raises:
            DataError: The cell is empty, no date in the form 2024-03-31, or too late.
        """
        text = self.text(row, column)
        try:
            day = date.fromisoformat(text.split("T")[0].split(" ")[0])
        except ValueError:
            found = f"expected a date such as 2024-03-31, found {shown(text)}"
            raise self.wrong(row, column, found) from None
        if latest is not None and day > latest:
            raise self.wrong(row, column, f"expected a date up to {latest}, found {day}")
        return day

    def wrong(self, row: int, column: str, what: str) -> DataError:
        """Make the error that says what is wrong with a cell, after its place.

        Args:
            row: Row, from 0.
            column: Name of the column.
            what: Expected, found, and what to do.
        """
        return DataError(f"{self.origin.place(row, column)}: {what}")

    def _cell(self, row: int, column: str) -> str:
        cell: Any = self.frame[column].iloc[row]
        return "" if pd.isna(cell) else str(cell)


def _bounds(above: float, low: float, high: float) -> str:
    if math.isfinite(low) and math.isfinite(high):
        return f" in [{low:g}, {high:g}]"
    if math.isfinite(low):
        return f" of at least {low:g}"
    return f" above {above:g}" if math.isfinite(above) else " that is finite"


def read_cells(
    path: str | os.PathLike[str], *, columns: Sequence[str], if_empty: str = ""
) -> Cells:
    r"""Read a table and make sure that it has the columns that are needed, and rows.

    Args:
        path: CSV, Parquet or whatever ``scenara.shared.data.read`` takes.
        columns: Names that must be there; further columns are left alone.
        if_empty: What to do where there is no row.

    Raises:
        DataError: The file can't be read, lacks a column or has no row.

    Example:
        >>> import pathlib, tempfile
        >>> path = pathlib.Path(tempfile.mkdtemp()) / "targets.csv"
        >>> _ = path.write_text("Symbol,weight\nVTI,0.6\n")
        >>> read_cells(path, columns=["symbol", "weight"]).text(0, "symbol")
        'VTI'
    """
    frame, origin = read_located(path, options=ReadOptions(missing=("",)))
    frame = frame.set_axis([str(name).strip().casefold() for name in frame.columns], axis=1)
    missing = [name for name in columns if name not in frame.columns]
    if missing:
        listed = ", ".join(frame.columns)
        raise DataError(
            f"{origin.place()}: there is no column {missing[0]!r}; it has: {listed}; "
            f"expected: {', '.join(columns)}"
        )
    if not frame.columns.is_unique:
        twice = frame.columns[frame.columns.duplicated()][0]
        raise DataError(f"{origin.place(None, twice)}: stands there twice; rename or drop one")
    if frame.empty:
        advice = f"; {if_empty}" if if_empty else ""
        raise DataError(f"{origin.place()}: expected at least one row below the header{advice}")
    return Cells(frame, origin)
