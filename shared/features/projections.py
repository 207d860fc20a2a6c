"""Linear maps of a matrix to a few axes: principal components and discriminants."""

from dataclasses import dataclass

import numpy as np

from scenara.shared.errors import ConfigError, DataError
from scenara.shared.types import FloatArray, IntArray

__all__ = ["Projection", "discriminants", "principal_components"]


@dataclass(frozen=True)
class Projection:
    """Hold a linear map ``(x - mean) weights`` and, if there is one, the way back.

    Args:
        mean: Where the axes cross, (width,).
        weights: One column an axis, (width, axes).
        back: The way back, (axes, width); None if there is none.
        shares: Share of the variance (of the between-class variance, for discriminants) that
            each axis has, (axes,).
    """

    mean: FloatArray
    weights: FloatArray
    back: FloatArray | None
    shares: FloatArray

    @property
    def n_components(self) -> int:
        """Count the axes."""
        return int(self.weights.shape[1])

    def transform(self, matrix: FloatArray) -> FloatArray:
        """Give the positions on the axes, (rows, axes).

        Args:
            matrix: The rows, (rows, width).
        """
        return (matrix - self.mean) @ self.weights

    def inverse(self, scores: FloatArray) -> FloatArray:
        """Give the rows that lie at positions, (rows, width).

        Args:
            scores: Positions, (rows, axes).

        Raises:
            ConfigError: If there is no way back.
        """
        if self.back is None:
            raise ConfigError(
                "discriminants have no inverse; use the method 'pca' or 'autoencoder'"
            )
        return scores @ self.back + self.mean


def principal_components(matrix: FloatArray, *, n_components: float) -> Projection:
    """Find the orthogonal axes of greatest variance, by scikit-learn's PCA.

    Args:
        matrix: The rows, (rows, width).
        n_components: How many axes, or the share of the variance they are to have, in (0, 1).

    Returns:
        The axes, from the greatest variance; the largest weight of each is positive.

    Raises:
        ConfigError: If there are not as many axes.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> line = rng.normal(size=(100, 1)) * np.array([3.0, 4.0])
        >>> principal_components(line, n_components=1).weights.ravel().round(6)
        array([0.6, 0.8])

    References:
        Hotelling (1933), Analysis of a complex of statistical variables into principal components,
        https://doi.org/10.1037/h0071325.
    """
    from sklearn.decomposition import PCA

    most = min(matrix.shape)
    whole = isinstance(n_components, int) and not isinstance(n_components, bool)
    if not (whole and 1 <= n_components <= most) and not (
        isinstance(n_components, float) and 0 < n_components < 1
    ):
        raise ConfigError(
            f"n_components: expected a whole number from 1 to {most} or a share between 0 and 1, "
            f"found {n_components!r}"
        )
    found = PCA(n_components, svd_solver="full").fit(matrix)
    axes = found.components_ * _signs(found.components_)
    return Projection(found.mean_, axes.T, axes, found.explained_variance_ratio_)


def discriminants(
    matrix: FloatArray, classes: IntArray, *, n_components: int | None = None
) -> Projection:
    """Find the axes along which classes lie farthest apart in units of their own spread.

    They are those of Fisher, by scikit-learn's discriminant analysis; directions in which no
    class has any spread, such as those of redundant indicators, are left out.

    Args:
        matrix: The rows, (rows, width).
        classes: Whole numbers from 0, (rows,).
        n_components: How many axes; None for all, one less than classes.

    Returns:
        The axes, from the best one, on which classes have unit variance; the largest weight of
        each is positive.

    Raises:
        ConfigError: If there are not as many axes.
        DataError: If every class has one row.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> classes = np.repeat([0, 1], 500)
        >>> rows = rng.normal(size=(1000, 2)) + 5.0 * classes[:, None] * np.array([1.0, 0.0])
        >>> weights = discriminants(rows, classes).weights.ravel()
        >>> bool(abs(weights[0]) > 10 * abs(weights[1]))
        True

    References:
        Fisher (1936), The use of multiple measurements in taxonomic problems,
        https://doi.org/10.1111/j.1469-1809.1936.tb02137.x; Rao (1948), The utilization of
        multiple measurements in problems of biological classification.
    """
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

    n_classes = int(classes.max()) + 1
    if len(classes) <= n_classes:
        raise DataError(f"target: expected classes of several rows, found {n_classes} of one")
    mean, basis = _spread(matrix, classes)
    most = min(n_classes - 1, basis.shape[1])
    wanted = most if n_components is None else n_components
    if not isinstance(wanted, int) or isinstance(wanted, bool) or not 1 <= wanted <= most:
        raise ConfigError(
            f"n_components: expected a whole number from 1 to {most}, as there are {n_classes} "
            f"classes, found {n_components!r}"
        )
    found = LinearDiscriminantAnalysis(n_components=wanted).fit((matrix - mean) @ basis, classes)
    weights = basis @ found.scalings_[:, :wanted]
    weights = weights * _signs(weights.T).T
    return Projection(mean, weights, None, found.explained_variance_ratio_[:wanted])


def _spread(matrix: FloatArray, classes: IntArray) -> tuple[FloatArray, FloatArray]:
    """Give the mean of all rows and the directions in which rows of one class differ."""
    counts = np.bincount(classes)
    means = np.zeros((len(counts), matrix.shape[1]))
    np.add.at(means, classes, matrix)
    within = matrix - (means / counts[:, None])[classes]
    sizes, directions = np.linalg.eigh(within.T @ within / len(matrix))
    kept = directions[:, sizes > 1e-9 * max(sizes[-1], 1e-300)]
    # Without any spread inside the classes every direction is as good.
    return matrix.mean(axis=0), kept if kept.shape[1] else np.eye(matrix.shape[1])


def _signs(axes: FloatArray) -> FloatArray:
    """Give for each axis, (axes, width), the sign of its largest weight, (axes, 1)."""
    largest = np.abs(axes).argmax(axis=1)
    signs: FloatArray = np.sign(axes[np.arange(len(axes)), largest])[:, None]
    return signs
