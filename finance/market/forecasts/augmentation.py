"""Whether generated worlds, added to real days, made the quantile model forecast better."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from scenara.finance.market.forecasts.rolling import ForecastScores
from scenara.shared.errors import ConfigError, DataError
from scenara.shared.evaluation.tables.augmentation import PairedDifference, paired_difference
from scenara.shared.types import FloatArray

__all__ = ["AugmentedForecasts", "augmented_forecasts"]

_FEWEST_BLOCKS = 4


@dataclass(frozen=True)
class AugmentedForecasts:
    """Hold what worlds did to the forecasts, as shares of the score; more is better.

    Args:
        gain: Over real days alone, with the interval over blocks of days.
        gain_over_repeats: Over real days with as many of them repeated.
        gain_of_repeats: What the repeated days alone gained.
    """

    gain: PairedDifference
    gain_over_repeats: PairedDifference
    gain_of_repeats: PairedDifference

    @property
    def verdict(self) -> Literal["helps", "no difference", "hurts"]:
        """``helps`` only if better than real days alone and than mere repetition of days."""
        if self.gain.sign > 0 and self.gain_over_repeats.sign > 0:
            return "helps"
        return "hurts" if self.gain.sign < 0 else "no difference"


def augmented_forecasts(
    scores: Mapping[str, ForecastScores],
    *,
    alone: str,
    augmented: str,
    repeated: str,
    block: int = 63,
) -> AugmentedForecasts:
    """Judge by the continuous ranked probability score of all quantities together.

    Each cell and target counts in units of its mean score without augmentation. Means over
    blocks of forecasts are taken as independent, so a block should be longer than a forecast
    looks ahead and than a calm or a storm lasts.

    Args:
        scores: Name -> scores of the same origins.
        alone: Name of the model of real days.
        augmented: Name of that with worlds.
        repeated: Name of that with repeated days.
        block: Forecasts in a block.

    Returns:
        The gains and the verdict.

    Raises:
        ConfigError: A name is not there.
        DataError: Fewer than four whole blocks.

    Example:
        >>> same = ForecastScores(*(np.ones((256, 1, 1)),) * 3, np.ones((256, 5, 1, 1)),
        ...                       np.ones((256, 1)))
        >>> names = {"alone": "a", "augmented": "b", "repeated": "c"}
        >>> augmented_forecasts(dict(a=same, b=same, c=same), **names).verdict
        'no difference'
    """
    if missing := {alone, augmented, repeated} - set(scores):
        raise ConfigError(f"expected scores of {min(missing)!r}, found {sorted(scores)}")
    unit = scores[alone].crps.mean(axis=0)
    series = {
        name: (scores[name].crps / unit).mean(axis=(1, 2)) for name in (alone, augmented, repeated)
    }
    return AugmentedForecasts(
        gain=_gain(series[alone], series[augmented], block),
        gain_over_repeats=_gain(series[repeated], series[augmented], block),
        gain_of_repeats=_gain(series[alone], series[repeated], block),
    )


def _gain(before: FloatArray, after: FloatArray, block: int) -> PairedDifference:
    n_blocks = len(before) // block
    if n_blocks < _FEWEST_BLOCKS:
        raise DataError(
            f"scores: {len(before)} forecasts are {n_blocks} blocks of {block}, expected at least "
            f"{_FEWEST_BLOCKS}; forecast more days or take shorter blocks"
        )
    blocks = np.array_split(before - after, n_blocks)
    return paired_difference(np.array([part.mean() for part in blocks]))
