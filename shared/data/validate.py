"""Whether a table obeys its schema: all failures at once, through pandera."""

import warnings
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from scenara.shared.data.column import BOUNDED, Column, Kind
from scenara.shared.data.constraint import Constraint
from scenara.shared.data.plain import as_numbers, as_objects, as_seconds, check_names, family, text
from scenara.shared.data.schema import Schema
from scenara.shared.errors import SchemaError

if TYPE_CHECKING:
    from pandera.pandas import DataFrameSchema

__all__ = ["check", "expected", "is_possible", "violations"]

SHOWN = 3


class Failure(NamedTuple):
    """One thing in a table that its schema does not allow."""

    column: str
    row: int | None
    found: str
    expected: str


def is_possible(values: pd.Series, column: Column) -> npt.NDArray[np.bool_]:
    """Say for each value whether its column allows it.

    Args:
        values: Values of the column without missing ones, (rows,).
        column: What they may be.

    Returns:
        (rows,) booleans.

    Example:
        >>> is_possible(pd.Series([1, -1, 2.5]), Column("n", "integer", minimum=0)).tolist()
        [True, False, False]
    """
    if column.kind in BOUNDED:
        return _is_within(values, column)
    levels = (False, True) if column.kind is Kind.BOOLEAN and not column.levels else column.levels
    if levels is None:
        return np.ones(len(values), dtype=bool)
    return pd.Series(as_objects(values), dtype=object).isin(list(levels)).to_numpy()


def expected(column: Column) -> str:
    """Say in words which values a column allows.

    Example:
        >>> expected(Column("age", "integer", minimum=0, maximum=120))
        'whole numbers in [0, 120]'
    """
    if column.kind in BOUNDED:
        nouns = {Kind.INTEGER: "whole numbers", Kind.DATETIME: "dates or times"}
        return f"{nouns.get(column.kind, 'finite numbers')}{_span(column)}"
    if column.levels is not None:
        shown = ", ".join(map(text, column.levels[:5]))
        more = len(column.levels) - 5
        return f"one of {shown} and {more:,} more" if more > 0 else f"one of {shown}"
    return "true or false" if column.kind is Kind.BOOLEAN else "any value"


def violations(frame: pd.DataFrame, schema: Schema) -> pd.DataFrame:
    """List everything in a table that its schema does not allow.

    Args:
        frame: The table, (rows, columns).
        schema: What it should be.

    Returns:
        One row a failure: column, row (position from 0, missing for a whole column), found,
        expected; in the order of the schema's columns, then of rows; then the broken constraints.

    Raises:
        SchemaError: If the names of the columns can't be told apart.

    Example:
        >>> schema = Schema((Column("age", "integer", minimum=0),))
        >>> failure = violations(pd.DataFrame({"age": [3, -1]}), schema).iloc[0]
        >>> print(failure.row, failure.found, failure.expected)
        1 -1 whole numbers in [0, inf)
    """
    check_names(frame)
    for name in frame.columns:
        family(frame[name])
    failures: list[Failure] = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pandera.pandas as pandera

        try:
            _rules(schema, pandera).validate(frame.reset_index(drop=True), lazy=True)
        except pandera.errors.SchemaErrors as error:
            failures = _in_order(error.failure_cases, frame, schema)
    for constraint in schema.constraints:
        failures += _constraint_failures(constraint, frame, schema)
    return _table(failures)


def check(frame: pd.DataFrame, schema: Schema) -> pd.DataFrame:
    """Give the frame back if it obeys the schema.

    Args:
        frame: The table, (rows, columns).
        schema: What it should be.

    Raises:
        SchemaError: If it does not; names the first failures and counts the others.
    """
    found = violations(frame, schema)
    if found.empty:
        return frame
    kinds = [group for _, group in found.groupby(["column", "expected"], sort=False)]
    shown = "; ".join(map(_in_words, kinds[:SHOWN]))
    more = f"; and {len(kinds) - SHOWN:,} more kinds of failure" if len(kinds) > SHOWN else ""
    raise SchemaError(f"{shown}{more}; mend or clean the data, or override the schema")


