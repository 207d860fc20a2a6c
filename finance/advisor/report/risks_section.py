"""What could go wrong: crises of the past, worlds that begin with one, and how the plan fails."""

from scenara.finance.advisor.planning.failure import Failure
from scenara.finance.advisor.report.job import AdviceJob
from scenara.finance.advisor.report.remedies_table import remedies_table
from scenara.finance.advisor.report.words import (
    amount,
    chance_band,
    family_name,
    listed,
    money,
    whole_years,
)
from scenara.shared.report import Cell, Column, Paragraph, Row, Section, Table
from scenara.shared.report.blocks import Block
from scenara.shared.report.numbers import count, decimal, percent

__all__ = ["outcomes_section", "risks_section"]

_ORDINARY = 2.0
"""Standard deviations from the mean within which a world is called ordinary."""


def risks_section(job: AdviceJob) -> Section:
    """Show crises, the worlds in which the plan fails, and what to do in poor markets.

    Args:
        job: The plan and what it was asked.

    Returns:
        The section.
    """
    blocks: list[Block] = []
    if job.checks.crises:
        blocks += [_crises(job)]
    if job.checks.falls is not None:
        blocks += [Paragraph(_falls(job))]
    blocks += _failure(job, job.checks.failure)
    blocks += _poor(job)
    return Section("What could go wrong?", tuple(blocks))


def _crises(job: AdviceJob) -> Table:
    goals = [goal.name for goal in job.plan.model.flows.goals]
    first = goals[0]
    rows = [
        Row(
            (
                "no crisis added",
                "",
                *(percent(job.checks.without_crisis[name]) for name in goals),
                percent(job.checks.without_crisis[first]),
            ),
            emphasis="total",
        )
    ]
    rows += [
        Row(
            (
                crisis.name,
                percent(crisis.fall),
                *(percent(crisis.now[name]) for name in goals),
                percent(crisis.before[first]),
            )
        )
        for crisis in job.checks.crises
    ]
    columns = (
        Column("Crisis", numeric=False, note="as it was, from peak to trough"),
        Column("Portfolio", note="of today"),
        *(Column(name, note="chance if it comes now") for name in goals),
        Column(first, note=f"chance if it ends as {first} begins"),
    )
    n = job.checks.crises[0].n_worlds
    caption = (
        f"Crises of the US market put into {n:,} worlds: when the fall comes matters as much as "
        "how deep it is"
    )
    return Table(caption, columns, tuple(rows))


def _falls(job: AdviceJob) -> str:
    falls = job.checks.falls
    assert falls is not None
    chances = [f"{percent(p)} for {name}" for name, p in falls.chances.items()]
    return (
        f"Worlds of the plan's own that begin like 2008: in {percent(falls.probability, digits=1)} "
        f"of them today's portfolio is down by {percent(-falls.fall)} within {falls.months} months "
        f"({count(falls.n_worlds)} worlds). There the chances are {listed(chances)}."
    )


def _failure(job: AdviceJob, failure: Failure | None) -> list[Block]:
    if failure is None:
        return [
            Paragraph(
                "Fewer than twenty worlds miss the first goal: too few to say how it would fail."
            )
        ]
    rows = []
    for name, row in failure.table.iterrows():
        shown = (percent(float(row[column]), digits=1) for column in ("all", "failing"))
        likely = Cell(
            percent(float(row["most likely"]), digits=1), f"{decimal(float(row['shift']))} sd"
        )
        rows.append(Row((str(name), *shown, likely)))
    columns = (
        Column("What the world is like", numeric=False),
        Column("All worlds", note="mean"),
        Column("Failing", note=f"{count(failure.n_worlds)} worlds"),
        Column("Most likely to fail", note=f"{count(failure.n_likely)} worlds"),
    )
    own = listed([f"{family_name(f)} {count(n)}" for f, n in failure.by_family.items()])
    told = (
        f"In {percent(failure.chance.estimate)} of the worlds ({chance_band(failure.chance)}) "
        f"{failure.goal} is not paid in full: {count(failure.n_worlds)} worlds ({own}). All "
        "generators draw the same means, so that these are worth about "
        f"{count(failure.n_effective)} independent ones. The most likely of them, the "
        f"{count(failure.n_likely)} that are nearest to an ordinary world, are on average "
        f"{decimal(failure.distance, digits=1)} standard deviations away: {_verdict(failure)}"
    )
    caption = f"How {failure.goal} fails (shift in standard deviations over all worlds)"
    return [Paragraph(told), Table(caption, columns, tuple(rows))]


def _verdict(failure: Failure) -> str:
    if failure.distance < _ORDINARY:
        return "no catastrophe is needed, only this:"
    return "such worlds are far from ordinary:"


def _poor(job: AdviceJob) -> list[Block]:
    poor = job.checks.poor
    if poor is None:
        return []
    told = (
        f"If markets are poor: after {poor.years} years wealth is at its 10th percentile, "
        f"{money(poor.wealth, job.currency)} in today's money. The plan then goes on with one of "
        "these changes:"
    )
    caption = f"What restores a chance of {percent(job.settings.wanted)}, each by itself"
    return [Paragraph(told), remedies_table(job, poor.remedies, caption)]


def outcomes_section(job: AdviceJob) -> Section:
    """Show four scenarios of the portfolio, in the spirit of European key information documents.

    Args:
        job: The plan and what it was asked.

    Returns:
        The section.
    """
    table = job.checks.scenarios
    rows = []
    for name, row in table.iterrows():
        cells = [
            Cell(amount(float(value)), _yearly(float(value), int(str(years))))
            for years, value in row.items()
        ]
        rows.append(Row((str(name).capitalize(), *cells)))
    columns = (
        Column("Scenario", numeric=False, note=job.currency),
        *(Column(f"after {whole_years(int(str(n)))}") for n in table.columns),
    )
    caption = f"What {money(10_000, job.currency)} in today's portfolio may become, costs taken off"
    told = (
        "Unfavourable, moderate and favourable are the 10th, 50th and 90th percentile; stress is "
        "the 5th percentile among the tenth of worlds that swing most. No saving and no payments "
        "are in these figures, and taxes are left out."
    )
    return Section(
        "What may the portfolio alone become?",
        (Table(caption, columns, tuple(rows)), Paragraph(told)),
    )


def _yearly(value: float, years: int) -> str:
    return f"{percent((value / 10_000) ** (1 / years) - 1, digits=1)} a year"
