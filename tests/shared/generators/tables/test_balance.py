"""Requests for rows are split by values, and no row is lost in rounding."""

import pytest

from scenara.shared.data.schema import Column, Schema
from scenara.shared.errors import ConfigError
from scenara.shared.generators.tables.balance import allotted
from scenara.shared.generators.tables.conditions import Seen

SCHEMA = Schema(
    (
        Column("age", "integer"),
        Column("region", "category", nullable=True),
        Column("default", "boolean"),
        Column("shop", "category"),
        Column("key", "identifier"),
    )
)
SEEN = {
    "age": Seen(low=18, high=90),
    "region": Seen(levels=("north", "south"), missing=True),
    "default": Seen(levels=(0, 1)),
    "shop": Seen(levels=tuple(range(1_001))),
}


def split(n, balance, given=None):
    return allotted(n, given, balance, SCHEMA, SEEN)


def counts(n, balance):
    return [count for count, _ in split(n, balance)]


def test_without_balance_there_is_one_piece():
    assert split(7, None, {"age": 30}) == [(7, {"age": 30})]


@pytest.mark.parametrize("n", [1, 2, 3, 10, 101])
def test_values_are_as_equally_frequent_as_can_be(n):
    found = counts(n, "region")
    assert sum(found) == n
    assert max(found) - min([*found, *[0] * (3 - len(found))]) <= 1


def test_missing_is_a_value_where_it_was_seen():
    assert [given for _, given in split(9, "region")] == [
        {"region": "north"},
        {"region": "south"},
        {"region": None},
    ]


@pytest.mark.parametrize(
    ("n", "wanted", "expected"),
    [
        (10, {0: 9, 1: 1}, [9, 1]),
        (10, {0: 0, 1: 10}, [10]),
        (10, {0: 0.75, 1: 0.25}, [8, 2]),
        (7, {0: 1 / 3, 1: 2 / 3}, [2, 5]),
        (1, {1: 1}, [1]),
        (5, {1: 1.0}, [5]),
        (1, {0: 0.4, 1: 0.6}, [1]),
    ],
)
def test_counts_and_shares_are_kept(n, wanted, expected):
    assert counts(n, {"default": wanted}) == expected


def test_conditions_hold_in_every_piece():
    pieces = split(10, "default", {"age": (20, 30)})
    assert [given["age"] for _, given in pieces] == [(20, 30)] * 2


@pytest.mark.parametrize(
    ("balance", "message"),
    [
        ("defalt", "balance: no column 'defalt'; did you mean 'default'"),
        ("age", "balance: column 'age' has no levels"),
        ("key", "balance: column 'key' has no levels"),
        ("shop", "'shop' has 1,001 levels; name counts"),
        ({}, "expected one column"),
        ({"default": {0: 5}, "region": {"north": 5}}, "expected one column"),
        ({"default": {}}, "expected counts or shares from 0 up"),
        ({"default": {0: -1, 1: 11}}, "expected counts or shares from 0 up"),
        ({"default": {0: float("nan"), 1: 1}}, "expected counts or shares from 0 up"),
        ({"default": {0: 9, 1: 9}}, r"counts that sum to n = 10 .* found a sum of 18"),
        ({"default": {0: 0.5, 1: 0.6}}, "shares that sum to 1"),
    ],
)
def test_what_does_not_add_up_is_refused(balance, message):
    with pytest.raises(ConfigError, match=message):
        split(10, balance)


def test_a_column_can_not_be_fixed_and_balanced():
    with pytest.raises(ConfigError, match="'default' is fixed by given already"):
        split(10, "default", {"default": 1})


@pytest.mark.parametrize("n", [0, -3, 1.5, True, "9"])
def test_a_wrong_number_of_rows_is_refused(n):
    with pytest.raises(ConfigError, match="n: expected a whole number from 1"):
        split(n, "default")
