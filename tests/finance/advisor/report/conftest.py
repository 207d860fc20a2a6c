"""Small jobs whose reports are read."""

import pytest

from scenara.finance.advisor.planning import plan_in
from scenara.finance.advisor.planning.checks import check_plan
from scenara.finance.advisor.report import AdviceJob


@pytest.fixture(scope="session")
def make_job(make_client, markets, settings):
    """Give a function that plans for a client with changes by part, and asks the plan."""

    def make(**changes):
        plan = plan_in(make_client(**changes), markets, settings)
        checks = check_plan(plan, wanted=settings.wanted)
        return AdviceJob(plan, checks, settings, command="scenara finance advise")

    return make


@pytest.fixture(scope="session")
def job(make_job):
    return make_job()


@pytest.fixture(scope="session")
def calm_job(make_job):
    """Give the job of someone who may hold no shares: one goal, due within three years."""
    from scenara.finance.advisor.client import Goal, Household, Saving

    return make_job(
        goals=(Goal(name="car", amount=30_000, priority="essential", age=41),),
        saving=Saving(per_month=0),
        household=Household(
            income_per_year=10_000,
            expenses_per_year=9_900,
            emergency_cash=10,
            job_stability="uncertain",
        ),
    )
