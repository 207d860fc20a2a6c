"""What the commands of ``scenara finance account`` do: one public function each."""

import os
from contextlib import closing
from datetime import date
from decimal import Decimal, InvalidOperation

from scenara.finance.advisor.cells import nearest
from scenara.finance.advisor.execution.answers import (
    Answer,
    compared,
    done,
    money,
    not_done,
    shown,
)
from scenara.finance.advisor.execution.broker import PaperBroker, opening
from scenara.finance.advisor.execution.ledger import Ledger
from scenara.finance.advisor.execution.orders import make_orders
from scenara.finance.advisor.execution.performance import account_performance
from scenara.finance.advisor.execution.plan import OrderPlan, write_orders
from scenara.finance.advisor.execution.rebalancing import rebalance
from scenara.finance.advisor.execution.reconciliation import adjust, reconcile
from scenara.finance.advisor.execution.schedule import Due, RebalanceSchedule, is_due
from scenara.finance.advisor.execution.settings import AccountSettings
from scenara.finance.advisor.execution.state import AccountState, state_of
from scenara.finance.advisor.execution.targets import read_targets
from scenara.finance.advisor.holdings import read_holdings
from scenara.finance.advisor.instruments import read_instruments
from scenara.finance.advisor.money import exact, from_cents, to_cents
from scenara.finance.market.prices import read_prices
from scenara.shared.errors import ArtifactError, ConfigError, DataError

__all__ = [
    "book_money",
    "open_account",
    "rebalance_account",
    "reconcile_account",
    "show_account",
]

Source = str | os.PathLike[str]


def _prices(instruments: Source) -> dict[str, float]:
    return {symbol: one.price for symbol, one in read_instruments(instruments).items()}


def open_account(
    ledger: Source, holdings: Source, instruments: Source, *, on: date, currency: str = "USD"
) -> Answer:
    """Open an account with holdings in a new ledger.

    Args:
        ledger: File of the ledger; it must not exist.
        holdings: Table of lots and cash.
        instruments: Table of instruments with their prices.
        on: Day of the opening.
        currency: Currency of all amounts.

    Raises:
        DataError: A table can't be read or contradicts the other one.
        ConfigError: The ledger exists already.
    """
    prices = _prices(instruments)
    held = read_holdings(holdings, instruments=prices, on=on)
    first = opening(held, prices, on=on)
    with closing(Ledger.create(ledger, on=on, currency=currency, first=first)) as opened:
        head = opened.head
    total = exact(round(held.total(prices), 2))
    facts = {
        "ledger": str(ledger),
        "on": str(on),
        "value": str(total),
        "cash": str(held.cash),
        "lots": len(held.lots),
        "head": head,
    }
    line = f"opened {ledger} on {on} with {len(held.lots)} lots and cash, worth {money(total)}"
    return Answer(facts, [f"{line} {currency}"])


def book_money(ledger: Source, kind: str, *, amount: str, on: date, what: str = "") -> Answer:
    """Book money that comes into an account or leaves it.

    Args:
        ledger: File of the ledger.
        kind: ``"deposit"`` (negative to take money out), ``"dividend"`` or ``"fee"``.
        amount: Currency units, as typed.
        on: Day of the booking.
        what: Symbol that pays a dividend, or what a fee is for.

    Raises:
        ConfigError: The amount is no number of whole cents.
        DataError: More is taken out than there is, the day is before the last event, or the symbol
            was never in the account.
    """
    number = _amount(amount)
    with Ledger.open(ledger) as opened:
        broker = PaperBroker(opened)
        if kind == "deposit":
            broker.deposit(number, on=on)
        elif kind == "dividend":
            _check_held(broker, what)
            broker.dividend(what, number, on=on)
        else:
            broker.charge(number, what, on=on)
        cash = from_cents(broker.state.cash_cents)
        facts = {"booked": kind, "amount": amount, "cash": str(cash), "head": opened.head}
    return Answer(facts, [f"cash: {money(cash)}"])


def _check_held(broker: PaperBroker, symbol: str) -> None:
    known = broker.ever_held()
    if symbol not in known:
        advice = f"; {nearest(symbol, known)}" if known else ""
        raise DataError(f"--symbol: {symbol!r} was never in the account{advice}")


