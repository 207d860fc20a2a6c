"""What to hold, decided from the past alone, for many paths at once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, is_dataclass
from difflib import get_close_matches
from typing import Any, ClassVar, Protocol, runtime_checkable

import torch
from torch import Tensor

from scenara.finance.portfolio.covariance import minimum_variance_weights
from scenara.shared.errors import ConfigError

__all__ = [
    "STRATEGIES",
    "EqualWeight",
    "FixedWeights",
    "FunctionStrategy",
    "MinimumVariance",
    "Momentum",
    "Strategy",
    "as_strategy",
    "make_strategy",
    "strategy_name",
]


@runtime_checkable
class Strategy(Protocol):
    """Decide target weights from the last ``lookback`` returns and nothing else.

    What the weights leave of one is cash, which earns nothing; negative weights are short. The
    decision must be a function of the history that it is given (no state); the engine gives it a
    copy, so that nothing else changes where it writes into that. A strategy with a lookback of 0
    sees nothing and so holds the same targets throughout.
    """

    @property
    def lookback(self) -> int:
        """Number of returns that the strategy needs."""
        ...

    def weights(self, history: Tensor) -> Tensor:
        """Give target weights.

        Args:
            history: Simple returns up to now, oldest first, shape (lookback, paths, assets).

        Returns:
            Target weights as fractions of wealth, shape (paths, assets).
        """
        ...


@dataclass(frozen=True, kw_only=True)
class EqualWeight:
    """Hold the same fraction of wealth in every asset.

    Example:
        >>> EqualWeight().weights(torch.zeros(0, 1, 4))
        tensor([[0.2500, 0.2500, 0.2500, 0.2500]])
    """

    lookback: ClassVar[int] = 0

    def weights(self, history: Tensor) -> Tensor:
        """Give one over the number of assets.

        Args:
            history: Ignored but for its shape, (0, paths, assets).

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
        >>> FixedWeights((0.6, 0.3)).weights(torch.zeros(0, 1, 2))
        tensor([[0.6000, 0.3000]])
    """

    targets: Sequence[float]
    lookback: ClassVar[int] = 0

    def __post_init__(self) -> None:
        if len(self.targets) == 0:
            raise ConfigError("targets: expected a weight for each asset, found none")

    def weights(self, history: Tensor) -> Tensor:
        """Give the targets.

        Args:
            history: Ignored but for its shape, (0, paths, assets).

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
        >>> noise = torch.randn(63, 1, 2, generator=torch.Generator().manual_seed(0))
        >>> weights = MinimumVariance().weights(noise * torch.tensor([0.01, 0.02]))
        >>> bool(weights[0, 0] > weights[0, 1])
        True
    """

    lookback: int = 63
    shrinkage: float | None = None
    long_only: bool = False

    def __post_init__(self) -> None:
        _check_lookback(self.lookback, minimum=2)
        if self.shrinkage is not None and not 0 <= self.shrinkage <= 1:
            raise ConfigError(f"shrinkage: expected a number in [0, 1], found {self.shrinkage!r}")

    def weights(self, history: Tensor) -> Tensor:
        """Give the weights of least variance.

        Args:
            history: Simple returns, shape (lookback, paths, assets).

        Returns:
            Weights that sum to one, shape (paths, assets).
        """
        return minimum_variance_weights(history, shrinkage=self.shrinkage, long_only=self.long_only)


@dataclass(frozen=True, kw_only=True)
class Momentum:
    r"""Hold what has risen, in inverse proportion to its volatility: time-series momentum.

    With ``short`` the weight of asset i is :math:`sign(r_i) \, (target / \sigma_i) / n`, where
    :math:`r_i` is its return over the lookback; without it, falling assets are left in cash. The
    weights are scaled down where their absolute sum would pass ``max_gross``.

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
        >>> Momentum(lookback=2, max_gross=0.5).weights(history)
        tensor([[0.5000, 0.0000]])
    """

    lookback: int = 252
    volatility_target: float = 0.4
    centre_of_mass: float = 60.0
    periods_per_year: float = 252.0
    short: bool = False
    max_gross: float = 1.0

    def __post_init__(self) -> None:
        _check_lookback(self.lookback, minimum=2)
        for name in ("volatility_target", "centre_of_mass", "periods_per_year", "max_gross"):
            if not getattr(self, name) > 0:
                raise ConfigError(
                    f"{name}: expected a positive number, found {getattr(self, name)!r}"
                )

    def weights(self, history: Tensor) -> Tensor:
        """Give the trend's sign over the volatility.

        Args:
            history: Simple returns, shape (lookback, paths, assets).

        Returns:
            Weights whose absolute values sum to ``max_gross`` at most, shape (paths, assets).
        """
        trend = torch.sign((1 + history).prod(0) - 1)
        direction = trend if self.short else trend.clamp_min(0)
        volatility = self._volatility(history).clamp_min(torch.finfo(history.dtype).tiny ** 0.5)
        weights = direction * (self.volatility_target / volatility) / history.shape[-1]
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


@dataclass(frozen=True)
class FunctionStrategy:
    """Make a strategy of a plain function.

    Args:
        function: Takes a private copy of the history, shape (lookback, paths, assets), and gives
            weights, shape (paths, assets) or (assets,), as a tensor or anything that becomes one.
        lookback: Number of returns that it needs.

    Raises:
        ConfigError: The lookback is negative.

    Example:
        >>> last_winner = FunctionStrategy(lambda past: (past[-1] > 0).double(), lookback=1)
        >>> last_winner.weights(torch.tensor([[[0.1, -0.1]]]))
        tensor([[1., 0.]])
    """

    function: Callable[[Tensor], Any]
    lookback: int = 63

    def __post_init__(self) -> None:
        _check_lookback(self.lookback, minimum=0)

    def weights(self, history: Tensor) -> Tensor:
        """Ask the function.

        Args:
            history: Simple returns, shape (lookback, paths, assets).

        Returns:
            Weights, shape (paths, assets).
        """
        found = torch.as_tensor(self.function(history.clone()))
        return found.to(dtype=history.dtype, device=history.device)


STRATEGIES: dict[str, type[Strategy]] = {
    "equal-weight": EqualWeight,
    "minimum-variance": MinimumVariance,
    "momentum": Momentum,
}
"""Strategies that need no settings: name -> class."""


def make_strategy(name: str, **settings: Any) -> Strategy:  # noqa: ANN401 - whatever the class takes
    """Make a strategy by its name.

    Args:
        name: A name in ``STRATEGIES``.
        settings: What its class takes.

    Returns:
        The strategy.

    Raises:
        ConfigError: The name or a setting is not known.

    Example:
        >>> make_strategy("minimum-variance", lookback=126)
        MinimumVariance(lookback=126, shrinkage=None, long_only=False)
    """
    if name not in STRATEGIES:
        raise ConfigError(f"strategy: {name!r} is not known; {_nearest(name, list(STRATEGIES))}")
    kind = STRATEGIES[name]
    known = _settings(kind)
    for setting in settings:
        if setting not in known:
            raise ConfigError(
                f"strategy {name!r}: setting {setting!r} is not known; {_nearest(setting, known)}"
            )
    return kind(**settings)


def as_strategy(strategy: Strategy | str | Callable[[Tensor], Any]) -> Strategy:
    """Take a strategy, a name or a plain function for what it is.

    Args:
        strategy: A strategy, a name in ``STRATEGIES``, or a function of the last 63 returns (for
            another lookback use ``FunctionStrategy``).

    Returns:
        The strategy.

    Raises:
        ConfigError: It is none of these.

    Example:
        >>> as_strategy("equal-weight")
        EqualWeight()
    """
    if isinstance(strategy, str):
        return make_strategy(strategy)
    if isinstance(strategy, Strategy) and not isinstance(strategy, type):
        _check_lookback(strategy.lookback, minimum=0)
        return strategy
    if callable(strategy) and not isinstance(strategy, type):
        return FunctionStrategy(strategy)
    raise ConfigError(
        f"strategy: expected a name, an object with lookback and weights(history), or a function; "
        f"found {strategy!r}"
    )


def strategy_name(strategy: Strategy) -> str:
    """Name a strategy for tables and reports.

    Args:
        strategy: The strategy.

    Returns:
        Its registered name, or that of its function or class.

    Example:
        >>> strategy_name(Momentum())
        'momentum'
    """
    if isinstance(strategy, FunctionStrategy):
        return getattr(strategy.function, "__name__", "function")
    names = {kind: name for name, kind in STRATEGIES.items()}
    return names.get(type(strategy), type(strategy).__name__)


def _settings(kind: type[Strategy]) -> list[str]:
    return [field.name for field in fields(kind)] if is_dataclass(kind) else []


def _nearest(name: str, known: list[str]) -> str:
    near = get_close_matches(name, known, n=1, cutoff=0.0)
    meant = f"did you mean {near[0]!r}? " if near else ""
    return f"{meant}Known: {', '.join(known) or 'none'}"


def _check_lookback(lookback: int, *, minimum: int) -> None:
    if isinstance(lookback, bool) or lookback != int(lookback) or lookback < minimum:
        raise ConfigError(f"lookback: expected at least {minimum} returns, found {lookback!r}")
