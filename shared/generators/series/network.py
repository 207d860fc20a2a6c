"""The conditional law of the next step, given what the filters remember."""

import math
from typing import NamedTuple

import torch
from torch import Tensor, nn

from scenara.shared.generators.series.density import (
    log_stretch_slope,
    low_rank_log_density,
    low_rank_sample,
    shrink,
    stretch,
)
from scenara.shared.generators.series.filters import FilterBank

__all__ = ["Law", "MixtureNetwork"]

_FEATURE_REACH = 3.0
"""No feature leaves 3 standard deviations of what was learned; without this bound, paths wander
into volatilities that never were, and likelihood one step ahead does not mind."""
_DRIFT_REACH = 0.2
"""No drift is larger than a fifth of the scale of its channel."""
_REACH = math.log(8.0)
"""No scale moves further than a factor of 8 from its usual value."""


class Law(NamedTuple):
    """The conditional law of n next steps.

    Args:
        log_weights: Log probability of each of K regimes, ``(n, K)``.
        factor_scale: Scale of each factor in each regime, ``(n, K, r)``.
        own_scale: Scale of each channel's own move, ``(n, d)``.
        regime_scale: Factor on it in each regime, ``(n, K)``.
        total_scale: Scale of each channel, in whose units tails are stretched, ``(n, d)``.
        drift: Mean of each channel apart from the regimes', ``(n, d)``.
    """

    log_weights: Tensor
    factor_scale: Tensor
    own_scale: Tensor
    regime_scale: Tensor
    total_scale: Tensor
    drift: Tensor


class MixtureNetwork(nn.Module):
    """Give the law of the next step: a mixture of K normal laws with r common factors.

    With u the channels after :func:`shrink` in units of their conditional scale, regime k has
    u ~ N(B a_k m_k, B diag(a_k^2) B' + c_k^2 diag(s^2)). The network moves the regimes'
    probabilities and the scales a, c and s, so that volatility is shared by all channels and
    correlation can rise with it; B, m (which makes laws skew) and the tails are constants. A
    small drift answers to each channel's own last moves.

    Args:
        bank: Filters of the past.
        loadings: First value of B, ``(d, r)``, for standardised channels.
        n_regimes: K.
        width: Units in each hidden layer.
    """

    def __init__(self, bank: FilterBank, *, loadings: Tensor, n_regimes: int, width: int) -> None:
        super().__init__()
        n_channels, n_factors = loadings.shape
        self.sizes = (1, n_regimes, n_regimes, n_factors, n_regimes)
        self.bank = bank
        self.trunk = nn.Sequential(
            nn.Linear(bank.n_common, width), nn.SiLU(), nn.Linear(width, width), nn.SiLU()
        )
        self.head = nn.Linear(width, sum(self.sizes))
        self.skip = nn.Linear(bank.n_common, sum(self.sizes), bias=False)
        nn.init.zeros_(self.head.weight)
        nn.init.zeros_(self.head.bias)
        self._start_as_heterogeneous_autoregression()
        self.loadings = nn.Parameter(loadings.clone())
        left = (1 - loadings.square().sum(1)).clamp(min=0.1)
        self.log_own_scale = nn.Parameter(0.5 * left.log())
        spread = torch.linspace(-0.6, 0.6, n_regimes)
        self.regime = nn.Parameter(torch.stack([spread, spread], 1))
        self.regime_mean = nn.Parameter(torch.zeros(n_regimes, n_factors))
        self.log_tail = nn.Parameter(torch.full((n_channels,), math.log(3.0)))

    def _start_as_heterogeneous_autoregression(self) -> None:
        """Let log scales begin as averages of past log sizes, each at every speed alike.

        What is known of all volatilities need not be found in each short series again.
        """
        bank = self.bank
        own = bank.own_spread.clone()
        own[bank.n_speeds :] = 0.0
        self.own = nn.Parameter(0.5 * own / bank.n_speeds)
        mean_size = torch.arange(bank.n_speeds) * bank.n_signals + 1
        self.own_drift = nn.Parameter(torch.zeros(bank.n_own))
        skip = torch.zeros_like(self.skip.weight)
        skip[0, mean_size] = 0.4 * bank.common_spread[mean_size] / bank.n_speeds
        self.skip.weight = nn.Parameter(skip)

    def law(self, states: Tensor) -> Law:
        """Give the law of the next step.

        Args:
            states: What the filters remember, ``(n, speeds, signals)``.

        Returns:
            The law.
        """
        common = _bent(self.bank.common(states), _FEATURE_REACH)
        own = _bent(self.bank.own(states), _FEATURE_REACH)
        raw = self.head(self.trunk(common)) + self.skip(common)
        level, weights, factor_level, factors, own_level = raw.split(self.sizes, dim=-1)
        log_own = _bent(level + torch.einsum("f,nfd->nd", self.own, own))
        log_factor = _bent(factor_level[..., None] + factors[:, None] + level[..., None])
        own_scale = (self.log_own_scale + log_own).exp()
        factor_scale = (log_factor + self.regime[:, :1]).exp()
        log_weights = weights.log_softmax(-1)
        regime_scale = (_bent(own_level) + self.regime[:, 1]).exp()
        usual = (log_weights.exp()[..., None] * factor_scale.square()).sum(1)
        share = (log_weights.exp() * regime_scale.square()).sum(1, keepdim=True)
        total = own_scale.square() * share + usual @ self.loadings.square().mT
        total = total.sqrt()
        pull = _bent(torch.einsum("f,nfd->nd", self.own_drift, own), _DRIFT_REACH)
        return Law(log_weights, factor_scale, own_scale, regime_scale, total, pull * total)

    def log_density(self, values: Tensor, law: Law) -> Tensor:
        """Give the log density of next steps.

        Args:
            values: Standardised channels ``(n, d)``.
            law: Their laws.

        Returns:
            Log densities ``(n,)``.
        """
        reach = law.total_scale * self.tail()
        values = values - law.drift
        inner = shrink(values, reach)
        slope = log_stretch_slope(values, reach).sum(-1)
        centred = inner[:, None] - (law.factor_scale * self.regime_mean) @ self.loadings.mT
        parts = low_rank_log_density(
            centred,
            loadings=self.loadings,
            factor_scale=law.factor_scale,
            own_scale=law.own_scale[:, None] * law.regime_scale[..., None],
        )
        return torch.logsumexp(law.log_weights + parts, dim=-1) + slope

    def draw(self, law: Law, noise: Tensor) -> Tensor:
        """Turn standard normal numbers into next steps.

        Args:
            law: Their laws.
            noise: Standard normal numbers, ``(n, 1 + factors + channels)``.

        Returns:
            Standardised channels ``(n, d)``.
        """
        level = torch.special.ndtr(noise[:, :1])
        masses = law.log_weights.exp().cumsum(-1)
        regime = (masses[:, :-1] <= level * masses[:, -1:]).sum(-1)
        rows = torch.arange(len(regime))
        factor_scale = law.factor_scale[rows, regime]
        inner = low_rank_sample(
            noise[:, 1:],
            loadings=self.loadings,
            factor_scale=factor_scale,
            own_scale=law.own_scale * law.regime_scale[rows, regime, None],
        )
        inner = inner + (factor_scale * self.regime_mean[regime]) @ self.loadings.mT
        return law.drift + stretch(inner, law.total_scale * self.tail())

    def tail(self) -> Tensor:
        """Give the size, in conditional scales, from which each channel's tails are stretched."""
        return 1.0 + self.log_tail.exp()


def _bent(values: Tensor, reach: float = _REACH) -> Tensor:
    return reach * torch.tanh(values / reach)
