"""A volatility that remembers at several speeds: falls, absolute returns, dispersion of assets."""

from dataclasses import dataclass, field

import numpy as np
from scipy.optimize import minimize
from scipy.signal import lfilter

from scenara.shared.errors import DataError
from scenara.shared.types import FloatArray

__all__ = ["MemoryVolatility", "fit_memory", "memory_features"]

SPEEDS = (0.8, 0.94, 0.985)
FALL_SPEEDS = (0.0, 0.8, 0.94)
DISPERSION_SPEEDS = (0.9, 0.985)
WARM_UP = 250
"""Days whose mean starts the averages; forecasts begin after them."""

DEGREES = 6.0
"""Degrees of freedom of the t law of the fit; it keeps single days from ruling the coefficients."""


def memory_features(returns: FloatArray, panel: FloatArray) -> FloatArray:
    """Give the exponentially weighted averages that the volatility is a sum of.

    They are, at several speeds, of the absolute returns, of the falls (yesterday's alone among
    them), and of the dispersion of the assets, their mean absolute distance from the day's mean.

    Args:
        returns: Returns of the portfolio, shape ``(days,)``, at least 250 days.
        panel: Returns of its assets, shape ``(days, assets)``.

    Returns:
        Shape ``(days + 1, features)``; row ``t`` is known before day ``t``. The first is constant.

    Raises:
        DataError: There are too few days, or the shapes differ.

    Example:
        >>> panel = np.random.default_rng(0).normal(0, 0.01, size=(300, 4))
        >>> memory_features(panel.mean(axis=1), panel).shape
        (301, 9)
    """
    if len(returns) < WARM_UP or len(returns) != len(panel):
        raise DataError(
            f"expected at least {WARM_UP} days of portfolio and assets, found {len(returns)} and "
            f"{len(panel)}"
        )
    dispersion = np.abs(panel - panel.mean(axis=1, keepdims=True)).mean(axis=1)
    averages = [
        _average(values, speed)
        for values, speeds in (
            (np.abs(returns), SPEEDS),
            (np.maximum(-returns, 0), FALL_SPEEDS),
            (dispersion, DISPERSION_SPEEDS),
        )
        for speed in speeds
    ]
    constant = np.full(len(returns) + 1, np.abs(returns[:WARM_UP]).mean())
    return np.column_stack([constant, *averages])


def _average(values: FloatArray, speed: float) -> FloatArray:
    first = values[:WARM_UP].mean()
    rest, _ = lfilter([1 - speed], [1, -speed], values, zi=[speed * first])
    return np.concatenate([[first], rest])


@dataclass(frozen=True)
class MemoryVolatility:
    """Hold a fitted volatility: a sum of averages with coefficients of at least zero.

    Args:
        mean: Mean return of the days of the fit.
        coefficients: One a feature.
    """

    mean: float
    coefficients: FloatArray = field(repr=False)

    def predict(self, features: FloatArray) -> FloatArray:
        """Give the volatility of each day from what was known before it.

        Args:
            features: From `memory_features`, shape ``(days, features)``.

        Returns:
            Volatility, as a fraction a day, shape ``(days,)``.
        """
        volatility: FloatArray = features @ self.coefficients
        return volatility


def fit_memory(returns: FloatArray, features: FloatArray) -> MemoryVolatility:
    """Fit the coefficients by quasi maximum likelihood under a t law.

    The model is ``r(t) = mean + s(t) z(t)``, ``s(t) = sum of w(k) average(k, t - 1)``, all w at
    least zero.

    Args:
        returns: Returns of the days of the fit, shape ``(days,)``.
        features: Their rows of `memory_features`, shape ``(days, features)``.

    Returns:
        The volatility.

    Raises:
        DataError: The shapes differ, or the returns never change.

    Example:
        >>> day = np.random.default_rng(0).normal(0, 0.01, size=(1000, 1))
        >>> features = memory_features(day[:, 0], day)
        >>> fitted = fit_memory(day[250:, 0], features[250:1000])
        >>> fitted.predict(features[-1:]).round(2)
        array([0.01])

    References:
        Corsi (2009), A simple approximate long-memory model of realized volatility, Journal of
        Financial Econometrics 7(2), has sums over several horizons; Zakoian (1994), Threshold
        heteroskedastic models, Journal of Economic Dynamics and Control 18(5), has a volatility
        linear in falls.
    """
    if len(returns) != len(features):
        raise DataError(f"expected as many returns as features, found {len(returns)}")
    scale = float(np.std(returns))
    if not scale > 0:
        raise DataError("returns: expected returns that change, found one value alone")
    mean = float(np.mean(returns))
    used = features.max(axis=0) > 1e-9 * scale
    x = features[:, used] / scale
    squares = ((returns - mean) / scale) ** 2
    start = np.full(x.shape[1], 1.0 / x.shape[1])
    bounds = [(1e-3, None)] + [(0.0, None)] * (x.shape[1] - 1)
    fitted = minimize(_t_loss, start, args=(x, squares), jac=True, bounds=bounds).x
    coefficients = np.zeros(features.shape[1])
    coefficients[used] = fitted
    return MemoryVolatility(mean, coefficients)


def _t_loss(w: FloatArray, x: FloatArray, squares: FloatArray) -> tuple[float, FloatArray]:
    volatility = np.maximum(x @ w, 1e-4)
    excess = squares / (volatility**2 * (DEGREES - 2))
    loss = np.log(volatility) + (DEGREES + 1) / 2 * np.log1p(excess)
    slope = (1 - (DEGREES + 1) * excess / (1 + excess)) / volatility
    return float(loss.mean()), x.T @ slope / len(x)
