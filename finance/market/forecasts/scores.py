"""Proper scores of forecasts that are draws from a law: lower is better, in every one of them."""

from collections.abc import Sequence

import numpy as np
from scipy.spatial.distance import pdist
from scipy.special import gammaln, logsumexp, ndtr

from scenara.shared.errors import DataError
from scenara.shared.types import FloatArray

__all__ = [
    "crps",
    "crps_normal",
    "draw_quantiles",
    "energy_score",
    "log_score",
    "probability_transform",
    "quantile_loss",
]

KERNEL_FREEDOM = 4.0
"""Degrees of freedom of the kernel of the log score; a normal one would let one day decide it."""


def crps(draws: FloatArray, observed: FloatArray, *, is_random: bool = True) -> FloatArray:
    """Give the continuous ranked probability score, ``E|X - y| - E|X - X'| / 2``.

    Args:
        draws: Draws from the forecast, shape (n, ...).
        observed: What happened, shape (...).
        is_random: Whether the draws are random; their pairs then leave out each with itself,
            which makes the score unbiased. Equally spaced quantiles are not random.

    Returns:
        Scores of shape (...), in the unit of the draws; NaN where ``observed`` is.

    Raises:
        DataError: Shapes don't fit, or there are fewer than two draws.

    Example:
        >>> float(crps(np.array([0.0, 1.0]), np.array(0.5), is_random=False))
        0.25

    References:
        Gneiting, T. and Raftery, A. E. (2007). Strictly proper scoring rules, prediction, and
        estimation. Journal of the American Statistical Association 102, equation 21.
        Ferro, C. A. T. (2014). Fair scores for ensemble forecasts. Quarterly Journal of the Royal
        Meteorological Society 140, equation 6.
    """
    n = _n_draws(draws, observed)
    ordered = np.sort(draws, axis=0)
    weights = 2.0 * np.arange(1, n + 1) - n - 1
    pairs = n * (n - 1) if is_random else n * n
    spread = np.tensordot(weights, ordered, axes=(0, 0)) / pairs
    score: FloatArray = np.abs(ordered - observed).mean(axis=0) - spread
    return score


def crps_normal(observed: FloatArray, *, mean: float = 0.0, std: float = 1.0) -> FloatArray:
    """Give the continuous ranked probability score of a normal forecast, in closed form.

    Args:
        observed: What happened, any shape.
        mean: Mean of the forecast.
        std: Its standard deviation.

    Example:
        >>> round(float(crps_normal(np.array(0.0))), 4)
        0.2337

    References:
        Gneiting, T. and Raftery, A. E. (2007), as in :func:`crps`, page 367.
    """
    z = (np.asarray(observed) - mean) / std
    density = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
    return np.asarray(std * (z * (2 * ndtr(z) - 1) + 2 * density - 1 / np.sqrt(np.pi)))


def energy_score(draws: FloatArray, observed: FloatArray) -> float:
    """Give the energy score, ``E|X - y| - E|X - X'| / 2`` with distances between vectors.

    It judges assets together: right margins with a wrong dependence cost.

    Args:
        draws: Random draws from the joint forecast, shape (n, d).
        observed: What happened, shape (d,).

    Returns:
        The score, fair as :func:`crps`, which it equals for d = 1.

    Raises:
        DataError: Shapes don't fit, or there are fewer than two draws.

    Example:
        >>> energy_score(np.array([[0.0, 0.0], [0.0, 2.0]]), np.array([0.0, 1.0]))
        0.0

    References:
        Gneiting, T. and Raftery, A. E. (2007), as in :func:`crps`, equation 22.
    """
    _n_draws(draws, observed)
    distance = np.linalg.norm(draws - observed, axis=1).mean()
    return float(distance - pdist(draws).mean() / 2)


