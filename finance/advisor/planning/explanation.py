"""Why this plan: which answer and which figure moved which number, asked again one step away."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from scenara.finance.advisor.client import JobStability
from scenara.finance.advisor.client_file import Client
from scenara.finance.advisor.goals import dated_goals
from scenara.finance.advisor.planning.choice import Scores, admissible_equity, choose
from scenara.finance.advisor.planning.frontier import Frontier
from scenara.finance.advisor.planning.model import HouseholdModel
from scenara.finance.advisor.planning.projection import Candidate, Projection
from scenara.finance.advisor.profile import RiskProfile, risk_profile
from scenara.finance.advisor.questionnaire import ITEMS, answer_problems

__all__ = ["Change", "Lever", "changes", "levers"]

_JOBS: tuple[JobStability, ...] = ("uncertain", "variable", "stable", "secure")


@dataclass(frozen=True)
class Change:
    """Hold what one other answer would have changed.

    Args:
        what: The answer or figure, and what it would be.
        tolerance_score: Points of the questionnaire then.
        capacity_score: Score of the balance sheet then.
        binding: Which of the two would bind.
        maximum_equity: Largest share of equity then.
        equity: Share of equity that would be chosen.
        chances: Goal -> chance then.
    """

    what: str
    tolerance_score: int
    capacity_score: float
    binding: str
    maximum_equity: float
    equity: float
    chances: dict[str, float]


@dataclass(frozen=True)
class Lever:
    """Hold what another amount or assumption does to the chances of the same plan.

    Args:
        what: What is changed.
        chances: Goal -> chance then.
    """

    what: str
    chances: dict[str, float]


def changes(
    client: Client, frontier: Frontier, found: Scores, projection: Projection
) -> list[Change]:
    """Ask for the plan again with each answer a step bolder and a step more careful.

    Args:
        client: Who answered.
        frontier: Family of portfolios.
        found: Scores of all candidates.
        projection: What became of all candidates.

    Returns:
        One change for each step that makes sense; saving and goals stay as they are.
    """
    names = [goal.name for goal in dated_goals(client.goals, client.person)]
    table = projection.chances()
    listed = []
    for what, other in _steps(client):
        profile = risk_profile(other)
        place = choose(found, largest_equity=_admissible(frontier, profile))
        listed.append(
            Change(
                what,
                profile.tolerance.score,
                profile.capacity.score,
                profile.binding,
                profile.maximum_equity,
                found.candidates[place].equity,
                dict(zip(names, table[place].tolist(), strict=True)),
            )
        )
    return listed


def _admissible(frontier: Frontier, profile: RiskProfile) -> float:
    return admissible_equity(
        frontier, maximum_equity=profile.maximum_equity, maximum_loss=profile.maximum_loss
    )


def _steps(client: Client) -> Iterator[tuple[str, Client]]:
    answers = dict(client.questionnaire)
    for item in ITEMS:
        words = list(item.points)
        place = words.index(answers[item.key])
        for step in (-1, 1):
            if 0 <= place + step < len(words):
                other = {**answers, item.key: words[place + step]}
                if not answer_problems(other):
                    told = f"{item.key}: {words[place + step]} instead of {words[place]}"
                    yield told, replace(client, questionnaire=other)
    yield from _household_steps(client)


def _household_steps(client: Client) -> Iterator[tuple[str, Client]]:
    home = client.household
    place = _JOBS.index(home.job_stability)
    for step in (-1, 1):
        if 0 <= place + step < len(_JOBS):
            other = _JOBS[place + step]
            told = f"job_stability: {other} instead of {home.job_stability}"
            yield told, replace(client, household=replace(home, job_stability=other))
    three = home.expenses_per_year / 4
    for sign, word in ((1, "more"), (-1, "less")):
        cash = max(home.emergency_cash + sign * three, 0.0)
        told = f"emergency_cash: three months of expenses {word}"
        yield told, replace(client, household=replace(home, emergency_cash=cash))
    if home.debts:
        yield "debts: none", replace(client, household=replace(home, debts=()))


def levers(model: HouseholdModel, candidate: Candidate) -> list[Lever]:
    """Change one amount or assumption after another under the same plan and the same worlds.

    Args:
        model: The household in its worlds.
        candidate: How it invests.

    Returns:
        One lever for each change that applies.
    """
    flows = model.flows
    inflation = flows.price_level * 1.01 ** (np.arange(flows.n_months) / 12)
    fewer = (model.frontier.shares * 0.02 / 12).astype(np.float32)[:, None]
    runs = {
        "goals: a tenth smaller": model.run([candidate], flows=flows.scaled(0.9)),
        "inflation: one point more a year": model.run(
            [candidate], flows=replace(flows, price_level=inflation)
        ),
        "shares: two points less a year": model.run([candidate], returns=model.returns - fewer),
    }
    if flows.saving[0] > 0:
        more = flows.more_saving(0.1 * float(flows.saving[0]))
        runs = {"saving: a tenth more": model.run([candidate], flows=more), **runs}
    names = [goal.name for goal in flows.goals]
    return [
        Lever(what, dict(zip(names, run.chances()[0].tolist(), strict=True)))
        for what, run in runs.items()
    ]
