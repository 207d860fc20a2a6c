"""In worlds without an edge nobody earns anything; in worlds with one, its owner earns just that."""

import numpy as np
import pytest

from scenara.finance.portfolio import FunctionStrategy, Momentum, backtest
from scenara.finance.portfolio.limits import Limits
from scenara.finance.portfolio.luck import planted_edge, zero_edge
from scenara.shared.errors import ConfigError, DataError

N_PATHS, N_STEPS = 600, 126


def _yearly_sharpe(gains):
    return gains.mean() / gains.std() * np.sqrt(252)


def _error(n):
    """Standard error of a yearly Sharpe ratio over n daily gains."""
    return np.sqrt(252 / n)


@pytest.fixture(scope="module")
def worlds():
    """Give worlds with drift, clustered volatility and correlated assets."""
    rng = np.random.default_rng(0)
    walk = rng.normal(0, 0.1, (N_PATHS, N_STEPS)).cumsum(1)
    common, own = rng.standard_normal((N_PATHS, N_STEPS, 1)), rng.normal(size=(N_PATHS, N_STEPS, 3))
    return 0.002 + 0.01 * np.exp(0.5 * walk)[:, :, None] * (0.8 * common + 0.6 * own)


def chase(past):
    """Hold what rose yesterday and sell what fell."""
    return past[-1].sign() / 3


@pytest.mark.parametrize(
    "strategy",
    ["equal-weight", Momentum(lookback=20, short=True), FunctionStrategy(chase, lookback=1)],
    ids=["equal-weight", "momentum", "chase"],
)
def test_no_strategy_earns_anything_in_worlds_without_an_edge(worlds, strategy):
    gains = backtest(zero_edge(worlds, random_state=1), strategy, rebalance=1).returns
    assert abs(_yearly_sharpe(gains)) < 3 * _error(gains.size)


def test_even_one_who_knows_the_size_of_each_move_earns_nothing(worlds):
    fair = zero_edge(worlds, random_state=1)
    weights = np.abs(worlds) / np.abs(worlds).sum(axis=2, keepdims=True)
    gains = (weights * fair).sum(axis=2)
    assert abs(_yearly_sharpe(gains)) < 3 * _error(gains.size)


def test_sizes_and_covariances_are_those_of_the_worlds(worlds):
    fair = zero_edge(worlds, random_state=1)
    np.testing.assert_array_equal(np.abs(fair), np.abs(worlds))
    products = fair[..., :1] * fair[..., 1:], worlds[..., :1] * worlds[..., 1:]
    np.testing.assert_array_equal(*products)


def test_cash_is_what_every_asset_earns_on_average(worlds):
    fair = zero_edge(worlds, cash=0.001, random_state=1)
    error = worlds.std() / np.sqrt(N_PATHS * N_STEPS)
    assert fair.mean() == pytest.approx(0.001, abs=3 * error)


def test_a_step_that_more_than_doubles_an_asset_is_shrunk_as_a_whole():
    worlds = np.array([[[2.0, -0.5, 0.1]]])
    fair = zero_edge(worlds, random_state=0)
    np.testing.assert_allclose(np.abs(fair), 0.99 / 2 * np.abs(worlds))


def test_signs_are_fair_and_independent_from_step_to_step(worlds):
    signs = np.sign(zero_edge(worlds, random_state=2) * worlds)[:, :, 0]
    n = signs.size
    assert abs(signs.mean()) < 3 / np.sqrt(n)
    assert abs((signs[:, 1:] * signs[:, :-1]).mean()) < 3 / np.sqrt(n)


@pytest.mark.parametrize("sharpe", [0.5, 2.0])
@pytest.mark.parametrize(
    ("strategy", "rebalance"),
    [
        ("equal-weight", 21),
        (Momentum(lookback=20, short=True), 21),
        (FunctionStrategy(chase, 1), 1),
    ],
    ids=["equal-weight", "momentum", "chase"],
)
def test_the_owner_of_an_edge_earns_its_sharpe_ratio(worlds, strategy, rebalance, sharpe):
    planted = planted_edge(worlds, strategy, sharpe=sharpe, rebalance=rebalance, random_state=1)
    found = _yearly_sharpe(backtest(planted, strategy, rebalance=rebalance).returns)
    assert found == pytest.approx(sharpe, abs=3.5 * _error(N_PATHS * N_STEPS))


