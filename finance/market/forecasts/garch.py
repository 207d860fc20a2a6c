"""The GARCH baseline: one parametric volatility model a target, shocks joined by a copula."""

import warnings
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import ndtr, stdtrit

from scenara.finance.market.forecasts.base import Forecaster
from scenara.finance.market.forecasts.quantities import Quantities
from scenara.shared.errors import DataError, MissingExtraError
from scenara.shared.generators.series.gjr import GJR, filter_variance
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
        self.model_, freedom = fit_by_arch(series)
        shocks = (series - self.model_.mean) / np.sqrt(filter_variance(series, self.model_)[:-1])
        rng = np.random.default_rng(random_state)
        self.shocks_ = joined_shocks(shocks, freedom, n=N_SHOCKS, rng=rng)

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


def joined_shocks(
    shocks: FloatArray, freedom: FloatArray, *, n: int, rng: np.random.Generator
) -> FloatArray:
    """Draw shocks with Student-t margins of unit variance and the correlation of observed ones.

    Args:
        shocks: Observed standardised shocks, shape (days, channels).
        freedom: Degrees of freedom, shape (channels,).
        n: Number of draws.
        rng: Source of randomness.

    Returns:
        Draws of shape (n, channels).
    """
    correlation = np.corrcoef(shocks, rowvar=False).reshape(shocks.shape[1], -1)
    normal = rng.multivariate_normal(np.zeros(len(correlation)), correlation, size=n)
    drawn: FloatArray = stdtrit(freedom, ndtr(normal)) * np.sqrt((freedom - 2) / freedom)
    return drawn


def fit_by_arch(series: FloatArray) -> tuple[GJR, FloatArray]:
    """Fit a GJR-GARCH(1,1) with Student-t shocks to each channel by the package ``arch``.

    Args:
        series: Returns, shape (days, channels).

    Returns:
        The volatility models, and the shocks' degrees of freedom, shape (channels,).

    Raises:
        MissingExtraError: The package is not installed.
        DataError: It finds no finite parameters for a channel.
    """
    scale = series.std(axis=0)
    found = np.array([_parameters(column) for column in (series / scale).T])
    if not np.isfinite(found).all():
        channel = int(np.argmin(np.isfinite(found).all(axis=1)))
        raise DataError(f"channel {channel}: the GJR-GARCH likelihood has no maximum; leave it out")
    mean, omega, alpha, gamma, beta, freedom = found.T
    return GJR(mean * scale, omega * scale**2, alpha, gamma, beta), freedom


def _parameters(scaled: FloatArray) -> list[float]:
    model = _arch_model()(
        scaled, mean="Constant", vol="GARCH", p=1, o=1, q=1, dist="t", rescale=False
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = model.fit(disp="off", show_warning=False).params
    names = ("mu", "omega", "alpha[1]", "gamma[1]", "beta[1]", "nu")
    return [float(found[name]) for name in names]


def _arch_model() -> Any:  # noqa: ANN401  (arch ships no types for it)
    try:
        from arch import arch_model
    except ImportError as error:
        raise MissingExtraError("arch", extra="finance", purpose="the GARCH baseline") from error
    return arch_model
