"""Histories: what generators learn can be turned back into the returns it came from."""

import numpy as np
import pandas as pd
import pytest
from real_samples import need_samples_of

from scenara.finance.advisor.planning import price_history, us_history
from scenara.shared.data.samples import load_sample
from scenara.shared.errors import ConfigError, DataError


@pytest.fixture(scope="module")
def months():
    need_samples_of('load_sample("us-monthly")')
    return load_sample("us-monthly")


@pytest.fixture(scope="module")
def prices():
    walk = np.exp(np.random.default_rng(0).normal(0.004, 0.03, (150, 3)).cumsum(axis=0))
    index = pd.date_range("2000-01-31", periods=150, freq="ME")
    return pd.DataFrame(walk, index, ["shares", "bonds", "cash"])


def test_the_past_is_decoded_to_its_own_returns(months):
    first = months.dropna().iloc[0]
    history = us_history(
        months,
        cash_rate=12 * first["risk_free"],
        aaa_yield=first["aaa_yield"],
        baa_yield=first["baa_yield"],
    )
    decoded = history.decode(history.channels.to_numpy()[None])[0]
    # The cash rate was below 0 in some months of 1938-40; worlds hold it at 0.
    was_negative = history.returns["cash"].to_numpy() < 0
    expected = history.returns.to_numpy()
    np.testing.assert_allclose(decoded[:, 2:4], expected[:, 2:4], atol=1e-10)
    np.testing.assert_allclose(decoded[~was_negative], expected[~was_negative], atol=1e-10)


def test_shares_are_the_market_with_its_cash(months):
    history, known = us_history(months), months.dropna().iloc[1:]
    expected = known["market_excess"] + known["risk_free"]
    np.testing.assert_allclose(history.returns["us-equity"], expected)


def test_the_premium_of_small_value_is_cut(months):
    known = months.dropna()
    market = np.log1p(known["market_excess"] + known["risk_free"])
    tilted = np.log1p(
        known["market_excess"] + known["risk_free"] + 0.5 * (known["smb"] + known["hml"])
    )
    history = us_history(months)
    kept = history.channels["small value beyond market"].mean()
    # One month is lost to the yields' differences: the mean moves by less than a thousandth.
    assert kept == pytest.approx(0.42 * (tilted - market).mean(), abs=1e-4)


def test_worlds_begin_at_the_given_rates(months):
    history = us_history(months, cash_rate=0.06, aaa_yield=0.08, baa_yield=0.09)
    still = history.decode(np.zeros((1, 1, 5)))[0, 0]
    assert still[4] == pytest.approx(0.005, abs=1e-4)
    # Carry of a twelfth of 8 %, and a yield that drifts back by a few hundredths of a point.
    assert still[2] == pytest.approx(0.08 / 12, abs=0.01)
    assert history.decode(np.zeros((1, 1, 5)))[0, 0, 3] > 0


def test_a_yield_of_baa_below_aaa_is_refused(months):
    with pytest.raises(ConfigError, match="more than the yield of AAA bonds"):
        us_history(months, aaa_yield=0.08, baa_yield=0.07)


def test_until_cuts_the_history(months):
    assert us_history(months, until="1970-12-31").period.endswith("1970-12")


def test_prices_become_monthly_returns(prices):
    history = price_history(prices, defensive=["bonds"])
    np.testing.assert_allclose(history.returns, prices.pct_change().iloc[1:])
    decoded = history.decode(history.channels.to_numpy()[None])[0]
    np.testing.assert_allclose(decoded, history.returns, atol=1e-12)


def test_money_earns_nothing_where_no_column_says_so(prices):
    history = price_history(prices[["shares", "bonds"]], defensive=["bonds"])
    assert history.classes == ["shares", "bonds", "cash"]
    assert not history.decode(np.ones((1, 2, 2)))[..., 2].any()
    assert any("earn nothing" in note for note in history.notes)


def test_reference_weighs_each_side_equally(prices):
    assert price_history(prices, defensive=["bonds"]).reference.tolist() == [1.0, 1.0, 0.0]


@pytest.mark.parametrize(
    ("last_day", "last_month"), [("2012-06-12", "2012-05"), ("2012-06-28", "2012-06")]
)
def test_a_part_of_the_last_month_is_no_month(last_day, last_month):
    days = pd.bdate_range("2000-01-03", last_day)
    walk = np.exp(np.random.default_rng(0).normal(0, 0.01, (len(days), 1)).cumsum(axis=0))
    history = price_history(pd.DataFrame(walk, days, ["shares"]), defensive=[])
    assert history.period.endswith(last_month)


def test_prices_of_months_may_be_of_any_day(prices):
    firsts = prices.set_axis(prices.index.map(lambda day: day.replace(day=1)))
    assert price_history(firsts, defensive=["bonds"]).period.endswith("2012-06")


def test_prices_must_hold_some_equity(prices):
    with pytest.raises(ConfigError, match="growth classes: expected some"):
        price_history(prices, defensive=["shares", "bonds"])


def test_an_unknown_defensive_column_is_refused(prices):
    with pytest.raises(ConfigError, match="has no column 'gilts'"):
        price_history(prices, defensive=["gilts"])


def test_too_few_months_are_refused(prices):
    with pytest.raises(DataError, match="expected at least 120"):
        price_history(prices.iloc[:60], defensive=["bonds"])
