"""Strategies: what to hold, decided from the past alone, for many paths at once."""

from scenara.finance.portfolio.strategies.base import FunctionStrategy, State, Strategy
from scenara.finance.portfolio.strategies.black_litterman import BlackLitterman
from scenara.finance.portfolio.strategies.cross_section import CrossSectionMomentum, MeanReversion
from scenara.finance.portfolio.strategies.files import load_strategies
from scenara.finance.portfolio.strategies.hierarchical import HierarchicalRiskParity
from scenara.finance.portfolio.strategies.mean_variance import MeanVariance
from scenara.finance.portfolio.strategies.momentum import Momentum
from scenara.finance.portfolio.strategies.optimiser import OptimiserStrategy
from scenara.finance.portfolio.strategies.ranking import TreeRanking
from scenara.finance.portfolio.strategies.registry import (
    STRATEGIES,
    as_strategy,
    make_strategy,
    parse_strategies,
    strategy_name,
)
from scenara.finance.portfolio.strategies.risk_parity import RiskParity
from scenara.finance.portfolio.strategies.static import (
    BuyAndHold,
    EqualWeight,
    FixedWeights,
    Mix,
    SixtyForty,
)
from scenara.finance.portfolio.strategies.tail_risk import MinimumCVaR
from scenara.finance.portfolio.strategies.variance import MinimumVariance
from scenara.finance.portfolio.strategies.volatility import VolatilityTarget

__all__ = [
    "STRATEGIES",
    "BlackLitterman",
    "BuyAndHold",
    "CrossSectionMomentum",
    "EqualWeight",
    "FixedWeights",
    "FunctionStrategy",
    "HierarchicalRiskParity",
    "MeanReversion",
    "MeanVariance",
    "MinimumCVaR",
    "MinimumVariance",
    "Mix",
    "Momentum",
    "OptimiserStrategy",
    "RiskParity",
    "SixtyForty",
    "State",
    "Strategy",
    "TreeRanking",
    "VolatilityTarget",
    "as_strategy",
    "load_strategies",
    "make_strategy",
    "parse_strategies",
    "strategy_name",
]
