"""The paper broker and the rebalance: each key once, never more than there is, exact books."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from scenara.finance.advisor.execution.broker import PaperBroker, opening
from scenara.finance.advisor.execution.event import Draft
from scenara.finance.advisor.execution.ledger import Ledger
from scenara.finance.advisor.execution.orders import make_orders
from scenara.finance.advisor.execution.plan import Order, make_order
from scenara.finance.advisor.execution.rebalancing import rebalance
from scenara.finance.advisor.execution.reconciliation import adjust, reconcile
from scenara.finance.advisor.execution.rules import TradingRules
from scenara.finance.advisor.execution.state import state_of
from scenara.finance.advisor.holdings import Holdings, Lot
from scenara.shared.errors import ArtifactError, ConfigError, DataError

ON, LATER = date(2024, 6, 3), date(2024, 6, 10)
PRICES = {"VTI": 250.0, "BND": 70.25, "GLD": 185.1}
TARGETS = {"VTI": 0.5, "BND": 0.3, "GLD": 0.2}
RULES = TradingRules(
    drift_band=0.0,
    fee_fixed=1.0,
    fee_rate=0.0005,
    half_spread=0.0002,
    short_term_tax=0.35,
    long_term_tax=0.15,
)


def bought(quantity, price="250", **fields):
    return Order("buy", "VTI", Decimal(quantity), Decimal(price), **fields)


def test_an_account_opens_with_its_holdings(broker, holdings):
    assert broker.state.holdings == holdings


def test_a_fill_moves_cash_and_lots_exactly(broker):
    broker.submit(bought("3", "250.05", fee=Decimal("1.10")), on=ON, key="a")
    state = broker.state
    assert state.cash_cents == 250_055 - 75_015 - 110
    assert state.lots[-1] == Lot("VTI", Decimal(3), ON, Decimal("250.41666667"))
    assert (state.fees_cents, state.bought_cents) == (110, 75_015)


def test_the_same_key_twice_fills_once(broker):
    fills = [broker.submit(bought("3"), on=ON, key="a") for _ in range(2)]
    assert fills[0] == fills[1]
    assert broker.state.bought_cents == 75_000


def test_a_key_is_not_used_for_another_order(broker):
    broker.submit(bought("3"), on=ON, key="a")
    with pytest.raises(ConfigError, match="the key 'a' stands for another event"):
        broker.submit(bought("4"), on=ON, key="a")


def test_a_purchase_that_the_cash_does_not_pay_is_refused_and_leaves_nothing(broker):
    before = broker.ledger.head
    with pytest.raises(DataError, match=r"takes 2750\.00 from cash of 2500\.55"):
        broker.submit(bought("11"), on=ON, key="a")
    assert broker.ledger.head == before


def test_a_sale_of_what_is_not_held_is_refused(broker):
    lot = Lot("VTI", Decimal(5), date(2020, 1, 2), Decimal(1))
    order = make_order(
        "VTI", Decimal(-5), price=Decimal(250), lots=(lot,), on=ON, rules=TradingRules()
    )
    with pytest.raises(DataError, match="sold that are not held"):
        broker.submit(order, on=ON, key="a")


def test_a_sale_names_its_lots(broker):
    order = replace(bought("5"), side="sell")
    with pytest.raises(DataError, match="names lots of 5 shares, found 0"):
        broker.submit(order, on=ON, key="a")


@pytest.mark.parametrize(
    ("book", "words"),
    [
        (lambda b: b.deposit(Decimal(-2501), on=ON), r"at most the cash of 2500\.55"),
        (lambda b: b.charge(Decimal(2501), "advice", on=ON), r"at most the cash of 2500\.55"),
        (lambda b: b.charge(Decimal(-1), "advice", on=ON), "at least 0, found -1"),
        (lambda b: b.dividend("VTI", Decimal("NaN"), on=ON), "at least 0, found NaN"),
        (lambda b: b.mark({"VTI": 0.0}, on=ON), "above 0 of VTI, found 0.0"),
        (lambda b: b.deposit(Decimal(1), on=date(2024, 6, 2)), "expected a day from 2024-06-03"),
    ],
)
def test_what_cannot_be_booked_is_refused(broker, book, words):
    with pytest.raises(DataError, match=words):
        book(broker)


def test_money_is_booked_by_what_it_is(broker):
    broker.deposit(Decimal("99.45"), on=ON)
    broker.dividend("VTI", Decimal("12.30"), on=ON)
    broker.charge(Decimal("2.30"), "advice", on=ON)
    state = broker.state
    assert state.cash_cents == 250_055 + 9_945 + 1_230 - 230
    assert (state.dividends_cents, state.fees_cents) == (1_230, 230)


def deposit_and_fail(broker):
    with broker.ledger.transaction():
        broker.ledger.append(Draft("deposit", ON, {"cents": 100}))
        assert broker.state.cash_cents == 250_155
        raise RuntimeError


def test_the_account_is_known_again_after_a_transaction_that_failed(broker):
    state = broker.state
    with pytest.raises(RuntimeError):
        deposit_and_fail(broker)
    assert broker.state == state


def test_a_rebalance_ends_where_its_plan_says(broker, holdings):
    plan = make_orders(TARGETS, holdings, PRICES, on=ON, rules=RULES)
    done = rebalance(broker, TARGETS, PRICES, on=ON, rules=RULES)
    assert done.outcome == "traded"
    assert done.orders == plan.orders
    assert broker.state.holdings == plan.after
    assert broker.state.taxes_cents == 100 * plan.tax


def test_a_rebalance_happens_once_a_day(broker):
    rebalance(broker, TARGETS, PRICES, on=ON, rules=RULES)
    head = broker.ledger.head
    assert rebalance(broker, TARGETS, PRICES, on=ON, rules=RULES).outcome == "done before"
    assert broker.ledger.head == head


def test_a_sale_at_a_loss_is_remembered_and_flags_the_purchase_after_it(broker):
    low, high = {**PRICES, "VTI": 230.0}, {**PRICES, "VTI": 100.0}
    rebalance(broker, {"BND": 1.0}, low, on=ON, rules=replace(RULES, cash_first=False))
    assert broker.state.losses == {"VTI": ON}
    done = rebalance(broker, {"VTI": 1.0}, high, on=LATER, rules=RULES)
    assert [(o.side, o.wash_sale) for o in done.orders] == [("sell", False), ("buy", True)]


def test_the_state_is_a_fold_over_events_wherever_it_is_cut(broker):
    rebalance(broker, TARGETS, PRICES, on=ON, rules=RULES)
    events = broker.ledger.events()
    for cut in range(len(events)):
        assert state_of(events[cut:], start=state_of(events[:cut])) == broker.state


def test_orders_are_written_before_the_first_is_filled(broker):
    rebalance(broker, TARGETS, PRICES, on=ON, rules=RULES)
    kinds = [event.kind for event in broker.ledger.events()][3:]
    assert kinds == [
        "prices", "rebalance-begin", *["order"] * 3, *["fill"] * 3, "tax", "rebalance-end",
    ]  # fmt: skip


class CutOffError(Exception):
    """Stands for a crash."""


@pytest.fixture
def cut_off(broker):
    """Give a broker whose rebalance was cut off behind its first fill."""
    n_written = 0

    def watch(moment):
        nonlocal n_written
        n_written += moment == "written"
        if n_written == 7:
            raise CutOffError

    broker.ledger._watch = watch
    with pytest.raises(CutOffError):
        rebalance(broker, TARGETS, PRICES, on=ON, rules=RULES)
    broker.ledger._watch = lambda moment: None
    return broker


def test_a_rebalance_that_was_cut_off_is_ended_by_the_next_run_whatever_it_asks_for(cut_off):
    done = rebalance(cut_off, {"BND": 1.0}, PRICES, on=LATER, rules=RULES)
    assert (done.outcome, done.on, done.n_filled) == ("resumed", ON, 2)
    assert cut_off.state.batch is None
    assert set(cut_off.state.holdings.quantities()) == set(TARGETS)


@pytest.mark.parametrize(
    "take",
    [
        lambda b: b.deposit(Decimal(-1), on=ON),
        lambda b: b.charge(Decimal(1), "advice", on=ON),
        lambda b: b.submit(bought("1"), on=ON, key="a"),
        lambda b: adjust(b, reconcile(b.state.holdings, Holdings()), reason="x", prices={}, on=ON),
    ],
)
def test_nothing_is_taken_from_a_rebalance_that_was_cut_off(cut_off, take):
    head = cut_off.ledger.head
    with pytest.raises(DataError, match="was cut off; run it again first"):
        take(cut_off)
    assert cut_off.ledger.head == head


def test_a_price_of_what_is_brought_in_is_needed(holdings):
    with pytest.raises(DataError, match="none of 'VTI', which is held"):
        opening(holdings, {}, on=ON)


def test_events_that_contradict_the_account_are_refused(tmp_path):
    order = Draft("order", ON, {"batch": "x", "order": {}})
    ledger = Ledger.create(tmp_path / "a.ledger", on=ON, first=[order])
    with ledger, pytest.raises(ArtifactError, match="event 2: an order outside of a rebalance"):
        _ = PaperBroker(ledger).state


def test_an_empty_account_cannot_be_rebalanced(tmp_path):
    with Ledger.create(tmp_path / "a.ledger", on=ON) as ledger:
        assert PaperBroker(ledger).state.holdings == Holdings()
        with pytest.raises(DataError, match="found nothing"):
            rebalance(PaperBroker(ledger), TARGETS, PRICES, on=ON)
