"""A recurrent network with a latent state per step: prior, posterior, decoder and recurrence."""

import math
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from scenara.shared.generators.series.density import log_stretch_slope, shrink, stretch
from scenara.shared.generators.series.vae_days import DayRecord

__all__ = ["DayLaw", "Normal", "RecurrentVae", "factor_log_density"]

_REACH = math.log(6.0)
"""No scale moves further than a factor of 6 from what the filter expects."""
_SHIFT = 0.5
_FIRST_TAIL = 1.5
_TAIL_RATE = 5.0
"""Tails are told by few days; in the few steps of a fit they must move further than the rest."""
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


class DayLaw(NamedTuple):
    """The law of a day given its latent state.

    Args:
        shift: Mean of the common move in its scales, ``(...)``.
        factor_scale: Scale of the common move and of each own factor next to what the filter
            expects, ``(..., 1 + r)``.
        own_scale: The same of the channels' own moves, ``(..., d)``.
    """

    shift: Tensor
    factor_scale: Tensor
    own_scale: Tensor


class RecurrentVae(nn.Module):
    """Give the law of a day by a latent state z_t and a memory h_t of days and states before.

    With x_t a day, c_t what a volatility filter knows before it and s_t what it tells,

        z_t ~ p(z | h_t, c_t),    x_t ~ p(x | z_t, c_t),    h_{t+1} = GRU(h_t; s_t, z_t),

    and q(z | h_t, c_t, s_t) stands for the posterior. Given z the day is normal with a common
    move, r factors of the channels' own moves and what is left of each channel; z moves their
    scales and the mean of the common move, and tails of each channel are stretched. Integrated
    over z the tails are heavier still, for all channels at once.

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
        n_factors = loadings.shape[1]
        self.n_latents, self.n_memory = n_latents, n_memory
        self.sizes = (1, 1, n_factors, 1)
        for name, size in (("condition", n_conditions), ("signal", n_signals)):
            self.register_buffer(f"{name}_centre", torch.zeros(size))
            self.register_buffer(f"{name}_spread", torch.ones(size))
        self.register_buffer("turn", torch.zeros((), dtype=torch.long))
        before = n_memory + n_conditions
        self.prior_net = _perceptron(before, width, 2 * n_latents)
        self.posterior_net = _perceptron(before + n_signals, width, 2 * n_latents)
        self.decoder_net = _perceptron(n_latents + n_conditions, width, sum(self.sizes))
        self.decoder_skip = nn.Linear(n_latents, sum(self.sizes))
        self.recurrence = nn.GRUCell(n_signals + n_latents, n_memory)
        self.loadings = nn.Parameter(loadings.clone())
        self.log_own_scale = nn.Parameter(log_own_scale.clone())
        self.tail_move = nn.Parameter(torch.zeros(len(loadings)))
        self._start_with_scales()

    def _start_with_scales(self) -> None:
        """Let the first two states begin as the log scales of the common and of own moves.

        A decoder that listens to its state from the first step leaves the posterior something
        to tell, and so no reason to collapse.
        """
        nn.init.zeros_(self.decoder_skip.weight)
        nn.init.zeros_(self.decoder_skip.bias)
        n_factors = self.sizes[2]
        with torch.no_grad():
            weight = self.decoder_skip.weight
            weight[0, 0], weight[1, 0], weight[-1, 0] = 0.35, 0.1, -0.15
            if self.n_latents > 1:
                weight[1, 1] = 0.2
            for extra in range(2, self.n_latents if n_factors else 0):
                weight[2 + extra % n_factors, extra] = 0.3
            self.decoder_skip.bias[:2] = torch.tensor([-0.12, -0.05])

    @torch.no_grad()
    def moved(self, common: float, own: float) -> None:
        """Raise the log scales of common and of own moves by constants.

        Args:
            common: Of common moves.
            own: Of own moves.
        """
        self.decoder_skip.bias[:2] += torch.tensor([common, own])

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

    def law(self, states: Tensor, conditions: Tensor) -> DayLaw:
        """Give the law of a day given its state.

        Args:
            states: z, ``(..., k)``.
            conditions: c, standardised, ``(..., conditions)``.
        """
        raw = self.decoder_skip(states) + self.decoder_net(torch.cat([states, conditions], -1))
        common, own, factors, shift = raw.split(self.sizes, dim=-1)
        logs = _bent(torch.cat([common, own + factors], dim=-1))
        own_scale = (_bent(own) + self.log_own_scale).exp()
        return DayLaw(_bent(shift[..., 0], _SHIFT), logs.exp(), own_scale)

    def log_density(self, law: DayLaw, values: Tensor, common: Tensor, own: Tensor) -> Tensor:
        """Give the log density of days.

        Args:
            law: Their laws.
            values: Standardised channels, ``(..., d)``.
            common: Scale of each channel's share in the common move, ``(..., d)``.
            own: Scale of its own move, ``(..., d)``.

        Returns:
            ``(...)``.
        """
        loadings = torch.cat([common[..., None], own[..., None] * self.loadings], dim=-1)
        loadings = loadings * law.factor_scale[..., None, :]
        own_scale = own * law.own_scale
        reach = (loadings.square().sum(-1) + own_scale.square()).sqrt() * self.tail()
        centred = values - law.shift[..., None] * loadings[..., 0]
        slope = log_stretch_slope(centred, reach).sum(-1)
        return factor_log_density(shrink(centred, reach), loadings, own_scale) + slope

    def draw(self, law: DayLaw, noise: Tensor, common: Tensor, own: Tensor) -> Tensor:
        """Turn standard normal numbers into days.

        Args:
            law: Their laws.
            noise: ``(n, 1 + r + d)``.
            common: Scale of each channel's share in the common move, ``(n, d)``.
            own: Scale of its own move, ``(n, d)``.

        Returns:
            Standardised channels ``(n, d)``.
        """
        n_factors = self.loadings.shape[1]
        moved = common * law.factor_scale[:, :1]
        factors = law.factor_scale[:, 1:] * noise[:, 1 : 1 + n_factors]
        own_scale = own * law.own_scale
        inner = moved * noise[:, :1] + own * (factors @ self.loadings.T)
        inner = inner + own_scale * noise[:, 1 + n_factors :]
        spread = law.factor_scale[:, 1:].square() @ self.loadings.T.square()
        total = moved.square() + own.square() * spread + own_scale.square()
        return law.shift[:, None] * moved + stretch(inner, total.sqrt() * self.tail())

    def tail(self) -> Tensor:
        """Give the size, in conditional scales, from which each channel's tails are stretched."""
        return 1.0 + _FIRST_TAIL * (_TAIL_RATE * self.tail_move).exp()


