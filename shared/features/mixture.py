"""Numbers with several humps: which hump, and where inside it (mode-specific normalisation)."""

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from scenara.shared.features.power import into_ends
from scenara.shared.features.quantile import quantile_places
from scenara.shared.types import Array, FloatArray, IntArray

__all__ = ["MixtureCurve", "fit_mixture"]

WIDTH = 4.0
SKETCH = 1_000


@dataclass(frozen=True)
class MixtureCurve:
    """Map values to the likeliest normal component and the position ``(x - mean) / (4 sd)``.

    Args:
        weights: Weight of each component, (components,).
        means: Their means, increasing, (components,).
        deviations: Their standard deviations, (components,).
        ends: Least and greatest value seen, int64 or float64, (2,).
    """

    law: ClassVar[str] = "standardised"

    weights: FloatArray
    means: FloatArray
    deviations: FloatArray
    ends: Array

    @property
    def n_components(self) -> int:
        """Count the components."""
        return len(self.means)

    def labels(self, show: Callable[[Array], Sequence[str]]) -> tuple[str, ...]:
        """Name the components by their means."""
        return tuple(f"around {mean}" for mean in show(into_ends(self.means, self.ends)))

    def transform(self, values: Array) -> tuple[IntArray, FloatArray]:
        """Give components and positions; values outside the ends are clipped."""
        inside = np.clip(values, self.ends[0], self.ends[1]).astype(np.float64)
        distances = (inside[:, None] - self.means) / self.deviations
        score = np.log(self.weights / self.deviations) - distances**2 / 2
        codes = np.argmax(score, axis=1)
        return codes, distances[np.arange(len(codes)), codes] / WIDTH

    def inverse(self, codes: IntArray, positions: FloatArray) -> Array:
        """Give the values at positions in components, never outside the ends."""
        with np.errstate(over="ignore"):
            values = self.means[codes] + positions * WIDTH * self.deviations[codes]
        return into_ends(values, self.ends)


def fit_mixture(values: Array, counts: IntArray, *, n_components: int = 10) -> MixtureCurve:
    """Fit a mixture whose number of components is found by a Dirichlet process prior.

    Where the paper draws a component by its responsibility, the likeliest is taken: the code of
    a value is then a function of the value. The fit sees at most 1,000 quantiles.

    Args:
        values: Distinct values, increasing, (values,).
        counts: Rows that hold each, (values,).
        n_components: Most components.

    References:
        Xu, Skoularidou, Cuesta-Infante and Veeramachaneni, 2019, Modeling tabular data using
        conditional GAN, https://arxiv.org/abs/1907.00503, section 4.2.

    Example:
        >>> humps = np.sort(np.r_[np.linspace(-1, 1, 200), np.linspace(99, 101, 200)])
        >>> curve = fit_mixture(humps, np.ones(400, dtype=int))
        >>> codes, positions = curve.transform(np.array([0.0, 100.0]))
        >>> bool(codes[0] != codes[1])
        True
    """
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.mixture import BayesianGaussianMixture

    size = float(np.abs(values.astype(np.float64)).max()) or 1.0
    sketch = values[quantile_places(counts, SKETCH)].astype(np.float64) / size
    mixture = BayesianGaussianMixture(
        n_components=min(n_components, len(np.unique(sketch))),
        weight_concentration_prior=0.001,
        random_state=0,
    )
    with warnings.catch_warnings():
        # A mixture that has not settled is still one that every value can be coded by.
        warnings.simplefilter("ignore", ConvergenceWarning)
        mixture.fit(((sketch - sketch.mean()) / (sketch.std() or 1.0))[:, None])
    means = mixture.means_[:, 0] * (sketch.std() or 1.0) + sketch.mean()
    deviations = np.sqrt(mixture.covariances_[:, 0, 0]) * (sketch.std() or 1.0)
    order = np.argsort(means)
    curve = MixtureCurve(
        mixture.weights_[order], means[order] * size, deviations[order] * size, values[[0, -1]]
    )
    used = np.unique(curve.transform(values)[0])
    return MixtureCurve(curve.weights[used], curve.means[used], curve.deviations[used], curve.ends)
