import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from scenara.shared.features.quantile import fit_bins, fit_quantiles, quantile_places

FLOATS = st.floats(allow_nan=False, allow_infinity=False)
INTEGERS = st.integers(-(2**63), 2**63 - 1)


def fitted(values, **options):
    distinct, counts = np.unique(values, return_counts=True)
    return fit_quantiles(distinct, counts, **options), distinct


@settings(deadline=None, derandomize=True)
@given(st.lists(FLOATS, min_size=2, unique=True), st.sampled_from(["normal", "uniform"]))
def test_few_floats_of_any_size_come_back_exactly(values, law):
    curve, distinct = fitted(np.array(values), law=law)
    np.testing.assert_array_equal(curve.value(curve.score(distinct)), distinct)


@settings(deadline=None, derandomize=True)
@given(st.lists(INTEGERS, min_size=2, unique=True), st.integers(2, 5))
def test_integers_come_back_exactly_however_few_the_knots(values, n_knots):
    curve, distinct = fitted(np.array(values), n_knots=n_knots)
    np.testing.assert_array_equal(curve.value(curve.score(distinct)), distinct)


@pytest.mark.parametrize("sigma", [1.0, 30.0])
def test_many_floats_come_back_to_a_billionth_of_themselves(sigma):
    values = np.random.default_rng(0).lognormal(0, sigma, 20_000) - 1.0
    curve, distinct = fitted(values)
    np.testing.assert_allclose(curve.value(curve.score(distinct)), distinct, rtol=1e-9, atol=0)


def test_a_curve_keeps_few_values_of_many():
    curve, _ = fitted(np.random.default_rng(0).normal(size=20_000))
    assert len(curve.knots) < 1_100


def test_scores_are_those_of_ranks():
    values = np.random.default_rng(0).normal(size=99)
    curve, _ = fitted(values)
    expected = stats.norm.ppf((stats.rankdata(values) - 0.5) / 99)
    np.testing.assert_allclose(curve.score(values), expected, atol=1e-9)


@pytest.mark.parametrize("law", ["normal", "uniform"])
def test_scores_and_values_rise_together(law):
    curve, distinct = fitted(np.random.default_rng(0).integers(0, 900, 1_000), law=law)
    assert (np.diff(curve.score(distinct)) > 0).all()
    assert (np.diff(curve.value(np.linspace(-6, 6, 5_001))) >= 0).all()


def test_normal_draws_decode_to_the_law_of_the_values():
    rng = np.random.default_rng(0)
    values = rng.lognormal(size=20_000)
    found = fitted(values)[0].value(rng.normal(size=20_000))
    # 1.63 is the 99 % point of Kolmogorov's law.
    assert stats.ks_2samp(found, values).statistic < 1.63 * np.sqrt(2 / 20_000)


def test_ties_decode_as_often_as_they_were_seen():
    rng = np.random.default_rng(0)
    values = rng.poisson(4, 20_000)
    found = fitted(values)[0].value(rng.normal(size=20_000))
    for value in range(10):
        share = (values == value).mean()
        error = np.sqrt(share * (1 - share) / 20_000)
        assert abs((found == value).mean() - share) < 4 * error


def test_values_often_seen_decode_to_nothing_between():
    curve, distinct = fitted(np.repeat([1.5, 4.0, 100.0], 10))
    assert set(curve.value(np.linspace(-5, 5, 10_001))) == set(distinct)


@pytest.mark.parametrize("score", [-1e300, -9.0, 9.0, 1e300])
def test_no_score_leaves_the_range_seen(score):
    curve, _ = fitted(np.array([-1.7e308, 0.0, 1.7e308]))
    assert curve.value(np.array([score]))[0] == np.sign(score) * 1.7e308


def test_values_outside_are_drawn_to_the_ends():
    curve, _ = fitted(np.array([1.0, 2.0, 3.0]))
    assert curve.value(curve.score(np.array([-9.0, 9.0]))).tolist() == [1.0, 3.0]


def test_bins_hold_equal_shares_of_the_rows():
    values = np.sort(np.random.default_rng(0).normal(size=1_000))
    codes, positions = fit_bins(values, np.ones(1_000, int), n_bins=8).transform(values)
    assert np.bincount(codes).tolist() == [125] * 8
    assert positions.min() >= 0
    assert positions.max() <= 1


def test_bins_that_nothing_falls_into_are_joined():
    values, counts = np.array([1.0, 2.0, 3.0]), np.array([1, 98, 1])
    assert fit_bins(values, counts, n_bins=10).n_components <= 3


def test_positions_beyond_a_bin_stay_in_it():
    curve = fit_bins(np.arange(100.0), np.ones(100, int), n_bins=4)
    low, high = curve.inverse(np.array([1, 1]), np.array([-50.0, 50.0]))
    assert curve.labels(lambda ends: [f"{end:g}" for end in ends])[1] == f"{low:g} to {high:g}"


def test_quantiles_count_rows_and_not_values():
    assert quantile_places(np.array([1, 97, 1, 1]), 5).tolist() == [0, 1, 1, 1, 3]


def test_codes_and_uniform_positions_decode_to_the_law_of_the_values():
    rng = np.random.default_rng(0)
    values, counts = np.unique(rng.poisson(4, 20_000), return_counts=True)
    curve = fit_bins(values, counts, n_bins=6)
    codes = rng.permutation(np.repeat(curve.transform(values)[0], counts))
    found = curve.inverse(codes, rng.random(20_000))
    for value, count in zip(values, counts, strict=True):
        assert abs((found == value).sum() - count) <= 4 * np.sqrt(count) + 1
