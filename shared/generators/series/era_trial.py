"""What one era says of a family that never saw it: how near its paths come, and what is wrong."""

from dataclasses import dataclass

import numpy as np
from scipy.stats import beta, binom

from scenara.shared.evaluation import path_copy_share
from scenara.shared.evaluation.held_out_paths import Era, EraScale
from scenara.shared.types import FloatArray

__all__ = [
    "COPY_LENGTH",
    "EraFigures",
    "copy_limit",
    "explosion_factor",
    "explosion_limit",
    "judge_era",
]

COPY_LENGTH = 21
"""Steps in a piece that may be a copy."""
COPY_LIMIT = 0.02
EXPLOSION_LIMIT = 0.001
EXPLOSION_FACTOR = 1.5
ENOUGH_STEPS = 4_200
"""Fewer steps of history say less of what is new and of what is impossible."""
_CHANCE = 0.99
_STANDARD_ERRORS = 2.0
_MOST_CHANNELS = 40
_FAR = 1e3


@dataclass(frozen=True)
class EraFigures:
    """Hold how a family's paths compare with one held-out era and with what it learned from.

    Args:
        score: Distance from the era over that of history; 1 is as near as history. Not a number
            where paths are not finite.
        copies: Share of 21-step pieces that replay history.
        n_exploded: Paths with a move above the factor times the largest one of its channel in
            history.
        n_paths: Paths in all.
        n_broken: Numbers that are infinite or missing.
        log_variance: Logarithm of each channel's variance over that in history.
    """

    score: float
    copies: float
    n_exploded: int
    n_paths: int
    n_broken: int
    log_variance: tuple[float, ...]


def judge_era(
    era: Era, scale: EraScale, paths: FloatArray, *, n_pieces: int, seed: int = 0
) -> EraFigures:
    """Judge the paths of a family that learned from the rest of history.

    Args:
        era: The era that it never saw, and the rest.
        scale: Measures the distance from the era.
        paths: Generated paths, (n, steps, channels).
        n_pieces: Pieces that are looked at for copies; of more than 40 channels, 40 are.
        seed: Seed of the pieces.

    Returns:
        The figures.

    Example:
        >>> from scenara.shared.evaluation.held_out_paths import cut_eras
        >>> rng = np.random.default_rng(0)
        >>> era = cut_eras(rng.normal(size=(1, 900, 2)), 3)[0]
        >>> paths = era.rest[:, :252]
        >>> judge_era(era, EraScale.of(era), paths, n_pieces=500).copies
        1.0
    """
    n_paths, n_broken = len(paths), int((~np.isfinite(paths)).sum())
    if n_broken:
        nothing = (float("nan"),) * paths.shape[2]
        return EraFigures(float("nan"), float("nan"), n_paths, n_paths, n_broken, nothing)
    history = era.rest.reshape(-1, paths.shape[2])
    largest = np.abs(history).max(axis=0)
    exploded = (np.abs(paths).max(axis=1) > explosion_factor(len(history)) * largest).any(axis=1)
    # Beyond all bounds, sizes say nothing more and their powers would not be finite.
    paths = np.clip(paths, -_FAR * largest, _FAR * largest)
    some = np.unique(np.linspace(0, paths.shape[2] - 1, _MOST_CHANNELS).astype(int))
    copies = path_copy_share(
        paths[:, :, some],
        history[:, some],
        length=COPY_LENGTH,
        n_pieces=n_pieces,
        random_state=seed,
    )
    ratio = paths.var(axis=(0, 1)) / history.var(axis=0)
    log_variance = tuple(np.log(np.maximum(ratio, np.finfo(float).tiny)).tolist())
    score = scale.score(paths)
    return EraFigures(score, copies.share, int(exploded.sum()), n_paths, 0, log_variance)


def copy_limit(n_steps: int, n_pieces: int) -> float:
    """Give the largest share of copies that is no proof of copying.

    At most 2 % of pieces may be copies, two standard errors allowed for. A piece is a copy if it
    resembles history more than 99 % of history's pieces resemble each other; where history has
    few pieces, new ones do so by chance more often, as often as they pass an order statistic.

    Args:
        n_steps: Steps of history.
        n_pieces: Generated pieces that are looked at.

    Example:
        >>> round(copy_limit(6_300, 2_000), 4), copy_limit(400, 2_000) > 0.1
        (0.0263, True)
    """
    n = n_steps / COPY_LENGTH
    by_chance = 0.0
    if n_steps < ENOUGH_STEPS:
        by_chance = float(beta.ppf(_CHANCE, max(0.01 * n, 0.5), 0.99 * n))
    sampling = np.sqrt(COPY_LIMIT * (1 - COPY_LIMIT) / n_pieces)
    return float(max(COPY_LIMIT, by_chance) + _STANDARD_ERRORS * sampling)


def explosion_factor(n_steps: int) -> float:
    """Give how many times the largest move of history is an impossible one.

    It is 1.5; below 4,200 steps it grows by the fourth root of what is missing, as largest moves
    do under a tail of index four.

    Args:
        n_steps: Steps of history.

    Example:
        >>> explosion_factor(6_300), round(explosion_factor(420), 2)
        (1.5, 2.67)
    """
    return float(EXPLOSION_FACTOR * max(ENOUGH_STEPS / n_steps, 1.0) ** 0.25)


def explosion_limit(n_paths: int) -> float:
    """Give the largest share of exploding paths that a true share of .1 % has in 95 of 100 samples.

    Args:
        n_paths: Generated paths.

    Example:
        >>> explosion_limit(1_000), explosion_limit(100_000)
        (0.003, 0.00117)
    """
    return float(binom.ppf(0.95, n_paths, EXPLOSION_LIMIT) / n_paths)
