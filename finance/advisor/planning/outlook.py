"""What money may become: the fan of wealth, four scenarios, and what costs take."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from scenara.finance.advisor.planning.model import HouseholdModel
from scenara.finance.advisor.planning.projection import Candidate, Projection
from scenara.shared.types import FloatArray

__all__ = [
    "FAN",
    "CostOfFees",
    "cost_of_fees",
    "portfolio_scenarios",
    "wealth_at_goals",
    "wealth_fan",
]

FAN = (0.1, 0.5, 0.9)
"""Quantiles of the fan."""

_SCENARIOS = {"unfavourable": 0.1, "moderate": 0.5, "favourable": 0.9}
_STRESS_TAIL = 0.05
_STRESS_WORLDS = 0.1


@dataclass(frozen=True)
class CostOfFees:
    """Hold what charges cost over the life of a plan, against the same worlds without any.

    Args:
        wealth: Median wealth just before the first goal in rank begins, today's money.
        wealth_without: The same without charges.
        chances: Goal -> chance.
        chances_without: The same without charges.
        paid: Median of advice fees, costs of trading and taxes over the plan, today's money.
        expenses_per_year: Running costs of what is held today.
    """

    wealth: float
    wealth_without: float
    chances: dict[str, float]
    chances_without: dict[str, float]
    paid: float
    expenses_per_year: float

    @property
    def share_lost(self) -> float:
        """Share of the wealth that charges take until the goal begins."""
        return 1 - self.wealth / self.wealth_without if self.wealth_without > 0 else 0.0


def wealth_fan(model: HouseholdModel, projection: Projection, place: int = 0) -> pd.DataFrame:
    """Give quantiles of wealth at the beginning of each year, after the payments of that month.

    Args:
        model: The household in its worlds.
        projection: Of this model, with wealth by year.
        place: Number of the candidate.

    Returns:
        A row for each year, generator (and ``all``) and quantile: ``nominal`` and ``real`` wealth.
    """
    assert projection.yearly is not None
    yearly = projection.yearly[place]
    level = model.flows.price_level[::12][: len(yearly)]
    rows = []
    for family, paths in {"all": yearly, **model.by_family(yearly)}.items():
        for quantile in FAN:
            nominal = np.quantile(paths, quantile, axis=1)
            rows.append(
                pd.DataFrame(
                    {
                        "year": np.arange(len(yearly)),
                        "family": family,
                        "quantile": quantile,
                        "nominal": nominal,
                        "real": nominal / level,
                    }
                )
            )
    return pd.concat(rows, ignore_index=True)


def wealth_at_goals(model: HouseholdModel, projection: Projection) -> pd.DataFrame:
    """Give quantiles of wealth just before the first payment of each goal, in today's money.

    Args:
        model: The household in its worlds.
        projection: Of this model and one candidate, with wealth at the beginning of goals.

    Returns:
        A row for each goal, in their order: ``goal``, ``month``, and a column for each quantile.
    """
    assert projection.beginnings is not None
    goals = model.flows.goals
    months = [goal.first_month for goal in goals]
    wealth = projection.beginnings[0] / model.flows.price_level[months][:, None]
    table = pd.DataFrame(np.quantile(wealth, FAN, axis=1).T, columns=list(FAN))
    table.insert(0, "month", months)
    table.insert(0, "goal", [goal.name for goal in goals])
    return table


def portfolio_scenarios(
    model: HouseholdModel,
    *,
    blend: FloatArray,
    years: tuple[int, ...] = (1, 5, 10),
    amount: float = 10_000,
) -> pd.DataFrame:
    """Give what an amount invested today becomes in four scenarios, costs taken off.

    Unfavourable, moderate and favourable are the 10th, 50th and 90th percentile of the worlds;
    stress is the 5th percentile among the tenth of worlds whose months swing most over the time.

    Args:
        model: The household in its worlds.
        blend: How much of each portfolio, and of cash, is held throughout, (portfolios + 1,).
        years: Holding times; longer ones than the worlds are left out.
        amount: Currency units invested.

    Returns:
        A row for each scenario; a column for each time with the value, nominal.

    References:
        Commission Delegated Regulation (EU) 2017/653, annex IV (performance scenarios), whose names
        and percentiles these follow; their means and method do not.
    """
    held = blend.astype(np.float32)
    columns = {}
    for n in [n for n in years if 12 * n <= len(model.returns)]:
        months = np.einsum("p,tpn->tn", held, model.returns[: 12 * n]).astype(float)
        months -= model.charges.advice_per_year / 12
        value = amount * np.prod(1 + months, axis=0)
        spread = months.std(axis=0)
        wild = value[spread >= np.quantile(spread, 1 - _STRESS_WORLDS)]
        columns[n] = {
            "stress": float(np.quantile(wild, _STRESS_TAIL)),
            **{name: float(np.quantile(value, q)) for name, q in _SCENARIOS.items()},
        }
    return pd.DataFrame(columns)


def cost_of_fees(
    model: HouseholdModel, candidate: Candidate, projection: Projection, *, blend: FloatArray
) -> CostOfFees:
    """Run the same worlds without charges, and compare.

    Args:
        model: The household in its worlds.
        candidate: How it invests.
        projection: The plan's, with wealth by year, its only candidate.
        blend: How much of each portfolio, and of cash, is held today, (portfolios + 1,).

    Returns:
        Wealth and chances with and without charges.
    """
    free = model.without_costs().run([candidate], keep_wealth=True)
    level = float(model.flows.price_level[model.flows.goals[0].first_month])
    names = [goal.name for goal in model.flows.goals]
    return CostOfFees(
        _median(projection) / level,
        _median(free) / level,
        dict(zip(names, projection.chances()[0].tolist(), strict=True)),
        dict(zip(names, free.chances()[0].tolist(), strict=True)),
        float(np.median(projection.charges_paid[0])),
        float(blend @ model.frontier.costs),
    )


def _median(projection: Projection) -> float:
    assert projection.beginnings is not None
    return float(np.median(projection.beginnings[0, 0]))
