"""Models that forecast tomorrow's VaR and ES: history, filtered history, GARCH, memory, worlds."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
from scipy.signal import lfilter

from scenara.finance.market.risk.memory import WARM_UP, fit_memory, memory_features
from scenara.finance.market.risk.tails import empirical_tail, pareto_tail, student_tail
from scenara.shared.errors import DataError, MissingExtraError
from scenara.shared.generators.series.stale import live_days
from scenara.shared.types import FloatArray, RandomState

__all__ = [
    "EwmaFiltered",
    "Garch",
    "HistoricalSimulation",
    "Memory",
    "RiskData",
    "RiskModel",
    "TailForecast",
    "WorldsRisk",
    "default_models",
    "portfolio_returns",
]

PERCENT = 100.0
"""GARCH likelihoods are well scaled in per cent."""


class TailForecast(NamedTuple):
    """Hold forecasts of VaR and ES as positive losses, each of shape ``(days, tails)``."""

    var: FloatArray
    es: FloatArray


@dataclass(frozen=True)
class RiskData:
    """Hold the returns that models learn from and are judged by.

    Args:
        returns: Daily log returns of the portfolio, shape ``(days,)``.
        panel: Daily log returns of its assets, shape ``(days, assets)``.
        weights: Fractions of the portfolio, restored every day, shape ``(assets,)``.
    """

    returns: FloatArray
    panel: FloatArray
    weights: FloatArray


class RiskModel(Protocol):
    """Forecast the tails of tomorrow's return, day by day, with one fit before the first day."""

    def forecast(
        self, data: RiskData, *, start: int, stop: int, tails: Sequence[float]
    ) -> TailForecast:
        """Forecast days ``start`` to ``stop``.

        The fit sees days before ``start``; the forecast of a day sees the days before it.

        Args:
            data: All returns; later days must not be looked at.
            start: First day to forecast.
            stop: Day after the last one.
            tails: Probabilities such as .01.

        Returns:
            Shape ``(stop - start, tails)`` each.
        """


def portfolio_returns(panel: FloatArray, weights: FloatArray) -> FloatArray:
    """Give the daily log returns of a portfolio whose weights are restored every day.

    Args:
        panel: Daily log returns, shape ``(days, assets)``.
        weights: Shares of the portfolio, shape ``(assets,)``; what is missing to one is cash.

    Returns:
        Shape ``(days,)``.

    Raises:
        DataError: The portfolio loses all on a day.

    Example:
        >>> portfolio_returns(np.log([[1.1, 0.9]]), np.array([0.5, 0.5])).round(6).tolist()
        [0.0]
    """
    simple = np.expm1(panel) @ np.asarray(weights, dtype=float)
    if (simple <= -1).any():
        day = int(np.argmax(simple <= -1))
        raise DataError(f"portfolio: loses all it has on day {day}; use smaller short positions")
    returns: FloatArray = np.log1p(simple)
    return returns


@dataclass(frozen=True)
class HistoricalSimulation:
    """Take the empirical tail of the last days.

    Args:
        window: Number of days.
    """

    window: int = 250

    def forecast(
        self, data: RiskData, *, start: int, stop: int, tails: Sequence[float]
    ) -> TailForecast:
        """Forecast as `RiskModel.forecast` says."""
        _need(start, self.window)
        days = [
            empirical_tail(data.returns[day - self.window : day], tails)
            for day in range(start, stop)
        ]
        return _stacked(days)


@dataclass(frozen=True)
class EwmaFiltered:
    """Scale past returns to an exponentially weighted variance (RiskMetrics with history's shocks).

    Args:
        decay: Share of yesterday's variance that stays.
    """

    decay: float = 0.94

    def forecast(
        self, data: RiskData, *, start: int, stop: int, tails: Sequence[float]
    ) -> TailForecast:
        """Forecast as `RiskModel.forecast` says."""
        _need(start, 2 * WARM_UP)
        squares = data.returns[:stop] ** 2
        first = squares[:WARM_UP].mean()
        variance, _ = lfilter([1 - self.decay], [1, -self.decay], squares, zi=[self.decay * first])
        volatility = np.sqrt(np.concatenate([[first], variance]))[:stop]
        shocks = data.returns[WARM_UP:start] / volatility[WARM_UP:start]
        var, es = empirical_tail(shocks, tails)
        return _scaled(0.0, volatility[start:], var, es)


@dataclass(frozen=True)
class Garch:
    """Fit GARCH(1, 1) with t shocks to all days before, with or without leverage.

    Days on which a price stood still are left out of the fit: the t likelihood has no bound there.

    Args:
        leverage: Whether falls raise the variance more (GJR).
        filtered: Whether the tail is that of past shocks instead of the t law.

    References:
        Glosten, Jagannathan and Runkle (1993), Journal of Finance 48(5); Barone-Adesi,
        Giannopoulos and Vosper (1999), VaR without correlations, Journal of Futures Markets 19.
    """

    leverage: bool = False
    filtered: bool = False

    def forecast(
        self, data: RiskData, *, start: int, stop: int, tails: Sequence[float]
    ) -> TailForecast:
        """Forecast as `RiskModel.forecast` says."""
        _need(start, 2 * WARM_UP)
        returns = PERCENT * data.returns[:stop]
        known = returns[:start][live_days(returns[:start])]
        fitted = _fit_garch(known, leverage=self.leverage)
        mean, omega, alpha, gamma, beta = fitted.parameters
        variance = fitted.volatility[-1] ** 2
        volatility = np.empty(stop - start)
        for place, shock in enumerate(returns[start - 1 : stop - 1] - mean):
            variance = omega + (alpha + gamma * (shock < 0)) * shock**2 + beta * variance
            volatility[place] = np.sqrt(variance)
        if self.filtered:
            var, es = empirical_tail((known - mean) / fitted.volatility, tails)
        else:
            var, es = student_tail(fitted.degrees, tails)
        return _scaled(mean / PERCENT, volatility / PERCENT, var, es)


