import datetime
import decimal

import numpy as np
import pandas as pd
import pytest

from scenara.shared.errors import DataError
from scenara.shared.features import CategoryEncoder, Coded, OrdinalEncoder

LEVELS = {
    "tuples": [("a", 1), ("b", 2)],
    "times": [pd.Timestamp("2020-01-01"), pd.Timestamp("2021-05-05 10:00", tz="Asia/Tokyo")],
    "dates": [datetime.date(2020, 1, 1), datetime.date(1999, 12, 31)],
    "decimals": [decimal.Decimal("1.10"), decimal.Decimal(2)],
    "bytes": [b"\x00\xff", b""],
    "odd text": [" ", "a,b", 'say "hi"', "🙂", "שלום", "new\nline", "\x00", "NaN"],
    "empty text": ["", "a"],
    "mixed": ["1", 1, 2.5, None, ("x",)],
    "infinite": [np.inf, -np.inf, 0.0],
    "intervals": list(pd.interval_range(0, 3)),
}
PLACES = pd.Series(["north"] * 50 + ["south"] * 30 + ["east"] * 3 + ["west"] * 1, name="place")


def objects(values):
    cells = np.empty(len(values), dtype=object)
    for row, value in enumerate(values):
        cells[row] = value
    return pd.Series(cells, name="level")


@pytest.mark.parametrize("name", sorted(LEVELS))
def test_levels_of_any_hashable_type_come_back_also_from_state(name):
    column = objects(LEVELS[name] * 3)
    encoder = CategoryEncoder(rare=0).fit(column)
    again = CategoryEncoder.from_state(encoder.state())
    pd.testing.assert_series_equal(again.inverse(again.transform(column)), column)


@pytest.mark.parametrize("ordered", [False, True])
@pytest.mark.parametrize("categories", [["c", "unused", "a"], [3, 9, 1], pd.interval_range(0, 3)])
def test_a_categorical_comes_back_with_its_order_and_unused_levels(categories, ordered):
    dtype = pd.CategoricalDtype(categories, ordered=ordered)
    column = pd.Series(pd.Categorical([categories[0], None, categories[2]], dtype=dtype))
    encoder = CategoryEncoder.from_state(CategoryEncoder().fit(column).state())
    found = encoder.inverse(encoder.transform(column))
    pd.testing.assert_series_equal(found, column)
    assert encoder.n_codes_ == 3


@pytest.mark.parametrize(
    "dtype",
    ["str", "string[python]", "string[pyarrow]", object, "category", "large_string[pyarrow]"],
)
def test_text_comes_back_in_the_dtype_it_had(dtype):
    column = pd.Series(["a", None, "b"], dtype=dtype)
    encoder = CategoryEncoder.from_state(CategoryEncoder().fit(column).state())
    pd.testing.assert_series_equal(encoder.inverse(encoder.transform(column)), column)


def test_codes_do_not_depend_on_the_order_of_the_rows():
    shuffled = PLACES.sample(frac=1, random_state=0)
    assert CategoryEncoder().fit(shuffled).labels_ == CategoryEncoder().fit(PLACES).labels_


def test_rare_levels_share_one_code():
    encoder = CategoryEncoder(rare=5).fit(PLACES)
    assert encoder.labels_ == ("north", "south", "2 rare levels")


def test_rare_levels_are_drawn_as_often_as_they_were_seen():
    encoder = CategoryEncoder(rare=5).fit(PLACES)
    found = encoder.inverse(Coded(np.full(10_000, 2), np.zeros(10_000)), random_state=0)
    assert set(found) == {"east", "west"}
    error = np.sqrt(0.75 * 0.25 / 10_000)
    assert abs((found == "east").mean() - 0.75) < 4 * error


def test_a_pool_of_one_level_is_that_level():
    assert CategoryEncoder(rare=2).fit(PLACES).labels_ == ("north", "south", "east", "west")


def test_most_levels_can_be_limited():
    assert CategoryEncoder(rare=0, max_levels=1).fit(PLACES).labels_ == ("north", "3 rare levels")


def test_small_tables_pool_nothing_by_themselves():
    assert CategoryEncoder().fit(PLACES).n_codes_ == 4


def test_large_tables_pool_levels_of_fewer_than_ten_rows():
    column = pd.concat([PLACES] * 2 + [pd.Series(["north"] * 2_000)], ignore_index=True)
    assert CategoryEncoder().fit(column).labels_ == ("north", "south", "2 rare levels")


@pytest.mark.parametrize("encoder", [CategoryEncoder(), OrdinalEncoder()])
def test_a_level_not_seen_is_refused_with_column_and_row(encoder):
    encoder.fit(PLACES)
    with pytest.raises(DataError, match="column 'place': level 'centre' in row 1 was not seen"):
        encoder.transform(pd.Series(["north", "centre"]))


def test_a_level_not_declared_is_refused():
    with pytest.raises(DataError, match="level 'east' in row 80 is not declared"):
        CategoryEncoder(levels=("north", "south", "west")).fit(PLACES)


@pytest.mark.parametrize(
    ("values", "levels"),
    [
        (["L", "S", "M"], ("S", "M", "L")),
        (pd.Categorical(["L", "S", "M"], ["S", "M", "L"], ordered=True), None),
        ([30, 10, 20], None),
    ],
)
def test_an_ordinal_keeps_its_order(values, levels):
    column = pd.Series(values)
    encoder = OrdinalEncoder(levels=levels).fit(column)
    assert encoder.transform(column).codes.tolist() == [2, 0, 1]
    assert encoder.ordered


def test_an_ordinal_pools_nothing():
    assert OrdinalEncoder(rare=5).fit(PLACES).n_codes_ == 4


def test_levels_without_order_are_refused_as_ordinal():
    with pytest.raises(DataError, match="have no order; declare them from lowest to highest"):
        OrdinalEncoder().fit(objects(["a", 1]))


@pytest.mark.parametrize("cell", [[1, 2], {"a": 1}])
def test_nested_cells_are_refused(cell):
    with pytest.raises(DataError, match=f"found {type(cell).__name__}; unpack or drop"):
        CategoryEncoder().fit(objects([cell, cell]))


def test_a_type_that_can_not_be_kept_is_refused_at_once():
    with pytest.raises(DataError, match="found a value of type object"):
        CategoryEncoder().fit(objects([object()]))
