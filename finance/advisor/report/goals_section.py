"""The goals: how wealth may grow, how likely each goal is, and what would make it likelier."""

from scenara.finance.advisor.planning.glide import CALM_YEARS
from scenara.finance.advisor.planning.outlook import FAN
from scenara.finance.advisor.planning.plan import weight_column
from scenara.finance.advisor.report.job import AdviceJob
from scenara.finance.advisor.report.pictures import (
    FAN_LEGEND,
    fan_picture,
    glide_picture,
    line_legend,
)
from scenara.finance.advisor.report.remedies_table import remedies_table
from scenara.finance.advisor.report.words import amount, chance_band, family_name, listed
from scenara.shared.report import Cell, Chart, Column, Details, Paragraph, Row, Section, Table
from scenara.shared.report.blocks import Block
from scenara.shared.report.numbers import ordinal, percent

__all__ = ["goals_section", "time_section", "wealth_section"]

_NARROW = 360


def wealth_section(job: AdviceJob) -> Section:
    """Show the fan of wealth, in today's money and as it will be written.

    Args:
        job: The plan and what it was asked.

    Returns:
        The section.
    """
    return Section(
        "How may the wealth grow?",
        (
            _fan(job, "real", "Wealth in today's money"),
            Details("The same in the money of the day", (_fan(job, "nominal", "Nominal wealth"),)),
            _fan_table(job),
        ),
    )


def _fan(job: AdviceJob, column: str, title: str) -> Chart:
    fan = job.checks.fan
    whole, age = fan[fan["family"] == "all"], job.plan.client.person.age
    wide, narrow = (
        fan_picture(
            whole, job.plan.model.flows.goals, age=age, column=column, title=title, width=width
        )
        for width in (960, _NARROW)
    )
    caption = (
        f"{title}, in {job.currency}, after all payments so far. The band holds eight worlds of "
        "ten at each age; a single world wanders through it."
    )
    return Chart(title, wide, narrow=narrow, caption=caption, legend=FAN_LEGEND)


def _fan_table(job: AdviceJob) -> Table:
    fan = job.checks.fan
    whole = fan[fan["family"] == "all"].pivot(index="year", columns="quantile", values="real")
    by_year: list[list[float]] = whole.to_numpy(float).tolist()
    years = {0: "today", 5: "in 5 years", 10: "in 10 years", 20: "in 20 years", 30: "in 30 years"}
    found = [
        (12.0 * year, name, by_year[year]) for year, name in years.items() if year < len(by_year)
    ]
    found += [
        (float(goal.first_month), f"before {goal.name} begins", wealth)
        for goal, wealth in zip(
            job.plan.model.flows.goals,
            job.checks.at_goals[list(FAN)].to_numpy(float).tolist(),
            strict=True,
        )
    ]
    age = job.plan.client.person.age
    rows = [
        Row((Cell(name, f"age {age + month / 12:.0f}"), *(amount(value) for value in wealth)))
        for month, name, wealth in sorted(found)
    ]
    columns = (
        Column("When", numeric=False),
        *(Column(f"{ordinal(quantile)} percentile") for quantile in FAN),
    )
    caption = (
        f"Wealth in today's money, in {job.currency}: after all payments so far, and just before "
        "the first payment of each goal"
    )
    return Table(caption, columns, tuple(rows))


def goals_section(job: AdviceJob) -> Section:
    """Show the chance of each goal by generator, and what would help.

    Args:
        job: The plan and what it was asked.

    Returns:
        The section.
    """
    return Section(
        "How likely is each goal, and what would help?",
        (_chances(job), Paragraph(_how_interval(job)), _remedies(job)),
    )


