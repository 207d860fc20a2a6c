"""Tables made comparable: the dtype of a column never decides, a cell that can't be compared does."""

import datetime as dt
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from scenara.shared.data import Schema
from scenara.shared.errors import DataError
from scenara.shared.evaluation.tables import (
    boosted_detection,
    category_coverage,
    column_roles,
    comparable,
    logistic_detection,
    manifold_scores,
    novelty,
    shape_error,
    trend_error,
)

MEASURES = (
    boosted_detection,
    category_coverage,
    logistic_detection,
    manifold_scores,
    novelty,
    shape_error,
    trend_error,
)
HEADLINES = (
    "alpha_precision",
    "auc",
    "authenticity",
    "beta_recall",
    "distinct_rows",
    "invented_share",
    "missing_gap",
    "new_rows",
    "score",
    "value",
)
DAYS = pd.to_datetime(["2020-01-01 00:00", None, "2020-01-03 12:00"])


def pair(real, generated):
    tables = {"real": pd.DataFrame({"x": real}), "generated": pd.DataFrame({"x": generated})}
    return comparable(tables)["generated"]["x"].tolist()


def headlines(result):
    return [getattr(result, name) for name in HEADLINES if hasattr(result, name)]


@pytest.mark.parametrize(
    "generated",
    [
        [1.0, np.nan, 3.0],
        np.array([1.0, np.nan, 3.0], dtype="float32"),
        pd.array([1, None, 3], dtype="Int64"),
        pd.Categorical([1, None, 3]),
        ["1", None, "3.0"],
        [Decimal(1), None, Decimal(3)],
        pd.array([1.0, None, 3.0], dtype="Float64"),
    ],
)
def test_numbers_of_any_dtype_are_the_same_numbers(generated):
    assert np.array_equal(pair([0.5, 1.0], generated), [1.0, np.nan, 3.0], equal_nan=True)


@pytest.mark.parametrize(
    "generated",
    [
        DAYS,
        DAYS.as_unit("s"),
        DAYS.tz_localize("UTC").tz_convert("Asia/Tokyo"),
        ["2020-01-01", None, "2020-01-03 12:00"],
        pd.Series([dt.datetime(2020, 1, 1), None, dt.datetime(2020, 1, 3, 12)], dtype=object),
    ],
)
def test_moments_of_any_dtype_are_days(generated):
    assert np.array_equal(pair(DAYS, generated), [18262, np.nan, 18264.5], equal_nan=True)


@pytest.mark.parametrize(
    ("real", "generated", "expected"),
    [
        (["a", "b"], pd.Categorical(["b", None]), ["b", "__nan__"]),
        (pd.Categorical([1, 2]), ["2", "1"], ["2", "1"]),
        (pd.Categorical([1, 2]), [2.0, np.nan], ["2", "__nan__"]),
        ([True, False], pd.array([True, None], dtype="boolean"), ["True", "__nan__"]),
        ([True, False], [1, 0], ["1", "0"]),
        (["é🙂", "شكرا"], ["شكرا", "é🙂"], ["شكرا", "é🙂"]),
    ],
)
def test_levels_of_any_dtype_are_the_same_levels(real, generated, expected):
    assert pair(real, generated) == expected


def test_numerals_and_numbers_of_a_category_are_the_same_levels():
    tables = {"real": pd.DataFrame({"x": [1, 2]}), "generated": pd.DataFrame({"x": ["2.0", "?"]})}
    assert comparable(tables, categories=["x"])["generated"]["x"].tolist() == ["2", "?"]


def test_moments_may_all_be_missing():
    assert np.isnan(pair(DAYS, [np.nan, np.nan])).all()


def test_the_schema_has_the_word_over_dtypes_and_leaves_identifiers_and_text_out():
    frame = pd.DataFrame({"id": [1, 2], "sex": [1, 2], "age": ["30", "40"], "note": ["a", "b"]})
    schema = Schema.infer(frame).override(
        id="identifier", sex="category", age="numeric", note="text"
    )
    roles = column_roles(frame, schema=schema)
    assert (roles.categories, roles.numbers) == (("sex",), ("age",))
    assert roles.ignored == ("id", "note")


@pytest.mark.parametrize(
    ("real", "generated", "match"),
    [
        ({"x": [1.0]}, {"x": [np.inf]}, r"generated, column 'x', row 0: found inf, expected"),
        ({"x": [1.0, -1e200]}, {"x": [1.0]}, r"real, column 'x', row 1: found -1e\+200"),
        ({"x": [1.0]}, {"x": ["1", "many"]}, r"row 1: found 'many', expected a number"),
        ({"x": DAYS}, {"x": ["soon"]}, r"row 0: found 'soon', expected a moment"),
        ({"x": DAYS}, {"x": [1.5]}, r"found numbers, expected moments"),
        ({"x": ["a"]}, {"x": [["a"]]}, r"row 0: found a list, expected a plain value"),
        ({"x": [1.0]}, {"y": [1.0]}, r"generated: column 'x' is missing"),
        ({"x": [1.0]}, {"x": [1.0], "y": [1.0]}, r"generated: column 'y' is not in the real"),
        ({"x": [1.0]}, {"x": []}, r"generated: found no rows"),
        ({"x": [1j]}, {"x": [1.0]}, r"real, column 'x': found complex128"),
    ],
)
def test_what_cannot_be_compared_is_refused_with_its_place(real, generated, match):
    with pytest.raises(DataError, match=match):
        comparable({"real": pd.DataFrame(real), "generated": pd.DataFrame(generated)})


def test_a_column_that_is_there_twice_is_refused():
    frame = pd.DataFrame([[1, 2]], columns=["x", "x"])
    with pytest.raises(DataError, match="real: column 'x' is there twice"):
        comparable({"real": frame})


def test_an_unknown_category_is_refused():
    with pytest.raises(DataError, match="categories: column 'bad' is not in the real table"):
        column_roles(pd.DataFrame({"x": [1.0]}), categories=["bad"])


ODD_COLUMNS = {
    "one number": np.full(40, 0.1),
    "all missing": np.full(40, np.nan),
    "one level": ["a"] * 40,
    "missing objects": [None] * 40,
    "one known": [1.0] + [np.nan] * 39,
    "a comma, a {brace} and class": np.arange(40.0),
    "many levels": [f"level {i}" for i in range(40)],
}


@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize("column", sorted(ODD_COLUMNS))
def test_every_measure_takes_odd_columns_without_a_warning(measure, column):
    real = pd.DataFrame({column: ODD_COLUMNS[column], "x": np.arange(40.0)})
    assert np.isfinite(headlines(measure(real, real[::-1]))).all()


@pytest.mark.parametrize("measure", MEASURES)
def test_a_column_that_is_missing_in_generated_rows_alone_is_no_surprise(measure):
    real = pd.DataFrame({"x": np.arange(40.0), "y": np.arange(40.0) % 7})
    assert np.isfinite(headlines(measure(real, real.assign(y=np.nan)))).all()


@pytest.mark.parametrize("measure", [m for m in MEASURES if m is not trend_error])
def test_a_table_of_one_constant_and_five_rows_is_measured(measure):
    real = pd.DataFrame({"x": [3] * 5}, index=[7] * 5)
    assert np.isfinite(headlines(measure(real, real))).all()


@pytest.mark.parametrize("measure", MEASURES)
def test_no_measure_changes_its_input(measure, mixed):
    before = [frame.copy() for frame in mixed[1:]]
    measure(mixed.test, mixed.generated, categories=["bad"])
    for frame, copy in zip(mixed[1:], before, strict=True):
        pd.testing.assert_frame_equal(frame, copy)
