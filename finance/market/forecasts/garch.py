"""The GARCH baseline: one parametric volatility model a target, shocks joined by a copula."""

import numpy as np
import pandas as pd
from scipy.optimize import minimize_scalar
from scipy.special import gammaln, ndtr, stdtrit

from scenara.finance.market.forecasts.base import Forecaster
from scenara.finance.market.forecasts.quantities import Quantities
from scenara.shared.generators.series.gjr import GJR, filter_variance, fit_gjr
from scenara.shared.types import FloatArray

__all__ = ["GarchForecaster", "simulate_gjr"]

N_SHOCKS = 20_000


class GarchForecaster(Forecaster):
    """Forecast by a GJR-GARCH(1,1) with Student-t shocks for each target, fitted by ``arch``.

    The portfolio has a model of its own, as the assets have. A Gaussian copula of the shocks'
    constant correlation joins the targets. Nothing is targeted or bounded, as a user of ``arch``
    would have it.

    Args:
        quantities: What is forecast.
        memory: Last days that today's variance is filtered from.

    References:
        Glosten, L. R., Jagannathan, R. and Runkle, D. E. (1993). On the relation between the
        expected value and the volatility of the nominal excess return on stocks. Journal of
        Finance 48, 1779-1801.
    """

    def __init__(self, quantities: Quantities, *, memory: int = 1_000) -> None:
        super().__init__(quantities)
        self.memory = memory

    def _fit(self, returns: pd.DataFrame, random_state: int) -> None:
        series = self.quantities.series(returns).to_numpy()
        self.model_ = fit_gjr(series, variance_targeting=False)
        shocks = (series - self.model_.mean) / np.sqrt(filter_variance(series, self.model_)[:-1])
        rng = np.random.default_rng(random_state)
        self.shocks_ = joined_shocks(shocks, n=N_SHOCKS, rng=rng)

    def _forecast(
        self, history: pd.DataFrame, n_draws: int, rng: np.random.Generator
    ) -> FloatArray:
        series = self.quantities.series(history.tail(self.memory)).to_numpy()
        variance = np.tile(filter_variance(series, self.model_)[-1], (n_draws, 1))
        horizon = self.quantities.horizon
        rows = rng.integers(len(self.shocks_), size=(n_draws, horizon))
        return self.quantities.from_paths(simulate_gjr(self.model_, variance, self.shocks_[rows]))


def simulate_gjr(model: GJR, variance: FloatArray, shocks: FloatArray) -> FloatArray:
    """Run the recursion from today's variance through given shocks.

    Args:
        model: The volatility model.
        variance: Variance of the first day, shape (n, channels).
        shocks: Standardised shocks, shape (n, days, channels).

    Returns:
        Returns of shape (n, days, channels).

    Example:
        >>> one = np.ones(1)
        >>> model = GJR(0 * one, 0.1 * one, 0.1 * one, 0 * one, 0.8 * one)
        >>> simulate_gjr(model, 4 * np.ones((1, 1)), np.ones((1, 2, 1))).ravel().round(3)
        array([2.   , 1.924])
    """
    paths = np.empty_like(shocks)
    for day in range(shocks.shape[1]):
        shock = shocks[:, day] * np.sqrt(variance)
        paths[:, day] = model.mean + shock
        variance = model.next_variance(shock, variance)
    return paths


def joined_shocks(shocks: FloatArray, *, n: int, rng: np.random.Generator) -> FloatArray:
    """Draw shocks with Student-t margins of unit variance and the correlation of observed ones.

    Args:
        shocks: Observed standardised shocks, shape (days, channels).
        n: Number of draws.
        rng: Source of randomness.

    Returns:
        Draws of shape (n, channels).
    """
    correlation = np.corrcoef(shocks, rowvar=False).reshape(shocks.shape[1], -1)
    normal = rng.multivariate_normal(np.zeros(len(correlation)), correlation, size=n)
    freedom = np.array([_freedom(column) for column in shocks.T])
    drawn: FloatArray = stdtrit(freedom, ndtr(normal)) * np.sqrt((freedom - 2) / freedom)
    return drawn


def _freedom(shocks: FloatArray) -> float:
    """Give the degrees of freedom of unit-variance Student shocks of the highest likelihood."""

    def loss(nu: float) -> float:
        constant = gammaln((nu + 1) / 2) - gammaln(nu / 2) - np.log(np.pi * (nu - 2)) / 2
        kernel = (nu + 1) / 2 * np.log1p(shocks**2 / (nu - 2)).mean()
        return float(kernel - constant)

    return float(minimize_scalar(loss, bounds=(2.05, 200.0), method="bounded").x)
