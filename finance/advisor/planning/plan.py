"""The plan itself: from a client and a market history to what to hold, and what to expect."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from scenara.finance.advisor.client_file import Client
from scenara.finance.advisor.goals import dated_goals
from scenara.finance.advisor.instruments import CASH as MONEY
from scenara.finance.advisor.planning.accounts import Charges
from scenara.finance.advisor.planning.cash_flows import EMPHASES, timetable
from scenara.finance.advisor.planning.chances import Chance
from scenara.finance.advisor.planning.choice import (
    Scores,
    admissible_equity,
    choose,
    scores,
)
from scenara.finance.advisor.planning.frontier import (
    Frontier,
    efficient_frontier,
    shortfall,
    yearly_returns,
)
from scenara.finance.advisor.planning.glide import calm_paths, glide_paths
from scenara.finance.advisor.planning.markets import CASH, MarketHistory
from scenara.finance.advisor.planning.model import HouseholdModel
from scenara.finance.advisor.planning.projection import Candidate, Projection
from scenara.finance.advisor.planning.today import blend_today
from scenara.finance.advisor.planning.universe import Universe
from scenara.finance.advisor.planning.worlds import CapitalMarkets, simulate_markets
from scenara.finance.advisor.profile import RiskProfile, risk_profile
from scenara.finance.advisor.settings import AdviceSettings
from scenara.shared.progress import Progress, silent
from scenara.shared.types import FloatArray

__all__ = [
    "Plan",
    "candidate_grid",
    "chance_column",
    "make_plan",
    "months_to_simulate",
    "plan_in",
    "weight_column",
]

_SPARE_MONTHS = 60
"""Months of worlds beyond the plan, so that a goal can be tried later."""

_YEARS_DRAWN = 1_500


def chance_column(goal: str) -> str:
    """Name the column of a goal's chance, which no other column is called.

    Args:
        goal: Name of the goal.

    Returns:
        The name.
    """
    return f"chance of {goal}"


def weight_column(asset_class: str) -> str:
    """Name the column of an asset class's weight, which no other column is called.

    Args:
        asset_class: Name of the asset class.

    Returns:
        The name.
    """
    return f"weight of {asset_class}"


@dataclass(frozen=True)
class Plan:
    """Hold a plan with everything it was chosen from.

    Args:
        client: Whose plan it is.
        profile: The risk that the client may take.
        markets: The worlds.
        universe: What may be bought.
        model: The household in its worlds.
        scores: What every candidate reaches.
        compared: What became of every candidate.
        chosen: Number of the chosen one.
        largest_equity: Largest share of equity within the limits of risk.
        projection: What becomes of the chosen one, with wealth by year.
        chances: Goal -> its chance with interval.
    """

    client: Client
    profile: RiskProfile
    markets: CapitalMarkets
    universe: Universe
    model: HouseholdModel
    scores: Scores
    compared: Projection
    chosen: int
    largest_equity: float
    projection: Projection
    chances: Mapping[str, Chance]

    @property
    def candidate(self) -> Candidate:
        """The way to invest that was chosen."""
        return self.scores.candidates[self.chosen]

    @property
    def frontier(self) -> Frontier:
        """The family of portfolios."""
        return self.model.frontier

    @property
    def blend_now(self) -> FloatArray:
        """How much of each portfolio, and of cash, to hold today, (portfolios + 1,)."""
        model = self.model
        return blend_today(
            model.flows, self.candidate, model.frontier, glide_years=model.glide_years
        )

    @property
    def weights_now(self) -> dict[str, float]:
        """Weight of each asset class to hold today, summing to 1."""
        weights = self.blend_now @ self.frontier.holdings
        return dict(zip(self.frontier.classes, weights.tolist(), strict=True))

    @property
    def equity_now(self) -> float:
        """Share of equity to hold today: that of the targets."""
        growth = self.markets.history.growth
        return sum(weight for name, weight in self.weights_now.items() if name in growth)

    @property
    def loss_now(self) -> float:
        """Mean loss of the targets in the worst twentieth of years, at least 0."""
        return max(shortfall(self._years_now()), 0.0)

    @property
    def return_now(self) -> float:
        """Mean return of the targets in a year, after running costs and the fee of advice."""
        costs = float(self.blend_now @ self.frontier.costs) + self.client.fees.advice_per_year
        return float(self._years_now().mean()) - costs

    def _years_now(self) -> FloatArray:
        years = yearly_returns(self.markets, n=_YEARS_DRAWN)
        found: FloatArray = years @ np.array(list(self.weights_now.values()))
        return found

    def targets(self) -> dict[str, float]:
        """Give the weight of each symbol to hold today; money is ``"CASH"``.

        The cash that the client wants to keep is money; all else is spread over instruments.

        Returns:
            Symbol -> weight, summing to 1.
        """
        wealth = self.client.wealth
        kept = self.client.constraints.minimum_cash / wealth if wealth > 0 else 0.0
        weights = self.weights_now
        rest = {**weights, CASH: max(weights[CASH] - kept, 0.0)}
        spread = self.universe.spread(rest)
        money = spread.pop(MONEY, 0.0) + kept
        return {**spread, MONEY: money} if money > 0 else spread

    def glide(self) -> pd.DataFrame:
        """Give what each goal's account holds by year, until its last payment.

        Returns:
            A row for each goal and year: ``goal``, ``year``, ``age``, ``equity``, and ``weight of``
            each asset class.
        """
        flows, size = self.model.flows, {"n_months": self.model.flows.n_months}
        glide_years = self.model.glide_years
        paths = glide_paths(flows.goals, **size, glide_years=glide_years)
        calms = calm_paths(flows.goals, **size, glide_years=glide_years)
        rows = []
        for goal, path, calm in zip(flows.goals, paths, calms, strict=True):
            for month in range(0, goal.last_month + 1, 12):
                equity = float(self.candidate.equity * path[month])
                mix = self.frontier.mix(equity, float(calm[month]))
                rows.append(
                    {
                        "goal": goal.name,
                        "year": month // 12,
                        "age": self.client.person.age + month / 12,
                        "equity": equity,
                        **{weight_column(name): weight for name, weight in mix.items()},
                    }
                )
        return pd.DataFrame(rows)

    def compared_table(self) -> pd.DataFrame:
        """Give what each share of equity reaches, with the best way to part the money.

        Returns:
            A row for each share: ``equity``, ``emphasis``, ``loss`` (mean loss in the worst
            twentieth of years), ``chance`` (weighted by priority), ``missed``, ``chance of`` each
            goal, ``within`` the limits, ``chosen``.
        """
        best: dict[float, int] = {}
        for place, candidate in enumerate(self.scores.candidates):
            known = best.get(candidate.equity)
            if known is None or self.scores.rank(place) > self.scores.rank(known):
                best[candidate.equity] = place
        chances = self.compared.chances()
        rows = [
            {
                "equity": equity,
                "emphasis": self.scores.candidates[place].emphasis,
                "loss": float(np.interp(equity, self.frontier.equity, self.frontier.loss)),
                "chance": float(self.scores.chance[place]),
                "missed": float(self.scores.missed[place]),
                **{
                    chance_column(goal.name): float(chances[place, k])
                    for k, goal in enumerate(self.model.flows.goals)
                },
                "within": equity <= self.largest_equity + 1e-9,
                "chosen": place == self.chosen,
            }
            for equity, place in sorted(best.items())
        ]
        return pd.DataFrame(rows)


def candidate_grid(frontier: Frontier, step: float) -> list[Candidate]:
    """Give the ways to invest that are compared: shares of equity times ways to part the money.

    Args:
        frontier: Family of portfolios.
        step: Distance between shares of equity.

    Returns:
        Candidates by rising equity.
    """
    most = float(frontier.equity[-1])
    shares = np.unique(np.append(np.arange(0, most - step / 2, step), most).round(9))
    return [Candidate(float(equity), emphasis) for equity in shares for emphasis in EMPHASES]


def months_to_simulate(client: Client) -> int:
    """Give the months of worlds that a client's plan needs.

    Args:
        client: Whose plan it is.

    Returns:
        Months, with five years to spare.
    """
    goals = dated_goals(client.goals, client.person)
    return max(goal.last_month for goal in goals) + 1 + _SPARE_MONTHS


def make_plan(
    client: Client,
    history: MarketHistory,
    settings: AdviceSettings,
    *,
    progress: Progress = silent,
) -> Plan:
    """Simulate worlds, compare ways to invest in all of them, take the best within limits.

    Args:
        client: Whose data were checked.
        history: What worlds are learned from.
        settings: How many worlds, which generators, which steps.
        progress: Told how far it is.

    Returns:
        The plan.

    Raises:
        ConfigError: A generator is unknown.
        DataError: A generator can't learn from the history, or the constraints leave no portfolio.
    """
    markets = simulate_markets(
        history,
        settings.families,
        n_paths=settings.n_paths,
        n_months=months_to_simulate(client),
        views=client.views,
        uncertain_means=settings.uncertain_means,
        seed=settings.seed,
        progress=progress,
    )
    return plan_in(client, markets, settings, progress=progress)


def plan_in(
    client: Client,
    markets: CapitalMarkets,
    settings: AdviceSettings,
    *,
    progress: Progress = silent,
) -> Plan:
    """Choose how to invest in worlds that are there already.

    Args:
        client: Whose data were checked.
        markets: Worlds at least as long as the client's goals.
        settings: Which steps.
        progress: Told how far it is.

    Returns:
        The plan.

    Raises:
        ConfigError: The worlds are shorter than the plan.
        DataError: The constraints leave no portfolio.
    """
    universe = Universe(client.instruments, client.constraints, markets.history.classes)
    frontier = efficient_frontier(markets, universe, tilt=settings.tilt)
    model = HouseholdModel.of(
        timetable(client),
        markets,
        frontier,
        charges=Charges.of(client.fees, client.tax),
        glide_years=settings.glide_years,
    )
    progress("compare candidates", 0, 1)
    compared = model.run(candidate_grid(frontier, settings.equity_step))
    progress("compare candidates", 1, 1)
    profile = risk_profile(client)
    largest = admissible_equity(
        frontier, maximum_equity=profile.maximum_equity, maximum_loss=profile.maximum_loss
    )
    found = scores(compared, model.flows, glide_years=model.glide_years)
    chosen = choose(found, largest_equity=largest)
    projection = model.run([found.candidates[chosen]], keep_wealth=True)
    return Plan(
        client,
        profile,
        markets,
        universe,
        model,
        found,
        compared,
        chosen,
        largest,
        projection,
        model.goal_chances(projection),
    )
