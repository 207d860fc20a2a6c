"""What the columns of a table owe to each other: orders, sums, dependencies, combinations, keys."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from scenara.shared.data.column import BOUNDED, Kind, nearest
from scenara.shared.data.constraint import (
    Columns,
    Constraint,
    column_names,
    is_number,
    joint_codes,
    measured,
)
from scenara.shared.data.plain import as_numbers, as_objects
from scenara.shared.errors import SchemaError
from scenara.shared.types import Array, FloatArray

__all__ = [
    "Combinations",
    "Dependency",
    "Inequality",
    "Positive",
    "Total",
    "Unique",
    "constraint_from_dict",
]

ROUNDING = 1e-9
COARSE_ROUNDING = 1e-5


@dataclass(frozen=True)
class Inequality(Constraint):
    """Say that a column is never above another, or that a number bounds it.

    Args:
        low: Name of a column of numbers or times, or a number (for times in seconds since 1970).
        high: The same; one of both is a column.
        strict: Whether equal is too much.

    Example:
        >>> from scenara.shared.data.column import Column
        >>> frame = pd.DataFrame({"opened": [1, 5], "closed": [2, 3]})
        >>> kinds = {name: Column(name, "integer") for name in frame}
        >>> Inequality("opened", "closed").holds(frame, kinds).tolist()
        [True, False]
    """

    low: str | float
    high: str | float
    strict: bool = False

    rule: ClassVar[str] = "inequality"

    def __post_init__(self) -> None:
        """Check that there is a column on one side and a finite number or column on the other."""
        if not any(isinstance(end, str) for end in (self.low, self.high)):
            raise SchemaError(f"inequality: expected a column, found {self.low!r} and {self.high}")
        for end in (self.low, self.high):
            if not isinstance(end, str) and not is_number(end):
                raise SchemaError(f"inequality: expected a column or a number, found {end!r}")

    @property
    def columns(self) -> tuple[str, ...]:
        """Give the columns compared, the upper one first."""
        return tuple(end for end in (self.high, self.low) if isinstance(end, str))

    @property
    def in_words(self) -> str:
        """Say the rule, such as ``low <= high``."""
        return f"{self.low} {'<' if self.strict else '<='} {self.high}"

    def check(self, columns: Columns) -> None:
        """Refuse columns that are not there or can't be compared, see ``Constraint.check``."""
        super().check(columns)
        self._check_kinds(columns, BOUNDED)
        if len({columns[name].kind is Kind.DATETIME for name in self.columns}) > 1:
            raise SchemaError(
                f"constraint {self.in_words!r}: a time and a number can't be compared; mend the "
                "kind of one of the columns"
            )

    def holds(self, frame: pd.DataFrame, columns: Columns) -> Array:
        """Say for each row whether the lower end is not above the upper one."""
        low, high = (_end(end, frame, columns) for end in (self.low, self.high))
        with np.errstate(invalid="ignore"):
            wrong = low >= high if self.strict else low > high
        return np.broadcast_to(~wrong, len(frame))


@dataclass(frozen=True)
class Positive(Constraint):
    """Say that a number is above zero.

    Args:
        column: Name of a column of numbers.
        zero: Whether zero will do too.

    Example:
        >>> from scenara.shared.data.column import Column
        >>> prices = pd.DataFrame({"price": [2.5, 0.0]})
        >>> Positive("price").holds(prices, {"price": Column("price", "numeric")}).tolist()
        [True, False]
    """

    column: str
    zero: bool = False

    rule: ClassVar[str] = "positive"

    @property
    def columns(self) -> tuple[str, ...]:
        """Give the column."""
        return (self.column,)

    @property
    def in_words(self) -> str:
        """Say the rule, such as ``price > 0``."""
        return f"{self.column} {'>=' if self.zero else '>'} 0"

    def check(self, columns: Columns) -> None:
        """Refuse a column that is not there or holds no numbers, see ``Constraint.check``."""
        super().check(columns)
        self._check_kinds(columns, (Kind.NUMERIC, Kind.INTEGER))

    def holds(self, frame: pd.DataFrame, columns: Columns) -> Array:
        """Say for each row whether its number is above zero."""
        return Inequality(0, self.column, strict=not self.zero).holds(frame, columns)


