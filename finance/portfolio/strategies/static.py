"""Targets that stay the same."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor

from scenara.finance.portfolio.strategies.base import State
from scenara.shared.errors import ConfigError

__all__ = ["EqualWeight", "FixedWeights"]


@dataclass(frozen=True, kw_only=True)
class EqualWeight:
    """Hold the same fraction of wealth in every asset.

    Example:
        >>> import torch
        >>> EqualWeight().weights(torch.zeros(0, 1, 4), State())
        tensor([[0.2500, 0.2500, 0.2500, 0.2500]])
    """

    lookback: ClassVar[int] = 0

    def weights(self, history: Tensor, state: State) -> Tensor:
        """Give one over the number of assets.

        Args:
            history: Ignored but for its shape, (0, paths, assets).
            state: Ignored.

        Returns:
            Weights, shape (paths, assets).
        """
        n_assets = history.shape[-1]
        return history.new_full((1, n_assets), 1 / n_assets).expand(history.shape[1:])


@dataclass(frozen=True)
class FixedWeights:
    """Hold the same stated targets throughout.

    Args:
        targets: Fraction of wealth in each asset; what they leave of one is cash.

    Raises:
        ConfigError: No targets.

    Example:
        >>> import torch
        >>> FixedWeights((0.6, 0.3)).weights(torch.zeros(0, 1, 2), State())
        tensor([[0.6000, 0.3000]])
    """

    targets: Sequence[float]
    lookback: ClassVar[int] = 0

    def __post_init__(self) -> None:
        if len(self.targets) == 0:
            raise ConfigError("targets: expected a weight for each asset, found none")

    def weights(self, history: Tensor, state: State) -> Tensor:
        """Give the targets.

        Args:
            history: Ignored but for its shape, (0, paths, assets).
            state: Ignored.

        Returns:
            Weights, shape (paths, assets).

        Raises:
            ConfigError: There are not as many targets as assets.
        """
        if len(self.targets) != history.shape[-1]:
            raise ConfigError(
                f"targets: expected a weight for each of the {history.shape[-1]} assets, "
                f"found {len(self.targets)}"
            )
        return history.new_tensor(list(self.targets)).expand(history.shape[1:])
