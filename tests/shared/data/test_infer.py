"""What columns are inferred to be, with the reason in words."""

import datetime
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import pandas as frames

from scenara.shared.data.column import Kind
from scenara.shared.data.infer import infer_column, infer_schema
from scenara.shared.data.schema import Schema
from scenara.shared.errors import SchemaError

RNG = np.random.default_rng(0)
DAYS = pd.date_range("2020-01-01", periods=40)
WORDS = [f"{'a customer wrote at length about item number'} {i}" for i in range(40)]

EXAMPLES = {
    "amount": (RNG.normal(size=100), "numeric", "100 distinct values of 100"),
    "income": (np.arange(100) * 1000, "integer", "100 % whole numbers, 100 distinct values"),
    "age": (np.tile(np.arange(21, 31), 20), "integer", r"whole numbers, .* in \[21, 30\]"),
    "nclaims": ([0] * 80 + [1] * 15 + [2] * 5, "integer", "whole numbers"),
    "delay": (np.tile([-2, -1, 0, 1], 25), "ordinal", "order is kept"),
    "grade": (np.tile([1, 2, 3], 40), "ordinal", "named like a rank"),
    "marital_status": (np.tile([1, 2, 3], 40), "category", "named like a code"),
    "x2": (np.tile([1, 2], 40), "category", "two codes"),
    "zip": (np.arange(1000, 1200).repeat(2), "category", "named like a label"),
    "default": (np.tile([0, 1], 40), "boolean", "only 0 and 1"),
    "flag": (np.tile([0.0, 1.0, np.nan], 40), "boolean", "only 0 and 1"),
    "truth": ([True, False], "boolean", "truth values"),
    "maybe": (pd.array([True, None], dtype="boolean"), "boolean", "truth values"),
    "smoker": (["yes", "no", "yes"], "boolean", "only 'no' and 'yes'"),
    "customer_id": (RNG.permutation(1000), "identifier", "unique in all 1,000 rows and named"),
    "userID": (np.arange(50).repeat(3), "identifier", "50 distinct values of 150 and named"),
    "policy_no": ([f"P-{i}" for i in range(9)], "identifier", "unique in all 9 rows"),
    "row": (np.arange(1, 101), "identifier", "a running number from 1 to 100"),
    "token": ([f"{i:x}f" for i in range(300)], "identifier", "unique in all 300 rows and without"),
    "region": (["north", "south"] * 9, "category", "2 distinct strings"),
    "review": (WORDS, "text", "40 distinct strings of"),
    "name": ([f"Ann {i}" for i in range(40)], "text", "too few repeat"),
    "price": ([f"${i},200.50" for i in range(1, 41)], "text", "numbers stored as text"),
    "day": ([str(day.date()) for day in DAYS], "date-time", "ISO dates in 100 %"),
    "moment": (["2020-01-01T10:00:00Z", "2020-01-01 11:00+02:00"], "date-time", "ISO dates"),
    "stamp": (DAYS, "date-time", "from 2020-01-01 to 2020-02-09"),
    "zoned": (DAYS.tz_localize("Asia/Tokyo"), "date-time", "stored as times"),
    "date": ([datetime.date(2020, 1, 1), None], "date-time", "stored as times"),
    "cost": ([Decimal("1.5"), Decimal(2)], "numeric", "2 distinct values of 2"),
    "grading": (pd.Categorical(["b", "a"], ["b", "a"], ordered=True), "ordinal", "ordered"),
    "factor": (pd.Categorical(["b", "a"]), "category", "unordered categorical with 2"),
    "mixed": ([1, "n/a", 2.5, True], "category", "mixed types, 3 values and 1 strings"),
    "nothing": ([np.nan, np.nan], "numeric", "missing in all 2 rows"),
    "none": ([None, None], "text", "missing in all 2 rows"),
    "count": (pd.array([None, None], dtype="Int64"), "integer", "decided by the type Int64"),
}


@pytest.mark.parametrize(("name", "example"), EXAMPLES.items(), ids=EXAMPLES)
def test_each_kind_is_recognised_and_says_why(name, example):
    values, kind, reason = example
    column = infer_column(pd.Series(values, name=name))
    assert str(column.kind) == kind
    assert column.reason.startswith(f"{kind}: ")
    assert pd.Series([column.reason]).str.contains(reason).all(), column.reason


@pytest.mark.parametrize("name", EXAMPLES)
def test_inferred_schemas_accept_the_data_they_come_from(name):
    frame = pd.DataFrame({name: EXAMPLES[name][0]})
    assert Schema.infer(frame).validate(frame) is frame


