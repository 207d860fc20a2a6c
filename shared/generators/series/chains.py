"""Markov chains that move conditioned paths about within a level and leave their law as it is."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from scenara.shared.types import Array, FloatArray, IntArray

__all__ = ["Chains", "Move", "Population"]

_ACCEPTED = 0.25
"""Share of accepted steps that the chains aim at."""
_EXPLORED = 0.1
"""Share of the steps whose kind is drawn without regard to what it is worth."""
_CHECKED_EVERY = 4


@dataclass(frozen=True)
class Population:
    """Hold noise, paths and shortfalls that belong together.

    Args:
        noise: Standard normal numbers, (n, noise size).
        paths: What the noise makes, (n, horizon, channels).
        short: How far each path is from the condition, (n,).
    """

    noise: FloatArray
    paths: FloatArray
    short: FloatArray

    def taken(self, rows: IntArray) -> "Population":
        """Give copies of rows.

        Args:
            rows: Row numbers; a row may come more than once.
        """
        return Population(self.noise[rows], self.paths[rows], self.short[rows])

    def take_over(self, accepted: Array, other: "Population") -> None:
        """Overwrite some rows with another population's.

        Args:
            accepted: Which rows, (n,).
            other: As many rows.
        """
        self.noise[accepted] = other.noise[accepted]
        self.paths[accepted] = other.paths[accepted]
        self.short[accepted] = other.short[accepted]


@dataclass
class Move:
    """Hold one kind of step: the share of a path's numbers that it moves, how, and how far.

    Args:
        share: Share of the numbers that it moves.
        length: 1 draws them anew, less moves them a little.
        adapts: Which of the two grows and shrinks: ``share`` or ``length``.
        turns: Mirror the numbers instead, on a plane through the direction that ends paths lower.
        gain: What a step was worth the last time: acceptance x share x squared length.
    """

    share: float
    length: float
    adapts: str
    turns: bool = False
    gain: float = 1.0

    def learn(self, accepted: float) -> None:
        """Adapt the size so that a quarter of the steps is accepted, and note their worth.

        Args:
            accepted: Share of the steps that were accepted.
        """
        self.gain = accepted * self.share * self.length**2
        size = getattr(self, self.adapts) * np.exp(0.7 * (accepted - _ACCEPTED))
        setattr(self, self.adapts, float(np.clip(size, 0.003, 1.0)))


@dataclass
class Chains:
    """Move paths within a level; kinds of steps adapt and are used as they prove worth it.

    One kind moves all numbers of a path a little, one draws a few of them anew, one moves a third
    of them, and one mirrors some on a plane that contains the direction in which paths end lower:
    that keeps their sum of squares and about the path's end, where the others keep nothing. All
    leave the normal law of the noise as it is, so that accepting what stays within the level is
    exact.

    Args:
        population: Makes paths and shortfalls of noise.
        rng: The stream.
        pull: How much a path's end rises with each number, (noise size,).
        moves: The kinds of steps.

    References:
        Cotter, Roberts, Stuart and White (2013), MCMC methods for functions,
        https://doi.org/10.1214/13-STS421 (the small moves, equation 4.7).
    """

    population: Callable[[FloatArray], Population]
    rng: np.random.Generator
    pull: FloatArray
    moves: Sequence[Move] = field(
        default_factory=lambda: [
            Move(1.0, 0.5, "length"),
            Move(0.3, 1.0, "share"),
            Move(0.3, 0.5, "length"),
            Move(0.1, 1.0, "share", turns=True),
        ]
    )

    def moved(
        self, now: Population, level: float, *, enough: float, most: int
    ) -> tuple[float, int]:
        """Move paths, in place, until they have forgotten where they came from.

        Args:
            now: Paths within the level; overwritten.
            level: Most that a path may fall short.
            enough: Likeness at which to stop.
            most: Most steps.

        Returns:
            How alike paths still are to where they came from (a correlation), and the number of
            steps.
        """
        start, alike, n_moves = _summary(now), 1.0, 0
        while alike > enough and n_moves < most:
            for move in self._chosen_moves():
                self._step(now, level, move)
            alike, n_moves = _likeness(start, _summary(now)), n_moves + _CHECKED_EVERY
        return alike, n_moves

    def _chosen_moves(self) -> list[Move]:
        gains = np.array([move.gain for move in self.moves]) + 1e-9
        chances = (1 - _EXPLORED) * gains / gains.sum() + _EXPLORED / len(gains)
        return [self.moves[i] for i in self.rng.choice(len(gains), size=_CHECKED_EVERY, p=chances)]

    def _step(self, now: Population, level: float, move: Move) -> None:
        fresh = self.rng.standard_normal(now.noise.shape)
        chosen = self.rng.random(now.noise.shape) < move.share if move.share < 1 else True
        if move.turns:
            noise = _mirrored(now.noise, np.where(chosen, fresh, 0.0), self.pull)
        else:
            kept = np.sqrt(1 - move.length**2)
            noise = np.where(chosen, kept * now.noise + move.length * fresh, now.noise)
        proposed = self.population(noise)
        accepted = proposed.short <= level
        now.take_over(accepted, proposed)
        move.learn(float(accepted.mean()))


def _mirrored(noise: FloatArray, direction: FloatArray, pull: FloatArray) -> FloatArray:
    """Mirror noise on the plane across a direction, made orthogonal to the pull of what moves."""
    pulled = np.where(direction != 0, pull, 0.0)
    size = np.einsum("nk,nk->n", pulled, pulled) + 1e-300
    along = np.einsum("nk,nk->n", direction, pulled) / size
    across = direction - along[:, None] * pulled
    square = np.einsum("nk,nk->n", across, across) + 1e-300
    mirrored: FloatArray = noise - (2 * np.einsum("nk,nk->n", noise, across) / square)[:, None] * (
        across
    )
    return mirrored


def _summary(now: Population) -> FloatArray:
    """Give what paths are compared by: where they end and how much they move, by channel."""
    ends = now.paths.sum(axis=1)
    sizes = np.log(np.abs(now.paths).mean(axis=1) + 1e-300)
    return np.column_stack([ends.mean(axis=1), ends, sizes.mean(axis=1), sizes])


def _likeness(before: FloatArray, after: FloatArray) -> float:
    """Give the highest correlation of a summary with what it was, at least 0."""
    a, b = before - before.mean(axis=0), after - after.mean(axis=0)
    scale = np.sqrt((a * a).mean(axis=0) * (b * b).mean(axis=0))
    alike = (a * b).mean(axis=0)[scale > 0] / scale[scale > 0]
    return float(np.clip(np.max(alike, initial=0.0), 0.0, 1.0))
