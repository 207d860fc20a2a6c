"""Execution of advice: orders, a paper broker on a ledger, reconciliation, performance."""

from typing import TYPE_CHECKING

from scenara.shared.lazy import lazy_names

if TYPE_CHECKING:
    from scenara.finance.advisor.execution.orders import make_orders
    from scenara.finance.advisor.execution.plan import Order, OrderPlan, write_orders
    from scenara.finance.advisor.execution.rules import TradingRules

__all__ = [
    "Order",
    "OrderPlan",
    "TradingRules",
    "make_orders",
    "write_orders",
]

_HOMES = {
    "orders": ["make_orders"],
    "plan": ["Order", "OrderPlan", "write_orders"],
    "rules": ["TradingRules"],
}

__getattr__ = lazy_names(__name__, _HOMES)
