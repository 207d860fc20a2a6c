"""Execution of advice: orders, a paper broker on a ledger, reconciliation, performance."""

from typing import TYPE_CHECKING

from scenara.shared.lazy import lazy_names

if TYPE_CHECKING:
    from scenara.finance.advisor.execution.broker import PaperBroker, opening
    from scenara.finance.advisor.execution.cash_flows import money_weighted_return
    from scenara.finance.advisor.execution.event import Draft, Event
    from scenara.finance.advisor.execution.ledger import Ledger
    from scenara.finance.advisor.execution.orders import make_orders
    from scenara.finance.advisor.execution.performance import (
        AccountPerformance,
        account_performance,
    )
    from scenara.finance.advisor.execution.plan import Order, OrderPlan, make_order, write_orders
    from scenara.finance.advisor.execution.rebalancing import Rebalance, rebalance
    from scenara.finance.advisor.execution.reconciliation import (
        Difference,
        Reconciliation,
        adjust,
        reconcile,
    )
    from scenara.finance.advisor.execution.rules import TradingRules
    from scenara.finance.advisor.execution.schedule import (
        Due,
        RebalanceSchedule,
        due_dates,
        is_due,
    )
    from scenara.finance.advisor.execution.settings import AccountSettings
    from scenara.finance.advisor.execution.state import AccountState, state_of
    from scenara.finance.advisor.execution.targets import read_targets

__all__ = [
    "AccountPerformance",
    "AccountSettings",
    "AccountState",
    "Difference",
    "Draft",
    "Due",
    "Event",
    "Ledger",
    "Order",
    "OrderPlan",
    "PaperBroker",
    "Rebalance",
    "RebalanceSchedule",
    "Reconciliation",
    "TradingRules",
    "account_performance",
    "adjust",
    "due_dates",
    "is_due",
    "make_order",
    "make_orders",
    "money_weighted_return",
    "opening",
    "read_targets",
    "rebalance",
    "reconcile",
    "state_of",
    "write_orders",
]

_HOMES = {
    "broker": ["PaperBroker", "opening"],
    "cash_flows": ["money_weighted_return"],
    "event": ["Draft", "Event"],
    "ledger": ["Ledger"],
    "orders": ["make_orders"],
    "performance": ["AccountPerformance", "account_performance"],
    "plan": ["Order", "OrderPlan", "make_order", "write_orders"],
    "rebalancing": ["Rebalance", "rebalance"],
    "reconciliation": ["Difference", "Reconciliation", "adjust", "reconcile"],
    "rules": ["TradingRules"],
    "schedule": ["Due", "RebalanceSchedule", "due_dates", "is_due"],
    "settings": ["AccountSettings"],
    "state": ["AccountState", "state_of"],
    "targets": ["read_targets"],
}

__getattr__ = lazy_names(__name__, _HOMES)
