"""Forecasts of returns and volatility as laws, scored by what came after, beside baselines."""

from scenara.finance.market.forecasts.augmentation import AugmentedForecasts, augmented_forecasts
from scenara.finance.market.forecasts.base import Forecaster
from scenara.finance.market.forecasts.comparison import (
    DieboldMariano,
    ModelConfidenceSet,
    confidence_set,
    diebold_mariano,
)
from scenara.finance.market.forecasts.garch import GarchForecaster
from scenara.finance.market.forecasts.har import HarForecaster
from scenara.finance.market.forecasts.quantities import Cell, Quantities
from scenara.finance.market.forecasts.rolling import ForecastScores, Origins, roll, roll_all
from scenara.finance.market.forecasts.scores import (
    crps,
    crps_normal,
    draw_quantiles,
    energy_score,
    log_score,
    probability_transform,
    quantile_loss,
)
from scenara.finance.market.forecasts.tables import compare, coverage, losses
from scenara.finance.market.forecasts.trees import QuantileForecaster
from scenara.finance.market.forecasts.worlds import WorldForecaster

__all__ = [
    "AugmentedForecasts",
    "Cell",
    "DieboldMariano",
    "ForecastScores",
    "Forecaster",
    "GarchForecaster",
    "HarForecaster",
    "ModelConfidenceSet",
    "Origins",
    "QuantileForecaster",
    "Quantities",
    "WorldForecaster",
    "augmented_forecasts",
    "compare",
    "confidence_set",
    "coverage",
    "crps",
    "crps_normal",
    "diebold_mariano",
    "draw_quantiles",
    "energy_score",
    "log_score",
    "losses",
    "probability_transform",
    "quantile_loss",
    "roll",
    "roll_all",
]
