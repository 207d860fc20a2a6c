"""Crises of the past in the plan's worlds: now, and just before the money is needed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from scenara.finance.advisor.goals import DatedGoal
from scenara.finance.advisor.planning.frontier import Frontier
from scenara.finance.advisor.planning.markets import MarketHistory
from scenara.finance.advisor.planning.model import HouseholdModel
from scenara.finance.advisor.planning.projection import Candidate
from scenara.shared.types import FloatArray

__all__ = ["CRISES", "Crisis", "CrisisResult", "crisis_results", "falls_like_2008"]


@dataclass(frozen=True)
class Crisis:
    """Name a stretch of months.

    Args:
        name: What it is called.
        first: First month (ISO 8601, year and month).
        last: Last month.
    """

    name: str
    first: str
    last: str

    def returns(self, history: MarketHistory) -> FloatArray | None:
        """Give what asset classes returned, (months, classes); None where history lacks a month.

        Args:
            history: Where it is looked up.

        Returns:
            Simple returns per month, or None.
        """
        found = history.returns.loc[self.first : self.last]
        expected = len(pd.period_range(self.first, self.last, freq="M"))
        return found.to_numpy(float) if len(found) == expected else None


CRISES: Final = (
    Crisis("1929-32", "1929-09", "1932-06"),
    Crisis("1973-74", "1973-01", "1974-09"),
    Crisis("2000-02", "2000-04", "2002-09"),
    Crisis("2007-09", "2007-11", "2009-02"),
)
"""Falls of the US share market, from peak to trough by month."""


@dataclass(frozen=True)
class CrisisResult:
    """Hold what a crisis does to a plan.

    Args:
        name: Of the crisis.
        fall: Return of what is held today over it.
        now: Goal -> chance when it comes at once.
        before: Goal -> chance when it ends as the first essential goal begins.
        n_worlds: Worlds that were tried.
    """

    name: str
    fall: float
    now: dict[str, float]
    before: dict[str, float]
    n_worlds: int


def crisis_results(
    model: HouseholdModel,
    candidate: Candidate,
    history: MarketHistory,
    *,
    blend: FloatArray,
    crises: Sequence[Crisis] = CRISES,
) -> list[CrisisResult]:
    """Put each crisis into every world, at its beginning and before the first goal in rank.

    Args:
        model: The household in its worlds, a few hundred of each generator are enough.
        candidate: How it invests.
        history: Where crises are looked up; those it lacks are left out.
        blend: How much of each portfolio, and of cash, is held today, (portfolios + 1,).
        crises: Stretches of months.

    Returns:
        One result for each crisis that the history has.
    """
    due = model.flows.goals[0].first_month
    results = []
    for crisis in crises:
        classes = crisis.returns(history)
        if classes is None:
            continue
        months = _portfolios(classes, model.frontier)
        results.append(
            CrisisResult(
                crisis.name,
                float(np.prod(1 + months @ blend) - 1),
                _chances(model, candidate, months, start=0),
                _chances(model, candidate, months, start=max(due - len(months), 0)),
                model.returns.shape[2],
            )
        )
    return results


def _portfolios(classes: FloatArray, frontier: Frontier) -> FloatArray:
    return classes @ frontier.holdings.T - frontier.costs / 12


def _chances(
    model: HouseholdModel, candidate: Candidate, months: FloatArray, *, start: int
) -> dict[str, float]:
    """Replace the months from ``start`` on in every world."""
    stop = min(start + len(months), len(model.returns))
    returns = model.returns.copy()
    returns[start:stop] = months[: stop - start, :, None]
    found = model.run([candidate], returns=returns).chances()[0]
    return {goal.name: float(p) for goal, p in zip(model.flows.goals, found, strict=True)}


def falls_like_2008(
    model: HouseholdModel, reached: FloatArray, *, blend: FloatArray, fall: float, months: int
) -> tuple[dict[str, float], int, float]:
    """Give the chances in those worlds whose portfolio falls as much within the first months.

    Args:
        model: The household in its worlds.
        reached: Whether each goal was reached, (goals, worlds).
        blend: How much of each portfolio, and of cash, falls, (portfolios + 1,).
        fall: Return at its worst, such as -0.3.
        months: Within so many.

    Returns:
        Goal -> chance (NaN where there are no such worlds), the number of such worlds, and the
        chance of such a fall.
    """
    falls = _lowest(model, blend, months) <= fall
    n = int(falls.sum())
    goals: Sequence[DatedGoal] = model.flows.goals
    found = {
        goal.name: float(reached[k, falls].mean()) if n else float("nan")
        for k, goal in enumerate(goals)
    }
    return found, n, n / len(falls)


def _lowest(model: HouseholdModel, blend: FloatArray, months: int) -> FloatArray:
    growth = np.einsum("p,tpn->tn", blend.astype(np.float32), model.returns[:months])
    wealth = np.cumprod(1 + growth.astype(float), axis=0)
    lowest: FloatArray = wealth.min(axis=0) - 1
    return lowest
