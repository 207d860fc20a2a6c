"""A household's cash flows by month: what comes in, what is paid, and which account gets what."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from scenara.finance.advisor.client_file import Client
from scenara.finance.advisor.goals import DatedGoal, dated_goals, saving_months
from scenara.shared.errors import ConfigError
from scenara.shared.types import FloatArray

__all__ = ["EMPHASES", "Timetable", "account_flows", "timetable"]

EMPHASES: Final = ("by need", "by priority", "by date", "essential first", "nearest first")
"""Ways to part money among accounts: three in proportion, two one goal after the other."""

_BY_PRIORITY = (4.0, 2.0, 1.0)
_MARGIN = 1.2
"""What is laid by for a goal that is served first, over its need at a prudent rate."""


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
        earmarked: Saving beside the rest that goes to the account of one goal alone, nominal,
            (goals, months); None for none.
        cash_floor: Today's money that stays in cash as long as there is as much.

    Raises:
        ConfigError: Shapes do not fit, or a goal is due outside of the months.
    """

    goals: tuple[DatedGoal, ...]
    saving: FloatArray
    works: FloatArray
    price_level: FloatArray
    wealth: float
    basis: float
    earmarked: FloatArray | None = None
    cash_floor: float = 0.0

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

        Returns:
            Flows with the same goals.
        """
        extra = per_month * self.price_level * self.works
        return replace(self, saving=self.saving + extra)

    def more_for(self, goal: str, per_month: float) -> "Timetable":
        """Give the same flows with more put aside for one goal, in months with saving.

        Args:
            goal: Name of the goal, which gets it until its last payment.
            per_month: Currency units in today's money.

        Returns:
            Flows with the same goals.
        """
        place = [known.name for known in self.goals].index(goal)
        until = np.arange(self.n_months) < self.goals[place].last_month
        earmarked = np.zeros((len(self.goals), self.n_months))
        earmarked[place] = per_month * self.price_level * self.works * until
        return replace(self, earmarked=earmarked)

    def cut(self, factor: float, *, only: str) -> "Timetable":
        """Give the same flows with one goal smaller, but as much money in its account.

        Args:
            factor: Such as 0.9, for a tenth less.
            only: Name of the goal.

        Returns:
            Flows with the same dates.
        """
        goals = tuple(
            replace(goal, amount=goal.amount * factor, laid_by=goal.laid_by / factor)
            if goal.name == only
            else goal
            for goal in self.goals
        )
        return replace(self, goals=goals)

    def scaled(self, factor: float) -> "Timetable":
        """Give the same flows with goals scaled, and their accounts with them.

        Args:
            factor: Such as 0.9, for goals of a tenth less.

        Returns:
            Flows with the same dates.
        """
        goals = tuple(replace(goal, amount=goal.amount * factor) for goal in self.goals)
        return replace(self, goals=goals)

    def later(self, years: int, *, only: str | None = None) -> "Timetable":
        """Give the same flows with goals later.

        Where a goal that moves begins in the month in which the saving ends, as a retirement does,
        the household works and saves longer too; another goal leaves work as it is.

        Args:
            years: By how many.
            only: Name of the one goal that moves; None for all.

        Returns:
            Flows over as many months more as the goals need.
        """
        moved = tuple(
            replace(goal, first_month=goal.first_month + 12 * years)
            if only in (None, goal.name)
            else goal
            for goal in self.goals
        )
        n_months = max(self.n_months, *(goal.last_month + 1 for goal in moved))
        n_works = int(self.works.sum())
        ends_work = (
            goal.first_month == n_works for goal in self.goals if only in (None, goal.name)
        )
        longer = n_works + 12 * years * (n_works > 0 and any(ends_work))
        months = np.arange(n_months)
        level = self.price_level[min(1, self.n_months - 1)] ** months
        saving = np.pad(self.saving, (0, n_months - self.n_months))
        saving[n_works:longer] = self.saving[max(n_works - 1, 0)]
        works = (months < longer).astype(float)
        return Timetable(
            moved, saving, works, level, self.wealth, self.basis, cash_floor=self.cash_floor
        )

    def restarted(self, month: int, wealth: float) -> "Timetable":
        """Give what is left of the flows after the payments of a month, in that month's money.

        Args:
            month: The new beginning.
            wealth: Nominal currency units left when its payments are made, taken at their cost.

        Returns:
            Flows of the months that are left.
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
            cash_floor=self.cash_floor,
        )


