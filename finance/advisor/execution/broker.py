"""A broker on paper: it fills orders at the prices given and keeps the account in a ledger."""

import math
from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from scenara.finance.advisor.execution.event import Draft, Event
from scenara.finance.advisor.execution.ledger import Ledger
from scenara.finance.advisor.execution.lots import remaining_lots
from scenara.finance.advisor.execution.plan import Order
from scenara.finance.advisor.execution.state import (
    AccountState,
    lot_to_list,
    order_to_payload,
    state_of,
)
from scenara.finance.advisor.holdings import Holdings
from scenara.finance.advisor.money import exact, from_cents, to_cents
from scenara.shared.errors import DataError

__all__ = ["PaperBroker", "opening"]


def opening(holdings: Holdings, prices: Mapping[str, float], *, on: date) -> tuple[Draft, ...]:
    """Give the events that bring holdings into a new account.

    Args:
        holdings: Lots and cash that are brought in.
        prices: Symbol -> price of all that is held, at which it counts as brought in.
        on: Day of the opening.

    Raises:
        DataError: A price is missing.
    """
    held = holdings.quantities()
    missing = [symbol for symbol in held if symbol not in prices]
    if missing:
        raise DataError(f"prices: there is none of {missing[0]!r}, which is held; add it")
    quoted = {symbol: str(exact(prices[symbol])) for symbol in held}
    lots = [lot_to_list(lot) for lot in holdings.lots]
    events = []
    if lots:
        events.append(Draft("transfer", on, {"lots": lots, "prices": quoted}, key="opening-lots"))
    if holdings.cash:
        cents = {"cents": to_cents(holdings.cash)}
        events.append(Draft("deposit", on, cents, key="opening-cash"))
    return tuple(events)


