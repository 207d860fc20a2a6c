"""Numbers as normal scores: a fixed change of scale with heavy tails beyond what was observed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from scipy.special import ndtr, ndtri

from scenara.shared.types import FloatArray

__all__ = ["NormalScores"]

_N_KNOTS = 400
_TAIL = 0.02
_FARTHEST = 4.5


@dataclass(frozen=True)
class NormalScores:
    """Map each column to normal scores and back.

    Within, quantiles are interpolated; in the outer 2 % on each side lies a generalised Pareto
    law, x = q + s ((p0 / p)^xi - 1) / xi with p the probability that is left.

    Args:
        scores: Normal scores of the knots, ``(knots,)``.
        quantiles: Their values, ``(knots, c)``.
        tails: Scale s and shape xi on the lower and the upper side, ``(2, 2, c)``.

    Example:
        >>> x = np.random.default_rng(0).standard_t(4, (3000, 1))
        >>> margins = NormalScores.fit(x, heaviest=[0.3])
        >>> bool(np.allclose(margins.undo(margins.apply(x)), x, atol=1e-6))
        True

    References:
        Hosking and Wallis (1987), Parameter and quantile estimation for the generalized Pareto
        distribution, https://doi.org/10.1080/00401706.1987.10488243 (probability-weighted
        moments).
    """

    scores: FloatArray
    quantiles: FloatArray
    tails: FloatArray

    @classmethod
    def fit(cls, values: FloatArray, *, heaviest: Sequence[float]) -> Self:
        """Learn the law of each column.

        Args:
            values: ``(n, c)``.
            heaviest: Largest shape of the tails of each column; logarithms must not have more
                than a trace of one.
        """
        levels = np.linspace(_TAIL, 1 - _TAIL, min(_N_KNOTS, max(len(values) // 4, 3)))
        quantiles = np.quantile(values, levels, axis=0)
        width = np.ptp(quantiles, axis=0) + 1e-12
        quantiles = quantiles + 1e-9 * width * np.arange(len(levels))[:, None]
        sides = list(zip(quantiles.T, values.T, width, heaviest, strict=True))
        low = [_pareto(knots[0] - x, unit, most) for knots, x, unit, most in sides]
        high = [_pareto(x - knots[-1], unit, most) for knots, x, unit, most in sides]
        return cls(ndtri(levels), quantiles, np.array([low, high]).transpose(0, 2, 1))

    def apply(self, values: FloatArray) -> FloatArray:
        """Give normal scores, at most 4.5 in size.

        Args:
            values: ``(..., c)``.
        """
        scores = np.empty(np.shape(values))
        for column in range(self.quantiles.shape[1]):
            x, knots = values[..., column], self.quantiles[:, column]
            inside = np.interp(x, knots, self.scores)
            low = ndtri(_left(knots[0] - x, *self.tails[0, :, column]))
            high = -ndtri(_left(x - knots[-1], *self.tails[1, :, column]))
            scores[..., column] = np.where(x < knots[0], low, np.where(x > knots[-1], high, inside))
        return np.clip(scores, -_FARTHEST, _FARTHEST)

    def undo(self, scores: FloatArray) -> FloatArray:
        """Give the values of normal scores.

        Args:
            scores: ``(..., c)``.
        """
        values = np.empty(np.shape(scores))
        end = self.scores[-1]
        for column in range(self.quantiles.shape[1]):
            g, knots = (
                np.clip(scores[..., column], -_FARTHEST, _FARTHEST),
                self.quantiles[:, column],
            )
            inside = np.interp(g, self.scores, knots)
            beyond = _beyond(ndtr(-np.maximum(np.abs(g), end)), *self._side(g, column))
            values[..., column] = inside + np.where(np.abs(g) > end, np.sign(g) * beyond, 0.0)
        return values

    def _side(self, scores: FloatArray, column: int) -> tuple[FloatArray, FloatArray]:
        low, high = self.tails[:, :, column]
        return np.where(scores < 0, low[0], high[0]), np.where(scores < 0, low[1], high[1])


def _pareto(excesses: FloatArray, width: float, heaviest: float) -> tuple[float, float]:
    """Fit scale and shape of excesses above 0 by probability-weighted moments."""
    excesses = np.sort(excesses[excesses > 0])
    n = len(excesses)
    if n < 5:
        return max(float(excesses.mean()) if n else 0.0, 1e-6 * width), 0.01
    first = float(excesses.mean())
    second = float((excesses * (1 - (np.arange(n) + 0.65) / n)).mean())
    shape = float(np.clip(2 - first / (first - 2 * second), 0.01, max(heaviest, 0.01)))
    return max(first * (1 - shape), 1e-6 * width), shape


def _left(excess: FloatArray, scale: float, shape: float) -> FloatArray:
    probability: FloatArray = _TAIL * (1 + shape * np.maximum(excess, 0) / scale) ** (-1 / shape)
    return probability


def _beyond(probability: FloatArray, scale: FloatArray, shape: FloatArray) -> FloatArray:
    excess: FloatArray = scale * ((_TAIL / probability) ** shape - 1) / shape
    return excess