def _amount(text: str) -> Decimal:
    try:
        amount = Decimal(text)
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite():
        raise ConfigError(f"--amount: expected a number such as 1500.50, found {text!r}")
    if from_cents(to_cents(amount)) != amount:
        raise ConfigError(f"--amount: expected whole cents such as 1500.50, found {text!r}")
    return amount


def rebalance_account(
    ledger: Source,
    targets: Source,
    instruments: Source,
    *,
    on: date,
    settings: AccountSettings | None = None,
    dry_run: bool = False,
    force: bool = False,
    orders: Source | None = None,
) -> Answer:
    """Rebalance an account if that is due; end a rebalance that was cut off.

    Args:
        ledger: File of the ledger.
        targets: Table of target weights.
        instruments: Table of instruments with their prices.
        on: Day of the rebalance.
        settings: Calendar and rules; None for the defaults.
        dry_run: Only say what would be done.
        force: Rebalance even if it is not due.
        orders: File for the orders as CSV; None for none.

    Raises:
        DataError: A table can't be read, the day is before the last event, or another process is
            writing.
    """
    settings = settings or AccountSettings()
    schedule = RebalanceSchedule(settings.every, settings.drift_band)
    prices = _prices(instruments)
    wanted = read_targets(targets, instruments=prices)
    with Ledger.open(ledger) as opened:
        broker = PaperBroker(opened)
        state = broker.state
        if state.batch is None:
            plan = make_orders(
                wanted, state.holdings, prices, on=on, rules=settings.rules, losses=state.losses
            )
            due = _due(state, plan, on, schedule)
            if orders is not None:
                write_orders(plan, orders)
            if dry_run or not (due.is_due or force):
                return not_done(plan, due, dry_run=dry_run)
        elif dry_run:
            name = state.batch.name
            line = f"rebalance {name} was cut off; the next run ends it"
            return Answer({"outcome": "cut off", "batch": name}, [line])
        return done(rebalance(broker, wanted, prices, on=on, rules=settings.rules), broker.state)


def _due(state: AccountState, plan: OrderPlan, on: date, schedule: RebalanceSchedule) -> Due:
    """Say whether a rebalance is due; a drift that no trade can mend does not ask for one."""
    due = is_due(state.last_rebalance, on, schedule, drift=plan.drift_before)
    by_calendar = is_due(state.last_rebalance, on, schedule)
    if due.is_due and not by_calendar.is_due and not plan.orders:
        return Due(False, f"{due.reason}, but no trade brings it nearer than it costs")
    return due


def reconcile_account(
    ledger: Source,
    statement: Source,
    *,
    on: date,
    instruments: Source | None = None,
    reason: str | None = None,
) -> Answer:
    """Compare an account with a statement; adjust the ledger only if a reason is given.

    Args:
        ledger: File of the ledger.
        statement: Table in the form of holdings.
        on: Day of the comparison.
        instruments: Table with prices, for an adjustment of shares.
        reason: Why the ledger is to be adjusted; None for no adjustment.

    Raises:
        DataError: A table can't be read, or a price is missing.
    """
    prices = {} if instruments is None else _prices(instruments)
    told = read_holdings(statement, on=on)
    with Ledger.open(ledger) as opened:
        broker = PaperBroker(opened)
        found = reconcile(broker.state.holdings, told)
        is_adjusted = reason is not None and not found.agrees
        if reason is not None:
            adjust(broker, found, reason=reason, prices=prices, on=on)
    return compared(found, is_adjusted=is_adjusted)


def show_account(
    ledger: Source,
    *,
    prices: Source | None = None,
    on: date | None = None,
    kept: str | None = None,
) -> Answer:
    """Say what is in an account, and what it has earned since its first day.

    Args:
        ledger: File of the ledger.
        prices: Table of daily prices; None for those in the ledger.
        on: Last day; None for the last one of the prices or the ledger.
        kept: Digest that was shown earlier; the ledger must still hold its event.

    Raises:
        DataError: The prices can't be read, or lack something held.
        ArtifactError: The event of the digest that was kept is missing.
    """
    history = None if prices is None else read_prices(prices, minimum_assets=1)
    with Ledger.open(ledger) as opened:
        if kept is not None and kept not in {event.digest for event in opened.events()}:
            raise ArtifactError(f"{ledger}: the event {kept[:12]}... is missing; use a backup")
        events = [event for event in opened.events() if on is None or event.on <= on]
        found = account_performance(events, history, until=on)
        head = opened.head
    return shown(found, state_of(events), head=head)
