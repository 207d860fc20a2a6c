"""A recurrent network with a latent state per step: prior, posterior, decoder and recurrence."""

import math
from typing import NamedTuple

import torch
from torch import Tensor, nn

from scenara.shared.generators.series.vae_days import DayRecord
from scenara.shared.generators.series.vae_decoder import DayDecoder, perceptron

__all__ = ["Normal", "RecurrentVae"]

_FARTHEST_CONDITION = 3.0
_LOG_SPREADS = (-3.0, 1.0)


class Normal(NamedTuple):
    """Normal laws of latent states, each component on its own.

    Args:
        mean: ``(..., k)``.
        log_spread: Logarithm of the standard deviations, ``(..., k)``.
    """

    mean: Tensor
    log_spread: Tensor

    def draw(self, noise: Tensor) -> Tensor:
        """Turn standard normal numbers ``(..., k)`` into draws."""
        return self.mean + self.log_spread.exp() * noise

    def log_density(self, values: Tensor) -> Tensor:
        """Give log densities ``(...)`` of values ``(..., k)``."""
        scaled = (values - self.mean) * (-self.log_spread).exp()
        parts = -0.5 * scaled.square() - self.log_spread - 0.5 * math.log(2 * math.pi)
        return parts.sum(-1)

    def divergence(self, other: "Normal") -> Tensor:
        """Give KL(self || other) of each component, ``(..., k)``."""
        ratio = self.log_spread - other.log_spread
        shift = (self.mean - other.mean) * (-other.log_spread).exp()
        return 0.5 * ((2 * ratio).exp() + shift.square() - 1) - ratio


class RecurrentVae(nn.Module):
    """Give the law of a day by a latent state z_t and a memory h_t of days and states before.

    With x_t a day, c_t what a volatility filter knows before it and s_t what it tells,

        z_t ~ p(z | h_t, c_t),    x_t ~ p(x | z_t, c_t),    h_{t+1} = GRU(h_t; s_t, z_t),

    and q(z | h_t, c_t, s_t) stands for the posterior; p(x | z, c) is a :class:`DayDecoder`.

    Args:
        loadings: First value of the own factors' loadings, ``(d, r)``.
        log_own_scale: First value of the channels' log scales, ``(d,)``.
        n_conditions: Size of c.
        n_signals: Size of s.
        n_latents: Size of z.
        n_memory: Size of h.
        width: Units in each hidden layer.

    References:
        Chung, Kastner, Dinh, Goel, Courville and Bengio (2015), A recurrent latent variable model
        for sequential data, https://arxiv.org/abs/1506.02216, eqs. 5-11.
    """

    condition_centre: Tensor
    condition_spread: Tensor
    signal_centre: Tensor
    signal_spread: Tensor
    turn: Tensor

    def __init__(
        self,
        loadings: Tensor,
        log_own_scale: Tensor,
        *,
        n_conditions: int,
        n_signals: int,
        n_latents: int,
        n_memory: int,
        width: int,
    ) -> None:
        super().__init__()
        self.n_latents, self.n_memory = n_latents, n_memory
        for name, size in (("condition", n_conditions), ("signal", n_signals)):
            self.register_buffer(f"{name}_centre", torch.zeros(size))
            self.register_buffer(f"{name}_spread", torch.ones(size))
        self.register_buffer("turn", torch.zeros((), dtype=torch.long))
        before = n_memory + n_conditions
        self.prior_net = perceptron(before, width, 2 * n_latents)
        self.posterior_net = perceptron(before + n_signals, width, 2 * n_latents)
        self.recurrence = nn.GRUCell(n_signals + n_latents, n_memory)
        self.decoder = DayDecoder(
            loadings,
            log_own_scale,
            n_conditions=n_conditions,
            n_latents=n_latents,
            width=width,
        )

    def measure(self, record: DayRecord) -> None:
        """Learn how conditions and signals are spread.

        Args:
            record: Observed days.
        """
        for name in ("condition", "signal"):
            values = getattr(record, f"{name}s").flatten(0, 1)
            setattr(self, f"{name}_centre", values.mean(0))
            setattr(self, f"{name}_spread", values.std(0) + 1e-3)

    def conditions(self, raw: Tensor) -> Tensor:
        """Standardise what the filter knows; no path leaves what was learned by far.

        Args:
            raw: ``(..., conditions)``.
        """
        reach = _FARTHEST_CONDITION
        return ((raw - self.condition_centre) / self.condition_spread).clamp(-reach, reach)

    def signals(self, raw: Tensor) -> Tensor:
        """Standardise what days tell.

        Args:
            raw: ``(..., signals)``.
        """
        return (raw - self.signal_centre) / self.signal_spread

    def prior(self, memory: Tensor, conditions: Tensor) -> Normal:
        """Give the law of the state before its day.

        Args:
            memory: h, ``(n, memory)``.
            conditions: c, standardised, ``(n, conditions)``.
        """
        mean, log_spread = self.prior_net(torch.cat([memory, conditions], dim=-1)).chunk(2, -1)
        return Normal(mean, log_spread.clamp(*_LOG_SPREADS))

    def posterior(
        self, prior: Normal, memory: Tensor, conditions: Tensor, signals: Tensor
    ) -> Normal:
        """Give the law of the state once its day is known.

        Args:
            prior: Its law before.
            memory: h, ``(n, memory)``.
            conditions: c, standardised, ``(n, conditions)``.
            signals: s, standardised, ``(n, signals)``.
        """
        known = torch.cat([memory, conditions, signals], dim=-1)
        mean, log_spread = self.posterior_net(known).chunk(2, -1)
        return Normal(
            prior.mean + prior.log_spread.exp() * mean,
            (prior.log_spread + log_spread).clamp(*_LOG_SPREADS),
        )

    def advance(self, memory: Tensor, states: Tensor, signals: Tensor) -> Tensor:
        """Take in a day and its state.

        Args:
            memory: h before, ``(n, memory)``.
            states: z, ``(n, k)``.
            signals: s, standardised, ``(n, signals)``.

        Returns:
            h after it.
        """
        after: Tensor = self.recurrence(torch.cat([signals, states], dim=-1), memory)
        return after
