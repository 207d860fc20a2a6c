import numpy as np
import pandas as pd
import pytest

from scenara.shared.errors import ConfigError, DataError
from scenara.shared.features import Coded, NumberEncoder

RNG = np.random.default_rng(0)
SPIKED = np.where(RNG.random(2_000) < 0.3, 0.0, RNG.lognormal(8, 2, 2_000))


def fitted(values, **options):
    column = pd.Series(values, name="x")
    return NumberEncoder(**options).fit(column), column


def returned(values, **options):
    encoder, column = fitted(values, **options)
    return encoder.inverse(encoder.transform(column)), column


def sampled(encoder, n_rows=5_000, code=0):
    positions = np.random.default_rng(1).standard_normal(n_rows)
    return encoder.inverse(Coded(np.full(n_rows, code), positions))


@pytest.mark.parametrize("method", ["quantile", "bins", "power", "mixture"])
def test_a_spike_has_a_code_of_its_own_and_comes_back_exactly(method):
    encoder, column = fitted(SPIKED, method=method)
    codes = encoder.transform(column).codes
    found = encoder.inverse(encoder.transform(column))
    assert encoder.labels_[-1] == "= 0"
    assert ((codes == encoder.n_codes_ - 1) == (SPIKED == 0)).all()
    assert ((found == 0) == (SPIKED == 0)).all()


@pytest.mark.parametrize("method", ["quantile", "bins", "power", "mixture"])
@pytest.mark.parametrize("dtype", ["int64", "int16", "float64", "Int32", "int64[pyarrow]", object])
def test_whole_numbers_come_back_whole(method, dtype):
    values = pd.Series(RNG.poisson(200, 500), dtype=dtype)
    found, column = returned(values, method=method)
    pd.testing.assert_series_equal(found, column)


@pytest.mark.parametrize("method", ["quantile", "bins", "power", "mixture"])
def test_cents_come_back_to_the_cent_and_draws_are_whole_cents(method):
    values = np.round(RNG.lognormal(5, 1, 500), 2)
    found, column = returned(values, method=method)
    pd.testing.assert_series_equal(found, column)
    drawn = sampled(fitted(values, method=method)[0])
    assert (drawn == drawn.round(2)).all()


def test_draws_of_multiples_of_500_are_multiples_of_500():
    encoder, _ = fitted(RNG.integers(2, 80_000, 300) * 500)
    assert (sampled(encoder) % 500 == 0).all()


@pytest.mark.parametrize("method", ["power", "mixture"])
def test_real_numbers_come_back_to_a_billionth_of_their_range(method):
    values = RNG.standard_t(3, 2_000)
    found, _ = returned(values, method=method)
    np.testing.assert_allclose(found, values, rtol=0, atol=1e-9 * np.ptp(values))


@pytest.mark.parametrize(
    "values",
    [
        [1e300, -1e300, 1e-300, 5e-324, 0.0],
        [np.finfo(float).max, np.finfo(float).min, np.pi],
        [2**53 + 1, 2**62 + 3, -(2**63), 2**63 - 1],
    ],
)
def test_numbers_of_extreme_size_come_back(values):
    found, column = returned(values)
    pd.testing.assert_series_equal(found, column, check_exact=True)


def test_many_integers_beyond_2_to_53_come_back():
    values = RNG.integers(-(2**62), 2**62, 3_000)
    pd.testing.assert_series_equal(*returned(values), check_exact=True)


@pytest.mark.parametrize("method", ["power", "mixture"])
def test_a_method_that_would_lose_digits_is_refused(method):
    values = RNG.integers(-(2**62), 2**62, 300)
    with pytest.raises(DataError, match="column 'x': values from .* use method='quantile'"):
        fitted(values, method=method)


@pytest.mark.parametrize("values", [[3.5] * 9, [7] * 9])
def test_a_constant_is_one_code_without_position(values):
    encoder, _ = fitted(values)
    assert (encoder.n_codes_, encoder.n_positioned_) == (1, 0)
    assert (sampled(encoder) == values[0]).all()


@pytest.mark.parametrize("value", [np.inf, -np.inf])
def test_an_infinite_number_is_refused_with_its_row(value):
    with pytest.raises(DataError, match=f"expected finite numbers, found {value} in row 1"):
        fitted([1.0, value])


def test_an_unseen_number_among_spikes_goes_to_the_nearest():
    encoder, _ = fitted([1] * 20 + [5] * 20)
    assert encoder.transform(pd.Series([0, 2, 4, 9])).codes.tolist() == [0, 0, 1, 1]


def test_an_integer_column_takes_the_floats_that_a_gap_makes_of_it():
    encoder, _ = fitted(np.arange(100), nullable=True)
    # The dtype seen holds no missing cells, so the gap is refused, the floats are not.
    codes = encoder.transform(pd.Series([3.0, 99.0]))
    assert encoder.inverse(codes).tolist() == [3, 99]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (["a", 1], "expected numbers, found 'a' in row 0"),
        (pd.Series(["a"], dtype="string"), "expected numbers, found dtype string"),
        ([1 + 2j], "expected numbers, found dtype complex128"),
        (np.array([2**64 - 1], dtype=np.uint64), "below 2\\*\\*63, found 18446744073709551615"),
        ([2**70, 1], "below 2\\*\\*63, found 1180591620717411303424"),
        (pd.to_timedelta([1], unit="D"), "expected numbers, found dtype timedelta64"),
    ],
)
def test_what_is_no_number_is_refused(values, message):
    with pytest.raises(DataError, match=f"column 'x': .*{message}"):
        fitted(values)


def test_an_unknown_method_is_refused():
    with pytest.raises(ConfigError, match="method: 'rank' is not known"):
        fitted([1.0, 2.0], method="rank")


def test_draws_follow_the_law_of_the_column_spikes_included():
    encoder, column = fitted(SPIKED)
    codes = np.random.default_rng(2).choice(encoder.transform(column).codes, 20_000)
    positions = np.random.default_rng(3).standard_normal(20_000)
    found = encoder.inverse(Coded(codes, positions))
    for share in (0.1, 0.5, 0.9):
        spread = np.sqrt(share * (1 - share) * (1 / 2_000 + 1 / 20_000))
        assert abs((found <= column.quantile(share)).mean() - max(share, 0.3)) < 4 * spread
