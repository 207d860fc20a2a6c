"""From noise to numbers: the Gaussian path, what is learned along it, and the way back."""

from collections.abc import Callable
from itertools import pairwise

import torch
from torch import Tensor

__all__ = ["descend", "end_point", "noise_levels", "target"]


def noise_levels(n_steps: int, *, low: float, high: float, bend: float = 5.0) -> Tensor:
    """Give the noise levels of the way back, from the highest down to exactly 0.

    Powers ``1/bend`` of the levels are equally spaced: the greater the bend, the more steps are
    taken near the data.

    Args:
        n_steps: Steps, at least 2.
        low: Last level above 0.
        high: First level.
        bend: The power.

    Returns:
        (n_steps + 1,) decreasing, in standard deviations of the data.

    Example:
        >>> noise_levels(3, low=0.01, high=1.0, bend=2.0)
        tensor([1.0000, 0.3025, 0.0100, 0.0000])

    References:
        Karras, Aittala, Aila and Laine, 2022, Elucidating the design space of diffusion-based
        generative models, https://arxiv.org/abs/2206.00364, eq. 5.
    """
    share = torch.linspace(0, 1, n_steps)
    first, last = high ** (1 / bend), low ** (1 / bend)
    levels = (first + share * (last - first)) ** bend
    return torch.cat([levels, torch.zeros(1)])


def target(clean: Tensor, noisy: Tensor, level: Tensor) -> Tensor:
    """Give what a network is to say of noisy numbers, so that its errors count alike everywhere.

    For data of variance 1 it has variance 1 at every level, and is 0 on average where the data
    are normal.

    Args:
        clean: The numbers, any shape.
        noisy: The numbers plus noise of standard deviation ``level``.
        level: The level, of a shape that fits.

    References:
        Karras and others, 2022, https://arxiv.org/abs/2206.00364, eq. 8 and table 1, with the
        data's standard deviation 1.
    """
    spread = (1 + level.square()).sqrt()
    return (clean - noisy / spread.square()) * spread / level


def end_point(noisy: Tensor, output: Tensor, level: Tensor) -> Tensor:
    """Give the expected clean numbers from what a network says of noisy ones.

    It undoes :func:`target`.

    Args:
        noisy: Noisy numbers.
        output: What the network says.
        level: Their level.

    Example:
        >>> clean, noisy, level = torch.tensor([0.3, 1.1, 0.5])
        >>> end_point(noisy, target(clean, noisy, level), level)
        tensor(0.3000)
    """
    spread = (1 + level.square()).sqrt()
    return noisy / spread.square() + output * level / spread


def descend(expected: Callable[[Tensor, Tensor], Tensor], start: Tensor, levels: Tensor) -> Tensor:
    """Follow the path of probability from noise to numbers by Heun's steps.

    The path solves ``dx/ds = (x - E[clean | x]) / s`` as the level ``s`` falls; the last step
    goes to the expected numbers themselves.

    Args:
        expected: Gives the expected clean numbers of noisy ones at a level.
        start: Numbers of noise at the first level.
        levels: Decreasing, the last one 0, (steps + 1,).

    Returns:
        Numbers, of the shape of ``start``.

    References:
        Karras and others, 2022, https://arxiv.org/abs/2206.00364, algorithm 1.
    """
    noisy = start
    for level, following in pairwise(levels):
        slope = (noisy - expected(noisy, level)) / level
        ahead = noisy + (following - level) * slope
        if following > 0:
            slope_ahead = (ahead - expected(ahead, following)) / following
            ahead = noisy + (following - level) * (slope + slope_ahead) / 2
        noisy = ahead
    return noisy
