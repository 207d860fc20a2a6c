"""Portfolios: strategies, one vectorised backtest engine, and what became of the money."""

from scenara.finance.portfolio.account import Account, Costs, Tax
from scenara.finance.portfolio.backtest import Backtest, backtest
from scenara.finance.portfolio.frame_strategy import FrameStrategy
from scenara.finance.portfolio.limits import Limits
from scenara.finance.portfolio.look_ahead import Finding, LookAheadReport, check_look_ahead
from scenara.finance.portfolio.performance import (
    cagr,
    final_wealth,
    max_drawdown,
    sharpe,
    simple_returns,
    summarise,
    volatility,
)
from scenara.finance.portfolio.rebalancing import Band, OnSignal
from scenara.finance.portfolio.schedule import rebalance_steps
from scenara.finance.portfolio.strategies import (
    STRATEGIES,
    BuyAndHold,
    EqualWeight,
    FixedWeights,
    FunctionStrategy,
    MinimumVariance,
    Mix,
    Momentum,
    OptimiserStrategy,
    SixtyForty,
    State,
    Strategy,
    as_strategy,
    load_strategies,
    make_strategy,
    parse_strategies,
    strategy_name,
)

__all__ = [
    "STRATEGIES",
    "Account",
    "Backtest",
    "Band",
    "BuyAndHold",
    "Costs",
    "EqualWeight",
    "Finding",
    "FixedWeights",
    "FrameStrategy",
    "FunctionStrategy",
    "Limits",
    "LookAheadReport",
    "MinimumVariance",
    "Mix",
    "Momentum",
    "OnSignal",
    "OptimiserStrategy",
    "SixtyForty",
    "State",
    "Strategy",
    "Tax",
    "as_strategy",
    "backtest",
    "cagr",
    "check_look_ahead",
    "final_wealth",
    "load_strategies",
    "make_strategy",
    "max_drawdown",
    "parse_strategies",
    "rebalance_steps",
    "sharpe",
    "simple_returns",
    "strategy_name",
    "summarise",
    "volatility",
]
