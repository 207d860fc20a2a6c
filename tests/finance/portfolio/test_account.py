"""What an account earns and pays, in cases small enough to be done by hand."""

import numpy as np
import pandas as pd
import pytest

from scenara.finance.portfolio import (
    Account,
    Band,
    Costs,
    FixedWeights,
    FunctionStrategy,
    Limits,
    OnSignal,
    Tax,
    backtest,
    summarise,
)
from scenara.shared.errors import ConfigError, DataError

FLAT = np.zeros((1, 4, 1))
YEARLY = {"periods_per_year": 1}


def market(n_paths=4, n_steps=60, n_assets=3, *, seed=0):
    return np.random.default_rng(seed).normal(0.001, 0.03, (n_paths, n_steps, n_assets))


@pytest.mark.parametrize("every", [1, 7, "never"])
@pytest.mark.parametrize("targets", [(0.5, 0.3, 0.2), (0.9, -0.6, 0.3), (0.0, 0.0, 0.0)])
@pytest.mark.parametrize("rate", [0.0, 0.004])
def test_the_ledger_agrees_with_the_fast_engine(every, targets, rate):
    options = {"rebalance": every, "costs": rate, "keep_drifted": True}
    fast = backtest(market(), FixedWeights(targets), **options)
    slow = backtest(market(), FixedWeights(targets), account=Account(), **options)
    for name in ("wealth", "turnover", "costs", "weights", "drifted"):
        np.testing.assert_allclose(getattr(slow, name), getattr(fast, name), atol=1e-12)


@pytest.mark.parametrize("strategy", ["minimum-variance", FunctionStrategy(lambda x: x[-1] * 9, 5)])
def test_the_ledger_asks_strategies_the_same_questions(strategy):
    returns, past = market(n_steps=100), market(n_steps=63)
    fast = backtest(returns, strategy, costs=0.001, history=past)
    slow = backtest(returns, strategy, costs=0.001, history=past, account=Account())
    np.testing.assert_allclose(slow.wealth, fast.wealth, atol=1e-12)


def test_cash_earns_its_rate():
    account = Account(cash_rate=0.1, **YEARLY)
    outcome = backtest(FLAT, FixedWeights((0.0,)), account=account)
    np.testing.assert_allclose(outcome.wealth[0], 1.1 ** np.arange(5), rtol=1e-12)


def test_cash_earns_the_rate_of_each_step():
    rates = [0.1, 0.0, -0.05, 0.2]
    outcome = backtest(FLAT, FixedWeights((0.0,)), account=Account(cash_rate=rates))
    np.testing.assert_allclose(outcome.interest.sum(), np.prod(1 + np.array(rates)) - 1)


def test_debt_pays_the_rate_and_the_spread():
    account = Account(cash_rate=0.1, borrow_spread=0.02, **YEARLY)
    outcome = backtest(FLAT[:, :1], FixedWeights((3.0,)), account=account)
    assert outcome.interest[0, 0] == pytest.approx(-2 * 0.12)


def test_a_short_position_pays_a_loan_fee_and_its_proceeds_earn_interest():
    account = Account(cash_rate=0.1, loan_fee=0.03, **YEARLY)
    outcome = backtest(FLAT[:, :1], FixedWeights((-0.5,)), account=account)
    assert outcome.interest[0, 0] == pytest.approx(1.5 * 0.1 - 0.5 * 0.03)


def test_a_leveraged_loss_is_the_multiple_of_the_price_fall():
    outcome = backtest(np.full((1, 1, 1), -0.2), FixedWeights((3.0,)), account=Account())
    assert outcome.wealth[0, -1] == pytest.approx(0.4)


def test_more_than_everything_can_not_be_lost():
    falls = np.full((1, 3, 1), -0.5)
    outcome = backtest(falls, FixedWeights((3.0,)), rebalance=1, account=Account(cash_rate=0.1))
    assert outcome.wealth[0].tolist() == [1, 0, 0, 0]


def test_a_fixed_fee_is_paid_for_each_asset_that_is_traded():
    costs = Costs(fixed=5.0, capital=1000.0)
    outcome = backtest(np.zeros((1, 2, 3)), FixedWeights((0.5, 0.2, 0.0)), costs=costs)
    assert outcome.costs[0, 0] == pytest.approx(2 * 0.005)


