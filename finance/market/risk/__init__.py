"""Risk of a portfolio: read off worlds, parted among assets, and forecasts of it put to the test."""

from scenara.finance.market.risk.backtests import (
    RiskTest,
    TailTest,
    acerbi_szekely_test,
    christoffersen_test,
    conditional_coverage_test,
    dynamic_quantile_test,
    exceedances,
    expected_shortfall_ratio,
    fz0_loss,
    kupiec_test,
)
from scenara.finance.market.risk.contributions import risk_contributions
from scenara.finance.market.risk.measures import (
    expected_shortfall,
    max_drawdowns,
    portfolio_losses,
    portfolio_risk,
    tail_measures,
    value_at_risk,
)
from scenara.finance.market.risk.memory import MemoryVolatility, fit_memory, memory_features
from scenara.finance.market.risk.models import (
    EwmaFiltered,
    Garch,
    HistoricalSimulation,
    Memory,
    RiskData,
    RiskModel,
    TailForecast,
    WorldsRisk,
    default_models,
    portfolio_returns,
)
from scenara.finance.market.risk.rolling import TAILS, RollingRisk, risk_verdict, rolling_risk

__all__ = [
    "TAILS",
    "EwmaFiltered",
    "Garch",
    "HistoricalSimulation",
    "Memory",
    "MemoryVolatility",
    "RiskData",
    "RiskModel",
    "RiskTest",
    "RollingRisk",
    "TailForecast",
    "TailTest",
    "WorldsRisk",
    "acerbi_szekely_test",
    "christoffersen_test",
    "conditional_coverage_test",
    "default_models",
    "dynamic_quantile_test",
    "exceedances",
    "expected_shortfall",
    "expected_shortfall_ratio",
    "fit_memory",
    "fz0_loss",
    "kupiec_test",
    "max_drawdowns",
    "memory_features",
    "portfolio_losses",
    "portfolio_returns",
    "portfolio_risk",
    "risk_contributions",
    "risk_verdict",
    "rolling_risk",
    "tail_measures",
    "value_at_risk",
]
