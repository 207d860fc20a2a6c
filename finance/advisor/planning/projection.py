"""A household's money in every world: saving, growth, fees, taxes, payments, month by month."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from scenara.finance.advisor.planning.accounts import Accounts, Charges
from scenara.finance.advisor.planning.cash_flows import Timetable, account_flows
from scenara.finance.advisor.planning.frontier import Frontier
from scenara.finance.advisor.planning.glide import calm_paths, glide_paths
from scenara.finance.advisor.planning.markets import CASH
from scenara.shared.errors import ConfigError
from scenara.shared.types import Array, FloatArray

__all__ = ["Candidate", "Projection", "portfolio_returns", "project"]

_TOGETHER = 1_000
"""Worlds that are worked on together, few enough for a processor's cache."""


@dataclass(frozen=True)
class Candidate:
    """Name one way to invest.

    Args:
        equity: Share of equity of accounts that are far from their payments.
        emphasis: How money is parted among accounts, one of ``EMPHASES``.
    """

    equity: float
    emphasis: str = "by need"

    @property
    def name(self) -> str:
        """What reports call it."""
        return f"{100 * self.equity:.0f} % shares, {self.emphasis}"


@dataclass(frozen=True)
class Projection:
    """Hold what became of candidates in all worlds.

    Args:
        candidates: The ways to invest.
        reached: Whether each goal was paid in full, (candidates, goals, worlds).
        missed: Share of each goal that was not paid, in today's money, same shape.
        final: Wealth after the last payment in today's money, (candidates, worlds).
        charges_paid: Fees of advice, trading costs and taxes, today's money, (candidates, worlds).
        yearly: Wealth at the beginning of each year when the payments of that month are made,
            nominal, (candidates, years, worlds); None where it was not asked for.
        beginnings: Wealth just before the first payment of each goal, nominal, (candidates, goals,
            worlds); None likewise.
    """

    candidates: tuple[Candidate, ...]
    reached: Array
    missed: FloatArray
    final: FloatArray
    charges_paid: FloatArray
    yearly: FloatArray | None = None
    beginnings: FloatArray | None = None

    def chances(self) -> FloatArray:
        """Give the share of worlds in which each goal is reached, (candidates, goals).

        Returns:
            Shares from 0 to 1.
        """
        found: FloatArray = self.reached.mean(axis=2)
        return found


def portfolio_returns(worlds: FloatArray, frontier: Frontier) -> FloatArray:
    """Give the returns of each portfolio of the family, and of cash, after expenses.

    Portfolios are rebalanced every month.

    Args:
        worlds: Simple returns, (n, months, classes).
        frontier: The family.

    Returns:
        Shape (months, portfolios + 1, n), float32; cash is the last one.
    """
    weights = frontier.holdings.astype(np.float32)
    found = np.empty((worlds.shape[1], len(weights), len(worlds)), dtype=np.float32)
    np.einsum(
        "ntk,pk->tpn", worlds.astype(np.float32, copy=False), weights, out=found, optimize=True
    )
    found -= (frontier.costs / 12).astype(np.float32)[:, None]
    return found