def test_fees_are_due_for_what_would_be_traded_without_them():
    """With both fees paid, the second asset is where it should be: it is traded nevertheless."""
    fee = 1e-6
    gap = 4 * fee / (1 - 2 * fee)
    outcome = backtest(
        np.array([[[0.1, 0.1 - gap], [0.0, 0.0]]]),
        "equal-weight",
        rebalance=1,
        costs=Costs(fixed=1.0, capital=1 / fee),
    )
    np.testing.assert_allclose(outcome.costs[0], 2 * fee)


def test_impact_grows_with_size_to_the_power_of_three_halves():
    """0.7 x 2 % x sqrt(2.5 % of the day's volume) on all wealth, less what it takes from it."""
    costs = Costs(impact=0.7, volatility=0.02, volume=4e7, capital=1e6)
    outcome = backtest(FLAT, FixedWeights((1.0,)), costs=costs, rebalance="never")
    left = outcome.wealth[0, -1]
    assert 1 - left == pytest.approx(0.7 * 0.02 * np.sqrt(0.025) * left**1.5, rel=1e-12)


def test_twice_the_capital_pays_the_root_of_two_more_for_impact():
    one, two = (
        Costs(impact=1.0, volatility=0.02, volume=1e9, capital=c).impact_rates(1)
        for c in (1e6, 2e6)
    )
    np.testing.assert_allclose(two / one, np.sqrt(2))


@pytest.mark.parametrize(("kind", "final"), [("reinvest", 1.1**2), ("cash", 1.2)])
def test_dividends_compound_if_they_are_reinvested(kind, final):
    outcome = backtest(
        FLAT[:, :2],
        FixedWeights((1.0,)),
        rebalance="never",
        dividends=np.full((2, 1), 0.1),
        account=Account(dividends=kind),
    )
    assert outcome.wealth[0, -1] == pytest.approx(final)
    assert outcome.dividends.sum() == pytest.approx(final - 1)


def test_a_short_seller_owes_the_dividends():
    outcome = backtest(
        FLAT[:, :1], FixedWeights((-1.0,)), dividends=np.full((1, 1), 0.1), account=Account()
    )
    assert outcome.wealth[0, -1] == pytest.approx(0.9)


def test_reinvested_dividends_are_total_returns():
    prices, paid = market(), np.abs(market(seed=1)) / 10
    parts = backtest(prices, "equal-weight", costs=0.001, dividends=paid)
    whole = backtest(prices + paid, "equal-weight", costs=0.001)
    np.testing.assert_allclose(parts.wealth, whole.wealth, rtol=1e-12)


def test_money_that_comes_and_goes_is_in_wealth_but_not_in_returns():
    grows = np.full((1, 4, 1), 0.1)
    outcome = backtest(
        grows, FixedWeights((1.0,)), rebalance=1, flows=np.array([0.0, 1.0, 0.0, -0.5])
    )
    np.testing.assert_allclose(outcome.wealth[0], [1, 1.1, 2.31, 2.541, 2.2451])
    np.testing.assert_allclose(outcome.returns[0], 0.1)
    np.testing.assert_allclose(outcome.growth[0], 1.1 ** np.arange(5))


def test_no_more_can_be_drawn_than_there_is():
    outcome = backtest(FLAT, FixedWeights((1.0,)), flows=np.array([0.0, -3.0, 1.0, 0.0]))
    assert outcome.flows[0].tolist() == [0, -1, 0, 0]
    assert outcome.wealth[0].tolist() == [1, 1, 0, 0, 0]


def test_returns_of_one_path_and_figures_are_those_without_flows():
    flows = np.zeros(60)
    flows[10] = 0.5
    plain = backtest(market(), "equal-weight", rebalance=1)
    paid = backtest(market(), "equal-weight", rebalance=1, flows=flows)
    np.testing.assert_allclose(paid.returns_of(2), plain.returns_of(2), atol=1e-12)
    for name in ("sharpe", "max_drawdown", "cagr", "volatility"):
        np.testing.assert_allclose(summarise(paid)[name], summarise(plain)[name], atol=1e-9)


