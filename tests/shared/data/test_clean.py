"""Cleaning finds what it should, does what it is told, and accounts for every change."""

import datetime

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import pandas as frames

from scenara.shared.data.clean import RULES, clean
from scenara.shared.data.column import Column
from scenara.shared.data.schema import Schema
from scenara.shared.errors import ConfigError, DataError, SchemaError

QUIET = dict.fromkeys(RULES, "skip")


def apply(rule, action, column, values, **kinds):
    """Run one rule on one column."""
    schema = Schema((Column(column, **kinds),)) if kinds else None
    return clean(pd.DataFrame({column: values}), schema=schema, rules={**QUIET, rule: action})


MENDED = [
    ("blanks", "city", [" a b", "a  b", "a b"], {}, ["a b", "a b", "a b"]),
    ("blanks", "city", ["a", "  ", "b"], {}, ["a", None, "b"]),
    ("blanks", "note", [" a", " "], {"kind": "text"}, [" a", None]),
    ("blanks", "city", [" a", " b"], {"kind": "category", "levels": (" a",)}, [" a", "b"]),
    ("spelling", "city", ["Rome", "ROME", "Rome"], {}, ["Rome", "Rome", "Rome"]),
    ("spelling", "city", ["a", "A", "a"], {}, ["a", "A", "a"]),
    ("spelling", "city", ["a", "A"], {"kind": "category", "levels": ["A"]}, ["A", "A"]),
    ("spelling", "city", pd.Categorical(["Bo", "BO", "Bo"]), {}, ["Bo", "Bo", "Bo"]),
    ("numerals", "fee", ["$1,200.50", "(3)", "4 %"], {}, [1200.5, -3, 0.04]),
    ("numerals", "fee", ["1", "2", "n/a"], {}, [1, 2, None]),
    ("numerals", "fee", [1, "2", 3.5], {}, [1, 2, 3.5]),
    ("numerals", "fee", ["1", "x", "2"], {"kind": "numeric"}, [1, "x", 2]),
    ("numerals", "fee", ["1", "2"], {"kind": "category"}, ["1", "2"]),
    ("impossible", "fee", [1.5, np.inf, -np.inf], {}, [1.5, None, None]),
    ("impossible", "age", [30, -1], {"kind": "integer", "minimum": 0}, [30, None]),
    ("impossible", "age", [30, 30.5], {"kind": "integer"}, [30, None]),
    ("impossible", "age", [30, "x"], {"kind": "integer"}, [30, None]),
    ("impossible", "size", ["S", "Q"], {"kind": "ordinal", "levels": ["S", "M"]}, ["S", None]),
    ("impossible", "day", ["2020-01-01", "soon"], {"kind": "date-time"}, ["2020-01-01", None]),
    ("impossible", "on", [True, False], {"kind": "boolean", "levels": [1, 2]}, [True, None]),
]


@pytest.mark.parametrize(("rule", "name", "values", "kinds", "expected"), MENDED)
def test_cells_are_mended(rule, name, values, kinds, expected):
    cleaned = apply(rule, "mend", name, values, **kinds).frame[name]
    assert [None if pd.isna(cell) else cell for cell in cleaned] == expected


@pytest.mark.parametrize(("rule", "name", "values", "kinds", "expected"), MENDED)
def test_reporting_finds_the_same_cells_and_leaves_them(rule, name, values, kinds, expected):
    reported = apply(rule, "report", name, values, **kinds)
    mended = apply(rule, "mend", name, values, **kinds)
    pd.testing.assert_frame_equal(reported.frame, pd.DataFrame({name: values}))
    found = {(f.column, f.rows) for f in mended.report.findings}
    assert {(f.column, f.rows) for f in reported.report.findings} == found


def test_numbers_from_text_are_stored_as_numbers():
    assert apply("numerals", "mend", "fee", ["1.5", "2"]).frame["fee"].dtype == np.float64
    assert apply("numerals", "mend", "fee", ["1", "2"]).frame["fee"].dtype == np.int64