def factor_log_density(values: Tensor, loadings: Tensor, own_scale: Tensor) -> Tensor:
    """Give the log density of centred normal laws with common factors, each with its loadings.

    The covariance is L L' + diag(s^2); by the Woodbury identity only r x r matrices are factored.

    Args:
        values: ``(..., d)``.
        loadings: L, ``(..., d, r)``.
        own_scale: s, positive, ``(..., d)``.

    Returns:
        ``(...)``.

    Example:
        >>> one = torch.ones(1, 1, dtype=torch.float64)
        >>> factor_log_density(0 * one, one[..., None], one)
        tensor([-1.2655], dtype=torch.float64)
    """
    scaled, white = loadings / own_scale[..., None], values / own_scale
    core = scaled.mT @ scaled
    core = core + torch.eye(core.shape[-1], dtype=core.dtype, device=core.device)
    factor = torch.linalg.cholesky(core)
    pulled = scaled.mT @ white[..., None]
    solved = torch.linalg.solve_triangular(factor, pulled, upper=False)[..., 0]
    distance = white.square().sum(-1) - solved.square().sum(-1)
    log_root = own_scale.log().sum(-1) + factor.diagonal(dim1=-2, dim2=-1).log().sum(-1)
    log_density: Tensor = -0.5 * (distance + values.shape[-1] * math.log(2 * math.pi)) - log_root
    return log_density


def _perceptron(n_in: int, width: int, n_out: int) -> nn.Sequential:
    """Give a network of one hidden layer that says nothing at first."""
    last = nn.Linear(width, n_out)
    nn.init.zeros_(last.weight)
    nn.init.zeros_(last.bias)
    return nn.Sequential(nn.Linear(n_in, width), nn.SiLU(), last)


def _bent(values: Tensor, reach: float = _REACH) -> Tensor:
    return reach * functional.tanh(values / reach)
