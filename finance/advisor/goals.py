"""Goals as sub-accounts: when each is paid, what it is worth today, and who pays for it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from scenara.finance.advisor.client import PRIORITIES, Goal, Person, Priority
from scenara.finance.advisor.client_file import Client
from scenara.shared.types import IntArray

__all__ = ["PRUDENT_REAL_RATE", "DatedGoal", "dated_goals", "funding_ratios", "saving_months"]

PRUDENT_REAL_RATE = 0.01
"""Return per year beyond inflation at which needs are discounted, about that of safe bonds."""


@dataclass(frozen=True)
class DatedGoal:
    """Hold a goal in months from the day of the plan.

    Args:
        name: What it is.
        priority: How much it matters.
        amount: Currency units of each payment in today's money.
        first_month: Month of the first payment.
        n_payments: Number of yearly payments.
        laid_by: How much money is parted for it, as a multiple of its need; above 1 for a goal
            that is cut while its account stays as it was.

    Example:
        >>> goal = DatedGoal("study", "important", 10_000, first_month=24, n_payments=2)
        >>> goal.months.tolist(), round(goal.present_value())
        ([24, 36], 19509)
    """

    name: str
    priority: Priority
    amount: float
    first_month: int
    n_payments: int = 1
    laid_by: float = 1.0

    @property
    def months(self) -> IntArray:
        """Month of each payment."""
        found: IntArray = self.first_month + 12 * np.arange(self.n_payments)
        return found

    @property
    def last_month(self) -> int:
        """Month of the last payment."""
        return self.first_month + 12 * (self.n_payments - 1)

    @property
    def total(self) -> float:
        """Currency units in today's money, all payments together."""
        return self.amount * self.n_payments

    @property
    def rank(self) -> tuple[int, int]:
        """Order in which goals are served: by priority, then by date."""
        return PRIORITIES.index(self.priority), self.first_month

    def present_value(self, rate_per_year: float = PRUDENT_REAL_RATE) -> float:
        """Give what the goal is worth today, in today's money.

        Args:
            rate_per_year: Real rate of discount.

        Returns:
            Currency units in today's money.
        """
        return float(self.amount * ((1 + rate_per_year) ** (-self.months / 12)).sum())

    def saving_needed(self, rate_per_year: float = PRUDENT_REAL_RATE) -> float:
        """Give the saving per month up to the first payment that would pay for the goal alone.

        Args:
            rate_per_year: Real rate at which savings grow.

        Returns:
            Currency units a month in today's money.
        """
        months = np.arange(max(self.first_month, 1))
        return self.present_value(rate_per_year) / float(
            ((1 + rate_per_year) ** (-months / 12)).sum()
        )


def dated_goals(goals: Sequence[Goal], person: Person) -> tuple[DatedGoal, ...]:
    """Put goals on the axis of months, served in order of priority, then date.

    Args:
        goals: What the money is for.
        person: Whose goals they are.

    Returns:
        The goals in the order in which they are served.

    Example:
        >>> person = Person(as_of="2026-11-01", age=35)
        >>> goals = [Goal(name="boat", amount=9, priority="wish", age=40),
        ...          Goal(name="roof", amount=9, priority="essential", date="2027-11-30")]
        >>> [(goal.name, goal.first_month) for goal in dated_goals(goals, person)]
        [('roof', 12), ('boat', 60)]
    """
    dated = (
        DatedGoal(goal.name, goal.priority, goal.amount, goal.first_month(person), goal.years)
        for goal in goals
    )
    return tuple(sorted(dated, key=lambda goal: goal.rank))


def saving_months(goals: Sequence[DatedGoal], person: Person) -> int:
    """Give the months in which something is put aside.

    Args:
        goals: The goals.
        person: Whose retirement ends the saving; without one it ends with the last goal's
            first payment.

    Returns:
        Number of months, from the day of the plan.
    """
    if person.retirement_age is not None:
        return max(round(12 * (person.retirement_age - person.age)), 0)
    return max(goal.first_month for goal in goals)


def funding_ratios(client: Client) -> dict[str, float]:
    """Give the share of each goal that wealth and planned saving pay for at a prudent rate.

    Resources serve goals by priority, then date. They are the holdings and the present value of
    all saving; needs and saving are discounted at ``PRUDENT_REAL_RATE`` in today's money.

    Args:
        client: Whose goals they are.

    Returns:
        Name of each goal -> share, from 0 to 1.
    """
    goals = dated_goals(client.goals, client.person)
    left = client.wealth + _saving_value(client, saving_months(goals, client.person))
    ratios = {}
    for goal in goals:
        need = goal.present_value()
        ratios[goal.name] = min(left / need, 1.0)
        left = max(left - need, 0.0)
    return ratios


def _saving_value(client: Client, n_months: int) -> float:
    years = np.arange(n_months) // 12
    inflation = client.assumptions.inflation_per_year
    real_growth = (1 + client.saving.growth_per_year) / (1 + inflation) / (1 + PRUDENT_REAL_RATE)
    return float(client.saving.per_month * (real_growth**years).sum())
