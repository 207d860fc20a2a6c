"""The engine against a slow and obvious loop, and against what must hold for any market."""

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq

from scenara.finance.portfolio import Band, FixedWeights, FunctionStrategy, backtest
from scenara.shared.errors import ConfigError, DataError


def market(n_paths=4, n_steps=30, n_assets=3, *, seed=0, scale=0.02):
    return np.random.default_rng(seed).normal(0.001, scale, (n_paths, n_steps, n_assets))


def slow_loop(returns, targets, steps, rate):
    """Trade one path day by day; the costs of a trade are found by a root search."""
    cash, holdings = 1.0, np.zeros(returns.shape[1])
    wealth, turnover, costs = [1.0], [], []
    for step, row in enumerate(returns):
        if step in steps:
            before, target = cash + holdings.sum(), targets[steps.index(step)]

            def missing(after, before=before, target=target, holdings=holdings):
                return after + rate * np.abs(target * after - holdings).sum() - before

            after = brentq(missing, 0.0, before, xtol=1e-15) if rate else before
            traded = np.abs(target * after - holdings).sum()
            turnover.append(traded / before)
            costs.append(rate * traded)
            holdings, cash = target * after, after - (target * after).sum()
        holdings = holdings * (1 + row)
        wealth.append(cash + holdings.sum())
    return np.array(wealth), np.array(turnover), np.array(costs)


@st.composite
def cases(draw):
    n_assets, n_steps = draw(st.integers(1, 5)), draw(st.integers(1, 25))
    returns = market(3, n_steps, n_assets, seed=draw(st.integers(0, 999)), scale=0.05)
    parts = draw(st.lists(st.floats(0, 1), min_size=n_assets + 1, max_size=n_assets + 1))
    every = draw(st.one_of(st.integers(1, 30), st.just("never")))
    cash = parts.pop()
    targets = np.array(parts) / (sum(parts) + cash or 1.0)
    return returns, targets, every, draw(st.floats(0, 0.02))


@settings(max_examples=150, deadline=None)
@given(cases())
def test_wealth_turnover_and_costs_agree_with_the_slow_loop(case):
    returns, targets, every, rate = case
    outcome = backtest(returns, FixedWeights(targets), rebalance=every, costs=rate)
    for path, path_returns in enumerate(returns):
        expected = slow_loop(path_returns, [targets] * 99, outcome.steps.tolist(), rate)
        found = outcome.wealth[path], outcome.turnover[path], outcome.costs[path]
        for left, right in zip(found, expected, strict=True):
            np.testing.assert_allclose(left, right, atol=1e-10)


@pytest.mark.parametrize("every", [1, 7, 10, 31])
def test_changing_long_and_short_targets_agree_with_the_slow_loop(every):
    returns = market(2, 30, 3)
    strategy = FunctionStrategy(lambda past: past[-1] * 20, lookback=1)
    outcome = backtest(returns, strategy, rebalance=every, costs=0.001, history=returns[0])
    for path in range(2):
        expected = slow_loop(returns[path], outcome.weights[path], outcome.steps.tolist(), 0.001)
        np.testing.assert_allclose(outcome.wealth[path], expected[0], atol=1e-10)


@pytest.mark.parametrize("calendar", ["week", "month-end", "quarter", "year"])
def test_calendar_segments_of_uneven_length_agree_with_the_slow_loop(calendar):
    dates = pd.bdate_range("2023-11-15", periods=150, name="date")
    frame = pd.DataFrame(market(1, 150, 2)[0], index=dates, columns=["a", "b"])
    outcome = backtest(frame, "equal-weight", rebalance=calendar, costs=0.002)
    targets = [np.array([0.5, 0.5])] * 99
    expected = slow_loop(frame.to_numpy(), targets, outcome.steps.tolist(), 0.002)
    np.testing.assert_allclose(outcome.wealth[0], expected[0], atol=1e-10)


def test_drifted_weights_and_targets_differ_by_the_turnover():
    outcome = backtest(market(), "equal-weight", rebalance=5, keep_drifted=True)
    traded = np.abs(outcome.weights - outcome.drifted).sum(axis=2)
    np.testing.assert_allclose(outcome.turnover, traded, atol=1e-12)


