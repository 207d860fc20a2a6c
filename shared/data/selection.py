"""Which columns of a table are asked for, and whether it has them."""

from collections.abc import Sequence
from difflib import get_close_matches

import pandas as pd

from scenara.shared.data.options import ReadOptions
from scenara.shared.data.origin import shown
from scenara.shared.errors import DataError

__all__ = ["check_columns", "select"]

_N_SHOWN = 8


def _listed(names: Sequence[str]) -> str:
    more = len(names) - _N_SHOWN
    return ", ".join(map(str, names[:_N_SHOWN])) + (f" and {more} more" if more > 0 else "")


def check_columns(names: Sequence[str], options: ReadOptions, name: str) -> None:
    """Refuse a table with too many columns, or without one that is asked for.

    Args:
        names: The columns of the table.
        options: Holds ``columns`` and ``maximum_columns``.
        name: Name of the source, for messages.

    Raises:
        DataError: Naming the first column that is missing and the nearest known one.

    Example:
        >>> check_columns(["age", "sum"], ReadOptions(columns=["age"]), "a.csv")
    """
    if options.maximum_columns is not None and len(names) > options.maximum_columns:
        raise DataError(
            f"{name}: found {len(names):,} columns, expected at most "
            f"{options.maximum_columns:,}; choose fewer columns, or raise the limit"
        )
    missing = [column for column in options.columns or () if column not in set(names)]
    if missing:
        near = get_close_matches(missing[0], list(map(str, names)), n=1)
        hint = f"did you mean {shown(near[0])}?" if near else f"it has: {_listed(names)}"
        raise DataError(f"{name}: there is no column {shown(missing[0])}; {hint}")


def select(frame: pd.DataFrame, options: ReadOptions, name: str) -> pd.DataFrame:
    """Give the columns that are asked for, in the order asked for.

    Args:
        frame: The table.
        options: Holds ``columns``; None means all.
        name: Name of the source, for messages.

    Returns:
        The table, or a part of it.

    Raises:
        DataError: If a column is missing.

    Example:
        >>> frame = pd.DataFrame({"a": [1], "b": [2]})
        >>> list(select(frame, ReadOptions(columns=["b"]), "a.csv"))
        ['b']
    """
    check_columns(list(frame.columns), options, name)
    return frame if options.columns is None else frame[list(options.columns)]
