"""What holds for any table that hypothesis makes."""

import datetime
import json
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pandas as pd
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scenara.shared.data.schema import Column, Schema
from scenara.shared.features import TableEncoder, join_state, split_state

SETTINGS = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)
TEXT = st.text(st.characters(exclude_categories=("Cs",)), max_size=6)
TIMES = st.datetimes(datetime.datetime(1900, 1, 2), datetime.datetime(2200, 1, 1))
REALS = st.floats(allow_nan=False, allow_infinity=False)
SPIKED = st.one_of(st.just(0.0), st.just(0.0), st.just(99.0), REALS)
MIXED = st.one_of(TEXT, st.integers(-3, 3), st.tuples(TEXT, st.integers()))
ODD = ["ä", "b,c", "🙂", "שלום"]
WHOLE = st.integers(-(2**63), 2**63 - 1)


class Sort(NamedTuple):
    """A sort of column: its kind, its cells, and how it is stored."""

    kind: str
    cells: st.SearchStrategy
    build: Callable[[list], pd.Series]
    missing: bool = True


def stored(dtype):
    return lambda cells: pd.Series(cells, dtype=dtype)


def times(unit, zone=None):
    def build(cells):
        stamps = pd.Series(pd.to_datetime(cells, utc=True)).dt.as_unit(unit)
        return stamps.dt.tz_convert(zone) if zone else stamps.dt.tz_localize(None)

    return build


def categorical(levels, *, ordered=False):
    return lambda cells: pd.Series(pd.Categorical(cells, levels, ordered=ordered))


def local_midnights(cells):
    return pd.Series(pd.to_datetime(cells)).dt.as_unit("ns").dt.tz_localize("Europe/Berlin")


SORTS = {
    "real": Sort("numeric", REALS, stored("float64")),
    "single": Sort("numeric", st.floats(-(2.0**99), 2.0**99, width=32), stored("float32")),
    "spiked": Sort("numeric", SPIKED, stored("float64")),
    "cents": Sort(
        "numeric", st.integers(-(10**9), 10**9).map(lambda k: k / 100), stored("float64")
    ),
    "masked": Sort("numeric", REALS, stored("Float64")),
    "whole": Sort("integer", WHOLE, stored("int64"), missing=False),
    "short": Sort("integer", st.integers(-128, 127), stored("int8"), missing=False),
    "large": Sort("integer", WHOLE, stored("Int64")),
    "text": Sort("category", TEXT, stored(object)),
    "string": Sort("category", TEXT, stored("string")),
    "mixed": Sort("category", MIXED, stored(object)),
    "number": Sort("category", st.integers(-3, 3), stored("int64"), missing=False),
    "categorical": Sort("category", st.sampled_from(ODD), categorical([*ODD, "unused"])),
    "ordinal": Sort("ordinal", st.sampled_from("SML"), categorical([*"SMLX"], ordered=True)),
    "flag": Sort("boolean", st.booleans(), stored("bool"), missing=False),
    "maybe": Sort("boolean", st.booleans(), stored("boolean")),
    "time": Sort("date-time", TIMES, times("us")),
    "nano": Sort("date-time", TIMES, times("ns")),
    "zoned": Sort("date-time", TIMES, times("us", "America/New_York")),
    "day": Sort("date-time", TIMES.map(lambda time: time.date()), times("s")),
    "midnight": Sort("date-time", TIMES.map(lambda time: time.date()), local_midnights),
}


@st.composite
def tables(draw):
    n_rows = draw(st.integers(1, 40))
    names = draw(st.lists(st.sampled_from(sorted(SORTS)), min_size=1, max_size=5, unique=True))
    data = {}
    for name in names:
        sort = SORTS[name]
        gaps = sort.missing and draw(st.booleans())
        cells = st.one_of(st.none(), sort.cells) if gaps else sort.cells
        data[name] = sort.build(draw(st.lists(cells, min_size=n_rows, max_size=n_rows)))
    frame = pd.DataFrame(data)
    gaps = frame.isna().any()
    return frame, Schema(tuple(Column(name, SORTS[name].kind, bool(gaps[name])) for name in names))


def assert_same(found, frame):
    assert found.dtypes.equals(frame.dtypes)
    for name in frame:
        there = frame[name].notna()
        assert found[name].notna().equals(there)
        if getattr(frame[name].dtype, "kind", "") == "f":
            pair = (column[name][there].to_numpy("float64") for column in (found, frame))
            np.testing.assert_allclose(*pair, rtol=1e-9, atol=0)
        else:
            assert found[name][there].tolist() == frame[name][there].tolist()


def matrices(encoder, *, n_rows, scale, seed):
    width = encoder.layout_.width
    return scale * np.random.default_rng(seed).standard_normal((n_rows, width))


@SETTINGS
@given(tables(), st.sampled_from(["quantile", "bins"]), st.sampled_from(["one-hot", "codes"]))
def test_decoding_gives_back_what_was_encoded(table, method, discrete):
    frame, schema = table
    encoder = TableEncoder(schema=schema, rare=0, method=method, discrete=discrete).fit(frame)
    assert_same(encoder.inverse(encoder.transform(frame)), frame)


@SETTINGS
@given(tables(), st.sampled_from([1.0, 1e6]), st.integers(0, 99))
def test_any_matrix_decodes_to_a_table_within_what_was_seen(table, scale, seed):
    frame, schema = table
    encoder = TableEncoder(schema=schema).fit(frame)
    found = encoder.inverse(matrices(encoder, n_rows=20, scale=scale, seed=seed))
    assert found.dtypes.equals(frame.dtypes)
    for column in schema:
        assert_within(found[column.name].dropna(), frame[column.name].dropna(), column.kind)
    assert not found.loc[:, ~frame.isna().any()].isna().any(axis=None)


def assert_within(found, seen, kind):
    if kind in ("numeric", "integer", "date-time"):
        assert found.empty or (seen.min() <= found.min() and found.max() <= seen.max())
    else:
        assert set(found) <= set(seen)


@SETTINGS
@given(tables())
def test_encoding_leaves_the_table_as_it_was(table):
    frame, schema = table
    before = frame.copy(deep=True)
    TableEncoder(schema=schema).fit(frame).transform(frame)
    pd.testing.assert_frame_equal(frame, before)


@SETTINGS
@given(tables(), st.sampled_from(["quantile", "bins"]))
def test_state_comes_back_exactly_through_json_and_arrays(table, method):
    frame, schema = table
    encoder = TableEncoder(schema=schema, method=method).fit(frame)
    values, arrays = split_state(encoder.state())
    again = TableEncoder.from_state(join_state(json.loads(json.dumps(values)), arrays))
    encoded = matrices(encoder, n_rows=20, scale=1.0, seed=0)
    assert again.layout_ == encoder.layout_
    np.testing.assert_array_equal(again.transform(frame).matrix, encoder.transform(frame).matrix)
    pd.testing.assert_frame_equal(
        again.inverse(encoded, random_state=1), encoder.inverse(encoded, random_state=1)
    )
