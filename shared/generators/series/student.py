"""Days that are independent of each other, with the fat tails of a multivariate t law."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import gammaincinv, gammaln, ndtr

from scenara.shared.generators.series.base import SeriesGenerator
from scenara.shared.generators.series.gaussian import shrunk_covariance
from scenara.shared.progress import Progress
from scenara.shared.store import State
from scenara.shared.types import FloatArray

__all__ = ["StudentLaw", "StudentSeries", "fit_student", "student_mixing"]

_FREEDOM = (2.1, 200.0)
_MOST_STEPS = 200
_SETTLED = 1e-5
_STEPS_A_CHANNEL = 10


@dataclass(frozen=True)
class StudentLaw:
    """Hold a multivariate t law.

    Args:
        mean: (channels,).
        scatter: (channels, channels); the covariance is ``freedom / (freedom - 2)`` times it.
        freedom: Degrees of freedom; the fewer, the fatter the tails.
    """

    mean: FloatArray
    scatter: FloatArray
    freedom: float

    def distances(self, values: FloatArray) -> FloatArray:
        """Give the squared Mahalanobis distance of each row of (n, channels)."""
        root = np.linalg.cholesky(self.scatter)
        squared: FloatArray = (np.linalg.solve(root, (values - self.mean).T) ** 2).sum(axis=0)
        return squared


def fit_student(values: FloatArray) -> StudentLaw:
    """Fit a multivariate t law by maximum likelihood, with shrunk correlations.

    Each round weighs days by how near the centre they are, takes the weighted mean and scatter
    (off-diagonal terms shrunk as those of :func:`shrunk_covariance`), and then the degrees of
    freedom of the highest likelihood, between 2.1 and 200.

    Args:
        values: Observations (steps, channels).

    Returns:
        The law.

    References:
        Liu, C. and Rubin, D. B. (1995). ML estimation of the t distribution using EM and its
        extensions, ECM and ECME. Statistica Sinica 5, 19-39.
    """
    scale = values.std(axis=0)
    standard = values / scale
    kept = _kept_correlation(standard)
    n_channels = standard.shape[1]
    n_some = min(n_channels, max(len(values) // _STEPS_A_CHANNEL, 1))
    some = np.linspace(0, n_channels - 1, n_some).astype(np.int64)
    few = standard[:, some]
    law = StudentLaw(np.median(few, axis=0), shrunk_covariance(few), 8.0)
    for _ in range(_MOST_STEPS):
        before, law = law.freedom, _improved(law, few, kept[np.ix_(some, some)])
        if abs(law.freedom / before - 1) < _SETTLED:
            break
    if n_some < n_channels:
        law = _weighted(standard, _weights(law, few), law.freedom, kept)
    return StudentLaw(law.mean * scale, law.scatter * np.outer(scale, scale), law.freedom)


def _kept_correlation(standard: FloatArray) -> FloatArray:
    """Give the share of each correlation that shrinkage leaves, (channels, channels).

    Days count by their direction alone: few large ones would else look like noise to shrink.
    """
    from sklearn.covariance import ledoit_wolf_shrinkage

    n_channels = standard.shape[1]
    centred = standard - np.median(standard, axis=0)
    sizes = np.linalg.norm(centred, axis=1, keepdims=True)
    directions = centred / np.where(sizes > 0, sizes, 1.0)
    left = 1 - float(ledoit_wolf_shrinkage(directions)) if n_channels > 1 else 1.0
    return np.full((n_channels, n_channels), left) + (1 - left) * np.eye(n_channels)


def _improved(law: StudentLaw, values: FloatArray, kept: FloatArray) -> StudentLaw:
    n_channels = values.shape[1]
    moved = _weighted(values, _weights(law, values), law.freedom, kept)
    distances = moved.distances(values)
    found = minimize_scalar(
        lambda tail: -_log_likelihood(1 / tail, distances, n_channels),
        bounds=(1 / _FREEDOM[1], 1 / _FREEDOM[0]),
        method="bounded",
        options={"xatol": 1e-8},
    )
    return StudentLaw(moved.mean, moved.scatter, float(1 / found.x))


def _weights(law: StudentLaw, values: FloatArray) -> FloatArray:
    weights: FloatArray = (law.freedom + values.shape[1]) / (law.freedom + law.distances(values))
    return weights


def _weighted(
    values: FloatArray, weights: FloatArray, freedom: float, kept: FloatArray
) -> StudentLaw:
    mean = weights @ values / weights.sum()
    spread = (values - mean) * np.sqrt(weights)[:, None]
    return StudentLaw(mean, spread.T @ spread / len(values) * kept, freedom)


def _log_likelihood(freedom: float, distances: FloatArray, n_channels: int) -> float:
    """Give the mean log-likelihood, apart from the determinant of the scatter."""
    constant = gammaln((freedom + n_channels) / 2) - gammaln(freedom / 2)
    constant -= n_channels / 2 * np.log(freedom)
    return float(constant - (freedom + n_channels) / 2 * np.log1p(distances / freedom).mean())


_GRID = np.linspace(-9.0, 9.0, 4_001)


def student_mixing(noise: FloatArray, freedom: float) -> FloatArray:
    """Turn standard normal numbers into the factors that make normal days those of a t law.

    The factor is ``sqrt(freedom / W)`` with ``W`` chi-square; it falls in the noise. Quantiles
    are interpolated in a table that is exact to five digits.

    Args:
        noise: Standard normal numbers of any shape.
        freedom: Degrees of freedom.

    Example:
        >>> student_mixing(np.array([-2.0, 0.0, 2.0]), 4.0).round(3)
        array([2.948, 1.092, 0.593])
    """
    table = _log_mixing(freedom)
    place = np.clip((noise - _GRID[0]) / (_GRID[1] - _GRID[0]), 0, len(_GRID) - 1 - 1e-9)
    below = place.astype(np.int64)
    place -= below
    factors: FloatArray = np.exp(table[below] + place * np.diff(table)[below])
    return factors


@lru_cache(maxsize=8)
def _log_mixing(freedom: float) -> FloatArray:
    chi_square = 2 * gammaincinv(freedom / 2, np.clip(ndtr(_GRID), 1e-18, 1 - 1e-16))
    table: FloatArray = 0.5 * np.log(freedom / chi_square)
    return table


_TOGETHER = 50
"""Paths that are made together, few enough for a processor's cache."""


