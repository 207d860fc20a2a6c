"""What callers ask of rows is read strictly and holds exactly."""

import numpy as np
import pandas as pd
import pytest

from scenara.shared.data.schema import Column, Schema
from scenara.shared.errors import ConfigError
from scenara.shared.generators.tables.conditions import observe, read_conditions

SCHEMA = Schema(
    (
        Column("age", "integer"),
        Column("income", "numeric", nullable=True),
        Column("region", "category", nullable=True),
        Column("grade", "ordinal", levels=("low", "high")),
        Column("smoker", "boolean"),
        Column("opened", "date-time"),
        Column("empty", "numeric", nullable=True),
        Column("key", "identifier"),
    )
)
FRAME = pd.DataFrame(
    {
        "age": [20, 30, 40, 50],
        "income": [0.0, 1.5, np.nan, 2.5],
        "region": ["north", None, "south", "north"],
        "grade": ["low", "high", "low", "high"],
        "smoker": [True, False, False, True],
        "opened": pd.to_datetime(
            ["2020-01-01", "2020-06-01T12:00", "2021-01-01", "2022-01-01"], format="ISO8601"
        ),
        "empty": np.nan,
        "key": ["a", "b", "c", "d"],
    }
)
SEEN = {column.name: observe(FRAME[column.name], column) for column in SCHEMA.columns[:-1]}
NAN = float("nan")


def rows(given):
    """Give the numbers of the rows of the table that do what is asked."""
    return np.flatnonzero(read_conditions(given, SCHEMA, SEEN).hold(FRAME)).tolist()


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (None, [0, 1, 2, 3]),
        ({}, [0, 1, 2, 3]),
        ({"age": 30}, [1]),
        ({"age": np.int32(30)}, [1]),
        ({"age": [20, 50]}, [0, 3]),
        ({"age": {20, 50}}, [0, 3]),
        ({"age": (30, 40)}, [1, 2]),
        ({"age": (None, 30)}, [0, 1]),
        ({"age": (40, None)}, [2, 3]),
        ({"age": (None, None)}, [0, 1, 2, 3]),
        ({"age": (-100, 25)}, [0]),
        ({"income": 0}, [0]),
        ({"income": None}, [2]),
        ({"income": NAN}, [2]),
        ({"income": pd.NA}, [2]),
        ({"income": [1.5, None]}, [1, 2]),
        ({"income": (1, 3)}, [1, 3]),
        ({"region": "north"}, [0, 3]),
        ({"region": ["south", None]}, [1, 2]),
        ({"region": ("north", "south")}, [0, 2, 3]),
        ({"grade": "high"}, [1, 3]),
        ({"smoker": True}, [0, 3]),
        ({"smoker": np.bool_(True)}, [0, 3]),
        ({"smoker": 0}, [1, 2]),
        ({"opened": "2021-01-01"}, [2]),
        ({"opened": pd.Timestamp("2020-06-01 12:00")}, [1]),
        ({"opened": ("2020-06-01", "2021-12-31")}, [1, 2]),
        ({"opened": (None, np.datetime64("2020-12-31"))}, [0, 1]),
        ({"empty": None}, [0, 1, 2, 3]),
        ({"age": (20, 40), "region": "north", "smoker": True}, [0]),
        ({"age": 20, "region": "south"}, []),
    ],
)
def test_rows_that_fulfil_what_is_asked(given, expected):
    assert rows(given) == expected


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"agee": 3}, "given: no column 'agee'; did you mean 'age'"),
        ({"key": "a"}, "'key' is made up afresh"),
        ({"region": "west"}, r"'region': 'west' was not there .* 'north', 'south'"),
        ({"grade": "middle"}, "'grade': 'middle' was not there"),
        ({"age": None}, "'age': no cell was missing"),
        ({"age": [20, None]}, "'age': no cell was missing"),
        ({"age": "old"}, "'age': expected a finite number, found 'old'"),
        ({"age": float("inf")}, "'age': expected a finite number, found inf"),
        ({"age": (20, float("inf"))}, "'age': expected a finite number"),
        ({"age": (1, 2, 3)}, r"'age': expected a range \(low, high\), found \(1, 2, 3\)"),
        ({"age": (30, 20)}, r"'age': the range \(30, 20\) is empty"),
        ({"age": (60, 70)}, "'age': nothing .* 20 to 50"),
        ({"age": [1, 60]}, "'age': nothing .* 20 to 50"),
        ({"age": []}, "'age': expected at least one value"),
        ({"region": []}, "'region': expected at least one value"),
        ({"opened": "someday"}, "'opened': expected a date or time, found 'someday'"),
        ({"opened": ("2030-01-01", None)}, "'opened': nothing .* 2020-01-01"),
        ({"empty": 1.0}, "'empty': every cell was missing"),
        ([("age", 3)], "given: expected a mapping of columns to values, found list"),
        ("age", "expected a mapping"),
    ],
)
def test_what_can_not_be_is_refused(given, message):
    with pytest.raises(ConfigError, match=message):
        read_conditions(given, SCHEMA, SEEN)


def test_columns_that_are_not_there_are_not_asked():
    conditions = read_conditions({"age": 30, "smoker": True}, SCHEMA, SEEN)
    assert conditions.hold(FRAME[["smoker"]]).tolist() == [True, False, False, True]


def test_a_message_names_few_of_many_levels():
    column = Column("item", "category")
    seen = {"item": observe(pd.Series([f"item {i}" for i in range(50)], name="item"), column)}
    with pytest.raises(ConfigError, match="'item 7' and 42 more$"):
        read_conditions({"item": "other"}, Schema((column,)), seen)


def test_levels_seen_are_plain_python_values():
    flags = observe(pd.Series([True, False]), SCHEMA["smoker"])
    assert [type(level) for level in flags.levels] == [bool, bool]