def _chances(job: AdviceJob) -> Table:
    plan = job.plan
    columns = (
        Column("Goal", numeric=False),
        Column("All payments", note=f"{job.currency}, today's money"),
        Column("Chance", note="interval"),
        *(Column(family_name(name), note=name) for name in plan.markets.families),
        Column("Missed", note="mean, of the goal"),
    )
    missed = plan.projection.missed[0].mean(axis=1)
    rows = [
        Row(
            (
                Cell(goal.name, f"{goal.priority}, age {_age(job, goal.first_month)}"),
                Cell(
                    amount(goal.total),
                    f"{goal.n_payments} × {amount(goal.amount)}" if goal.n_payments > 1 else "",
                ),
                Cell(percent(chance.estimate), chance_band(chance)),
                *(percent(value, digits=1) for value in chance.by_family.values()),
                percent(float(missed[k]), digits=1),
            )
        )
        for k, (goal, chance) in enumerate(
            zip(plan.model.flows.goals, plan.chances.values(), strict=True)
        )
    ]
    return Table("Chance that every payment of a goal is made in full", columns, tuple(rows))


def _age(job: AdviceJob, month: int) -> str:
    return f"{job.plan.client.person.age + month / 12:.0f}"


def _how_interval(job: AdviceJob) -> str:
    plan = job.plan
    spread = max(chance.disagreement for chance in plan.chances.values())
    return (
        f"Each generator wrote {plan.markets.n_paths:,} worlds. The interval reaches from the "
        "lowest to the highest end of the generators' own 95 % intervals: it holds the noise of "
        f"the simulation and their dispute, which is up to {percent(spread, digits=1)} here. It "
        "does not hold what all of them may be wrong about."
    )


def _remedies(job: AdviceJob) -> Block:
    wanted = percent(job.settings.wanted)
    if all(remedy.extra_saving == 0 for remedy in job.checks.remedies):
        return Paragraph(f"All goals reach {wanted} as planned; nothing more is needed for that.")
    caption = f"What brings a goal to {wanted}, each by itself"
    return remedies_table(job, job.checks.remedies, caption)


def time_section(job: AdviceJob) -> Section:
    """Show how the portfolio changes as goals come near.

    Args:
        job: The plan and what it was asked.

    Returns:
        The section.
    """
    glide = job.plan.glide()
    title = "Share of equity by goal"
    wide, narrow = (glide_picture(glide, title=title, width=width) for width in (960, _NARROW))
    names = [str(name) for name in dict.fromkeys(glide["goal"])]
    chart = Chart(
        title,
        wide,
        narrow=narrow,
        caption=(
            "Each goal has an account of its own; equity is cut in straight lines over the "
            f"{job.settings.glide_years:g} years before each payment, and what that payment needs "
            f"becomes cash over the last {min(CALM_YEARS, job.settings.glide_years):g}: long bonds "
            "may fall just before the money is due."
        ),
        legend=line_legend(names),
    )
    blocks: tuple[Block, ...] = (Paragraph(_parts(job)), chart, _glide_table(job))
    return Section("How does the portfolio change over time?", blocks)


def _parts(job: AdviceJob) -> str:
    words = {
        "by need": "Money is parted among the goals by what each needs.",
        "by priority": "Money is parted by need, where essential goals count four times and "
        "important ones twice as much as wishes.",
        "by date": "Money is parted by need, where each goal counts half as much as the one before "
        "it in time: later goals have more time to save.",
        "essential first": "Goals are served one after the other by priority, each with a fifth "
        "more than it needs at a prudent rate; what is left is parted by need.",
        "nearest first": "Goals are served one after the other by date, each with a fifth more "
        "than it needs at a prudent rate; what is left is parted by need.",
    }
    return (
        f"{words[job.plan.candidate.emphasis]} A goal that falls short takes from goals of lower "
        f"priority, and what is left over goes to the next. The order is "
        f"{listed([goal.name for goal in job.plan.model.flows.goals])}."
    )


def _glide_table(job: AdviceJob) -> Details:
    glide = job.plan.glide()
    shown = glide[(glide["year"] % 5 == 0)]
    classes = list(job.plan.frontier.classes)
    rows = [
        Row(
            (
                Cell(str(row["goal"]), f"age {row['age']:.0f}"),
                percent(float(row["equity"])),
                *(percent(float(row[weight_column(name)])) for name in classes),
            )
        )
        for _, row in shown.iterrows()
    ]
    columns = (
        Column("Account", numeric=False),
        Column("Equity"),
        *(Column(name) for name in classes),
    )
    table = Table("What each account holds every five years", columns, tuple(rows))
    return Details("Weights of the asset classes over time (all years in glide.csv)", (table,))