@dataclass(frozen=True)
class Memory:
    """Scale recent shocks by a volatility that remembers at several speeds.

    Beyond the worst tenth of the shocks a Pareto law goes on: at 1 % it is steadier than counting.

    Args:
        window: Days of the fit and of the shocks.
        half_life: Days after which a shock counts half.

    References:
        McNeil and Frey (2000), Estimation of tail-related risk measures for heteroscedastic
        financial time series, Journal of Empirical Finance 7(3).
    """

    window: int = 750
    half_life: float = 500.0

    def forecast(
        self, data: RiskData, *, start: int, stop: int, tails: Sequence[float]
    ) -> TailForecast:
        """Forecast as `RiskModel.forecast` says."""
        _need(start, 2 * WARM_UP)
        first = max(WARM_UP, start - self.window)
        returns = data.returns[:stop]
        features = memory_features(returns, data.panel[:stop])
        fitted = fit_memory(returns[first:start], features[first:start])
        volatility = fitted.predict(features[:stop])
        shocks = (returns - fitted.mean) / volatility
        days = []
        for day in range(start, stop):
            age = np.arange(day - first, 0, -1)
            chances = 0.5 ** (age / self.half_life)
            days.append(pareto_tail(shocks[first:day], tails, chances / chances.sum()))
        var, es = _stacked(days)
        return _scaled(fitted.mean, volatility[start:], var, es)


class _Samples(Protocol):
    """Learn from daily log returns and write worlds that go on from a history."""

    def fit(self, data: FloatArray) -> object: ...

    def sample(
        self, n: int, *, horizon: int, history: FloatArray, random_state: RandomState
    ) -> FloatArray: ...


@dataclass(frozen=True)
class WorldsRisk:
    """Read tomorrow's tail off worlds that go on from the days before.

    Args:
        make: Makes an unfitted generator of series, or a simulator.
        n_paths: Worlds a day.
        window: Days of history that the generator is shown.
        random_state: Seed of the worlds; each day has its own stream, so that the error of finite
            worlds averages out over the days of a backtest.
    """

    make: Callable[[], _Samples]
    n_paths: int = 2_000
    window: int = 500
    random_state: int = 0

    def forecast(
        self, data: RiskData, *, start: int, stop: int, tails: Sequence[float]
    ) -> TailForecast:
        """Forecast as `RiskModel.forecast` says."""
        _need(start, self.window)
        generator = self.make()
        generator.fit(data.panel[:start])
        days = []
        for day in range(start, stop):
            worlds = generator.sample(
                self.n_paths,
                horizon=1,
                history=data.panel[day - self.window : day],
                random_state=np.random.default_rng([self.random_state, day]),
            )
            days.append(empirical_tail(portfolio_returns(worlds[:, 0], data.weights), tails))
        return _stacked(days)


def default_models() -> dict[str, RiskModel]:
    """Give the models that a rolling backtest sets side by side.

    Example:
        >>> list(default_models())[0], list(default_models())[-1]
        ('historical simulation 250', 'memory')
    """
    return {
        "historical simulation 250": HistoricalSimulation(250),
        "historical simulation 1000": HistoricalSimulation(1_000),
        "EWMA FHS": EwmaFiltered(),
        "GARCH-t": Garch(),
        "GJR-t": Garch(leverage=True),
        "GJR FHS": Garch(leverage=True, filtered=True),
        "memory": Memory(),
    }


class _FittedGarch(NamedTuple):
    parameters: tuple[float, float, float, float, float]
    degrees: float
    volatility: FloatArray


def _fit_garch(returns: FloatArray, *, leverage: bool) -> _FittedGarch:
    try:
        from arch import arch_model
    except ImportError as error:
        raise MissingExtraError("arch", extra="finance", purpose="a GARCH forecast") from error
    model = arch_model(returns, mean="Constant", p=1, o=int(leverage), q=1, dist="t", rescale=False)
    fitted = model.fit(disp="off", show_warning=False)
    found = fitted.params
    parameters = (
        float(found["mu"]),
        float(found["omega"]),
        float(found["alpha[1]"]),
        float(found.get("gamma[1]", 0.0)),
        float(found["beta[1]"]),
    )
    volatility = np.asarray(fitted.conditional_volatility, dtype=float)
    return _FittedGarch(parameters, float(found["nu"]), volatility)


def _scaled(mean: float, volatility: FloatArray, var: FloatArray, es: FloatArray) -> TailForecast:
    return TailForecast(volatility[:, None] * var - mean, volatility[:, None] * es - mean)


def _stacked(days: Sequence[tuple[FloatArray, FloatArray]]) -> TailForecast:
    return TailForecast(np.array([day[0] for day in days]), np.array([day[1] for day in days]))


def _need(start: int, n_days: int) -> None:
    if start < n_days:
        raise DataError(f"expected at least {n_days} days before the first forecast, found {start}")
