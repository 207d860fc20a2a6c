"""Orders: what holds for any portfolio, the best that brute force finds, and what is refused."""

from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenara.finance.advisor.execution import TradingRules, make_orders, write_orders
from scenara.finance.advisor.holdings import Holdings, Lot
from scenara.shared.errors import ConfigError, DataError

ON = date(2024, 6, 3)
PRICES = {"VTI": 250.0, "BND": 70.0}
TARGETS = {"VTI": 0.6, "BND": 0.4}
SYMBOLS = ("AA", "BB", "CC", "DD")


def lot(symbol, quantity, *, cost="100", days=400):
    return Lot(symbol, Decimal(quantity), ON - timedelta(days=days), Decimal(cost))


def plan_of(targets, holdings, prices=PRICES, **rules):
    return make_orders(targets, holdings, prices, on=ON, rules=TradingRules(**rules))


def told(plan):
    return [(order.side, order.symbol, float(order.quantity)) for order in plan.orders]


@st.composite
def cases(draw):
    """Draw targets, holdings, prices and rules."""
    symbols = SYMBOLS[: draw(st.integers(1, 4))]
    prices = {s: draw(st.decimals("0.5", "600", places=2)) for s in symbols}
    lots = draw(
        st.lists(
            st.builds(
                lot,
                st.sampled_from(symbols),
                st.decimals("0.01", "80", places=2),
                cost=st.decimals("1", "600", places=2),
                days=st.integers(0, 800),
            ),
            max_size=6,
        )
    )
    raw = np.array([draw(st.integers(0, 10)) for _ in symbols], dtype=float)
    weights = raw / max(raw.sum() * draw(st.sampled_from([1.0, 1.25])), 1)
    rules = TradingRules(
        whole_shares=draw(st.booleans()),
        minimum_trade=draw(st.sampled_from([0.0, 100.0])),
        drift_band=draw(st.sampled_from([0.0, 0.02, 0.05])),
        fee_fixed=draw(st.sampled_from([0.0, 4.9])),
        fee_rate=draw(st.sampled_from([0.0, 0.002])),
        half_spread=draw(st.sampled_from([0.0, 0.0005])),
        short_term_tax=draw(st.sampled_from([0.0, 0.4])),
        long_term_tax=draw(st.sampled_from([0.0, 0.2])),
        cash_buffer=draw(st.sampled_from([0.0, 500.0])),
        lots=draw(st.sampled_from(["fifo", "tax"])),
        cash_first=draw(st.booleans()),
    )
    holdings = Holdings(tuple(lots), draw(st.decimals("1", "20000", places=2)))
    targets = dict(zip(symbols, weights.tolist(), strict=True))
    return targets, holdings, {s: float(p) for s, p in prices.items()}, rules


@settings(max_examples=150, deadline=None, derandomize=True)
@given(cases())
def test_for_any_portfolio_orders_are_affordable_and_lasting(case):
    targets, holdings, prices, rules = case
    plan = make_orders(targets, holdings, prices, on=ON, rules=rules)
    held, after = holdings.quantities(), plan.after.quantities()
    assert plan.after.cash >= min(holdings.cash, Decimal(str(rules.cash_buffer)))
    for order in plan.orders:
        change = order.quantity if order.side == "buy" else -order.quantity
        assert after.get(order.symbol, 0) == held.get(order.symbol, 0) + change
        assert not rules.whole_shares or order.quantity == int(order.quantity)
        assert float(order.quantity) * prices[order.symbol] >= rules.minimum_trade
        assert sum(sale.quantity for sale in order.sales) == (
            order.quantity if order.side == "sell" else 0
        )
    if plan.drift_before <= rules.drift_band:
        assert not plan.orders
    assert not make_orders(targets, plan.after, prices, on=ON, rules=rules).orders


@settings(max_examples=60, deadline=None, derandomize=True)
@given(cases())
def test_for_any_portfolio_cash_is_that_of_the_orders_fees_and_tax(case):
    targets, holdings, prices, rules = case
    plan = make_orders(targets, holdings, prices, on=ON, rules=rules)
    flows = sum(order.value if order.side == "sell" else -order.value for order in plan.orders)
    assert plan.after.cash == holdings.cash + flows - plan.fees - plan.tax
    assert len({order.symbol for order in plan.orders}) == len(plan.orders)