class PaperBroker:
    """Fill orders and book money on the account of a ledger, each key once.

    Args:
        ledger: The account's ledger.

    Example:
        >>> import pathlib, tempfile
        >>> day = date(2024, 6, 3)
        >>> path = pathlib.Path(tempfile.mkdtemp()) / "account.ledger"
        >>> broker = PaperBroker(Ledger.create(path, on=day))
        >>> _ = broker.deposit(Decimal(1000), on=day)
        >>> order = Order("buy", "VTI", Decimal(2), price=Decimal(250), fee=Decimal(1))
        >>> _ = broker.submit(order, on=day, key="first"), broker.submit(order, on=day, key="first")
        >>> broker.state.holdings.cash, broker.state.lots[0].quantity
        (Decimal('499.00'), Decimal('2'))
    """

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self._known: Event | None = None
        self._state = AccountState()

    @property
    def state(self) -> AccountState:
        """The account after all its events."""
        events = self.ledger.events()
        known = self._known
        if known is None or known.sequence > len(events) or events[known.sequence - 1] != known:
            self._state, known = AccountState(), None
        self._state = state_of(events[known.sequence if known else 0 :], start=self._state)
        self._known = events[-1] if events else None
        return self._state

    def submit(self, order: Order, *, on: date, key: str, batch: str | None = None) -> Event:
        """Fill an order at its price; the same key again gives the fill that there is.

        Args:
            order: What to buy or sell; a sale names its lots.
            on: Day of the fill.
            key: Name of the order, unique in the account.
            batch: Rebalance that the order belongs to; None for none.

        Returns:
            The fill.

        Raises:
            DataError: The cash or the lots don't suffice, or a rebalance was cut off.
            ConfigError: Another order has that key.
        """
        payload = {"order": order_to_payload(order), **({"batch": batch} if batch else {})}
        with self.ledger.transaction():
            if not any(event.draft.key == key for event in self.ledger.events()):
                self.refuse_while_rebalancing(but=batch)
                self._check(order)
            return self.ledger.append(Draft("fill", on, payload, key=key))

    def deposit(self, amount: Decimal, *, on: date, key: str | None = None) -> Event:
        """Bring cash in, or take it out if the amount is negative.

        Args:
            amount: Currency units.
            on: Day of the deposit.
            key: Name of the deposit, so that it happens once; None if it may happen again.

        Raises:
            DataError: More is taken out than there is.
        """
        cents = to_cents(amount)
        return self._book(Draft("deposit", on, {"cents": cents}, key), change=cents)

    def charge(self, amount: Decimal, what: str, *, on: date, key: str | None = None) -> Event:
        """Take a fee from the account, such as that for advice.

        Args:
            amount: Currency units, at least 0.
            what: What it is for.
            on: Day of the fee.
            key: Name of the fee, so that it is taken once.

        Raises:
            DataError: The amount is negative, or the cash does not suffice.
        """
        cents = _not_negative(amount, "fee")
        return self._book(Draft("fee", on, {"cents": cents, "what": what}, key), change=-cents)

    def dividend(self, symbol: str, amount: Decimal, *, on: date, key: str | None = None) -> Event:
        """Receive a dividend in cash.

        Args:
            symbol: What pays it.
            amount: Currency units.
            on: Day of the payment.
            key: Name of the dividend, so that it is received once.

        Raises:
            DataError: The amount is negative.
        """
        cents = _not_negative(amount, "dividend")
        payload = {"cents": cents, "symbol": symbol}
        return self._book(Draft("dividend", on, payload, key), change=cents)

    def mark(self, prices: Mapping[str, float], *, on: date) -> Event:
        """Write prices down, at which the account is valued from then on.

        Args:
            prices: Symbol -> price of a share.
            on: Day of the prices.

        Raises:
            DataError: A price is not above 0.
        """
        for symbol, price in prices.items():
            if not (math.isfinite(price) and price > 0):
                raise DataError(f"prices: expected one above 0 of {symbol}, found {price}")
        quoted = {symbol: str(exact(price)) for symbol, price in sorted(prices.items())}
        return self.ledger.append(Draft("prices", on, {"prices": quoted}))

    def refuse_while_rebalancing(self, *, but: str | None = None) -> None:
        """Refuse what would take cash or shares from a rebalance that was cut off.

        Args:
            but: Name of the rebalance that may go on; None for none.

        Raises:
            DataError: Another rebalance, or any, has begun and not ended.
        """
        batch = self.state.batch
        if batch is not None and batch.name != but:
            raise DataError(
                f"{self.ledger.path}: rebalance {batch.name} was cut off; run it again first, "
                "so that it ends"
            )

    def ever_held(self) -> list[str]:
        """Give the symbols that are or were in the account, in order."""
        found = [lot.symbol for lot in self.state.lots]
        for event in self.ledger.events():
            if event.kind == "fill":
                found.append(event.payload["order"]["symbol"])
            if event.kind == "transfer":
                found += [symbol for symbol, *_ in event.payload["lots"]]
        return sorted(set(found))

    def _book(self, draft: Draft, *, change: int) -> Event:
        with self.ledger.transaction():
            is_new = draft.key is None or all(
                event.draft.key != draft.key for event in self.ledger.events()
            )
            cash = self.state.cash_cents
            if is_new and change < 0:
                self.refuse_while_rebalancing()
            if is_new and change < 0 and cash + change < 0:
                raise DataError(
                    f"{draft.kind}: expected at most the cash of {from_cents(cash)}, "
                    f"found {from_cents(-change)}; sell something first"
                )
            return self.ledger.append(draft)

    def _check(self, order: Order) -> None:
        state = self.state
        after = state.cash_cents + to_cents(order.cash_change)
        if after < 0 and order.cash_change < 0:
            raise DataError(
                f"{order.symbol}: the order takes {-order.cash_change} from cash of "
                f"{from_cents(state.cash_cents)}; expected an order that the cash pays"
            )
        sold = sum((sale.quantity for sale in order.sales), start=Decimal(0))
        if order.side == "sell" and sold != order.quantity:
            raise DataError(
                f"{order.symbol}: expected a sale that names lots of {order.quantity} shares, "
                f"found {sold}"
            )
        remaining_lots(state.lots, order.sales)


def _not_negative(amount: Decimal, what: str) -> int:
    if not (amount.is_finite() and amount >= 0):
        raise DataError(f"{what}: expected an amount of at least 0, found {amount}")
    return to_cents(amount)
