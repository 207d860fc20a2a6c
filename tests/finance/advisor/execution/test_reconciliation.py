"""Reconciliation: what differs is said and nothing is mended but with a reason in the ledger."""

from datetime import date
from decimal import Decimal

import pytest

from scenara.finance.advisor.execution.reconciliation import Difference, adjust, reconcile
from scenara.finance.advisor.holdings import Holdings, Lot
from scenara.shared.errors import ConfigError, DataError

ON = date(2024, 6, 28)
PRICES = {"VTI": 260.0, "BND": 70.0}


def statement(vti="30", bnd=None, cash="2500.55"):
    lots = [Lot("VTI", Decimal(vti), date(2024, 1, 1), Decimal(1))] if vti else []
    lots += [Lot("BND", Decimal(bnd), date(2024, 1, 1), Decimal(1))] if bnd else []
    return Holdings(tuple(lots), Decimal(cash))


def test_a_statement_of_the_same_shares_and_cash_agrees_whatever_its_lots(broker):
    found = reconcile(broker.state.holdings, statement())
    assert found.agrees
    assert found.n_compared == 2


@pytest.mark.parametrize(
    ("changed", "differences"),
    [
        ({"vti": "29"}, [Difference("VTI", Decimal(30), Decimal(29))]),
        ({"vti": ""}, [Difference("VTI", Decimal(30), Decimal(0))]),
        ({"bnd": "0.5"}, [Difference("BND", Decimal(0), Decimal("0.5"))]),
        ({"cash": "2500.54"}, [Difference("CASH", Decimal("2500.55"), Decimal("2500.54"))]),
    ],
)
def test_every_difference_is_named(broker, changed, differences):
    found = reconcile(broker.state.holdings, statement(**changed))
    assert list(found.differences) == differences
    assert not found.agrees


def test_a_tolerance_in_cash_hides_a_smaller_difference(broker):
    holdings = broker.state.holdings
    assert reconcile(holdings, statement(cash="2500.60"), tolerance=Decimal("0.05")).agrees
    assert not reconcile(holdings, statement(cash="2500.61"), tolerance=Decimal("0.05")).agrees


def test_comparing_writes_nothing(broker):
    head = broker.ledger.head
    reconcile(broker.state.holdings, statement(vti="1"))
    assert broker.ledger.head == head


def test_an_adjustment_brings_the_ledger_to_the_statement_and_keeps_the_reason(broker):
    told = statement(vti="15", bnd="4.5", cash="2600")
    found = reconcile(broker.state.holdings, told)
    events = adjust(broker, found, reason="split missed", prices=PRICES, on=ON)
    assert [event.payload["reason"] for event in events] == ["split missed"] * 3
    assert reconcile(broker.state.holdings, told).agrees


def test_shares_too_much_leave_the_oldest_lots(broker):
    found = reconcile(broker.state.holdings, statement(vti="15"))
    adjust(broker, found, reason="gift", prices=PRICES, on=ON)
    left = [(lot.quantity, lot.purchase_date.year) for lot in broker.state.lots]
    assert left == [(5, 2021), (10, 2024)]


def test_an_adjustment_needs_a_reason(broker):
    found = reconcile(broker.state.holdings, statement(vti="15"))
    with pytest.raises(ConfigError, match="reason: expected why"):
        adjust(broker, found, reason=" ", prices=PRICES, on=ON)


def test_an_adjustment_of_shares_needs_a_price_and_is_all_or_nothing(broker):
    found = reconcile(broker.state.holdings, statement(vti="15", bnd="1"))
    head = broker.ledger.head
    with pytest.raises(DataError, match="none of 'VTI', which the adjustment needs"):
        adjust(broker, found, reason="gift", prices={"BND": 70.0}, on=ON)
    assert broker.ledger.head == head


def test_an_adjustment_of_an_account_that_has_changed_is_refused(broker):
    found = reconcile(broker.state.holdings, statement(cash="2600"))
    broker.deposit(Decimal(1), on=ON)
    with pytest.raises(DataError, match=r"the ledger has 2501\.55 now"):
        adjust(broker, found, reason="gift", prices=PRICES, on=ON)
