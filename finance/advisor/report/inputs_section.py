"""What the client told, to be checked: the household's balance sheet, cash flows and goals."""

from scenara.finance.advisor.goals import funding_ratios
from scenara.finance.advisor.report.job import AdviceJob
from scenara.finance.advisor.report.words import amount, money
from scenara.shared.report import Cell, Column, Facts, Row, Section, Table
from scenara.shared.report.numbers import percent

__all__ = ["inputs_section"]


def inputs_section(job: AdviceJob) -> Section:
    """Show what the plan was made from, as it was understood.

    Args:
        job: The plan and what it was asked.

    Returns:
        The section.
    """
    return Section("What did you tell?", (_balance(job), _flows(job), _goals(job)))


def _balance(job: AdviceJob) -> Table:
    client = job.plan.client
    home = client.household
    owed = sum(debt.amount for debt in home.debts)
    rows = [
        Row(("holdings", amount(client.wealth))),
        Row(("emergency cash, kept apart", amount(home.emergency_cash))),
        *(
            Row(
                (
                    Cell(debt.name, f"{percent(debt.rate_per_year, digits=1)} a year"),
                    amount(-debt.amount),
                )
            )
            for debt in home.debts
        ),
        Row(("net worth", amount(client.wealth + home.emergency_cash - owed)), emphasis="total"),
    ]
    columns = (Column("Balance sheet", numeric=False), Column(job.currency))
    return Table("Own and owed; a house and pension rights are left out", columns, tuple(rows))


def _flows(job: AdviceJob) -> Facts:
    client = job.plan.client
    home = client.household
    currency = job.currency
    return Facts(
        (
            ("Income", f"{money(home.income_per_year, currency)} a year after tax"),
            ("Expenses", f"{money(home.expenses_per_year, currency)} a year"),
            ("Payments on debts", f"{money(home.debt_payments, currency)} a year"),
            ("Left over", f"{money(home.surplus / 12, currency)} a month"),
            ("Saving", f"{money(client.saving.per_month, currency)} a month"),
            ("Gains not taxed yet", money(client.wealth - client.cost_basis, currency)),
        )
    )


def _goals(job: AdviceJob) -> Table:
    goals, ratios = job.plan.model.flows.goals, funding_ratios(job.plan.client)
    age = job.plan.client.person.age
    worth = {goal.name: goal.present_value() for goal in goals}
    rows = [
        Row(
            (
                Cell(goal.name, goal.priority),
                f"{age + goal.first_month / 12:.0f}",
                f"{goal.n_payments}",
                amount(goal.amount),
                amount(worth[goal.name]),
            )
        )
        for goal in goals
    ]
    total = sum(worth.values())
    funded = sum(worth[name] * ratios[name] for name in worth) / total
    note = f"holdings and saving pay for {percent(funded)}"
    rows.append(Row((Cell("all", note), "", "", "", amount(total)), emphasis="total"))
    columns = (
        Column("Goal", numeric=False),
        Column("From age"),
        Column("Payments", note="yearly"),
        Column("Each", note=job.currency),
        Column("Worth today", note="at 1 % beyond inflation"),
    )
    return Table("Goals in today's money; the rest is for markets to earn", columns, tuple(rows))
