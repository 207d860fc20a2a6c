"""Filtered historical simulation: yesterday's joint shocks under a volatility of today's."""

from dataclasses import asdict

import numpy as np

from scenara.shared.errors import ConfigError
from scenara.shared.generators.series.base import SeriesGenerator
from scenara.shared.generators.series.gjr import GJR, filter_variance, fit_gjr
from scenara.shared.generators.series.noise import uniform_rows
from scenara.shared.progress import Progress
from scenara.shared.store import State
from scenara.shared.types import FloatArray, IntArray

__all__ = ["FilteredHistoricalSimulation"]


class FilteredHistoricalSimulation(SeriesGenerator):
    """Resample whole days of standardised shocks and let GJR-GARCH volatilities respond to them.

    Each channel has a GJR-GARCH(1,1) fitted with Student-t shocks; the shocks of one day are
    drawn together, which keeps their dependence and tails. Volatilities run apart from each
    other, which loosens the dependence of returns; that is the method's known weakness. Several
    series share the parameters, fitted on all steps; volatility starts anew in each.

    Args:
        variance_targeting: Hold the stationary variance at the observed one.
        maximum_persistence: Largest persistence of a volatility under targeting.

    Example:
        >>> returns = np.random.default_rng(0).standard_t(5, (600, 2)) * 0.01
        >>> FilteredHistoricalSimulation().fit(returns).sample(3, horizon=5, random_state=1).shape
        (3, 5, 2)

    References:
        Barone-Adesi, G., Giannopoulos, K. and Vosper, L. (1999). VaR without correlations for
        portfolios of derivative securities. Journal of Futures Markets 19, 583-602.
    """

    family = "series/fhs"
    minimum_steps = 250

    def __init__(
        self, *, variance_targeting: bool = True, maximum_persistence: float = 0.99
    ) -> None:
        self.variance_targeting = variance_targeting
        self.maximum_persistence = maximum_persistence

    def _fit(self, data: FloatArray, *, progress: Progress, checkpoint: object) -> None:
        if not 0 < self.maximum_persistence < 1:
            raise ConfigError(
                "maximum_persistence: expected a number between 0 and 1, "
                f"found {self.maximum_persistence!r}"
            )
        returns = data.reshape(-1, data.shape[2])
        self.model_ = fit_gjr(
            returns,
            variance_targeting=self.variance_targeting,
            maximum_persistence=self.maximum_persistence,
            progress=progress,
        )
        self.variances_ = np.concatenate([filter_variance(x, self.model_)[:-1] for x in data])
        shocks = (returns - self.model_.mean) / np.sqrt(self.variances_)
        self._fit_shocks(shocks.reshape(data.shape))

    def _fit_shocks(self, shocks: FloatArray) -> None:
        """Learn the joint law of the shocks (series, steps, channels) of one day."""
        days = shocks.reshape(-1, shocks.shape[2])
        days = (days - days.mean(axis=0)) / days.std(axis=0)
        self.shocks_ = days[self._order(days)]

    def _order(self, shocks: FloatArray) -> IntArray:
        """Sort the days from the worst market to the best.

        All are drawn with the same chance in any order; in this one a path is a smooth function of
        its noise, and rare conditions are found in small steps.
        """
        return np.argsort(shocks.mean(axis=1), kind="stable")

    def _noise_size(self, horizon: int) -> int:
        return 1 + horizon

    def _paths(self, noise: FloatArray, horizon: int, history: FloatArray | None) -> FloatArray:
        variance = self._first_variance(noise[:, 0], history)
        days = self._shocks(noise, horizon, history)
        for day in days:
            day *= np.sqrt(variance)
            variance = self.model_.next_variance(day, variance)
        days += self.model_.mean
        paths: FloatArray = days.transpose(1, 0, 2)
        return paths

    def _shocks(self, noise: FloatArray, horizon: int, history: FloatArray | None) -> FloatArray:
        """Draw standardised shocks, (horizon, n, channels); the first number says when to start."""
        shocks: FloatArray = self.shocks_[uniform_rows(noise[:, 1:].T, len(self.shocks_))]
        return shocks

    def _first_variance(self, noise: FloatArray, history: FloatArray | None) -> FloatArray:
        if history is None:
            return self.variances_[uniform_rows(noise, len(self.variances_))]
        return np.tile(filter_variance(history, self.model_)[-1], (len(noise), 1))

    def _state(self) -> State:
        model = {f"model_{name}": value for name, value in asdict(self.model_).items()}
        return State(arrays={"variances": self.variances_, "shocks": self.shocks_, **model})

    def _restore(self, state: State) -> None:
        arrays = state.arrays
        prefix = "model_"
        self.model_ = GJR(
            **{k.removeprefix(prefix): v for k, v in arrays.items() if k.startswith(prefix)}
        )
        self.variances_, self.shocks_ = arrays["variances"], arrays["shocks"]