@pytest.mark.parametrize("values", [["007", "008"], pd.Categorical(["1", "2"]), ["a", "1"]])
def test_codes_stay_text(values):
    assert apply("numerals", "mend", "fee", values).report.findings == ()


@pytest.mark.parametrize(("dtype", "twin"), [("int64", "Int64"), ("uint8", "UInt8")])
def test_whole_numbers_stay_whole_where_one_becomes_missing(dtype, twin):
    values = pd.Series([2, 200], dtype=dtype)
    cleaned = apply("impossible", "mend", "age", values, kind="integer", maximum=120)
    assert str(cleaned.frame["age"].dtype) == twin


def test_impossible_values_can_take_their_rows_with_them():
    cleaned = apply("impossible", "drop", "age", [1, -1, 2, -2], kind="integer", minimum=0)
    assert cleaned.frame.index.tolist() == [0, 2]
    assert cleaned.report.findings[0].rows == (1, 3)
    assert "such as -1" in cleaned.report.findings[0].detail


@pytest.mark.parametrize(("action", "n_left"), [("auto", 3), ("drop", 2), ("report", 3)])
def test_equal_rows_without_a_key_are_dropped_only_on_request(action, n_left):
    cleaned = clean(pd.DataFrame({"x": [1.5, 1.5, 2.5]}), rules={**QUIET, "duplicates": action})
    assert len(cleaned.frame) == n_left
    assert cleaned.report.findings[0].rows == (1,)


def test_equal_rows_with_a_key_are_dropped():
    frame = pd.DataFrame({"id": [*range(20), 3], "x": [*range(20), 3]})
    cleaned = clean(frame)
    assert len(cleaned.frame) == 20
    assert cleaned.report.changes[0].rows == (20,)


@pytest.mark.parametrize(("action", "n_left"), [("report", 21), ("drop", 20)])
def test_a_key_that_occurs_again_is_found(action, n_left):
    frame = pd.DataFrame({"id": [*range(20), 3], "x": range(21)})
    cleaned = clean(frame, rules={**QUIET, "keys": action})
    assert len(cleaned.frame) == n_left
    assert cleaned.report.findings[0].rows == (20,)


def test_keys_that_belong_to_many_rows_are_no_duplicates():
    frame = pd.DataFrame({"user_id": np.arange(30).repeat(3)})
    assert clean(frame, rules={**QUIET, "keys": "report"}).report.findings == ()


@pytest.mark.parametrize(
    ("values", "filled"),
    [
        ([1.5, None, 9.5, 2.5], 2.5),
        ([1.0, None, 4.0, 9.0, 2.0], 2.0),
        (["b", None, "a", "b"], "b"),
        (pd.Categorical(["b", None, "a", "a"]), "a"),
        (pd.array([True, None, True], dtype="boolean"), True),
        (pd.to_datetime(["2020-01-01", None, "2020-01-05"]), pd.Timestamp("2020-01-01")),
        (["2020-02-01", None, "2020-01-05 10:00"], "2020-01-05 10:00"),
        (pd.array([1, None, 4], dtype="Int64"), 1),
    ],
)
def test_missing_values_are_imputed_by_one_that_occurs_and_flagged(values, filled):
    cleaned = apply("missing", "impute", "x", values)
    assert cleaned.frame["x"].iloc[1] == filled
    assert cleaned.frame["x_missing"].tolist() == [False, True] + [False] * (len(values) - 2)
    assert {f.action for f in cleaned.report.changes} == {"imputed", "column added"}


def test_identifiers_text_and_empty_columns_are_never_imputed():
    frame = pd.DataFrame({"id": ["a", None], "none": [None, None]})
    schema = Schema((Column("id", "identifier"), Column("none", "category")))
    cleaned = clean(frame, schema=schema, rules={**QUIET, "missing": "impute"})
    assert cleaned.report.changes == ()
    assert len(cleaned.report.findings) == 2


