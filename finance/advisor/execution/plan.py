"""Orders and what they lead to: what passes from planning to trading."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Literal

import pandas as pd

from scenara.finance.advisor.execution.lots import (
    LotSale,
    buy_lot,
    is_soon_after,
    is_wash_sale,
    remaining_lots,
    sell_lots,
)
from scenara.finance.advisor.execution.rules import TradingRules
from scenara.finance.advisor.holdings import Holdings, Lot
from scenara.finance.advisor.instruments import CASH
from scenara.finance.advisor.money import from_cents, to_cents
from scenara.shared.errors import DataError

__all__ = ["Order", "OrderPlan", "Side", "make_order", "settled", "write_orders"]

Side = Literal["buy", "sell"]


@dataclass(frozen=True)
class Order:
    """Hold one order and what it is expected to do; amounts are in currency units.

    Args:
        side: Buy or sell.
        symbol: Of the instrument.
        quantity: Shares, above 0.
        price: Price of a share that is paid or received, half a spread away from the quoted one.
        fee: Fee of the order.
        sales: Lots that a sale takes.
        wash_sale: Whether a loss may not count for tax: that of this sale, as shares bought
            within 30 days are kept, or an earlier one, as this purchase is within 30 days of it.

    Raises:
        DataError: The quantity or the price is not above 0.
    """

    side: Side
    symbol: str
    quantity: Decimal
    price: Decimal
    fee: Decimal = Decimal(0)
    sales: tuple[LotSale, ...] = ()
    wash_sale: bool = False

    def __post_init__(self) -> None:
        """Refuse an order of nothing."""
        if not (self.quantity > 0 and self.price > 0):
            raise DataError(
                f"{self.symbol}: expected a quantity and a price above 0, "
                f"found {self.quantity} at {self.price}"
            )

    @property
    def value(self) -> Decimal:
        """Quantity times price, in whole cents."""
        return from_cents(to_cents(self.quantity * self.price))

    @property
    def cash_change(self) -> Decimal:
        """What comes into the account, fee deducted; negative for a purchase."""
        return (self.value if self.side == "sell" else -self.value) - self.fee

    @property
    def gain(self) -> Decimal:
        """Realised gain of a sale after its fee, 0 for a purchase."""
        return sum((sale.gain for sale in self.sales), start=Decimal(0))

    def gain_of_term(self, *, is_long: bool) -> Decimal:
        """Give the part of the gain on lots held for more than 365 days, or on the others.

        Args:
            is_long: Which of the two.
        """
        parts = (sale.gain for sale in self.sales if sale.is_long_term == is_long)
        return sum(parts, start=Decimal(0))


def make_order(
    symbol: str,
    quantity: Decimal,
    *,
    price: Decimal,
    lots: tuple[Lot, ...] = (),
    on: date,
    rules: TradingRules,
    last_loss: date | None = None,
) -> Order:
    """Make the order that changes a holding by a quantity, with its fee and the lots it takes.

    Args:
        symbol: Of the instrument.
        quantity: Shares to buy, or to sell if negative.
        price: Quoted price of a share.
        lots: Lots of the symbol that are held.
        on: Day of the order.
        rules: Fees, spread and choice of lots.
        last_loss: Day on which the symbol was last sold at a loss; None for never.

    Raises:
        DataError: The quantity is 0, or more is to be sold than is held.

    Example:
        >>> rules = TradingRules(fee_fixed=1.0)
        >>> day = date(2024, 6, 3)
        >>> order = make_order("VTI", Decimal(4), price=Decimal(250), on=day, rules=rules)
        >>> order.side, order.cash_change
        ('buy', Decimal('-1001.00'))
    """
    paid = rules.fill_price(price, is_buy=quantity > 0)
    shares = abs(quantity)
    order = Order("buy" if quantity > 0 else "sell", symbol, shares, paid)
    fee = rules.fee(order.value)
    if quantity > 0:
        is_soon = is_soon_after(last_loss, on=on)
        return Order("buy", symbol, shares, paid, fee, wash_sale=is_soon)
    net_price = (order.value - fee) / shares
    sales = sell_lots(lots, shares, net_price=net_price, on=on, rules=rules)
    return Order("sell", symbol, shares, paid, fee, sales, is_wash_sale(lots, sales, on=on))


def settled(holdings: Holdings, orders: Iterable[Order], *, on: date, tax: Decimal) -> Holdings:
    """Give what is held once orders are filled and the tax on their gains is paid.

    Args:
        holdings: What was held before.
        orders: Filled at their prices.
        on: Day of the fills.
        tax: Paid at the end, in currency units.

    Raises:
        DataError: A lot that is sold is not held, or the cash does not suffice.
    """
    lots, cash = holdings.lots, holdings.cash - tax
    for order in orders:
        cash += order.cash_change
        lots = remaining_lots(lots, order.sales)
        if order.side == "buy":
            paid = -order.cash_change
            lots = (*lots, buy_lot(order.symbol, order.quantity, paid=paid, on=on))
    return Holdings(lots, cash)


@dataclass(frozen=True)
class OrderPlan:
    """Hold the orders that bring holdings to their targets, and what they do.

    Args:
        orders: Sales first, so that their proceeds pay the purchases.
        targets: Symbol -> weight; what they leave of one is cash.
        prices: Symbol -> quoted price of all that is held or wanted.
        before: Holdings before the orders.
        after: Holdings after them, fees and tax paid.
        tax: Estimated tax on the gains, in currency units.
    """

    orders: tuple[Order, ...]
    targets: Mapping[str, float]
    prices: Mapping[str, Decimal]
    before: Holdings
    after: Holdings
    tax: Decimal = Decimal(0)

    @cached_property
    def weights_before(self) -> dict[str, float]:
        """Weight of each symbol and of cash before the orders."""
        return self._weights(self.before)

    @cached_property
    def weights_after(self) -> dict[str, float]:
        """Weight of each symbol and of cash after the orders."""
        return self._weights(self.after)

    @property
    def drift_before(self) -> float:
        """Largest difference between a weight and its target before the orders."""
        return self._drift(self.weights_before)

    @property
    def drift_after(self) -> float:
        """Largest difference between a weight and its target after the orders."""
        return self._drift(self.weights_after)

    @property
    def fees(self) -> Decimal:
        """Sum of the fees, in currency units."""
        return sum((order.fee for order in self.orders), start=Decimal(0))

    @property
    def gain(self) -> Decimal:
        """Realised gain of all sales after their fees, in currency units."""
        return sum((order.gain for order in self.orders), start=Decimal(0))

    def to_frame(self) -> pd.DataFrame:
        """Give the orders as a table, one a row, amounts in currency units."""
        columns = ["side", "symbol", "quantity", "price", "value", "fee", "gain", "wash_sale"]
        return pd.DataFrame([_row(order) for order in self.orders], columns=columns)

    def _weights(self, holdings: Holdings) -> dict[str, float]:
        prices = {symbol: float(price) for symbol, price in self.prices.items()}
        wealth = holdings.total(prices)
        values = {**dict.fromkeys(self.prices, 0.0), **holdings.values(prices)}
        return {name: v / wealth for name, v in {**values, CASH: float(holdings.cash)}.items()}

    def _drift(self, weights: Mapping[str, float]) -> float:
        targets = {CASH: 1 - sum(self.targets.values()), **self.targets}
        return max(abs(weight - targets.get(name, 0.0)) for name, weight in weights.items())


def _row(order: Order) -> dict[str, object]:
    return {
        "side": order.side,
        "symbol": order.symbol,
        "quantity": f"{order.quantity.normalize():f}",
        "price": f"{order.price.normalize():f}",
        "value": order.value,
        "fee": order.fee,
        "gain": from_cents(to_cents(order.gain)),
        "wash_sale": order.wash_sale,
    }


def write_orders(plan: OrderPlan, path: str | os.PathLike[str]) -> None:
    """Write the orders of a plan as CSV; a plan without orders has only the header.

    Args:
        plan: The orders.
        path: The file.
    """
    plan.to_frame().to_csv(path, index=False, lineterminator="\n")
