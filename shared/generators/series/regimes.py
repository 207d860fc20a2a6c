"""What a market was like around each day of its history, and shocks that such days may have."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from scipy.ndimage import uniform_filter1d

from scenara.shared.generators.series.noise import uniform, uniform_rows
from scenara.shared.types import Array, FloatArray, IntArray

__all__ = ["Regimes"]


@dataclass(frozen=True)
class Regimes:
    """Walk through history day by day, jump now and then, and draw shocks from around a day.

    Shocks of a day are those of one of the days around it, all as likely: what holds for months
    (which channels move together, how heavy tails are) stays, and the order of days is new. Days
    around a day are sorted by their common shock, so that numbers near each other give shocks
    near each other.

    Args:
        common: Common shock of each day, (days,).
        own: Own shocks of each day, (days, channels).
        ordered: Days around each day, by rising common shock, (days, around).
        ends: Whether a day is the last of its series, (days,).
        mean_stay: Expected steps until a jump.

    References:
        Paparoditis, E. and Politis, D. N. (2002). Local block bootstrap. Comptes Rendus
        Mathematique 335, 959-962. https://doi.org/10.1016/S1631-073X(02)02578-5
    """

    common: FloatArray
    own: FloatArray
    ordered: IntArray
    ends: Array
    mean_stay: float

    @classmethod
    def around(
        cls, common: FloatArray, own: FloatArray, *, reach: int, mean_stay: float
    ) -> tuple[Self, tuple[float, FloatArray]]:
        """Take the mean of months from shocks, make their variance one, and sort days around days.

        Args:
            common: (series, steps).
            own: (series, steps, channels).
            reach: Days on either side that lend their shocks.
            mean_stay: Expected steps until a jump.

        Returns:
            The regimes, and the deviations that shocks had: of common ones, of own ones
            (channels,).
        """
        size = _around(reach, common.shape[1])
        common, own = (x - uniform_filter1d(x, size, axis=1) for x in (common, own))
        spread = float(common.std()), own.std(axis=(0, 1))
        own /= np.where(spread[1] > 0, spread[1], 1.0)
        common /= spread[0]
        return cls.of(common, own.astype(np.float32), reach=reach, mean_stay=mean_stay), spread

    @classmethod
    def of(cls, common: FloatArray, own: FloatArray, *, reach: int, mean_stay: float) -> Self:
        """Sort the days around each day.

        Args:
            common: (series, steps), as they are drawn.
            own: (series, steps, channels), as they are drawn.
            reach: Days on either side that lend their shocks.
            mean_stay: Expected steps until a jump.
        """
        n_series, n_steps = common.shape
        size = _around(reach, n_steps)
        low = np.clip(np.arange(n_steps) - size // 2, 0, n_steps - size)
        windows = np.lib.stride_tricks.sliding_window_view(common, size, axis=1)
        order = np.argsort(windows, axis=2, kind="stable") + np.arange(n_steps - size + 1)[:, None]
        ordered = order[:, low] + n_steps * np.arange(n_series)[:, None, None]
        ends = np.zeros((n_series, n_steps), dtype=bool)
        ends[:, -1] = True
        return cls(
            common.ravel(),
            own.reshape(-1, own.shape[2]),
            ordered.reshape(-1, size).astype(np.int32),
            ends.ravel(),
            mean_stay,
        )

    def next_day(self, day: IntArray, noise: FloatArray) -> tuple[IntArray, Array]:
        """Go on to the next day, or jump to any.

        Args:
            day: Where paths are, (n,).
            noise: Standard normal numbers, (n,).

        Returns:
            Where they are then, and which of them jumped.
        """
        chance = 1 / self.mean_stay
        level = uniform(noise)
        jumps = level < chance
        # The level that did not say jump is uniform above the chance, and free to choose a day.
        place = np.where(jumps, level / chance, (level - chance) / (1 - chance))
        jumps |= self.ends[day]
        anywhere = np.minimum((place * len(self.common)).astype(np.int64), len(self.common) - 1)
        return np.where(jumps, anywhere, day + 1), jumps

    def shocks(self, day: IntArray, noise: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Draw shocks of one step.

        Args:
            day: Where paths are, (n,).
            noise: Standard normal numbers, (n,).

        Returns:
            Common shocks (n,) and own shocks (n, channels) of one day around each.
        """
        drawn = self.ordered[day, uniform_rows(noise, self.ordered.shape[1])]
        return self.common[drawn], self.own[drawn]


def _around(reach: int, n_steps: int) -> int:
    return min(2 * reach + 1, n_steps)
