"""What page one must not leave out: rates of long ago, and debts dearer than markets pay."""

import pandas as pd

from scenara.finance.advisor.client_file import Client
from scenara.finance.advisor.planning.markets import MarketHistory
from scenara.finance.advisor.report.job import AdviceJob
from scenara.finance.advisor.report.words import listed, whole_years
from scenara.shared.report import Notice
from scenara.shared.report.numbers import percent

__all__ = ["months_since", "page_notices"]

_FRESH_MONTHS = 12
_RATES_OF = "us-monthly"


def page_notices(job: AdviceJob) -> tuple[Notice, ...]:
    """Give the warnings that stand on page one.

    Args:
        job: The plan and what it was asked.

    Returns:
        One for a history that ended long before the plan, one for each dear debt.
    """
    return (*_old_history(job), *_dear_debts(job))


def months_since(history: MarketHistory, client: Client) -> int:
    """Give the months from the end of a history to the day of a plan.

    Args:
        history: What the plan learned from.
        client: Whose plan it is.

    Returns:
        Months, 0 where both are in one month.
    """
    last, day = pd.DatetimeIndex(history.returns.index)[-1], client.person.day
    return 12 * (day.year - last.year) + day.month - last.month


def _old_history(job: AdviceJob) -> tuple[Notice, ...]:
    client, history = job.plan.client, job.plan.markets.history
    months = months_since(history, client)
    if months <= _FRESH_MONTHS:
        return ()
    ends = f"{history.period[-7:]}, {whole_years(months // 12)} before the plan"
    if history.name != _RATES_OF:
        told = f"The last price is of {ends}; give prices up to its day."
        return (Notice("Old prices:", told),)
    missing = [name for name, rate in client.assumptions.rates.items() if rate is None]
    if not missing:
        return ()
    return (
        Notice(
            "Old rates:",
            f"{listed(missing)} {'is' if len(missing) == 1 else 'are'} of {ends}; give today's in "
            "[assumptions] of the client's file, such as cash_rate = 0.036.",
        ),
    )


def _dear_debts(job: AdviceJob) -> tuple[Notice, ...]:
    earned = job.plan.return_now
    return tuple(
        Notice(
            "Dear debt:",
            f"{debt.name} costs {percent(debt.rate_per_year, digits=1)} a year for sure; the plan "
            f"earns {percent(earned, digits=1)} on average, before taxes and inflation. Pay it off "
            "before you invest.",
        )
        for debt in job.plan.client.household.debts
        if debt.amount > 0 and debt.rate_per_year > earned
    )
