"""Real and generated tables made comparable: numbers as floats, categories as common levels."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import pandas as pd

from scenara.shared.data.column import Kind
from scenara.shared.data.schema import Schema
from scenara.shared.errors import DataError
from scenara.shared.evaluation.tables.cells import is_time, levels_of, numbers_of, times_of

__all__ = ["ColumnRoles", "ComparableTables", "column_roles", "comparable"]

NUMBERS = (Kind.NUMERIC, Kind.INTEGER)
IGNORED = (Kind.IDENTIFIER, Kind.TEXT)


@dataclass(frozen=True)
class ColumnRoles:
    """Say how each column of a table is compared; the names keep the order of the table.

    Args:
        names: Columns that are compared.
        times: Those that are moments; they are compared as numbers.
        categories: Those whose values are levels.
        ignored: Columns that are not compared: identifiers and free text.

    Example:
        >>> ColumnRoles(("age", "since", "city"), ("since",), ("city",)).numbers
        ('age', 'since')
    """

    names: tuple[str, ...]
    times: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()

    @property
    def numbers(self) -> tuple[str, ...]:
        """Give the columns that are compared as numbers."""
        return tuple(name for name in self.names if name not in self.categories)


@dataclass(frozen=True)
class ComparableTables:
    """Hold tables of the same columns: numbers as float64, categories of the same levels.

    Missing numbers are NaN; missing categories are the level ``MISSING`` of
    ``scenara.shared.evaluation.tables.cells``.

    Args:
        frames: The tables by name, in the order in which they were given.
        roles: How each column is compared.
    """

    frames: Mapping[str, pd.DataFrame]
    roles: ColumnRoles

    def __getitem__(self, name: str) -> pd.DataFrame:
        """Give one table by its name."""
        return self.frames[name]


def column_roles(
    frame: pd.DataFrame, *, schema: Schema | None = None, categories: Collection[str] = ()
) -> ColumnRoles:
    """Decide how each column is compared.

    The schema decides where there is one. Without it, moments and numeric columns are numbers,
    and every other column, booleans too, is a category.

    Args:
        frame: The real table, (rows, columns).
        schema: What the columns are.
        categories: Columns that are categories whatever else is said, such as a class target.

    Returns:
        The roles, in the order of the columns.

    Raises:
        DataError: If a column name is there twice, or a category or a column of the schema is
            not in the table, or no column is left to compare.

    Example:
        >>> frame = pd.DataFrame({"age": [30.0, 41.0], "smoker": [True, False], "bad": [0, 1]})
        >>> column_roles(frame, categories=["bad"]).categories
        ('smoker', 'bad')
    """
    _check_names(frame, schema, categories)
    kinds = {name: _kind(frame[name], name, schema) for name in frame.columns}
    kinds |= dict.fromkeys(categories, Kind.CATEGORY)
    roles = ColumnRoles(
        names=tuple(name for name, kind in kinds.items() if kind not in IGNORED),
        times=tuple(name for name, kind in kinds.items() if kind == Kind.DATETIME),
        categories=tuple(
            name for name, kind in kinds.items() if kind not in (*NUMBERS, *IGNORED, Kind.DATETIME)
        ),
        ignored=tuple(name for name, kind in kinds.items() if kind in IGNORED),
    )
    if not roles.names:
        raise DataError("real: found no column to compare, expected at least one")
    return roles


def comparable(
    tables: Mapping[str, pd.DataFrame],
    *,
    schema: Schema | None = None,
    categories: Collection[str] = (),
) -> ComparableTables:
    """Bring tables to the columns of the first one, in forms that can be compared.

    Numbers of any dtype become float64, moments days since 1970, levels text: 1, 1.0 and "1"
    are one level. A missing value is a level of its own.

    Args:
        tables: Tables by the name that messages use; the first one is real and leads.
        schema: What the columns are; by default their dtypes say it.
        categories: Columns that are categories whatever else is said, such as a class target.

    Returns:
        The tables, with the rows that they had, numbered from 0, and the roles.

    Raises:
        DataError: If a table is empty or has other columns, or a cell can't be compared: text
            among numbers, an infinite number, a list.

    Example:
        >>> real = pd.DataFrame({"age": [30, 41], "grade": ["A", None]})
        >>> drawn = pd.DataFrame({"grade": ["B", "A"], "age": [33.5, None]})
        >>> both = comparable({"real": real, "generated": drawn})
        >>> both["generated"].columns.tolist(), both["real"]["grade"].cat.categories.tolist()
        (['age', 'grade'], ['A', 'B', '__nan__'])
    """
    lead = next(iter(tables.values()))
    roles = column_roles(lead, schema=schema, categories=categories)
    for name, table in tables.items():
        _check_table(table, name, lead)
    columns: dict[str, dict[str, pd.Series]] = {name: {} for name in tables}
    for column in roles.names:
        series = {name: table[column] for name, table in tables.items()}
        for name, values in _comparable_column(series, column, roles).items():
            columns[name][column] = values
    return ComparableTables({name: pd.DataFrame(part) for name, part in columns.items()}, roles)


def _comparable_column(
    series: Mapping[str, "pd.Series"], column: str, roles: ColumnRoles
) -> dict[str, "pd.Series"]:
    if column in roles.categories:
        return levels_of(series, column)
    convert = times_of if column in roles.times else numbers_of
    return {name: convert(values, f"{name}, column {column!r}") for name, values in series.items()}


def _kind(values: "pd.Series", name: str, schema: Schema | None) -> Kind:
    if schema is not None:
        return schema[name].kind
    if is_time(values):
        return Kind.DATETIME
    is_number = pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values)
    return Kind.NUMERIC if is_number else Kind.CATEGORY


def _check_names(frame: pd.DataFrame, schema: Schema | None, categories: Collection[str]) -> None:
    if not frame.columns.is_unique:
        twice = frame.columns[frame.columns.duplicated()][0]
        raise DataError(f"real: column {twice!r} is there twice; rename one of them")
    for source, names in (("categories", categories), ("schema", schema.names if schema else ())):
        unknown = [name for name in names if name not in frame.columns]
        if unknown:
            raise DataError(f"{source}: column {unknown[0]!r} is not in the real table")


def _check_table(table: pd.DataFrame, name: str, lead: pd.DataFrame) -> None:
    if len(table) == 0:
        raise DataError(f"{name}: found no rows, expected at least one")
    missing = lead.columns.difference(table.columns, sort=False)
    extra = table.columns.difference(lead.columns, sort=False)
    if len(missing):
        raise DataError(f"{name}: column {missing[0]!r} is missing; the real table has it")
    if len(extra):
        raise DataError(f"{name}: column {extra[0]!r} is not in the real table; drop it")
    if not table.columns.is_unique:
        twice = table.columns[table.columns.duplicated()][0]
        raise DataError(f"{name}: column {twice!r} is there twice; rename one of them")
