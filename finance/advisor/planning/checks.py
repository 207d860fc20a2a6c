"""Everything a plan is asked after it was chosen: what could go wrong, what would help, and why."""

from dataclasses import dataclass

import pandas as pd

from scenara.finance.advisor.planning.explanation import Change, Lever, changes, levers
from scenara.finance.advisor.planning.failure import Failure, failing_worlds
from scenara.finance.advisor.planning.outlook import (
    CostOfFees,
    cost_of_fees,
    portfolio_scenarios,
    wealth_at_goals,
    wealth_fan,
)
from scenara.finance.advisor.planning.plan import Plan
from scenara.finance.advisor.planning.remedies import PoorMarket, Remedy, poor_market, remedy
from scenara.finance.advisor.planning.stress import CrisisResult, crisis_results, falls_like_2008
from scenara.shared.progress import Progress, silent

__all__ = ["FallsLike", "PlanChecks", "check_plan"]

_CRISIS_WORLDS = 500
_FALL_MONTHS = 24
_SHARE_OF_2008 = 0.8
_LEAST_FALL = -0.1


@dataclass(frozen=True)
class FallsLike:
    """Hold what becomes of the plan in its own worlds that begin with a deep fall.

    Args:
        fall: Return of the portfolio at its worst.
        months: Within so many.
        chances: Goal -> chance in such worlds.
        n_worlds: Number of such worlds.
        probability: Chance of such a fall.
    """

    fall: float
    months: int
    chances: dict[str, float]
    n_worlds: int
    probability: float


@dataclass(frozen=True)
class PlanChecks:
    """Hold the answers.

    Args:
        fan: Quantiles of wealth by year and generator.
        at_goals: Quantiles of wealth as each goal begins.
        remedies: What would bring each goal to the chance that is wanted.
        poor: The plan for poor markets; None where no goal is left by then.
        fees: What charges cost.
        crises: Crises of history, now and before the first goal.
        without_crisis: Goal -> chance in the worlds that crises are put into, before they are.
        falls: Worlds that begin like 2008; None where the history lacks it, or the
            portfolio would not have lost a tenth.
        failure: Worlds in which the first goal is missed; None where hardly any does.
        scenarios: Four scenarios of the portfolio.
        changes: What other answers would have changed.
        levers: What other amounts and assumptions change.
    """

    fan: pd.DataFrame
    at_goals: pd.DataFrame
    remedies: tuple[Remedy, ...]
    poor: PoorMarket | None
    fees: CostOfFees
    crises: tuple[CrisisResult, ...]
    without_crisis: dict[str, float]
    falls: FallsLike | None
    failure: Failure | None
    scenarios: pd.DataFrame
    changes: tuple[Change, ...]
    levers: tuple[Lever, ...]


def check_plan(plan: Plan, *, wanted: float = 0.8, progress: Progress = silent) -> PlanChecks:
    """Ask everything that a reader of the plan will ask.

    Args:
        plan: The plan.
        wanted: Chance that remedies aim at.
        progress: Told how far it is.

    Returns:
        The answers.
    """
    model, candidate, blend = plan.model, plan.candidate, plan.blend_now
    reached = plan.projection.reached[0]
    goals = model.flows.goals
    steps = len(goals) + 3
    remedies = []
    for number, goal in enumerate(goals):
        progress("ask the plan", number, steps, goal.name)
        remedies.append(remedy(model, candidate, goal.name, wanted=wanted))
    progress("ask the plan", len(goals), steps, "poor markets")
    poor = poor_market(model, candidate, wanted=wanted)
    progress("ask the plan", len(goals) + 1, steps, "crises")
    fewer = model.smaller(_CRISIS_WORLDS)
    crises = crisis_results(fewer, candidate, plan.markets.history, blend=blend)
    progress("ask the plan", len(goals) + 2, steps, "costs and reasons")
    found = PlanChecks(
        fan=wealth_fan(model, plan.projection),
        at_goals=wealth_at_goals(model, plan.projection),
        remedies=tuple(remedies),
        poor=poor,
        fees=cost_of_fees(model, candidate, plan.projection, blend=blend),
        crises=tuple(crises),
        without_crisis={goal.name: fewer.chance(candidate, goal.name) for goal in goals},
        falls=_falls(plan, crises),
        failure=failing_worlds(model, plan.markets, reached[0], blend=blend),
        scenarios=portfolio_scenarios(model, blend=blend),
        changes=tuple(changes(plan.client, plan.frontier, plan.scores, plan.compared)),
        levers=tuple(levers(model, candidate)),
    )
    progress("ask the plan", steps, steps)
    return found


def _falls(plan: Plan, crises: list[CrisisResult]) -> FallsLike | None:
    """Take a fall of four fifths of what 2007-09 would cost the portfolio as like it."""
    known = [crisis for crisis in crises if crisis.name == "2007-09"]
    if not known or known[0].fall > _LEAST_FALL:
        return None
    fall = _SHARE_OF_2008 * known[0].fall
    chances, n, probability = falls_like_2008(
        plan.model,
        plan.projection.reached[0],
        blend=plan.blend_now,
        fall=fall,
        months=_FALL_MONTHS,
    )
    return FallsLike(fall, _FALL_MONTHS, chances, n, probability) if n else None
