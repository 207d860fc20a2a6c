"""The stationary block bootstrap: the baseline that every model of series must beat."""

from typing import Literal

import numpy as np
from scipy.special import ndtri

from scenara.shared.errors import ConfigError
from scenara.shared.generators.series.base import SeriesGenerator
from scenara.shared.generators.series.block_length import suggested_block
from scenara.shared.generators.series.noise import uniform_rows
from scenara.shared.progress import Progress
from scenara.shared.store import State
from scenara.shared.types import FloatArray, IntArray

__all__ = ["StationaryBootstrap", "stationary_rows"]


def stationary_rows(
    noise: FloatArray, *, n_rows: int, mean_block: float, series_length: int | None = None
) -> IntArray:
    """Choose the row numbers of a stationary bootstrap.

    Each step goes on to the next row (after the last of a series comes its first), or with
    probability ``1 / mean_block`` jumps to a row chosen at random, so that block lengths are
    geometric.

    Args:
        noise: Standard normal numbers, (n, 2 x horizon): half of them say where a path jumps,
            half where it lands.
        n_rows: Rows to draw from.
        mean_block: Expected block length in steps.
        series_length: Rows of each series, where several lie one after the other; no block goes
            on from one into the next. None for a single series.

    Returns:
        Row numbers of shape (n, horizon).

    Example:
        >>> noise = np.random.default_rng(0).standard_normal((1, 12))
        >>> stationary_rows(noise, n_rows=100, mean_block=3).shape
        (1, 6)

    References:
        Politis, D. N. and Romano, J. P. (1994). The stationary bootstrap. Journal of the American
        Statistical Association 89, 1303-1313. https://doi.org/10.1080/01621459.1994.10476870
    """
    n, horizon = len(noise), noise.shape[1] // 2
    jumps = noise[:, :horizon] < ndtri(1 / mean_block)
    jumps[:, 0] = True
    landing: IntArray = np.zeros((n, horizon), dtype=np.int64)
    landing[jumps] = uniform_rows(noise[:, horizon:][jumps], n_rows)
    steps = np.arange(horizon)
    start = np.maximum.accumulate(np.where(jumps, steps, 0), axis=1)
    landed: IntArray = np.take_along_axis(landing, start, axis=1)
    ahead: IntArray = steps - start
    if series_length is None or series_length == n_rows:
        return (landed + ahead) % n_rows
    place = landed % series_length
    return landed - place + (place + ahead) % series_length


class StationaryBootstrap(SeriesGenerator):
    """Resample blocks of whole days, so that all assets keep their joint moves.

    It invents nothing: every day has happened, and nearly every short window too. Its worlds are
    faithful and never surprising; a learned model is worth its cost only where it does better.
    Of several series each block takes one.

    Args:
        mean_block: Expected block length in steps, or ``auto`` for :func:`suggested_block`; 63
            keeps a quarter's volatility together.

    Example:
        >>> returns = np.random.default_rng(0).normal(0, 0.01, (500, 2))
        >>> StationaryBootstrap(mean_block=21).fit(returns).sample(3, horizon=5).shape
        (3, 5, 2)

    References:
        Politis, D. N. and Romano, J. P. (1994). The stationary bootstrap. Journal of the American
        Statistical Association 89, 1303-1313. https://doi.org/10.1080/01621459.1994.10476870
    """

    family = "series/bootstrap"
    keeps_state = False
    minimum_steps = 20

    def __init__(self, mean_block: float | Literal["auto"] = 63.0) -> None:
        self.mean_block = mean_block

    def _fit(self, data: FloatArray, *, progress: Progress, checkpoint: object) -> None:
        if self.mean_block == "auto":
            self.mean_block_ = suggested_block(data, kind="stationary")
        elif isinstance(self.mean_block, (int, float)) and self.mean_block >= 1:
            self.mean_block_ = float(self.mean_block)
        else:
            raise ConfigError(
                f"mean_block: expected at least 1 step or 'auto', found {self.mean_block!r}"
            )
        self.series_ = data
        progress("fit", 1, 1)

    def _noise_size(self, horizon: int) -> int:
        return 2 * horizon

    def _paths(self, noise: FloatArray, horizon: int, history: FloatArray | None) -> FloatArray:
        days = self.series_.reshape(-1, self.series_.shape[2])
        rows = stationary_rows(
            noise,
            n_rows=len(days),
            mean_block=self.mean_block_,
            series_length=self.series_.shape[1],
        )
        return days[rows]

    def _state(self) -> State:
        return State(values={"mean_block": self.mean_block_}, arrays={"series": self.series_})

    def _restore(self, state: State) -> None:
        self.mean_block_ = float(state.values["mean_block"])
        self.series_ = state.arrays["series"]
