"""A household in its worlds: everything a question about the plan needs, asked in one call."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from scenara.finance.advisor.planning.accounts import Charges
from scenara.finance.advisor.planning.cash_flows import Timetable
from scenara.finance.advisor.planning.chances import Chance, pooled_chance
from scenara.finance.advisor.planning.frontier import Frontier
from scenara.finance.advisor.planning.projection import (
    Candidate,
    Projection,
    portfolio_returns,
    project,
)
from scenara.finance.advisor.planning.worlds import CapitalMarkets
from scenara.shared.types import Array, FloatArray

__all__ = ["HouseholdModel"]


@dataclass(frozen=True)
class HouseholdModel:
    """Hold a household's flows, its worlds, and what is charged.

    Args:
        flows: Cash flows.
        frontier: Family of portfolios.
        returns: Returns of each portfolio after expenses, generators one after the other,
            (months, portfolios + 1, families x n).
        families: Names of the generators.
        charges: Fees, costs and taxes.
        glide_years: Length of a glide.
    """

    flows: Timetable
    frontier: Frontier
    returns: FloatArray
    families: tuple[str, ...]
    charges: Charges
    glide_years: float = 10.0

    @classmethod
    def of(
        cls,
        flows: Timetable,
        markets: CapitalMarkets,
        frontier: Frontier,
        *,
        charges: Charges,
        glide_years: float = 10.0,
    ) -> "HouseholdModel":
        """Compute the portfolios' returns in the worlds.

        Args:
            flows: Cash flows.
            markets: The worlds.
            frontier: Family of portfolios.
            charges: Fees, costs and taxes.
            glide_years: Length of a glide.

        Returns:
            The household in its worlds.
        """
        returns = np.concatenate(
            [portfolio_returns(worlds, frontier) for worlds in markets.returns.values()], axis=2
        )
        return cls(flows, frontier, returns, tuple(markets.families), charges, glide_years)

    def run(
        self,
        candidates: Sequence[Candidate],
        *,
        flows: Timetable | None = None,
        returns: FloatArray | None = None,
        keep_wealth: bool = False,
    ) -> Projection:
        """Project candidates, on other flows or returns where they are given.

        Args:
            candidates: Ways to invest.
            flows: Instead of the household's own.
            returns: Instead of the worlds' own.
            keep_wealth: Whether wealth is kept by year.

        Returns:
            What became of the candidates.
        """
        return project(
            flows or self.flows,
            candidates,
            self.returns if returns is None else returns,
            self.frontier,
            charges=self.charges,
            glide_years=self.glide_years,
            keep_wealth=keep_wealth,
        )

    def chance(self, candidate: Candidate, goal: str, *, flows: Timetable | None = None) -> float:
        """Give the chance of one goal.

        Args:
            candidate: Way to invest.
            goal: Name of the goal.
            flows: Instead of the household's own.

        Returns:
            Share of all worlds in which every payment is made.
        """
        flows = flows or self.flows
        place = [known.name for known in flows.goals].index(goal)
        return float(self.run([candidate], flows=flows).chances()[0, place])

    def by_family(self, values: Array) -> dict[str, Array]:
        """Part values by generator.

        Args:
            values: Last axis (families x n).

        Returns:
            Generator -> its part of the last axis.
        """
        return dict(zip(self.families, np.split(values, len(self.families), axis=-1), strict=True))

    def pooled(self, reached: Array) -> Chance:
        """Pool a chance over the generators.

        Args:
            reached: (families x n,).

        Returns:
            The chance with its interval.
        """
        return pooled_chance(self.by_family(reached))

    def goal_chances(self, projection: Projection, place: int = 0) -> Mapping[str, Chance]:
        """Give the chance of each goal under one candidate.

        Args:
            projection: Of this model.
            place: Number of the candidate.

        Returns:
            Name of each goal -> its chance.
        """
        return {
            goal.name: self.pooled(projection.reached[place, k])
            for k, goal in enumerate(self.flows.goals)
        }

    def without_costs(self) -> "HouseholdModel":
        """Give the same household where nothing is charged: no fees, expenses, costs or taxes.

        Returns:
            The household with other returns and charges.
        """
        free = (self.frontier.costs / 12).astype(np.float32)[:, None]
        return replace(self, returns=self.returns + free, charges=Charges())

    def smaller(self, n: int) -> "HouseholdModel":
        """Give the same household in the first worlds of each generator.

        Args:
            n: Worlds of each.

        Returns:
            The household with fewer worlds.
        """
        parts = self.by_family(self.returns).values()
        return replace(self, returns=np.concatenate([part[..., :n] for part in parts], axis=2))
