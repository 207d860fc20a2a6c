"""Validation finds every failure and names column, row, what was found and expected."""

import numpy as np
import pandas as pd
import pytest

from scenara.shared.data.column import Column
from scenara.shared.data.schema import Schema
from scenara.shared.data.validate import expected, violations
from scenara.shared.errors import SchemaError

FAILURES = [
    (Column("x", "integer", maximum=120), [3, 121], "whole numbers in (-inf, 120]", "121"),
    (Column("x", "integer"), [3, 2.5], "whole numbers", "2.5"),
    (Column("x", "numeric", minimum=0), [3, -0.5], "finite numbers in [0, inf)", "-0.5"),
    (Column("x", "numeric"), [3, np.inf], "finite numbers", "inf"),
    (Column("x", "numeric"), [3, "3"], "finite numbers", "'3'"),
    (Column("x", "numeric"), [3, None], "finite numbers", "a missing value"),
    (Column("x", "category", levels=("a", "b")), ["a", "c"], "one of 'a', 'b'", "'c'"),
    (Column("x", "category", levels=("a",)), pd.Categorical(["a", "c"]), "one of 'a'", "'c'"),
    (Column("x", "ordinal", levels=(1, 2)), [1, 3], "one of 1, 2", "3"),
    (Column("x", "boolean"), [True, "yes"], "true or false", "'yes'"),
    (Column("x", "boolean", levels=("n", "y")), ["y", "j"], "one of 'n', 'y'", "'j'"),
    (Column("x", "date-time"), ["2020-01-01", "1.1.2020"], "dates or times", "'1.1.2020'"),
    (
        Column("x", "date-time", minimum=0),
        ["2020-01-01", "1969-12-31"],
        "dates or times in [1970-01-01 00:00:00, inf)",
        "'1969-12-31'",
    ),
    (Column("x", "identifier", unique=True), ["a", "a"], "every value once", "'a' once more"),
]


@pytest.mark.parametrize(("column", "values", "allowed", "found"), FAILURES)
def test_a_cell_that_is_not_allowed_is_named_with_row_and_expectation(
    column, values, allowed, found
):
    table = violations(pd.DataFrame({"x": values}, index=[7, 7]), Schema((column,)))
    assert table.to_numpy().tolist() == [["x", 1, found, allowed]]


def test_all_failures_are_collected_and_the_first_are_shown():
    schema = Schema((Column("a", "integer", minimum=0), Column("b", "text")))
    frame = pd.DataFrame({"b": ["x", None, None], "a": [-1, 0, -2]})
    with pytest.raises(SchemaError) as caught:
        schema.validate(frame)
    assert str(caught.value) == (
        "column 'a': expected whole numbers in [0, inf), found -1 in row 0 and 1 more like it; "
        "column 'b': expected any value, found a missing value in row 1 and 1 more like it; "
        "mend or clean the data, or override the schema"
    )


def test_of_many_kinds_of_failure_three_are_shown():
    schema = Schema(tuple(Column(name, "text") for name in "abcde"))
    with pytest.raises(SchemaError, match="and 2 more kinds of failure; mend"):
        schema.validate(pd.DataFrame(None, index=[0], columns=list("abcde"), dtype=object))


def test_columns_too_many_or_too_few_are_failures():
    table = violations(pd.DataFrame({"b": [1]}), Schema((Column("a", "integer"),)))
    assert table["column"].tolist() == ["a", "b"]
    assert table["row"].isna().all()


def test_long_lists_of_levels_are_cut():
    levels = tuple("abcdefgh")
    assert expected(Column("x", "category", levels=levels)).endswith("'e' and 3 more")


@pytest.mark.parametrize("dtype", ["Int64", "int64[pyarrow]", "Float64", "float32"])
def test_bounds_hold_for_extension_types(dtype):
    frame = pd.DataFrame({"x": pd.Series([1, None, 5], dtype=dtype)})
    table = violations(frame, Schema((Column("x", "integer", nullable=True, maximum=4),)))
    assert table["row"].tolist() == [2]


def test_values_no_kind_is_for_are_refused():
    with pytest.raises(SchemaError, match="column 'x', row 0: expected text.*found dict"):
        Schema((Column("x", "text"),)).validate(pd.DataFrame({"x": [{}]}))


def test_missing_values_are_no_duplicates_of_each_other():
    schema = Schema((Column("x", "identifier", nullable=True, unique=True),))
    frame = pd.DataFrame({"x": pd.array([1, None, None], dtype="Int64")})
    assert schema.validate(frame) is frame
