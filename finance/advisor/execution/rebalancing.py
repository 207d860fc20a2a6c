"""One rebalance, which a crash at any moment neither loses nor doubles.

Its orders are written down in one transaction before the first of them is filled, each fill is
one transaction, and a mark is set at the end. Whoever runs it again goes on behind the last fill.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Literal

from scenara.finance.advisor.execution.broker import PaperBroker
from scenara.finance.advisor.execution.event import Draft
from scenara.finance.advisor.execution.orders import checked_targets, make_orders
from scenara.finance.advisor.execution.plan import Order
from scenara.finance.advisor.execution.rules import TradingRules
from scenara.finance.advisor.execution.state import Batch, order_to_payload
from scenara.finance.advisor.money import to_cents
from scenara.shared.errors import ArtifactError

__all__ = ["Rebalance", "batch_name", "rebalance"]

Outcome = Literal["traded", "resumed", "done before"]


@dataclass(frozen=True)
class Rebalance:
    """Hold what a run of a rebalance has done.

    Args:
        batch: Identity of the rebalance.
        on: Day on which it began.
        outcome: Whether it was begun and ended now, begun before and ended now, or had ended.
        orders: Orders of the rebalance; none where it had ended before.
        n_filled: How many of them were filled now.
    """

    batch: str
    on: date
    outcome: Outcome
    orders: tuple[Order, ...] = ()
    n_filled: int = 0


def batch_name(account: str, targets: Mapping[str, float], *, on: date) -> str:
    """Give the identity of a rebalance: that of the account, the day and the targets.

    Args:
        account: Identity of the account.
        targets: Symbol -> weight.
        on: Day of the rebalance.

    Example:
        >>> batch_name("a", {"VTI": 1.0}, on=date(2024, 6, 3))
        '2024-06-03-5717da4d'
    """
    text = json.dumps([account, on.isoformat(), sorted(targets.items())])
    return f"{on}-{hashlib.sha256(text.encode()).hexdigest()[:8]}"


def rebalance(
    broker: PaperBroker,
    targets: Mapping[str, float],
    prices: Mapping[str, float],
    *,
    on: date,
    rules: TradingRules | None = None,
) -> Rebalance:
    """Bring an account to its targets, once for the day; or end the rebalance that was cut off.

    A rebalance that has begun is ended with its own orders and prices, whatever the arguments
    are; the run after it may begin another one.

    Args:
        broker: Has the account.
        targets: Symbol -> weight; what they leave of one is cash.
        prices: Symbol -> quoted price of all that is held or wanted.
        on: Day of the rebalance.
        rules: How to trade; None for the defaults.

    Returns:
        What was done.

    Raises:
        DataError: A target or a price can't be meant, the day is before the last event, or
            another process is writing.
    """
    begun = broker.state.batch
    if begun is not None:
        return _ended(broker, begun, on=max(on, begun.on), outcome="resumed")
    rules = rules or TradingRules()
    name = batch_name(broker.state.account, checked_targets(targets), on=on)
    with broker.ledger.transaction():
        keys = {event.draft.key for event in broker.ledger.events()}
        if f"{name}:end" in keys:
            return Rebalance(name, on, "done before")
        if f"{name}:begin" not in keys:
            _begin(broker, name, targets, prices, on=on, rules=rules)
        batch = broker.state.batch
    if batch is None:
        raise ArtifactError(f"{broker.ledger.path}: rebalance {name} was not begun")
    return _ended(broker, batch, on=on, outcome="traded")


def _begin(
    broker: PaperBroker,
    name: str,
    targets: Mapping[str, float],
    prices: Mapping[str, float],
    *,
    on: date,
    rules: TradingRules,
) -> None:
    state = broker.state
    plan = make_orders(targets, state.holdings, prices, on=on, rules=rules, losses=state.losses)
    broker.mark({symbol: float(price) for symbol, price in plan.prices.items()}, on=on)
    payload = {
        "batch": name,
        "targets": dict(plan.targets),
        "rules": asdict(rules),
        "tax_cents": to_cents(plan.tax),
    }
    broker.ledger.append(Draft("rebalance-begin", on, payload, key=f"{name}:begin"))
    for number, order in enumerate(plan.orders):
        written = {"batch": name, "order": order_to_payload(order)}
        broker.ledger.append(Draft("order", on, written, key=f"{name}:order:{number}"))


def _ended(broker: PaperBroker, batch: Batch, *, on: date, outcome: Outcome) -> Rebalance:
    for number in range(batch.n_filled, len(batch.orders)):
        key = f"{batch.name}:fill:{number}"
        broker.submit(batch.orders[number], on=on, key=key, batch=batch.name)
    with broker.ledger.transaction():
        if batch.tax_cents:
            cents = {"cents": batch.tax_cents}
            broker.ledger.append(Draft("tax", on, cents, key=f"{batch.name}:tax"))
        end = Draft("rebalance-end", on, {"batch": batch.name}, key=f"{batch.name}:end")
        broker.ledger.append(end)
    n_filled = len(batch.orders) - batch.n_filled
    return Rebalance(batch.name, batch.on, outcome, batch.orders, n_filled)
