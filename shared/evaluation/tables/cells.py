"""Cells of any dtype as plain floats or as text of levels, or one clear refusal."""

import numbers
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from scenara.shared.errors import DataError
from scenara.shared.types import FloatArray, IntArray

__all__ = ["MISSING", "is_time", "levels_of", "numbers_of", "times_of"]

MISSING = "__nan__"
LARGEST = 1e100
SECONDS_PER_DAY = 86400.0
TIME_CELLS = ("datetime", "datetime64", "date")


def is_time(values: "pd.Series") -> bool:
    """Say whether a column holds moments, by its dtype or, for objects, by its cells.

    Args:
        values: The column.

    Example:
        >>> is_time(pd.Series(pd.to_datetime(["2020-01-31"]))), is_time(pd.Series([1.0]))
        (True, False)
    """
    if values.dtype == object:
        return pd.api.types.infer_dtype(values, skipna=True) in TIME_CELLS
    return pd.api.types.is_datetime64_any_dtype(values.dtype)


def numbers_of(values: "pd.Series", where: str) -> "pd.Series":
    """Give a column as float64; missing cells are NaN.

    Args:
        values: The column, of any dtype whose cells are numbers or numerals; lengths of time
            count in days.
        where: Table and column, for messages.

    Returns:
        The numbers, numbered from 0.

    Raises:
        DataError: If a cell is no number, is infinite or beyond 1e100.

    Example:
        >>> numbers_of(pd.Series(["1.5", None]), "real, column 'x'").tolist()
        [1.5, nan]
    """
    plain = values.reset_index(drop=True)
    if pd.api.types.is_timedelta64_dtype(plain.dtype):
        days: pd.Series = plain.dt.total_seconds() / SECONDS_PER_DAY
        return days
    if pd.api.types.is_complex_dtype(plain):
        raise DataError(f"{where}: found {plain.dtype}, expected real numbers; split the column")
    if not pd.api.types.is_numeric_dtype(plain):
        plain = _parsed(plain, where)
    found = pd.Series(plain.to_numpy(dtype=float, na_value=np.nan))
    _check_finite(found.to_numpy(), where)
    return found


def times_of(values: "pd.Series", where: str) -> "pd.Series":
    """Give a column of moments as days since 1970-01-01 UTC; missing cells are NaN.

    Args:
        values: The column: dates, moments with or without a zone (then UTC), or their text.
        where: Table and column, for messages.

    Returns:
        The days, numbered from 0.

    Raises:
        DataError: If a cell is no moment.

    Example:
        >>> times_of(pd.Series(pd.to_datetime(["1970-01-02 12:00"])), "real, column 'x'").tolist()
        [1.5]
    """
    plain = values.reset_index(drop=True)
    if isinstance(plain.dtype, pd.PeriodDtype):
        plain = plain.dt.to_timestamp()
    if plain.isna().all():
        return pd.Series(np.full(len(plain), np.nan))
    if pd.api.types.is_numeric_dtype(plain):
        raise DataError(f"{where}: found numbers, expected moments; convert them to a datetime")
    moments = pd.to_datetime(plain, utc=True, errors="coerce", format="mixed")
    _check_parsed(plain, moments, where, expected="a moment")
    since = moments - pd.Timestamp(0, tz="UTC")
    days: pd.Series = since.dt.total_seconds() / SECONDS_PER_DAY
    return days


def levels_of(columns: Mapping[str, "pd.Series"], column: str) -> dict[str, "pd.Series"]:
    """Give a column of several tables as categoricals of the same levels, sorted as text.

    Equal numbers are one level whatever their type. Where one table has numbers, truth values
    of another are 1 and 0, and its numerals numbers.

    Args:
        columns: The column of each table, by the name of the table.
        column: Name of the column, for messages.

    Returns:
        The columns, numbered from 0.

    Raises:
        DataError: If a cell is a list, a dictionary or another container.

    Example:
        >>> both = levels_of({"real": pd.Series([1, 2]), "drawn": pd.Series([2.0, None])}, "x")
        >>> both["drawn"].tolist()
        ['2', '__nan__']
    """
    as_number = any(pd.api.types.is_float_dtype(values) for values in columns.values()) or any(
        pd.api.types.is_integer_dtype(values) for values in columns.values()
    )
    coded = {
        name: _coded(values, f"{name}, column {column!r}", as_number=as_number)
        for name, values in columns.items()
    }
    levels = pd.Index(sorted({text for _, texts in coded.values() for text in texts}))
    return {
        name: pd.Series(pd.Categorical.from_codes(_recoded(codes, texts, levels), levels))
        for name, (codes, texts) in coded.items()
    }


def _coded(values: "pd.Series", where: str, *, as_number: bool) -> tuple[IntArray, list[str]]:
    """Give codes from 0 and the text of each code; texts may repeat."""
    try:
        codes, uniques = pd.factorize(values, use_na_sentinel=True)
    except TypeError as error:
        row, cell = next(
            (row, cell) for row, cell in enumerate(values) if isinstance(cell, list | dict | set)
        )
        raise DataError(
            f"{where}, row {row}: found a {type(cell).__name__}, expected a plain value; "
            f"turn it into columns or text"
        ) from error
    texts = [_text(level, as_number) for level in uniques]
    if (codes < 0).any():
        return np.where(codes < 0, len(texts), codes), [*texts, MISSING]
    return codes, texts


def _text(level: Any, as_number: bool) -> str:  # noqa: ANN401  (any cell)
    if isinstance(level, bool | np.bool_):
        return str(int(level)) if as_number else str(bool(level))
    if as_number and isinstance(level, str):
        level = _numeral(level)
    if isinstance(level, numbers.Integral):
        return str(int(level))
    if isinstance(level, numbers.Real) and float(level).is_integer():
        return str(int(float(level)))
    return str(level)


def _numeral(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text


def _recoded(codes: IntArray, texts: list[str], levels: "pd.Index[str]") -> IntArray:
    recoded: IntArray = levels.get_indexer(pd.Index(texts))[codes]
    return recoded


def _parsed(values: "pd.Series", where: str) -> "pd.Series":
    parsed = pd.to_numeric(values.astype(object), errors="coerce")
    _check_parsed(values, parsed, where, expected="a number")
    return parsed


def _check_parsed(values: "pd.Series", parsed: "pd.Series", where: str, *, expected: str) -> None:
    lost = np.flatnonzero(parsed.isna() & values.notna())
    if lost.size:
        row = int(lost[0])
        raise DataError(
            f"{where}, row {row}: found {values.iloc[row]!r}, expected {expected}; mend the cell "
            f"or name the column in categories"
        )


def _check_finite(values: FloatArray, where: str) -> None:
    wild = np.flatnonzero(np.abs(values) > LARGEST)
    if wild.size:
        row = int(wild[0])
        raise DataError(
            f"{where}, row {row}: found {values[row]}, expected a number of at most {LARGEST:g} "
            f"in size; make it missing or clip it"
        )
