"""Volatility of a common move and of own moves: slow levels of history, and what answers to news."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from scipy.ndimage import gaussian_filter1d
from scipy.optimize import minimize
from scipy.signal import lfilter

from scenara.shared.types import Array, FloatArray, IntArray

__all__ = [
    "FastVariance",
    "FastVariances",
    "Memory",
    "Moves",
    "past_averages",
    "slow_levels",
]

_HALF_LIVES = (1.0, 5.0, 20.0)
"""Of averages of the past, in steps: about a day, a week and a month."""
_NOTHING = 1e-6
_LEAST_PULL = 0.02
_LEAST = 0.05
"""Fast variances stay above this share of their slow level."""
_TAME = 25.0
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

    def at(self, rows: Array | slice | int) -> "Moves":
        """Give some of the rows.

        Args:
            rows: Their numbers.
        """
        return Moves(self.common[rows], self.own[rows])


def past_averages(values: FloatArray, gain: float, *, first: float) -> FloatArray:
    """Give the exponential average before each step and after the last.

    Args:
        values: (steps, ...).
        gain: How fast the average moves to the value of a step.
        first: The average before the first step.

    Returns:
        (steps + 1, ...).

    Example:
        >>> past_averages(np.array([1.0, 0.0]), 0.5, first=0.0)
        array([0.  , 0.5 , 0.25])
    """
    averages = np.full((len(values) + 1, *values.shape[1:]), first)
    before = np.full((1, *values.shape[1:]), (1 - gain) * first)
    averages[1:], _ = lfilter([gain], [1.0, gain - 1], values, axis=0, zi=before)
    return averages


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


News = tuple[FloatArray, ...]
"""An array for each kind of news, or for each average of a kind."""


@dataclass(frozen=True)
class FastVariance:
    """Let a variance around one answer to averages of past news at several speeds.

    ``q = pull + sum_j weight_j m_j`` with averages ``m_j`` that move to a kind of news over its
    mean by ``gain_j`` each step. Weights and pull are at least 0 and sum to one, and news are
    capped: the variance stays bounded.

    Args:
        kinds: Which kind of news each average follows, (averages,).
        gains: How fast each average forgets, (averages,).
        weights: (averages,).
        news_mean: Mean of each kind of news, (kinds,).

    Example:
        >>> one = np.array([1.0])
        >>> variance = FastVariance(np.array([0]), 0.2 * one, 0.5 * one, news_mean=one)
        >>> variance.of(variance.after((6 * one,), (one,))).round(2)
        array([1.5])

    References:
        Corsi (2009), A simple approximate long-memory model of realized volatility,
        https://doi.org/10.1093/jjfinec/nbp001 (averages at several speeds). Engle, Ghysels and
        Sohn (2013), https://doi.org/10.1162/REST_a_00300, eq. 4 (mean one around a slow level).
    """

    kinds: IntArray
    gains: FloatArray
    weights: FloatArray
    news_mean: FloatArray

    @property
    def pull(self) -> float:
        """Share of the variance that nothing moves."""
        return 1 - float(self.weights.sum())

    def of(self, memory: News) -> FloatArray:
        """Give the variance of the next step.

        Args:
            memory: Averages of news, (...) each; they broadcast.
        """
        parts = [weight * past for weight, past in zip(self.weights, memory, strict=True)]
        variance: FloatArray = np.maximum(sum(parts, np.asarray(self.pull)), _LEAST)
        return variance

    def after(self, news: News, memory: News) -> News:
        """Give the averages after a step.

        Args:
            news: Of the step, (...) for each kind.
            memory: Before it.
        """
        averages = zip(self.kinds, self.gains, memory, strict=True)
        return tuple(
            (1 - gain) * past + gain / self.news_mean[kind] * news[kind]
            for kind, gain, past in averages
        )

    def run(self, news: News) -> News:
        """Give the averages before each observed step and after the last.

        Args:
            news: (steps, ...) for each kind.

        Returns:
            (steps + 1, ...) for each average; the first are one.
        """
        return tuple(
            past_averages(news[kind] / self.news_mean[kind], gain, first=1.0)
            for kind, gain in zip(self.kinds, self.gains, strict=True)
        )

    @classmethod
    def fit(cls, news: News, squares: FloatArray) -> Self:
        """Find the weights by Gaussian quasi-likelihood; averages that say nothing are left out.

        Args:
            news: (steps, ...) for each kind.
            squares: What has the variance that is looked for, of mean near one, (steps, ...).
        """
        gains = np.tile(1 - 0.5 ** (1 / np.array(_HALF_LIVES)), len(news))
        kinds = np.repeat(np.arange(len(news)), len(_HALF_LIVES))
        mean = np.array([max(float(kind.mean()), 1e-12) for kind in news])
        every = cls(kinds, gains, np.zeros(len(gains)), mean)
        before = [np.broadcast_to(past[:-1], squares.shape).ravel() for past in every.run(news)]
        weights = _quasi_likely(np.stack(before, axis=1) - 1, squares.ravel())
        told = weights > _NOTHING
        told[0] = True  # gives variances their shape
        return cls(kinds[told], gains[told], weights[told], mean)


def _quasi_likely(moved: FloatArray, squares: FloatArray) -> FloatArray:
    """Find weights from 0, not above one in sum, of a variance ``1 + moved @ weights``."""

    def loss(weights: FloatArray) -> tuple[float, FloatArray]:
        variance = np.maximum(1 + moved @ weights, _LEAST)
        slope = (1 - squares / variance) / variance
        return float((np.log(variance) + squares / variance).mean()), slope @ moved / len(moved)

    n_weights = moved.shape[1]
    room = {
        "type": "ineq",
        "fun": lambda weights: 1 - _LEAST_PULL - weights.sum(),
        "jac": lambda weights: -np.ones_like(weights),
    }
    start = np.full(n_weights, 0.5 / n_weights)
    found = minimize(
        loss,
        start,
        jac=True,
        method="SLSQP",
        bounds=[(0.0, 1.0)] * n_weights,
        constraints=[room],
        options={"maxiter": 200, "ftol": 1e-9},
    )
    weights: FloatArray = np.clip(found.x, 0.0, None)
    return weights


@dataclass(frozen=True)
class Memory:
    """Hold averages of past news.

    Args:
        of_common: Of squared common moves, of those of falls, and of mean squared own moves.
        of_own: Of squared own moves, of their mean over channels, and of squared common moves.
    """

    of_common: News
    of_own: News

    def at(self, rows: Array | slice | int) -> "Memory":
        """Give some of the rows.

        Args:
            rows: Their numbers.
        """
        common, own = (tuple(kind[rows] for kind in x) for x in (self.of_common, self.of_own))
        return Memory(common, own)


@dataclass(frozen=True)
class FastVariances:
    """Let the variances of a common move and of own moves answer to both.

    Args:
        of_common: Variance of the common move.
        of_own: Variance of the own move of a channel; all channels respond alike.
    """

    of_common: FastVariance
    of_own: FastVariance

    def of(self, memory: Memory) -> Moves:
        """Give the variances of the next step.

        Args:
            memory: What is known before it.
        """
        return Moves(self.of_common.of(memory.of_common), self.of_own.of(memory.of_own))

    def after(self, moves: Moves, memory: Memory) -> Memory:
        """Take in a step.

        Args:
            moves: Of the step, over their slow levels.
            memory: What is known before it.
        """
        return Memory(
            self.of_common.after(_common_news(moves), memory.of_common),
            self.of_own.after(_own_news(moves), memory.of_own),
        )

    def run(self, moves: Moves) -> Memory:
        """Give what is known before each observed step and after the last.

        Args:
            moves: (steps), over their slow levels.
        """
        return Memory(self.of_common.run(_common_news(moves)), self.of_own.run(_own_news(moves)))

    @classmethod
    def fit(cls, moves: Moves) -> Self:
        """Learn from moves over their slow levels.

        Args:
            moves: (steps).
        """
        n_channels = moves.own.shape[1]
        some = np.linspace(0, n_channels - 1, min(_MOST_FITTED, n_channels)).astype(np.int64)
        own, *common = _own_news(moves)
        return cls(
            FastVariance.fit(_common_news(moves), moves.common**2),
            FastVariance.fit((own[:, some], *common), np.minimum(moves.own[:, some] ** 2, _JUMP)),
        )


def _common_news(moves: Moves) -> News:
    size = np.minimum(moves.common**2, _TAME)
    return size, size * (moves.common < 0), _mean_own(moves)


def _own_news(moves: Moves) -> News:
    size = np.minimum(moves.common**2, _TAME)
    return np.minimum(moves.own**2, _TAME), _mean_own(moves)[..., None], size[..., None]


def _mean_own(moves: Moves) -> FloatArray:
    squares = np.einsum("...i,...i->...", moves.own, moves.own) / moves.own.shape[-1]
    mean: FloatArray = np.minimum(squares, _TAME)
    return mean
