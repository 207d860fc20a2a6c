"""What the market report says about strategies: outcomes, luck, look-ahead, tear sheets."""

from scenara.finance.market.luck_section import look_ahead_section, luck_section
from scenara.finance.market.results import MarketJob
from scenara.finance.market.strategy_section import strategy_section
from scenara.shared.report import Link, Links, Section

__all__ = ["decision_sections"]


def decision_sections(job: MarketJob) -> tuple[Section, ...]:
    """Show what strategies do in the worlds first: that is what a backtest is asked for.

    Args:
        job: The job; it may have no strategy.

    Returns:
        The sections, distributions over worlds before all else.
    """
    sheets = tuple(
        Link(f"{name}, {sheet.path}", sheet.file, note="made by quantstats")
        for name, outcome in job.strategies.items()
        for sheet in outcome.tear_sheets
    )
    return (
        *((strategy_section(job),) if job.strategies else ()),
        *((luck_section(job),) if job.luck is not None else ()),
        *((look_ahead_section(job.look_ahead),) if job.look_ahead else ()),
        *((Section("Tear sheets of single paths", (Links(sheets),)),) if sheets else ()),
    )
