"""Risk capacity: how much risk a household's balance sheet can bear, whatever its owner feels."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from scenara.finance.advisor.anchors import Anchors, on_lines
from scenara.finance.advisor.client_file import Client
from scenara.finance.advisor.goals import dated_goals, funding_ratios
from scenara.shared.report.numbers import percent

__all__ = ["Capacity", "CapacityPart", "risk_capacity"]

_STABILITY: Final = {"secure": 1.0, "stable": 0.75, "variable": 0.4, "uncertain": 0.1}
_WEIGHTS: Final = {
    "horizon": 0.30,
    "funding": 0.15,
    "liquidity": 0.15,
    "stability": 0.15,
    "debts": 0.10,
    "slack": 0.10,
    "dependants": 0.05,
}
_ANCHORS: Final[dict[str, Anchors]] = {
    "horizon": ((2, 0), (20, 1)),
    "funding": ((0.4, 0), (1, 1)),
    "liquidity": ((0, 0), (6, 1)),
    "debts": ((0.1, 1), (0.36, 0)),
    "slack": ((0, 0), (0.2, 1)),
    "dependants": ((0, 1), (4, 0.25)),
}
_LEAST_MONTHS = 1.0
_SHORT_YEARS = 3.0
_CAP_WITHOUT_RESERVE = 0.4
_CAP_WITHOUT_TIME = 0.2
_NO_INCOME = 1.0


@dataclass(frozen=True)
class CapacityPart:
    """Hold one part of the score.

    Args:
        name: What is looked at.
        found: The household's figure in words.
        points: Points of 1, by straight lines between the documented anchors.
        weight: Its weight in the score.
    """

    name: str
    found: str
    points: float
    weight: float


@dataclass(frozen=True)
class Capacity:
    """Hold what a household can bear.

    Args:
        score: From 0 to 100.
        parts: What it is made of.
        cap: Largest share of equity, whatever the score; 1 where nothing limits it.
        cap_reason: What limits it; empty for nothing.
    """

    score: float
    parts: tuple[CapacityPart, ...]
    cap: float = 1.0
    cap_reason: str = ""


def risk_capacity(client: Client) -> Capacity:
    """Score a balance sheet from 0 (can bear no loss) to 100.

    The score is a weighted mean of seven parts: years to the goals (weighted by what they are
    worth today), share of the essential goals that is funded at a prudent rate, months of expenses
    in cash, safety of the income, payments on debts by income (36 % is the customary limit of
    lenders), what is left of the income, and dependants. Parts and weights are ours; that capacity
    is an objective limit apart from tolerance, and the kind of figures, follow the literature.
    Under a month of expenses in cash, or with all goals within three years, a cap holds.

    Args:
        client: Whose balance sheet it is.

    Returns:
        The score with its parts.

    References:
        Cordell, D. M. (2001). RiskPACK: how to evaluate risk tolerance. Journal of Financial
        Planning 14(6), 36-40 (capacity apart from tolerance). Klement, J. (ed.) (2018). Risk
        profiling and tolerance: insights for the private wealth manager. CFA Institute Research
        Foundation. https://ssrn.com/abstract=3121126.
    """
    parts = _parts(client)
    score = 100 * sum(part.weight * part.points for part in parts)
    cap, reason = 1.0, ""
    if _months_of_expenses(client) < _LEAST_MONTHS:
        cap, reason = _CAP_WITHOUT_RESERVE, "the emergency cash is less than a month of expenses"
    if _years_to_goals(client) < _SHORT_YEARS:
        cap, reason = _CAP_WITHOUT_TIME, "the goals are on average within three years"
    return Capacity(score, parts, cap, reason)


def _parts(client: Client) -> tuple[CapacityPart, ...]:
    household = client.household
    years, months = _years_to_goals(client), _months_of_expenses(client)
    funded, income = _essential_funding(client), household.income_per_year
    payments = household.debt_payments / income if income else _NO_INCOME * bool(household.debts)
    slack = household.surplus / income if income else 0.0
    found = {
        "horizon": (years, f"{years:.0f} years to the goals on average"),
        "funding": (funded, f"{percent(funded)} of the essential goals funded at a prudent rate"),
        "liquidity": (months, f"{months:.1f} months of expenses in emergency cash"),
        "debts": (payments, f"{percent(payments)} of the income pays debts"),
        "slack": (slack, f"{percent(slack)} of the income is left after expenses and debts"),
        "dependants": (household.dependants, _counted(household.dependants)),
    }
    parts = [
        CapacityPart(name, words, on_lines(value, _ANCHORS[name]), _WEIGHTS[name])
        for name, (value, words) in found.items()
    ]
    stability = _STABILITY[household.job_stability]
    words = f"income is {household.job_stability}"
    parts.append(CapacityPart("stability", words, stability, _WEIGHTS["stability"]))
    return tuple(parts)


def _counted(dependants: int) -> str:
    return "1 dependant" if dependants == 1 else f"{dependants} dependants"


def _years_to_goals(client: Client) -> float:
    goals = dated_goals(client.goals, client.person)
    worth = np.array([goal.present_value() for goal in goals])
    middle = np.array([(goal.first_month + goal.last_month) / 24 for goal in goals])
    return float(worth @ middle / worth.sum())


def _months_of_expenses(client: Client) -> float:
    monthly = client.household.expenses_per_year / 12
    return client.household.emergency_cash / monthly if monthly else 99.0


def _essential_funding(client: Client) -> float:
    """Give the funded share of essential goals; of all goals where none is essential."""
    ratios = funding_ratios(client)
    goals = dated_goals(client.goals, client.person)
    chosen = [goal for goal in goals if goal.priority == "essential"] or goals
    worth = {goal.name: goal.present_value() for goal in chosen}
    return sum(worth[name] * ratios[name] for name in worth) / sum(worth.values())
