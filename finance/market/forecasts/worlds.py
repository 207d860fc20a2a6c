"""Forecasts from worlds: paths of all assets that go on from the days observed last."""

from hashlib import sha256

import numpy as np
import pandas as pd

from scenara.finance.market.families import make_simulator
from scenara.finance.market.forecasts.base import Forecaster
from scenara.finance.market.forecasts.quantities import Quantities
from scenara.shared.generators.series import SeriesGenerator
from scenara.shared.types import FloatArray

__all__ = ["WorldForecaster"]


class WorldForecaster(Forecaster):
    """Forecast by sampling a generator of series from today's state.

    A generator that keeps no state, such as the bootstrap, gives the same law every day.

    Args:
        quantities: What is forecast.
        family: Registered name of the generator.
        memory: Last days that today's state is taken from.
        settings: Settings of the generator.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> days = pd.DataFrame(0.01 * rng.standard_normal((300, 2)), columns=["A", "B"])
        >>> model = WorldForecaster(Quantities(("A",)), family="series/bootstrap").fit(days)
        >>> model.forecast(days, n_draws=7, rng=rng).shape
        (7, 5, 2)
    """

    def __init__(
        self, quantities: Quantities, *, family: str, memory: int = 504, **settings: object
    ) -> None:
        super().__init__(quantities)
        self.family = family
        self.memory = memory
        self.settings = settings
        self._fits: dict[str, SeriesGenerator] = {}

    def paths(
        self, history: pd.DataFrame, *, n_paths: int, horizon: int, rng: np.random.Generator
    ) -> FloatArray:
        """Give paths of the targets that go on from the last day.

        Args:
            history: Daily log returns up to the day on which the forecast is made.
            n_paths: Number of paths.
            horizon: Days of a path.
            rng: Source of randomness.

        Returns:
            Daily log returns of shape (n_paths, horizon, targets).
        """
        generator = self.generator_
        window = history.tail(self.memory) if generator.keeps_state else None
        worlds = generator.sample(n_paths, horizon=horizon, history=window, random_state=rng)
        return self.quantities.target_returns(worlds, generator.channels_)

    def histories(self, n_worlds: int, *, horizon: int, rng: np.random.Generator) -> FloatArray:
        """Give paths of the targets that begin anywhere in the law that was learned.

        Args:
            n_worlds: Number of paths.
            horizon: Days of a path.
            rng: Source of randomness.

        Returns:
            Daily log returns of shape (n_worlds, horizon, targets).
        """
        worlds = self.generator_.sample(n_worlds, horizon=horizon, random_state=rng)
        return self.quantities.target_returns(worlds, self.generator_.channels_)

    def _fit(self, returns: pd.DataFrame, random_state: int) -> None:
        """Fit, or take the fit of the same days: models that share this one share its cost."""
        values = np.ascontiguousarray(returns.to_numpy(np.float64))
        key = f"{random_state}-{sha256(values.tobytes()).hexdigest()}"
        if key not in self._fits:
            self._fits[key] = self._fitted(returns, random_state)
        self.generator_ = self._fits[key]

    def _fitted(self, returns: pd.DataFrame, random_state: int) -> SeriesGenerator:
        generator = make_simulator(self.family)
        seed = {"random_state": random_state} if "random_state" in generator.get_params() else {}
        generator.set_params(**{**seed, **self.settings})
        return generator.fit(returns)

    def _forecast(
        self, history: pd.DataFrame, n_draws: int, rng: np.random.Generator
    ) -> FloatArray:
        horizon = self.quantities.horizon
        return self.quantities.from_paths(
            self.paths(history, n_paths=n_draws, horizon=horizon, rng=rng)
        )
