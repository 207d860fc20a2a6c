"""Strategies: what to hold, decided from the past alone, for many paths at once."""

from scenara.finance.portfolio.strategies.base import FunctionStrategy, State, Strategy
from scenara.finance.portfolio.strategies.momentum import Momentum
from scenara.finance.portfolio.strategies.registry import (
    STRATEGIES,
    as_strategy,
    make_strategy,
    strategy_name,
)
from scenara.finance.portfolio.strategies.static import EqualWeight, FixedWeights
from scenara.finance.portfolio.strategies.variance import MinimumVariance

__all__ = [
    "STRATEGIES",
    "EqualWeight",
    "FixedWeights",
    "FunctionStrategy",
    "MinimumVariance",
    "Momentum",
    "State",
    "Strategy",
    "as_strategy",
    "make_strategy",
    "strategy_name",
]
