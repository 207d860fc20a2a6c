"""The law of a day given its latent state: common factors, own moves and stretched tails."""

import math
from typing import NamedTuple

import torch
from torch import Tensor, nn

from scenara.shared.generators.series.density import log_stretch_slope, shrink, stretch

__all__ = ["DayDecoder", "DayLaw", "factor_log_density", "perceptron"]

_REACH = math.log(6.0)
"""No scale moves further than a factor of 6 from what the filter expects."""
_SHIFT = 0.5
_FIRST_TAIL = 1.5
_TAIL_RATE = 5.0
"""Tails are told by few days; in the few steps of a fit they must move further than the rest."""


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


class DayDecoder(nn.Module):
    """Give the law of a day by its latent state.

    Given the state z a day is normal with a common move, r factors of the channels' own moves and
    what is left of each channel; z moves their scales and the mean of the common move, and the
    tails of each channel are stretched. Integrated over z the tails are heavier still, for all
    channels at once.

    Args:
        loadings: First value of the own factors' loadings, ``(d, r)``.
        log_own_scale: First value of the channels' log scales, ``(d,)``.
        n_conditions: Size of what is known before the day.
        n_latents: Size of z.
        width: Units in the hidden layer.
    """

    def __init__(
        self,
        loadings: Tensor,
        log_own_scale: Tensor,
        *,
        n_conditions: int,
        n_latents: int,
        width: int,
    ) -> None:
        super().__init__()
        self.sizes = (1, 1, loadings.shape[1], 1)
        self.net = perceptron(n_latents + n_conditions, width, sum(self.sizes))
        self.skip = nn.Linear(n_latents, sum(self.sizes))
        self.loadings = nn.Parameter(loadings.clone())
        self.log_own_scale = nn.Parameter(log_own_scale.clone())
        self.tail_move = nn.Parameter(torch.zeros(len(loadings)))
        self._start_with_scales()

    def _start_with_scales(self) -> None:
        """Let the first two states begin as the log scales of the common and of own moves.

        A decoder that listens to its state from the first step leaves the posterior something
        to tell, and so no reason to collapse.
        """
        nn.init.zeros_(self.skip.weight)
        nn.init.zeros_(self.skip.bias)
        n_factors, n_latents = self.sizes[2], self.skip.in_features
        with torch.no_grad():
            weight = self.skip.weight
            weight[0, 0], weight[1, 0], weight[-1, 0] = 0.35, 0.1, -0.2
            if n_latents > 1:
                weight[1, 1] = 0.2
            for extra in range(2, n_latents if n_factors else 0):
                weight[2 + extra % n_factors, extra] = 0.3
            self.skip.bias[:2] = torch.tensor([-0.12, -0.05])

    @torch.no_grad()
    def moved(self, common: float, own: float) -> None:
        """Raise the log scales of common and of own moves by constants.

        Args:
            common: Of common moves.
            own: Of own moves.
        """
        self.skip.bias[:2] += torch.tensor([common, own])

    def law(self, states: Tensor, conditions: Tensor) -> DayLaw:
        """Give the law of a day given its state.

        Args:
            states: z, ``(..., k)``.
            conditions: c, standardised, ``(..., conditions)``.
        """
        raw = self.skip(states) + self.net(torch.cat([states, conditions], -1))
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


def perceptron(n_in: int, width: int, n_out: int) -> nn.Sequential:
    """Give a network of one hidden layer that says nothing at first.

    Args:
        n_in: Numbers that come in.
        width: Units.
        n_out: Numbers that go out.
    """
    last = nn.Linear(width, n_out)
    nn.init.zeros_(last.weight)
    nn.init.zeros_(last.bias)
    return nn.Sequential(nn.Linear(n_in, width), nn.SiLU(), last)


def _bent(values: Tensor, reach: float = _REACH) -> Tensor:
    return reach * torch.tanh(values / reach)
