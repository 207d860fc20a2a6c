"""Whether generated paths are new, or pieces of the history they were learnt from."""

from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from scenara.shared.errors import DataError
from scenara.shared.types import FloatArray, IntArray, RandomState

__all__ = ["CopyShare", "day_copy_share", "path_copy_share"]


@dataclass(frozen=True)
class CopyShare:
    """Hold how much of the generated data resembles the history too closely.

    Args:
        share: Share of generated pieces beyond the threshold; about .01 is new, 1 is a replay.
        threshold: Resemblance that only one real piece in a hundred has to the others.

    Example:
        >>> CopyShare(share=0.98, threshold=0.8).is_copy
        True
    """

    share: float
    threshold: float

    @property
    def is_copy(self) -> bool:
        """Whether more than two pieces in a hundred are too close to the history."""
        return self.share > 0.02


def path_copy_share(
    generated: FloatArray,
    train: FloatArray,
    *,
    length: int = 21,
    n_pieces: int = 2000,
    random_state: RandomState = 0,
) -> CopyShare:
    """Measure how many generated pieces of a path replay a piece of the history.

    A piece is a window of ``length`` days over all channels, each in units of its deviation in
    the history. Its resemblance is the largest cosine to any window of the history; the
    threshold is the 99 % quantile of the resemblance of the history's own windows to those that
    they don't overlap. The cosine sees through rescaling and is robust to added noise.

    Args:
        generated: Paths, shape ``(paths, days, channels)``.
        train: What the generator has seen, shape ``(days, channels)``.
        length: Days in a piece.
        n_pieces: Number of random pieces taken on each side.
        random_state: Seed of the pieces.

    Returns:
        Share of generated pieces above the threshold, and the threshold.

    Raises:
        DataError: If the channels differ, a channel of ``train`` is constant, or there are too
            few days for a piece.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> train = rng.normal(size=(500, 3))
        >>> path_copy_share(train[None, 100:200], train).share
        1.0
    """
    scale = _check_and_scale(generated, train, n_days=2 * length)
    if generated.shape[1] < length:
        raise DataError(
            f"generated: found {generated.shape[1]} days a path, expected at least {length}"
        )
    rng = np.random.default_rng(random_state)
    history = _directions(_pieces(train / scale, length))
    threshold = _own_resemblance(history, length, n_pieces, rng)
    path = rng.integers(0, len(generated), n_pieces)
    start = rng.integers(0, generated.shape[1] - length + 1, n_pieces)
    days = start[:, None] + np.arange(length)
    drawn = _directions((generated[path[:, None], days] / scale).reshape(n_pieces, -1))
    return CopyShare(float(np.mean((drawn @ history.T).max(1) > threshold)), threshold)


def day_copy_share(
    generated: FloatArray,
    train: FloatArray,
    *,
    n_days: int = 4000,
    random_state: RandomState = 0,
) -> float:
    """Measure how many generated days lie nearer to a day of the history than real days do.

    The threshold is the 1 % quantile of the distances between nearest days of the history. It
    also fires on calm days that are merely alike: report it, but judge by ``path_copy_share``.

    Args:
        generated: Paths, shape ``(paths, days, channels)``.
        train: What the generator has seen, shape ``(days, channels)``.
        n_days: Number of random generated days looked at.
        random_state: Seed of the days.

    Returns:
        Share of days below the threshold; 1 is a replay.

    Raises:
        DataError: If the channels differ, a channel of ``train`` is constant, or it has fewer
            than two days.

    Example:
        >>> train = np.random.default_rng(0).normal(size=(500, 3))
        >>> day_copy_share(train[None, 100:200], train)
        1.0
    """
    scale = _check_and_scale(generated, train, n_days=2)
    history = train / scale
    tree = cKDTree(history)
    threshold = np.quantile(tree.query(history, k=2)[0][:, 1], 0.01)
    days = generated.reshape(-1, generated.shape[-1])
    chosen = np.random.default_rng(random_state).integers(0, len(days), n_days)
    return float(np.mean(tree.query(days[chosen] / scale)[0] < threshold))


def _check_and_scale(generated: FloatArray, train: FloatArray, *, n_days: int) -> FloatArray:
    if generated.ndim != 3 or train.ndim != 2 or generated.shape[2] != train.shape[1]:
        raise DataError(
            f"generated: found shape {generated.shape} beside train {train.shape}, expected "
            f"(paths, days, channels) and (days, channels) of the same channels"
        )
    if len(train) < n_days:
        raise DataError(f"train: found {len(train)} days, expected at least {n_days}")
    scale: FloatArray = train.std(axis=0)
    if not scale.all():
        raise DataError(
            f"train, channel {int(np.argmin(scale))}: found one value on all days, expected a "
            f"channel that moves; leave it out"
        )
    return scale


def _pieces(days: FloatArray, length: int) -> FloatArray:
    """Cut all overlapping windows, shape ``(days - length + 1, length * channels)``."""
    view = np.lib.stride_tricks.sliding_window_view(days, length, axis=0)
    pieces: FloatArray = view.transpose(0, 2, 1).reshape(len(view), -1)
    return pieces


def _directions(pieces: FloatArray) -> FloatArray:
    """Scale rows to length one; single precision halves the cost and decides nothing."""
    rows = pieces.astype(np.float32)
    unit: FloatArray = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-30)
    return unit


def _own_resemblance(
    history: FloatArray, length: int, n_pieces: int, rng: np.random.Generator
) -> float:
    chosen: IntArray = rng.choice(len(history), min(n_pieces, len(history)), replace=False)
    cosine = history[chosen] @ history.T
    cosine[np.abs(chosen[:, None] - np.arange(len(history))) < length] = -1
    return float(np.quantile(cosine.max(1), 0.99))
