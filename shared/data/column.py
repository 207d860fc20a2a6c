"""One column of a table: what its values mean and what they may be."""

import dataclasses
import difflib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Self, TypeGuard

from scenara.shared.errors import SchemaError

__all__ = ["BOUNDED", "LEVELLED", "Column", "Kind"]


class Kind(StrEnum):
    """Say what the values of a column mean, whatever type they are stored in."""

    NUMERIC = "numeric"
    INTEGER = "integer"
    CATEGORY = "category"
    ORDINAL = "ordinal"
    BOOLEAN = "boolean"
    DATETIME = "date-time"
    IDENTIFIER = "identifier"
    TEXT = "text"


LEVELLED = (Kind.CATEGORY, Kind.ORDINAL, Kind.BOOLEAN)
BOUNDED = (Kind.NUMERIC, Kind.INTEGER, Kind.DATETIME)
TIMES = (-62135596800.0, 253402300799.0)
FIELD_TYPES: dict[str, tuple[type, ...]] = {
    "nullable": (bool,),
    "unique": (bool,),
    "dtype": (str,),
    "reason": (str,),
    "levels": (list, tuple, type(None)),
}


@dataclass(frozen=True)
class Column:
    """Describe one column: its kind and what its values may be.

    Levels and bounds are rules, not statistics: ``None`` means that nothing is ruled out.

    Args:
        name: Name of the column.
        kind: What the values mean; a ``Kind`` or its text.
        nullable: Whether values may be missing.
        levels: The values allowed, for a category in any order, for an ordinal from lowest to
            highest, for a boolean the two spellings with the false one first; each a string, a
            boolean or a finite number.
        minimum: Smallest value allowed; for a date-time in seconds since 1970-01-01 UTC.
        maximum: Largest value allowed, in the same unit.
        unique: Whether no value may occur twice (missing values aside).
        dtype: The pandas dtype that a generated column is given back in, "" for any.
        reason: Why the kind was chosen, in words.

    Raises:
        SchemaError: If the parts contradict each other.

    Example:
        >>> Column("size", "ordinal", levels=("S", "M", "L")).kind
        <Kind.ORDINAL: 'ordinal'>
    """

    name: str
    kind: Kind
    nullable: bool = False
    levels: tuple[Any, ...] | None = None
    minimum: float | None = None
    maximum: float | None = None
    unique: bool = False
    dtype: str = ""
    reason: str = ""

    def __post_init__(self) -> None:
        """Bring kind, levels and bounds into their plain types, then check them."""
        if not isinstance(self.name, str):
            raise SchemaError(f"column {self.name!r}: expected a name that is a string")
        object.__setattr__(self, "kind", _kind(self.kind, self.name))
        _check_types(self)
        if self.levels is not None:
            object.__setattr__(self, "levels", tuple(map(_plain, self.levels)))
        for bound in ("minimum", "maximum"):
            if getattr(self, bound) is not None:
                object.__setattr__(self, bound, _number(getattr(self, bound), self.name, bound))
        _check_levels(self)
        _check_bounds(self)

    def to_dict(self) -> dict[str, Any]:
        """Give the column as plain values, without the fields that have their default."""
        found: dict[str, Any] = {"name": self.name, "kind": str(self.kind)}
        for field in dataclasses.fields(self)[2:]:
            value = getattr(self, field.name)
            if value != field.default:
                found[field.name] = list(value) if field.name == "levels" else value
        return found

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Make a column from what ``to_dict`` gave.

        Args:
            values: Field names and their values; ``name`` and ``kind`` are needed.

        Raises:
            SchemaError: If a field is missing, unknown or contradicts another.
        """
        if not isinstance(values, Mapping) or not {"name", "kind"} <= values.keys():
            raise SchemaError(f"schema: expected a column with a name and a kind, found {values!r}")
        _check_fields(values, where=f"column {values['name']!r}")
        return cls(**values)

    def changed(self, change: str | Mapping[str, Any]) -> Self:
        """Give the column as the user wants it.

        Levels and bounds that make no sense for a new kind are dropped, unless given with it.

        Args:
            change: The new kind, or the fields to change.

        Raises:
            SchemaError: If a field is not known, or the result contradicts itself.

        Example:
            >>> Column("age", "integer", minimum=0).changed("ordinal").minimum is None
            True
        """
        fields = {"kind": change} if isinstance(change, str) else dict(change)
        _check_fields(fields, where=f"column {self.name!r}")
        kind = _kind(fields.get("kind", self.kind), self.name)
        kept: dict[str, Any] = {"reason": "set by the user"}
        if kind not in LEVELLED:
            kept["levels"] = None
        if kind not in BOUNDED:
            kept |= {"minimum": None, "maximum": None}
        return dataclasses.replace(self, **(kept | fields))

    def in_words(self, bound: float | None) -> str:
        """Show one of the bounds, as a time where it is one; "" for no bound."""
        if bound is None:
            return ""
        if self.kind is Kind.DATETIME:
            return str(datetime.fromtimestamp(bound, tz=UTC).replace(tzinfo=None))
        return f"{bound:,.15g}"


def nearest(name: str, known: Sequence[str]) -> str:
    """Say in a message's last words which known name was meant.

    Args:
        name: What was found.
        known: What could have been.

    Example:
        >>> nearest("agee", ["age", "size"])
        "; did you mean 'age'?"
    """
    near = difflib.get_close_matches(str(name), known, n=1)
    return f"; did you mean {near[0]!r}?" if near else f"; known are {', '.join(known[:20])}"


def _kind(kind: object, name: str) -> Kind:
    try:
        return Kind(str(kind))
    except ValueError as error:
        known = ", ".join(Kind)
        raise SchemaError(
            f"column {name!r}: kind {kind!r} is not known; expected one of {known}"
        ) from error


def _plain(value: object) -> object:
    return value.item() if hasattr(value, "item") else value


def _is_finite(value: object) -> TypeGuard[float]:
    return isinstance(value, int) or (isinstance(value, float) and math.isfinite(value))


def _number(value: object, name: str, bound: str) -> float:
    number = _plain(value)
    if isinstance(number, bool) or not _is_finite(number):
        raise SchemaError(f"column {name!r}: expected a finite number as {bound}, found {value!r}")
    return float(number)


def _check_types(column: Column) -> None:
    for field, kinds in FIELD_TYPES.items():
        if not isinstance(value := getattr(column, field), kinds):
            raise SchemaError(
                f"column {column.name!r}: expected {field} to be {kinds[0].__name__}, "
                f"found {value!r}"
            )


def _check_levels(column: Column) -> None:
    if column.levels is None:
        return
    where = f"column {column.name!r}"
    if column.kind not in LEVELLED:
        raise SchemaError(f"{where}: a {column.kind} column has no levels; remove them")
    for level in column.levels:
        if not isinstance(level, str) and not _is_finite(level):
            raise SchemaError(
                f"{where}: expected levels that are strings, booleans or finite numbers, found "
                f"{level!r}; convert the column, for example with astype(str)"
            )
    if len(set(column.levels)) < len(column.levels):
        raise SchemaError(f"{where}: a level is there twice in {column.levels!r}")
    if column.kind is Kind.BOOLEAN and len(column.levels) != 2:
        raise SchemaError(f"{where}: expected two levels of a boolean, found {column.levels!r}")


def _check_bounds(column: Column) -> None:
    low, high = column.minimum, column.maximum
    where = f"column {column.name!r}"
    if (low is not None or high is not None) and column.kind not in BOUNDED:
        raise SchemaError(f"{where}: a {column.kind} column has no bounds; remove them")
    if column.kind is Kind.DATETIME:
        for bound in (low, high):
            if bound is not None and not TIMES[0] <= bound <= TIMES[1]:
                raise SchemaError(
                    f"{where}: expected a bound in the years 1 to 9999, in seconds since 1970, "
                    f"found {bound:g}"
                )
    if low is not None and high is not None and low > high:
        raise SchemaError(f"{where}: minimum {low:g} is above maximum {high:g}; swap them")


def _check_fields(values: Mapping[str, Any], *, where: str) -> None:
    known = [field.name for field in dataclasses.fields(Column)]
    for field in values:
        if field not in known:
            raise SchemaError(f"{where}: no field {field!r}{nearest(str(field), known)}")
