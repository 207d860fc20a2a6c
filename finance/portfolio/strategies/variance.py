"""Portfolios of least variance."""

from dataclasses import dataclass

from torch import Tensor

from scenara.finance.portfolio.covariance import minimum_variance_weights
from scenara.finance.portfolio.strategies.availability import among_available
from scenara.finance.portfolio.strategies.base import State, check_lookback
from scenara.shared.errors import ConfigError

__all__ = ["MinimumVariance"]


@dataclass(frozen=True, kw_only=True)
class MinimumVariance:
    """Hold the fully invested portfolio whose variance was least, by a shrunk covariance.

    Args:
        lookback: Number of returns that the covariance is estimated from.
        shrinkage: Weight of the scaled identity in the covariance, in [0, 1]; None estimates it
            for each path and date (Ledoit and Wolf, 2004).
        long_only: Whether short positions are ruled out.

    Raises:
        ConfigError: A setting is out of its range.

    Example:
        >>> import torch
        >>> noise = torch.randn(63, 1, 2, generator=torch.Generator().manual_seed(0))
        >>> weights = MinimumVariance().weights(noise * torch.tensor([0.01, 0.02]), State())
        >>> bool(weights[0, 0] > weights[0, 1])
        True
    """

    lookback: int = 63
    shrinkage: float | None = None
    long_only: bool = False

    def __post_init__(self) -> None:
        check_lookback(self.lookback, minimum=2)
        if self.shrinkage is not None and not 0 <= self.shrinkage <= 1:
            raise ConfigError(f"shrinkage: expected a number in [0, 1], found {self.shrinkage!r}")

    @among_available
    def weights(self, history: Tensor, state: State) -> Tensor:
        """Give the weights of least variance.

        Args:
            history: Simple returns, shape (lookback, paths, assets).
            state: Ignored.

        Returns:
            Weights that sum to one, shape (paths, assets).
        """
        return minimum_variance_weights(history, shrinkage=self.shrinkage, long_only=self.long_only)
