"""Cheats are caught, each in its way, and no honest strategy is accused."""

import numpy as np
import pandas as pd
import pytest

from scenara.finance.portfolio import (
    STRATEGIES,
    FixedWeights,
    FunctionStrategy,
    Momentum,
    make_strategy,
)
from scenara.finance.portfolio.frame_strategy import FrameStrategy
from scenara.finance.portfolio.look_ahead import check_look_ahead
from scenara.shared.errors import DataError

N_DAYS, N_ASSETS = 500, 20


def _market(seed, n_days=N_DAYS):
    """Give days of a market with a premium, a spread among assets and clustered volatility."""
    rng = np.random.default_rng(seed)
    size = 0.01 * np.exp(0.1 * rng.standard_normal((n_days, 1)).cumsum(0).clip(-8, 8))
    moves = 0.7 * rng.standard_normal((n_days, 1)) + 0.7 * rng.standard_normal((n_days, N_ASSETS))
    days = pd.bdate_range("2018-01-01", periods=n_days, name="date")
    values = (3e-4 + 2e-4 * rng.standard_normal(N_ASSETS) + size * moves).clip(-0.4, 0.4)
    return pd.DataFrame(values, index=days, columns=[f"S{i}" for i in range(N_ASSETS)])


@pytest.fixture(scope="module")
def market():
    return _market(0)


def _failed(report):
    return [finding.check for finding in report.findings if not finding.passed]


def _held(rises):
    return rises.astype(float) / N_ASSETS


FRAMES = {
    "tomorrow": lambda returns: _held(returns.shift(-1) > 0),
    "centred window": lambda returns: _held(returns.rolling(11, center=True).mean() > 0),
    "scaled by the whole sample": lambda returns: _held((returns - returns.mean()) > returns.std()),
    "backfilled": lambda returns: _held(returns.where(returns > 0.01).bfill(limit=2) > 0),
}


@pytest.mark.parametrize("rule", FRAMES)
def test_a_frame_that_uses_later_days_is_caught(market, rule):
    function = FRAMES[rule]

    # A backtest may refuse what it gives for its last day; this one gives it equal weights.
    def patched(returns):
        weights = function(returns)
        weights.iloc[-1] = 0.05
        return weights

    report = check_look_ahead(FrameStrategy(patched, lookback=30), market, rebalance=60)
    assert "Later days change, earlier decisions stay" in _failed(report)
    assert "change when only returns from" in report.sentence


def test_a_frame_without_weights_for_its_last_day_is_refused_by_a_backtest(market):
    empty = FrameStrategy(lambda r: r.shift(-1), lookback=30)
    with pytest.raises(DataError, match="needs a longer lookback, or looks ahead"):
        check_look_ahead(empty, market)


def test_an_honest_frame_passes(market):
    honest = FrameStrategy(lambda returns: _held(returns.rolling(20).mean() > 0), lookback=30)
    assert check_look_ahead(honest, market, rebalance=60).passed


def test_one_that_looks_up_the_date_in_the_whole_data_is_caught(market):
    def looks_up(past, state):
        later = market.loc[state.date :].iloc[:21].sum()
        return _held(later.to_numpy() > later.median())

    report = check_look_ahead(FunctionStrategy(looks_up, lookback=1), market)
    assert "Rearranged days with the same dates" in _failed(report)
    assert "decides by the date and not by the past that it is given" in report.sentence


def test_one_that_finds_its_history_in_the_whole_data_is_caught(market):
    values = market.to_numpy()

    def finds(past):
        known = np.full((past.shape[1], N_ASSETS), 1 / N_ASSETS)
        for path, last in enumerate(past[-1].numpy()):
            place = np.abs(values - last).sum(1).argmin()
            if np.allclose(values[place], last):
                later = values[place + 1 : place + 22].sum(0)
                known[path] = _held(later > np.median(later))
        return known

    report = check_look_ahead(FunctionStrategy(finds, lookback=1), market)
    assert "Rearranged days with the same dates" in _failed(report)
    assert "knows these days from elsewhere" in report.sentence


def test_fixed_weights_that_were_fitted_on_the_whole_sample_are_caught(market):
    best = (market.mean().rank() > 14).to_numpy() / 6
    report = check_look_ahead(FunctionStrategy(lambda past: best, lookback=1), market)
    assert _failed(report) == ["The same days with other labels"]
    assert "chosen with hindsight" in report.sentence


def test_a_rule_with_a_ranking_of_the_whole_sample_in_it_is_caught(market):
    score = market.mean().rank().to_numpy()

    def leans(past):
        recent = past.sum(0).argsort(dim=-1).argsort(dim=-1).numpy()
        chosen = (recent + 19 * score).argsort().argsort() >= 14
        return chosen / 6

    report = check_look_ahead(FunctionStrategy(leans, lookback=21), market)
    assert "The same days with other labels" in _failed(report)


def test_one_that_decides_at_random_is_told_apart(market):
    rng = np.random.default_rng(0)
    dice = FunctionStrategy(lambda past: rng.dirichlet(np.ones(N_ASSETS)), lookback=1)
    report = check_look_ahead(dice, market)
    assert _failed(report) == ["Same past, same decision"]
    assert "can't be checked for look-ahead" in report.sentence


HONEST = {
    "equal weight": "equal-weight",
    "minimum variance": "minimum-variance",
    "momentum": Momentum(lookback=63),
    "momentum, short": Momentum(lookback=126, short=True),
    "four assets": FixedWeights(np.arange(N_ASSETS) < 4),
    "yesterday's winners": FunctionStrategy(lambda past: _tensor_held(past[-1] > 0), lookback=1),
    "Mays": FunctionStrategy(lambda past, state: _mays(past, state), lookback=1),
}


def _tensor_held(rises):
    return rises.double() / N_ASSETS


def _mays(past, state):
    return np.full(N_ASSETS, 0.05 if state.date.month < 5 else 0.01)


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("strategy", HONEST)
def test_no_honest_strategy_is_accused(strategy, seed):
    report = check_look_ahead(HONEST[strategy], _market(seed))
    assert report.passed, report.sentence


NEEDS = {
    "60-40": {"equities": ["S1", "S2"], "bonds": ["S3"]},
    "mix": {"targets": {"S4": 0.5, "S5": 0.3}},
}


@pytest.mark.slow
@pytest.mark.parametrize("name", STRATEGIES)
def test_no_registered_strategy_is_accused(name):
    strategy = make_strategy(name, **NEEDS.get(name, {}))
    report = check_look_ahead(strategy, _market(3, strategy.lookback + 130), rebalance=63)
    assert report.passed, report.sentence


def test_hindsight_about_few_assets_is_said_to_be_out_of_reach(market):
    best = market[market.mean().nlargest(3).index]
    report = check_look_ahead(FixedWeights(np.array([1.0, 0, 0])), best)
    assert "only 3 orders of labels tell" in report.findings[2].sentence


def test_a_few_days_are_refused(market):
    with pytest.raises(DataError, match="at least 20 days after the 63"):
        check_look_ahead(Momentum(lookback=63), market[:70])