def sell_half(returns, **tax):
    """Buy everything at first, hold half of it from step 2 on."""
    weights = {0: 1.0, 1: 1.0, 2: 0.5, 3: 0.5}
    strategy = FunctionStrategy(lambda past, state: [weights[state.step]], lookback=0)
    strategy = FunctionStrategy(strategy.function, lookback=0, uses_holdings=True)
    account = Account(tax=Tax(short_rate=0.4, long_rate=0.2, **tax))
    return backtest(returns, strategy, rebalance=2, account=account)


@pytest.mark.parametrize(("after", "rate"), [(1, 0.2), (2, 0.4)])
def test_selling_at_a_gain_is_taxed_by_the_time_it_was_held(after, rate):
    """Price 2: wealth v after tax holds v / 2, so (2 - v / 2) is sold, half of it gain."""
    outcome = sell_half(np.array([[[1.0], [0.0], [0.0], [0.0]]]), long_after_steps=after)
    left = (2 - rate) / (1 - rate / 4)
    assert outcome.wealth[0, -1] == pytest.approx(left)
    assert outcome.taxes[0].tolist() == pytest.approx([0, 0, 2 - left, 0])


def test_a_loss_is_not_taxed():
    outcome = sell_half(np.array([[[-0.5], [0.0], [0.0], [0.0]]]))
    assert outcome.taxes.sum() == 0


def moves(targets, returns, *, loss_offset=True):
    strategy = FunctionStrategy(
        lambda past, state: targets[state.step], lookback=0, uses_holdings=True
    )
    account = Account(tax=Tax(short_rate=0.4, long_rate=0.2, loss_offset=loss_offset))
    return backtest(np.array([returns]), strategy, rebalance=1, account=account)


@pytest.mark.parametrize(("loss_offset", "tax"), [(True, 0.0), (False, 0.4 * 0.25)])
def test_losses_are_carried_forward_unless_they_do_not_count(loss_offset, tax):
    """Lose a half, sell, buy again, win a half of what is left, sell."""
    outcome = moves(
        [[1.0], [0.0], [1.0], [0.0]], [[-0.5], [0.0], [0.5], [0.0]], loss_offset=loss_offset
    )
    assert outcome.taxes[0, -1] == pytest.approx(tax)


@pytest.mark.parametrize(("loss_offset", "tax"), [(True, 0.4 * 0.1), (False, 0.4 * 0.25)])
def test_losses_of_the_same_moment_are_set_against_gains(loss_offset, tax):
    outcome = moves([[0.5, 0.5], [0.0, 0.0]], [[0.5, -0.3], [0.0, 0.0]], loss_offset=loss_offset)
    assert outcome.taxes[0, -1] == pytest.approx(tax)


def test_buying_back_what_was_sold_short_is_taxed():
    outcome = moves([[-1.0], [0.0]], [[-0.3], [0.0]])
    assert outcome.taxes[0, -1] == pytest.approx(0.4 * 0.3)


def test_what_was_bought_first_is_sold_first():
    """Half is bought at 1 and as much again at 2; a sale of one unit is of the one bought at 1."""
    account = Account(tax=Tax(short_rate=0.4, long_rate=0.0, long_after_steps=1))
    targets = {0: 0.5, 1: 1.0, 2: 0.5}
    strategy = FunctionStrategy(
        lambda past, state: [targets[state.step]], lookback=0, uses_holdings=True
    )
    outcome = backtest(np.array([[[1.0], [0.0], [0.0]]]), strategy, rebalance=1, account=account)
    assert outcome.taxes.sum() == 0


@pytest.mark.parametrize("to", ["target", "edge"])
def test_a_band_trades_the_paths_whose_weights_have_left_it(to):
    returns = np.zeros((2, 3, 2))
    returns[1, 0, 0] = 0.5
    outcome = backtest(returns, "equal-weight", rebalance=Band(0.06, to=to), account=Account())
    assert outcome.traded.tolist() == [[True, False, False], [True, True, False]]
    held = outcome.turnover[1, 1]
    assert held == pytest.approx(0.2 if to == "target" else 0.08)


