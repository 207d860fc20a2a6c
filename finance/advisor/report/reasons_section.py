"""Why this plan: the risk that may be taken, what moved it, and what else was compared."""

from typing import Any

import pandas as pd

from scenara.finance.advisor.planning.explanation import Change
from scenara.finance.advisor.planning.plan import chance_column
from scenara.finance.advisor.questionnaire import ITEMS
from scenara.finance.advisor.report.job import AdviceJob
from scenara.finance.advisor.report.pictures import chance_lines, line_legend
from scenara.finance.advisor.report.words import listed
from scenara.shared.report import (
    Cell,
    Chart,
    Column,
    Details,
    LegendItem,
    Paragraph,
    Row,
    Section,
    Table,
)
from scenara.shared.report.numbers import count, decimal, percent

__all__ = ["alternatives_section", "risk_section"]

_NARROW = 360
_UNEVEN = 0.5


def risk_section(job: AdviceJob) -> Section:
    """Show tolerance and capacity, which binds, and which answer moved which number.

    Args:
        job: The plan and what it was asked.

    Returns:
        The section.
    """
    profile = job.plan.profile
    return Section(
        "How much risk, and why?",
        (
            Paragraph(f"{profile.sentence} {_limits(job)}"),
            _capacity(job),
            Paragraph(_tolerance(job)),
            Details("The answers and their points", (_answers(job),)),
            Paragraph(_moved(job)),
            Details("Every answer one step away, and what it changes", (_changes(job),)),
            _levers(job),
        ),
    )


def _limits(job: AdviceJob) -> str:
    plan = job.plan
    told = (
        "In the worst twentieth of years the portfolio may lose "
        f"{percent(plan.profile.maximum_loss)} on average."
    )
    if plan.largest_equity < plan.profile.maximum_equity - 1e-6:
        told += f" That limit is the tighter one: {percent(plan.largest_equity)} in shares."
    if plan.candidate.equity + job.settings.equity_step < plan.largest_equity + 1e-6:
        told += (
            f" The plan stays at {percent(plan.candidate.equity)}: more shares today would not "
            "make the goals likelier by half a point."
        )
    return told


def _capacity(job: AdviceJob) -> Table:
    found = job.plan.profile.capacity
    rows = [
        Row(
            (
                Cell(part.name, part.found),
                percent(part.weight),
                f"{decimal(100 * part.weight * part.points, digits=1)}",
                f"{decimal(100 * part.weight, digits=0)}",
            )
        )
        for part in found.parts
    ]
    total = f"{found.score:.0f}"
    rows.append(Row(("risk capacity", percent(1.0), total, "100"), emphasis="total"))
    columns = (
        Column("Of the balance sheet", numeric=False),
        Column("Weight"),
        Column("Points"),
        Column("Most"),
    )
    cap = f"; capped: {found.cap_reason}" if found.cap_reason else ""
    return Table(f"Risk capacity: what the household can bear{cap}", columns, tuple(rows))


def _tolerance(job: AdviceJob) -> str:
    found = job.plan.profile.tolerance
    parts = listed([f"{name} {percent(share)}" for name, share in found.subscales.items()])
    told = (
        f"Risk tolerance: {found.score} points of 13 to 47 on the scale of Grable and Lytton "
        f"(1999), {found.band}. Its parts: {parts}."
    )
    if found.spread > _UNEVEN:
        return f"{told} They are uneven: talk about them before acting on the plan."
    return f"{told} They agree well enough."


def _answers(job: AdviceJob) -> Table:
    found, answers = job.plan.profile.tolerance, job.plan.client.questionnaire
    rows = [
        Row(
            (
                Cell(item.key, item.topic),
                answers[item.key],
                count(found.points[item.key]),
                count(max(item.points.values())),
            )
        )
        for item in ITEMS
    ]
    rows.append(Row(("all", "", count(found.score), "47"), emphasis="total"))
    columns = (
        Column("Question", numeric=False),
        Column("Answer", numeric=False),
        Column("Points"),
        Column("Most"),
    )
    return Table("Questionnaire", columns, tuple(rows))


def _moved(job: AdviceJob) -> str:
    equity = job.plan.candidate.equity
    up = [change.what for change in job.checks.changes if change.equity > equity + 1e-9]
    down = [change.what for change in job.checks.changes if change.equity < equity - 1e-9]
    if not up and not down:
        return "No single answer, one step away, changes the share of equity."
    told = []
    if up:
        told.append(f"{_steps(up)} would give more equity, such as “{up[0]}”")
    if down:
        told.append(f"{_steps(down)} would give less, such as “{down[0]}”")
    return f"{'; '.join(told)}."


def _steps(found: list[str]) -> str:
    return "1 single step" if len(found) == 1 else f"{len(found)} single steps"


