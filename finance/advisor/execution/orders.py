"""From target weights to orders against what is held."""

import math
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal

from scenara.finance.advisor.cells import nearest
from scenara.finance.advisor.execution.allocation import affordable, allocate
from scenara.finance.advisor.execution.desk import Desk
from scenara.finance.advisor.execution.plan import OrderPlan, settled
from scenara.finance.advisor.execution.rules import TradingRules
from scenara.finance.advisor.holdings import Holdings
from scenara.finance.advisor.instruments import CASH
from scenara.finance.advisor.money import exact
from scenara.shared.errors import DataError
from scenara.shared.types import IntArray

__all__ = ["checked_targets", "make_orders"]

_ROUNDING = 1e-6
_MOST_ROUNDS = 10


def make_orders(
    targets: Mapping[str, float],
    holdings: Holdings,
    prices: Mapping[str, float],
    *,
    on: date,
    rules: TradingRules | None = None,
    losses: Mapping[str, date] | None = None,
) -> OrderPlan:
    """Give the orders that bring holdings to target weights, as near as their steps allow.

    Inside the drift band there are none. Outside of it, values are brought to their targets in
    the least squares of the deviations, cash being one of them; purchases and fees and tax never
    take more than the cash and the proceeds. Orders below the minimum trade are left out, and
    once the orders are filled the same targets and prices give none.

    Args:
        targets: Symbol -> weight; held symbols that are not named are sold, and what the weights
            leave of one is cash, which may also be named CASH.
        holdings: Lots and cash that are held.
        prices: Symbol -> quoted price of a share, of all that is held or wanted.
        on: Day of the orders, which decides how long lots were held.
        rules: How to trade; None for the defaults.
        losses: Symbol -> day on which it was last sold at a loss, to flag purchases that undo
            the loss for tax; None for no such sale.

    Returns:
        The orders, sales first, and the holdings they lead to.

    Raises:
        DataError: A weight or a price is missing or can't be meant, or there is no money.

    Example:
        >>> plan = make_orders(
        ...     {"VTI": 0.6, "BND": 0.4},
        ...     Holdings(cash=Decimal(1000)),
        ...     {"VTI": 250.0, "BND": 70.0},
        ...     on=date(2024, 6, 3),
        ... )
        >>> [(order.side, order.symbol, int(order.quantity)) for order in plan.orders]
        [('buy', 'VTI', 2), ('buy', 'BND', 6)]
        >>> plan.after.cash, round(plan.weights_after["VTI"], 3)
        (Decimal('80.00'), 0.5)
    """
    rules = rules or TradingRules()
    weights = checked_targets(targets)
    needed = dict.fromkeys([*weights, *holdings.quantities()])
    desk = Desk(holdings, weights, _priced(list(needed), prices), on, rules, losses or {})
    if not desk.wealth > 0:
        raise DataError("holdings: expected shares or cash to invest, found nothing")
    return _plan(desk, _lasting(desk))


def _plan(desk: Desk, steps: IntArray) -> OrderPlan:
    orders, tax = desk.orders(steps), desk.tax(steps)
    after = settled(desk.holdings, orders, on=desk.on, tax=tax)
    return OrderPlan(orders, desk.weights, desk.prices, desk.holdings, after, tax)


def _lasting(desk: Desk) -> IntArray:
    """Give trades after which no further ones are asked for: where there are, they are added."""
    steps = allocate(desk)
    for _ in range(_MOST_ROUNDS):
        after = replace(desk, holdings=_plan(desk, steps).after)
        further = allocate(after)
        together = affordable(desk, steps + further)
        if not further.any() or not desk.is_allowed(together):
            break
        steps = together
    return steps


def checked_targets(targets: Mapping[str, float]) -> dict[str, float]:
    """Check target weights and give those of instruments, without cash.

    Args:
        targets: Symbol -> weight; CASH may be among them, and then they add up to one.

    Raises:
        DataError: A weight is negative or no number, or they add up to more than one.

    Example:
        >>> checked_targets({"VTI": 0.7, "CASH": 0.3})
        {'VTI': 0.7}
    """
    for symbol, weight in targets.items():
        if not (math.isfinite(weight) and weight >= 0):
            raise DataError(f"targets: expected a weight in [0, 1] of {symbol}, found {weight}")
    total = sum(targets.values())
    if total > 1 + _ROUNDING or (CASH in targets and total < 1 - _ROUNDING):
        expected = "exactly 1, as CASH is among them" if CASH in targets else "at most 1"
        raise DataError(f"targets: expected weights that add up to {expected}, found {total:g}")
    scale = max(1.0, total)
    return {symbol: weight / scale for symbol, weight in targets.items() if symbol != CASH}


def _priced(symbols: list[str], prices: Mapping[str, float]) -> dict[str, Decimal]:
    for symbol in symbols:
        if symbol not in prices:
            advice = f"; {nearest(symbol, list(prices))}" if prices else ""
            raise DataError(f"prices: there is none of {symbol!r}{advice}")
        if not (math.isfinite(prices[symbol]) and prices[symbol] > 0):
            raise DataError(f"prices: expected one above 0 of {symbol}, found {prices[symbol]}")
    return {symbol: exact(prices[symbol]) for symbol in symbols}
