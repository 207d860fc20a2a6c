"""Accounts of goals: what happens to money within a month, in many worlds at once."""

from dataclasses import dataclass

import numpy as np

from scenara.finance.advisor.client import Fees, Tax
from scenara.finance.advisor.planning.cash_flows import Timetable
from scenara.shared.types import FloatArray

__all__ = ["Accounts", "Charges"]

_LEFT_OVER = 1e-9
_TOLERANCE = 1e-7


@dataclass(frozen=True)
class Charges:
    """Hold what is taken from the money beside the running costs of instruments.

    Args:
        advice_per_year: Share of the wealth.
        trading: Share of the value traded, of each purchase and of each sale.
        gains_tax: Rate on realised gains.
        turnover_per_year: Share of an account that rebalancing within it sells and buys.

    Example:
        >>> Charges.of(Fees(advice_per_year=0.003), Tax(long_term=0.15)).gains_tax
        0.15
    """

    advice_per_year: float = 0.0
    trading: float = 0.0
    gains_tax: float = 0.0
    turnover_per_year: float = 0.1

    @classmethod
    def of(cls, fees: Fees, tax: Tax, *, turnover_per_year: float = 0.1) -> "Charges":
        """Take the charges from what a client tells.

        Args:
            fees: Fees of advice and trades.
            tax: Rates; the long-term one is used.
            turnover_per_year: Share of an account that rebalancing sells.

        Returns:
            The charges.
        """
        return cls(fees.advice_per_year, fees.trading, tax.long_term, turnover_per_year)


class Accounts:
    """Keep wealth and average cost of each account, (candidates, goals, worlds).

    ``paid`` adds up charges in today's money, ``missed`` the share of each goal that was not paid.

    Args:
        flows: Cash flows of the plan.
        start: Today's wealth by account, (candidates, goals).
        n: Number of worlds.
        charges: Fees, costs and taxes.
    """

    def __init__(self, flows: Timetable, start: FloatArray, *, n: int, charges: Charges) -> None:
        self.flows = flows
        self.charges = charges
        cost = flows.basis / flows.wealth if flows.wealth > 0 else 0.0
        self.wealth = np.repeat(start[..., None], n, axis=2)
        self.basis = self.wealth * cost
        whole = start.sum(axis=1, keepdims=True)
        parts = np.divide(start, whole, out=np.zeros_like(start), where=whole > 0)
        self.floor = flows.cash_floor * parts
        self.missed = np.zeros_like(self.wealth)
        self.paid = np.zeros((len(start), n))
        self.tolerance = _TOLERANCE
        self.due: dict[int, list[int]] = {}
        for place, goal in enumerate(flows.goals):
            for month in goal.months.tolist():
                self.due.setdefault(month, []).append(place)

    def total(self) -> FloatArray:
        """Give the wealth of all accounts, (candidates, worlds).

        Returns:
            Currency units, nominal.
        """
        found: FloatArray = self.wealth.sum(axis=1)
        return found

    def add(self, saving: FloatArray, *, level: float) -> None:
        """Put saving into accounts, less the cost of buying.

        Args:
            saving: Currency units, (candidates, goals).
            level: Prices, for charges in today's money.
        """
        if not saving.any():
            return
        bought = (saving * (1 - self.charges.trading))[..., None]
        self.wealth += bought
        self.basis += bought
        self.paid += (saving.sum(axis=1) * self.charges.trading / level)[:, None]

    def grow(
        self, growth: FloatArray, *, cash: FloatArray, moved: FloatArray, level: float
    ) -> None:
        """Let a month pass: returns, fees, and what rebalancing and gliding cost and realise.

        The cash that is always kept earns what cash does, whatever else an account holds. What is
        sold within an account is bought again as something else: both cost.

        Args:
            growth: Simple returns, (candidates, goals, worlds).
            cash: Simple returns of cash, (worlds,).
            moved: Share of an account that its glide sells, (candidates, goals).
            level: Prices, for charges in today's money.
        """
        charges = self.charges
        traded = (charges.turnover_per_year / 12 + moved)[..., None]
        if self.floor.any():
            kept = np.minimum(self.wealth, level * self.floor[..., None])
            self.wealth += kept * (cash - growth) + growth * self.wealth
        else:
            self.wealth *= 1 + growth
        fee = charges.advice_per_year / 12
        self.paid += fee / level * self.wealth.sum(axis=1)
        self.wealth *= 1 - fee
        self.basis *= 1 - fee
        costs = 2 * traded * charges.trading * self.wealth
        if charges.gains_tax:
            costs += charges.gains_tax * traded * np.maximum(self.wealth - self.basis, 0.0)
        self.basis += traded * (self.wealth - self.basis) - costs
        self.wealth -= costs
        self.paid += costs.sum(axis=1) / level

    def pay(self, month: int) -> None:
        """Make the payments that are due, and hand on what goals that are over leave.

        Args:
            month: From the day of the plan.
        """
        for place in self.due.get(month, ()):
            goal = self.flows.goals[place]
            level = self.flows.price_level[month]
            short = self._sell(place, np.full_like(self.paid, goal.amount * level), level)
            for other in self._lower(place):
                short = self._sell(other, short, level)
            self.missed[:, place] += short / level / goal.total
            if month == goal.last_month:
                self._hand_on(place, month)

    def _lower(self, place: int) -> list[int]:
        """Give accounts of lower priority than one, the lowest first."""
        goals = self.flows.goals
        rank = goals[place].rank[0]
        return [k for k in reversed(range(len(goals))) if goals[k].rank[0] > rank]

    def _sell(self, place: int, needed: FloatArray, level: float) -> FloatArray:
        """Sell for what is needed after costs and tax, at average cost; give what is short."""
        wealth, basis = self.wealth[:, place], self.basis[:, place]
        costs = self.charges.trading * wealth
        costs = costs + self.charges.gains_tax * np.maximum(wealth - basis, 0.0)
        net = wealth - costs
        part = np.divide(needed, net, out=np.ones_like(net), where=net > _LEFT_OVER)
        part = np.clip(part, 0.0, 1.0)
        self.paid += part * costs / level
        wealth *= 1 - part
        basis *= 1 - part
        short: FloatArray = np.maximum(needed - net, 0.0)
        return short

    def _hand_on(self, place: int, month: int) -> None:
        goals = self.flows.goals
        heirs = [k for k, goal in enumerate(goals) if goal.last_month > month]
        if heirs:
            for kept in (self.wealth, self.basis, self.floor):
                kept[:, heirs[0]] += kept[:, place]
                kept[:, place] = 0.0