def timetable(client: Client) -> Timetable:
    """Put a client's flows on the axis of months.

    Saving grows every twelve months; goals and prices grow with inflation; a yearly goal is paid
    at the beginning of its year.

    Args:
        client: Whose flows they are.

    Returns:
        The flows, whose last month is that of the last payment.

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
    return Timetable(
        goals,
        saving,
        works,
        level,
        client.wealth,
        client.cost_basis,
        cash_floor=client.constraints.minimum_cash,
    )


def account_flows(flows: Timetable, *, emphasis: str) -> tuple[FloatArray, FloatArray]:
    """Part today's wealth and each month's saving among the accounts of goals.

    In proportion, wealth is parted by what goals are worth today, and saving by the saving that
    each would need by itself until its first payment: ``"by need"`` as it is, ``"by priority"``
    with 4 for essential goals, 2 for important ones and 1 for wishes, ``"by date"`` with half the
    weight from each goal to the next one in time. ``"essential first"`` and ``"nearest first"``
    serve goals one after the other: each gets a fifth more than it needs at a prudent rate, as far
    as the money goes, and what is left is parted by need. Saving goes to goals that have not begun,
    then to those that are not over. What an account gets never falls when more is saved.

    Args:
        flows: Cash flows of the plan.
        emphasis: One of ``EMPHASES``.

    Returns:
        Currency units of today's wealth (goals,), and of each month's saving (goals, months).

    Example:
        >>> goals = (DatedGoal("a", "essential", 60.0, 12), DatedGoal("b", "wish", 60.0, 12))
        >>> ones = np.ones(13)
        >>> flows = Timetable(goals, ones, ones, ones, wealth=100.0, basis=100.0)
        >>> account_flows(flows, emphasis="essential first")[0].round(1)
        array([71.3, 28.7])
    """
    goals = flows.goals
    weights = _weights(goals, emphasis)
    worth = np.array([goal.laid_by * goal.present_value() for goal in goals])
    need = np.array([goal.laid_by * goal.saving_needed() for goal in goals])
    places = _open_accounts(flows)
    start_parts = (weights * worth)[:, None]
    parts = (weights * need)[:, None] * places
    order = _order(goals, emphasis)
    wealth = np.array([flows.wealth])
    first = _served(wealth, _MARGIN * worth[:, None], order)
    start = first + (wealth - first.sum(axis=0)) * start_parts / start_parts.sum(axis=0)
    gap = np.maximum(_MARGIN - first[:, 0] / worth, 0.0) * need
    served = _served(flows.saving, gap[:, None] * flows.price_level * places, order)
    saving = served + (flows.saving - served.sum(axis=0)) * parts / parts.sum(axis=0)
    extra = 0.0 if flows.earmarked is None else flows.earmarked
    return start[:, 0], saving + extra


def _weights(goals: Sequence[DatedGoal], emphasis: str) -> FloatArray:
    if emphasis == "by priority":
        return np.array([_BY_PRIORITY[goal.rank[0]] for goal in goals])
    if emphasis == "by date":
        starts = sorted({goal.first_month for goal in goals})
        return np.array([0.5 ** starts.index(goal.first_month) for goal in goals])
    return np.ones(len(goals))


def _order(goals: Sequence[DatedGoal], emphasis: str) -> list[int]:
    """Give the goals that are served one after the other; none where money is parted."""
    places = list(range(len(goals)))
    if emphasis == "nearest first":
        return sorted(places, key=lambda place: goals[place].first_month)
    return places if emphasis == "essential first" else []


def _open_accounts(flows: Timetable) -> FloatArray:
    """Mark accounts that saving goes to, (goals, months): one at least in every month."""
    months = np.arange(flows.n_months)
    ahead = np.array([goal.first_month > months for goal in flows.goals])
    unpaid = np.array([goal.last_month > months for goal in flows.goals])
    places = np.where(ahead.any(axis=0), ahead, unpaid)
    places[0] |= ~places.any(axis=0)
    return places.astype(float)


def _served(money: FloatArray, need: FloatArray, order: Sequence[int]) -> FloatArray:
    """Give each goal in turn what it needs (goals, months), as far as the money (months,) goes."""
    left, served = money.astype(float), np.zeros_like(need)
    for place in order:
        served[place] = np.minimum(need[place], left)
        left = left - served[place]
    return served
