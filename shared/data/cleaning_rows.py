"""Rules of cleaning that look across rows: duplicates, keys, missing values, outliers."""

import numpy as np
import pandas as pd
from pandas.api import types as dtypes

from scenara.shared.data.cleaning_table import Table, counted
from scenara.shared.data.column import BOUNDED, Column, Kind
from scenara.shared.data.plain import as_numbers, as_seconds
from scenara.shared.errors import DataError

__all__ = [
    "find_constants",
    "find_duplicate_keys",
    "find_duplicates",
    "treat_missing",
    "treat_outliers",
]

FENCE = 3.0
ENOUGH_VALUES = 10
NEARLY_UNIQUE = 0.9


def find_duplicates(table: Table, action: str) -> Table:
    """Find rows that repeat an earlier row in every cell.

    Without a key two equal rows may be two customers who are alike, so they are dropped only
    where a column is a key, unless told to.

    Args:
        table: The table.
        action: "auto", "drop" or "report".
    """
    rows = table.frame.index[table.frame.duplicated()]
    if rows.empty:
        return table
    has_key = any(_is_key(column, values) for column, values in table.columns(*Kind))
    detail = f"{len(rows):,} rows repeat an earlier row in every cell"
    if action == "drop" or (action == "auto" and has_key):
        return table.dropped("duplicates", "", rows, detail)
    why = "" if has_key else ", and no column is a key that would prove them to be the same"
    return table.kept("duplicates", "", rows, detail + why)


def find_duplicate_keys(table: Table, action: str) -> Table:
    """Find keys that occur again in a later row.

    Args:
        table: The table.
        action: "report", or "drop" the later rows.
    """
    for column, _ in table.columns(*Kind):
        present = table.frame[column.name].dropna()
        again = present[present.duplicated()]
        if again.empty or not _is_key(column, present):
            continue
        detail = counted(len(again), "with a key of an earlier row", again.iloc[0])
        note = table.dropped if action == "drop" else table.kept
        table = note("keys", column.name, again.index, detail)
    return table


def treat_missing(table: Table, action: str) -> Table:
    """Find missing values.

    Imputed is the lower median of numbers and dates and the most frequent of other values, so
    that only values that occur are put in; a column ``NAME_missing`` says where. Identifiers and
    free text are never imputed.

    Args:
        table: The table.
        action: "report", "drop" their rows, or "impute".
    """
    missing = table.frame.isna()
    if action == "drop" and missing.to_numpy().any():
        rows = table.frame.index[missing.any(axis=1)]
        where = ", ".join(table.frame.columns[missing.any()])
        return table.dropped("missing", "", rows, f"{len(rows):,} rows with missing {where}")
    for column, present in table.columns(*Kind):
        rows = table.frame.index[missing[column.name]]
        if rows.empty:
            continue
        share = len(rows) / len(table.frame)
        detail = f"{len(rows):,} of {len(table.frame):,} values ({share:.1%}) are missing"
        if column.name in table.declared and not column.nullable:
            detail += ", where the schema allows none"
        if action == "impute" and column.kind not in (Kind.IDENTIFIER, Kind.TEXT) and len(present):
            table = _imputed(table, column, present, rows, detail)
        else:
            table = table.kept("missing", column.name, rows, detail)
    return table


def treat_outliers(table: Table, action: str) -> Table:
    """Find numbers more than three interquartile ranges beyond the quartiles.

    Columns with fewer than 10 numbers, or half of their numbers alike, have no such fences.

    Args:
        table: The table.
        action: "report", or "winsorise" to pull them to the fence.

    References:
        Tukey (1977), Exploratory Data Analysis, section 2D: values beyond the outer fences are
        "far out".
    """
    for column, present in table.columns(Kind.NUMERIC, Kind.INTEGER):
        low, high = _fences(column, present)
        numbers = as_numbers(present)
        far = present[np.isfinite(numbers) & ((numbers < low) | (numbers > high))]
        pulled = _pulled(far, low, high, whole=_is_whole(column, present))
        far = far[as_numbers(pulled) != as_numbers(far)]
        if far.empty:
            continue
        detail = counted(len(far), f"outside the fences [{low:,.6g}, {high:,.6g}]", far.iloc[0])
        if action == "winsorise":
            table = table.changed("outliers", pulled[far.index], detail, action="winsorised")
        else:
            table = table.kept("outliers", column.name, far.index, detail)
    return table