@pytest.mark.parametrize(
    "dtype", ["int64", "Int64", "float64", "Float64", "int64[pyarrow]", "object", "uint8"]
)
def test_whole_numbers_are_integers_in_whatever_type_they_are_stored(dtype):
    column = infer_column(pd.Series(range(30, 90), dtype=dtype, name="income"))
    assert column.kind is Kind.INTEGER
    assert column.dtype == dtype.replace("int64[pyarrow]", str(pd.Series([1], dtype=dtype).dtype))


@pytest.mark.parametrize("dtype", [object, "str", "string", "category", "string[pyarrow]"])
def test_words_are_a_category_in_whatever_type_they_are_stored(dtype):
    column = infer_column(pd.Series(["b", "a", "b"], dtype=dtype, name="region"))
    assert column.kind is Kind.CATEGORY
    assert column.levels == ("a", "b")


@pytest.mark.parametrize(
    ("values", "minimum"),
    [(np.linspace(0, 9, 50), 0), (np.linspace(-1, 9, 50), None), (np.linspace(50, 60, 50), None)],
)
def test_a_bound_of_zero_needs_values_that_come_near_and_never_pass(values, minimum):
    assert infer_column(pd.Series(values, name="x")).minimum == minimum


def test_false_stands_first_in_the_levels_of_a_boolean():
    assert infer_column(pd.Series(["True", "False"], name="x")).levels == ("False", "True")


def test_infinite_numbers_are_counted_in_the_reason():
    column = infer_column(pd.Series([1.5, np.inf, -np.inf], name="x"))
    assert column.reason.endswith("in [1.5, 1.5], 2 of them infinite")


@pytest.mark.parametrize("whole", [2**60, 2.0**60, 10**25])
def test_numbers_too_large_to_be_told_apart_are_numeric_unless_stored_whole(whole):
    column = infer_column(pd.Series([whole, 1], name="x"))
    assert column.kind is (Kind.INTEGER if whole == 2**60 and type(whole) is int else Kind.NUMERIC)


@pytest.mark.parametrize("missing", [None, np.nan, pd.NA, pd.NaT])
def test_missing_values_make_a_column_nullable(missing):
    assert infer_column(pd.Series(["a", missing], dtype=object, name="x")).nullable


@pytest.mark.parametrize("dtype", ["int64", "float64", "bool", "datetime64[ns]", object])
def test_a_table_without_rows_is_decided_by_its_types(dtype):
    column = infer_column(pd.Series([], dtype=dtype, name="x"))
    assert "no rows, decided by the type" in column.reason


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (pd.DataFrame(), "at least one column"),
        (pd.DataFrame([[1, 2]], columns=["a", "a"]), "column 'a' is there twice"),
        (pd.DataFrame([[1, 2]]), "column 0: expected a name that is a string; rename"),
        (pd.DataFrame({"a": ["x", [1]]}), r"column 'a', row 1: expected text.*found list \[1\]"),
        (pd.DataFrame({"a": [np.arange(2)]}), r"row 0: expected text.*found ndarray array\(\[0, 1"),
        (pd.DataFrame({"a": [b"x"]}), "column 'a', row 0: .*found bytes"),
        (pd.DataFrame({"a": [1j]}), "column 'a', row 0: .*found complex"),
        (pd.DataFrame({"a": pd.to_timedelta([1], unit="s")}), "column 'a', row 0: .*found Time"),
        (pd.DataFrame({"a": pd.cut([1, 2], 2)}), "column 'a': .* found Interval"),
        (pd.DataFrame({"a": pd.period_range("2020", periods=2, freq="M")}), "found Period"),
    ],
    ids=lambda value: None if isinstance(value, pd.DataFrame) else value[:12],
)
def test_tables_that_no_schema_fits_are_refused_with_what_to_do(frame, message):
    with pytest.raises(SchemaError, match=message):
        infer_schema(frame)


CELLS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(allow_infinity=False),
    st.text(max_size=6),
    st.sampled_from(["yes", "no", "2020-01-01", "1,200", "NaN", ""]),
    st.dates(datetime.date(1700, 1, 1), datetime.date(2200, 1, 1)),
)
TABLES = frames.data_frames(
    [
        frames.column("any", elements=CELLS, dtype=object),
        frames.column("text", elements=st.text(max_size=3) | st.none(), dtype=object),
        frames.column("number", elements=st.floats(allow_infinity=False), dtype="float64"),
        frames.column("few", elements=st.integers(0, 3), dtype="int8"),
    ]
)


@given(frame=TABLES)
@settings(max_examples=60, deadline=None)
def test_any_table_gets_a_schema_or_a_schema_error_and_obeys_what_it_got(frame):
    try:
        schema = Schema.infer(frame)
    except SchemaError as error:
        assert "column 'any', row" in str(error)  # noqa: PT017
        return
    assert schema.validate(frame) is frame
    assert Schema.from_dict(schema.to_dict()) == schema
