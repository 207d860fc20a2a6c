"""Days that are independent of each other: the multivariate normal law, the plainest of models."""

import numpy as np

from scenara.shared.generators.series.base import SeriesGenerator
from scenara.shared.progress import Progress
from scenara.shared.store import State
from scenara.shared.types import FloatArray

__all__ = ["GaussianSeries", "shrunk_covariance"]


def shrunk_covariance(values: FloatArray) -> FloatArray:
    """Estimate a covariance whose correlations are shrunk towards zero.

    Variances stay as observed; the share of shrinkage is that of Ledoit and Wolf for channels of
    unit variance, so that it does not depend on units. The result is positive definite also where
    there are more channels than steps.

    Args:
        values: Observations (steps, channels).

    Returns:
        Covariance (channels, channels).

    Example:
        >>> values = np.random.default_rng(0).normal(size=(30, 50))
        >>> bool(np.linalg.eigvalsh(shrunk_covariance(values)).min() > 0.1)
        True

    References:
        Ledoit, O. and Wolf, M. (2004). A well-conditioned estimator for large-dimensional
        covariance matrices. Journal of Multivariate Analysis 88, 365-411.
        https://doi.org/10.1016/S0047-259X(03)00096-4
    """
    from sklearn.covariance import ledoit_wolf

    scale = values.std(axis=0)
    correlation, _ = ledoit_wolf((values - values.mean(axis=0)) / scale, assume_centered=True)
    covariance: FloatArray = correlation * np.outer(scale, scale)
    return covariance


class GaussianSeries(SeriesGenerator):
    """Draw each day on its own from a multivariate normal law with shrunk correlations.

    Means, variances and correlations are those of history; there are no fat tails, no clusters of
    volatility and no joint crashes. A model that is not better than this one has learned nothing.

    Example:
        >>> returns = np.random.default_rng(0).normal(0, 0.01, (500, 2))
        >>> GaussianSeries().fit(returns).sample(3, horizon=5).shape
        (3, 5, 2)
    """

    family = "series/gaussian"
    keeps_state = False
    minimum_steps = 20

    def _fit(self, data: FloatArray, *, progress: Progress, checkpoint: object) -> None:
        days = data.reshape(-1, data.shape[2])
        self.mean_ = days.mean(axis=0)
        self.root_ = np.linalg.cholesky(shrunk_covariance(days))
        progress("fit", 1, 1)

    def _noise_size(self, horizon: int) -> int:
        return horizon * len(self.mean_)

    def _paths(self, noise: FloatArray, horizon: int, history: FloatArray | None) -> FloatArray:
        days = noise.reshape(-1, len(self.mean_)) @ self.root_.T
        days += self.mean_
        return days.reshape(len(noise), horizon, -1)

    def _state(self) -> State:
        return State(arrays={"mean": self.mean_, "root": self.root_})

    def _restore(self, state: State) -> None:
        self.mean_, self.root_ = state.arrays["mean"], state.arrays["root"]