def test_buying_and_holding_earns_the_weighted_price_gain():
    returns, targets = market(), np.array([0.5, 0.3, 0.2])
    outcome = backtest(returns, FixedWeights(targets), rebalance="never")
    gains = np.cumprod(1 + returns, axis=1) @ targets
    np.testing.assert_allclose(outcome.wealth[:, 1:], gains, rtol=1e-12)


def test_cash_alone_keeps_its_value_and_pays_nothing():
    outcome = backtest(market(), FixedWeights((0.0, 0.0, 0.0)), costs=0.01)
    assert (outcome.wealth == 1).all()
    assert outcome.costs.sum() == 0


def test_the_first_purchase_costs_what_it_buys():
    outcome = backtest(np.zeros((1, 3, 2)), "equal-weight", costs=0.01)
    assert outcome.wealth[0, -1] == pytest.approx(1 / 1.01, abs=1e-12)
    assert outcome.costs.sum() == pytest.approx(0.01 / 1.01, abs=1e-12)


@settings(max_examples=50, deadline=None)
@given(st.floats(0, 0.02), st.floats(0, 0.02), st.integers(1, 30))
def test_higher_costs_never_leave_more_wealth(one, other, every):
    low, high = sorted((one, other))
    cheap = backtest(market(), "equal-weight", rebalance=every, costs=low)
    dear = backtest(market(), "equal-weight", rebalance=every, costs=high)
    assert (dear.wealth <= cheap.wealth + 1e-12).all()


@settings(max_examples=30, deadline=None)
@given(st.permutations(range(4)))
def test_the_order_of_assets_does_not_matter(order):
    returns = market(n_steps=100, n_assets=4)
    outcome = backtest(returns, "minimum-variance", costs=0.001)
    shuffled = backtest(returns[:, :, order], "minimum-variance", costs=0.001)
    np.testing.assert_allclose(shuffled.wealth, outcome.wealth, rtol=1e-10)


@pytest.mark.parametrize("name", ["equal-weight", "minimum-variance", "momentum"])
@pytest.mark.parametrize("chunk", [1, 3])
def test_chunks_do_not_change_the_outcome(name, chunk):
    returns = market(n_paths=7, n_steps=300)
    whole = backtest(returns, name, costs=0.001)
    parts = backtest(returns, name, costs=0.001, chunk=chunk)
    np.testing.assert_allclose(parts.wealth, whole.wealth, rtol=1e-12)


def test_a_path_does_not_depend_on_the_others():
    returns = market(n_paths=7, n_steps=100)
    whole = backtest(returns, "minimum-variance", costs=0.001)
    alone = backtest(returns[4:5], "minimum-variance", costs=0.001)
    np.testing.assert_allclose(alone.wealth[0], whole.wealth[4], rtol=1e-12)


def test_float32_agrees_with_float64_to_its_precision():
    returns = market(20, 252, 20)
    single = backtest(returns.astype(np.float32), "equal-weight", costs=0.0005)
    double = backtest(returns, "equal-weight", costs=0.0005)
    assert single.wealth.dtype == np.float32
    np.testing.assert_allclose(single.wealth, double.wealth, rtol=1e-5)


@pytest.mark.parametrize(
    "remake",
    [
        torch.from_numpy,
        lambda x: np.ascontiguousarray(x.transpose(1, 0, 2)).transpose(1, 0, 2),
        lambda x: torch.from_numpy(x).permute(1, 2, 0).contiguous().permute(2, 0, 1),
        np.asfortranarray,
        lambda x: x[::-1].copy()[::-1],
        lambda x: np.frombuffer(x.tobytes()).reshape(x.shape),
    ],
    ids=["tensor", "time first", "paths last", "fortran", "reversed", "read-only"],
)
def test_any_memory_order_gives_the_same_outcome(remake):
    returns = market(n_steps=80)
    expected = backtest(returns, "minimum-variance", costs=0.001).wealth
    found = backtest(remake(returns), "minimum-variance", costs=0.001).wealth
    np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_the_input_is_not_changed():
    returns = market()
    before = returns.copy()
    backtest(returns, FunctionStrategy(lambda past: past.zero_()[0] + 0.1, lookback=2))
    assert (returns == before).all()


