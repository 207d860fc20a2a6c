"""Targets that stay the same."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from torch import Tensor

from scenara.finance.portfolio.strategies.base import State
from scenara.finance.portfolio.strategies.names import check_names, find_assets
from scenara.shared.errors import ConfigError

__all__ = ["BuyAndHold", "EqualWeight", "FixedWeights", "Mix", "SixtyForty"]


@dataclass(frozen=True, kw_only=True)
class EqualWeight:
    """Hold the same fraction of wealth in every asset.

    References:
        DeMiguel, Garlappi and Uppal (2009), Optimal versus naive diversification: how inefficient
        is the 1/N portfolio strategy?, Review of Financial Studies 22(5).
        https://doi.org/10.1093/rfs/hhm075

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


@dataclass(frozen=True, kw_only=True)
class Mix:
    """Hold stated targets by the names of the assets, and none of the others.

    Args:
        targets: Name of an asset -> fraction of wealth in it; what they leave of one is cash.

    Raises:
        ConfigError: No targets, or one that is no number.

    Example:
        >>> import torch
        >>> mix = Mix(targets={"AGG": 0.3, "SPY": 0.6})
        >>> mix.weights(torch.zeros(0, 1, 3), State(assets=("SPY", "GLD", "AGG")))
        tensor([[0.6000, 0.0000, 0.3000]])
    """

    targets: Mapping[str, float] = field(default_factory=dict)
    lookback: ClassVar[int] = 0

    def __post_init__(self) -> None:
        if not self.targets:
            raise ConfigError(
                "targets: expected a weight for some assets, such as {SPY=0.6, AGG=0.4}, found none"
            )
        for name, target in self.targets.items():
            if isinstance(target, bool) or not isinstance(target, (int, float)):
                raise ConfigError(f"targets: expected a number for {name!r}, found {target!r}")

    def weights(self, history: Tensor, state: State) -> Tensor:
        """Give the targets.

        Args:
            history: Ignored but for its shape, (0, paths, assets).
            state: Tells the names of the assets.

        Returns:
            Weights, shape (paths, assets).

        Raises:
            ConfigError: There is no asset of a name.
        """
        weights = history.new_zeros(history.shape[1:])
        places = find_assets(self.targets, state.assets, setting="targets")
        weights[:, places] = history.new_tensor(list(self.targets.values()))
        return weights


@dataclass(frozen=True, kw_only=True)
class SixtyForty:
    """Hold 60 % of wealth in equities and 40 % in bonds, each in equal parts.

    Args:
        bonds: Names of the bonds.
        equities: Names of the equities; none for all assets that are no bonds.
        share: Fraction of wealth in equities.

    Raises:
        ConfigError: No bonds are named, an asset is both or named twice, or the share is not in
            [0, 1].

    Example:
        >>> import torch
        >>> state = State(assets=("SPY", "EFA", "AGG"))
        >>> SixtyForty(bonds=("AGG",)).weights(torch.zeros(0, 1, 3), state)
        tensor([[0.3000, 0.3000, 0.4000]])
    """

    bonds: Sequence[str] = ()
    equities: Sequence[str] = ()
    share: float = 0.6
    lookback: ClassVar[int] = 0

    def __post_init__(self) -> None:
        if not self.bonds:
            raise ConfigError(
                "bonds: expected which assets are bonds, such as 60-40(bonds=['AGG']), found none"
            )
        check_names(self.bonds, setting="bonds")
        check_names(self.equities, setting="equities")
        both = sorted(set(self.bonds) & set(self.equities))
        if both:
            raise ConfigError(f"bonds: {both[0]!r} is named among the equities too")
        if not 0 <= self.share <= 1:
            raise ConfigError(f"share: expected a fraction in [0, 1], found {self.share!r}")

    def weights(self, history: Tensor, state: State) -> Tensor:
        """Give the targets.

        Args:
            history: Ignored but for its shape, (0, paths, assets).
            state: Tells the names of the assets.

        Returns:
            Weights, shape (paths, assets).

        Raises:
            ConfigError: There is no asset of a name, or none but bonds.
        """
        bonds = find_assets(self.bonds, state.assets, setting="bonds")
        equities = find_assets(self.equities, state.assets, setting="equities") or [
            place for place in range(len(state.assets)) if place not in bonds
        ]
        if not equities:
            raise ConfigError("equities: all assets are named as bonds; leave some out")
        weights = history.new_zeros(history.shape[1:])
        weights[:, bonds] = (1 - self.share) / len(bonds)
        weights[:, equities] = self.share / len(equities)
        return weights


@dataclass(frozen=True, kw_only=True)
class BuyAndHold:
    """Buy once, in equal parts or at stated targets, and never trade again.

    Args:
        targets: Name of an asset -> fraction of wealth at the start; none for equal parts.

    Raises:
        ConfigError: A target is no number.

    Example:
        >>> import torch
        >>> BuyAndHold().weights(torch.zeros(0, 1, 2), State()), BuyAndHold().schedule
        (tensor([[0.5000, 0.5000]]), 'never')
    """

    targets: Mapping[str, float] = field(default_factory=dict)
    lookback: ClassVar[int] = 0
    schedule: ClassVar[str] = "never"

    def __post_init__(self) -> None:
        if self.targets:
            Mix(targets=self.targets)

    def weights(self, history: Tensor, state: State) -> Tensor:
        """Give what is bought at the start.

        Args:
            history: Ignored but for its shape, (0, paths, assets).
            state: Tells the names of the assets.

        Returns:
            Weights, shape (paths, assets).

        Raises:
            ConfigError: There is no asset of a name.
        """
        if not self.targets:
            return EqualWeight().weights(history, state)
        return Mix(targets=self.targets).weights(history, state)