def project(
    flows: Timetable,
    candidates: Sequence[Candidate],
    returns: FloatArray,
    frontier: Frontier,
    *,
    charges: Charges,
    glide_years: float = 10.0,
    keep_wealth: bool = False,
) -> Projection:
    """Run a household's cash flows through every world for several ways to invest.

    Each goal has an account with its glide paths: from equity to bonds, and from bonds to cash at
    last. Cash that is always to be kept is parted among accounts as wealth is, and may pay for
    goals. Every month accounts grow, pay fees, costs of
    trading and taxes on what rebalancing realises, and get their share of the saving. When a
    payment is due, its account sells what is needed, taxes included; what is missing is taken from
    accounts of lower priority, never the other way. What is left when all payments are made goes
    to the next goal. All steps are rising functions of wealth and cost: who saves more never
    reaches a goal in fewer of the same worlds.

    Args:
        flows: Cash flows.
        candidates: Ways to invest.
        returns: From :func:`portfolio_returns`, (months or more, portfolios + 1, n).
        frontier: The family of portfolios.
        charges: Fees, costs and taxes.
        glide_years: Length of a glide.
        keep_wealth: Whether wealth is kept by year and at the beginning of each goal.

    Returns:
        What became of each candidate.

    Raises:
        ConfigError: The worlds are shorter than the plan.
    """
    if len(returns) < flows.n_months - 1:
        raise ConfigError(
            f"worlds of {len(returns)} months: expected {flows.n_months - 1} for this plan"
        )
    policy = _Policy.of(flows, candidates, frontier, glide_years=glide_years)
    parts = [
        _run(
            flows,
            policy,
            returns[:, :, first : first + _TOGETHER],
            charges=charges,
            keep_wealth=keep_wealth,
        )
        for first in range(0, returns.shape[2], _TOGETHER)
    ]
    found = [np.concatenate(kind, axis=-1) for kind in zip(*parts, strict=True)]
    return Projection(tuple(candidates), *found)


@dataclass(frozen=True)
class _Policy:
    """Hold what candidates do in each month: first axes (candidates, goals), then months."""

    start: FloatArray
    saving: FloatArray
    blend: FloatArray
    moved: FloatArray

    @classmethod
    def of(
        cls,
        flows: Timetable,
        candidates: Sequence[Candidate],
        frontier: Frontier,
        *,
        glide_years: float,
    ) -> "_Policy":
        parts = [account_flows(flows, emphasis=c.emphasis) for c in candidates]
        glides, calm = (
            paths(flows.goals, n_months=flows.n_months, glide_years=glide_years)
            for paths in (glide_paths, calm_paths)
        )
        equity = np.array([c.equity for c in candidates])[:, None, None] * glides
        blend = frontier.blend(equity, calm)
        return cls(
            np.stack([of_wealth for of_wealth, _ in parts]),
            np.stack([of_saving for _, of_saving in parts]),
            blend,
            _moved(blend, frontier),
        )


def _run(
    flows: Timetable,
    policy: _Policy,
    returns: FloatArray,
    *,
    charges: Charges,
    keep_wealth: bool,
) -> tuple[Array, ...]:
    accounts = Accounts(flows, policy.start, n=returns.shape[2], charges=charges)
    yearly, before = [], {}
    begins = {goal.first_month for goal in flows.goals if keep_wealth}
    for month, level in enumerate(flows.price_level.tolist()):
        if month in begins:
            before[month] = accounts.total()
        accounts.pay(month)
        if keep_wealth and month % 12 == 0:
            yearly.append(accounts.total())
        accounts.add(policy.saving[:, :, month], level=level)
        if month < flows.n_months - 1:
            growth = policy.blend[:, :, month] @ returns[month]
            moved = policy.moved[:, :, month]
            accounts.grow(growth, cash=returns[month, -1], moved=moved, level=level)
    found = (
        accounts.missed <= accounts.tolerance,
        np.maximum(accounts.missed, 0.0),
        accounts.total() / flows.price_level[-1],
        accounts.paid,
    )
    if not keep_wealth:
        return found
    beginnings = np.stack([before[goal.first_month] for goal in flows.goals], axis=1)
    return (*found, np.stack(yearly, axis=1), beginnings)


def _moved(blend: FloatArray, frontier: Frontier) -> FloatArray:
    """Give the share of each account that its glide sells in each month, (candidates, goals, t).

    Cash that falls is no sale: it has made a payment, after which other shares are higher.
    """
    is_sold = np.array([name != CASH for name in frontier.classes])
    weights = blend @ frontier.holdings[:, is_sold]
    fall = np.maximum(-np.diff(weights, axis=2, append=weights[:, :, -1:]), 0.0)
    moved: FloatArray = fall.sum(axis=-1)
    return moved