def test_wealth_of_a_long_only_portfolio_stays_positive():
    returns = np.clip(market(50, 100, 3, scale=0.5), -0.99, None)
    assert (backtest(returns, "equal-weight", rebalance=1, costs=0.02).wealth > 0).all()


def test_a_short_seller_who_loses_everything_stays_at_zero():
    returns = np.array([[[0.5], [0.8], [-0.9], [0.0]]])
    outcome = backtest(returns, FixedWeights((-1.0,)), rebalance=3)
    np.testing.assert_allclose(outcome.wealth[0], [1, 0.5, 0, 0, 0])
    assert outcome.turnover[0, 1] == 0


def test_a_frame_brings_names_and_dates():
    dates = pd.bdate_range("2024-01-01", periods=40, name="date")
    frame = pd.DataFrame(market(1, 40, 2)[0], index=dates, columns=["bonds", "shares"])
    outcome = backtest(frame, "equal-weight", rebalance="month-end")
    assert outcome.assets == ("bonds", "shares")
    assert outcome.returns_of().index.equals(dates)
    assert outcome.steps.tolist() == [0, 23]


def test_progress_counts_paths():
    seen = []
    backtest(
        market(5),
        "equal-weight",
        chunk=2,
        progress=lambda stage, done, total, note="": seen.append((stage, done, total)),
    )
    assert seen == [("backtest", 2, 5), ("backtest", 4, 5), ("backtest", 5, 5)]


def spoilt(value):
    returns = market()
    returns[2, 5, 1] = value
    return returns


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, -1.0, -3.0])
def test_impossible_returns_are_refused_by_place(value):
    with pytest.raises(DataError, match="path 2, step 5, asset 'asset 1'"):
        backtest(spoilt(value), "equal-weight", chunk=2)


@pytest.mark.parametrize("targets", [(0.5, 0.0, 0.5), (0.7, -0.2, 0.5), (0.4, 0.3, 0.3)])
@pytest.mark.parametrize("every", [30, 7])
def test_two_impossible_returns_do_not_make_up_for_each_other(targets, every):
    returns = market()
    returns[2, [8, 9], 1] = -3.0
    with pytest.raises(DataError, match="found -3.0 at path 2, step 8, asset 'asset 1'"):
        backtest(returns, FixedWeights(targets), rebalance=every)


@pytest.mark.parametrize("targets", [(0.5, 0.0, 0.5), (0.7, -0.2, 0.5), (0.4, 0.3, 0.3)])
def test_an_infinite_return_is_refused_whatever_is_held(targets):
    with pytest.raises(DataError, match="found inf at path 2, step 5"):
        backtest(spoilt(np.inf), FixedWeights(targets), rebalance=7)


def test_falls_that_leave_less_than_a_float_can_hold_are_no_error():
    falls = np.full((1, 40, 2), -0.999, dtype=np.float32)
    wealth = backtest(falls, "equal-weight", rebalance="never").wealth
    np.testing.assert_allclose(wealth[0], 0.001 ** np.arange(41.0), rtol=1e-3, atol=1e-36)


