"""What an account is after its events: a pure fold, so that a ledger needs no balance of its own."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

from scenara.finance.advisor.execution.event import Event
from scenara.finance.advisor.execution.lots import (
    LotSale,
    buy_lot,
    remaining_lots,
    sell_lots,
)
from scenara.finance.advisor.execution.plan import Order
from scenara.finance.advisor.execution.rules import TradingRules
from scenara.finance.advisor.holdings import Holdings, Lot
from scenara.finance.advisor.money import from_cents, to_cents
from scenara.shared.errors import ArtifactError

__all__ = [
    "AccountState",
    "Batch",
    "applied",
    "lot_to_list",
    "order_from_payload",
    "order_to_payload",
    "state_of",
]


@dataclass(frozen=True)
class Batch:
    """Hold a rebalance that has begun.

    Args:
        name: Its identity.
        on: Day on which it began.
        orders: Planned orders by number.
        tax_cents: Tax on their gains, paid at the end.
        n_filled: How many are filled, in their order.
    """

    name: str
    on: date
    orders: tuple[Order, ...] = ()
    tax_cents: int = 0
    n_filled: int = 0


@dataclass(frozen=True)
class AccountState:
    """Hold what an account is; amounts are whole cents.

    Args:
        account: Identity of the account, the digest of its first event.
        currency: Currency of all amounts.
        cash_cents: Cash.
        lots: Tax lots.
        prices: Last price known of each symbol.
        fees_cents: All fees paid.
        taxes_cents: All taxes paid.
        dividends_cents: All dividends received.
        gains_cents: Realised gains of all sales, after their fees.
        bought_cents: Value of all purchases.
        sold_cents: Value of all sales.
        losses: Symbol -> day on which it was last sold at a loss.
        batch: The rebalance that has begun and not ended.
        last_rebalance: Day on which the last one that ended had begun.
    """

    account: str = ""
    currency: str = ""
    cash_cents: int = 0
    lots: tuple[Lot, ...] = ()
    prices: Mapping[str, Decimal] = field(default_factory=dict)
    fees_cents: int = 0
    taxes_cents: int = 0
    dividends_cents: int = 0
    gains_cents: int = 0
    bought_cents: int = 0
    sold_cents: int = 0
    losses: Mapping[str, date] = field(default_factory=dict)
    batch: Batch | None = None
    last_rebalance: date | None = None

    @property
    def holdings(self) -> Holdings:
        """Lots and cash."""
        return Holdings(self.lots, from_cents(self.cash_cents))


def order_to_payload(order: Order) -> dict[str, Any]:
    """Give an order as it is written into a ledger.

    Args:
        order: The order.
    """
    return {
        "side": order.side,
        "symbol": order.symbol,
        "quantity": str(order.quantity),
        "price": str(order.price),
        "cents": to_cents(order.value),
        "fee_cents": to_cents(order.fee),
        "sales": [
            [*lot_to_list(sale.lot), str(sale.quantity), str(sale.gain), sale.is_long_term]
            for sale in order.sales
        ],
        "wash_sale": order.wash_sale,
    }


def order_from_payload(payload: Mapping[str, Any]) -> Order:
    """Give the order that was written.

    Args:
        payload: What :func:`order_to_payload` gave.
    """
    sales = tuple(
        LotSale(_lot(lot), Decimal(quantity), Decimal(gain), is_long_term)
        for *lot, quantity, gain, is_long_term in payload["sales"]
    )
    return Order(
        payload["side"],
        payload["symbol"],
        Decimal(payload["quantity"]),
        Decimal(payload["price"]),
        from_cents(payload["fee_cents"]),
        sales,
        payload["wash_sale"],
    )


def lot_to_list(lot: Lot) -> list[str]:
    """Give a lot as it is written into a ledger.

    Args:
        lot: The lot.
    """
    day = lot.purchase_date.isoformat()
    return [lot.symbol, str(lot.quantity), day, str(lot.cost_per_share)]


def _lot(written: list[str]) -> Lot:
    symbol, quantity, day, cost = written
    return Lot(symbol, Decimal(quantity), date.fromisoformat(day), Decimal(cost))


def _priced(state: AccountState, prices: Mapping[str, str]) -> AccountState:
    known = {symbol: Decimal(price) for symbol, price in prices.items()}
    return replace(state, prices={**state.prices, **known})


def _open(state: AccountState, event: Event) -> AccountState:
    return replace(state, account=event.digest, currency=event.payload["currency"])


def _deposit(state: AccountState, event: Event) -> AccountState:
    return replace(state, cash_cents=state.cash_cents + event.payload["cents"])


def _transfer(state: AccountState, event: Event) -> AccountState:
    lots = tuple(_lot(written) for written in event.payload["lots"])
    return _priced(replace(state, lots=state.lots + lots), event.payload["prices"])


def _prices(state: AccountState, event: Event) -> AccountState:
    return _priced(state, event.payload["prices"])


def _begin(state: AccountState, event: Event) -> AccountState:
    payload = event.payload
    return replace(state, batch=Batch(payload["batch"], event.on, (), payload["tax_cents"]))


def _order(state: AccountState, event: Event) -> AccountState:
    if state.batch is None:
        raise ArtifactError(f"event {event.sequence}: an order outside of a rebalance")
    orders = (*state.batch.orders, order_from_payload(event.payload["order"]))
    return replace(state, batch=replace(state.batch, orders=orders))


def _fill(state: AccountState, event: Event) -> AccountState:
    order = order_from_payload(event.payload["order"])
    cents, fee = to_cents(order.value), to_cents(order.fee)
    is_sale = order.side == "sell"
    lots = remaining_lots(state.lots, order.sales)
    if not is_sale:
        paid = -order.cash_change
        lots = (*lots, buy_lot(order.symbol, order.quantity, paid=paid, on=event.on))
    is_loss = any(sale.gain < 0 for sale in order.sales)
    batch = state.batch
    if batch is not None and event.payload.get("batch") == batch.name:
        batch = replace(batch, n_filled=batch.n_filled + 1)
    return replace(
        state,
        cash_cents=state.cash_cents + to_cents(order.cash_change),
        lots=lots,
        fees_cents=state.fees_cents + fee,
        gains_cents=state.gains_cents + to_cents(order.gain),
        bought_cents=state.bought_cents + (0 if is_sale else cents),
        sold_cents=state.sold_cents + (cents if is_sale else 0),
        losses={**state.losses, order.symbol: event.on} if is_loss else state.losses,
        batch=batch,
    )


def _tax(state: AccountState, event: Event) -> AccountState:
    cents = event.payload["cents"]
    return replace(
        state, cash_cents=state.cash_cents - cents, taxes_cents=state.taxes_cents + cents
    )


def _end(state: AccountState, event: Event) -> AccountState:
    began = event.on if state.batch is None else state.batch.on
    return replace(state, batch=None, last_rebalance=began)


def _fee(state: AccountState, event: Event) -> AccountState:
    cents = event.payload["cents"]
    return replace(state, cash_cents=state.cash_cents - cents, fees_cents=state.fees_cents + cents)


def _dividend(state: AccountState, event: Event) -> AccountState:
    cents = event.payload["cents"]
    received = state.dividends_cents + cents
    return replace(state, cash_cents=state.cash_cents + cents, dividends_cents=received)


def _adjust(state: AccountState, event: Event) -> AccountState:
    payload = event.payload
    state = replace(state, cash_cents=state.cash_cents + payload["cents"])
    if "symbol" not in payload:
        return state
    symbol, quantity = payload["symbol"], Decimal(payload["quantity"])
    price = Decimal(payload["price"])
    if quantity > 0:
        return replace(state, lots=(*state.lots, Lot(symbol, quantity, event.on, price)))
    held = [lot for lot in state.lots if lot.symbol == symbol]
    sales = sell_lots(held, -quantity, net_price=price, on=event.on, rules=TradingRules())
    return replace(state, lots=remaining_lots(state.lots, sales))


_APPLIED: dict[str, Callable[[AccountState, Event], AccountState]] = {
    "open": _open,
    "deposit": _deposit,
    "transfer": _transfer,
    "prices": _prices,
    "rebalance-begin": _begin,
    "order": _order,
    "fill": _fill,
    "tax": _tax,
    "rebalance-end": _end,
    "fee": _fee,
    "dividend": _dividend,
    "adjust": _adjust,
}


def applied(state: AccountState, event: Event) -> AccountState:
    """Give the account after one more event.

    Args:
        state: The account before.
        event: What happened.

    Raises:
        ArtifactError: The event contradicts the account, as in a ledger made by hand.
    """
    try:
        return _APPLIED[event.kind](state, event)
    except (KeyError, TypeError, ValueError, ArithmeticError) as error:
        raise ArtifactError(
            f"ledger: event {event.sequence} ({event.kind}) can't have happened: {error}"
        ) from error


def state_of(events: Iterable[Event], *, start: AccountState | None = None) -> AccountState:
    """Give the account after events.

    Args:
        events: In their order.
        start: The account before them; None for one that is not yet open.
    """
    state = start or AccountState()
    for event in events:
        state = applied(state, event)
    return state