@dataclass(frozen=True)
class Total(Constraint):
    """Say that a column is the sum of others.

    Args:
        total: Name of the column of sums.
        parts: Names of the columns summed; one part says that both columns are equal.
        tolerance: Difference allowed beyond that of floating point, for parts that were rounded
            apart from their sum; in units of the columns.

    Example:
        >>> from scenara.shared.data.column import Column
        >>> bill = pd.DataFrame({"net": [0.1, 5.0], "tax": [0.2, 1.0], "gross": [0.3, 5.5]})
        >>> kinds = {name: Column(name, "numeric") for name in bill}
        >>> Total("gross", ("net", "tax")).holds(bill, kinds).tolist()
        [True, False]
    """

    total: str
    parts: tuple[str, ...]
    tolerance: float = 0.0

    rule: ClassVar[str] = "total"

    def __post_init__(self) -> None:
        """Check that there are parts and that the tolerance is one."""
        object.__setattr__(self, "parts", column_names(self.parts, self.rule))
        if not is_number(self.tolerance) or self.tolerance < 0:
            raise SchemaError(f"total: expected a tolerance from 0 up, found {self.tolerance!r}")

    @property
    def columns(self) -> tuple[str, ...]:
        """Give the total, then its parts."""
        return (self.total, *self.parts)

    @property
    def in_words(self) -> str:
        """Say the rule, such as ``gross = net + tax``."""
        return f"{self.total} = {' + '.join(self.parts)}"

    def check(self, columns: Columns) -> None:
        """Refuse columns that are not there or can't be summed, see ``Constraint.check``."""
        super().check(columns)
        self._check_kinds(columns, (Kind.NUMERIC, Kind.INTEGER))

    def holds(self, frame: pd.DataFrame, columns: Columns) -> Array:
        """Say for each row whether the total is the sum of the parts."""
        parts = np.column_stack([as_numbers(frame[name]) for name in self.parts])
        total = as_numbers(frame[self.total])
        is_coarse = any(str(frame[name].dtype).lower() == "float32" for name in self.columns)
        size = np.abs(parts).sum(axis=1) + np.abs(total)
        allowed = self.tolerance + (COARSE_ROUNDING if is_coarse else ROUNDING) * size
        with np.errstate(invalid="ignore"):
            wrong: Array = np.abs(total - parts.sum(axis=1)) > allowed
        return ~wrong


@dataclass(frozen=True)
class Dependency(Constraint):
    """Say that some columns determine another one: the same cells there, the same cell here.

    Args:
        determinants: Names of the columns that determine, such as a postal code.
        dependent: Name of the column that follows, such as a region.

    Example:
        >>> from scenara.shared.data.column import Column
        >>> places = pd.DataFrame({"city": ["Kiel", "Ulm", "Kiel"], "land": ["SH", "BW", "BW"]})
        >>> kinds = {name: Column(name, "category") for name in places}
        >>> Dependency(("city",), "land").holds(places, kinds).tolist()
        [True, True, False]
    """

    determinants: tuple[str, ...]
    dependent: str

    rule: ClassVar[str] = "dependency"

    def __post_init__(self) -> None:
        """Check that there are determinants."""
        object.__setattr__(self, "determinants", column_names(self.determinants, self.rule))

    @property
    def columns(self) -> tuple[str, ...]:
        """Give the column that follows, then those that determine it."""
        return (self.dependent, *self.determinants)

    @property
    def in_words(self) -> str:
        """Say the rule, such as ``city -> region``."""
        return f"{', '.join(self.determinants)} -> {self.dependent}"

    def check(self, columns: Columns) -> None:
        """Refuse columns that are not there or hold no repeats, see ``Constraint.check``."""
        super().check(columns)
        self._check_kinds(columns, _CONTENT)

    def holds(self, frame: pd.DataFrame, columns: Columns) -> Array:
        """Say for each row whether it follows the first row with the same determinants."""
        groups = joint_codes(frame, self.determinants)
        follows = joint_codes(frame, (self.dependent,))
        known = np.flatnonzero((groups >= 0) & (follows >= 0))
        first = np.full(int(groups.max(initial=-1)) + 1, -1, dtype=np.int64)
        first[groups[known[::-1]]] = follows[known[::-1]]
        good = np.ones(len(frame), dtype=bool)
        good[known] = follows[known] == first[groups[known]]
        return good


