import numpy as np
import pytest
from scipy.stats import binom, chi2, norm

from scenara.finance.market.risk import (
    acerbi_szekely_test,
    christoffersen_test,
    conditional_coverage_test,
    dynamic_quantile_test,
    expected_shortfall_ratio,
    fz0_loss,
    kupiec_test,
)
from scenara.shared.errors import DataError


def hits_with(n_days, n_hits, n_repeats=0):
    """Give hits far apart, save for n_repeats on the day after another."""
    hits = np.zeros(n_days, dtype=bool)
    apart = n_hits - n_repeats
    places = 5 + np.arange(apart) * (n_days - 20) // apart
    hits[places] = True
    hits[places[:n_repeats] + 1] = True
    return hits


@pytest.mark.parametrize(
    ("tail", "n_days", "lowest", "highest"),
    [  # Kupiec (1995), table 3: failures x with lowest <= x < highest are not refused at 5 %.
        (0.01, 510, 2, 10),
        (0.01, 1000, 5, 16),
        (0.025, 255, 3, 11),
        (0.05, 255, 7, 20),
        (0.05, 1000, 38, 64),
    ],
)
def test_kupiec_refuses_outside_the_published_regions(tail, n_days, lowest, highest):
    accepted = [
        n
        for n in range(n_days // 4)
        if kupiec_test(hits_with(n_days, n or 1) & (n > 0), tail=tail)[1] > 0.05
    ]

    assert accepted[0] in (lowest - 1, lowest, lowest + 1)
    assert accepted[-1] in (highest - 2, highest - 1, highest)


@pytest.mark.parametrize(
    ("n_hits", "kupiec"),
    [(35, 0.003), (20, 0.979), (42, 0.000), (33, 0.008), (22, 0.678), (24, 0.399)],
)
def test_kupiec_gives_the_reference_values_of_2012_days(n_hits, kupiec):
    found = kupiec_test(hits_with(2012, n_hits), tail=0.01)

    assert found.p_value == pytest.approx(kupiec, abs=5e-4)


@pytest.mark.parametrize(
    ("n_hits", "n_repeats", "independence"),
    [(24, 2, 0.032), (20, 2, 0.015), (22, 2, 0.022), (33, 2, 0.118)],
)
def test_christoffersen_gives_the_reference_values_of_2012_days(n_hits, n_repeats, independence):
    found = christoffersen_test(hits_with(2012, n_hits, n_repeats))

    assert found.p_value == pytest.approx(independence, abs=1e-3)


def test_kupiec_is_the_ratio_of_binomial_likelihoods():
    ratio = 2 * (binom.logpmf(9, 500, 9 / 500) - binom.logpmf(9, 500, 0.01))

    assert kupiec_test(hits_with(500, 9), tail=0.01).statistic == pytest.approx(ratio)


def test_conditional_coverage_adds_both_ratios():
    hits = hits_with(1000, 20, 3)
    total = kupiec_test(hits, tail=0.01).statistic + christoffersen_test(hits).statistic

    assert conditional_coverage_test(hits, tail=0.01) == pytest.approx((total, chi2.sf(total, 2)))


@pytest.mark.parametrize(
    "test",
    [
        lambda hits, var: kupiec_test(hits, tail=0.05),
        lambda hits, var: christoffersen_test(hits),
        lambda hits, var: conditional_coverage_test(hits, tail=0.05),
        lambda hits, var: dynamic_quantile_test(hits, var, tail=0.05),
    ],
    ids=["kupiec", "christoffersen", "coverage", "dynamic quantile"],
)
def test_a_right_forecast_is_refused_in_one_of_twenty(test):
    rng = np.random.default_rng(0)
    n_trials, n_days = 400, 2000
    refused = [
        test(rng.random(n_days) < 0.05, rng.uniform(1, 2, n_days)).p_value < 0.05
        for _ in range(n_trials)
    ]

    error = 3 * np.sqrt(0.05 * 0.95 / n_trials)
    assert np.mean(refused) == pytest.approx(0.05, abs=error + 0.01)


def test_dynamic_quantile_sees_hits_that_the_var_foretells():
    rng = np.random.default_rng(1)
    var = rng.uniform(1, 2, size=3000)
    hits = rng.random(3000) < np.where(var < 1.5, 0.08, 0.02)

    assert christoffersen_test(hits).p_value > 0.05
    assert dynamic_quantile_test(hits, var, tail=0.05).p_value < 0.001


def test_dynamic_quantile_agrees_with_the_normal_equations():
    rng = np.random.default_rng(2)
    var, hits = rng.uniform(1, 2, 300), rng.random(300) < 0.05
    d = hits - 0.05
    x = np.column_stack([np.ones(299), d[:-1], var[1:]])
    explained = d[1:] @ x @ np.linalg.inv(x.T @ x) @ x.T @ d[1:]

    found = dynamic_quantile_test(hits, var, tail=0.05, n_lags=1)

    assert found.statistic == pytest.approx(explained / (0.05 * 0.95))


def test_a_simulated_dynamic_quantile_test_of_rare_hits_refuses_one_of_twenty():
    rng = np.random.default_rng(3)
    var = rng.uniform(1, 2, 500)
    refused = [
        dynamic_quantile_test(rng.random(500) < 0.01, var, tail=0.01, n_simulations=99).p_value
        <= 0.05
        for _ in range(100)
    ]

    assert np.mean(refused) < 0.05 + 3 * np.sqrt(0.05 * 0.95 / 100)


def normal_forecast(n_days, tail):
    quantile = norm.ppf(tail)
    return np.full(n_days, -quantile), np.full(n_days, norm.pdf(quantile) / tail)


def test_the_critical_value_of_z2_is_the_published_one():
    # Acerbi and Szekely (2014), section on fixed levels: -0.7 for 250 days at 2.5 %.
    var, es = normal_forecast(250, 0.025)
    day = np.random.default_rng(0).normal(size=250)

    found = acerbi_szekely_test(day, var, es, tail=0.025, n_simulations=5_000)

    assert found.critical_value == pytest.approx(-0.7, abs=0.05)


@pytest.mark.parametrize("kind", ["Z1", "Z2"])
def test_a_right_tail_is_refused_in_one_of_twenty(kind):
    rng = np.random.default_rng(3)
    var, es = normal_forecast(500, 0.05)
    refused = [
        acerbi_szekely_test(
            rng.normal(size=500), var, es, tail=0.05, kind=kind, tail_shape=1e-3, n_simulations=99
        ).p_value
        < 0.05
        for _ in range(100)
    ]

    assert np.mean(refused) < 0.05 + 3 * np.sqrt(0.05 * 0.95 / 100)


@pytest.mark.parametrize("kind", ["Z1", "Z2"])
def test_a_tail_twice_as_long_is_refused(kind):
    day = np.random.default_rng(4).normal(size=1000)
    var, es = normal_forecast(1000, 0.025)
    worse = np.where(day < -var, -var + 3 * (day + var), day)

    assert acerbi_szekely_test(worse, var, es, tail=0.025, kind=kind).p_value < 0.05


def test_fz0_is_the_published_formula():
    y, var, es = np.array([-3.0, 1.0]), np.full(2, 2.0), np.full(2, 2.5)
    below = 1 / (0.05 * 2.5) * (-2 + 3) + 2 / 2.5 + np.log(2.5) - 1

    assert fz0_loss(y, var, es, tail=0.05) == pytest.approx([below, 2 / 2.5 + np.log(2.5) - 1])


@pytest.mark.parametrize("factor", [0.8, 1.25])
@pytest.mark.parametrize("which", ["var", "es", "both"])
def test_the_right_forecast_has_the_least_fz0(factor, which):
    day = np.random.default_rng(5).normal(size=400_000)
    var, es = normal_forecast(len(day), 0.05)
    wrong_var = var * (factor if which != "es" else 1)
    wrong_es = np.maximum(es * (factor if which != "var" else 1), wrong_var)

    right = fz0_loss(day, var, es, tail=0.05).mean()

    assert right < fz0_loss(day, wrong_var, wrong_es, tail=0.05).mean()


def test_the_ratio_is_one_for_a_right_es():
    day = np.random.default_rng(6).normal(size=400_000)
    var, es = normal_forecast(len(day), 0.05)
    n_hits = 0.05 * len(day)
    error = 3 * np.std(day[day < -var]) / es[0] / np.sqrt(n_hits)

    assert expected_shortfall_ratio(day, var, es) == pytest.approx(1, abs=error)


@pytest.mark.parametrize(
    ("var", "es", "message"),
    [
        (np.ones(3), np.ones(3), "same days"),
        (np.ones(2), np.full(2, 0.5), "no ES below"),
        (np.full(2, np.nan), np.ones(2), "finite"),
    ],
)
def test_wrong_forecasts_are_refused(var, es, message):
    with pytest.raises(DataError, match=message):
        fz0_loss(np.zeros(2), var, es, tail=0.01)


@pytest.mark.parametrize("tail", [0.0, 1.0, -0.01, np.nan])
@pytest.mark.parametrize("test", [acerbi_szekely_test, fz0_loss])
def test_a_tail_that_is_no_probability_is_refused(test, tail):
    with pytest.raises(DataError, match="tail: expected a probability"):
        test(np.zeros(9), np.ones(9), np.full(9, 2.0), tail=tail)


@pytest.mark.parametrize("shape", [0.0, 1.0, -0.5, np.nan])
def test_a_shape_without_a_mean_is_refused(shape):
    with pytest.raises(DataError, match="tail_shape: expected a number between 0 and 1"):
        acerbi_szekely_test(np.zeros(9), np.ones(9), np.full(9, 2.0), tail=0.05, tail_shape=shape)


@pytest.mark.parametrize("wrong", [np.nan, 2.0])
def test_hits_that_are_no_truth_values_are_refused(wrong):
    hits = np.zeros(50)
    hits[7] = wrong

    for test in (christoffersen_test, lambda hits: kupiec_test(hits, tail=0.05)):
        with pytest.raises(DataError, match="on day 7"):
            test(hits)


def test_a_missing_var_is_refused_by_the_dynamic_quantile_test():
    with pytest.raises(DataError, match="finite"):
        dynamic_quantile_test(np.zeros(50), np.full(50, np.nan), tail=0.05)
