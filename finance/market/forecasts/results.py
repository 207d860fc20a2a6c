"""What the forecast job hands to its report, and the names of the models in it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from scenara.finance.market.forecasts.augmentation import AugmentedForecasts
from scenara.finance.market.forecasts.quantities import Cell, Quantities
from scenara.finance.market.forecasts.rolling import ForecastScores
from scenara.finance.market.results import Provenance
from scenara.shared.types import FloatArray

__all__ = ["REFERENCE", "ForecastJob"]

REFERENCE: Final = "GARCH"
"""The model that all others are tested against."""


@dataclass(frozen=True)
class ForecastJob:
    """Hold a forecast from the last day, and the trial of such forecasts on past days.

    Args:
        family: Generator whose worlds are the forecast.
        ours: Its name among the models.
        quantities: What is forecast.
        today: Last day known.
        paths: Daily log returns of the coming days, shape (n, days, targets).
        scores: Model -> scores on the days of the trial.
        compared: Scores beside the reference, as :func:`compare` gives them.
        covered: Shares within intervals, as :func:`coverage` gives them.
        days: Days on which forecasts were made in the trial.
        every: Days between them.
        refit_every: Days between fits.
        augmented: What worlds did for quantile models; None if it was not tried.
        provenance: How it was made.
    """

    family: str
    ours: str
    quantities: Quantities
    today: pd.Timestamp
    paths: FloatArray
    scores: Mapping[str, ForecastScores]
    compared: pd.DataFrame
    covered: pd.DataFrame
    days: pd.DatetimeIndex
    every: int
    refit_every: int
    augmented: AugmentedForecasts | None
    provenance: Provenance

    def draws(self, cell: Cell, target: str) -> FloatArray:
        """Give the draws of one quantity over the coming days."""
        cells, targets = self.quantities.cells, self.quantities.targets
        found = self.quantities.from_paths(self.paths)
        return np.asarray(found[:, cells.index(cell), targets.index(target)])

    def wealth(self, target: str) -> FloatArray:
        """Give the change of value since today, shape (n, 1 + days), 0 at the start."""
        moves = self.paths[:, :, self.quantities.targets.index(target)]
        grown = np.expm1(np.cumsum(moves, axis=1))
        return np.concatenate([np.zeros_like(grown[:, :1]), grown], axis=1)

    def row(self, *, model: str, cell: Cell, group: str, score: str = "crps") -> pd.Series:
        """Give one model's comparison with the reference."""
        table = self.compared
        chosen = (
            (table["model"] == model)
            & (table["group"] == group)
            & (table["score"] == score)
            & (table["quantity"] == cell.quantity)
            & (table["days"] == cell.days)
        )
        return table[chosen].iloc[0]
