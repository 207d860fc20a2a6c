"""One trade that pays for itself: costs of every kind and the tax on what it realises."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from scenara.finance.portfolio.account import Costs
from scenara.finance.portfolio.accounting import total
from scenara.finance.portfolio.rebalancing import Orders
from scenara.shared.errors import ConfigError

__all__ = ["Bill", "Trade", "settle"]

_MOST_STEPS = 200
_TOLERANCE = {torch.float32: 1e-6, torch.float64: 1e-14}
_NOTHING = 1e-9
"""An asset that would be traded for less than this share of wealth is left, where there are fees."""


@dataclass(frozen=True, eq=False)
class Bill:
    """Hold what trades cost, in units of the initial wealth.

    Args:
        proportional: Fraction of the value traded.
        fixed: Fee for each asset traded.
        impact: Cost of a trade of size one for each asset, shape (assets,); None for none.
    """

    proportional: float
    fixed: float
    impact: Tensor | None

    @classmethod
    def of(cls, costs: Costs, like: Tensor) -> "Bill":
        """Read costs.

        Args:
            costs: As a user states them.
            like: A tensor whose last axis is that of the assets.

        Returns:
            The same in units of the initial wealth.
        """
        rates = None
        if costs.impact > 0:
            rates = like.new_tensor(costs.impact_rates(like.shape[-1]))
        return cls(costs.proportional, costs.fixed_share, rates)

    def due(self, sizes: Tensor, moved: Tensor) -> Tensor:
        """Give the costs of a trade.

        Args:
            sizes: Value bought or sold of each asset, never negative, shape (paths, assets).
            moved: Whether an asset is traded at all, shape (paths, assets).

        Returns:
            Costs, shape (paths,).
        """
        costs = self.proportional * total(sizes)
        if self.fixed > 0:
            costs = costs + self.fixed * moved.sum(-1)
        if self.impact is not None:
            costs = costs + (sizes * sizes.sqrt()) @ self.impact
        return costs


@dataclass(frozen=True, eq=False)
class Trade:
    """Hold the state just after a trade.

    Args:
        wealth: Wealth that is left, shape (paths,); 0 where costs and taxes took everything.
        held: Value of each holding, shape (paths, assets).
        traded: Value bought plus value sold, shape (paths,).
        costs: Costs, shape (paths,).
        taxes: Taxes, shape (paths,).
    """

    wealth: Tensor
    held: Tensor
    traded: Tensor
    costs: Tensor
    taxes: Tensor


def settle(
    orders: Orders,
    held: Tensor,
    wealth: Tensor,
    *,
    bill: Bill,
    taxes: Callable[[Tensor], Tensor] | None = None,
) -> Trade:
    r"""Solve for the wealth that is left when a trade has paid its costs and taxes.

    Wealth v after the trade obeys :math:`v = R - costs(v) - taxes(v)`, where the assets that are
    traded go to :math:`w_i v` and the others stay as they are: goals are met exactly. It is found
    by secants that start from the wealth before the trade, within a bracket.

    Args:
        orders: What to trade.
        held: Value of each holding before, shape (paths, assets).
        wealth: Wealth before, cash included, shape (paths,).
        bill: What trades cost.
        taxes: Gives the tax, shape (paths,), for holdings after the trade.

    Returns:
        What is left.

    Raises:
        ConfigError: There is no such wealth: costs rise faster than what is traded.

    Example:
        >>> buy = Orders(torch.ones(1, 1), torch.ones(1, 1, dtype=torch.bool))
        >>> settle(buy, torch.zeros(1, 1), torch.ones(1), bill=Bill(0.25, 0.0, None)).wealth
        tensor([0.8000])
    """
    if bill.fixed > 0:
        size = (orders.goals * wealth[:, None] - held).abs()
        orders = Orders(orders.goals, orders.moved & (size > _NOTHING * wealth[:, None]))

    def outcome(left: Tensor) -> Trade:
        after = torch.where(orders.moved, orders.goals * left[:, None], held)
        sizes = (after - held).abs_()
        owed = torch.zeros_like(left) if taxes is None else taxes(after)
        return Trade(left, after, total(sizes), bill.due(sizes, orders.moved), owed)

    return _search(outcome, wealth)


def _search(outcome: Callable[[Tensor], Trade], wealth: Tensor) -> Trade:
    tolerance = _TOLERANCE[wealth.dtype] * wealth
    low, high = torch.zeros_like(wealth), wealth
    trade = outcome(wealth)
    error, slope = _miss(trade, wealth), -torch.ones_like(wealth)
    for i in range(_MOST_STEPS):
        lost = high <= tolerance
        if bool(((error.abs() <= tolerance) | lost).all()):
            return outcome(trade.wealth.masked_fill(lost, 0)) if bool(lost.any()) else trade
        left = trade.wealth
        low, high = torch.where(error > 0, left, low), torch.where(error < 0, left, high)
        secant, middle = left - error / slope, (low + high) / 2
        inside = (secant >= low) & (secant <= high)
        trade = outcome(torch.where(inside, secant, middle) if i % 8 < 7 else middle)
        last, error = error, _miss(trade, wealth)
        change = trade.wealth - left
        still = change == 0
        slope = torch.where(still, slope, (error - last) / change.masked_fill(still, 1.0))
        slope = torch.where(slope < 0, slope, -1.0)
    raise ConfigError(
        "costs: no wealth is left with which a trade could pay its costs and taxes; lower the "
        "costs, the taxes or the leverage"
    )


def _miss(trade: Trade, wealth: Tensor) -> Tensor:
    return wealth - trade.costs - trade.taxes - trade.wealth
