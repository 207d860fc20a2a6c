"""What a column is, decided from its values and its name, with the reason in words.

The rules look at storage first, then at how often values repeat, and at the name only to tell
apart what values alone can't: a count from a code, a key from a running number.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal

import numpy as np
import pandas as pd

from scenara.shared.data.column import Column, Kind
from scenara.shared.data.naming import code_hint, is_key_name
from scenara.shared.data.numerals import are_numerals
from scenara.shared.data.plain import as_dates, as_numbers, as_objects, check_names, family, text
from scenara.shared.data.schema import Schema
from scenara.shared.types import FloatArray

__all__ = ["infer_column", "infer_schema"]

FEW_CODES = 12
REPEATS_PER_CODE = 10
ENOUGH_ROWS = 30
LONG_TEXT = 40
EXACT_FLOAT = 2.0**53
KIND_OF_STORAGE = {
    "b": Kind.BOOLEAN,
    "f": Kind.NUMERIC,
    "i": Kind.INTEGER,
    "u": Kind.INTEGER,
    "M": Kind.DATETIME,
}
TRUTH_WORDS = {("no", "yes"), ("n", "y"), ("false", "true"), ("f", "t"), ("off", "on")}


@dataclass(frozen=True)
class _Values:
    """The present values of a column and the facts that rules ask for."""

    present: pd.Series
    n_rows: int
    n_distinct: int

    @property
    def n(self) -> int:
        return len(self.present)

    @property
    def name(self) -> str:
        return str(self.present.name)

    @property
    def is_unique(self) -> bool:
        return 1 < self.n_distinct == self.n_rows

    @property
    def of_distinct(self) -> str:
        plural = "" if self.n_distinct == 1 else "s"
        return f"{self.n_distinct:,} distinct value{plural} of {self.n:,}"

    def is_key(self) -> bool:
        if self.is_unique:
            return is_key_name(self.name, unique=True)
        return self.n_distinct > FEW_CODES and is_key_name(self.name, unique=False)


def infer_schema(frame: pd.DataFrame) -> Schema:
    """Decide for each column of a table what it is.

    Args:
        frame: The table, (rows, columns).

    Returns:
        The schema, with a reason for each column.

    Raises:
        SchemaError: If names are missing, no strings or there twice, or values are of a type
            that no kind is for.

    Example:
        >>> frame = pd.DataFrame({"size": ["S", "M", "S"], "price": [1.5, 2.0, 2.5]})
        >>> [str(column.kind) for column in infer_schema(frame)]
        ['category', 'numeric']
    """
    check_names(frame)
    return Schema(tuple(infer_column(frame[name]) for name in frame.columns))


def infer_column(values: pd.Series) -> Column:
    """Decide what one column is.

    Args:
        values: The column, (rows,), with its name.

    Returns:
        The column with its reason.

    Raises:
        SchemaError: If the values are of a type that no kind is for.

    Example:
        >>> infer_column(pd.Series([3, 1, 250], name="visits")).reason
        'integer: 100 % whole numbers, 3 distinct values of 3 in [1, 250]'
    """
    present = values.dropna()
    stored = family(present)
    if stored != "category" and present.empty:
        stored = "empty"
    facts = _Values(present, len(values), int(present.nunique()))
    column = RULES[stored](facts)
    return replace(
        column,
        nullable=bool(len(present) < len(values)),
        dtype=str(values.dtype),
        reason=f"{column.kind}: {column.reason}",
    )


def _empty(values: _Values) -> Column:
    dtype = values.present.dtype
    seen = "no rows" if values.n_rows == 0 else f"missing in all {values.n_rows:,} rows"
    code = "M" if isinstance(dtype, pd.DatetimeTZDtype) else dtype.kind
    kind = KIND_OF_STORAGE.get(code, Kind.TEXT)
    return Column(values.name, kind, reason=f"{seen}, decided by the type {dtype} alone")


def _categorical(values: _Values) -> Column:
    dtype = values.present.dtype
    assert isinstance(dtype, pd.CategoricalDtype)
    kind = Kind.ORDINAL if dtype.ordered else Kind.CATEGORY
    order = "ordered" if dtype.ordered else "unordered"
    reason = f"stored as an {order} categorical with {len(dtype.categories):,} levels"
    return Column(values.name, kind, levels=tuple(dtype.categories.tolist()), reason=reason)


def _boolean(values: _Values) -> Column:
    return Column(values.name, Kind.BOOLEAN, reason="stored as truth values")


def _date(values: _Values) -> Column:
    dates = as_dates(values.present)
    reason = f"stored as times, from {dates.min():%Y-%m-%d} to {dates.max():%Y-%m-%d}"
    return Column(values.name, Kind.DATETIME, reason=reason)


def _number(values: _Values) -> Column:
    numbers = as_numbers(values.present)
    finite = numbers[np.isfinite(numbers)]
    is_whole = len(finite) == values.n and bool(np.all(np.mod(finite, 1) == 0))
    if is_whole and values.is_key():
        return _key(values)
    if is_whole and (values.present.dtype.kind in "iu" or np.abs(finite).max() <= EXACT_FLOAT):
        return _whole_number(values, finite)
    reason = f"{values.of_distinct}{_span(finite)}"
    if len(finite) < values.n:
        reason += f", {values.n - len(finite):,} of them infinite"
    return Column(values.name, Kind.NUMERIC, minimum=_lower_bound(finite), reason=reason)


def _whole_number(values: _Values, numbers: FloatArray) -> Column:
    name, levels = values.name, tuple(int(level) for level in np.unique(values.present))
    is_long = values.is_unique and values.n >= ENOUGH_ROWS
    if is_long and numbers[0] in (0, 1) and np.all(np.diff(numbers) == 1):
        reason = f"a running number from {numbers[0]:g} to {numbers[-1]:,g}"
        return Column(name, Kind.IDENTIFIER, unique=True, reason=reason)
    if code_hint(name) == "label" and not values.is_unique:
        reason = f"{values.of_distinct}, whole numbers named like a label"
        return Column(name, Kind.CATEGORY, levels=levels, reason=reason)
    if levels == (0, 1):
        return Column(name, Kind.BOOLEAN, levels=levels, reason="only 0 and 1")
    if 2 <= len(levels) <= FEW_CODES and values.n >= REPEATS_PER_CODE * len(levels):
        kind, why = _kind_of_codes(values, numbers)
        if kind is not Kind.INTEGER:
            return Column(name, kind, levels=levels, reason=f"{values.of_distinct}, {why}")
    reason = f"100 % whole numbers, {values.of_distinct}{_span(numbers)}"
    return Column(name, Kind.INTEGER, minimum=_lower_bound(numbers), reason=reason)


def _kind_of_codes(values: _Values, numbers: FloatArray) -> tuple[Kind, str]:
    """Decide what a few whole numbers that repeat are: amounts, ranks or mere names."""
    hint = code_hint(values.name)
    levels, counts = np.unique(numbers, return_counts=True)
    is_run = len(levels) > 2 and bool(np.all(np.diff(levels) == 1))
    if hint == "count" or (is_run and levels[0] == 0 and np.all(np.diff(counts) <= 0)):
        return Kind.INTEGER, ""
    if hint == "rank":
        return Kind.ORDINAL, "named like a rank"
    if hint == "code":
        return Kind.CATEGORY, "whole numbers named like a code"
    if len(levels) == 2:
        return Kind.CATEGORY, "two codes"
    return Kind.ORDINAL, "few whole numbers that repeat, so their order is kept and none is added"


def _string(values: _Values) -> Column:
    name, strings = values.name, as_objects(values.present)
    levels = tuple(sorted(set(strings)))
    if as_dates(values.present).notna().all():
        return Column(name, Kind.DATETIME, reason="ISO dates in 100 % of the strings")
    if tuple(sorted(level.casefold() for level in levels)) in TRUTH_WORDS:
        ordered = tuple(sorted(levels, key=str.casefold))
        reason = f"only {ordered[0]!r} and {ordered[1]!r}"
        return Column(name, Kind.BOOLEAN, levels=ordered, reason=reason)
    if values.is_key():
        return _key(values)
    if are_numerals(list(strings)) and values.n_distinct > FEW_CODES:
        reason = f"numbers stored as text, such as {text(strings[0])}; clean makes them numbers"
        return Column(name, Kind.TEXT, reason=reason)
    return _words(values, levels)


def _words(values: _Values, levels: tuple[str, ...]) -> Column:
    mean_length = sum(map(len, levels)) / len(levels)
    has_blanks = any(" " in level.strip() for level in levels)
    repeats_little = 2 * values.n_distinct > values.n
    if repeats_little and has_blanks and mean_length >= LONG_TEXT:
        reason = f"{values.n_distinct:,} distinct strings of {mean_length:.0f} letters on average"
        return Column(values.name, Kind.TEXT, reason=reason)
    if values.is_unique and values.n >= ENOUGH_ROWS and not has_blanks:
        reason = f"unique in all {values.n:,} rows and without a blank"
        return Column(values.name, Kind.IDENTIFIER, unique=True, reason=reason)
    if repeats_little and values.n_distinct >= ENOUGH_ROWS:
        reason = f"{values.n_distinct:,} distinct strings of {values.n:,}, too few repeat"
        return Column(values.name, Kind.TEXT, reason=reason)
    plural = "" if len(levels) == 1 else "s"
    reason = f"{len(levels):,} distinct string{plural}"
    return Column(values.name, Kind.CATEGORY, levels=levels, reason=reason)


def _mixed(values: _Values) -> Column:
    objects = as_objects(values.present)
    n_strings = sum(isinstance(value, str) for value in objects)
    reason = f"mixed types, {values.n - n_strings:,} values and {n_strings:,} strings"
    if values.n_distinct >= ENOUGH_ROWS:
        return Column(values.name, Kind.TEXT, reason=reason)
    levels = sorted(pd.unique(objects), key=lambda level: (type(level).__name__, str(level)))
    plain = tuple(float(v) if isinstance(v, Decimal) else v for v in levels)
    return Column(values.name, Kind.CATEGORY, levels=plain, reason=reason)


def _key(values: _Values) -> Column:
    often = f"unique in all {values.n:,} rows" if values.is_unique else values.of_distinct
    reason = f"{often} and named like a key"
    return Column(values.name, Kind.IDENTIFIER, unique=values.is_unique, reason=reason)


def _span(numbers: FloatArray) -> str:
    return f" in [{numbers.min():,.6g}, {numbers.max():,.6g}]" if len(numbers) else ""


def _lower_bound(numbers: FloatArray) -> float | None:
    """Read a bound of 0 off enough values that come near it and never pass it."""
    is_near = len(numbers) >= ENOUGH_ROWS and 0 <= numbers.min() <= numbers.max() / 10
    return 0.0 if is_near else None


RULES: dict[str, Callable[[_Values], Column]] = {
    "empty": _empty,
    "category": _categorical,
    "boolean": _boolean,
    "date-time": _date,
    "number": _number,
    "string": _string,
    "mixed": _mixed,
}
