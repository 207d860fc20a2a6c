"""The moving block bootstrap: blocks of one length, laid end to end."""

from typing import Literal

import numpy as np

from scenara.shared.errors import ConfigError, DataError
from scenara.shared.generators.series.base import SeriesGenerator
from scenara.shared.generators.series.block_length import suggested_block
from scenara.shared.generators.series.noise import uniform_rows
from scenara.shared.progress import Progress
from scenara.shared.store import State
from scenara.shared.types import FloatArray, IntArray

__all__ = ["MovingBlockBootstrap", "moving_rows"]


def moving_rows(
    noise: FloatArray, horizon: int, *, block: int, n_series: int, series_length: int
) -> IntArray:
    """Choose the row numbers of a moving block bootstrap.

    Args:
        noise: Standard normal numbers, one for each block that begins, (n, blocks).
        horizon: Rows in all.
        block: Rows of a block.
        n_series: Series that lie one after the other; no block goes on from one into the next.
        series_length: Rows of each series.

    Returns:
        Row numbers (n, horizon).

    Example:
        >>> moving_rows(np.array([[-9.0, 9.0]]), 6, block=3, n_series=1, series_length=10)
        array([[0, 1, 2, 7, 8, 9]])
    """
    n_places = series_length - block + 1
    start = uniform_rows(noise, n_series * n_places)
    start = start // n_places * series_length + start % n_places
    rows = (start[:, :, None] + np.arange(block)).reshape(len(noise), -1)
    return rows[:, :horizon]


class MovingBlockBootstrap(SeriesGenerator):
    """Lay blocks of whole days, all of one length and from anywhere in history, end to end.

    Of several series each block takes one. Unlike those of the stationary bootstrap, blocks never
    go on from the last day to the first.

    Args:
        block: Steps of a block, or ``auto`` for :func:`suggested_block`; 63 keeps a quarter's
            volatility together.

    Example:
        >>> returns = np.random.default_rng(0).normal(0, 0.01, (500, 2))
        >>> MovingBlockBootstrap(block=21).fit(returns).sample(3, horizon=5).shape
        (3, 5, 2)

    References:
        Künsch, H. R. (1989). The jackknife and the bootstrap for general stationary observations.
        Annals of Statistics 17, 1217-1241. https://doi.org/10.1214/aos/1176347265
    """

    family = "series/moving-block"
    keeps_state = False
    minimum_steps = 20

    def __init__(self, block: int | Literal["auto"] = 63) -> None:
        self.block = block

    def _fit(self, data: FloatArray, *, progress: Progress, checkpoint: object) -> None:
        if self.block == "auto":
            self.block_ = round(suggested_block(data, kind="circular"))
        elif isinstance(self.block, int) and self.block >= 1:
            self.block_ = self.block
        else:
            raise ConfigError(
                f"block: expected a whole number of steps from 1 or 'auto', found {self.block!r}"
            )
        if self.block_ > data.shape[1]:
            raise DataError(
                f"block: expected at most the {data.shape[1]} steps of a series, "
                f"found {self.block_}"
            )
        self.series_ = data
        progress("fit", 1, 1)

    def _noise_size(self, horizon: int) -> int:
        return -(-horizon // self.block_)

    def _paths(self, noise: FloatArray, horizon: int, history: FloatArray | None) -> FloatArray:
        n_series, series_length, n_channels = self.series_.shape
        rows = moving_rows(
            noise, horizon, block=self.block_, n_series=n_series, series_length=series_length
        )
        return self.series_.reshape(-1, n_channels)[rows]

    def _state(self) -> State:
        return State(values={"block": self.block_}, arrays={"series": self.series_})

    def _restore(self, state: State) -> None:
        self.block_, self.series_ = int(state.values["block"]), state.arrays["series"]
