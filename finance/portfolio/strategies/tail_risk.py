"""Portfolios whose worst days were the mildest."""

from dataclasses import dataclass

import torch
from torch import Tensor

from scenara.finance.portfolio.strategies.availability import among_available
from scenara.finance.portfolio.strategies.base import State, check_lookback
from scenara.finance.portfolio.strategies.estimates import check_bounds
from scenara.finance.portfolio.strategies.interior_point import NewtonStep, solve
from scenara.finance.portfolio.strategies.mean_variance import check_limits
from scenara.finance.portfolio.strategies.programmes import equality_step, times
from scenara.shared.errors import ConfigError

__all__ = ["MinimumCVaR", "minimum_cvar_weights"]


TIE = 1e-6
"""How much half the squared weights count beside the tail, in units of the returns' deviation."""


@dataclass(frozen=True, kw_only=True)
class MinimumCVaR:
    r"""Hold the fully invested portfolio of least conditional value at risk in the window.

    That is the mean loss on the worst :math:`1 - \beta` of the days, least over the weights:
    :math:`\min_{w, \alpha} \alpha + \sum_t (-r_t' w - \alpha)^+ / ((1 - \beta) T)`. The linear
    programme is solved by an interior point method in all paths at once; of portfolios that are
    equally good, the one nearest to equal weights is held.

    Args:
        lookback: Number of returns that losses are taken from.
        level: Confidence :math:`\beta` of the value at risk beyond which losses count.
        lower: Least weight of an asset; below zero it may be sold short.
        upper: Greatest weight of an asset.

    Raises:
        ConfigError: A setting is out of its range.

    References:
        Rockafellar and Uryasev (2000), Optimization of conditional value-at-risk, Journal of Risk
        2(3), equations 9 and 17. https://doi.org/10.21314/JOR.2000.038

    Example:
        >>> past = torch.tensor([[[0.01, 0.02]], [[0.01, -0.02]], [[-0.01, 0.02]], [[0.0, 0.0]]])
        >>> MinimumCVaR(lookback=4, level=0.5).weights(past, State()).round(decimals=3)
        tensor([[0.6670, 0.3330]])
    """

    lookback: int = 252
    level: float = 0.95
    lower: float = 0.0
    upper: float = 1.0

    def __post_init__(self) -> None:
        check_lookback(self.lookback, minimum=2)
        if not 0 < self.level < 1:
            raise ConfigError(f"level: expected a fraction in (0, 1), found {self.level!r}")
        check_bounds(self.lower, self.upper)

    @among_available
    def weights(self, history: Tensor, state: State) -> Tensor:
        """Solve a linear programme for each path.

        Args:
            history: Simple returns, shape (lookback, paths, assets).
            state: Ignored.

        Returns:
            Weights within the limits that sum to one, shape (paths, assets).

        Raises:
            ConfigError: The limits of so many assets can't sum to one.
        """
        found = minimum_cvar_weights(
            history.double(), level=self.level, lower=self.lower, upper=self.upper
        )
        return found.to(history.dtype)


def minimum_cvar_weights(
    returns: Tensor, *, level: float, lower: float = 0.0, upper: float = 1.0
) -> Tensor:
    """Find the fully invested weights within limits of least conditional value at risk.

    Args:
        returns: Simple returns in float64, shape (steps, paths, assets).
        level: Confidence, in (0, 1).
        lower: Least weight.
        upper: Greatest weight.

    Returns:
        Weights that sum to one, shape (paths, assets).

    Raises:
        ConfigError: The limits of so many assets can't sum to one.

    Example:
        >>> losses = torch.tensor([[[-0.1, -0.3]], [[0.1, 0.3]]], dtype=torch.float64)
        >>> minimum_cvar_weights(losses, level=0.5).round(decimals=6).abs()
        tensor([[1., 0.]], dtype=torch.float64)
    """
    n_steps, _, n_assets = returns.shape
    check_limits(lower, upper, n_assets=n_assets)
    if n_assets == 1:
        return torch.ones_like(returns[0])
    paths = returns.permute(1, 2, 0)
    unit = paths.square().mean((1, 2), keepdim=True).sqrt().clamp_min(torch.finfo(paths.dtype).tiny)
    ones = torch.ones_like(paths[:, :1])
    design = torch.cat([paths / unit, ones], dim=1)
    cost = 1 / ((1 - level) * n_steps)
    programme = _TailProgramme(design, cost, lower, upper)
    return solve(programme)[:, :n_assets]


