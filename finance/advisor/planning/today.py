"""What a way to invest means for today: what all accounts hold together on the day of the plan."""

from scenara.finance.advisor.planning.cash_flows import Timetable, account_flows
from scenara.finance.advisor.planning.frontier import Frontier
from scenara.finance.advisor.planning.glide import calm_paths, glide_paths
from scenara.finance.advisor.planning.projection import Candidate
from scenara.shared.types import FloatArray

__all__ = ["blend_today", "equity_today"]


def equity_today(flows: Timetable, candidate: Candidate, *, glide_years: float) -> float:
    """Give the share of equity to hold today, over all accounts and their glide paths.

    Accounts count by the wealth in them, less the cash that is always kept; where there is no
    wealth yet, by the first saving.

    Args:
        flows: Cash flows of the household.
        candidate: How it invests.
        glide_years: Length of a glide.

    Returns:
        A share of the wealth, at most the candidate's.
    """
    invested = _invested(flows, candidate)
    glides = glide_paths(flows.goals, n_months=1, glide_years=glide_years)[:, 0]
    return float(candidate.equity * (invested @ glides))


def blend_today(
    flows: Timetable, candidate: Candidate, frontier: Frontier, *, glide_years: float
) -> FloatArray:
    """Give how much of each portfolio, and of cash, all accounts hold together today.

    Args:
        flows: Cash flows of the household.
        candidate: How it invests.
        frontier: The family of portfolios.
        glide_years: Length of a glide.

    Returns:
        Shape (portfolios + 1,), summing to 1; cash is the last one.
    """
    invested = _invested(flows, candidate)
    glides, calm = (
        paths(flows.goals, n_months=1, glide_years=glide_years)[:, 0]
        for paths in (glide_paths, calm_paths)
    )
    blend: FloatArray = invested @ frontier.blend(candidate.equity * glides, calm)
    blend[-1] += 1 - invested.sum()
    return blend


def _invested(flows: Timetable, candidate: Candidate) -> FloatArray:
    """Give the share of today's money in each account that is not kept in cash, (goals,)."""
    start, saving = account_flows(flows, emphasis=candidate.emphasis)
    money = start if flows.wealth > 0 else saving[:, 0]
    kept = min(flows.cash_floor / flows.wealth, 1.0) if flows.wealth > 0 else 0.0
    shares: FloatArray = (1 - kept) * money / money.sum()
    return shares
