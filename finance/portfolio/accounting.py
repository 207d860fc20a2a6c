"""What happens to money between two trades and at a trade, for many paths at once.

Holdings of one segment (from a trade to the step before the next one) are expressed per unit of
wealth just after the trade that opens it, so that all segments of all paths are worked on at once
and wealth is put together at the end by one product.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

__all__ = ["Growth", "grow", "pay_costs", "total"]

# Halving the error each time, as costs at their upper bound do, 64 steps exhaust a float64.
_MOST_STEPS = 64

# Where a step moves wealth by less than this share, what is traded is known as well as that, and
# wealth itself as much better as the costs are small.
_TOLERANCE = {torch.float32: 5e-7, torch.float64: 1e-13}


@dataclass(frozen=True)
class Growth:
    """Hold what became of one unit of wealth in each segment, from its trade to its end.

    Args:
        worth: Wealth at each step, cash included, shape (longest segment, segments, paths); short
            segments repeat their last value.
        held: Value of each holding at the end, shape (segments, paths, assets).
        brought: Value of each holding just before the trade that opens the segment, per unit of
            wealth just after the trade before: 0 and then all but the last of ``held``.
        is_sound: Whether all returns are numbers above -1; inf shows in the worth.
    """

    worth: Tensor
    held: Tensor
    brought: Tensor
    is_sound: bool


def grow(returns: Tensor, weights: Tensor, starts: Sequence[int]) -> Growth:
    """Let holdings grow with their assets from one trade to the next: weights drift, exactly.

    The value of asset i at step t of a segment is ``w_i (1 + r_i1) ... (1 + r_it)``. Step t of all
    segments of all paths is done at once, so that only one step's holdings need to stay in cache.

    Args:
        returns: Simple returns, shape (steps, paths, assets), in any memory order and type.
        weights: Weights just after each trade, shape (segments, paths, assets); one segment stands
            for all. Their type is that of the computation.
        starts: Step at which each segment starts, increasing, the first being 0.

    Returns:
        The growth of the portfolio in each segment.

    Example:
        >>> growth = grow(torch.full((3, 1, 1), 0.5), torch.ones(1, 1, 1), [0, 2])
        >>> growth.worth.flatten(1)
        tensor([[1.5000, 1.5000],
                [2.2500, 1.5000]])
    """
    n_segments, (_, n_paths, n_assets) = len(starts), returns.shape
    longest = int(np.diff([*starts, len(returns)]).max())
    holdings, worth = _room(
        weights, (n_segments + 1, n_paths, n_assets), (longest, n_segments, n_paths)
    )
    holdings[0] = 0
    held, source = holdings[1:], weights.expand(n_segments, n_paths, n_assets)
    rows, ones = held.flatten(0, 1), held.new_ones(n_assets)
    distinct = weights[:, :1] if weights.stride(1) == 0 else weights
    cash = (1 - total(distinct)).expand(n_segments, n_paths).flatten()
    lowest = held.new_ones(longest)
    # A holding stays positive as long as returns are above -1: it is looked at while it is in the
    # cache, which spares a pass over the returns.
    watch = bool(distinct.amin() > 0)
    steps = zip(_steps(returns, starts), worth.flatten(1).unbind(), lowest.unbind(), strict=True)
    for now, value, low in steps:
        before, after = source, held
        if len(now) < n_segments:
            before, after = source[: len(now)], held[: len(now)]
        torch.addcmul(before, before, _dense(now, held), out=after)
        source = held
        if watch:
            torch.amin(held, (0, 1, 2), out=low)
        torch.addmv(cash, rows, ones, out=value)
    sound = lowest.amin() > 0 if watch else returns.amin() > -1
    return Growth(worth=worth, held=held, brought=holdings[:-1], is_sound=bool(sound))


def _room(like: Tensor, *shapes: tuple[int, ...]) -> list[Tensor]:
    """Make tensors in one piece of memory, which the system hands out faster than several."""
    sizes = [math.prod(shape) for shape in shapes]
    parts = torch.split(like.new_empty(sum(sizes)), sizes)
    return [part.view(shape) for part, shape in zip(parts, shapes, strict=True)]


def _steps(returns: Tensor, starts: Sequence[int]) -> Iterable[Tensor]:
    """Give the returns of all segments at their first step, at their second, and so on."""
    n_steps, every = len(returns), starts[1] if len(starts) > 1 else len(returns)
    if list(starts) == list(range(0, n_steps, every)):
        if n_steps % every == 0:
            return returns.reshape(-1, every, *returns.shape[1:]).unbind(1)
        return (returns[step::every] for step in range(every))
    first = torch.tensor(starts, device=returns.device)
    length = torch.diff(first, append=first.new_tensor([n_steps]))
    return (_uneven(returns, first, length, step) for step in range(int(length.max())))


def _uneven(returns: Tensor, first: Tensor, length: Tensor, step: int) -> Tensor:
    """Give one step of segments of uneven length, 0 in those that are over."""
    over = step >= length
    return returns[torch.where(over, first, first + step)].masked_fill_(over[:, None, None], 0)


def _dense(now: Tensor, like: Tensor) -> Tensor:
    """Copy to the right type and order, unless that is what there is."""
    if now.dtype == like.dtype and now.stride()[1:] == like.stride()[1:]:
        return now
    return now.to(like.dtype, memory_format=torch.contiguous_format, copy=True)


def total(holdings: Tensor) -> Tensor:
    """Sum over assets, by a matrix product: several times faster than a sum over a short axis.

    Args:
        holdings: Values, shape (..., assets).

    Returns:
        Sums, shape (...).

    Example:
        >>> total(torch.tensor([[1.0, 2.0]]))
        tensor([3.])
    """
    return holdings @ holdings.new_ones(holdings.shape[-1])


def pay_costs(
    target: Tensor, drifted: Tensor, value: Tensor, *, rate: float
) -> tuple[Tensor, Tensor]:
    r"""Solve for the wealth that is left when a trade to target weights pays its own costs.

    With wealth :math:`R` and holdings :math:`d` before the trade, wealth :math:`v` after it obeys
    :math:`v = R - c \sum_i |w_i v - d_i|`: the targets are met exactly, and the costs are the rate
    times what is really bought and sold. The right side is a contraction by
    :math:`c \sum_i |w_i|`, so repeating it converges, in about four steps for usual costs.

    Args:
        target: Target weights; what they leave of one is cash. Shape (..., assets).
        drifted: Value of the holdings before the trade, shape (..., assets).
        value: Wealth before the trade, cash included, shape (...).
        rate: Cost as a fraction of the value traded; times the absolute weights at most 1/2.

    Returns:
        Wealth after the trade and the value traded, bought plus sold, each of shape (...).

    Example:
        >>> after, traded = pay_costs(torch.ones(1), torch.zeros(1), torch.tensor(1.01), rate=0.01)
        >>> round(after.item(), 6), round(traded.item(), 6)
        (1.0, 1.0)
    """
    tolerance = _TOLERANCE[value.dtype] * value
    after, traded, room = value, torch.zeros_like(value), torch.empty_like(drifted)
    for _ in range(_MOST_STEPS if rate > 0 else 1):
        # target * after - drifted, in one pass
        torch.addcmul(drifted, target, after.unsqueeze(-1), value=-1, out=room)
        traded = total(room.abs_())
        previous, after = after, torch.sub(value, traded, alpha=rate)
        if bool(((after - previous).abs_() <= tolerance).all()):
            break
    return after, traded
