"""The contract of forecasters: fit on the past, give draws of what comes after its last day."""

from abc import ABC, abstractmethod
from typing import ClassVar, Self

import numpy as np
import pandas as pd

from scenara.finance.market.forecasts.quantities import Quantities
from scenara.shared.errors import NotFittedError
from scenara.shared.types import FloatArray

__all__ = ["Forecaster"]


class Forecaster(ABC):
    """Forecast the law of some quantities over the coming days.

    Args:
        quantities: What is forecast.
    """

    is_joint: ClassVar[bool] = True
    """Whether a draw holds all targets of one world, so that they can be judged together."""

    is_random: ClassVar[bool] = True
    """Whether draws are random; if not, they are equally spaced quantiles."""

    def __init__(self, quantities: Quantities) -> None:
        self.quantities = quantities
        self.is_fitted_ = False

    def fit(self, returns: pd.DataFrame, *, random_state: int = 0) -> Self:
        """Learn from past days.

        Args:
            returns: Daily log returns, days by assets.
            random_state: Seed.

        Returns:
            The fitted forecaster.

        Raises:
            DataError: The days can't be learned from.
        """
        self._fit(returns, random_state)
        self.is_fitted_ = True
        return self

    def forecast(
        self, history: pd.DataFrame, *, n_draws: int, rng: np.random.Generator
    ) -> FloatArray:
        """Draw what may come after the last day of ``history``.

        Args:
            history: Daily log returns up to the day on which the forecast is made.
            n_draws: Number of draws; forecasters of quantiles have their own.
            rng: Source of randomness.

        Returns:
            Draws of shape (n, cells, targets).

        Raises:
            NotFittedError: Before ``fit``.
        """
        if not self.is_fitted_:
            raise NotFittedError(f"{type(self).__name__} is not fitted; call fit first")
        return self._forecast(history, n_draws, rng)

    @abstractmethod
    def _fit(self, returns: pd.DataFrame, random_state: int) -> None:
        """Learn from days by assets."""

    @abstractmethod
    def _forecast(
        self, history: pd.DataFrame, n_draws: int, rng: np.random.Generator
    ) -> FloatArray:
        """Give (n, cells, targets)."""
