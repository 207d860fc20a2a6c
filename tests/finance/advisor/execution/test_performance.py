"""Performance: published examples, closed forms, and what flows must not do."""

from datetime import date
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from scenara.finance.advisor.execution.broker import PaperBroker
from scenara.finance.advisor.execution.cash_flows import money_weighted_return
from scenara.finance.advisor.execution.ledger import Ledger
from scenara.finance.advisor.execution.performance import account_performance
from scenara.finance.advisor.execution.plan import Order, make_order
from scenara.finance.advisor.execution.rules import TradingRules
from scenara.shared.errors import DataError

YEARS = [date(2021, 1, 1), date(2022, 1, 1), date(2023, 1, 1)]


@pytest.fixture
def account(tmp_path):
    """Give an account that opens on the first of the years, with nothing in it."""
    with Ledger.create(tmp_path / "a.ledger", on=YEARS[0]) as ledger:
        yield PaperBroker(ledger)


def yearly(*prices):
    return pd.DataFrame({"X": prices}, index=pd.to_datetime(YEARS[: len(prices)]), dtype=float)


def trade(broker, quantity, price, *, on, **rules):
    order = make_order(
        "X", Decimal(quantity), price=Decimal(str(price)), lots=broker.state.lots, on=on,
        rules=TradingRules(**rules),
    )  # fmt: skip
    broker.submit(order, on=on, key=f"{on} {quantity}")


def measured(broker, prices=None, **options):
    return account_performance(broker.ledger.events(), prices, **options)


# Schweser notes on CFA level I, reading "Discounted Cash Flow Applications": a share is bought at
# 100 and another at 120 a year later, each pays 2 a year, and after two years they are worth 130;
# the money-weighted return is 13.86 %, the time-weighted 15.84 %.
def test_both_returns_are_those_of_a_published_example(account):
    account.deposit(Decimal(100), on=YEARS[0])
    trade(account, 1, 100, on=YEARS[0])
    account.dividend("X", Decimal(2), on=YEARS[1])
    account.deposit(Decimal(118), on=YEARS[1])
    trade(account, 1, 120, on=YEARS[1])
    account.dividend("X", Decimal(4), on=YEARS[2])
    found = measured(account, yearly(100, 120, 130))
    assert found.time_weighted_per_year == pytest.approx(0.1584, abs=5e-5)
    assert found.money_weighted_per_year == pytest.approx(0.1386, abs=5e-5)


# A CFA level I question: four shares at 50, two sold at 50 after a year, dividends of 5 a share
# and a price of 80 after two; the money-weighted return is 20.52 %, the time-weighted 30.38 %.
def test_both_returns_are_those_of_a_published_example_with_a_withdrawal(account):
    account.deposit(Decimal(200), on=YEARS[0])
    trade(account, 4, 50, on=YEARS[0])
    trade(account, -2, 50, on=YEARS[1])
    account.deposit(Decimal(-100), on=YEARS[1])
    account.dividend("X", Decimal(10), on=YEARS[2])
    found = measured(account, yearly(50, 50, 80))
    assert found.time_weighted_per_year == pytest.approx(0.3038, abs=5e-5)
    assert found.money_weighted_per_year == pytest.approx(0.2052, abs=5e-5)


def test_a_money_weighted_return_of_under_a_year_is_that_of_the_time(account):
    account.deposit(Decimal(1_000), on=YEARS[0])
    trade(account, 10, 100, on=YEARS[0])
    days = pd.to_datetime(["2021-01-01", "2021-01-31"])
    found = measured(account, pd.DataFrame({"X": [100.0, 105.0]}, index=days))
    assert found.money_weighted == pytest.approx(0.05)
    assert found.money_weighted_per_year is None


# Microsoft's documentation of XIRR, https://support.microsoft.com/office, prints 0.373362535.
def test_the_money_weighted_return_is_that_of_a_spreadsheet():
    flows = [
        (date(2008, 1, 1), -10_000.0), (date(2008, 3, 1), 2_750.0), (date(2008, 10, 30), 4_250.0),
        (date(2009, 2, 15), 3_250.0), (date(2009, 4, 1), 2_750.0),
    ]  # fmt: skip
    # Their solver stops at 1e-8, after which the last digits are its own.
    assert money_weighted_return(flows) == pytest.approx(0.373362535, abs=5e-8)


@pytest.mark.parametrize("rate", [-0.95, -0.3, 0.0, 0.07, 4.0])
def test_the_money_weighted_return_of_flows_made_by_a_rate_is_that_rate(rate):
    days = [date(2020, 1, 1), date(2020, 9, 3), date(2023, 4, 5)]
    last = date(2024, 2, 2)
    paid = [100.0, 40.0, 250.0]
    worth = sum(
        a * (1 + rate) ** ((last - day).days / 365) for a, day in zip(paid, days, strict=True)
    )
    flows = [(day, -amount) for day, amount in zip(days, paid, strict=True)]
    assert money_weighted_return([*flows, (last, worth)]) == pytest.approx(rate, abs=1e-9)


