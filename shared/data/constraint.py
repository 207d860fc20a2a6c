"""What a constraint between columns is: the rules themselves are in ``constraints``."""

import dataclasses
import math
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, TypeAlias

import numpy as np
import pandas as pd

from scenara.shared.data.column import Column, Kind, nearest
from scenara.shared.data.plain import as_numbers, as_seconds
from scenara.shared.errors import SchemaError
from scenara.shared.types import Array, FloatArray, IntArray

__all__ = ["Columns", "Constraint", "column_names", "is_number", "joint_codes", "measured"]

Columns: TypeAlias = Mapping[str, Column]


@dataclass(frozen=True)
class Constraint(ABC):
    """A rule that every row of a table, or the table as a whole, keeps.

    A row with a missing cell in a column that the rule is about breaks nothing, unless the rule
    says otherwise.
    """

    rule: ClassVar[str]
    """Name of the rule in a saved schema."""

    @property
    @abstractmethod
    def columns(self) -> tuple[str, ...]:
        """Give the columns that the rule is about; the one to blame first."""

    @property
    @abstractmethod
    def in_words(self) -> str:
        """Say the rule, such as ``low <= high``."""

    @abstractmethod
    def holds(self, frame: pd.DataFrame, columns: Columns) -> Array:
        """Say for each row whether it keeps the rule.

        Args:
            frame: The table, (rows, columns).
            columns: What the columns of the rule are, by name.

        Returns:
            (rows,) booleans.
        """

    def check(self, columns: Columns) -> None:
        """Refuse the rule where its columns can't keep it.

        Args:
            columns: All columns of the table, by name.

        Raises:
            SchemaError: A column is not there, is there twice, or is of a kind that the rule
                makes no sense for.
        """
        for name in self.columns:
            if name not in columns:
                raise SchemaError(
                    f"constraint {self.in_words!r}: no column {name!r}"
                    f"{nearest(str(name), tuple(columns))}"
                )
        if len(set(self.columns)) < len(self.columns):
            raise SchemaError(f"constraint {self.in_words!r}: a column is there twice; remove one")

    def to_dict(self) -> dict[str, Any]:
        """Give the rule as plain values, without the fields that have their default."""
        plain: dict[str, Any] = {"rule": self.rule}
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            if value != field.default:
                plain[field.name] = _listed(value)
        return plain

    def _check_kinds(self, columns: Columns, kinds: Sequence[Kind]) -> None:
        for name in self.columns:
            if columns[name].kind not in kinds:
                raise SchemaError(
                    f"constraint {self.in_words!r}: column {name!r} is {columns[name].kind}; "
                    f"expected one of {', '.join(kinds)}"
                )


def joint_codes(frame: pd.DataFrame, columns: Sequence[str]) -> IntArray:
    """Number the contents of several columns taken together.

    Args:
        frame: The table, (rows, columns).
        columns: The columns to look at.

    Returns:
        (rows,) numbers from 0 in no order, the same for the same content; -1 where a cell is
        missing.

    Example:
        >>> joint_codes(pd.DataFrame({"a": [1, 1, 2], "b": ["x", "x", None]}), ["a", "b"])
        array([ 0,  0, -1])
    """
    codes = np.zeros(len(frame), dtype=np.int64)
    absent = np.zeros(len(frame), dtype=bool)
    for name in columns:
        part, levels = pd.factorize(frame[name].array)
        absent |= part < 0
        codes = np.unique(codes * (len(levels) + 1) + part, return_inverse=True)[1]
    return np.where(absent, -1, codes)


def measured(values: pd.Series, column: Column) -> FloatArray:
    """Give a measured column as float64, times in seconds since 1970, nan where missing."""
    return as_seconds(values) if column.kind is Kind.DATETIME else as_numbers(values)


def column_names(names: object, rule: str) -> tuple[str, ...]:
    """Give names of columns as a tuple, or refuse what is none.

    Args:
        names: One name or several.
        rule: What they are for, for the message.

    Raises:
        SchemaError: They are not names.
    """
    if isinstance(names, str):
        return (names,)
    if not isinstance(names, (list, tuple)) or not names:
        raise SchemaError(f"{rule}: expected names of columns, found {names!r}")
    if strange := [name for name in names if not isinstance(name, str)]:
        raise SchemaError(f"{rule}: expected names of columns, found {strange[0]!r}")
    return tuple(names)


def is_number(value: object) -> bool:
    """Say whether it is a finite number."""
    is_plain = isinstance(value, (int, float, np.number)) and not isinstance(value, bool)
    return is_plain and math.isfinite(float(value))  # type: ignore[arg-type]  # narrowed above


def _listed(value: object) -> object:
    if isinstance(value, tuple):
        return [_listed(item) for item in value]
    return value.item() if isinstance(value, np.generic) else value
