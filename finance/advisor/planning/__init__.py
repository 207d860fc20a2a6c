"""The plan: capital-market worlds, candidate portfolios, a household's future in each.

The names are loaded when they are used, so that the command line stays quick.
"""

from typing import TYPE_CHECKING

from scenara.shared.lazy import lazy_names

if TYPE_CHECKING:
    from scenara.finance.advisor.planning.accounts import Charges
    from scenara.finance.advisor.planning.bonds import bond_returns
    from scenara.finance.advisor.planning.cash_flows import Timetable, timetable
    from scenara.finance.advisor.planning.chances import Chance, pooled_chance, wilson_interval
    from scenara.finance.advisor.planning.checks import PlanChecks, check_plan
    from scenara.finance.advisor.planning.choice import Scores, admissible_equity, choose, scores
    from scenara.finance.advisor.planning.drifts import Drifts, posterior_drifts
    from scenara.finance.advisor.planning.frontier import Frontier, efficient_frontier
    from scenara.finance.advisor.planning.glide import glide_path, glide_paths
    from scenara.finance.advisor.planning.markets import MarketHistory, price_history
    from scenara.finance.advisor.planning.model import HouseholdModel
    from scenara.finance.advisor.planning.plan import Plan, make_plan, plan_in
    from scenara.finance.advisor.planning.projection import Candidate, Projection, project
    from scenara.finance.advisor.planning.universe import Universe
    from scenara.finance.advisor.planning.us_market import us_history
    from scenara.finance.advisor.planning.worlds import CapitalMarkets, simulate_markets

__all__ = [
    "Candidate",
    "CapitalMarkets",
    "Chance",
    "Charges",
    "Drifts",
    "Frontier",
    "HouseholdModel",
    "MarketHistory",
    "Plan",
    "PlanChecks",
    "Projection",
    "Scores",
    "Timetable",
    "Universe",
    "admissible_equity",
    "bond_returns",
    "check_plan",
    "choose",
    "efficient_frontier",
    "glide_path",
    "glide_paths",
    "make_plan",
    "plan_in",
    "pooled_chance",
    "posterior_drifts",
    "price_history",
    "project",
    "scores",
    "simulate_markets",
    "timetable",
    "us_history",
    "wilson_interval",
]

_HOMES = {
    "accounts": ["Charges"],
    "bonds": ["bond_returns"],
    "cash_flows": ["Timetable", "timetable"],
    "chances": ["Chance", "pooled_chance", "wilson_interval"],
    "checks": ["PlanChecks", "check_plan"],
    "choice": ["Scores", "admissible_equity", "choose", "scores"],
    "drifts": ["Drifts", "posterior_drifts"],
    "frontier": ["Frontier", "efficient_frontier"],
    "glide": ["glide_path", "glide_paths"],
    "markets": ["MarketHistory", "price_history"],
    "model": ["HouseholdModel"],
    "plan": ["Plan", "make_plan", "plan_in"],
    "projection": ["Candidate", "Projection", "project"],
    "universe": ["Universe"],
    "us_market": ["us_history"],
    "worlds": ["CapitalMarkets", "simulate_markets"],
}

__getattr__ = lazy_names(__name__, _HOMES)
