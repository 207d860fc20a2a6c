"""The fast engine: from trade to trade, all segments of all paths at once.

It serves where only gains and proportional costs count, and agrees with the ledger to rounding.
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from scenara.finance.portfolio.accounting import Growth, grow, pay_costs
from scenara.finance.portfolio.plan import Plan
from scenara.shared.types import IntArray

__all__ = ["Segments", "follow", "join"]


@dataclass(frozen=True, eq=False)
class Segments:
    """Hold the outcome of some paths, time first: (rebalances, paths[, assets]).

    Args:
        worth: Wealth per unit of the segment's opening wealth, (longest segment, segments, paths).
        opening: Wealth just after each trade.
        turnover: As in ``Backtest``.
        costs: As in ``Backtest``.
        weights: Targets.
        brought: Holdings before each trade, in units of the wealth after the trade before.
        scale: Wealth before each trade, in the same units.
    """

    worth: Tensor
    opening: Tensor
    turnover: Tensor
    costs: Tensor
    weights: Tensor
    brought: Tensor
    scale: Tensor


def follow(returns: Tensor, weights: Tensor, plan: Plan) -> Segments | None:
    """Let targets drift from trade to trade, and pay for the trades.

    Args:
        returns: Simple returns, shape (steps, paths, assets).
        weights: Targets, shape (rebalances, paths, assets), or with one for all rebalances.
        plan: What to do.

    Returns:
        The outcome, or None where a return is missing, not finite or not above -1.
    """
    growth = grow(returns, weights, plan.steps.tolist())
    # What is infinite once stays so to the end of its segment.
    if not (growth.is_sound and growth.worth[-1].isfinite().all()):
        return None
    may_lose_all = not growth.worth.amin() > 0
    return _account(growth, weights, plan.costs.proportional, may_lose_all=may_lose_all)


def _account(growth: Growth, weights: Tensor, rate: float, *, may_lose_all: bool) -> Segments:
    worth, brought = growth.worth, growth.brought
    if may_lose_all:
        worth.masked_fill_(worth.cummin(0).values <= 0, 0)
    # The portfolio comes to the first trade with all its wealth in cash.
    value = torch.cat([torch.ones_like(worth[-1, :1]), worth[-1, :-1]])
    if may_lose_all:
        brought *= (value > 0)[..., None]
    after, traded = pay_costs(weights, brought, value, rate=rate)
    opening = after.clamp_min(0).cumprod(0)
    before = torch.cat([torch.ones_like(opening[:1]), opening[:-1]])
    scale = value.clamp_min(torch.finfo(value.dtype).tiny)
    return Segments(
        worth=worth,
        opening=opening,
        turnover=traded / scale,
        costs=rate * traded * before,
        weights=weights,
        brought=brought,
        scale=scale,
    )


def join(part: Segments, steps: IntArray, wealth: Tensor) -> None:
    """Put segments in a row, without what fills the short ones.

    Args:
        part: The segments.
        steps: Step at which each starts, shape (segments,).
        wealth: Where wealth after each step goes, shape (steps, paths).
    """
    n_steps, n_segments = len(wealth), len(steps)
    length = len(part.worth)
    if n_steps == length * n_segments:
        rows, places = part.worth.transpose(0, 1), wealth.view(n_segments, length, -1)
        room = places if places.device == rows.device else None
        joined = torch.mul(rows, part.opening[:, None], out=room)
        if room is None:
            places.copy_(joined)
        return
    every = np.arange(n_steps)
    segment = np.searchsorted(steps, every, side="right") - 1
    where = torch.from_numpy((every - steps[segment]) * n_segments + segment)
    worth = (part.worth * part.opening).flatten(0, 1)
    wealth.copy_(worth[where.to(worth.device)])