def best_by_brute_force(targets, prices, cash):
    """Give the least tracking error over all numbers of whole shares that the cash buys."""
    counts = [np.arange(int(cash // price) + 1) for price in prices]
    shares = np.stack(np.meshgrid(*counts, indexing="ij"), -1).reshape(-1, len(prices))
    left = cash - shares @ prices
    weights = np.column_stack([shares * prices, left])[left >= 0] / cash
    errors = np.linalg.norm(weights - np.append(targets, 1 - targets.sum()), axis=1)
    return float(errors.min())


def test_whole_shares_track_as_well_as_the_best_of_all_combinations_nearly_always():
    excess = []
    for seed in range(100):
        rng = np.random.default_rng(seed)
        n = int(rng.integers(2, 5))
        prices = np.round(np.exp(rng.uniform(2.5, 5.0, n)), 2)
        targets, cash = rng.dirichlet(np.full(n, 2.0)), round(15 * float(prices.mean()), 2)
        weights = dict(zip(SYMBOLS, targets.tolist(), strict=False))
        quoted = dict(zip(SYMBOLS, prices.tolist(), strict=False))
        plan = plan_of(weights, Holdings(cash=Decimal(str(cash))), quoted, drift_band=0.0)
        found = plan.weights_after
        error = np.linalg.norm([found["CASH"], *(found[s] - w for s, w in weights.items())])
        excess.append(error - best_by_brute_force(targets, prices, cash))
    assert np.mean(np.array(excess) < 1e-9) >= 0.95
    assert max(excess) < 0.5 / 15  # half an average share


def test_a_fraction_of_a_share_brings_weights_to_their_targets():
    plan = plan_of(TARGETS, Holdings(cash=Decimal(1000)), whole_shares=False)
    assert plan.drift_after < 1e-6


def test_what_is_no_longer_wanted_is_sold_before_anything_is_bought():
    plan = plan_of({"BND": 1.0}, Holdings((lot("VTI", "10"),)))
    assert told(plan) == [("sell", "VTI", 10.0), ("buy", "BND", 35.0)]


def test_new_money_is_invested_without_a_sale_where_that_suffices():
    holdings = Holdings((lot("VTI", "15"), lot("BND", "20")), cash=Decimal(750))
    assert told(plan_of(TARGETS, holdings, drift_band=0.1)) == [("buy", "BND", 10.0)]
    everything = plan_of(TARGETS, holdings, drift_band=0.1, cash_first=False)
    assert [side for side, _, _ in told(everything)] == ["sell", "buy"]


def test_a_drift_inside_the_band_is_left_alone():
    holdings = Holdings((lot("VTI", "24"), lot("BND", "65")), cash=Decimal(10))
    plan = plan_of(TARGETS, holdings, drift_band=0.05)
    assert plan.drift_before == pytest.approx(0.6 - 6000 / 10560)
    assert not plan.orders


def test_trades_that_cost_more_than_they_mend_are_not_made():
    assert not plan_of(TARGETS, Holdings(cash=Decimal(400)), fee_fixed=300.0).orders


def test_cash_may_be_one_of_the_targets():
    plan = plan_of({"VTI": 0.5, "CASH": 0.5}, Holdings(cash=Decimal(10_000)))
    assert plan.weights_after["CASH"] == 0.5


def test_tax_is_that_of_the_gains_by_term_and_is_taken_from_the_cash():
    lots = (lot("VTI", "10", cost="150", days=400), lot("VTI", "10", cost="200", days=300))
    plan = plan_of({}, Holdings(lots), short_term_tax=0.4, long_term_tax=0.2)
    assert plan.gain == 10 * (250 - 150) + 10 * (250 - 200)
    assert plan.tax == Decimal("0.2") * 1000 + Decimal("0.4") * 500
    assert plan.after == Holdings((), cash=5000 - plan.tax)


def test_a_sale_takes_the_oldest_lots_or_those_of_least_tax():
    lots = (lot("VTI", "10", cost="50", days=900), lot("VTI", "10", cost="240", days=500))
    holdings = Holdings(lots, cash=Decimal(0))
    taxes = {"short_term_tax": 0.4, "long_term_tax": 0.2, "whole_shares": False}
    oldest = plan_of({"VTI": 0.7}, holdings, lots="fifo", **taxes)
    cheapest = plan_of({"VTI": 0.7}, holdings, lots="tax", **taxes)
    assert [sale.lot.cost_per_share for sale in oldest.orders[0].sales] == [50]
    assert [sale.lot.cost_per_share for sale in cheapest.orders[0].sales] == [240]
    assert cheapest.tax < oldest.tax / 10


@pytest.mark.parametrize(("days", "flagged"), [(30, True), (31, False)])
def test_a_loss_is_flagged_if_shares_bought_within_30_days_are_kept(days, flagged):
    lots = (lot("VTI", "10", cost="300"), lot("VTI", "1", cost="250", days=days))
    plan = plan_of({"VTI": 0.3}, Holdings(lots))
    assert plan.orders[0].gain < 0
    assert plan.orders[0].wash_sale == flagged


@pytest.mark.parametrize(("days", "flagged"), [(0, True), (30, True), (31, False)])
def test_a_purchase_is_flagged_if_the_symbol_was_sold_at_a_loss_within_30_days(days, flagged):
    losses = {"VTI": ON - timedelta(days=days)}
    plan = make_orders(TARGETS, Holdings(cash=Decimal(5000)), PRICES, on=ON, losses=losses)
    assert {order.symbol: order.wash_sale for order in plan.orders} == {
        "VTI": flagged, "BND": False,
    }  # fmt: skip


def test_orders_are_written_as_a_table(tmp_path):
    path = tmp_path / "orders.csv"
    write_orders(plan_of({"BND": 1.0}, Holdings((lot("VTI", "10"),)), fee_fixed=1.0), path)
    assert path.read_text().splitlines() == [
        "side,symbol,quantity,price,value,fee,gain,wash_sale",
        "sell,VTI,10,250,2500.00,1.00,1499.00,False",
        "buy,BND,35,70,2450.00,1.00,0.00,False",
    ]


@pytest.mark.parametrize(
    ("targets", "holdings", "prices", "words"),
    [
        ({"VTI": -0.1}, Holdings(cash=Decimal(1)), PRICES, "expected a weight in .0, 1. of VTI"),
        ({"VTI": float("nan")}, Holdings(cash=Decimal(1)), PRICES, "found nan"),
        ({"VTI": 0.7, "BND": 0.4}, Holdings(cash=Decimal(1)), PRICES, "at most 1, found 1.1"),
        ({"VTI": 0.7, "CASH": 0.2}, Holdings(cash=Decimal(1)), PRICES, "exactly 1, .*found 0.9"),
        ({"VTX": 1.0}, Holdings(cash=Decimal(1)), PRICES, "none of 'VTX'; did you mean 'VTI'"),
        ({"VTI": 1.0}, Holdings(cash=Decimal(1)), {"VTI": 0.0}, "expected one above 0 of VTI"),
        ({}, Holdings((lot("OLD", "1"),)), PRICES, "none of 'OLD'"),
        ({"VTI": 1.0}, Holdings(), PRICES, "shares or cash to invest, found nothing"),
    ],
)
def test_what_makes_no_sense_is_refused(targets, holdings, prices, words):
    with pytest.raises(DataError, match=words):
        plan_of(targets, holdings, prices)


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ({"drift_band": 1.5}, r"drift_band: expected a number in \[0, 1\), found 1.5"),
        ({"fee_rate": -0.1}, r"fee_rate: expected a number in \[0, 1\), found -0.1"),
        ({"minimum_trade": float("nan")}, "minimum_trade: expected a number in"),
        ({"lots": "lifo"}, "lots='lifo' is not known; choose of fifo, tax"),
    ],
)
def test_rules_that_cannot_be_meant_are_refused(setting, words):
    with pytest.raises(ConfigError, match=words):
        TradingRules(**setting)