@pytest.mark.parametrize(("width", "n_trades"), [(0.15, 2), (0.25, 1)])
def test_a_relative_band_is_a_fraction_of_the_target(width, n_trades):
    returns = np.zeros((1, 3, 2))
    returns[0, 0, 0] = 0.5
    outcome = backtest(returns, "equal-weight", rebalance=Band(width, relative=True))
    assert outcome.traded.sum() == n_trades


def test_a_signal_trades_when_targets_have_moved():
    targets = [[0.5], [0.55], [0.62], [0.62]]
    strategy = FunctionStrategy(lambda past, state: targets[state.step], 0, uses_holdings=True)
    outcome = backtest(FLAT, strategy, rebalance=OnSignal(1, threshold=0.1))
    assert outcome.traded[0].tolist() == [True, False, True, False]


def test_a_schedule_of_the_strategy_goes_first():
    strategy = FunctionStrategy(lambda past: [0.5], lookback=0)
    object.__setattr__(strategy, "schedule", "never")
    assert backtest(FLAT, strategy, rebalance=1).steps.tolist() == [0]


def test_a_strategy_that_uses_holdings_is_told_them():
    seen = []
    strategy = FunctionStrategy(
        lambda past, state: seen.append(state.holdings.tolist()) or [0.5], 0, uses_holdings=True
    )
    backtest(np.full((1, 2, 1), 0.5), strategy, rebalance=1)
    assert seen == [[[0.0]], [[pytest.approx(0.75 / 1.25)]]]


def test_a_strategy_that_writes_into_its_state_changes_nothing():
    def vandal(past, state):
        state.holdings.zero_()
        state.available.fill_(True)
        return past.new_ones(2) / 2

    returns = with_gaps()
    spoilt = backtest(returns, FunctionStrategy(vandal, 0, uses_holdings=True), rebalance=2)
    np.testing.assert_array_equal(
        spoilt.wealth, backtest(returns, "equal-weight", rebalance=2).wealth
    )


def test_a_rule_may_look_by_the_calendar():
    dates = pd.bdate_range("2024-01-10", periods=60)
    months = backtest(market(), "equal-weight", rebalance="month-end", dates=dates)
    looked = backtest(market(), "equal-weight", rebalance=Band(0.0, "month-end"), dates=dates)
    np.testing.assert_allclose(looked.wealth, months.wealth, rtol=1e-12)


def with_gaps(n_steps=8):
    returns = np.full((1, n_steps, 2), 0.1)
    returns[0, :3, 1] = np.nan
    returns[0, 6:, 0] = np.nan
    return returns


def test_assets_are_held_while_they_are_there():
    outcome = backtest(with_gaps(), "equal-weight", rebalance=1)
    held = [[1, 0]] * 3 + [[0.5, 0.5]] * 3 + [[0, 1]] * 2
    np.testing.assert_allclose(outcome.weights[0], held)
    np.testing.assert_allclose(outcome.wealth[0], 1.1 ** np.arange(9))


def test_an_asset_that_ends_is_paid_out_into_cash():
    outcome = backtest(with_gaps(), "equal-weight", rebalance=4, account=Account())
    np.testing.assert_allclose(outcome.cash[0, [5, 7, 8]], [0, 1.1**6 / 2, 1.1**6 / 2])


def test_a_strategy_waits_until_the_window_of_an_asset_is_full():
    seen = {}

    def look(past, state):
        seen[state.step] = (past[:, 0].tolist(), state.available.tolist())
        return past.new_ones(2) / 2

    outcome = backtest(with_gaps(), FunctionStrategy(look, lookback=2), rebalance=1)
    assert seen[4] == ([[0.1, 0.0], [0.1, 0.0]], [[True, False]])
    assert seen[5] == ([[0.1, 0.1], [0.1, 0.1]], [[True, True]])
    assert outcome.weights[0, 4].tolist() == [1, 0]


@pytest.mark.parametrize(
    ("wanted", "held"),
    [
        ([0.4, 0.2, -0.6, -0.3], [0.6, 0.0, -0.9, 0.0]),
        ([0.5, -0.5, 0.0, 0.0], [0.5, 0.0, 0.0, 0.0]),
        ([0.0, 0.5, -0.2, -0.3], [0.0, 0.0, -0.5, 0.0]),
        ([0.4, -0.2, 0.0, -0.2], [0.4, 0.0, 0.0, 0.0]),
    ],
)
def test_what_is_missing_goes_to_the_others_of_its_side(wanted, held):
    returns = np.full((1, 5, 4), 0.01)
    returns[0, :3, [1, 3]] = np.nan
    outcome = backtest(returns, FixedWeights(wanted), rebalance=1)
    np.testing.assert_allclose(outcome.weights[0, [0, 4]], [held, wanted], atol=1e-15)