def find_constants(table: Table, action: str) -> Table:
    """Find columns with one value, or none, in all rows; a table keeps its last column.

    Args:
        table: The table.
        action: "report", or "drop" the columns.
    """
    for column, present in table.columns(*Kind):
        is_whole = len(present) in (0, len(table.frame))
        if len(table.frame) < 2 or not is_whole or present.nunique() > 1:
            continue
        value = counted(len(table.frame), "alike", present.iloc[0]) if len(present) else "no value"
        if action == "drop" and table.frame.shape[1] > 1:
            table = table.without_column("constants", column.name, value)
        else:
            table = table.kept("constants", column.name, table.frame.index, value)
    return table


def _is_key(column: Column, present: pd.Series) -> bool:
    is_near = len(present) > 0 and present.nunique() >= NEARLY_UNIQUE * len(present)
    return column.unique or (column.kind is Kind.IDENTIFIER and is_near)


def _imputed(
    table: Table, column: Column, present: pd.Series, rows: pd.Index, detail: str
) -> Table:
    flag = f"{column.name}_missing"
    value = _typical(column, present)
    cells = pd.Series([value] * len(rows), index=rows, dtype=object, name=column.name)
    filled = f"{detail}; filled with {value!s}, flagged in {flag!r}"
    table = table.changed("missing", cells, filled, action="imputed")
    where = f"where {column.name!r} was missing"
    if flag not in table.frame:
        was_missing = table.frame.index.isin(rows)
        flags = pd.Series(was_missing, index=table.frame.index, name=flag)
        return table.added("missing", flags, where)
    if table.frame[flag].dtype != bool:
        raise DataError(
            f"column {flag!r}: expected no column of this name, since it is to say where "
            f"{column.name!r} was missing; rename it"
        )
    return table.changed("missing", pd.Series(True, index=rows, name=flag), where)


def _typical(column: Column, present: pd.Series) -> object:
    if column.kind not in BOUNDED:
        counts = present.value_counts(sort=False)
        return counts.index[int(np.argmax(counts.to_numpy()))]
    size = as_seconds(present) if column.kind is Kind.DATETIME else as_numbers(present)
    return present.iloc[int(np.argsort(size, kind="stable")[(len(present) - 1) // 2])]


def _fences(column: Column, present: pd.Series) -> tuple[float, float]:
    numbers = as_numbers(present)
    finite = numbers[np.isfinite(numbers)]
    if len(finite) < ENOUGH_VALUES:
        return -np.inf, np.inf
    with np.errstate(over="ignore", invalid="ignore"):
        low, high = np.quantile(finite, [0.25, 0.75])
        reach = FENCE * (high - low)
    if not 0 < reach < np.inf:
        return -np.inf, np.inf
    fences = float(low - reach), float(high + reach)
    if _is_whole(column, present):
        return float(np.ceil(fences[0])), float(np.floor(fences[1]))
    return fences


def _is_whole(column: Column, present: pd.Series) -> bool:
    return column.kind is Kind.INTEGER or dtypes.is_integer_dtype(present.dtype)


def _pulled(far: pd.Series, low: float, high: float, *, whole: bool) -> pd.Series:
    pulled = np.clip(as_numbers(far), low, high)
    cells = [int(number) if whole else float(number) for number in pulled]
    return pd.Series(cells, index=far.index, dtype=far.dtype, name=far.name)
