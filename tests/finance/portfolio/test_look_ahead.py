"""A strategy never sees the return that it is about to earn; one that does would be rich."""

import numpy as np
import pytest
import torch

from scenara.finance.portfolio import FunctionStrategy, backtest, make_strategy


@pytest.fixture
def coin():
    """Fair coins: no strategy that only knows the past can earn anything on average."""
    return np.random.default_rng(0).choice([-0.01, 0.01], size=(400, 60, 2))


def chase_last(past):
    """Hold what rose last: perfect foresight if the last return seen is the next one earned."""
    return (past[-1] > 0).double() / 2


def mean_gain(outcome):
    gains = np.log(outcome.wealth[:, -1])
    return gains.mean(), gains.std() / np.sqrt(len(gains))


def test_chasing_the_last_return_earns_nothing_on_fair_coins(coin):
    outcome = backtest(coin, FunctionStrategy(chase_last, lookback=1), rebalance=1)
    gain, error = mean_gain(outcome)
    assert abs(gain) < 3 * error + 60 * 0.01**2


def test_the_same_rule_fed_with_tomorrow_is_rich(coin):
    tomorrow = np.concatenate([coin[:, 1:], coin[:, :1]], axis=1)
    days = iter(range(59))

    def cheat(past):
        return (torch.from_numpy(tomorrow[:, next(days)]) > 0).double() / 2

    gain, error = mean_gain(backtest(coin, FunctionStrategy(cheat, lookback=1), rebalance=1))
    assert gain > 20 * error


def test_an_asset_that_announces_tomorrow_is_known_one_day_late_at_most(coin):
    """Asset 1 shows today what asset 0 earns tomorrow: that is public, and is earned exactly."""
    hinted = np.stack([coin[:, :-1, 0], coin[:, 1:, 0]], axis=2)

    def follow_hint(past):
        return torch.stack([(past[-1, :, 1] > 0).double(), torch.zeros(past.shape[1])], dim=1)

    strategy = FunctionStrategy(follow_hint, lookback=1)
    outcome = backtest(hinted, strategy, rebalance=1, history=np.zeros((1, 2)))
    ups = np.clip(hinted[:, 1:, 0], 0, None)
    np.testing.assert_allclose(outcome.wealth[:, -1], np.prod(1 + ups, axis=1), rtol=1e-12)


@pytest.mark.parametrize("name", ["equal-weight", "minimum-variance", "momentum"])
@pytest.mark.parametrize("step", [63, 84, 105])
def test_weights_do_not_change_when_later_returns_do(name, step):
    settings = {} if name == "equal-weight" else {"lookback": 42}
    rng = np.random.default_rng(1)
    returns = rng.normal(0, 0.01, (3, 126, 4))
    changed = returns.copy()
    changed[:, step:] = rng.normal(0, 0.5, changed[:, step:].shape).clip(-0.9)
    strategy = make_strategy(name, **settings)
    before, after = backtest(returns, strategy), backtest(changed, strategy)
    known = before.steps <= step
    np.testing.assert_array_equal(after.weights[:, known], before.weights[:, known])


def test_weights_do_change_when_an_earlier_return_does():
    returns = np.random.default_rng(1).normal(0, [0.01, 0.02, 0.03, 0.04], (1, 126, 4))
    changed = returns.copy()
    changed[:, 62] += 0.1
    before = backtest(returns, "minimum-variance").weights[:, 3]
    assert not np.allclose(backtest(changed, "minimum-variance").weights[:, 3], before)


@pytest.mark.parametrize("step", [0, 10, 20])
def test_the_history_given_ends_with_the_return_before_the_trade(step):
    clock = np.arange(1.0, 31.0).reshape(1, 30, 1)
    past = np.arange(-6.0, 1.0).reshape(7, 1) / 10
    seen = []

    def look(history):
        seen.append(history[:, 0, 0].tolist())
        return history.new_ones(1)

    backtest(clock, FunctionStrategy(look, lookback=5), rebalance=10, history=past)
    everything = [*past[:, 0], *clock[0, :, 0]]
    assert seen[step // 10] == everything[7 + step - 5 : 7 + step]


def test_equal_weights_are_held_until_enough_is_known():
    returns = np.random.default_rng(0).normal(0, [0.01, 0.02, 0.03, 0.04], (2, 100, 4))
    outcome = backtest(returns, "minimum-variance")
    assert (outcome.weights[:, :3] == 0.25).all()
    assert not (outcome.weights[:, 3] == 0.25).any()


def test_history_of_each_path_is_used_for_that_path():
    rng = np.random.default_rng(0)
    returns, history = rng.normal(0, 0.01, (3, 21, 4)), rng.normal(0, 0.01, (3, 63, 4))
    together = backtest(returns, "minimum-variance", history=history, chunk=2)
    alone = backtest(returns[2:], "minimum-variance", history=history[2])
    np.testing.assert_allclose(together.weights[2], alone.weights[0], rtol=1e-12)


class Vandal:
    """Write into whatever is given."""

    lookback = 5

    def weights(self, history, state):
        history.zero_()
        return history.new_full(history.shape[1:], 0.5)


@pytest.mark.parametrize("kind", [np.asarray, torch.from_numpy], ids=["numpy", "torch"])
@pytest.mark.parametrize("strategy", [Vandal(), FunctionStrategy(Vandal().weights, lookback=5)])
@pytest.mark.parametrize("with_history", [False, True])
def test_a_strategy_that_writes_into_its_history_changes_nothing(kind, strategy, with_history):
    rng = np.random.default_rng(0)
    returns, past = rng.normal(0, 0.01, (2, 40, 2)), rng.normal(0, 0.01, (9, 2))
    given, known = kind(returns.copy()), kind(past.copy())
    backtest(given, strategy, rebalance=1, history=known if with_history else None)
    np.testing.assert_array_equal(given, returns)
    np.testing.assert_array_equal(known, past)
