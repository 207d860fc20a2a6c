"""What happens to money between two trades and at a trade, for many paths at once.

Holdings of one segment (from a trade to the step before the next one) are expressed per unit of
wealth just after the trade that opens it, so that all segments of all paths are worked on at once
and wealth is put together at the end by one product.
"""

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor

__all__ = ["hold", "pay_costs", "segment", "total"]

# Halving the error each time, as costs at their upper bound do, 64 steps exhaust a float64.
_MOST_STEPS = 64


def segment(
    returns: Tensor, starts: Sequence[int], *, dtype: torch.dtype, device: torch.device
) -> Tensor:
    """Copy returns into one block for each span between trades, short spans padded with zeros.

    Args:
        returns: Simple returns, shape (steps, paths, assets), in any memory order.
        starts: Steps at which segments start, increasing, the first being 0.
        dtype: Type of the copy.
        device: Device of the copy.

    Returns:
        Contiguous copy, shape (segments, longest segment, paths, assets).

    Example:
        >>> steps = torch.arange(1.0, 4.0).reshape(3, 1, 1)
        >>> segment(steps, [0, 2], dtype=torch.float64, device=torch.device("cpu"))[..., 0, 0]
        tensor([[1., 2.],
                [3., 0.]], dtype=torch.float64)
    """
    spans = list(pairwise([*starts, len(returns)]))
    longest = max(end - start for start, end in spans)
    shape = (len(spans), longest, *returns.shape[1:])
    if len(returns) == len(spans) * longest:
        blocks = torch.empty(shape, dtype=dtype, device=device)
        return blocks.flatten(0, 1).copy_(returns).view(shape)
    blocks = torch.zeros(shape, dtype=dtype, device=device)
    for block, (start, end) in zip(blocks, spans, strict=True):
        block[: end - start].copy_(returns[start:end])
    return blocks


def hold(segments: Tensor, weights: Tensor) -> Tensor:
    """Turn returns into the value of each holding, in place: the weights drift, exactly.

    The value of asset i at step t of a segment is ``w_i (1 + r_i1) ... (1 + r_it)``.

    Args:
        segments: Simple returns, shape (segments, steps, paths, assets); overwritten.
        weights: Weights just after the trade, shape (segments, paths, assets); one segment
            stands for all.

    Returns:
        The same memory, now the value of each holding per unit of wealth after the trade.

    Example:
        >>> hold(torch.full((1, 2, 1, 1), 0.5), torch.ones(1, 1, 1)).flatten()
        tensor([1.5000, 2.2500])
    """
    held = weights
    for step in segments.unbind(1):
        torch.addcmul(held, held, step, out=step)
        held = step
    return segments


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
    tolerance = torch.finfo(value.dtype).eps * value
    after, traded = value, torch.zeros_like(value)
    for _ in range(_MOST_STEPS if rate > 0 else 1):
        # target * after - drifted, in one pass
        trade = torch.addcmul(drifted, target, after.unsqueeze(-1), value=-1)
        traded = total(trade.abs_())
        previous, after = after, value - rate * traded
        if bool(((after - previous).abs_() <= tolerance).all()):
            break
    return after, traded
