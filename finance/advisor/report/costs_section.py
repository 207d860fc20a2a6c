"""What it costs, and what to trade."""

from typing import TYPE_CHECKING

from scenara.finance.advisor.report.job import AdviceJob
from scenara.finance.advisor.report.words import money
from scenara.shared.report import Bullets, Column, Notice, Paragraph, Row, Section, Table
from scenara.shared.report.numbers import percent

if TYPE_CHECKING:
    from scenara.finance.advisor.execution.plan import OrderPlan

__all__ = ["costs_section", "orders_section"]

_AFTERWARDS = (
    "Put each month's saving into what is furthest below its target: that needs no sales.",
    "Trade back to the targets when one is off by more than five points.",
    "Make the plan anew once a year, and after every change of income, goals or family.",
)


def costs_section(job: AdviceJob) -> Section:
    """Show charges and what they cost over the life of the plan.

    Args:
        job: The plan and what it was asked.

    Returns:
        The section.
    """
    return Section("What does it cost?", (Paragraph(_charges(job)), _lifetime(job)))


def _charges(job: AdviceJob) -> str:
    fees, client = job.checks.fees, job.plan.client
    first = job.plan.model.flows.goals[0].name
    return (
        f"Advice costs {percent(client.fees.advice_per_year, digits=2)} a year, the instruments "
        f"{percent(fees.expenses_per_year, digits=2)} a year, trades "
        f"{percent(client.fees.trading, digits=2)} of their value, purchases and sales "
        f"alike; gains are taxed at {percent(client.tax.long_term)} when they are realised. In "
        f"the median world advice, trades and taxes take {money(fees.paid, job.currency)} in "
        "today's money over the plan. "
        f"By the time {first} begins, all charges together have cost {percent(fees.share_lost)} of "
        "the wealth that could have been."
    )


def _lifetime(job: AdviceJob) -> Table:
    fees = job.checks.fees
    amounts = (fees.wealth, fees.wealth_without, fees.wealth_without - fees.wealth)
    first = job.plan.model.flows.goals[0].name
    rows = [Row((f"Wealth when {first} begins", *(money(x, job.currency) for x in amounts)))]
    rows += [
        Row(
            (
                f"Chance of {name}",
                percent(fees.chances[name], digits=1),
                percent(fees.chances_without[name], digits=1),
                f"{100 * (fees.chances_without[name] - fees.chances[name]):.1f} points",
            )
        )
        for name in fees.chances
    ]
    columns = (
        Column("", numeric=False),
        Column("With all charges"),
        Column("Without any"),
        Column("Difference"),
    )
    caption = (
        "The same worlds with and without fees, expenses, costs and taxes (medians, today's money)"
    )
    return Table(caption, columns, tuple(rows))


def orders_section(job: AdviceJob) -> Section:
    """Show what to trade today.

    Args:
        job: The plan and what it was asked.

    Returns:
        The section.
    """
    title = "What to trade today?"
    if job.orders is None:
        told = "There are no holdings yet: invest the first saving by the target weights."
        return Section(title, (Paragraph(told),))
    if not job.orders.orders:
        told = "Nothing: no trade brings the holdings nearer to the targets."
        return Section(title, (Paragraph(told),))
    washed = [order.symbol for order in job.orders.orders if order.wash_sale]
    sold = f"{', '.join(washed)} is sold at a loss within 30 days of a purchase."
    notices = [Notice("Losses that may not count:", sold)] if washed else []
    blocks = (
        _orders(job.orders, job.currency),
        Paragraph(_effect(job.orders, job.currency, wealth=job.plan.client.wealth)),
    )
    return Section(title, (*blocks, *notices, Bullets(_AFTERWARDS)))


def _orders(orders: "OrderPlan", currency: str) -> Table:
    rows = [
        Row(
            (
                f"{order.side} {order.symbol}",
                f"{order.quantity.normalize():f}",
                f"{float(order.price):,.2f}",
                f"{float(order.value):,.2f}",
                f"{float(order.gain):,.2f}" if order.side == "sell" else "",
            )
        )
        for order in orders.orders
    ]
    columns = (
        Column("Order", numeric=False),
        Column("Shares"),
        Column("Price"),
        Column("Value", note=currency),
        Column("Gain", note="realised"),
    )
    return Table("Orders at the prices of the instruments' file", columns, tuple(rows))


def _effect(orders: "OrderPlan", currency: str, *, wealth: float) -> str:
    paid = float(orders.fees + orders.tax) / wealth
    return (
        "They bring the largest distance from a target from "
        f"{percent(orders.drift_before, digits=1)} to {percent(orders.drift_after, digits=1)}, "
        f"cost {float(orders.fees):,.2f} in fees and an estimated {float(orders.tax):,.2f} "
        f"{currency} in taxes, together {percent(paid, digits=2)} of the holdings; the projection "
        "begins after them and does not take that off. They are in orders.csv, and account.toml "
        "holds the rules by which `scenara finance account rebalance --config` makes them."
    )