@pytest.mark.parametrize(
    "flows",
    [
        [],
        [(YEARS[0], -1.0), (YEARS[1], -1.0)],
        [(YEARS[0], -1.0), (YEARS[0], 2.0)],
    ],
)
def test_flows_without_a_rate_are_refused(flows):
    with pytest.raises(DataError, match="money paid in and money received"):
        money_weighted_return(flows)


def test_flows_do_not_move_the_time_weighted_return(account):
    prices = pd.DataFrame(
        {"X": 100 * np.exp(np.random.default_rng(0).normal(0, 0.01, 40).cumsum())},
        index=pd.bdate_range(YEARS[0], periods=40),
    )
    days = [day.date() for day in prices.index]
    paid = [10_000, 5_000, -3_000, 20_000]
    for day, amount in zip(days[::10], paid, strict=True):
        price = round(float(prices["X"][str(day)]), 6)
        account.deposit(Decimal(max(amount, 0)), on=day)
        trade(account, Decimal(amount) / Decimal(101), price, on=day, whole_shares=False)
        left = account.state.cash_cents
        account.deposit(Decimal(-left) / 100, on=day)
    found = measured(account, prices)
    assert found.time_weighted == pytest.approx(
        prices["X"].iloc[-1] / prices["X"].iloc[0] - 1, abs=1e-6
    )


def test_fees_taxes_and_gains_are_those_of_the_ledger(account):
    account.deposit(Decimal(1000), on=YEARS[0])
    trade(account, 5, 100, on=YEARS[0], fee_fixed=1.0)
    trade(account, -2, 120, on=YEARS[1], fee_fixed=1.0)
    account.charge(Decimal("3.50"), "advice", on=YEARS[1])
    found = measured(account, yearly(100, 120, 130))
    assert found.fees == Decimal("5.50")
    assert found.realised == Decimal("38.60")  # 240 - 1 - 2 x 100.20
    assert found.unrealised == 3 * (Decimal(130) - Decimal("100.2"))
    assert found.turnover == pytest.approx(240 / found.daily["value"].mean())


def test_the_values_of_days_are_cash_and_shares(account):
    account.deposit(Decimal(1000), on=YEARS[0])
    trade(account, 5, 100, on=YEARS[0])
    daily = measured(account, yearly(100, 120, 90)).daily
    assert daily["value"].tolist() == [1000, 1100, 950]
    assert daily["flow"].tolist() == [1000, 0, 0]
    np.testing.assert_allclose(daily["return"], [0, 0.1, 950 / 1100 - 1], atol=1e-15)


def test_without_a_history_the_prices_of_the_ledger_count(account):
    account.deposit(Decimal(1000), on=YEARS[0])
    trade(account, 10, 100, on=YEARS[0])
    account.mark({"X": 130.0}, on=YEARS[1])
    assert measured(account).time_weighted == pytest.approx(0.3)


def test_an_account_is_measured_up_to_any_day(account):
    account.deposit(Decimal(1000), on=YEARS[0])
    trade(account, 10, 100, on=YEARS[0])
    account.mark({"X": 130.0}, on=YEARS[2])
    found = measured(account, until=YEARS[1])
    assert (found.time_weighted, found.time_weighted_per_year) == (0.0, 0.0)


def test_an_account_emptied_and_filled_again_links_what_it_earned(account):
    account.deposit(Decimal(100), on=YEARS[0])
    account.dividend("X", Decimal(10), on=YEARS[0])
    account.deposit(Decimal(-110), on=YEARS[1])
    account.deposit(Decimal(100), on=YEARS[2])
    account.dividend("X", Decimal(10), on=YEARS[2])
    assert measured(account).time_weighted == pytest.approx(1.1 * 1.1 - 1)


def test_shares_brought_in_and_adjustments_are_money_from_outside(broker):
    day = date(2024, 6, 28)
    daily = measured(broker).daily
    assert daily["flow"].tolist() == [30 * 250.0 + 2500.55]
    broker.submit(Order("buy", "GLD", Decimal(1), Decimal(180)), on=day, key="g")
    assert measured(broker).time_weighted == pytest.approx(0.0, abs=1e-12)


def test_the_time_before_the_account_was_opened_has_no_performance(account):
    with pytest.raises(DataError, match="none in the time asked for"):
        measured(account, until=date(2020, 1, 1))
