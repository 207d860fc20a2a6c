"""Volatility of a common move and of own moves: slow levels of history, and what answers to news."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from scipy.ndimage import gaussian_filter1d
from scipy.optimize import minimize
from scipy.signal import lfilter
from scipy.special import softmax

from scenara.shared.types import Array, FloatArray

__all__ = ["FastVariance", "FastVariances", "Moves", "slow_levels"]

_LEAST_PULL = 0.02
_LEAST = 0.05
"""Fast variances stay above this share of their slow level."""
_TAME = 9.0
"""Squared moves count as news up to this much, so that no jump feeds on itself."""
_JUMP = 12.0
"""Squared moves count for the level around them up to this many times that level."""
_MOST_FITTED = 20
"""Channels that the response of own variances is fitted on, at most."""


@dataclass(frozen=True)
class Moves:
    """Hold numbers of a common move and of the own moves of channels.

    Args:
        common: (...).
        own: (..., channels).
    """

    common: FloatArray
    own: FloatArray

    def times(self, other: "Moves") -> "Moves":
        """Multiply by others.

        Args:
            other: As many, or such that they broadcast.
        """
        return Moves(self.common * other.common, self.own * other.own)

    def over(self, other: "Moves") -> "Moves":
        """Divide by others; where an own one is 0, so is the result.

        Args:
            other: As many, or such that they broadcast.
        """
        safe = np.where(other.own > 0, other.own, np.inf)
        return Moves(self.common / other.common, self.own / safe)

    def root(self) -> "Moves":
        """Take square roots."""
        return Moves(np.sqrt(self.common), np.sqrt(self.own))

    def at(self, rows: Array | slice) -> "Moves":
        """Give some of the rows.

        Args:
            rows: Their numbers.
        """
        return Moves(self.common[rows], self.own[rows])


def slow_levels(moves: Moves, *, bandwidth: float) -> Moves:
    """Give the volatility of the steps around each step, with normal weights.

    Jumps count up to a limit: they belong to the shocks.

    Args:
        moves: (series, steps).
        bandwidth: Deviation of the weights, in steps.

    Returns:
        Volatilities of the same shape; moves over them have a variance near one.

    Example:
        >>> flat = Moves(np.ones((1, 9)), np.ones((1, 9, 2)))
        >>> slow_levels(flat, bandwidth=2.0).own[0, 0]
        array([1., 1.])
    """
    return Moves(_level(moves.common, bandwidth), _level(moves.own, bandwidth))


def _level(values: FloatArray, bandwidth: float) -> FloatArray:
    squares = values**2
    around = gaussian_filter1d(squares, bandwidth, axis=1, mode="reflect", truncate=3)
    tame = np.minimum(squares, _JUMP * around)
    around = gaussian_filter1d(tame, bandwidth, axis=1, mode="reflect", truncate=3)
    level: FloatArray = np.sqrt(around)
    return level


@dataclass(frozen=True)
class FastVariance:
    """Move a variance around one by news, and pull it back.

    ``q_{t+1} = pull + sum_k gain_k n_{k,t} / mean(n_k) + memory q_t``, where gains, memory and
    pull are at least 0 and sum to one: news are capped, so that the variance stays bounded.

    Args:
        gains: Response to each kind of news over its mean, (kinds,).
        memory: What stays of the last step.
        news_mean: Mean of each kind of news, (kinds,).

    Example:
        >>> variance = FastVariance(np.array([0.2]), 0.7, news_mean=np.array([1.0]))
        >>> variance.after([np.array([4.0])], np.array([1.0])).round(2)
        array([1.6])

    References:
        Engle, R. F., Ghysels, E. and Sohn, B. (2013). Stock market volatility and macroeconomic
        fundamentals. Review of Economics and Statistics 95, 776-797, eq. 4 (a GARCH of mean one
        around a slow component). https://doi.org/10.1162/REST_a_00300
    """

    gains: FloatArray
    memory: float
    news_mean: FloatArray

    @property
    def pull(self) -> float:
        """Pull to one in one step."""
        return 1 - float(self.gains.sum()) - self.memory

    def after(self, news: Sequence[FloatArray], now: FloatArray) -> FloatArray:
        """Give the variance of the next step.

        Args:
            news: Of this step, an array for each kind; they broadcast against ``now``.
            now: Variance of this step.
        """
        later = self.memory * now + self.pull
        for kind, weight in zip(news, self.gains / self.news_mean, strict=True):
            later += weight * kind
        return np.maximum(later, _LEAST)

    def run(self, news: FloatArray) -> FloatArray:
        """Give the variance before each observed step and after the last.

        Args:
            news: (steps, ..., kinds).

        Returns:
            (steps + 1, ...); the first is one.
        """
        drive = self.pull + news @ (self.gains / self.news_mean)
        variance = np.ones((len(drive) + 1, *drive.shape[1:]))
        before = np.full((1, *drive.shape[1:]), self.memory)
        variance[1:], _ = lfilter([1.0], [1.0, -self.memory], drive, axis=0, zi=before)
        return np.maximum(variance, _LEAST)

    @classmethod
    def fit(cls, news: FloatArray, squares: FloatArray) -> Self:
        """Find gains and memory by Gaussian quasi-likelihood.

        Args:
            news: (steps, ..., kinds).
            squares: What has the variance that is looked for, of mean near one, (steps, ...).
        """
        n_kinds = news.shape[-1]
        mean = np.maximum(news.reshape(-1, n_kinds).mean(axis=0), 1e-12)

        def model(x: FloatArray) -> Self:
            shares = (1 - _LEAST_PULL) * softmax(np.append(x, 0.0))
            return cls(shares[:n_kinds], float(shares[n_kinds]), mean)

        def loss(x: FloatArray) -> float:
            variance = model(x).run(news)[:-1]
            return float((np.log(variance) + squares / variance).mean())

        start = np.array([-1.0] * n_kinds + [1.5])
        options = {"xatol": 1e-3, "fatol": 1e-7, "maxfev": 400}
        return model(minimize(loss, start, method="Nelder-Mead", options=options).x)


@dataclass(frozen=True)
class FastVariances:
    """Let the variances of a common move and of own moves answer to both.

    Args:
        of_common: Its news: squared common moves, those of falls, mean squared own moves.
        of_own: Its news: squared own moves, their mean over channels, squared common moves.
    """

    of_common: FastVariance
    of_own: FastVariance

    def after(self, moves: Moves, now: Moves) -> Moves:
        """Give the variances of the next step.

        Args:
            moves: Of this step, over their slow levels.
            now: Variances of this step.
        """
        return Moves(
            self.of_common.after(_common_news(moves), now.common),
            self.of_own.after(_own_news(moves), now.own),
        )

    def run(self, moves: Moves) -> Moves:
        """Give the variances before each observed step and after the last.

        Args:
            moves: (steps), over their slow levels.
        """
        return Moves(
            self.of_common.run(_stacked(_common_news(moves))),
            self.of_own.run(_stacked(_own_news(moves))),
        )

    @classmethod
    def fit(cls, moves: Moves) -> Self:
        """Learn from moves over their slow levels.

        Args:
            moves: (steps).
        """
        n_channels = moves.own.shape[1]
        some = np.linspace(0, n_channels - 1, min(_MOST_FITTED, n_channels)).astype(np.int64)
        own_news = _stacked(_own_news(moves))[:, some]
        return cls(
            FastVariance.fit(_stacked(_common_news(moves)), moves.common**2),
            FastVariance.fit(own_news, np.minimum(moves.own[:, some] ** 2, _JUMP)),
        )


def _common_news(moves: Moves) -> list[FloatArray]:
    size = np.minimum(moves.common**2, _TAME)
    return [size, size * (moves.common < 0), _mean_own(moves)]


def _own_news(moves: Moves) -> list[FloatArray]:
    size = np.minimum(moves.common**2, _TAME)
    return [np.minimum(moves.own**2, _TAME), _mean_own(moves)[..., None], size[..., None]]


def _mean_own(moves: Moves) -> FloatArray:
    squares = np.einsum("...i,...i->...", moves.own, moves.own) / moves.own.shape[-1]
    mean: FloatArray = np.minimum(squares, _TAME)
    return mean


def _stacked(news: list[FloatArray]) -> FloatArray:
    return np.stack(np.broadcast_arrays(*news), axis=-1)
