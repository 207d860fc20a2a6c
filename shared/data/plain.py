"""The values of a column as plain arrays, whatever pandas stores them in."""

import re
from decimal import Decimal
from numbers import Real

import numpy as np
import pandas as pd
from pandas.api import types as dtypes

from scenara.shared.errors import SchemaError
from scenara.shared.types import Array, FloatArray

__all__ = ["as_dates", "as_numbers", "as_objects", "as_seconds", "check_names", "family", "text"]

ISO_DATE = re.compile(
    r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d([.]\d{1,9})?)?(Z|[+-]\d\d:?(\d\d)?)?)?", re.ASCII
)
FAMILIES = {
    "string": "string",
    "integer": "number",
    "floating": "number",
    "mixed-integer-float": "number",
    "decimal": "number",
    "boolean": "boolean",
    "datetime64": "date-time",
    "datetime": "date-time",
    "date": "date-time",
    "mixed": "mixed",
    "mixed-integer": "mixed",
    "empty": "empty",
}


def check_names(frame: pd.DataFrame) -> None:
    """Refuse a table whose columns can't be told apart by name.

    Args:
        frame: The table.

    Raises:
        SchemaError: If there is no column, a name is no string, or a name occurs twice.
    """
    if frame.shape[1] == 0:
        raise SchemaError("table: expected at least one column, found none")
    for name in frame.columns:
        if not isinstance(name, str):
            raise SchemaError(
                f"column {name!r}: expected a name that is a string; rename it, for example with "
                "frame.columns = frame.columns.map(str)"
            )
    if not frame.columns.is_unique:
        twice = frame.columns[frame.columns.duplicated()][0]
        raise SchemaError(f"column {twice!r} is there twice; rename or drop one of them")


def family(values: pd.Series) -> str:
    """Tell how values are stored, missing ones aside.

    Args:
        values: A column, (rows,).

    Returns:
        One of "category", "boolean", "number", "date-time", "string", "mixed" (plain values of
        several types) and "empty" (no value at all).

    Raises:
        SchemaError: If the values are of a type that no kind of column is for, such as lists.

    Example:
        >>> family(pd.Series([1.5, None]))
        'number'
    """
    if isinstance(values.dtype, pd.CategoricalDtype):
        return "category"
    if dtypes.is_bool_dtype(values.dtype):
        return "boolean"
    if dtypes.is_numeric_dtype(values.dtype) and not dtypes.is_complex_dtype(values.dtype):
        return "number"
    if dtypes.is_datetime64_any_dtype(values.dtype):
        return "date-time"
    stored = FAMILIES.get(dtypes.infer_dtype(as_objects(values), skipna=True), "other")
    if stored in ("mixed", "other"):
        _check_plain(values)
    return "mixed" if stored == "other" else stored


def as_objects(values: pd.Series) -> Array:
    """Give the values as Python objects, (rows,)."""
    return np.asarray(values.array, dtype=object)


def as_numbers(values: pd.Series) -> FloatArray:
    """Give the values as float64, (rows,), nan where there is no number; text is no number."""
    if family(values) in ("number", "boolean") and values.dtype != object:
        return values.to_numpy(dtype=np.float64, na_value=np.nan)
    plain = (float(v) if isinstance(v, Real | Decimal) else np.nan for v in as_objects(values))
    return np.fromiter(plain, dtype=np.float64, count=len(values))


def as_dates(values: pd.Series) -> "pd.Series[pd.Timestamp]":
    """Give the values as UTC times with the index of ``values``, NaT where there is none.

    Times without a zone count as UTC; strings count if they are ISO 8601 dates or times.
    """
    if not dtypes.is_datetime64_any_dtype(values.dtype):
        objects = pd.Series(as_objects(values), index=values.index, dtype=object)
        is_date = [
            ISO_DATE.fullmatch(v) is not None if isinstance(v, str) else hasattr(v, "year")
            for v in objects
        ]
        values = objects.where(pd.Series(is_date, index=values.index, dtype=bool))
    return pd.to_datetime(values, utc=True, errors="coerce", format="ISO8601")


def as_seconds(values: pd.Series) -> FloatArray:
    """Give date-times as float64 seconds since 1970-01-01 UTC, (rows,), nan where missing."""
    # Microseconds reach over all years; nanoseconds overflow after 2262.
    times = as_dates(values).dt.tz_localize(None).to_numpy().astype("datetime64[us]")
    return np.where(np.isnat(times), np.nan, times.astype(np.int64) / 1e6)


def text(value: object, *, width: int = 40) -> str:
    """Show a cell in a message, cut to ``width`` characters."""
    shown = repr(value.item() if isinstance(value, np.generic) else value)
    return shown if len(shown) <= width else f"{shown[: width - 3]}..."


def _check_plain(values: pd.Series) -> None:
    for row, value in enumerate(as_objects(values)):
        if not isinstance(value, str | Real | Decimal) and not _is_missing(value):
            raise SchemaError(
                f"column {values.name!r}, row {row}: expected text, numbers, booleans or dates, "
                f"found {type(value).__name__} {text(value)}; convert it, for example to text"
            )


def _is_missing(value: object) -> bool:
    return bool(pd.isna(pd.Series([value], dtype=object)).iloc[0])
