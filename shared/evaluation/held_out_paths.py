"""How near generated paths come to an era that no generator saw, beside how near history comes."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from scenara.shared.errors import DataError
from scenara.shared.evaluation.distances import wasserstein_1
from scenara.shared.evaluation.path_features import window_features
from scenara.shared.types import FloatArray, IntArray

__all__ = ["Era", "EraScale", "cut_eras", "overlapping_windows", "whole_windows"]

WINDOW = 63
FEWEST_STEPS = 42
_LEAST_WINDOW = 21
_WINDOWS_IN_ERA = 4
_LEVELS = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)
_SMALLEST = 1e-9


@dataclass(frozen=True, eq=False)
class Era:
    """Hold one stretch of history that judges, and the rest, from which generators learn.

    Args:
        held: The stretch, (series, steps, channels).
        pieces: Unbroken stretches of the rest, in the order of time, each (series, steps,
            channels).

    Example:
        >>> era = Era(np.zeros((1, 50, 2)), (np.zeros((1, 70, 2)), np.zeros((1, 30, 2))))
        >>> era.rest.shape
        (1, 100, 2)
    """

    held: FloatArray
    pieces: tuple[FloatArray, ...]

    @property
    def rest(self) -> FloatArray:
        """The rest, joined, (series, steps, channels)."""
        return np.concatenate(self.pieces, axis=1)

    @property
    def window(self) -> int:
        """Steps in a window: 63, or a quarter of a short era."""
        n_steps = int(self.held.shape[1])
        return min(WINDOW, max(n_steps // _WINDOWS_IN_ERA, _LEAST_WINDOW))


def cut_eras(data: FloatArray, n_eras: int) -> list[Era]:
    """Hold out one contiguous era after the other.

    Of several series all hold out the same steps. Series too short for that are not cut: whole
    series are held out, neighbours together.

    Args:
        data: Observed series, (series, steps, channels).
        n_eras: Number of eras.

    Returns:
        The eras, in the order of time.

    Raises:
        DataError: The data are too short for so many eras.

    Example:
        >>> [era.held[0, 0, 0] for era in cut_eras(np.arange(300.0).reshape(1, 300, 1), 3)]
        [np.float64(0.0), np.float64(100.0), np.float64(200.0)]
    """
    n_series, n_steps = data.shape[:2]
    if n_steps // n_eras >= FEWEST_STEPS:
        edges = _edges(n_steps, n_eras)
        return [_steps_held(data, *edges[k : k + 2]) for k in range(n_eras)]
    if n_series < n_eras or n_steps < FEWEST_STEPS:
        raise DataError(
            f"found {n_series} series of {n_steps} steps, expected {n_eras} eras of at least "
            f"{FEWEST_STEPS} steps, or as many series; give more data or fewer eras"
        )
    edges = _edges(n_series, n_eras)
    return [_series_held(data, *edges[k : k + 2]) for k in range(n_eras)]


def _edges(n: int, n_eras: int) -> IntArray:
    edges: IntArray = np.arange(n_eras + 1) * n // n_eras
    return edges


def _steps_held(data: FloatArray, start: int, end: int) -> Era:
    pieces = (data[:, :start], data[:, end:])
    return Era(data[:, start:end], tuple(piece for piece in pieces if piece.shape[1]))


def _series_held(data: FloatArray, start: int, end: int) -> Era:
    return Era(data[start:end], (np.delete(data, slice(start, end), axis=0),))


@dataclass(frozen=True, eq=False)
class EraScale:
    """Measure how far paths are from a held-out era, in units of history's own changes.

    The distance has two parts of equal weight. Windows are described by eighteen features, and
    the distance of each feature's distribution from that in the era (Wasserstein 1) counts in
    deviations of that feature from window to window of history. Quantiles of all steps together,
    seven for each channel, count in deviations of that quantile from window to window.

    Args:
        window: Steps in a window.
        features: Of the era's windows, (windows, 18).
        quantiles: Of the era's steps, (levels, channels).
        feature_units: Deviations over history's windows, (18,); 0 for what never changes.
        quantile_units: Likewise, (levels, channels).
        own: Distance of history itself from the era.
    """

    window: int
    features: FloatArray
    quantiles: FloatArray
    feature_units: FloatArray
    quantile_units: FloatArray
    own: float

    @classmethod
    def of(cls, era: Era) -> Self:
        """Measure the era, the units and history's own distance.

        Args:
            era: The era with the rest of history.

        Example:
            >>> rng = np.random.default_rng(0)
            >>> scale = EraScale.of(cut_eras(rng.normal(size=(1, 900, 2)), 3)[0])
            >>> bool(scale.score(rng.normal(size=(50, 252, 2))) < 1.5)
            True
        """
        windows = np.concatenate([overlapping_windows(p, era.window) for p in era.pieces])
        features, steps = window_features(windows), _steps(era.rest)
        held = window_features(overlapping_windows(era.held, era.window))
        quantiles = np.quantile(_steps(era.held), _LEVELS, axis=0)
        units = features.std(axis=0), np.quantile(windows, _LEVELS, axis=1).std(axis=1)
        unscaled = cls(era.window, held, quantiles, *units, own=1.0)
        return cls(era.window, held, quantiles, *units, own=unscaled.distance(features, steps))

    def distance(self, features: FloatArray, steps: FloatArray) -> float:
        """Measure the distance of windows and steps from the era.

        Args:
            features: Of windows of the same length, (windows, 18).
            steps: (steps, channels).
        """
        of_features = wasserstein_1(features, self.features)
        of_quantiles = np.abs(np.quantile(steps, _LEVELS, axis=0) - self.quantiles)
        return _mean(of_features, self.feature_units) + _mean(of_quantiles, self.quantile_units)

    def score(self, paths: FloatArray) -> float:
        """Measure the distance of paths from the era, over that of history itself.

        Args:
            paths: Generated paths, (n, steps, channels), at least a window long.

        Returns:
            1 for paths as near to the era as history is; less is nearer.
        """
        features = window_features(whole_windows(paths, self.window))
        return self.distance(features, _steps(paths)) / max(self.own, _SMALLEST)


def overlapping_windows(series: FloatArray, length: int) -> FloatArray:
    """Cut series in windows that begin a third of their length after each other.

    Args:
        series: (series, steps, channels).
        length: Steps in a window.

    Returns:
        Windows, (windows, length, channels); none of a series that is shorter.

    Example:
        >>> overlapping_windows(np.zeros((2, 100, 3)), 60).shape
        (6, 60, 3)
    """
    starts = np.arange(0, series.shape[1] - length + 1, max(length // 3, 1))
    steps = starts[:, None] + np.arange(length)
    return series[:, steps].reshape(-1, length, series.shape[2])


def whole_windows(paths: FloatArray, length: int) -> FloatArray:
    """Cut paths in windows without overlap.

    Args:
        paths: (n, steps, channels).
        length: Steps in a window.

    Returns:
        Windows, (windows, length, channels).

    Example:
        >>> whole_windows(np.zeros((2, 130, 3)), 60).shape
        (4, 60, 3)
    """
    n_windows = paths.shape[1] // length
    return paths[:, : n_windows * length].reshape(-1, length, paths.shape[2])


def _steps(series: FloatArray) -> FloatArray:
    return series.reshape(-1, series.shape[2])


def _mean(distances: FloatArray, units: FloatArray) -> float:
    """Average distances in their units, over what changes at all."""
    changing = units > _SMALLEST * max(float(units.max()), _SMALLEST)
    return float(np.mean(distances[changing] / units[changing]))
