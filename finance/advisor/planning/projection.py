"""A household's money in every world: saving, growth, fees, taxes, payments, month by month."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from scenara.finance.advisor.planning.accounts import Accounts, Charges
from scenara.finance.advisor.planning.cash_flows import Timetable, account_flows
from scenara.finance.advisor.planning.frontier import Frontier
from scenara.finance.advisor.planning.glide import glide_paths
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
        yearly: Wealth at the beginning of each year, nominal, (candidates, years, worlds); None
            where it was not asked for.
        charges_paid: Fees of advice, trading costs and taxes, today's money, (candidates, worlds).
    """

    candidates: tuple[Candidate, ...]
    reached: Array
    missed: FloatArray
    final: FloatArray
    charges_paid: FloatArray
    yearly: FloatArray | None = None

    def chances(self) -> FloatArray:
        """Give the share of worlds in which each goal is reached, (candidates, goals).

        Returns:
            Shares from 0 to 1.
        """
        found: FloatArray = self.reached.mean(axis=2)
        return found


def portfolio_returns(worlds: FloatArray, frontier: Frontier) -> FloatArray:
    """Give the returns of each portfolio of the family after expenses, rebalanced every month.

    Args:
        worlds: Simple returns, (n, months, classes).
        frontier: The family.

    Returns:
        Shape (months, portfolios, n), float32.
    """
    weights = frontier.weights.astype(np.float32)
    found = np.empty((worlds.shape[1], len(weights), len(worlds)), dtype=np.float32)
    np.einsum(
        "ntk,pk->tpn", worlds.astype(np.float32, copy=False), weights, out=found, optimize=True
    )
    found -= (frontier.expenses / 12).astype(np.float32)[:, None]
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

    Each goal has an account with its glide path. Every month accounts grow, pay fees, costs of
    trading and taxes on what rebalancing realises, and get their share of the saving. When a
    payment is due, its account sells what is needed, taxes included; what is missing is taken from
    accounts of lower priority, never the other way. What is left when all payments are made goes
    to the next goal. All steps are rising functions of wealth and cost: who saves more never
    reaches a goal in fewer of the same worlds.

    Args:
        flows: Cash flows.
        candidates: Ways to invest.
        returns: From :func:`portfolio_returns`, (months or more, portfolios, n).
        frontier: The family of portfolios.
        charges: Fees, costs and taxes.
        glide_years: Length of a glide.
        keep_wealth: Whether wealth is kept by year.

    Returns:
        What became of each candidate.

    Raises:
        ConfigError: The worlds are shorter than the plan.
    """
    if len(returns) < flows.n_months - 1:
        raise ConfigError(
            f"worlds of {len(returns)} months: expected {flows.n_months - 1} for this plan"
        )
    n = returns.shape[2]
    parts = [
        _run(
            flows,
            candidates,
            returns[:, :, first : first + _TOGETHER],
            frontier,
            charges=charges,
            glide_years=glide_years,
            keep_wealth=keep_wealth,
        )
        for first in range(0, n, _TOGETHER)
    ]
    reached, missed, final, paid, yearly = (
        np.concatenate(kind, axis=-1) for kind in zip(*parts, strict=True)
    )
    return Projection(
        tuple(candidates), reached, missed, final, paid, yearly if keep_wealth else None
    )


def _run(
    flows: Timetable,
    candidates: Sequence[Candidate],
    returns: FloatArray,
    frontier: Frontier,
    *,
    charges: Charges,
    glide_years: float,
    keep_wealth: bool,
) -> tuple[Array, ...]:
    goals, n_months = flows.goals, flows.n_months
    parts = [account_flows(flows, emphasis=c.emphasis) for c in candidates]
    start = np.stack([of_wealth for of_wealth, _ in parts])
    saving = np.stack([of_saving for _, of_saving in parts])
    glides = glide_paths(goals, n_months=n_months, glide_years=glide_years)
    equity = np.array([c.equity for c in candidates])[:, None, None] * glides
    blend = frontier.blend(equity)
    moved = np.abs(np.diff(equity, axis=2, append=equity[..., -1:]))
    accounts = Accounts(flows, start, n=returns.shape[2], charges=charges)
    yearly = []
    for month in range(n_months):
        if keep_wealth and month % 12 == 0:
            yearly.append(accounts.total())
        accounts.pay(month)
        level = float(flows.price_level[month])
        accounts.add(saving[:, :, month], level=level)
        if month < n_months - 1:
            growth = blend[:, :, month] @ returns[month]
            accounts.grow(growth, moved=moved[:, :, month], level=level)
    kept = np.stack(yearly, axis=1) if keep_wealth else np.empty((1, 1, returns.shape[2]))
    return (
        accounts.missed <= accounts.tolerance,
        np.maximum(accounts.missed, 0.0),
        accounts.total() / flows.price_level[-1],
        accounts.paid,
        kept,
    )
