"""Limits on positions: the allowed weights nearest to the targets."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from math import inf

import torch
from torch import Tensor

from scenara.finance.portfolio.checks import is_number
from scenara.shared.errors import ConfigError

__all__ = ["Limits"]

# Halving a bracket a quarter as often as this leaves nothing between two neighbouring float64.
_MOST_STEPS = 256


@dataclass(frozen=True, kw_only=True)
class Limits:
    r"""Keep target weights within limits, as near to what a strategy asked for as can be.

    The weights w that are held instead of the targets t minimise :math:`\|w - t\|^2` subject to
    the limits. The solution is :math:`w_i = clip(soft(t_i - \lambda, \mu), min, max)`, where soft
    shrinks towards 0 by :math:`\mu`, with :math:`\lambda` for the sum of weights and :math:`\mu`
    for the sum of absolute weights, each found by bisection. Targets within the limits stay as
    they are.

    Args:
        min_weight: Least weight of an asset; 0 rules out short positions.
        max_weight: Greatest weight of an asset.
        max_gross: Most that absolute weights may sum to: leverage.
        min_net: Least sum of weights.
        max_net: Greatest sum of weights; 1 rules out debt.
        keep_net: Whether what one asset must not have goes to the others, so that the sum of the
            weights is that of the targets where limits allow, or to cash.

    Raises:
        ConfigError: Limits are no numbers, contradict each other, or rule out an asset that is not
            held.

    Example:
        >>> Limits(max_weight=0.5).apply(torch.tensor([[0.7, 0.3, 0.0]]))
        tensor([[0.5000, 0.4000, 0.1000]])
        >>> Limits(max_weight=0.5, keep_net=False).apply(torch.tensor([[0.7, 0.3, 0.0]]))
        tensor([[0.5000, 0.3000, 0.0000]])
    """

    min_weight: float = -inf
    max_weight: float = inf
    max_gross: float = inf
    min_net: float = -inf
    max_net: float = inf
    keep_net: bool = True

    def __post_init__(self) -> None:
        for name in ("min_weight", "max_weight", "max_gross", "min_net", "max_net"):
            if not is_number(getattr(self, name)):
                raise ConfigError(
                    f"limits: expected a number for {name}, found {getattr(self, name)!r}"
                )
        if not self.min_weight <= 0 <= self.max_weight:
            raise ConfigError(
                "limits: expected min_weight <= 0 <= max_weight, so that an asset can be left out; "
                f"found {self.min_weight} and {self.max_weight}"
            )
        if not self.min_net <= 0 <= self.max_net or not self.max_gross >= 0:
            raise ConfigError(
                "limits: expected min_net <= 0 <= max_net and max_gross >= 0, so that cash can be "
                f"held; found {self.min_net}, {self.max_net} and {self.max_gross}"
            )

    def apply(self, targets: Tensor, *, available: Tensor | None = None) -> Tensor:
        """Give the allowed weights nearest to the targets.

        Args:
            targets: Target weights, shape (paths, assets).
            available: Whether an asset can be held, shape (paths, assets); None if all can.

        Returns:
            Weights within the limits, shape (paths, assets).

        Example:
            >>> Limits(max_gross=1.0, keep_net=False).apply(torch.tensor([[1.0, -1.0]]))
            tensor([[ 0.5000, -0.5000]])
        """
        room = _Room.of(self, targets, available)
        within = room.soft(0.0, 0.0)
        fits = (within == targets).all(-1, keepdim=True) & room.allows(targets, self.max_gross)
        if bool(fits.all()):
            return targets
        paths = torch.nonzero(~fits[:, 0])[:, 0]
        weights = targets.clone()
        weights[paths] = _nearest(room.rows(paths), self.max_gross)
        return weights


@dataclass(frozen=True, eq=False)
class _Room:
    """Hold targets and limits, each of shape (paths, assets) or (paths, 1)."""

    targets: Tensor
    low: Tensor
    high: Tensor
    least: Tensor
    most: Tensor

    @classmethod
    def of(cls, limits: Limits, targets: Tensor, available: Tensor | None) -> "_Room":
        low = torch.full_like(targets, limits.min_weight)
        high = torch.full_like(targets, limits.max_weight)
        if available is not None:
            low, high = (bound.masked_fill(~available, 0.0) for bound in (low, high))
        ends = [max(limits.min_net, -limits.max_gross), min(limits.max_net, limits.max_gross)]
        net = targets.sum(-1, keepdim=True).clamp(*ends)
        least, most = (net if limits.keep_net else torch.full_like(net, end) for end in ends)
        return cls(targets, low, high, least, most)

    def rows(self, paths: Tensor) -> "_Room":
        return _Room(*(getattr(self, field.name)[paths] for field in fields(self)))

    def soft(self, shift: Tensor | float, shrink: Tensor | float) -> Tensor:
        moved = self.targets - shift
        shrunk = torch.sign(moved) * (moved.abs() - shrink).clamp_min(0)
        return torch.clamp(shrunk, self.low, self.high)

    def allows(self, weights: Tensor, max_gross: float) -> Tensor:
        net, slack = weights.sum(-1, keepdim=True), 8 * torch.finfo(weights.dtype).eps
        gross = weights.abs().sum(-1, keepdim=True)
        fits = (net >= self.least - slack) & (net <= self.most + slack)
        return fits & (gross <= max_gross * (1 + slack))


def _nearest(room: _Room, max_gross: float) -> Tensor:
    weights = _with_net(room, torch.zeros_like(room.least))
    over = torch.nonzero(weights.abs().sum(-1) > max_gross)[:, 0]
    if len(over):
        weights[over] = _with_gross(room.rows(over), max_gross)
    return weights


def _with_gross(room: _Room, max_gross: float) -> Tensor:
    """Shrink weights until their absolute sum is what is allowed."""
    most = 2 * room.targets.abs().amax(-1, keepdim=True) + room.most.abs().clamp_max(max_gross) + 1

    def excess(shrink: Tensor) -> Tensor:
        return _with_net(room, shrink).abs().sum(-1, keepdim=True) - max_gross

    return _with_net(room, _root(excess, torch.zeros_like(most), most))


def _with_net(room: _Room, shrink: Tensor) -> Tensor:
    """Shift all weights alike until their sum is allowed, or as near to that as it gets."""
    found = room.soft(0.0, shrink).sum(-1, keepdim=True)
    goal = torch.clamp(found, room.least, room.most)
    far = room.targets.abs().amax(-1, keepdim=True) + shrink + goal.abs() + 1

    def excess(shift: Tensor) -> Tensor:
        return room.soft(shift, shrink).sum(-1, keepdim=True) - goal

    shift = torch.where(found == goal, torch.zeros_like(far), _root(excess, -far, far))
    return room.soft(shift, shrink)


def _root(excess: Callable[[Tensor], Tensor], low: Tensor, high: Tensor) -> Tensor:
    """Find where a piecewise linear function that never rises meets 0, or the end nearest to that.

    By false position as in Illinois: an end that stays twice counts half, so that both ends move.
    Every fourth step halves the bracket, which bounds the search.
    """
    at_low, at_high = excess(low), excess(high)
    tolerance = 64 * torch.finfo(low.dtype).eps
    best = torch.where(at_high >= 0, high, low)
    over = (at_low <= 0) | (at_high >= 0)
    last = torch.zeros_like(low)
    for i in range(_MOST_STEPS):
        secant = low + at_low / (at_low - at_high) * (high - low)
        best = torch.where(over, best, (low + high) / 2 if i % 4 == 3 else secant)
        found = excess(best)
        over = over | (found.abs() <= tolerance)
        if bool(over.all()):
            break
        below = found > 0
        stale = torch.where(found.sign() == last, 0.5, 1.0)
        low, high = torch.where(below, best, low), torch.where(below, high, best)
        at_low = torch.where(below, found, stale * at_low)
        at_high = torch.where(below, stale * at_high, found)
        last = found.sign()
    return best
