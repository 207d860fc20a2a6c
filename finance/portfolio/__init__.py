"""Portfolios: strategies, one vectorised backtest engine, and what became of the money."""

from scenara.finance.portfolio.backtest import Backtest, backtest
from scenara.finance.portfolio.performance import (
    cagr,
    final_wealth,
    max_drawdown,
    sharpe,
    simple_returns,
    summarise,
    volatility,
)
from scenara.finance.portfolio.schedule import rebalance_steps
from scenara.finance.portfolio.strategies import (
    STRATEGIES,
    EqualWeight,
    FixedWeights,
    FunctionStrategy,
    MinimumVariance,
    Momentum,
    State,
    Strategy,
    as_strategy,
    make_strategy,
    strategy_name,
)

__all__ = [
    "STRATEGIES",
    "Backtest",
    "EqualWeight",
    "FixedWeights",
    "FunctionStrategy",
    "MinimumVariance",
    "Momentum",
    "State",
    "Strategy",
    "as_strategy",
    "backtest",
    "cagr",
    "final_wealth",
    "make_strategy",
    "max_drawdown",
    "rebalance_steps",
    "sharpe",
    "simple_returns",
    "strategy_name",
    "summarise",
    "volatility",
]
