"""What every column encoder promises, whatever the column."""

import json

import numpy as np
import pandas as pd
import pytest

from scenara.shared.errors import DataError, NotFittedError
from scenara.shared.features import (
    CategoryEncoder,
    Coded,
    DateTimeEncoder,
    Encoder,
    IdentifierEncoder,
    NumberEncoder,
    OrdinalEncoder,
    join_state,
    split_state,
)

RNG = np.random.default_rng(0)
N_ROWS = 60
AMOUNTS = np.where(RNG.random(N_ROWS) < 0.4, 0.0, RNG.lognormal(8, 2, N_ROWS))
DAYS = pd.Timestamp("2020-01-01") + pd.to_timedelta(RNG.integers(0, 900, N_ROWS), unit="D")
CASES = {
    "quantile": (NumberEncoder(), AMOUNTS),
    "bins": (NumberEncoder(method="bins", n_bins=8), AMOUNTS),
    "power": (NumberEncoder(method="power"), AMOUNTS),
    "mixture": (NumberEncoder(method="mixture", n_components=3), AMOUNTS),
    "category": (CategoryEncoder(rare=0), RNG.choice(list("aab"), N_ROWS)),
    "pooled": (CategoryEncoder(rare=20), RNG.choice(list("aaaaaaaabcd"), N_ROWS)),
    "ordinal": (OrdinalEncoder(levels=("S", "M", "L")), RNG.choice(list("SML"), N_ROWS)),
    "time": (DateTimeEncoder(), DAYS),
    "identifier": (IdentifierEncoder(), [f"K-{row:04d}" for row in range(N_ROWS)]),
}
GAPS = np.arange(N_ROWS) % 7 == 3


@pytest.fixture(params=sorted(CASES))
def case(request):
    encoder, values = CASES[request.param]
    column = pd.Series(values, name="column").mask(GAPS)
    # A fresh encoder of the same settings: those in CASES are never fitted.
    return Encoder.from_state(encoder.state()), column


def any_codes(encoder, *, scale, n_rows=200):
    rng = np.random.default_rng(1)
    return Coded(rng.integers(0, encoder.n_codes_, n_rows), scale * rng.standard_normal(n_rows))


def test_fit_gives_the_encoder(case):
    encoder, column = case
    assert encoder.fit(column) is encoder


@pytest.mark.parametrize("verb", ["transform", "inverse"])
def test_nothing_works_before_fit(case, verb):
    encoder, column = case
    argument = column if verb == "transform" else Coded(np.zeros(1, int), np.zeros(1))
    with pytest.raises(NotFittedError, match="call fit"):
        getattr(encoder, verb)(argument)


def test_the_column_is_not_changed(case):
    encoder, column = case
    before = column.copy(deep=True)
    encoder.fit(column).transform(column)
    pd.testing.assert_series_equal(column, before)


def test_codes_are_numbered_from_zero_and_have_a_label_each(case):
    encoder, column = case
    codes = encoder.fit(column).transform(column).codes
    assert set(codes) == set(range(encoder.n_codes_))
    assert len(encoder.labels_) == encoder.n_codes_


def test_only_codes_with_a_position_have_one(case):
    encoder, column = case
    coded = encoder.fit(column).transform(column)
    assert not coded.positions[coded.codes >= encoder.n_positioned_].any()


def test_a_missing_cell_is_the_last_code_and_comes_back_missing(case):
    encoder, column = case
    coded = encoder.fit(column).transform(column)
    assert ((coded.codes == encoder.n_codes_ - 1) == GAPS).all()
    assert (encoder.inverse(coded, random_state=0).isna() == GAPS).all()


def test_a_missing_cell_is_refused_with_its_row_if_none_was_seen(case):
    encoder, column = case
    encoder.fit(column[~GAPS])
    with pytest.raises(DataError, match="column 'column': found a missing value in row 3,"):
        encoder.transform(column)


def test_a_nullable_column_has_a_code_for_missing_cells_not_seen(case):
    encoder, column = case
    encoder.nullable = True
    encoder.fit(column[~GAPS])
    assert encoder.transform(column).codes[3] == encoder.n_codes_ - 1


def test_a_column_that_is_all_missing_comes_back(case):
    encoder, column = case
    column = column.mask(np.ones(N_ROWS, dtype=bool))
    found = encoder.fit(column).inverse(encoder.transform(column))
    pd.testing.assert_series_equal(found, column)


def test_values_are_refused_if_all_were_missing(case):
    encoder, column = case
    encoder.fit(column.mask(np.ones(N_ROWS, dtype=bool)))
    with pytest.raises(DataError, match="in row 0, but only missing values when fitting"):
        encoder.transform(column)


@pytest.mark.parametrize("scale", [1.0, 1e6, 1e300])
def test_any_codes_and_positions_decode_to_the_dtype_seen(case, scale):
    encoder, column = case
    found = encoder.fit(column).inverse(any_codes(encoder, scale=scale))
    assert found.dtype == column.dtype
    assert found.name == column.name


def test_codes_that_do_not_exist_are_clipped(case):
    encoder, column = case
    encoder.fit(column)
    found = encoder.inverse(Coded(np.array([-7, 10**6]), np.zeros(2)))
    assert found.isna().tolist() == [False, True]


def test_decoding_repeats_with_the_same_seed(case):
    encoder, column = case
    coded = any_codes(encoder.fit(column), scale=1.0)
    pair = (encoder.inverse(coded, random_state=5) for _ in range(2))
    pd.testing.assert_series_equal(*pair)


def test_state_survives_json_and_arrays(case):
    encoder, column = case
    values, arrays = split_state(encoder.fit(column).state())
    again = Encoder.from_state(join_state(json.loads(json.dumps(values)), arrays))
    coded = any_codes(encoder, scale=1.0)
    assert type(again) is type(encoder)
    pd.testing.assert_series_equal(
        again.inverse(coded, random_state=0), encoder.inverse(coded, random_state=0)
    )


def test_an_empty_column_is_refused(case):
    encoder, column = case
    with pytest.raises(DataError, match="expected at least one row"):
        encoder.fit(column[:0])


def test_a_list_is_no_column(case):
    encoder, _ = case
    with pytest.raises(DataError, match="expected one column as a pandas Series, found list"):
        encoder.fit([1, 2])


@pytest.mark.parametrize(
    ("codes", "positions", "message"),
    [
        (np.zeros(2, int), np.zeros(3), "two arrays of one length"),
        (np.zeros(2), np.zeros(2), "expected integers, found float64"),
        (np.zeros(2, int), np.array([0.0, np.nan]), "first in row 1"),
    ],
)
def test_codes_and_positions_that_do_not_fit_are_refused(codes, positions, message):
    with pytest.raises(DataError, match=message):
        Coded(codes, positions)
