"""What a caller asks of generated rows (``given``), checked against what the generator has seen."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from scenara.shared.data.column import BOUNDED, Column, Kind, nearest
from scenara.shared.data.plain import as_numbers, as_objects, as_seconds
from scenara.shared.data.schema import Schema
from scenara.shared.errors import ConfigError
from scenara.shared.types import Array, FloatArray

__all__ = ["Condition", "Conditions", "Seen", "measures", "observe", "read_conditions"]

SHOWN = 8
"""Levels named in a message."""


@dataclass(frozen=True)
class Condition:
    """Say what the cells of one column may be.

    Args:
        column: Name of the column.
        any_of: Values, any of which will do; as numbers (times in seconds) for a measured column.
        low: Least number allowed; None for no bound.
        high: Greatest number allowed; None for no bound.
        missing: Whether a missing cell will do.
    """

    column: str
    any_of: tuple[Any, ...] | None = None
    low: float | None = None
    high: float | None = None
    missing: bool = False

    @property
    def is_range(self) -> bool:
        """Say whether it is a range of numbers, and not a choice of values."""
        return self.any_of is None

    def holds(self, values: pd.Series, column: Column) -> "Array":
        """Say for each cell whether it will do.

        Args:
            values: Cells of the column, (rows,).
            column: What the column is.

        Returns:
            (rows,) booleans.
        """
        absent = values.isna().to_numpy(dtype=bool)
        if column.kind in BOUNDED:
            good = self.holds_number(measures(values, column))
        else:
            cells = pd.Series(as_objects(values), dtype=object)
            good = cells.isin(list(self.any_of or ())).to_numpy(dtype=bool)
        return np.where(absent, self.missing, good)

    def holds_number(self, numbers: FloatArray) -> "Array":
        """Say for each number of a measured column whether it will do; never for nan."""
        if self.any_of is not None:
            return np.isin(numbers, np.asarray(self.any_of, dtype=np.float64))
        low = -np.inf if self.low is None else self.low
        high = np.inf if self.high is None else self.high
        return (numbers >= low) & (numbers <= high)


@dataclass(frozen=True)
class Conditions(Mapping[str, Condition]):
    """Hold what is asked of each column; empty for nothing.

    Args:
        of: Condition by name of the column.
        schema: What the columns are.
    """

    of: Mapping[str, Condition] = field(default_factory=dict)
    schema: Schema | None = None

    def __getitem__(self, column: str) -> Condition:
        return self.of[column]

    def __iter__(self) -> Any:  # noqa: ANN401  (an iterator of names)
        return iter(self.of)

    def __len__(self) -> int:
        return len(self.of)

    def hold(self, frame: pd.DataFrame) -> "Array":
        """Say for each row whether it does what is asked of the columns that are there.

        Args:
            frame: Rows, (rows, columns).

        Returns:
            (rows,) booleans.
        """
        good = np.ones(len(frame), dtype=bool)
        for name, condition in self.of.items():
            if name in frame.columns and self.schema is not None:
                good &= condition.holds(frame[name], self.schema[name])
        return good


@dataclass(frozen=True)
class Seen:
    """Remember what a column held when fitting, so that what can't be is refused.

    Args:
        levels: The values, of a column that is not measured.
        low: Least number, of a measured column; None if there was none.
        high: Greatest number.
        missing: Whether a cell was missing.
    """

    levels: tuple[Any, ...] = ()
    low: float | None = None
    high: float | None = None
    missing: bool = False


def measures(values: pd.Series, column: Column) -> FloatArray:
    """Give a measured column as float64, times in seconds since 1970, nan where missing."""
    return as_seconds(values) if column.kind is Kind.DATETIME else as_numbers(values)


def observe(values: pd.Series, column: Column) -> Seen:
    """Give what a column holds.

    Args:
        values: The column, (rows,).
        column: What it is.
    """
    missing = bool(values.isna().any())
    present = values[values.notna()]
    if column.kind not in BOUNDED:
        levels = dict.fromkeys(as_objects(present).tolist())
        return Seen(levels=tuple(levels), missing=missing)
    if present.empty:
        return Seen(missing=missing)
    numbers = measures(present, column)
    return Seen(low=float(numbers.min()), high=float(numbers.max()), missing=missing)


def read_conditions(
    given: Mapping[str, Any] | None, schema: Schema, seen: Mapping[str, Seen]
) -> Conditions:
    """Read what a caller asks of generated rows.

    A value asks for that value; ``None`` for a missing cell; a tuple ``(low, high)`` on a column
    of numbers or times for the closed range, with ``None`` for an open end; a list or a set for
    any of its values.

    Args:
        given: What is asked, by column.
        schema: What the columns are.
        seen: What each column held when fitting; columns without an entry take no conditions.

    Raises:
        ConfigError: A column or a value was never seen, or a range is empty.

    Example:
        >>> schema = Schema((Column("age", "integer"), Column("region", "category")))
        >>> seen = {"age": Seen(low=18, high=90), "region": Seen(levels=("north", "south"))}
        >>> asked = read_conditions({"age": (18, 25), "region": ["north"]}, schema, seen)
        >>> asked["age"].high, asked["region"].any_of
        (25.0, ('north',))
    """
    if given is None:
        return Conditions({}, schema)
    if not isinstance(given, Mapping):
        raise ConfigError(
            f"given: expected a mapping of columns to values, found {type(given).__name__}"
        )
    read: dict[str, Condition] = {}
    for name, value in given.items():
        if name not in schema.names:
            raise ConfigError(f"given: no column {name!r}{nearest(str(name), schema.names)}")
        if name not in seen:
            raise ConfigError(
                f"given: column {name!r} is made up afresh for each row and takes no conditions"
            )
        read[name] = _checked(_read(value, schema[name]), schema[name], seen[name])
    return Conditions(read, schema)


def _read(value: object, column: Column) -> Condition:
    if isinstance(value, tuple) and column.kind in BOUNDED:
        return _range(value, column)
    if isinstance(value, (list, tuple, set, frozenset)):
        return _choice(value, column)
    return _choice([value], column)


def _range(value: Sequence[object], column: Column) -> Condition:
    if len(value) != 2:
        raise ConfigError(
            f"given: column {column.name!r}: expected a range (low, high), found {value!r}; "
            "a list asks for any of its values"
        )
    low, high = (None if end is None else _number(end, column) for end in value)
    if low is not None and high is not None and low > high:
        raise ConfigError(f"given: column {column.name!r}: the range {value!r} is empty; swap it")
    return Condition(column.name, low=low, high=high)


def _choice(values: Iterable[object], column: Column) -> Condition:
    cells = list(values)
    present = [cell for cell in cells if not _is_missing(cell)]
    if not cells:
        raise ConfigError(f"given: column {column.name!r}: expected at least one value")
    if column.kind in BOUNDED:
        numbers = tuple(_number(cell, column) for cell in present)
        return Condition(column.name, any_of=numbers, missing=len(present) < len(cells))
    plain = tuple(_plain(cell) for cell in present)
    return Condition(column.name, any_of=plain, missing=len(present) < len(cells))


def _number(value: object, column: Column) -> float:
    wanted = "a date or time" if column.kind is Kind.DATETIME else "a finite number"
    if isinstance(value, np.datetime64):
        value = pd.Timestamp(value)
    try:
        numbers = measures(pd.Series([value], dtype=object), column)
    except ValueError:
        numbers = np.array([np.nan])
    if not np.isfinite(numbers[0]):
        raise ConfigError(f"given: column {column.name!r}: expected {wanted}, found {value!r}")
    return float(numbers[0])


def _checked(condition: Condition, column: Column, seen: Seen) -> Condition:
    where = f"given: column {column.name!r}"
    if condition.missing and not seen.missing:
        raise ConfigError(f"{where}: no cell was missing when fitting, so none can be now")
    if column.kind in BOUNDED:
        _check_reach(condition, seen, where=where, column=column)
        return condition
    for value in condition.any_of or ():
        if value not in seen.levels:
            known = ", ".join(repr(level) for level in seen.levels[:SHOWN])
            more = f" and {len(seen.levels) - SHOWN:,} more" if len(seen.levels) > SHOWN else ""
            raise ConfigError(
                f"{where}: {value!r} was not there when fitting; there is {known}{more}"
            )
    return condition


def _check_reach(condition: Condition, seen: Seen, *, where: str, column: Column) -> None:
    if condition.missing:
        return
    low, high = seen.low, seen.high
    if low is None or high is None:
        raise ConfigError(f"{where}: every cell was missing when fitting; only None can be asked")
    ends = condition.any_of or (condition.low, condition.high)
    if condition.is_range:
        reached = (ends[0] is None or ends[0] <= high) and (ends[1] is None or ends[1] >= low)
    else:
        reached = any(low <= value <= high for value in ends)
    if not reached:
        raise ConfigError(
            f"{where}: nothing in what is asked lies within what was there when fitting, "
            f"{column.in_words(low)} to {column.in_words(high)}"
        )


def _is_missing(value: object) -> bool:
    return (
        value is None
        or value is pd.NaT
        or value is pd.NA
        or (isinstance(value, float) and math.isnan(value))
    )


def _plain(value: Any) -> Any:  # noqa: ANN401  (any level of a category)
    return value.item() if hasattr(value, "item") else value
