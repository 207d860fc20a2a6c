"""A household's cash flows by month: what comes in, what is paid, and which account gets what."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from scenara.finance.advisor.client_file import Client
from scenara.finance.advisor.goals import DatedGoal, dated_goals, saving_months
from scenara.shared.errors import ConfigError
from scenara.shared.types import FloatArray

__all__ = ["EMPHASES", "Timetable", "account_shares", "timetable"]

EMPHASES: Final = ("by need", "essential first", "nearest first")
"""Ways to part money among accounts: needs count alike, by priority, or by date."""

_BY_PRIORITY = (4.0, 2.0, 1.0)


@dataclass(frozen=True)
class Timetable:
    """Hold the cash flows of a plan; amounts are nominal.

    Args:
        goals: Served in this order.
        saving: Put aside at the beginning of each month, (months,).
        works: 1 in months in which the household works and can save, else 0, (months,).
        price_level: Prices at the beginning of each month, today's 1, (months,).
        wealth: Currency units invested today.
        basis: What they have cost.

    Raises:
        ConfigError: Shapes do not fit, or a goal is due outside of the months.
    """

    goals: tuple[DatedGoal, ...]
    saving: FloatArray
    works: FloatArray
    price_level: FloatArray
    wealth: float
    basis: float

    def __post_init__(self) -> None:
        """Refuse flows that don't fit."""
        if self.saving.shape != self.price_level.shape:
            raise ConfigError(
                f"timetable: {self.saving.shape} savings for {self.price_level.shape} price levels"
            )
        for goal in self.goals:
            if not 0 < goal.first_month <= goal.last_month < self.n_months:
                raise ConfigError(
                    f"goal {goal.name!r}: months {goal.first_month} to {goal.last_month} are not "
                    f"within 1 to {self.n_months - 1}"
                )

    @property
    def n_months(self) -> int:
        """Months of the plan; the last payment is at the beginning of the last one."""
        return len(self.saving)

    def more_saving(self, per_month: float) -> "Timetable":
        """Give the same flows with more put aside, in today's money, in months with saving.

        Args:
            per_month: Currency units in today's money.
        """
        extra = per_month * self.price_level * self.works
        return replace(self, saving=self.saving + extra)

    def scaled(self, factor: float, *, only: str | None = None) -> "Timetable":
        """Give the same flows with goals scaled.

        Args:
            factor: Such as 0.9, for goals of a tenth less.
            only: Name of the one goal that is scaled; None for all.
        """
        goals = tuple(
            replace(goal, amount=goal.amount * factor) if only in (None, goal.name) else goal
            for goal in self.goals
        )
        return replace(self, goals=goals)

    def later(self, years: int, *, only: str | None = None) -> "Timetable":
        """Give the same flows with goals later; the months grow, saving goes on until then.

        Args:
            years: By how many.
            only: Name of the one goal that moves; None for all.
        """
        moved = tuple(
            replace(goal, first_month=goal.first_month + 12 * years)
            if only in (None, goal.name)
            else goal
            for goal in self.goals
        )
        n_months = max(self.n_months, *(goal.last_month + 1 for goal in moved))
        n_works = int(self.works.sum()) + 12 * years if self.works.any() else 0
        level = self.price_level[min(1, self.n_months - 1)] ** np.arange(n_months)
        works = (np.arange(n_months) < n_works).astype(float)
        saving = np.pad(self.saving, (0, n_months - self.n_months))
        last = int(self.works.sum()) - 1
        saving[last + 1 : n_works] = self.saving[last] if last >= 0 else 0.0
        return Timetable(moved, saving, works, level, self.wealth, self.basis)

    def restarted(self, month: int, wealth: float) -> "Timetable":
        """Give what is left of the flows from a month on, in that month's money.

        Args:
            month: The new beginning.
            wealth: Nominal currency units invested then, taken at their cost.
        """
        goals = []
        for goal in self.goals:
            left = int((goal.months > month).sum())
            if left:
                first = int(goal.months[-left]) - month
                goals.append(replace(goal, first_month=first, n_payments=left))
        unit = self.price_level[month]
        return Timetable(
            tuple(goals),
            self.saving[month:] / unit,
            self.works[month:],
            self.price_level[month:] / unit,
            wealth / unit,
            wealth / unit,
        )


def timetable(client: Client) -> Timetable:
    """Put a client's flows on the axis of months.

    Saving grows every twelve months; goals and prices grow with inflation; a yearly goal is paid
    at the beginning of its year.

    Args:
        client: Whose flows they are.

    Raises:
        ConfigError: A goal is due before the plan begins.
    """
    goals = dated_goals(client.goals, client.person)
    n_months = max(goal.last_month for goal in goals) + 1
    months = np.arange(n_months)
    works = (months < saving_months(goals, client.person)).astype(float)
    growth = (1 + client.saving.growth_per_year) ** (months // 12)
    level = (1 + client.assumptions.inflation_per_year) ** (months / 12)
    saving = client.saving.per_month * growth * works
    return Timetable(goals, saving, works, level, client.wealth, client.cost_basis)


def account_shares(
    goals: Sequence[DatedGoal], n_months: int, *, emphasis: str
) -> tuple[FloatArray, FloatArray]:
    """Part wealth and saving among the accounts of goals.

    Wealth is parted by what goals are worth today, saving by the saving that each would need by
    itself until its first payment, both times the weight of the priority. They depend on goals
    alone, so that whoever saves more has no less in any account. ``"by need"`` has the same weight
    for all; ``"essential first"`` has 4 for essential goals, 2 for important ones and 1 for wishes;
    ``"nearest first"`` halves the weight from each goal to the next one in time. Saving goes to
    goals that have not begun, then to those that are not over.

    Args:
        goals: The goals.
        n_months: Months of the plan.
        emphasis: One of ``EMPHASES``.

    Returns:
        Shares of today's wealth (goals,), and of each month's saving (goals, months).

    Example:
        >>> goals = [DatedGoal("a", "essential", 1.0, 12), DatedGoal("b", "wish", 1.0, 12)]
        >>> account_shares(goals, 13, emphasis="essential first")[0].round(2)
        array([0.8, 0.2])
    """
    weights = _weights(goals, emphasis)
    worth = weights * [goal.present_value() for goal in goals]
    need = weights * [goal.saving_needed() for goal in goals]
    months = np.arange(n_months)
    ahead = np.array([goal.first_month > months for goal in goals])
    unpaid = np.array([goal.last_month > months for goal in goals])
    open_accounts = np.where(ahead.any(axis=0), ahead, unpaid)
    open_accounts[0] |= ~open_accounts.any(axis=0)
    parts = need[:, None] * open_accounts
    return worth / worth.sum(), parts / parts.sum(axis=0)


def _weights(goals: Sequence[DatedGoal], emphasis: str) -> FloatArray:
    if emphasis == "essential first":
        return np.array([_BY_PRIORITY[goal.rank[0]] for goal in goals])
    if emphasis == "nearest first":
        starts = sorted({goal.first_month for goal in goals})
        return np.array([0.5 ** starts.index(goal.first_month) for goal in goals])
    return np.ones(len(goals))