def test_a_missing_return_in_a_frame_is_named_by_date_and_column():
    frame = pd.DataFrame(spoilt(np.nan)[2], index=pd.bdate_range("2024-01-01", periods=30))
    with pytest.raises(DataError, match=r"2024-01-08.*asset '1'"):
        backtest(frame, "equal-weight")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"rebalance": 0}, "at least 1 step"),
        ({"rebalance": np.nan}, "at least 1 step, found nan"),
        ({"rebalance": np.inf}, "at least 1 step, found inf"),
        ({"rebalance": 2.5}, "at least 1 step, found 2.5"),
        ({"rebalance": Band(0.05, every=np.nan)}, "at least 1 step, found nan"),
        ({"rebalance": None}, "expected a number of steps, a schedule"),
        ({"costs": None}, r"in \[0, 0.5\], found None"),
        ({"costs": "a"}, r"in \[0, 0.5\], found 'a'"),
        ({"chunk": 1.5}, "a whole number, at least 1 path, found 1.5"),
        ({"chunk": "a"}, "a whole number, at least 1 path, found 'a'"),
        ({"account": {}}, r"account: expected Account\(...\) or None, found {}"),
        ({"limits": {}}, r"limits: expected Limits\(...\) or None, found {}"),
        ({"rebalance": "month-end"}, "needs the date of each return"),
        ({"rebalance": "month"}, "did you mean 'month-end'"),
        ({"costs": -0.001}, r"in \[0, 0.5\], found -0.001"),
        ({"costs": np.nan}, "found nan"),
        ({"chunk": 0}, "at least 1 path"),
        ({"dtype": "float16"}, "found 'float16'"),
        ({"device": "tpu"}, "found 'tpu'"),
        ({"strategy": "equal-wieght"}, "did you mean 'equal-weight'"),
        ({"strategy": "momentum"}, "needs 252 returns .* only 21 are known .* pass history="),
        ({"strategy": 3}, "expected a name"),
        ({"strategy": FixedWeights((1.0,))}, "each of the 3 assets, found 1"),
        ({"strategy": FixedWeights((9.0, 0.0, 0.0)), "costs": 0.1}, "lower the costs"),
    ],
)
def test_arguments_out_of_range_are_refused(arguments, message):
    with pytest.raises(ConfigError, match=message):
        backtest(market(), **{"strategy": "equal-weight", **arguments})


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"returns": np.zeros(3)}, r"found shape \(3,\)"),
        ({"returns": np.zeros((0, 3, 2))}, "none of them empty"),
        ({"returns": np.array([["a"]])}, "expected numbers"),
        ({"returns": pd.DataFrame({"a": [0.1], "b": ["x"]})}, "column 'b'"),
        ({"returns": [[0.1, 0.2], [0.1]]}, "returns: expected rows of the same length"),
        ({"returns": market() + 0j}, "expected numbers, found an array of type complex128"),
        ({"returns": torch.zeros(2, 5, 3) + 0j}, "type torch.complex64"),
        ({"returns": torch.ones(2, 5, 3) > 0}, "type torch.bool"),
        ({"returns": pd.DataFrame({"a": [True]})}, "column 'a', found type bool"),
        ({"returns": pd.DataFrame({"a": [0.1 + 0j]})}, "column 'a', found type complex"),
        ({"returns": pd.DataFrame([[0.1, 0.2]], columns=["a", "a"])}, "found 'a' 2 times"),
        ({"returns": pd.DataFrame([[0.1, 0.2]], columns=[1, "1"])}, "found '1' 2 times"),
        ({"assets": ["a", "b", "a"]}, "assets: expected names that differ, found 'a' 2 times"),
        ({"dates": ["x"] * 30}, "expected dates, found 'x'"),
        ({"flows": "abc"}, "flows: expected amounts of money, found 'abc'"),
        ({"history": np.zeros((50, 2))}, "expected 3 assets and 1 or 4 paths"),
        ({"history": np.full((50, 3), -1.0)}, "history: found -1.0 at path 0, step 0"),
        ({"dates": pd.bdate_range("2024-01-01", periods=7)}, "found 7"),
        ({"strategy": FunctionStrategy(lambda past: past[0, 0, 0], 1)}, r"found \(\)"),
        ({"strategy": FunctionStrategy(lambda past: past[0] * np.nan, 1)}, "finite weights"),
    ],
)
def test_data_of_the_wrong_kind_are_refused(arguments, message):
    with pytest.raises(DataError, match=message):
        backtest(**{"returns": market(), "strategy": "equal-weight", **arguments})


def test_history_with_other_columns_is_refused():
    frame = pd.DataFrame({"a": [0.1, 0.1], "b": [0.1, 0.1]})
    with pytest.raises(DataError, match="columns of returns in their order"):
        backtest(frame, "equal-weight", history=frame[["b", "a"]])


def test_cuda_is_refused_where_there_is_none(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(ConfigError, match="no CUDA device was found"):
        backtest(market(), "equal-weight", device="cuda")


@pytest.mark.gpu
@pytest.mark.parametrize("name", ["equal-weight", "minimum-variance", "momentum"])
def test_a_gpu_gives_the_same_outcome(name):
    returns = market(50, 300, 5)
    cpu = backtest(returns, name, costs=0.001)
    gpu = backtest(returns, name, costs=0.001, device="cuda")
    np.testing.assert_allclose(gpu.wealth, cpu.wealth, rtol=1e-9)
