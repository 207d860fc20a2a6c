"""Steady risk: any strategy, scaled by how much it moves."""

import math
from dataclasses import dataclass, field

import torch
from torch import Tensor

from scenara.finance.portfolio.strategies.base import State, Strategy, check_lookback
from scenara.finance.portfolio.strategies.estimates import check_positive
from scenara.finance.portfolio.strategies.static import EqualWeight

__all__ = ["VolatilityTarget"]


@dataclass(frozen=True, kw_only=True)
class VolatilityTarget:
    r"""Scale another strategy's weights so that its volatility is as wanted; the rest is cash.

    The scale is :math:`\min(target / \hat\sigma, most)`, where :math:`\hat\sigma` is the
    volatility that today's weights would have had over the window. The papers take that of the
    strategy's own past returns instead, which is slower to see that its weights have changed.

    Args:
        strategy: What is scaled, such as ``'momentum(lookback=126)'`` on a command line. It keeps
            its own schedule, if it has one.
        volatility: Volatility per year that is wanted, as a fraction (12 % in the first paper).
        window: Number of returns that volatility is measured on (6 months in the first paper).
        most: Most that the scale may be, so that calm does not lead to any leverage.
        periods_per_year: Steps in a year.

    Raises:
        ConfigError: A setting is out of its range.

    References:
        Barroso and Santa-Clara (2015), Momentum has its moments, Journal of Financial Economics
        116(1), equations 5 and 6. https://doi.org/10.1016/j.jfineco.2014.11.010; Moreira and Muir
        (2017), Volatility-managed portfolios, Journal of Finance 72(4).
        https://doi.org/10.1111/jofi.12513

    Example:
        >>> past = torch.tensor([[[0.01]], [[-0.01]]], dtype=torch.float64)
        >>> VolatilityTarget(volatility=0.1, window=2, periods_per_year=400).weights(past, State())
        tensor([[0.5000]], dtype=torch.float64)
    """

    strategy: Strategy = field(default_factory=EqualWeight)
    volatility: float = 0.12
    window: int = 126
    most: float = 1.0
    periods_per_year: float = 252.0

    def __post_init__(self) -> None:
        check_lookback(self.window, minimum=2)
        check_positive(
            volatility=self.volatility, most=self.most, periods_per_year=self.periods_per_year
        )

    @property
    def lookback(self) -> int:
        """Number of returns that the window and the scaled strategy need."""
        return max(self.window, self.strategy.lookback)

    @property
    def uses_holdings(self) -> bool:
        """Whether the scaled strategy asks for holdings."""
        return bool(getattr(self.strategy, "uses_holdings", False))

    @property
    def schedule(self) -> int | str | None:
        """Schedule of the scaled strategy; None for that of the backtest."""
        found: int | str | None = getattr(self.strategy, "schedule", None)
        return found

    def weights(self, history: Tensor, state: State) -> Tensor:
        """Scale the weights of the other strategy.

        Args:
            history: Simple returns, shape (lookback, paths, assets).
            state: The moment, which the other strategy is told too.

        Returns:
            Weights, shape (paths, assets).
        """
        window = history[len(history) - self.window :].clone()
        inner = self.strategy.weights(history[len(history) - self.strategy.lookback :], state)
        held = inner.to(history).expand(history.shape[1:])
        moves: Tensor = torch.einsum("tpa,pa->tp", window, held)
        scale = math.sqrt(self.periods_per_year)
        volatility = moves.std(0, correction=0) * scale
        least = self.volatility / self.most
        factor = volatility.clamp_min(least).reciprocal() * self.volatility
        return held * factor[:, None]
