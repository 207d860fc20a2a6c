"""Splits share nothing, choose what they say, and refuse what can't be split."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenara.shared.data.split import (
    Split,
    split,
    split_by_group,
    split_by_time,
    split_random,
    split_stratified,
)
from scenara.shared.errors import ConfigError, DataError

FRAME = pd.DataFrame(
    {
        "user": [1, 1, 2, 2, 3, 3, 4, 4],
        "bad": [0, 1, 0, 1, 0, 1, 0, 1],
        "year": [2003, 2001, 2002, 2001, 2004, 2004, 2003, 2002],
        "day": ["2003-01-01", "2001-01-01", "2002-01-01", "2001-01-01"] * 2,
        "gap": [1, None] * 4,
    },
    index=list("aabbccdd"),
)
OPTIONS = [
    ("random", {"random_state": 0}),
    ("stratified", {"by": "bad", "random_state": 0}),
    ("time", {"column": "year", "test_size": 0.25}),
    ("time", {"column": "day", "at": "2002-06-01"}),
    ("group", {"group": "user", "random_state": 0}),
]
SIZES = st.floats(0.05, 0.95) | st.integers(1, 10)


@pytest.mark.parametrize(("how", "options"), OPTIONS)
def test_rows_of_both_parts_are_those_of_the_table_in_its_order(how, options):
    parts = split(FRAME, how, **options)
    pd.testing.assert_frame_equal(parts.train, FRAME.iloc[parts.train_rows])
    pd.testing.assert_frame_equal(parts.test, FRAME.iloc[parts.test_rows])
    assert sorted([*parts.train_rows, *parts.test_rows]) == list(range(8))
    assert (np.diff(parts.test_rows) > 0).all()


@pytest.mark.parametrize(("how", "options"), [o for o in OPTIONS if "random_state" in o[1]])
def test_the_same_seed_gives_the_same_split_and_another_seed_another(how, options):
    rows = {
        tuple(split(FRAME, how, **options | {"random_state": seed}).test_rows) for seed in range(20)
    }
    again = split(FRAME, how, **options).test_rows
    assert again.tolist() == split(FRAME, how, **options).test_rows.tolist()
    assert len(rows) > 1


@given(n=st.integers(2, 50), test_size=SIZES, seed=st.integers(0, 99))
@settings(max_examples=50, deadline=None)
def test_a_random_split_has_the_size_asked_for(n, test_size, seed):
    frame = pd.DataFrame({"x": range(n)})
    expected = test_size if test_size >= 1 else max(1, round(n * test_size))
    if expected >= n:
        with pytest.raises(DataError, match="leave none to train"):
            split_random(frame, test_size=test_size)
        return
    parts = split_random(frame, test_size=test_size, random_state=seed)
    assert len(parts.test) == expected
    assert set(parts.train["x"]) | set(parts.test["x"]) == set(range(n))


@given(counts=st.lists(st.integers(10, 40), min_size=1, max_size=4), seed=st.integers(0, 99))
@settings(max_examples=30, deadline=None)
def test_a_stratified_split_gives_each_level_its_share(counts, seed):
    frame = pd.DataFrame({"level": np.repeat(np.arange(len(counts)), counts)})
    parts = split_stratified(frame, by="level", test_size=0.3, random_state=seed)
    found = parts.test["level"].value_counts().reindex(range(len(counts)))
    assert (abs(found - 0.3 * np.array(counts)) <= 1).all()


@given(
    times=st.lists(st.integers(0, 20), min_size=2, max_size=40),
    test_size=st.floats(0.05, 0.95),
    gap=st.integers(0, 5),
    as_dates=st.booleans(),
)
@settings(max_examples=60, deadline=None)
def test_a_split_by_time_never_learns_from_the_future(times, test_size, gap, as_dates):
    day = pd.Timedelta("1D") if as_dates else 1
    values = pd.Timestamp("2020-01-01") + np.array(times) * day if as_dates else times
    frame = pd.DataFrame({"t": values})
    try:
        parts = split_by_time(
            frame, column="t", test_size=test_size, gap=f"{gap}D" if as_dates else gap
        )
    except DataError as error:
        assert "to train" in str(error)  # noqa: PT017
        return
    assert parts.test["t"].min() - parts.train["t"].max() > gap * day
    assert parts.test["t"].max() == frame["t"].max()
    left_out = frame["t"].drop([*parts.train_rows, *parts.test_rows])
    assert (left_out >= parts.test["t"].min() - gap * day).all()


@given(groups=st.lists(st.integers(0, 6), min_size=2), seed=st.integers(0, 99))
@settings(max_examples=40, deadline=None)
def test_a_split_by_group_keeps_groups_together(groups, seed):
    frame = pd.DataFrame({"user": groups})
    if len(set(groups)) == 1:
        with pytest.raises(DataError, match="leave none to train"):
            split_by_group(frame, group="user")
        return
    parts = split_by_group(frame, group="user", random_state=seed)
    assert not set(parts.train["user"]) & set(parts.test["user"])


def test_a_price_table_is_split_at_a_date_with_a_gap():
    days = pd.bdate_range("2014-12-01", "2015-01-30", name="date")
    parts = split_by_time(pd.DataFrame({"close": 1.5}, index=days), at="2015-01-01", gap="7D")
    assert parts.train.index.max() == pd.Timestamp("2014-12-24")
    assert parts.test.index.min() == pd.Timestamp("2015-01-01")
    assert parts.detail == "test begins at 2015-01-01, 5 rows left out in the gap before it"


def test_a_date_without_a_zone_is_one_of_the_tables_zone():
    days = pd.date_range("2015-01-01", periods=4, freq="12h", tz="Asia/Tokyo")
    parts = split_by_time(pd.DataFrame({"x": range(4)}, index=days), at="2015-01-02")
    assert parts.test["x"].tolist() == [2, 3]


@pytest.mark.parametrize(
    ("how", "options", "error", "message"),
    [
        ("rndom", {}, ConfigError, "method 'rndom' is not known; did you mean 'random'"),
        ("random", {"test_size": 0}, ConfigError, "share in .0, 1. or a whole number from 1"),
        ("random", {"test_size": 1.5}, ConfigError, "found 1.5"),
        ("random", {"test_size": True}, ConfigError, "found True"),
        ("random", {"test_size": float("nan")}, ConfigError, "found nan"),
        ("random", {"test_size": float("inf")}, ConfigError, "found inf"),
        ("random", {"test_size": 8}, DataError, "8 of 8 to test leave none to train"),
        ("stratified", {"by": "badd"}, DataError, "expected one column 'badd', found 0; did you"),
        ("stratified", {"by": "bad", "test_size": 1}, DataError, "2 levels, expected no more"),
        ("group", {"group": "gap"}, DataError, "column 'gap': expected a value in each row.*row 1"),
        ("time", {}, ConfigError, "either at or test_size"),
        ("time", {"at": 1, "test_size": 1}, ConfigError, "either at or test_size"),
        ("time", {"at": "2002"}, DataError, "expected an index of dates; name a column"),
        ("time", {"at": "2002", "column": "year"}, ConfigError, "a value like 2003, found '2002'"),
        ("time", {"at": 2002, "column": "day"}, ConfigError, "a value like '2003-01-01'"),
        ("time", {"at": "soon", "column": "day"}, ConfigError, "a date such as '2015-01-01'"),
        ("time", {"at": 1999, "column": "year"}, DataError, "0 rows to train and 8 to test"),
        ("time", {"at": 2002, "column": "gap"}, DataError, "column 'gap'.*row 1"),
        ("time", {"at": 2002, "column": "year", "gap": "1D"}, ConfigError, "a number from 0"),
        ("time", {"at": 2002, "column": "year", "gap": -1}, ConfigError, "a number from 0"),
        ("time", {"at": "2002", "column": "day", "gap": 5}, ConfigError, "such as '21D'"),
    ],
)
def test_what_cannot_be_split_is_refused(how, options, error, message):
    with pytest.raises(error, match=message):
        split(FRAME, how, **options)


def test_a_level_with_one_row_cannot_be_shared_out():
    with pytest.raises(DataError, match="level 'b' has one row only"):
        split_stratified(pd.DataFrame({"x": ["a", "a", "b"]}), by="x", test_size=1)


@pytest.mark.parametrize(
    ("method", "by", "rows", "message"),
    [
        ("random", "", ([0, 1], [1, 2]), "a row is in train and in test"),
        ("random", "", ([0, 1], []), "2 rows to train and 0 to test"),
        ("time", "year", ([1, 4], [2]), "train has rows of 2,004 or later|2,002 or later"),
        ("group", "user", ([0, 2], [1]), "share a value of column 'user'"),
    ],
)
def test_a_split_that_leaks_cannot_be_made(method, by, rows, message):
    train, test = (np.array(part, dtype=np.int64) for part in rows)
    with pytest.raises(DataError, match=message):
        Split(FRAME.iloc[train], FRAME.iloc[test], method, "by hand", train, test, by)
