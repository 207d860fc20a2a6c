"""Episodes of history: cut, replayed, stood in for, and asked of a model's worlds."""

import numpy as np
import pandas as pd
import pytest

from scenara.finance.market.scenarios.historical import (
    EPISODES,
    episode_days,
    episodes_within,
    find_episode,
    like_episode,
    replay,
)
from scenara.shared.errors import ConfigError, DataError


@pytest.fixture(scope="module")
def returns():
    days = pd.bdate_range("2017-01-02", "2022-12-30", name="date")
    rng = np.random.default_rng(0)
    market = 0.01 * rng.standard_t(5, size=(len(days), 1))
    values = market * [0.8, 1.0, 1.2] + 0.003 * rng.normal(size=(len(days), 3))
    return pd.DataFrame(values, index=days, columns=["A", "B", "C"])


@pytest.fixture
def young(returns):
    """C starts in 2021 and moves by 1.2 times the market."""
    late = returns.copy()
    late.loc[:"2020-12-31", "C"] = np.nan
    return late


@pytest.mark.parametrize("episode", EPISODES.values(), ids=EPISODES)
def test_every_episode_ends_after_it_starts(episode):
    assert pd.Timestamp(episode.peak) < pd.Timestamp(episode.end)


def test_only_episodes_within_the_data_are_listed(returns):
    assert [episode.name for episode in episodes_within(returns)] == ["2018", "2020", "2022"]


def test_an_episode_starts_on_the_day_after_the_peak(returns):
    days = episode_days(returns, "2020")
    assert str(days.index[0].date()) == "2020-02-20"
    assert str(days.index[-1].date()) == "2020-03-23"


def test_any_two_days_make_an_episode(returns):
    assert len(episode_days(returns, "2019-01-04..2019-01-11")) == 5


@pytest.mark.parametrize("name", ["2021x", "2020-13-01..2020-12-31", "2020-05-01..2020-04-01"])
def test_what_is_no_episode_is_refused(name):
    with pytest.raises(ConfigError, match="unknown episode"):
        find_episode(name)


def test_an_episode_outside_the_data_is_refused_with_those_inside(returns):
    with pytest.raises(DataError, match="2008.*episodes within the data: 2018, 2020, 2022"):
        replay(returns, "2008")


def test_a_replay_is_the_wealth_of_a_portfolio_that_is_rebalanced_daily(returns):
    weights = {"A": 0.5, "C": 0.3}
    days = episode_days(returns, "2020")[["A", "C"]]
    wealth = np.prod(1 + np.expm1(days.to_numpy()) @ [0.5, 0.3])
    found = replay(returns, "2020", portfolio=weights)
    assert found.total_return == pytest.approx(wealth - 1)
    assert found.wealth.iloc[[0, -1]].tolist() == pytest.approx([1.0, wealth])


def test_the_assets_contributions_sum_to_the_portfolios_return(returns):
    found = replay(returns, "2020", portfolio={"A": 0.7, "B": -0.2, "C": 0.4})
    assert found.assets["contribution"].sum() == pytest.approx(found.total_return)


def test_an_asset_that_did_not_exist_is_refused_by_name(young):
    with pytest.raises(
        DataError, match=r"asset 'C': no returns for all of episode '2020'.*proxies"
    ):
        replay(young, "2020")


def test_an_asset_that_is_not_held_need_not_exist(young):
    assert replay(young, "2020", portfolio=["A", "B"]).assets["proxy"].tolist() == ["", ""]


def test_a_named_proxy_moves_as_its_parts(young):
    found = replay(young, "2020", portfolio={"C": 1.0}, proxies={"C": {"B": 1.0}})
    expected = replay(young, "2020", portfolio={"B": 1.0}).total_return
    assert found.total_return == pytest.approx(expected)


def test_the_markets_proxy_has_the_assets_beta(young):
    note = replay(young, "2020", proxies="market").assets.loc["C", "proxy"]
    assert float(note.removeprefix("market x ")) == pytest.approx(1.2 / 0.9, rel=0.05)


def test_the_episode_itself_is_like_the_episode(returns):
    asked = like_episode(returns, "2020")
    days = episode_days(returns, "2020").to_numpy()[None]
    assert asked.shortfall(days, ["A", "B", "C"]) == 0


def test_severity_scales_log_return_and_volatility(returns):
    once, twice = (like_episode(returns, "2020", severity=x).events for x in (1.0, 2.0))
    assert np.log1p(twice[0].equals) == pytest.approx(2 * np.log1p(once[0].equals))
    assert twice[1].equals == pytest.approx(2 * once[1].equals)


def test_of_an_episode_of_two_days_no_correlation_is_asked(returns):
    events = like_episode(returns, "2020-03-02..2020-03-04", days=21).events
    assert [event.measure for event in events] == ["return", "volatility"]


def test_a_severity_below_zero_is_refused(returns):
    with pytest.raises(ConfigError, match="severity"):
        like_episode(returns, "2020", severity=-1)


def test_worlds_are_about_as_the_episode_and_closer_on_demand(returns):
    loose, close = (like_episode(returns, "2020", looseness=x).events for x in (3.0, 1.0))
    assert [e.tolerance for e in loose] == pytest.approx([0.03, 0.15, 0.15])
    assert [e.tolerance for e in close] == pytest.approx([0.01, 0.05, 0.05])


def test_refuses_a_looseness_that_allows_nothing(returns):
    with pytest.raises(ConfigError, match="looseness: expected a number above 0"):
        like_episode(returns, "2020", looseness=0)


def test_known_falls_of_real_stocks_come_back(sp500):
    falls = {name: replay(sp500, name).total_return for name in ("2008", "2020")}
    assert all(-0.45 < fall < -0.2 for fall in falls.values()), falls