def test_what_a_rule_says_of_a_missing_asset_need_not_be_a_number():
    strategy = FunctionStrategy(lambda past: 0.05 / past.mean(0), lookback=2)
    outcome = backtest(with_gaps(), strategy, rebalance=1)
    np.testing.assert_allclose(outcome.weights[0, [4, 5]], [[0.5, 0], [0.5, 0.5]])


def test_paths_with_and_without_gaps_may_be_mixed():
    returns = market(n_steps=8, n_assets=2)
    returns[1] = with_gaps()[0]
    whole = backtest(returns, "equal-weight", rebalance=2, chunk=1)
    for path in range(4):
        alone = backtest(returns[path : path + 1], "equal-weight", rebalance=2)
        np.testing.assert_allclose(whole.wealth[path], alone.wealth[0], rtol=1e-12)


def test_an_asset_may_begin_within_the_history():
    past = np.full((5, 2), 0.01)
    past[:2, 1] = np.nan
    strategy = FunctionStrategy(lambda x: x.new_ones(2) / 2, lookback=3)
    outcome = backtest(np.full((1, 2, 2), 0.1), strategy, rebalance=1, history=past)
    np.testing.assert_allclose(outcome.weights[0], 0.5)


@pytest.mark.parametrize("account", [None, Account()])
def test_limits_hold_for_every_target(account):
    limits = Limits(max_weight=0.4, min_weight=-0.1, max_gross=1.2)
    strategy = FunctionStrategy(lambda past: past[-1] * 30, lookback=1)
    outcome = backtest(market(), strategy, rebalance=3, limits=limits, account=account)
    assert outcome.weights[:, 1:].max() <= 0.4
    assert outcome.weights.min() >= -0.1
    assert np.abs(outcome.weights).sum(axis=2).max() <= 1.2 + 1e-12


def test_limits_leave_missing_assets_alone():
    limits = Limits(max_weight=0.6)
    outcome = backtest(with_gaps(), "equal-weight", rebalance=1, limits=limits)
    np.testing.assert_allclose(outcome.weights[0, 0], [0.6, 0])


def test_the_summary_adds_up_what_the_account_paid_and_earned():
    account = Account(cash_rate=0.02, tax=Tax(short_rate=0.3, long_rate=0.1))
    outcome = backtest(market(), "equal-weight", account=account, dividends=np.full((60, 3), 0.001))
    table = summarise(outcome)
    for name in ("interest", "taxes", "dividends"):
        np.testing.assert_allclose(table[name], getattr(outcome, name).sum(axis=1))


def test_nothing_is_reported_that_is_not_accounted_for():
    outcome = backtest(market(), "equal-weight")
    for name in ("cash", "interest", "taxes", "dividends", "flows", "traded", "drifted"):
        assert getattr(outcome, name) is None


