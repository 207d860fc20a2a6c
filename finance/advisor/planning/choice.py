"""The choice among candidates: goals first, then what is missed, then the least risk."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from scenara.finance.advisor.goals import DatedGoal
from scenara.finance.advisor.planning.cash_flows import EMPHASES, Timetable
from scenara.finance.advisor.planning.frontier import Frontier
from scenara.finance.advisor.planning.projection import Candidate, Projection
from scenara.finance.advisor.planning.today import equity_today
from scenara.shared.errors import DataError
from scenara.shared.types import FloatArray

__all__ = [
    "PRIORITY_WEIGHTS",
    "Scores",
    "admissible_equity",
    "choose",
    "priority_weights",
    "scores",
]

PRIORITY_WEIGHTS: Final = (4.0, 2.0, 1.0)
"""What reaching a goal counts: essential, important, wish."""

_STEP = 0.005
"""Chances and shortfalls are compared in steps of half a point; less is no reason for more risk."""


@dataclass(frozen=True)
class Scores:
    """Hold what the choice looks at.

    Args:
        candidates: Ways to invest.
        chance: Chance of reaching a goal, weighted by priority, (candidates,).
        missed: Mean share of the goals that is missed, weighted alike, (candidates,).
        today: Share of equity to hold today, (candidates,).
    """

    candidates: tuple[Candidate, ...]
    chance: FloatArray
    missed: FloatArray
    today: FloatArray

    def rank(self, place: int) -> tuple[float, ...]:
        """Give by what a candidate is compared; larger is better.

        Args:
            place: Number of the candidate.

        Returns:
            Chance and shortfall in steps of half a point, less equity, the order of emphases.
        """
        found = self.candidates[place]
        return (
            float(np.floor(self.chance[place] / _STEP + 1e-9)),
            -float(np.floor(self.missed[place] / _STEP + 1e-9)),
            -found.equity,
            -float(EMPHASES.index(found.emphasis)),
        )


def priority_weights(goals: Sequence[DatedGoal]) -> FloatArray:
    """Give the weight of each goal in the choice; they sum to 1.

    Args:
        goals: The goals.

    Returns:
        Shape (goals,).
    """
    weights = np.array([PRIORITY_WEIGHTS[goal.rank[0]] for goal in goals])
    shares: FloatArray = weights / weights.sum()
    return shares


def scores(projection: Projection, flows: Timetable, *, glide_years: float) -> Scores:
    """Sum up what became of each candidate, and what it means for today.

    Args:
        projection: What became of them.
        flows: Cash flows of the household.
        glide_years: Length of a glide.

    Returns:
        Chance, shortfall and today's equity of each candidate.
    """
    weights = priority_weights(flows.goals)
    today = [equity_today(flows, c, glide_years=glide_years) for c in projection.candidates]
    return Scores(
        projection.candidates,
        projection.chances() @ weights,
        projection.missed.mean(axis=2) @ weights,
        np.array(today),
    )


def admissible_equity(frontier: Frontier, *, maximum_equity: float, maximum_loss: float) -> float:
    """Give the largest share of equity within both limits.

    Shares are taken from the bottom up to the first that breaks a limit, so that looser limits
    never give less.

    Args:
        frontier: The family of portfolios.
        maximum_equity: Largest share of equity.
        maximum_loss: Largest mean loss in the worst twentieth of years.

    Returns:
        A share of equity, at most the largest of the family.

    Example:
        >>> family = Frontier(("a", "b"), np.array([0.0, 1.0]), np.eye(2)[::-1], np.zeros(2),
        ...                   np.array([0.0, 0.4]), np.zeros(2))
        >>> round(admissible_equity(family, maximum_equity=0.9, maximum_loss=0.2), 2)
        0.5
    """
    most = min(maximum_equity, float(frontier.equity[-1]))
    breaks = np.flatnonzero(frontier.loss > maximum_loss)
    if not breaks.size:
        return most
    first = int(breaks[0])
    if first == 0:
        return 0.0
    (low, high), (start, end) = (v[first - 1 : first + 1] for v in (frontier.loss, frontier.equity))
    reached = start + (maximum_loss - low) / (high - low) * (end - start)
    return min(most, float(reached))


def choose(found: Scores, *, largest_equity: float) -> int:
    """Choose the candidate with the best chance of the goals within the limit of risk.

    The order is one and the same for all clients' limits: chance, then what is missed, then less
    equity. Shares of equity are gone through from the lowest on; at each one the best way to part
    the money is taken if it beats what was found before and holds no less equity today. A larger
    limit only goes on from where a smaller one ended: who may take more risk never gets less
    equity, neither today nor in accounts that are far from their payments.

    Args:
        found: What is known of the candidates.
        largest_equity: Largest share of equity that is admissible.

    Returns:
        Number of the candidate.

    Raises:
        DataError: No candidate is admissible.
    """
    allowed = [k for k, c in enumerate(found.candidates) if c.equity <= largest_equity + 1e-9]
    if not allowed:
        raise DataError(f"no candidate has {largest_equity:.0%} equity or less; add one without")
    best: int | None = None
    for equity in sorted({found.candidates[place].equity for place in allowed}):
        least = -np.inf if best is None else found.today[best] - 1e-12
        rivals = [
            place
            for place in allowed
            if found.candidates[place].equity == equity and found.today[place] >= least
        ]
        best = max(rivals if best is None else [best, *rivals], key=found.rank)
    assert best is not None
    return best