def test_a_flag_needs_a_free_name():
    frame = pd.DataFrame({"x": [1.5, None], "x_missing": ["a", "b"]})
    with pytest.raises(DataError, match="'x_missing': expected no column of this name"):
        clean(frame, rules={"missing": "impute"})


def test_rows_with_missing_values_can_be_dropped():
    cleaned = apply("missing", "drop", "x", [1.5, None, 2.5])
    assert cleaned.frame["x"].tolist() == [1.5, 2.5]


def test_the_report_says_where_the_schema_allows_no_missing_value():
    cleaned = apply("missing", "report", "x", [1.5, None], kind="numeric")
    assert cleaned.report.findings[0].detail == (
        "1 of 2 values (50.0%) are missing, where the schema allows none"
    )


# The quartiles of 0, 1, ..., 10, 100 are 2.75 and 8.25: the upper fence is 8.25 + 3 x 5.5 = 24.75.
@pytest.mark.parametrize(("dtype", "pulled"), [("float64", 24.0), ("int64", 24), ("Int64", 24)])
def test_outliers_are_pulled_to_the_outer_fence(dtype, pulled):
    values = pd.Series([*range(11), 100], dtype=dtype)
    cleaned = apply("outliers", "winsorise", "income", values)
    assert cleaned.frame["income"].iloc[-1] == pulled
    assert cleaned.frame["income"].dtype == dtype


def test_outliers_of_fractions_are_pulled_to_the_exact_fence():
    values = [*np.arange(11.0), 100.5]
    assert apply("outliers", "winsorise", "x", values).frame["x"].iloc[-1] == 24.75


@pytest.mark.parametrize("values", [[0.5] * 20 + [9.5], [1.5, 2.5, 900.5]])
def test_without_spread_or_values_there_are_no_outliers(values):
    assert apply("outliers", "report", "x", values).report.findings == ()


def test_constant_columns_can_be_dropped_but_not_the_last():
    frame = pd.DataFrame({"a": [1, 1], "b": [None, None], "c": ["x", "x"]})
    cleaned = clean(frame, rules={**QUIET, "constants": "drop"})
    assert list(cleaned.frame) == ["c"]
    assert [f.action for f in cleaned.report.findings] == ["column dropped"] * 2 + ["kept"]


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        ({"outlier": "report"}, "rule 'outlier' of cleaning is not known; did you mean 'outliers'"),
        ({"outliers": "drop"}, "one of report, winsorise, skip, found 'drop'"),
    ],
)
def test_unknown_rules_and_actions_are_refused(rules, message):
    with pytest.raises(ConfigError, match=message):
        clean(pd.DataFrame({"a": [1]}), rules=rules)


def test_a_schema_for_another_table_is_refused():
    with pytest.raises(SchemaError, match="column 'agee' of the schema is not in the table; did"):
        clean(pd.DataFrame({"age": [1]}), schema=Schema((Column("agee", "integer"),)))


def test_rows_keep_their_index_labels():
    frame = pd.DataFrame({"x": [1.5, None, 2.5]}, index=pd.Index(["a", "b", "b"], name="who"))
    cleaned = clean(frame, rules={"missing": "drop"})
    assert cleaned.frame.index.tolist() == ["a", "b"]
    assert cleaned.frame.index.name == "who"


def test_the_summary_counts_by_action_and_rule():
    frame = pd.DataFrame({"city": ["Rome", "rome", " Rome", None]})
    assert clean(frame).report.summary() == (
        "4 rows came in and 4 went out. Mended: 1 cell by blanks (city); 1 cell by spelling "
        "(city). Kept: 2 rows by duplicates; 1 cell by missing (city)."
    )
    assert clean(pd.DataFrame({"x": [1, 2]})).report.summary().endswith("Nothing was found.")


def test_the_report_as_table_and_as_plain_values():
    report = apply("missing", "report", "x", [None] * 7 + [1.5]).report
    assert report.to_frame()["rows"].tolist() == ["0, 1, 2, 3, 4 and 2 more"]
    assert report.to_dict()["findings"][0]["rows"] == [0, 1, 2, 3, 4, 5, 6]


