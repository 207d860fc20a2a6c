"""Covariates: their changes join the channels, and events on them move the assets."""

import numpy as np
import pandas as pd
import pytest

from scenara.finance.market.scenarios.covariates import join_covariates
from scenara.shared.errors import ConfigError, DataError
from scenara.shared.generators.series.bootstrap import StationaryBootstrap
from scenara.shared.generators.series.conditions import Conditioned

N = 1_500


@pytest.fixture(scope="module")
def days():
    return pd.bdate_range("2015-01-01", periods=N, name="date")


@pytest.fixture(scope="module")
def returns(days):
    rng = np.random.default_rng(0)
    values = 0.01 * (0.7 * rng.normal(size=(N, 1)) + 0.7 * rng.normal(size=(N, 2)))
    return pd.DataFrame(values, index=days, columns=["A", "B"])


@pytest.fixture(scope="module")
def covariates(days, returns):
    """Give a VIX that rises by 8 % when A falls by 1 %, and a rate that knows nothing."""
    rng = np.random.default_rng(1)
    moves = -8 * (returns["A"] - returns["A"].mean()) + 0.02 * rng.normal(size=N)
    pull = np.exp(np.cumsum(moves - moves.mean()) * 0.5) * 20
    return pd.DataFrame({"VIX": pull, "rate": 3 + np.cumsum(0.05 * rng.normal(size=N))}, index=days)


@pytest.fixture(scope="module")
def panel(returns, covariates):
    return join_covariates(returns, covariates, changes={"VIX": "log", "rate": "difference"})


def test_covariates_move_as_much_as_the_middling_asset(panel):
    spread = panel.frame.std()
    assert spread[["VIX", "rate"]].tolist() == pytest.approx([spread[["A", "B"]].median()] * 2)


@pytest.mark.parametrize("name", ["VIX", "rate"])
def test_the_past_gives_back_the_levels(panel, covariates, name):
    moved = panel.levels(panel.frame.to_numpy()[None], name)[0]
    before = covariates[name].iloc[0]
    expected = covariates[name].iloc[1:].to_numpy()
    rebased = (
        moved * before / panel.last[name] if name == "VIX" else moved + before - panel.last[name]
    )
    np.testing.assert_allclose(rebased, expected)


def test_an_event_on_a_covariate_moves_the_assets_with_it(panel):
    model = StationaryBootstrap(mean_block=1).fit(panel.frame)
    event = panel.event("VIX", above=1.5 * panel.last["VIX"], day=10)
    found = model.sample_given(500, event, horizon=10, random_state=0)
    assert isinstance(found, Conditioned)
    assert (panel.levels(found.paths, "VIX")[:, -1] >= 1.5 * panel.last["VIX"]).all()
    mean, free = found.paths.sum(axis=1).mean(axis=0), panel.frame.std() * np.sqrt(10)
    assert mean[0] < -1.0 * free["A"]
    assert mean[0] < mean[1] < 0
    assert abs(mean[3]) < 4 * free["rate"] / np.sqrt(found.effective_size)


def test_the_kind_of_change_is_judged_by_the_past(returns, days):
    rng = np.random.default_rng(5)
    steps = rng.normal(size=(2, N))
    levels = pd.DataFrame(
        {"growing": np.exp(np.cumsum(0.05 * steps[0])), "rate": 50 + np.cumsum(0.5 * steps[1])},
        index=days,
    )
    assert dict(join_covariates(returns, levels).changes) == {
        "growing": "log",
        "rate": "difference",
    }


def test_equal_weight_holds_the_assets_alone(panel):
    assert panel.portfolio() == ["A", "B"]


def test_days_that_covariates_lack_take_the_last_level(returns, covariates):
    holes = covariates.drop(covariates.index[[10, 11, 700]])
    panel = join_covariates(returns, holes)
    assert len(panel.frame) == N - 1
    assert panel.frame["VIX"].iloc[9] == 0


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda x: x.reset_index(drop=True), "expected dates in the index"),
        (lambda x: x.rename(columns={"VIX": "A"}), "there is an asset of that name"),
        (lambda x: x.drop(x.index[400:420]), "no level for 2016-07-"),
        (lambda x: x.iloc[:-30], "they end on"),
        (lambda x: x.iloc[-100:], "expected 250 days in common with the prices, found 100"),
        (lambda x: x.assign(rate=3.0), "'rate': the level never moves"),
        (lambda x: x.assign(rate="low"), "expected numbers"),
        (lambda x: pd.concat([x, x.iloc[:1]]), "2015-01-01 twice"),
    ],
)
def test_covariates_that_do_not_fit_are_refused(returns, covariates, spoil, message):
    with pytest.raises(DataError, match=message):
        join_covariates(returns, spoil(covariates))


def test_logarithms_of_negative_levels_are_refused(returns, covariates):
    with pytest.raises(ConfigError, match="has no logarithm"):
        join_covariates(
            returns, covariates.assign(rate=covariates["rate"] - 99), changes={"rate": "log"}
        )


def test_events_on_unknown_covariates_and_levels_that_can_not_be_are_refused(panel):
    with pytest.raises(ConfigError, match="unknown covariate 'oil'"):
        panel.event("oil", above=1)
    with pytest.raises(ConfigError, match="can't be"):
        panel.event("VIX", below=-1.0)


def test_a_covariate_can_not_be_held(panel):
    with pytest.raises(ConfigError, match="VIX: a covariate can't be held"):
        panel.portfolio({"A": 0.5, "VIX": 0.5})
