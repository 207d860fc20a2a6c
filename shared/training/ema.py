"""The exponential moving average of a module's weights."""

import copy
from typing import Generic, TypeVar

import torch
from torch import nn

__all__ = ["WeightAverage", "average_decay"]

Module = TypeVar("Module", bound=nn.Module)


def average_decay(step: int, *, decay: float) -> float:
    """Give the decay of a step, small at first so that the first weights are soon forgotten.

    Args:
        step: Number of the update, from 1.
        decay: The decay in the long run, in [0, 1).

    Returns:
        min(decay, (1 + step) / (10 + step)).

    Example:
        >>> average_decay(8, decay=0.999), average_decay(100_000, decay=0.999)
        (0.5, 0.999)

    References:
        Abadi et al. (2016), TensorFlow, ``tf.train.ExponentialMovingAverage``, argument
        ``num_updates``, https://arxiv.org/abs/1603.04467.
    """
    return min(decay, (1 + step) / (10 + step))


class WeightAverage(Generic[Module]):
    """Keep a copy of a module whose weights are the moving average of the original's.

    After each update: average = d average + (1 - d) weights, with d of :func:`average_decay`.
    Buffers and whole numbers are copied.

    Args:
        module: The module to follow.
        decay: The decay in the long run; None keeps the average equal to the weights.

    Example:
        >>> module = nn.Linear(1, 1, bias=False)
        >>> average = WeightAverage(module, decay=0.5)
        >>> _ = nn.init.constant_(average.module.weight, 0.0), nn.init.constant_(module.weight, 8.0)
        >>> average.update(module, step=100)
        >>> average.module.weight.item()
        4.0
    """

    def __init__(self, module: Module, *, decay: float | None) -> None:
        self.module: Module = copy.deepcopy(module).requires_grad_(False).eval()
        self.decay = decay

    @torch.no_grad()
    def update(self, module: nn.Module, *, step: int) -> None:
        """Take in the module's weights of a step.

        Args:
            module: The module that is followed.
            step: Number of the update, from 1.
        """
        decay = 0.0 if self.decay is None else average_decay(step, decay=self.decay)
        for average, weight in zip(self.module.parameters(), module.parameters(), strict=True):
            average.lerp_(weight, 1 - decay)
        for kept, buffer in zip(self.module.buffers(), module.buffers(), strict=True):
            kept.copy_(buffer)
