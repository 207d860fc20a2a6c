"""Temporal convolutional players of the adversarial game on series."""

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

__all__ = ["Game", "SeriesCritic", "SeriesWriter", "dilations_within"]

_DILATIONS = (1, 2, 4, 8, 16, 32)


def dilations_within(length: int) -> tuple[int, ...]:
    """Give the dilations of convolutions that use at most half of a window to look back.

    Args:
        length: Days in a window.

    Example:
        >>> dilations_within(30)
        (1, 2, 4, 8)
    """
    return tuple(d for d in _DILATIONS if 2 * (2 * d - 1) <= length)


class _Layer(nn.Module):
    """A linear map whose weights move ``rate`` times as far in a step of Adam.

    References:
        Karras, Laine and Aila (2019), A style-based generator architecture for generative
        adversarial networks, https://arxiv.org/abs/1812.04948, appendix C.
    """

    def __init__(self, n_in: int, n_out: int, *, rate: float = 1.0) -> None:
        super().__init__()
        drawn = nn.Linear(n_in, n_out)
        self.weight = nn.Parameter(drawn.weight.detach() / rate)
        self.bias = nn.Parameter(drawn.bias.detach() / rate)
        self.rate = rate

    def forward(self, values: Tensor) -> Tensor:
        return functional.linear(values, self.weight, self.bias) * self.rate


class _Block(nn.Module):
    """A causal convolution of kernel two, passed on beside what came in; it loses its first steps.

    Two steps side by side make the convolution a matrix product, which small networks on a CPU
    compute fastest.
    """

    def __init__(self, width: int, dilation: int, *, rate: float) -> None:
        super().__init__()
        self.dilation = dilation
        self.mix = _Layer(2 * width, width, rate=rate)
        self.give = _Layer(width, width, rate=rate)

    def forward(self, values: Tensor) -> Tensor:
        now, before = values[self.dilation :], values[: -self.dilation]
        mixed = functional.silu(self.mix(torch.cat([now, before], dim=-1)))
        out: Tensor = now + self.give(mixed)
        return out


class _Convolutions(nn.Module):
    """Causal dilated convolutions, steps first: ``(w + reach, n, c)`` to ``(w, n, width)``."""

    def __init__(
        self, n_in: int, width: int, dilations: Sequence[int], *, rate: float = 1.0
    ) -> None:
        super().__init__()
        self.read = _Layer(n_in, width, rate=rate)
        self.blocks = nn.Sequential(*(_Block(width, d, rate=rate) for d in dilations))

    def forward(self, values: Tensor) -> Tensor:
        out: Tensor = self.blocks(self.read(values))
        return out


class SeriesWriter(nn.Module):
    """Turn a series of noise into a series of normal scores of innovations.

    A score is its own noise, moved by what the convolutions make of all noise up to its step;
    with the last layer at zero, scores are independent normal numbers, and all that is learned
    is dependence.

    Args:
        n_scores: Innovations of a day, c.
        n_noise: Numbers of noise of a day, at least c.
        width: Units of a day.
        dilations: Of the convolutions; their sum is how far back a score reads noise.

    References:
        Wiese, Knobloch, Korn and Kretschmer (2020), Quant GANs: deep generation of financial
        time series, https://arxiv.org/abs/1907.06673, section 3; Bai, Kolter and Koltun (2018),
        An empirical evaluation of generic convolutional and recurrent networks for sequence
        modeling, https://arxiv.org/abs/1803.01271.
    """

    def __init__(
        self, n_scores: int, n_noise: int, *, width: int, dilations: Sequence[int]
    ) -> None:
        super().__init__()
        self.n_scores, self.n_noise, self.reach = n_scores, n_noise, sum(dilations)
        self.body = _Convolutions(n_noise, width, dilations)
        self.scale = nn.Linear(width, n_scores)
        self.shift = nn.Linear(width, n_scores)
        for layer in (self.scale, self.shift):
            nn.init.zeros_(layer.weight)
            nn.init.zeros_(layer.bias)

    def forward(self, noise: Tensor) -> Tensor:
        """Write scores.

        Args:
            noise: Standard normal numbers, steps first, ``(w + reach, n, noise)``.

        Returns:
            ``(w, n, c)``.
        """
        hidden = functional.silu(self.body(noise))
        own = noise[self.reach :, :, : self.n_scores]
        scores: Tensor = own * torch.tanh(self.scale(hidden)).exp() + self.shift(hidden)
        return scores


class SeriesCritic(nn.Module):
    """Judge windows of scores; higher for observed ones.

    It reads scores and their sizes, and judges the mean over days of what its convolutions find.

    Args:
        n_scores: Innovations of a day, c.
        width: Units of a day.
        dilations: Of the convolutions.
        rate: Learning rate, as a multiple of the writer's.

    References:
        Heusel et al. (2017), GANs trained by a two time-scale update rule converge to a local
        Nash equilibrium, https://arxiv.org/abs/1706.08500.
    """

    def __init__(self, n_scores: int, *, width: int, dilations: Sequence[int], rate: float) -> None:
        super().__init__()
        self.body = _Convolutions(2 * n_scores, width, dilations, rate=rate)
        self.inner = _Layer(2 * width, width, rate=rate)
        self.give = _Layer(width, 1, rate=rate)

    def forward(self, scores: Tensor) -> Tensor:
        """Judge windows.

        Args:
            scores: Steps first, ``(w, n, c)``.

        Returns:
            ``(n, 1)``.
        """
        hidden = self.body(torch.cat([scores, scores.abs() - math.sqrt(2 / math.pi)], dim=-1))
        found = functional.silu(hidden)
        told = torch.cat([found.mean(0), hidden.square().mean(0).add(1e-6).sqrt()], dim=-1)
        judged: Tensor = self.give(functional.silu(self.inner(told))) * math.sqrt(len(scores))
        return judged


class Game(nn.Module):
    """Hold both players and count turns.

    Args:
        writer: Writes scores.
        critic: Judges them.
    """

    turn: Tensor

    def __init__(self, writer: SeriesWriter, critic: SeriesCritic) -> None:
        super().__init__()
        self.writer, self.critic = writer, critic
        self.register_buffer("turn", torch.zeros((), dtype=torch.long))
