import uuid

import numpy as np
import pandas as pd
import pytest

from scenara.shared.errors import DataError
from scenara.shared.features import Coded, IdentifierEncoder
from scenara.shared.features.patterns import FreeNumbers

RNG = np.random.default_rng(0)
HEX, PLATE = list("0123456789abcdef"), list("ABCDEFGHIJKLMNOPQRSTUVWXYZ")


def plates(n_rows):
    letters = RNG.choice(PLATE, (n_rows, 3))
    return [
        "".join(row) + f"-{number}"
        for row, number in zip(letters, RNG.integers(100, 999, n_rows), strict=True)
    ]


SHAPES = {
    "padded": ([f"C-{row:05d}" for row in range(300)], r"C-\d{5}"),
    "digits in the prefix": ([f"C2-{row:05d}/x1" for row in range(5, 90)], r"C2-\d{5}/x1"),
    "not padded": ([f"row {row}" for row in range(7, 120)], r"row \d+"),
    "random numbers": ([f"AC{n:010d}" for n in RNG.integers(0, 10**10, 300)], r"AC\d{10}"),
    "uuid": ([str(uuid.UUID(int=int(n), version=4)) for n in RNG.integers(0, 2**62, 99)], None),
    "plates": (plates(300), r"[A-Z]{3}-\d{3}"),
    "hash": (["".join(RNG.choice(HEX, 32)) for _ in range(200)], r"[0-9a-f]{32}"),
    "names": (["ann@a.org", "bartholomew@b.com", "שלום", "🙂"], r"key-\d{7}"),
    "one": (["A7"], r"A\d+"),
    "empty text": (["", "b"], r"key-\d{7}"),
}


def made(values, n_rows=2_000, **options):
    column = pd.Series(values, name="key")
    encoder = IdentifierEncoder.from_state(IdentifierEncoder().fit(column).state())
    return encoder.inverse(Coded(np.zeros(n_rows, int), np.zeros(n_rows)), **options)


@pytest.mark.parametrize("name", sorted(SHAPES))
def test_new_identifiers_are_unique_and_none_was_seen(name):
    values, _ = SHAPES[name]
    found = made(values, n_rows=20_000)
    assert found.is_unique
    assert not set(found) & set(values)


@pytest.mark.parametrize("name", sorted(set(SHAPES) - {"uuid"}))
def test_new_identifiers_have_the_shape_of_those_seen(name):
    values, shape = SHAPES[name]
    found = made(values, n_rows=50)
    assert found.str.fullmatch(shape).all()


def test_new_uuids_are_uuids_of_the_same_version():
    found = made([str(uuid.UUID(int=int(n), version=4)) for n in RNG.integers(0, 2**62, 99)])
    assert {uuid.UUID(text).version for text in found} == {4}


def test_shards_that_start_at_different_rows_share_no_identifier():
    values, _ = SHAPES["hash"]
    first, second = made(values), made(values, first_row=2_000)
    assert not set(first) & set(second)


def test_numbers_grow_by_a_digit_when_the_shape_is_used_up():
    assert made(["A8", "A7", "A6"], n_rows=3).tolist() == ["A9", "A10", "A11"]


def test_codes_get_a_number_behind_them_when_the_shape_is_used_up():
    found = made(["ax", "by", "cz"], n_rows=1_500)
    assert found.is_unique
    assert found.str.fullmatch(r"[a-z]{2}(-\d+)?").all()


@pytest.mark.parametrize("dtype", ["int64", "int32", "uint8", "Int64", "float64", object])
def test_whole_numbers_go_on_after_the_greatest(dtype):
    found = made(pd.Series([17, 3, 4], dtype=dtype), n_rows=2)
    pd.testing.assert_series_equal(found, pd.Series([18, 19], dtype=dtype, name="key"))


def test_whole_numbers_at_the_end_of_the_dtype_use_what_is_free():
    found = made(pd.Series([2**63 - 1, 2**63 - 2, 5]), n_rows=100)
    assert found.is_unique
    assert not found.isin([2**63 - 1, 2**63 - 2, 5]).any()


def test_a_dtype_without_room_is_refused():
    with pytest.raises(DataError, match="only 126 new identifiers are left in dtype int8"):
        made(pd.Series([1, 2], dtype="int8"), n_rows=500)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([1.5, 2.0], "text or whole numbers, found '1.5'"),
        ([b"a"], "text or whole numbers"),
        ([True, False], "text or whole numbers"),
        (pd.Categorical(["a", "b"]), "no room for new identifiers"),
    ],
)
def test_what_is_no_identifier_is_refused(values, message):
    with pytest.raises(DataError, match=f"column 'key': .*{message}"):
        made(values)


def test_nothing_of_the_identifiers_is_in_the_state():
    values, _ = SHAPES["hash"]
    state = str(IdentifierEncoder().fit(pd.Series(values)).state())
    assert not any(value[:20] in state for value in values)


@pytest.mark.parametrize("lengths", [[5], [3, 1, 40], [10**6, 2**40]])
def test_scattered_numbers_are_each_taken_once(lengths):
    starts = np.cumsum([0, *lengths[:-1]]) + 1_000
    free = FreeNumbers(starts, np.array(lengths), n_scattered=sum(lengths))
    found = free.take(np.arange(min(free.total, 10_000)))
    assert len(np.unique(found)) == len(found)
    assert found.min() >= 1_000
    assert found.max() < 1_000 + sum(lengths)
