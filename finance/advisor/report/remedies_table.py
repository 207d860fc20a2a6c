"""The table of what would help: more saving, waiting, or spending less."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from scenara.finance.advisor.planning.remedies import Remedy
from scenara.finance.advisor.report.job import AdviceJob
from scenara.finance.advisor.report.words import amount, whole_years
from scenara.shared.report import Cell, Column, Row, Table
from scenara.shared.report.numbers import percent

__all__ = ["remedies_table"]

Number = TypeVar("Number", int, float)

_MANY_MONTHS = 60


def remedies_table(job: AdviceJob, remedies: Sequence[Remedy], caption: str) -> Table:
    """Show what brings each goal to the chance that is wanted.

    Args:
        job: The plan and what it was asked.
        remedies: One for each goal.
        caption: What the table says.

    Returns:
        The table, a row for each goal.
    """
    columns = (
        Column("Goal", numeric=False),
        Column("Chance", note="without"),
        Column("Save more", note=f"{job.currency} a month, today's money"),
        Column("or wait", note="whole years"),
        Column("or spend less", note="each payment"),
    )
    rows = [
        Row(
            (
                remedy.goal,
                percent(remedy.chance),
                Cell(_told(remedy.extra_saving, amount), _saving_note(job, remedy)),
                _told(remedy.later_years, whole_years),
                _told(remedy.smaller_by, percent),
            )
        )
        for remedy in remedies
    ]
    return Table(caption, columns, tuple(rows))


def _saving_note(job: AdviceJob, remedy: Remedy) -> str:
    """Say for how long, where that is short, and whether there is as much."""
    if not remedy.extra_saving:
        return ""
    notes = []
    if remedy.saving_months < _MANY_MONTHS:
        notes.append(f"for {remedy.saving_months} months")
    if job.is_beyond_means(remedy.extra_saving):
        notes.append(f"more than the {amount(job.room)} left over")
    return ", ".join(notes)


def _told(found: Number | None, write: Callable[[Number], str]) -> str:
    if found is None:
        return "not enough"
    return write(found) if found else "none"
