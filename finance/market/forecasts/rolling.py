"""Forecasts rolled through the years: refitted on a growing past, scored by what came after."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from scenara.finance.market.forecasts.base import Forecaster
from scenara.finance.market.forecasts.quantities import Quantities
from scenara.finance.market.forecasts.scores import (
    crps,
    energy_score,
    log_score,
    probability_transform,
    quantile_loss,
)
from scenara.shared.errors import ConfigError, DataError
from scenara.shared.progress import Progress, silent
from scenara.shared.types import FloatArray, IntArray

__all__ = ["LEVELS", "ForecastScores", "Origins", "roll", "roll_all"]

LEVELS = (0.01, 0.05, 0.5, 0.95, 0.99)
"""Levels of the quantile loss."""

N_JOINT = 200
"""Draws of the energy score, whose cost is their square."""


@dataclass(frozen=True)
class ForecastScores:
    """Hold one forecaster's scores of every forecast; lower is better.

    Args:
        crps: Continuous ranked probability scores, shape (origins, cells, targets).
        log: Log scores of a kernel density, of the same shape.
        pit: Probability below what happened, of the same shape.
        quantile: Quantile losses, shape (origins, levels, cells, targets).
        energy: Energy scores of the assets' returns together, shape (origins, return days); NaN
            for a forecaster that does not join them.
    """

    crps: FloatArray
    log: FloatArray
    pit: FloatArray
    quantile: FloatArray
    energy: FloatArray


@dataclass(frozen=True)
class Origins:
    """Say on which days forecasts are made, and when models are fitted anew.

    Args:
        first: Number of the first day on which a forecast is made.
        refit_every: Days between fits; each learns from all days up to then.
        every: Days between forecasts.

    Raises:
        ConfigError: A number is out of range.

    Example:
        >>> [days.tolist() for days in Origins(10, refit_every=4, every=2).blocks(17)]
        [[10, 12], [14, 16]]
    """

    first: int
    refit_every: int = 63
    every: int = 1

    def __post_init__(self) -> None:
        for name, lowest in (("first", 1), ("refit_every", 1), ("every", 1)):
            if getattr(self, name) < lowest:
                raise ConfigError(
                    f"{name}: expected at least {lowest}, found {getattr(self, name)}"
                )

    def blocks(self, end: int) -> list[IntArray]:
        """Give the days of forecasts before ``end``, in blocks of one fit each."""
        days = np.arange(self.first, end, self.every)
        fits = (days - self.first) // self.refit_every
        return [days[fits == fit] for fit in np.unique(fits)]

    def days(self, returns: pd.DataFrame, quantities: Quantities) -> pd.DatetimeIndex:
        """Give the dates on which forecasts are made whose coming days are all known."""
        numbers = np.concatenate(self.blocks(len(returns) - quantities.horizon))
        return pd.DatetimeIndex(returns.index[numbers])


def roll(
    returns: pd.DataFrame,
    forecaster: Forecaster,
    *,
    origins: Origins,
    n_draws: int = 500,
    random_state: int = 0,
    progress: Progress = silent,
    name: str = "",
    receive: Callable[[int, FloatArray], None] | None = None,
) -> ForecastScores:
    """Forecast on each origin from the days up to it, and score what came after.

    Fits and forecasts are handed past days only; the future is used to score and for nothing
    else.

    Args:
        returns: Daily log returns, days by assets.
        forecaster: The model; it is fitted anew at the start of every block.
        origins: When forecasts are made.
        n_draws: Draws of a forecast.
        random_state: Seed; each origin has its own stream.
        progress: Told of each block.
        name: What the model is called, for the progress.
        receive: Given each origin's number and draws, to look at.

    Returns:
        The scores.

    Raises:
        DataError: Too few days, or a model can't learn from them.
    """
    quantities = forecaster.quantities
    end = len(returns) - quantities.horizon
    if origins.first >= end:
        raise DataError(
            f"returns: {len(returns)} days, expected more than {quantities.horizon} after the "
            f"first forecast on day {origins.first}"
        )
    realised = quantities.realised(quantities.series(returns).to_numpy())
    blocks, scored = origins.blocks(end), []
    for done, days in enumerate(blocks, start=1):
        forecaster.fit(returns.iloc[: days[0] + 1], random_state=random_state)
        for day in days:
            rng = np.random.default_rng([random_state, int(day)])
            draws = forecaster.forecast(returns.iloc[: day + 1], n_draws=n_draws, rng=rng)
            if receive is not None:
                receive(int(day), draws)
            scored.append(_scores(draws, realised[day], forecaster))
        progress(f"forecast {name}".strip(), done, len(blocks))
    return ForecastScores(*(np.stack(part) for part in zip(*scored, strict=True)))


def roll_all(
    returns: pd.DataFrame,
    forecasters: Mapping[str, Forecaster],
    *,
    origins: Origins,
    n_draws: int = 500,
    random_state: int = 0,
    progress: Progress = silent,
) -> dict[str, ForecastScores]:
    """Roll several forecasters through the same days.

    Args:
        returns: Daily log returns, days by assets.
        forecasters: Name -> model.
        origins: When forecasts are made.
        n_draws: Draws of a forecast.
        random_state: Seed.
        progress: Told of each block.

    Returns:
        Name -> scores.

    Raises:
        DataError: Too few days, or a model can't learn from them.
    """
    return {
        name: roll(
            returns,
            forecaster,
            origins=origins,
            n_draws=n_draws,
            random_state=random_state,
            progress=progress,
            name=name,
        )
        for name, forecaster in forecasters.items()
    }


def _scores(
    draws: FloatArray, realised: FloatArray, forecaster: Forecaster
) -> tuple[FloatArray, ...]:
    returns = [
        number
        for number, cell in enumerate(forecaster.quantities.cells)
        if cell.quantity == "return"
    ]
    energy = np.full(len(returns), np.nan)
    if forecaster.is_joint:
        few = draws[:N_JOINT, :, 1:]
        energy = np.array([energy_score(few[:, cell], realised[cell, 1:]) for cell in returns])
    return (
        crps(draws, realised, is_random=forecaster.is_random),
        log_score(draws, realised),
        probability_transform(draws, realised),
        quantile_loss(draws, realised, levels=LEVELS),
        energy,
    )