def test_days_on_which_the_owner_holds_nothing_have_no_edge(worlds):
    """It holds the first asset after days on which that moved by one per cent, and else nothing."""
    size = 0.01
    timing = FunctionStrategy(
        lambda past: (past[-1, :, :1].abs().numpy() > size) * np.array([1.0, 0, 0]), lookback=1
    )
    planted = planted_edge(worlds, timing, sharpe=3.0, rebalance=1, random_state=1)
    idle = planted[:, 1:, 0][np.abs(planted[:, :-1, 0]) <= size]
    assert abs(_yearly_sharpe(idle)) < 3 * _error(idle.size)
    found = _yearly_sharpe(backtest(planted, timing, rebalance=1).returns)
    assert found == pytest.approx(3, abs=3.5 * _error(N_PATHS * N_STEPS))


def test_an_edge_is_planted_where_its_owner_may_lose_everything(worlds):
    """At 150 times its wealth it is ruined within days; from then on signs are fair."""
    levered = FunctionStrategy(lambda past: np.full(3, 50.0), lookback=0)
    planted = planted_edge(worlds, levered, sharpe=3.0, rebalance=1, random_state=1)
    assert np.isfinite(planted).all()
    later = planted[:, N_STEPS // 2 :].mean(axis=2)
    assert abs(_yearly_sharpe(later)) < 3 * _error(later.size)


def test_the_owner_of_an_edge_keeps_to_its_limits(worlds):
    """What may hold one asset alone has its edge there, not where it would like to be."""
    wishes = FunctionStrategy(lambda past: np.array([1.0, -1.0, 0]), lookback=0)
    limits = Limits(min_weight=0.0, keep_net=False)
    planted = planted_edge(worlds, wishes, sharpe=2.0, limits=limits, random_state=1)
    found = _yearly_sharpe(backtest(planted, wishes, limits=limits).returns)
    assert found == pytest.approx(2, abs=3.5 * _error(N_PATHS * N_STEPS))


def test_sizes_in_planted_worlds_are_those_of_the_worlds(worlds):
    planted = planted_edge(worlds, "equal-weight", sharpe=1, random_state=1)
    np.testing.assert_array_equal(np.abs(planted), np.abs(worlds))


def test_one_who_bets_against_the_owner_loses_as_much(worlds):
    planted = planted_edge(worlds, "equal-weight", sharpe=2.0, random_state=1)
    gains = -planted.mean(axis=2)
    assert _yearly_sharpe(gains) == pytest.approx(-2, abs=3.5 * _error(gains.size))


def test_the_same_seed_gives_the_same_worlds(worlds):
    few = worlds[:5]
    for make in (zero_edge, lambda w, **how: planted_edge(w, "equal-weight", sharpe=1, **how)):
        first, second, other = (make(few, random_state=seed) for seed in (1, 1, 2))
        np.testing.assert_array_equal(first, second)
        assert (first != other).any()


def test_an_edge_that_signs_cannot_hold_is_refused(worlds):
    with pytest.raises(ConfigError, match="signs cannot hold a Sharpe ratio of 99 a year"):
        planted_edge(worlds[:5], "equal-weight", sharpe=99)


def test_cash_has_no_edge(worlds):
    cash = FunctionStrategy(lambda past: past[-1] * 0, lookback=1)
    with pytest.raises(DataError, match="nothing but cash"):
        planted_edge(worlds[:5], cash, sharpe=1, history=worlds[5:10])


@pytest.mark.parametrize("bad", [np.zeros((3, 2)), np.full((1, 1, 1), np.nan), -np.ones((1, 1, 1))])
def test_worlds_that_cannot_be_are_refused(bad):
    with pytest.raises(DataError, match="^worlds: expected"):
        zero_edge(bad)