def test_single_precision_agrees_to_its_own():
    account = Account(cash_rate=0.02, tax=Tax(short_rate=0.3, long_rate=0.1))
    options = {"account": account, "rebalance": Band(0.02), "costs": 0.001}
    double = backtest(market(), "equal-weight", **options)
    single = backtest(market().astype(np.float32), "equal-weight", **options)
    np.testing.assert_allclose(single.wealth, double.wealth, rtol=1e-4)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Costs(proportional=0.7), r"in \[0, 0.5\], found 0.7"),
        (lambda: Costs(fixed=-1.0), "fixed: expected a number of at least 0"),
        (lambda: Costs(fixed=1.0), "positive numbers for capital="),
        (lambda: Costs(impact=1.0, capital=1.0, volatility=0.1), "positive numbers for volume="),
        (lambda: Tax(short_rate=1.0, long_rate=0.1), r"short_rate: expected a rate in \[0, 1\)"),
        (lambda: Tax(short_rate=0.1, long_rate=0.1, long_after_steps=-1), "found -1"),
        (lambda: Tax(short_rate="a", long_rate=0.1), r"short_rate: .* found 'a'"),
        (lambda: Tax(short_rate=0.1, long_rate=0.1, long_after_steps=None), "found None"),
        (lambda: Account(loan_fee=-0.1), "loan_fee: expected"),
        (lambda: Account(borrow_spread="a"), "borrow_spread: .* found 'a'"),
        (lambda: Account(cash_rate="a"), "cash_rate: expected finite rates, found 'a'"),
        (lambda: Account(cash_rate=[0.1, "a"]), "cash_rate: expected finite rates, found"),
        (lambda: Account(cash_rate=[[0.1], [0.1, 0.2]]), "cash_rate: expected finite rates"),
        (lambda: Account(tax=0.3), r"tax: expected Tax\(...\) or None, found 0.3"),
        (
            lambda: Costs(impact=1.0, volatility="a", volume=1.0, capital=1.0),
            "volatility=, found 'a'",
        ),
        (lambda: Band("a"), "width: expected .* found 'a'"),
        (lambda: OnSignal(threshold=None), "threshold: expected .* found None"),
        (lambda: Account(periods_per_year=0), "periods_per_year: expected a positive"),
        (lambda: Account(dividends="spend"), "'reinvest' or 'cash', found 'spend'"),
        (lambda: Account(cash_rate=[np.nan]), "cash_rate: expected finite rates"),
        (lambda: backtest(FLAT, "equal-weight", account=Account(cash_rate=[0.1])), "4 steps"),
        (lambda: Band(-0.1), "width: expected"),
        (lambda: Band(0.1, to="middle"), "'target' or 'edge', found 'middle'"),
        (lambda: OnSignal(1, threshold=np.nan), "threshold: expected"),
        (lambda: Limits(min_weight=0.1), "min_weight <= 0 <= max_weight"),
        (lambda: Limits(max_net=-0.1), "min_net <= 0 <= max_net"),
        (lambda: Limits(max_weight="a"), "limits: expected a number for max_weight, found 'a'"),
        (lambda: Limits(max_gross=np.nan), "max_gross >= 0, .* nan"),
        (lambda: backtest(FLAT, "equal-weight", rebalance=3.5j), "or a rule such as Band"),
        (
            lambda: backtest(
                FLAT,
                "equal-weight",
                costs=Costs(impact=1.0, volatility=[0.1] * 3, volume=1.0, capital=1.0),
            ),
            "each of the 1 assets",
        ),
    ],
)
def test_settings_out_of_range_are_refused(make, message):
    with pytest.raises(ConfigError, match=message):
        make()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"dividends": np.full((4, 1), -0.1)}, "dividends: found -0.1 at path 0, step 0"),
        ({"dividends": np.zeros((3, 1))}, "the 4 steps of returns, found 3"),
        ({"dividends": np.zeros((4, 2))}, "expected 1 assets"),
        ({"flows": np.zeros(3)}, r"flows: expected shape \(steps,\) = \(4,\)"),
        ({"flows": np.full(4, np.nan)}, "finite amounts of money"),
        ({"returns": np.full((1, 4, 1), np.nan)}, "no return at all in path 0"),
    ],
)
def test_data_that_do_not_fit_are_refused(arguments, message):
    with pytest.raises(DataError, match=message):
        backtest(**{"returns": FLAT, "strategy": "equal-weight", **arguments})


def test_dividends_with_other_columns_are_refused():
    frame = pd.DataFrame({"a": [0.1, 0.1], "b": [0.1, 0.1]})
    with pytest.raises(DataError, match="columns of returns in their order"):
        backtest(frame, "equal-weight", dividends=frame[["b", "a"]])


@pytest.mark.gpu
def test_a_gpu_keeps_the_same_books():
    account = Account(cash_rate=0.02, tax=Tax(short_rate=0.3, long_rate=0.1))
    options = {"account": account, "rebalance": Band(0.02), "costs": 0.001, "flows": np.zeros(60)}
    cpu = backtest(market(), "equal-weight", **options)
    gpu = backtest(market(), "equal-weight", device="cuda", **options)
    np.testing.assert_allclose(gpu.wealth, cpu.wealth, rtol=1e-9)
