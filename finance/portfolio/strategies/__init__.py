"""Strategies: what to hold, decided from the past alone, for many paths at once."""

from scenara.finance.portfolio.strategies.base import FunctionStrategy, State, Strategy
from scenara.finance.portfolio.strategies.files import load_strategies
from scenara.finance.portfolio.strategies.momentum import Momentum
from scenara.finance.portfolio.strategies.optimiser import OptimiserStrategy
from scenara.finance.portfolio.strategies.registry import (
    STRATEGIES,
    as_strategy,
    make_strategy,
    parse_strategies,
    strategy_name,
)
from scenara.finance.portfolio.strategies.static import (
    BuyAndHold,
    EqualWeight,
    FixedWeights,
    Mix,
    SixtyForty,
)
from scenara.finance.portfolio.strategies.variance import MinimumVariance

__all__ = [
    "STRATEGIES",
    "BuyAndHold",
    "EqualWeight",
    "FixedWeights",
    "FunctionStrategy",
    "MinimumVariance",
    "Mix",
    "Momentum",
    "OptimiserStrategy",
    "SixtyForty",
    "State",
    "Strategy",
    "as_strategy",
    "load_strategies",
    "make_strategy",
    "parse_strategies",
    "strategy_name",
]