@dataclass(frozen=True, eq=False)
class _TailProgramme:
    """Hold the linear programme in the weights, the value at risk and the losses beyond it.

    Args:
        design: Returns and a row of ones, shape (paths, assets + 1, steps).
        cost: Cost of each loss beyond the value at risk.
        lower: Least weight.
        upper: Greatest weight.
    """

    design: Tensor
    cost: float
    lower: float
    upper: float

    @property
    def n_assets(self) -> int:
        return self.design.shape[1] - 1

    @property
    def n_steps(self) -> int:
        return self.design.shape[2]

    @property
    def start(self) -> Tensor:
        weights = self.design.new_full((len(self.design), self.n_assets), 1 / self.n_assets)
        beyond = torch.ones_like(self.design[:, 0])
        return torch.cat([weights, torch.zeros_like(weights[:, :1]), beyond], dim=-1)

    def take(self, paths: Tensor) -> "_TailProgramme":
        return _TailProgramme(self.design[paths], self.cost, self.lower, self.upper)

    def slope(self, point: Tensor) -> Tensor:
        slope = torch.full_like(point, self.cost)
        slope[:, : self.n_assets] = TIE * point[:, : self.n_assets]
        slope[:, self.n_assets] = 1
        return slope

    def excess(self, point: Tensor) -> Tensor:
        excess = self.reach(point)
        excess[:, : self.n_assets] -= self.upper
        excess[:, self.n_assets : 2 * self.n_assets] += self.lower
        return excess

    def reach(self, step: Tensor) -> Tensor:
        few, beyond = self._parts(step)
        weights = few[:, :-1]
        return torch.cat([weights, -weights, -beyond, -times(self.design.mT, few) - beyond], dim=-1)

    def pull(self, prices: Tensor) -> Tensor:
        above, below, positive, loss = self._by_kind(prices)
        few = -times(self.design, loss)
        few[:, :-1] += above - below
        return torch.cat([few, -positive - loss], dim=-1)

    def missing(self, point: Tensor) -> Tensor:
        return point[:, : self.n_assets].sum(-1, keepdim=True) - 1

    def hold(self, prices: Tensor) -> Tensor:
        return torch.nn.functional.pad(prices.expand(-1, self.n_assets), (0, 1 + self.n_steps))

    def newton(self, stiffness: Tensor) -> NewtonStep:
        above, below, positive, loss = self._by_kind(stiffness)
        together = positive + loss
        curve = (self.design * (positive * loss / together)[:, None]) @ self.design.mT
        box = torch.nn.functional.pad(above + below + TIE, (0, 1))
        curve = curve + torch.diag_embed(box)
        row = self.hold(torch.ones_like(above[:, :1]))[:, : self.design.shape[1]]
        inner = equality_step(curve, row[:, None])

        def step(right: Tensor, equal: Tensor) -> tuple[Tensor, Tensor]:
            few, beyond = self._parts(right)
            few, price = inner(few - times(self.design, loss * beyond / together), equal)
            beyond = (beyond - loss * times(self.design.mT, few)) / together
            return torch.cat([few, beyond], dim=-1), price

        return step

    def _parts(self, point: Tensor) -> tuple[Tensor, Tensor]:
        n_few = self.design.shape[1]
        return point[:, :n_few], point[:, n_few:]

    def _by_kind(self, prices: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        n_limits = 2 * (self.n_assets)
        above, below = prices[:, :n_limits].chunk(2, dim=-1)
        positive, loss = prices[:, n_limits:].chunk(2, dim=-1)
        return above, below, positive, loss