def _rules(schema: Schema, pandera: ModuleType) -> "DataFrameSchema":
    columns = {
        column.name: pandera.Column(
            None,
            [pandera.Check(check, name=name) for name, check in _checks(column).items()],
            nullable=column.nullable,
        )
        for column in schema
    }
    rules: DataFrameSchema = pandera.DataFrameSchema(columns, strict=True)
    return rules


def _checks(column: Column) -> dict[str, Callable[[pd.Series], "pd.Series[bool]"]]:
    def possible(values: pd.Series) -> "pd.Series[bool]":
        return pd.Series(is_possible(values, column), index=values.index)

    def unique(values: pd.Series) -> "pd.Series[bool]":
        return ~values.duplicated()

    return {"possible": possible, "unique": unique} if column.unique else {"possible": possible}


def _is_within(values: pd.Series, column: Column) -> npt.NDArray[np.bool_]:
    numbers = as_seconds(values) if column.kind is Kind.DATETIME else as_numbers(values)
    within = np.isfinite(numbers)
    if column.kind is Kind.INTEGER:
        within &= np.mod(np.where(within, numbers, 0.5), 1) == 0
    if column.minimum is not None:
        within &= numbers >= column.minimum
    if column.maximum is not None:
        within &= numbers <= column.maximum
    return within


def _span(column: Column) -> str:
    if column.minimum is None and column.maximum is None:
        return ""
    low, high = column.in_words(column.minimum), column.in_words(column.maximum)
    return f" in {f'[{low}' if low else '(-inf'}, {f'{high}]' if high else 'inf)'}"


def _in_order(cases: pd.DataFrame, frame: pd.DataFrame, schema: Schema) -> list[Failure]:
    failures = _column_failures(cases, schema)
    for column in schema:
        of_column = cases[cases["column"] == column.name]
        for name in ("not_nullable", "possible", "unique"):
            rows = of_column.loc[of_column["check"] == name, "index"].to_numpy(dtype=np.int64)
            if len(rows):
                values = frame[column.name].iloc[rows].set_axis(rows)
                failures += _cell_failures(column, name, values)
    places = {name: place for place, name in reversed([*enumerate((*schema.names, *frame))])}
    failures.sort(key=lambda failure: (places[failure.column], failure.row or 0))
    return failures


def _constraint_failures(
    constraint: Constraint, frame: pd.DataFrame, schema: Schema
) -> list[Failure]:
    if not set(constraint.columns) <= set(frame.columns):
        return []
    rows = np.flatnonzero(~constraint.holds(frame, schema.by_name))
    parts = {name: as_objects(frame[name].iloc[rows]) for name in constraint.columns}
    blamed, rule = constraint.columns[0], constraint.in_words
    return [
        Failure(
            blamed,
            int(row),
            ", ".join(f"{name} {text(cells[place])}" for name, cells in parts.items()),
            rule,
        )
        for place, row in enumerate(rows)
    ]


def _column_failures(cases: pd.DataFrame, schema: Schema) -> list[Failure]:
    of_table = cases.loc[cases["schema_context"] == "DataFrameSchema", "failure_case"]
    absent = Failure("", None, "no such column", "a column of this name")
    extra = Failure("", None, "a column", "no column of this name")
    return [(absent if name in schema else extra)._replace(column=name) for name in of_table]


def _cell_failures(column: Column, check: str, values: pd.Series) -> list[Failure]:
    allowed = "every value once" if check == "unique" else expected(column)
    words = {"not_nullable": "a missing value", "possible": "{}", "unique": "{} once more"}[check]
    cells = zip(values.index, as_objects(values), strict=True)
    return [Failure(column.name, row, words.format(text(cell)), allowed) for row, cell in cells]


def _table(failures: Sequence[Failure]) -> pd.DataFrame:
    table = pd.DataFrame(failures, columns=list(Failure._fields))
    return table.astype({"row": "Int64"})


def _in_words(failures: pd.DataFrame) -> str:
    first = Failure(*failures.iloc[0])
    where = "" if pd.isna(first.row) else f" in row {first.row}"
    more = f" and {len(failures) - 1:,} more like it" if len(failures) > 1 else ""
    return f"column {first.column!r}: expected {first.expected}, found {first.found}{where}{more}"
