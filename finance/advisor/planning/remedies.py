"""What would help: more saving, a later goal, a smaller one, now or after poor markets."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from scenara.finance.advisor.planning.cash_flows import Timetable
from scenara.finance.advisor.planning.model import HouseholdModel
from scenara.finance.advisor.planning.projection import Candidate

__all__ = ["PoorMarket", "Remedy", "poor_market", "remedy"]

WANTED = 0.8
"""Chance that remedies aim at."""

_MOST_DOUBLINGS = 12
_MOST_YEARS = 10
_HALVINGS = 7


@dataclass(frozen=True)
class Remedy:
    """Hold what brings one goal to the chance that is wanted, each by itself.

    Args:
        goal: Name of the goal.
        chance: Chance as things are.
        extra_saving: Currency units per month in today's money, for this goal alone; 0 where
            nothing is missing, None where saving alone does not get there.
        saving_months: Months in which that extra saving is possible.
        later_years: Years by which the goal must wait; None where ten, or as many as the worlds
            have left after the last goal, are too few.
        smaller_by: Share by which the goal must shrink; None where nine tenths are too little.
    """

    goal: str
    chance: float
    extra_saving: float | None
    saving_months: int
    later_years: int | None
    smaller_by: float | None


@dataclass(frozen=True)
class PoorMarket:
    """Hold a plan for when the first years go badly.

    Args:
        years: After so many.
        wealth: Wealth then at the 10th percentile, in today's money.
        remedies: What restores each goal from there, in today's money.
    """

    years: int
    wealth: float
    remedies: tuple[Remedy, ...]


def remedy(
    model: HouseholdModel,
    candidate: Candidate,
    goal: str,
    *,
    wanted: float = WANTED,
    step: float = 10.0,
) -> Remedy:
    """Find what brings a goal to a chance.

    Args:
        model: The household in its worlds.
        candidate: How it invests.
        goal: Name of the goal.
        wanted: Chance that is aimed at.
        step: Extra saving is rounded up to multiples of this.

    Returns:
        Three remedies, each by itself.
    """

    def reaches(flows: Timetable) -> bool:
        return model.chance(candidate, goal, flows=flows) >= wanted

    flows = model.flows
    chance = model.chance(candidate, goal)
    if chance >= wanted:
        return Remedy(goal, chance, 0.0, 0, 0, 0.0)
    until = next(known.last_month for known in flows.goals if known.name == goal)
    return Remedy(
        goal,
        chance,
        _least_saving(lambda extra: reaches(flows.more_for(goal, extra)), step, flows),
        int(flows.works[:until].sum()),
        _least_delay(lambda years: reaches(flows.later(years, only=goal)), model),
        _least_cut(lambda cut: reaches(flows.cut(1 - cut, only=goal))),
    )


def poor_market(
    model: HouseholdModel, candidate: Candidate, *, years: int = 5, wanted: float = WANTED
) -> PoorMarket | None:
    """Plan for poor markets: wealth at its 10th percentile after some years, and what helps then.

    Payments that are due in the month of the new beginning are made before it.

    Args:
        model: The household in its worlds.
        candidate: How it invests.
        years: After so many.
        wanted: Chance that is aimed at.

    Returns:
        The plan; None where no goal is left by then.
    """
    month = 12 * years
    if month >= max(goal.last_month for goal in model.flows.goals):
        return None
    yearly = model.run([candidate], keep_wealth=True).yearly
    assert yearly is not None
    wealth = float(np.quantile(yearly[0, years], 0.1))
    level = float(model.flows.price_level[month])
    left = HouseholdModel(
        model.flows.restarted(month, wealth),
        model.frontier,
        model.returns,
        model.families,
        model.charges,
        model.glide_years,
    )
    found = tuple(remedy(left, candidate, goal.name, wanted=wanted) for goal in left.flows.goals)
    return PoorMarket(years, wealth / level, found)


def _least_saving(reaches: Callable[[float], bool], step: float, flows: Timetable) -> float | None:
    if not flows.works.any():
        return None
    high = 10 * step
    for _ in range(_MOST_DOUBLINGS):
        if reaches(high):
            break
        high *= 2
    else:
        return None
    low = 0.0 if high == 10 * step else high / 2
    while high - low > max(step, 0.02 * high):
        middle = (low + high) / 2
        low, high = (low, middle) if reaches(middle) else (middle, high)
    return float(np.ceil(high / step - 1e-9) * step)


def _least_delay(reaches: Callable[[int], bool], model: HouseholdModel) -> int | None:
    last = max(goal.last_month for goal in model.flows.goals)
    room = (len(model.returns) - last) // 12
    for years in range(1, min(_MOST_YEARS, room) + 1):
        if reaches(years):
            return years
    return None


def _least_cut(reaches: Callable[[float], bool]) -> float | None:
    low, high = 0.0, 0.9
    if not reaches(high):
        return None
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (low, middle) if reaches(middle) else (middle, high)
    return float(np.ceil(100 * high) / 100)
