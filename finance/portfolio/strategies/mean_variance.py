"""Portfolios that weigh the past mean against the past variance."""

from dataclasses import dataclass

import torch
from torch import Tensor

from scenara.finance.portfolio.strategies.availability import among_available
from scenara.finance.portfolio.strategies.base import State, check_lookback
from scenara.finance.portfolio.strategies.estimates import (
    check_bounds,
    check_positive,
    check_shrinkage,
    shrunk_covariance,
)
from scenara.finance.portfolio.strategies.interior_point import solve
from scenara.finance.portfolio.strategies.programmes import QuadraticProgramme
from scenara.shared.errors import ConfigError

__all__ = ["MeanVariance", "check_limits", "highest_mean", "mean_variance_weights"]

_INSIDE = 1e-3
"""Part of the range of means by which a target stays below the highest one, to leave a choice."""


@dataclass(frozen=True, kw_only=True)
class MeanVariance:
    r"""Hold the fully invested portfolio of greatest :math:`\mu' w - \gamma w' \Sigma w / 2`.

    Or, given a target return, the one of least variance whose past mean was at least that. Means
    are those of the window and covariances are shrunk. Where no portfolio within the limits had
    the target as its mean, it is lowered to the highest mean there was.

    Args:
        lookback: Number of returns that means and covariances are estimated from.
        risk_aversion: How much variance counts against the mean, :math:`\gamma`.
        target_return: Mean return per year that is asked for instead; None for none.
        lower: Least weight of an asset; below zero it may be sold short.
        upper: Greatest weight of an asset.
        shrinkage: Weight of the scaled identity in the covariance, in [0, 1]; None estimates it
            for each path and date (Ledoit and Wolf, 2004).
        periods_per_year: Steps in a year.

    Raises:
        ConfigError: A setting is out of its range.

    References:
        Markowitz (1952), Portfolio selection, Journal of Finance 7(1).
        https://doi.org/10.1111/j.1540-6261.1952.tb01525.x

    Example:
        >>> past = torch.tensor([[[0.03, 0.01]], [[-0.01, 0.01]], [[0.01, 0.0]]])
        >>> MeanVariance(lookback=3, risk_aversion=1.0).weights(past, State()).round(decimals=3)
        tensor([[1., 0.]])
    """

    lookback: int = 252
    risk_aversion: float = 5.0
    target_return: float | None = None
    lower: float = 0.0
    upper: float = 1.0
    shrinkage: float | None = None
    periods_per_year: float = 252.0

    def __post_init__(self) -> None:
        check_lookback(self.lookback, minimum=2)
        check_positive(risk_aversion=self.risk_aversion, periods_per_year=self.periods_per_year)
        check_shrinkage(self.shrinkage)
        check_bounds(self.lower, self.upper)

    @among_available
    def weights(self, history: Tensor, state: State) -> Tensor:
        """Solve a quadratic programme for each path.

        Args:
            history: Simple returns, shape (lookback, paths, assets).
            state: Ignored.

        Returns:
            Weights within the limits that sum to one, shape (paths, assets).

        Raises:
            ConfigError: The limits of so many assets can't sum to one.
        """
        covariance = shrunk_covariance(history, shrinkage=self.shrinkage)
        target = self.target_return
        found = mean_variance_weights(
            history.double().mean(0),
            covariance,
            risk_aversion=self.risk_aversion,
            target=None if target is None else target / self.periods_per_year,
            lower=self.lower,
            upper=self.upper,
        )
        return found.to(history.dtype)