def _changes(job: AdviceJob) -> Table:
    plan = job.plan
    goals = [goal.name for goal in plan.model.flows.goals]
    columns = (
        Column("If the answer were", numeric=False),
        Column("Tolerance", note="points"),
        Column("Capacity", note="of 100"),
        Column("Binds", numeric=False),
        Column("Limit", note="equity"),
        Column("Chosen", note="equity"),
        *(Column(name, note="chance") for name in goals),
    )
    chances = {name: chance.estimate for name, chance in plan.chances.items()}
    now = Change(
        "as answered",
        plan.profile.tolerance.score,
        plan.profile.capacity.score,
        plan.profile.binding,
        plan.profile.maximum_equity,
        plan.candidate.equity,
        chances,
    )
    rows = [_change_row(now, goals, emphasis=True)]
    rows += [_change_row(change, goals) for change in job.checks.changes]
    return Table("The plan asked again; saving and goals stay as they are", columns, tuple(rows))


def _change_row(change: Change, goals: list[str], *, emphasis: bool = False) -> Row:
    return Row(
        (
            change.what,
            count(change.tolerance_score),
            count(change.capacity_score),
            change.binding,
            percent(change.maximum_equity),
            percent(change.equity),
            *(percent(change.chances[name], digits=1) for name in goals),
        ),
        emphasis="total" if emphasis else "",
    )


def _levers(job: AdviceJob) -> Table:
    goals = [goal.name for goal in job.plan.model.flows.goals]
    estimates = {name: chance.estimate for name, chance in job.plan.chances.items()}
    rows = [
        Row(
            ("as planned", *(percent(estimates[name], digits=1) for name in goals)),
            emphasis="total",
        )
    ]
    rows += [
        Row((lever.what, *(percent(lever.chances[name], digits=1) for name in goals)))
        for lever in job.checks.levers
    ]
    columns = (Column("If", numeric=False), *(Column(name, note="chance") for name in goals))
    return Table("Amounts and assumptions, one at a time, same portfolio", columns, tuple(rows))


def alternatives_section(job: AdviceJob) -> Section:
    """Show what other portfolios reach, and what they give up.

    Args:
        job: The plan and what it was asked.

    Returns:
        The section.
    """
    plan = job.plan
    table = plan.compared_table()
    goals = [goal.name for goal in plan.model.flows.goals]
    title = "Chance of each goal by share of equity"
    wide, narrow = (
        chance_lines(
            table["equity"].to_numpy(float),
            {name: table[chance_column(name)].to_numpy(float) for name in goals},
            chosen=plan.candidate.equity,
            largest=plan.largest_equity,
            title=title,
            width=width,
        )
        for width in (960, _NARROW)
    )
    legend = (
        *line_legend(goals),
        LegendItem("chosen", "line", "real"),
        LegendItem("beyond the limit of risk", "band", "muted", 0.3),
    )
    n = len(plan.scores.candidates)
    caption = (
        f"{n} ways to invest were run through all {job.n_worlds:,} worlds; at each share of equity "
        "the best way to part the money among goals is shown."
    )
    chart = Chart(title, wide, narrow=narrow, caption=caption, legend=legend)
    return Section("What else was considered?", (chart, _alternatives(job)))


def _alternatives(job: AdviceJob) -> Table:
    plan = job.plan
    table = plan.compared_table()
    goals = [goal.name for goal in plan.model.flows.goals]
    own = table[table["chosen"]].iloc[0]
    wanted = {0.0, 0.2, 0.4, 0.6, 0.8, 1.0, float(own["equity"])}
    within = table[table["within"]]["equity"].max()
    shown = table[table["equity"].round(9).isin({round(x, 9) for x in (*wanted, within)})]
    rows = [_alternative(row, own, goals) for _, row in shown.iterrows()]
    columns = (
        Column("Equity", numeric=False),
        Column("Money is parted", numeric=False),
        Column("Bad year", note="mean loss, worst twentieth"),
        *(Column(name, note="chance, less or more") for name in goals),
        Column("Missed", note="of the goals, mean"),
    )
    return Table("Alternatives, and what they give up or gain", columns, tuple(rows))


def _alternative(row: "pd.Series[Any]", own: "pd.Series[Any]", goals: list[str]) -> Row:
    is_own = bool(row["chosen"])
    note = "chosen" if is_own else ("" if row["within"] else "beyond your limit")
    cells = [
        Cell(
            percent(float(row[name]), digits=1),
            "" if is_own else _difference(float(row[name] - own[name])),
        )
        for name in map(chance_column, goals)
    ]
    return Row(
        (
            Cell(percent(float(row["equity"])), note),
            str(row["emphasis"]),
            percent(float(row["loss"])),
            *cells,
            percent(float(row["missed"]), digits=1),
        ),
        emphasis="total" if is_own else "",
    )


def _difference(value: float) -> str:
    return f"{'+' if value >= 0 else ''}{decimal(100 * value, digits=1)} pts"
