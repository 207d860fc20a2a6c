"""Constraints between columns: what breaks them is found, named with its row, and saved with care."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenara.shared.data.clean import clean
from scenara.shared.data.column import Column
from scenara.shared.data.constraint import joint_codes
from scenara.shared.data.constraints import (
    Combinations,
    Dependency,
    Inequality,
    Positive,
    Total,
    Unique,
)
from scenara.shared.data.schema import Schema
from scenara.shared.data.validate import violations
from scenara.shared.errors import SchemaError

KINDS = {
    "a": Column("a", "numeric", nullable=True),
    "b": Column("b", "numeric", nullable=True),
    "c": Column("c", "category", nullable=True),
    "d": Column("d", "category", nullable=True),
    "t": Column("t", "date-time", nullable=True),
}
RULES = (
    Inequality("a", "b", strict=True),
    Inequality(0.5, "a"),
    Total("a", ("b",), tolerance=0.1),
    Dependency(("c", "d"), "b"),
    Combinations(("c", "d"), allowed=(("x", None), ("y", "z"))),
    Positive("a", zero=True),
    Unique(("a", "c")),
)
NAN = float("nan")

BROKEN = [
    (Inequality("a", "b"), {"a": [1, 2, NAN], "b": [1, 1, 0]}, [1], "a 2.0"),
    (Inequality("a", "b", strict=True), {"a": [1, 2], "b": [1, 3]}, [0], "a < b"),
    (Inequality("a", 5), {"a": [5, 6]}, [1], "a <= 5"),
    (Inequality(5, "a"), {"a": [5, 4]}, [1], "5 <= a"),
    (Positive("a"), {"a": [0, 1, -1, NAN]}, [0, 2], "a > 0"),
    (Positive("a", zero=True), {"a": [0, 1, -1]}, [2], "a >= 0"),
    (Total("a", ("b",)), {"a": [1, 2, 3], "b": [1, 3, NAN]}, [1], "a = b"),
    (Total("a", ("b",), tolerance=0.5), {"a": [1, 2], "b": [1.5, 2.6]}, [1], "a = b"),
    (Dependency(("c",), "d"), {"c": ["x", "y", "x"], "d": ["p", "p", "q"]}, [2], "c -> d"),
    (Dependency(("c",), "d"), {"c": [None, None], "d": ["p", "q"]}, [], ""),
    (Combinations(("c", "d"), (("x", None),)), {"c": ["x", "x"], "d": [None, "p"]}, [1], "known"),
    (Combinations(("c", "d")), {"c": ["x"], "d": ["p"]}, [], ""),
    (Unique(("c",)), {"c": ["x", "y", "x", None, None]}, [2], "unique c"),
    (Unique(("c", "a")), {"c": ["x", "x", "x"], "a": [1, 2, 1]}, [2], "unique c, a"),
]


def schema_of(frame, *rules):
    return Schema(tuple(KINDS[name] for name in frame), rules)


@pytest.mark.parametrize(("rule", "cells", "rows", "words"), BROKEN)
def test_every_row_that_breaks_a_constraint_is_named_with_the_rule(rule, cells, rows, words):
    frame = pd.DataFrame(cells)
    found = violations(frame, schema_of(frame, rule))
    assert found["row"].tolist() == rows
    assert all(words in " ".join(row) for row in found[["found", "expected"]].to_numpy())


def test_validation_says_what_was_found_in_which_row_and_what_was_expected():
    frame = pd.DataFrame({"a": [1.0, 5.0], "b": [2.0, 3.0]}, index=[9, 9])
    with pytest.raises(SchemaError) as caught:
        schema_of(frame, Inequality("a", "b")).validate(frame)
    assert "column 'b': expected a <= b, found b 3.0, a 5.0 in row 1" in str(caught.value)


def test_times_are_compared_with_times():
    frame = pd.DataFrame({"t": pd.to_datetime(["2020-01-01", "2020-01-03"])})
    bound = pd.Timestamp("2020-01-02").timestamp()
    assert violations(frame, schema_of(frame, Inequality("t", bound)))["row"].tolist() == [1]


def test_sums_of_decimals_hold_up_to_floating_point():
    rng = np.random.default_rng(0)
    cents = rng.integers(1, 10**7, (200, 2)) / 100
    frame = pd.DataFrame({"b": cents[:, 0], "a": np.round(cents.sum(axis=1), 2)})
    frame["x"] = cents[:, 1]
    kinds = (KINDS["b"], KINDS["a"], Column("x", "numeric"))
    assert violations(frame, Schema(kinds, (Total("a", ("b", "x")),))).empty


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        (Inequality("a", "z"), "no column 'z'"),
        (Inequality("a", "t"), "a time and a number can't be compared"),
        (Inequality("a", "c"), "column 'c' is category; expected one of numeric"),
        (Total("t", ("a",)), "column 't' is date-time"),
        (Total("a", ("b", "b")), "a column is there twice"),
        (Positive("c"), "column 'c' is category"),
        (Unique(("a", "zz")), "no column 'zz'"),
        ("a < b", "expected a constraint, found 'a < b'"),
    ],
)
def test_a_rule_that_its_columns_can_not_keep_is_refused(rule, message):
    with pytest.raises(SchemaError, match=message):
        Schema(tuple(KINDS.values()), (rule,))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Inequality(1, 2), "expected a column, found 1 and 2"),
        (lambda: Inequality("a", NAN), "expected a column or a number"),
        (lambda: Total("a", ()), "expected names of columns"),
        (lambda: Total("a", (3,)), "expected names of columns, found 3"),
        (lambda: Total("a", "b", tolerance=-1), "expected a tolerance from 0 up"),
        (lambda: Combinations(("a",)), "at least two columns"),
        (lambda: Combinations(("a", "b"), allowed=[("x",)]), "expected 2 values"),
    ],
)
def test_a_rule_that_says_nothing_is_refused(make, message):
    with pytest.raises(SchemaError, match=message):
        make()


@pytest.mark.parametrize("suffix", [".json", ".yaml"])
@pytest.mark.parametrize("rule", RULES)
def test_a_saved_constraint_comes_back_exactly(tmp_path, suffix, rule):
    schema = Schema(tuple(KINDS.values()), (rule,))
    assert Schema.load(schema.save(tmp_path / f"schema{suffix}")) == schema


def test_a_schema_without_constraints_is_saved_as_before():
    assert set(Schema((KINDS["a"],)).to_dict()) == {"format", "columns"}


@pytest.mark.parametrize(
    ("plain", "message"),
    [
        ([{"rule": "sum"}], "expected a constraint with a rule of inequality, total"),
        ([{"rule": "positive", "colum": "a"}], "no field 'colum'; did you mean 'column'"),
        ([{"rule": "inequality", "low": "a"}], "field 'high' is missing"),
        ({"rule": "positive"}, "expected a list of constraints"),
    ],
)
def test_what_is_no_constraint_is_refused(plain, message):
    with pytest.raises(SchemaError, match=message):
        Schema.from_dict({"columns": [{"name": "a", "kind": "numeric"}], "constraints": plain})


def test_overriding_a_column_keeps_the_constraints():
    schema = Schema(tuple(KINDS.values()), (Inequality("a", "b"),))
    assert schema.override(c={"nullable": False}).constraints == (Inequality("a", "b"),)


def test_cleaning_keeps_the_constraints_whose_columns_are_left():
    frame = pd.DataFrame({"a": [1.5, 2.5] * 20, "b": [2.5, 3.5] * 20, "c": ["x"] * 40})
    rules = (Inequality("a", "b"), Unique(("a", "c")))
    left = clean(frame, schema=schema_of(frame, *rules), rules={"constants": "drop"}).schema
    assert "c" not in left
    assert left.constraints == rules[:1]


CELLS = st.lists(st.tuples(*[st.sampled_from([None, "x", "y", 1])] * 2), max_size=12)


@given(rows=CELLS)
@settings(max_examples=60, deadline=None)
def test_codes_of_rows_agree_exactly_where_their_contents_do(rows):
    frame = pd.DataFrame(rows, columns=["c", "d"], dtype=object)
    codes = joint_codes(frame, ["c", "d"])
    for first, second in combinations(
        [place for place in range(len(rows)) if codes[place] >= 0], 2
    ):
        assert (codes[first] == codes[second]) == (rows[first] == rows[second])
    assert (codes == -1).tolist() == [None in row for row in rows]


@given(pairs=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=12))
@settings(max_examples=60, deadline=None)
def test_a_dependency_is_broken_where_brute_force_finds_a_contradiction(pairs):
    frame = pd.DataFrame(pairs, columns=["c", "d"])
    first = {}
    expected = [first.setdefault(c, d) == d for c, d in pairs]
    assert Dependency(("c",), "d").holds(frame, KINDS).tolist() == expected
