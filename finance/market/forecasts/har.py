"""The HAR baseline: volatility from past days, weeks and months, without intraday data."""

import numpy as np
import pandas as pd

from scenara.finance.market.forecasts.base import Forecaster
from scenara.finance.market.forecasts.quantities import Quantities
from scenara.shared.errors import DataError
from scenara.shared.types import FloatArray

__all__ = ["HarForecaster", "trailing_means"]

MEMORIES = (1, 5, 22)
LOWEST_SHARE = 0.2


class HarForecaster(Forecaster):
    """Forecast by a regression of coming absolute returns on those of the day, week and month.

    Corsi's model takes realised variance; prices of days have none, so mean absolute returns
    stand in for it, one regression a target and number of days. The law around the forecast is
    that of past quantities over their fitted scale, drawn by whole days, so that targets stay
    together.

    Args:
        quantities: What is forecast.

    References:
        Corsi, F. (2009). A simple approximate long-memory model of realized volatility. Journal
        of Financial Econometrics 7, equation 8.
        Forsberg, L. and Ghysels, E. (2007). Why do absolute returns predict volatility so well?
        Journal of Financial Econometrics 5, 31-67.
    """

    def __init__(self, quantities: Quantities) -> None:
        super().__init__(quantities)

    def _fit(self, returns: pd.DataFrame, random_state: int) -> None:
        series = self.quantities.series(returns).to_numpy()
        first, most = max(MEMORIES) - 1, self.quantities.horizon
        if len(series) < 10 * (first + most):
            raise DataError(
                f"returns: found {len(series)} days, expected at least {10 * (first + most)}"
            )
        design = trailing_means(np.abs(series))[first:-most]
        realised = self.quantities.realised(series)[first:-most]
        self.floor_ = LOWEST_SHARE * np.abs(series).mean(axis=0)
        self.drift_ = series.mean(axis=0)
        sizes = np.cumsum(np.abs(series), axis=0)
        self.weights_ = {}
        for days in {cell.days for cell in self.quantities.cells}:
            coming = (sizes[first + days :] - sizes[first:-days])[: len(design)] / days
            self.weights_[days] = _regressions(design, coming)
        self.shapes_ = (realised - self._centre()) / self._scale(design)

    def _centre(self) -> FloatArray:
        """Give the expected return of each cell, and zero for volatilities."""
        days = [cell.days if cell.quantity == "return" else 0 for cell in self.quantities.cells]
        return np.outer(days, self.drift_)

    def _scale(self, design: FloatArray) -> FloatArray:
        """Give the fitted absolute return for each day, cell and target."""
        scales = {
            days: np.maximum(np.einsum("dtk,tk->dt", design, weights), self.floor_)
            for days, weights in self.weights_.items()
        }
        return np.stack([scales[cell.days] for cell in self.quantities.cells], axis=1)

    def _forecast(
        self, history: pd.DataFrame, n_draws: int, rng: np.random.Generator
    ) -> FloatArray:
        recent = self.quantities.series(history.tail(max(MEMORIES))).to_numpy()
        scale = self._scale(trailing_means(np.abs(recent))[-1:])
        rows = rng.integers(len(self.shapes_), size=n_draws)
        drawn: FloatArray = self._centre() + self.shapes_[rows] * scale
        return drawn


def trailing_means(values: FloatArray) -> FloatArray:
    """Give a constant and the means of the last day, week and month for each day.

    Args:
        values: Shape (days, targets).

    Returns:
        Shape (days, targets, 4); means are NaN before enough days are seen.

    Example:
        >>> trailing_means(np.ones((22, 1)))[-1].tolist()
        [[1.0, 1.0, 1.0, 1.0]]
    """
    sums = np.concatenate([np.zeros_like(values[:1]), np.cumsum(values, axis=0)])
    means = np.full((*values.shape, 1 + len(MEMORIES)), np.nan)
    means[..., 0] = 1.0
    for number, days in enumerate(MEMORIES, start=1):
        means[days - 1 :, :, number] = (sums[days:] - sums[:-days]) / days
    return means


def _regressions(design: FloatArray, coming: FloatArray) -> FloatArray:
    """Give least-squares weights, one row a target."""
    fits = [
        np.linalg.lstsq(design[:, target], coming[:, target], rcond=None)[0]
        for target in range(coming.shape[1])
    ]
    return np.stack(fits)
