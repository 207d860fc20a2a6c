"""Following what has risen."""

from dataclasses import dataclass

import torch
from torch import Tensor

from scenara.finance.portfolio.strategies.base import State, check_lookback
from scenara.finance.portfolio.strategies.estimates import check_positive

__all__ = ["Momentum"]


@dataclass(frozen=True, kw_only=True)
class Momentum:
    r"""Hold what has risen, in inverse proportion to its volatility: time-series momentum.

    With ``short`` the weight of asset i is :math:`sign(r_i) \, (target / \sigma_i) / n`, where
    :math:`r_i` is its return over the lookback and n the number of assets that can be held then;
    without it, falling assets are left in cash. The weights are scaled down where their absolute sum would pass ``max_gross``.

    Args:
        lookback: Number of returns over which the sign of the past return is taken (a year in the
            paper).
        volatility_target: Volatility per year that each position is scaled to (40 % in the paper).
        centre_of_mass: Mean age in steps of the returns in the exponentially weighted volatility
            (60 days in the paper).
        periods_per_year: Steps in a year.
        short: Whether falling assets are sold short.
        max_gross: Most that the absolute weights may sum to; the paper sets no limit.

    Raises:
        ConfigError: A setting is out of its range.

    References:
        Moskowitz, Ooi and Pedersen (2012), Time series momentum, Journal of Financial Economics
        104(2), equations 1 (volatility) and 5 (weights). https://doi.org/10.1016/j.jfineco.2011.11.003

    Example:
        >>> history = torch.tensor([[[0.02, -0.02]], [[0.01, -0.01]]])
        >>> Momentum(lookback=2, max_gross=0.5).weights(history, State())
        tensor([[0.5000, 0.0000]])
    """

    lookback: int = 252
    volatility_target: float = 0.4
    centre_of_mass: float = 60.0
    periods_per_year: float = 252.0
    short: bool = False
    max_gross: float = 1.0

    def __post_init__(self) -> None:
        check_lookback(self.lookback, minimum=2)
        names = ("volatility_target", "centre_of_mass", "periods_per_year", "max_gross")
        check_positive(**{name: getattr(self, name) for name in names})

    def weights(self, history: Tensor, state: State) -> Tensor:
        """Give the trend's sign over the volatility.

        Args:
            history: Simple returns, shape (lookback, paths, assets).
            state: Tells which assets can be held.

        Returns:
            Weights whose absolute values sum to ``max_gross`` at most, shape (paths, assets).
        """
        trend = torch.sign((1 + history).prod(0) - 1)
        direction = trend if self.short else trend.clamp_min(0)
        volatility = self._volatility(history).clamp_min(torch.finfo(history.dtype).tiny ** 0.5)
        weights = direction * (self.volatility_target / volatility) / _count(history, state)
        gross = weights.abs().sum(-1, keepdim=True)
        return weights * (self.max_gross / gross).clamp_max(1)

    def _volatility(self, history: Tensor) -> Tensor:
        decay = self.centre_of_mass / (1 + self.centre_of_mass)
        ages = torch.arange(len(history) - 1, -1, -1, dtype=history.dtype, device=history.device)
        share = decay**ages
        share = share / share.sum()
        mean = torch.tensordot(share, history, dims=1)
        variance = torch.tensordot(share, (history - mean).square(), dims=1)
        return torch.sqrt(variance * self.periods_per_year)


def _count(history: Tensor, state: State) -> Tensor | int:
    """Count the assets that can be held, for all paths or for each."""
    if state.available is None:
        return history.shape[-1]
    return state.available.sum(-1, keepdim=True).clamp_min(1)