def mean_variance_weights(
    means: Tensor,
    covariance: Tensor,
    *,
    risk_aversion: float = 1.0,
    target: float | None = None,
    lower: float = 0.0,
    upper: float = 1.0,
) -> Tensor:
    r"""Find the fully invested weights within limits of greatest mean less variance.

    Args:
        means: Mean returns in float64, shape (paths, assets).
        covariance: Covariances, positive definite, shape (paths, assets, assets).
        risk_aversion: How much half the variance counts against the mean.
        target: Mean that is asked for instead, as far as it can be had; the variance is least then.
        lower: Least weight.
        upper: Greatest weight.

    Returns:
        Weights that sum to one, shape (paths, assets).

    Raises:
        ConfigError: The limits of so many assets can't sum to one.

    Example:
        >>> means = torch.tensor([[0.02, 0.01]], dtype=torch.float64)
        >>> covariance = 0.01 * torch.eye(2, dtype=torch.float64)[None]
        >>> mean_variance_weights(means, covariance, risk_aversion=2.0).round(decimals=6)
        tensor([[0.7500, 0.2500]], dtype=torch.float64)
    """
    n_assets = means.shape[-1]
    check_limits(lower, upper, n_assets=n_assets)
    if n_assets == 1:
        return torch.ones_like(means)
    risk = risk_aversion * covariance
    gain = means - means.mean(-1, keepdim=True)
    rows, totals = torch.ones_like(means)[:, None], torch.ones_like(means[:, :1])
    if target is not None:
        risk, gain, rows, totals = _asking(means, risk, target, lower, upper)
    # In units of the larger of variance and gain, so that the tolerance means the same everywhere.
    variance = covariance.diagonal(dim1=-2, dim2=-1).mean(-1) * risk_aversion
    unit = torch.maximum(variance, gain.abs().amax(-1))[:, None]
    limits = rows.new_tensor([[lower, upper]] * n_assets + [[0.0, 2.0]] * (rows.shape[1] - 1))
    least, most = limits.unbind(-1)
    programme = QuadraticProgramme(risk / unit[..., None], -gain / unit, least, most, rows, totals)
    return solve(programme)[:, :n_assets]


def _asking(
    means: Tensor, risk: Tensor, target: float, lower: float, upper: float
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Ask for a mean, in units of the range of means; what is above it is one more variable."""
    highest = highest_mean(means, lower=lower, upper=upper)
    lowest = -highest_mean(-means, lower=lower, upper=upper)
    spread = highest - lowest
    differ = spread > 8 * torch.finfo(means.dtype).eps * means.abs().amax(-1, keepdim=True)
    share = torch.where(differ, (target - lowest) / spread, 0.0).clamp(-0.5, 1 - _INSIDE)
    row = torch.where(differ, (means - lowest) / spread, 1.0)
    ones = torch.ones_like(means)
    rows = torch.stack(
        [
            torch.cat([ones, torch.zeros_like(share)], dim=-1),
            torch.cat([row, -torch.ones_like(share)], dim=-1),
        ],
        dim=1,
    )
    totals = torch.cat([torch.ones_like(share), share], dim=-1)
    wider = torch.nn.functional.pad(risk, (0, 1, 0, 1))
    return wider, torch.zeros_like(rows[:, 0]), rows, totals


def highest_mean(means: Tensor, *, lower: float, upper: float) -> Tensor:
    """Give the highest mean that weights within limits can have.

    Args:
        means: Mean returns, shape (paths, assets).
        lower: Least weight.
        upper: Greatest weight.

    Returns:
        The mean, shape (paths, 1).

    Example:
        >>> highest_mean(torch.tensor([[0.25, 0.75]]), lower=0.0, upper=0.75)
        tensor([[0.6250]])
    """
    best_first = means.sort(-1, descending=True).values
    ranks = torch.arange(means.shape[-1], dtype=means.dtype, device=means.device)
    left = 1 - lower * means.shape[-1] - (upper - lower) * ranks
    weights = lower + left.clamp(0, upper - lower)
    return (best_first * weights).sum(-1, keepdim=True)


def check_limits(lower: float, upper: float, *, n_assets: int) -> None:
    """Refuse limits that no fully invested portfolio keeps to.

    Args:
        lower: Least weight.
        upper: Greatest weight.
        n_assets: Number of assets.

    Raises:
        ConfigError: The weights can't sum to one.

    Example:
        >>> check_limits(0.0, 0.5, n_assets=2)
    """
    if not lower * n_assets <= 1 <= upper * n_assets:
        raise ConfigError(
            f"lower, upper: weights of {n_assets} assets in [{lower:g}, {upper:g}] can't sum to one"
        )