def test_every_rule_says_what_it_looks_for():
    assert all(rule.purpose.startswith("Find") for rule in RULES.values())


def test_columns_of_any_name_are_cleaned():
    frame = pd.DataFrame({"self": ["1", "2"], "finding": [1.5, None], "frame": [1, 2]})
    assert clean(frame, rules={"missing": "impute"}).frame["self"].tolist() == [1, 2]


DAY = datetime.date(2020, 1, 1)
WORDS = st.sampled_from(["aa", "AA", " aa", "bb", "1", "1,200", "$3", "n/a", "", " ", "yes", "no"])
TABLES = frames.data_frames(
    [
        frames.column("id", elements=st.integers(0, 30), dtype="int64"),
        frames.column("number", elements=st.floats(width=32), dtype="float64"),
        frames.column("whole", elements=st.integers(-9, 300), dtype="int16"),
        frames.column("word", elements=WORDS | st.none(), dtype=object),
        frames.column("any", elements=WORDS | st.none() | st.integers(0, 3), dtype=object),
        frames.column(
            "day", elements=st.dates(DAY, DAY + datetime.timedelta(9)) | st.none(), dtype=object
        ),
    ],
    index=frames.range_indexes(max_size=40),
)
ACTIONS = st.fixed_dictionaries(
    {name: st.sampled_from([*rule.actions, "skip"]) for name, rule in RULES.items()}
)
SCHEMA = Schema((Column("whole", "integer", minimum=0), Column("word", "numeric", nullable=True)))
SCHEMAS = st.sampled_from([None, SCHEMA])


def same(a, b):
    if pd.isna(a) or pd.isna(b):
        return pd.isna(a) and pd.isna(b)
    return isinstance(a, str) == isinstance(b, str) and a == b


@given(frame=TABLES, rules=ACTIONS, schema=SCHEMAS)
@settings(max_examples=25, deadline=None)
def test_every_difference_is_accounted_for_by_the_report(frame, rules, schema):
    cleaned = clean(frame, rules=rules, schema=schema)
    changes = cleaned.report.changes
    dropped = {row for f in changes if f.action == "rows dropped" for row in f.rows}
    assert cleaned.frame.index.tolist() == [row for row in frame.index if row not in dropped]
    gone = {f.column for f in changes if f.action == "column dropped"}
    new = {f.column for f in changes if f.action == "column added"}
    assert set(cleaned.frame) == (set(frame) | new) - gone
    for name in set(frame) - gone:
        listed = {row for f in changes if f.column == name for row in f.rows}
        before, after = frame[name].astype(object), cleaned.frame[name].astype(object)
        assert {row for row in after.index if not same(before[row], after[row])} <= listed


@given(frame=TABLES, rules=ACTIONS, schema=SCHEMAS)
@settings(max_examples=25, deadline=None)
def test_cleaning_twice_changes_nothing_more(frame, rules, schema):
    once = clean(frame, rules=rules, schema=schema)
    kept = Schema(tuple(c for c in schema if c.name in once.frame)) if schema else None
    twice = clean(once.frame, rules=rules, schema=kept)
    assert twice.report.changes == ()
    pd.testing.assert_frame_equal(once.frame, twice.frame)


@given(frame=TABLES, rules=ACTIONS)
@settings(max_examples=15, deadline=None)
def test_cleaning_leaves_its_input_alone(frame, rules):
    copy = frame.copy(deep=True)
    clean(frame, rules=rules)
    pd.testing.assert_frame_equal(frame, copy)


@given(frame=TABLES, rules=ACTIONS, schema=SCHEMAS)
@settings(max_examples=15, deadline=None)
def test_the_schema_that_comes_out_describes_the_table_that_comes_out(frame, rules, schema):
    cleaned = clean(frame, rules=rules, schema=schema)
    assert cleaned.schema.names == tuple(cleaned.frame)