def log_score(draws: FloatArray, observed: FloatArray) -> FloatArray:
    """Give minus the log of a kernel estimate of the forecast's density at what happened.

    The kernel is Student's t with four degrees of freedom, its width Silverman's; of draws half of
    which are alike, such as those of a price that stood still, it takes the deviation. It blurs the
    forecast a little, all models alike; a parametric density would favour models of its form.

    Args:
        draws: Draws from the forecast, shape (n, ...).
        observed: What happened, shape (...).

    Returns:
        Scores of shape (...), in nats.

    Raises:
        DataError: Shapes don't fit, or there are fewer than two draws.

    Example:
        >>> draws = np.random.default_rng(0).standard_normal(2_000)
        >>> bool(abs(log_score(draws, np.array(0.0)) - np.log(2 * np.pi) / 2) < 0.1)
        True

    References:
        Silverman, B. W. (1986). Density estimation for statistics and data analysis, equation
        3.31.
    """
    n = _n_draws(draws, observed)
    upper, lower = np.quantile(draws, [0.75, 0.25], axis=0)
    deviation, middle = draws.std(axis=0), (upper - lower) / 1.34
    spread = np.where(middle > 0, np.minimum(deviation, middle), deviation)
    width = np.maximum(0.9 * spread * n**-0.2, 1e-9)
    z = (draws - observed) / width
    nu = KERNEL_FREEDOM
    constant = gammaln((nu + 1) / 2) - gammaln(nu / 2) - np.log(nu * np.pi) / 2
    kernels = constant - (nu + 1) / 2 * np.log1p(z**2 / nu)
    score: FloatArray = np.log(n * width) - logsumexp(kernels, axis=0)
    return score


def quantile_loss(
    draws: FloatArray, observed: FloatArray, *, levels: Sequence[float]
) -> FloatArray:
    """Give the loss of the forecast's quantiles, ``(level - [y < q]) (y - q)``.

    Args:
        draws: Draws from the forecast, shape (n, ...).
        observed: What happened, shape (...).
        levels: Levels between 0 and 1.

    Returns:
        Losses of shape (levels, ...).

    Raises:
        DataError: Shapes don't fit, or there are fewer than two draws.

    Example:
        >>> quantile_loss(np.zeros(9), np.array(-1.0), levels=[0.1]).tolist()
        [0.9]

    References:
        Koenker, R. and Bassett, G. (1978). Regression quantiles. Econometrica 46, 33-50.
    """
    _n_draws(draws, observed)
    miss = observed - draw_quantiles(draws, levels)
    level = np.reshape(levels, (-1, *(1,) * np.ndim(observed)))
    return np.asarray((level - (miss < 0)) * miss)


def draw_quantiles(draws: FloatArray, levels: Sequence[float]) -> FloatArray:
    """Give quantiles of draws, the i-th of n at the level ``(i - 1/2) / n``.

    Args:
        draws: Draws, shape (n, ...).
        levels: Levels between 0 and 1.

    Returns:
        Quantiles of shape (levels, ...).

    Example:
        >>> draw_quantiles(np.arange(10.0), [0.05, 0.5]).tolist()
        [0.0, 4.5]
    """
    return np.asarray(np.quantile(draws, list(levels), axis=0, method="hazen"))


def probability_transform(draws: FloatArray, observed: FloatArray) -> FloatArray:
    """Give the probability that the forecast put below what happened.

    Over many forecasts it is uniform if they are calibrated.

    Args:
        draws: Draws from the forecast, shape (n, ...).
        observed: What happened, shape (...).

    Returns:
        Probabilities of shape (...), never 0 or 1.

    Raises:
        DataError: Shapes don't fit, or there are fewer than two draws.

    Example:
        >>> float(probability_transform(np.arange(9.0), np.array(4.5)))
        0.55

    References:
        Diebold, F. X., Gunther, T. A. and Tay, A. S. (1998). Evaluating density forecasts.
        International Economic Review 39, 863-883.
    """
    n = _n_draws(draws, observed)
    below = (draws < observed).sum(axis=0) + (draws == observed).sum(axis=0) / 2
    return np.asarray((below + 0.5) / (n + 1))


def _n_draws(draws: FloatArray, observed: FloatArray) -> int:
    if np.shape(draws)[1:] != np.shape(observed) or len(draws) < 2:
        raise DataError(
            f"draws: expected at least two of shape {np.shape(observed)} each, "
            f"found shape {np.shape(draws)}"
        )
    return len(draws)