class StudentSeries(SeriesGenerator):
    """Draw each day on its own from a multivariate t law.

    Tails are fat and days of large moves are large in all channels at once, but volatility does
    not cluster over days.

    Example:
        >>> returns = np.random.default_rng(0).standard_t(5, (500, 2)) * 0.01
        >>> StudentSeries().fit(returns).sample(3, horizon=5).shape
        (3, 5, 2)
    """

    family = "series/student"
    keeps_state = False
    minimum_steps = 20

    def _fit(self, data: FloatArray, *, progress: Progress, checkpoint: object) -> None:
        self.law_ = fit_student(data.reshape(-1, data.shape[2]))
        self.root_ = np.linalg.cholesky(self.law_.scatter)
        progress("fit", 1, 1)

    def _noise_size(self, horizon: int) -> int:
        return horizon * (1 + len(self.law_.mean))

    def _paths(self, noise: FloatArray, horizon: int, history: FloatArray | None) -> FloatArray:
        n, n_channels = len(noise), len(self.law_.mean)
        paths = np.empty((n, horizon, n_channels))
        for first in range(0, n, _TOGETHER):
            some = slice(first, first + _TOGETHER)
            each_day = noise[some].reshape(-1, 1 + n_channels)
            days = paths[some].reshape(-1, n_channels)
            np.matmul(each_day[:, 1:], self.root_.T, out=days)
            days *= student_mixing(each_day[:, :1], self.law_.freedom)
            days += self.law_.mean
        return paths

    def _state(self) -> State:
        law = self.law_
        return State(
            values={"freedom": law.freedom}, arrays={"mean": law.mean, "scatter": law.scatter}
        )

    def _restore(self, state: State) -> None:
        arrays = state.arrays
        self.law_ = StudentLaw(arrays["mean"], arrays["scatter"], float(state.values["freedom"]))
        self.root_ = np.linalg.cholesky(self.law_.scatter)
