"""Rebalancing that looks at each path: trade what has left its band, or when targets have moved."""

from dataclasses import dataclass
from typing import Literal, Protocol

import torch
from torch import Tensor

from scenara.finance.portfolio.checks import is_number
from scenara.shared.errors import ConfigError

__all__ = ["Band", "OnSignal", "Orders", "Rule"]


@dataclass(frozen=True)
class Orders:
    """Hold what is to be traded, in each path.

    Args:
        goals: Weights to reach, shape (paths, assets).
        moved: Whether an asset is traded at all, shape (paths, assets); the others are left as
            they are.
    """

    goals: Tensor
    moved: Tensor

    def of(self, paths: Tensor) -> "Orders":
        """Give the orders of some paths.

        Args:
            paths: Number of each path, shape (paths,).

        Returns:
            Their orders, in this order.
        """
        return Orders(self.goals[paths], self.moved[paths])


class Rule(Protocol):
    """Decide path by path whether and what to trade, at some steps."""

    @property
    def every(self) -> int | str:
        """Schedule at which the rule looks."""
        ...

    def orders(self, targets: Tensor, drifted: Tensor, last: Tensor) -> Orders:
        """Give what to trade now; the three are targets, holdings and the targets traded last."""
        ...


@dataclass(frozen=True)
class Band:
    r"""Trade a path when a weight has left the band around its target.

    The band of asset i is :math:`t_i \pm width`, or :math:`t_i (1 \pm width)` if it is relative.
    The first purchase at step 0 always happens.

    Args:
        width: Half the width of the band, as a fraction of wealth, or of the target.
        every: Schedule at which paths are looked at, see ``rebalance_steps``.
        relative: Whether the width is a fraction of the target.
        to: Whether a path that trades goes back to all its targets, or brings only the weights
            that are outside to the edge of their band and keeps the rest in cash.

    Raises:
        ConfigError: The width is negative, or ``to`` is not known.

    Example:
        >>> held, targets = torch.tensor([[0.56, 0.44]]), torch.tensor([[0.5, 0.5]])
        >>> Band(0.05, to="edge").orders(targets, held, targets).goals
        tensor([[0.5500, 0.4500]])
        >>> Band(0.10).orders(targets, held, targets).moved
        tensor([[False, False]])
    """

    width: float
    every: int | str = 1
    relative: bool = False
    to: Literal["target", "edge"] = "target"

    def __post_init__(self) -> None:
        _check_width("width", self.width)
        if self.to not in ("target", "edge"):
            raise ConfigError(f"to: expected 'target' or 'edge', found {self.to!r}")

    def orders(self, targets: Tensor, drifted: Tensor, last: Tensor) -> Orders:
        """Find the weights that are outside.

        Args:
            targets: Target weights, shape (paths, assets).
            drifted: Weights held, shape (paths, assets).
            last: Ignored.

        Returns:
            What to trade.
        """
        width = (
            targets.abs() * self.width if self.relative else torch.full_like(targets, self.width)
        )
        # What was brought to the edge is there but for rounding, and stays.
        slack = 64 * torch.finfo(targets.dtype).eps
        outside = (drifted - targets).abs() > width + slack
        if self.to == "target":
            return Orders(targets, outside.any(-1, keepdim=True).expand_as(targets))
        return Orders(torch.clamp(drifted, targets - width, targets + width), outside)


@dataclass(frozen=True)
class OnSignal:
    """Trade a path when its targets have moved since it was traded last.

    Args:
        every: Schedule at which the strategy is asked, see ``rebalance_steps``.
        threshold: Sum of absolute changes of the target weights that is too little to trade.

    Raises:
        ConfigError: The threshold is negative.

    Example:
        >>> old, new = torch.tensor([[0.5, 0.5]]), torch.tensor([[0.6, 0.4]])
        >>> OnSignal(21, threshold=0.1).orders(new, old, old).moved
        tensor([[True, True]])
    """

    every: int | str = 1
    threshold: float = 0.0

    def __post_init__(self) -> None:
        _check_width("threshold", self.threshold)

    def orders(self, targets: Tensor, drifted: Tensor, last: Tensor) -> Orders:
        """Compare with the targets traded last.

        Args:
            targets: Target weights, shape (paths, assets).
            drifted: Ignored.
            last: Targets of the last trade, shape (paths, assets).

        Returns:
            What to trade.
        """
        moved = (targets - last).abs().sum(-1, keepdim=True) > self.threshold
        return Orders(targets, moved.expand_as(targets))


def _check_width(name: str, value: float) -> None:
    if not is_number(value) or not 0 <= value < float("inf"):
        raise ConfigError(f"{name}: expected a number of at least 0, found {value!r}")
