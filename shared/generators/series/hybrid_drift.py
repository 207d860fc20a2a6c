"""What past moves say of the next one: markets take a part of a week's move back."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from scenara.shared.generators.series.hybrid_volatility import Moves, past_averages
from scenara.shared.types import FloatArray

__all__ = ["Drift"]

_HALF_LIVES = (1.0, 5.0)
"""Of averages of past moves, in steps: about a day and a week; slower ones are mostly noise."""


@dataclass(frozen=True)
class Drift:
    """Expect of a move what averages of past moves at several speeds say.

    Moves are those over their slow levels. All channels' own moves follow the same weights.

    Args:
        of_common: Weights of averages of past common moves, (speeds,).
        of_own: Weights of averages of a channel's past own moves, (speeds,).
        gains: How fast each average forgets, (speeds,).

    Example:
        >>> drift = Drift(np.array([-0.2]), np.array([0.0]), np.array([0.5]))
        >>> past = drift.after(Moves(np.ones(1), np.ones((1, 2))), drift.none(1, 2))
        >>> drift.of(past).common
        array([-0.1])

    References:
        Poterba and Summers (1988), Mean reversion in stock prices,
        https://doi.org/10.1016/0304-405X(88)90021-9; Jegadeesh (1990), Evidence of predictable
        behavior of security returns, https://doi.org/10.1111/j.1540-6261.1990.tb05110.x.
    """

    of_common: FloatArray
    of_own: FloatArray
    gains: FloatArray

    def none(self, n: int, n_channels: int) -> Moves:
        """Give averages of a past that says nothing.

        Args:
            n: Number of paths.
            n_channels: Number of channels.
        """
        speeds = len(self.gains)
        return Moves(np.zeros((n, speeds)), np.zeros((n, n_channels, speeds)))

    def of(self, past: Moves) -> Moves:
        """Give what is expected of the next move.

        Args:
            past: Averages, (..., speeds) and (..., channels, speeds).
        """
        return Moves(past.common @ self.of_common, past.own @ self.of_own)

    def after(self, moves: Moves, past: Moves) -> Moves:
        """Give the averages after a step.

        Args:
            moves: Of the step.
            past: Averages before it.
        """
        common, own = (
            before + self.gains * (now[..., None] - before)
            for now, before in ((moves.common, past.common), (moves.own, past.own))
        )
        return Moves(common, own)

    def run(self, moves: Moves) -> Moves:
        """Give the averages before each observed step and after the last.

        Args:
            moves: (steps).
        """
        common, own = (
            np.stack([past_averages(x, gain, first=0.0) for gain in self.gains], axis=-1)
            for x in (moves.common, moves.own)
        )
        return Moves(common, own)

    @classmethod
    def fit(cls, moves: Moves) -> Self:
        """Find the weights by least squares.

        Args:
            moves: (steps).
        """
        gains = 1 - 0.5 ** (1 / np.array(_HALF_LIVES))
        blank = cls(np.zeros(len(gains)), np.zeros(len(gains)), gains)
        past = blank.run(moves)
        return cls(
            _least_squares(past.common[:-1], moves.common),
            _least_squares(past.own[:-1], moves.own),
            gains,
        )


def _least_squares(past: FloatArray, now: FloatArray) -> FloatArray:
    n_speeds = past.shape[-1]
    x = past.reshape(-1, n_speeds)
    gram = x.T @ x
    weights: FloatArray = np.linalg.solve(
        gram + 1e-9 * (np.trace(gram) + 1) * np.eye(n_speeds), x.T @ now.ravel()
    )
    return weights