@dataclass(frozen=True)
class Combinations(Constraint):
    """Say that values occur together only as they do in the data.

    Args:
        of: Names of the columns, at least two.
        allowed: The combinations, each in the order of ``of``, ``None`` for a missing cell; None
            to take those of the data learned from.

    Example:
        >>> from scenara.shared.data.column import Column
        >>> cars = pd.DataFrame({"make": ["VW", "VW"], "model": ["Golf", "Corsa"]})
        >>> kinds = {name: Column(name, "category") for name in cars}
        >>> rule = Combinations(("make", "model"), allowed=[("VW", "Golf")])
        >>> rule.holds(cars, kinds).tolist()
        [True, False]
    """

    of: tuple[str, ...]
    allowed: tuple[tuple[Any, ...], ...] | None = None

    rule: ClassVar[str] = "combinations"

    def __post_init__(self) -> None:
        """Check that there are two columns and that what is allowed fits them."""
        object.__setattr__(self, "of", column_names(self.of, self.rule))
        if len(self.of) < 2:
            raise SchemaError(f"combinations: expected at least two columns, found {self.of!r}")
        if self.allowed is None:
            return
        if not isinstance(self.allowed, (list, tuple)):
            raise SchemaError(f"combinations: expected a list of them, found {self.allowed!r}")
        for cells in self.allowed:
            if not isinstance(cells, (list, tuple)) or len(cells) != len(self.of):
                raise SchemaError(
                    f"combinations: expected {len(self.of)} values as there are columns in "
                    f"{self.of!r}, found {cells!r}"
                )
        object.__setattr__(self, "allowed", tuple(map(tuple, self.allowed)))

    @property
    def columns(self) -> tuple[str, ...]:
        """Give the columns."""
        return self.of

    @property
    def in_words(self) -> str:
        """Say the rule, such as ``known combinations of make, model``."""
        return f"known combinations of {', '.join(self.of)}"

    def check(self, columns: Columns) -> None:
        """Refuse columns that are not there or hold no repeats, see ``Constraint.check``."""
        super().check(columns)
        self._check_kinds(columns, _CONTENT)

    def holds(self, frame: pd.DataFrame, columns: Columns) -> Array:
        """Say for each row whether its combination is allowed; without a list all are."""
        if self.allowed is None:
            return np.ones(len(frame), dtype=bool)
        parts = [_cells(frame[name]) for name in self.of]
        known = set(self.allowed)
        rows = (cells in known for cells in zip(*parts, strict=True))
        return np.fromiter(rows, dtype=bool, count=len(frame))


@dataclass(frozen=True)
class Unique(Constraint):
    """Say that no content of one or several columns occurs twice.

    Args:
        of: Names of the columns that are unique together.

    Example:
        >>> from scenara.shared.data.column import Column
        >>> stays = pd.DataFrame({"room": [1, 1, 2], "night": [1, 2, 1]})
        >>> kinds = {name: Column(name, "integer") for name in stays}
        >>> Unique(("room", "night")).holds(stays, kinds).all(), Unique(("room",)).holds(stays, {})
        (np.True_, array([ True, False,  True]))
    """

    of: tuple[str, ...]

    rule: ClassVar[str] = "unique"

    def __post_init__(self) -> None:
        """Check that there are columns."""
        object.__setattr__(self, "of", column_names(self.of, self.rule))

    @property
    def columns(self) -> tuple[str, ...]:
        """Give the columns."""
        return self.of

    @property
    def in_words(self) -> str:
        """Say the rule, such as ``unique room, night``."""
        return f"unique {', '.join(self.of)}"

    def holds(self, frame: pd.DataFrame, columns: Columns) -> Array:
        """Say for each row whether no row before it has the same content."""
        codes = joint_codes(frame, self.of)
        repeated = pd.Series(codes).duplicated().to_numpy(dtype=bool)
        return ~(repeated & (codes >= 0))


def constraint_from_dict(values: Mapping[str, Any]) -> Constraint:
    """Make a constraint from what ``Constraint.to_dict`` gave.

    Args:
        values: ``rule`` and the fields of that rule.

    Raises:
        SchemaError: The rule or a field is not known, or a field is missing.

    Example:
        >>> constraint_from_dict({"rule": "unique", "of": ["room", "night"]})
        Unique(of=('room', 'night'))
    """
    if not isinstance(values, Mapping) or values.get("rule") not in _RULES:
        known = ", ".join(_RULES)
        raise SchemaError(f"schema: expected a constraint with a rule of {known}, found {values!r}")
    cls = _RULES[values["rule"]]
    given = {name: value for name, value in values.items() if name != "rule"}
    fields = dataclasses.fields(cls)
    if unknown := [name for name in given if name not in {field.name for field in fields}]:
        raise SchemaError(
            f"constraint {cls.rule}: no field {unknown[0]!r}"
            f"{nearest(str(unknown[0]), [field.name for field in fields])}"
        )
    needed = [field.name for field in fields if field.default is dataclasses.MISSING]
    if lacking := [name for name in needed if name not in given]:
        raise SchemaError(f"constraint {cls.rule}: field {lacking[0]!r} is missing")
    return cls(**given)


_CONTENT = tuple(kind for kind in Kind if kind not in (Kind.IDENTIFIER, Kind.TEXT))
_RULES: dict[str, type[Constraint]] = {
    cls.rule: cls for cls in (Inequality, Total, Dependency, Combinations, Positive, Unique)
}


def _end(end: str | float, frame: pd.DataFrame, columns: Columns) -> "FloatArray | np.float64":
    return measured(frame[end], columns[end]) if isinstance(end, str) else np.float64(end)


def _cells(values: pd.Series) -> list[Any]:
    absent = values.isna().to_numpy(dtype=bool)
    cells = as_objects(values).tolist()
    return [None if gone else cell for cell, gone in zip(cells, absent, strict=True)]
