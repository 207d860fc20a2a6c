"""What the commands of an account say, for programs and for people."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pandas as pd

from scenara.finance.advisor.execution.performance import AccountPerformance
from scenara.finance.advisor.execution.plan import Order, OrderPlan
from scenara.finance.advisor.execution.rebalancing import Rebalance
from scenara.finance.advisor.execution.reconciliation import Reconciliation
from scenara.finance.advisor.execution.schedule import Due
from scenara.finance.advisor.execution.state import AccountState
from scenara.finance.advisor.money import from_cents

__all__ = ["Answer", "compared", "done", "money", "not_done", "shown"]


@dataclass(frozen=True)
class Answer:
    """Hold what a command says.

    Args:
        facts: For programs; JSON-able, amounts as text.
        lines: For people.
    """

    facts: Mapping[str, Any] = field(default_factory=dict)
    lines: Sequence[str] = ()


def money(amount: float | Decimal) -> str:
    """Give an amount with two decimals and commas.

    Args:
        amount: Currency units.

    Example:
        >>> money(Decimal("1234.5"))
        '1,234.50'
    """
    return f"{amount:,.2f}"


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}"


def not_done(plan: OrderPlan, due: Due, *, dry_run: bool) -> Answer:
    """Say what a rebalance would do that is not due, or only tried.

    Args:
        plan: Its orders.
        due: Whether it is due, and why.
        dry_run: Whether it is only tried.
    """
    outcome = "dry run" if dry_run else "not due"
    facts = {
        "outcome": outcome,
        "due": due.is_due,
        "reason": due.reason,
        "drift_before": plan.drift_before,
        "drift_after": plan.drift_after,
        "orders": [_told(order) for order in plan.orders] if dry_run else [],
        "fees": str(plan.fees),
        "tax": str(plan.tax),
    }
    if not dry_run:
        return Answer(facts, [f"no rebalance: {due.reason}"])
    verdict = "due" if due.is_due else "not due"
    lines = [f"{verdict}: {due.reason}", *_order_lines(plan.orders)]
    drift = f"drift {100 * plan.drift_before:.2f} -> {100 * plan.drift_after:.2f} points"
    costs = f"fees {money(plan.fees)}, estimated tax {money(plan.tax)}"
    left = f"cash left {money(plan.after.cash)}"
    return Answer(facts, [*lines, f"{drift}, {costs}, {left}", "dry run: nothing was written"])


def done(run: Rebalance, state: AccountState) -> Answer:
    """Say what a rebalance has done.

    Args:
        run: The rebalance.
        state: The account after it.
    """
    cash = from_cents(state.cash_cents)
    facts = {
        "outcome": run.outcome,
        "batch": run.batch,
        "orders": [_told(order) for order in run.orders],
        "filled_now": run.n_filled,
        "cash": str(cash),
    }
    if run.outcome == "done before":
        return Answer(facts, [f"rebalance {run.batch} was done before; nothing was written"])
    verb = "was cut off and is ended now" if run.outcome == "resumed" else "done"
    first = f"rebalance {run.batch} {verb}: {run.n_filled} of {len(run.orders)} orders filled now"
    return Answer(
        facts, [first, *_order_lines(run.orders), f"cash: {money(cash)} {state.currency}"]
    )


def _told(order: Order) -> dict[str, Any]:
    return {
        "side": order.side,
        "symbol": order.symbol,
        "quantity": _plain(order.quantity),
        "price": _plain(order.price),
        "value": str(order.value),
        "fee": str(order.fee),
        "wash_sale": order.wash_sale,
    }


def _order_lines(orders: Iterable[Order]) -> list[str]:
    lines = [
        f"  {order.side} {_plain(order.quantity)} {order.symbol} at {_plain(order.price)}"
        f" = {money(order.value)}"
        + (" (a loss may not count for tax: bought within 30 days of it)" * order.wash_sale)
        for order in orders
    ]
    return lines or ["  no orders: no trade brings weights nearer to their targets than it costs"]


def compared(found: Reconciliation, *, is_adjusted: bool) -> Answer:
    """Say whether a ledger agrees with a statement.

    Args:
        found: The comparison.
        is_adjusted: Whether the ledger was adjusted.
    """
    differences = [
        {"symbol": one.symbol, "ledger": _plain(one.ledger), "statement": _plain(one.statement)}
        for one in found.differences
    ]
    lines = [
        f"  {one['symbol']}: ledger {one['ledger']}, statement {one['statement']}"
        for one in differences
    ]
    verdict = f"ledger and statement agree in all {found.n_compared}"
    if differences:
        verdict = f"ledger and statement differ in {len(differences)} of {found.n_compared}"
    facts = {"agrees": found.agrees, "adjusted": is_adjusted, "differences": differences}
    return Answer(facts, [verdict, *lines, *["the ledger was adjusted"] * is_adjusted])


def shown(found: AccountPerformance, state: AccountState, *, head: str) -> Answer:
    """Say what is in an account and what it has earned.

    Args:
        found: Its performance.
        state: The account.
        head: Digest of the ledger's last event.
    """
    first, last = found.daily.index[0].date(), found.daily.index[-1].date()
    value = float(found.daily["value"].iloc[-1])
    amounts = {
        name: f"{getattr(found, name):.2f}"
        for name in ("fees", "taxes", "dividends", "realised", "unrealised")
    }
    returns = {
        "time-weighted return": found.time_weighted,
        "time-weighted return per year": found.time_weighted_per_year,
        "money-weighted return": found.money_weighted,
        "money-weighted return per year": found.money_weighted_per_year,
    }
    rebalanced = None if state.last_rebalance is None else str(state.last_rebalance)
    facts = {
        "from": str(first),
        "until": str(last),
        "value": round(value, 2),
        "positions": found.positions.round(8).to_dict(orient="index"),
        "cash": str(from_cents(state.cash_cents)),
        **{name.replace(" ", "_").replace("-", "_"): rate for name, rate in returns.items()},
        **amounts,
        "turnover": found.turnover,
        "last_rebalance": rebalanced,
        "cut_off": state.batch is not None,
        "head": head,
    }
    unfinished = ["a rebalance was cut off; run account rebalance to end it"]
    lines = [
        f"{money(value)} {state.currency} on {last}, account opened on {first}",
        *_position_lines(found.positions, value, from_cents(state.cash_cents)),
        *(f"{name}: {100 * rate:.2f} %" for name, rate in returns.items() if rate is not None),
        *(f"{name}: {money(Decimal(amount))}" for name, amount in amounts.items()),
        f"turnover: {100 * found.turnover:.1f} %",
        f"last rebalance: {rebalanced or 'none'}",
        *unfinished * (state.batch is not None),
        f"ledger: {head}",
    ]
    return Answer(facts, lines)


def _position_lines(positions: pd.DataFrame, total: float, cash: Decimal) -> list[str]:
    figures = zip(
        positions.index, positions[["quantity", "price", "value"]].to_numpy(), strict=True
    )
    rows = [(str(s), f"{q:g} at {price:,.2f}", float(value)) for s, (q, price, value) in figures]
    rows.append(("CASH", "", float(cash)))
    return [
        f"  {symbol:<8} {how:>24} {value:>16,.2f} {100 * value / total if total else 0:6.1f} %"
        for symbol, how, value in rows
    ]
