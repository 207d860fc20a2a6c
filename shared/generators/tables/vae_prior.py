"""The law that latent points are drawn from once a variational autoencoder is trained."""

from dataclasses import dataclass

import numpy as np

from scenara.shared.types import Array, FloatArray

__all__ = ["LatentLaw", "fit_latents"]

MOST_ROWS = 10_000
ROWS_PER_COMPONENT = 50


@dataclass(frozen=True)
class LatentLaw:
    """A mixture of normal laws.

    Args:
        weights: Weight of each component, (components,).
        means: Their means, (components, latent).
        roots: Lower triangular roots of their covariances, (components, latent, latent).
    """

    weights: FloatArray
    means: FloatArray
    roots: FloatArray

    def draw(self, n: int, rng: np.random.Generator) -> FloatArray:
        """Draw points, (n, latent)."""
        numbers = rng.choice(len(self.weights), size=n, p=self.weights / self.weights.sum())
        noise = rng.standard_normal((n, self.means.shape[1]))
        points = np.empty_like(noise)
        for number in np.unique(numbers):
            rows = numbers == number
            points[rows] = self.means[number] + noise[rows] @ self.roots[number].T
        return points

    def arrays(self) -> dict[str, Array]:
        """Give what it holds by name."""
        return {"weights": self.weights, "means": self.means, "roots": self.roots}


def fit_latents(
    points: FloatArray, active: Array, *, kind: str, n_components: int = 20
) -> LatentLaw:
    """Fit the law of latent points; along numbers not in use it is standard normal.

    Args:
        points: Latent points of rows, (rows, latent).
        active: Which latent numbers are in use, (latent,) booleans.
        kind: ``mixture`` fits one by expectation maximisation; ``normal`` gives the standard
            normal law, whatever the points.
        n_components: Most components; fewer for few rows.

    Example:
        >>> points = np.random.default_rng(0).standard_normal((500, 2)) + 5
        >>> law = fit_latents(points, np.array([True, True]), kind="mixture", n_components=1)
        >>> bool(np.abs(law.means - 5).max() < 0.2)
        True
    """
    n_axes = points.shape[1]
    if kind == "normal" or not active.any():
        return LatentLaw(np.ones(1), np.zeros((1, n_axes)), np.eye(n_axes)[None])
    from sklearn.mixture import GaussianMixture

    some = points[:: -(-len(points) // MOST_ROWS), active]
    mixture = GaussianMixture(
        max(1, min(n_components, len(some) // ROWS_PER_COMPONENT)),
        reg_covar=1e-4,
        max_iter=50,
        tol=1e-2,
        random_state=0,
    ).fit(some)
    means = np.zeros((len(mixture.weights_), n_axes))
    means[:, active] = mixture.means_
    roots = np.tile(np.eye(n_axes), (len(means), 1, 1))
    found = np.linalg.cholesky(mixture.covariances_)
    roots[:, np.outer(active, active)] = found.reshape(len(means), -1)
    return LatentLaw(mixture.weights_, means, roots)
