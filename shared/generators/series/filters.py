"""What a model of series remembers of the past: exponential moving averages at several speeds."""

import torch
from torch import Tensor, nn

__all__ = ["FilterBank"]

_FLOOR = 0.2
"""Sizes below this, in standard deviations, are as good as nothing; keeps logarithms finite."""


class FilterBank(nn.Module):
    """Follow standardised channels by moving averages and turn these into features.

    Common signals are the mean of the channels, their mean size, their dispersion and the size of
    each of r principal components; each channel adds its own size and sign. Each signal x is
    followed at each half-life: state = d state + (1 - d) x. Sizes enter the features as
    logarithms.

    Args:
        projection: Maps standardised channels to components of variance one, ``(d, r)``.
        half_lives: Half-lives of the averages, in steps.

    Example:
        >>> bank = FilterBank(torch.ones(2, 1) / 2, half_lives=(1.0, 20.0))
        >>> states = bank.run(torch.ones(5, 2))
        >>> states.shape, bank.common(states).shape, bank.own(states).shape
        (torch.Size([6, 2, 8]), torch.Size([6, 8]), torch.Size([6, 4, 2]))
    """

    projection: Tensor
    gain: Tensor
    origin: Tensor
    common_centre: Tensor
    common_spread: Tensor
    own_centre: Tensor
    own_spread: Tensor

    def __init__(self, projection: Tensor, *, half_lives: tuple[float, ...]) -> None:
        super().__init__()
        n_channels, n_factors = projection.shape
        self.n_speeds, self.n_signals = len(half_lives), n_factors + 3
        gain = torch.tensor([1 - 0.5 ** (1 / life) for life in half_lives])[:, None]
        self.register_buffer("projection", projection)
        self.register_buffer("gain", gain)
        self.register_buffer("origin", torch.zeros(self.n_signals + 2 * n_channels))
        for name, size in (("common", self.n_common), ("own", self.n_own)):
            self.register_buffer(f"{name}_centre", torch.zeros(size))
            self.register_buffer(f"{name}_spread", torch.ones(size))

    @property
    def n_common(self) -> int:
        """Number of features that all channels share."""
        return self.n_speeds * self.n_signals

    @property
    def n_own(self) -> int:
        """Number of features of each channel."""
        return 2 * self.n_speeds

    def fit(self, series: Tensor) -> None:
        """Learn where averages start and how features are spread.

        Args:
            series: Standardised channels ``(series, steps, d)``.
        """
        self.origin = self.signals(series).mean((0, 1))
        states = torch.cat([self.run(steps)[1:] for steps in series])
        common, own = self._raw_common(states), self._raw_own(states)
        self.common_centre, self.common_spread = common.mean(0), _spread(common, 0)
        self.own_centre, self.own_spread = own.mean((0, 2)), _spread(own, (0, 2))

    def signals(self, values: Tensor) -> Tensor:
        """Give what is followed.

        Args:
            values: Standardised channels ``(..., d)``.

        Returns:
            Signals ``(..., r + 3 + 2 d)``.
        """
        sizes = values.abs()
        level = values.mean(-1, keepdim=True)
        spread = (values - level).abs().mean(-1, keepdim=True)
        factors = (values @ self.projection).abs()
        mean_size = sizes.mean(-1, keepdim=True)
        return torch.cat([level, mean_size, spread, factors, sizes, values], dim=-1)

    def advance(self, states: Tensor, values: Tensor) -> Tensor:
        """Take in one step.

        Args:
            states: Averages ``(n, speeds, signals)``.
            values: Standardised channels ``(n, d)``.

        Returns:
            The averages after it.
        """
        return torch.lerp(states, self.signals(values)[:, None], self.gain)

    def run(self, steps: Tensor, *, start: Tensor | None = None) -> Tensor:
        """Follow one series.

        Args:
            steps: Standardised channels ``(steps, d)``.
            start: Averages before the first step; None for those of the fit.

        Returns:
            Averages before each step and after the last, ``(steps + 1, speeds, signals)``.
        """
        first = self.origin.expand(self.n_speeds, -1) if start is None else start
        states = torch.empty(len(steps) + 1, *first.shape)
        states[0] = first
        for step, signal in enumerate(self.signals(steps)):
            torch.lerp(states[step], signal, self.gain, out=states[step + 1])
        return states

    def common(self, states: Tensor) -> Tensor:
        """Give the features that all channels share.

        Args:
            states: Averages ``(n, speeds, signals)``.

        Returns:
            Features ``(n, speeds * (r + 3))``, standardised.
        """
        return (self._raw_common(states) - self.common_centre) / self.common_spread

    def own(self, states: Tensor) -> Tensor:
        """Give the features of each channel.

        Args:
            states: Averages ``(n, speeds, signals)``.

        Returns:
            Features ``(n, 2 * speeds, d)``, standardised.
        """
        centre, spread = self.own_centre[:, None], self.own_spread[:, None]
        return (self._raw_own(states) - centre) / spread

    def _raw_common(self, states: Tensor) -> Tensor:
        signals = states[..., : self.n_signals]
        return torch.cat([signals[..., :1], _log_size(signals[..., 1:])], dim=-1).flatten(1)

    def _raw_own(self, states: Tensor) -> Tensor:
        sizes, values = states[..., self.n_signals :].chunk(2, dim=-1)
        return torch.cat([_log_size(sizes), values], dim=1)


def _log_size(sizes: Tensor) -> Tensor:
    return torch.log(sizes + _FLOOR)


def _spread(values: Tensor, dims: int | tuple[int, ...]) -> Tensor:
    return values.std(dims) + 1e-3
