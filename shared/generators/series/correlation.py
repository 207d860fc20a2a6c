"""Dynamic conditional correlation: fit, filter, simulation."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.signal import lfilter
from scipy.special import expit, logit

from scenara.shared.generators.series.gaussian import shrunk_covariance
from scenara.shared.types import FloatArray, IntArray

__all__ = ["DCC", "filter_correlation", "fit_dcc", "simulate_shocks"]


@dataclass(frozen=True)
class DCC:
    """Hold the dynamics of a correlation.

    ``Q_t = (1 - news - memory) target + news z_{t-1} z_{t-1}' + memory Q_{t-1}``, and the
    correlation is ``Q_t`` scaled to a diagonal of ones.

    Args:
        target: Correlation in the long run, (channels, channels).
        news: Response to the last step's standardised shocks ``z``.
        memory: What stays of the last step.

    References:
        Engle, R. (2002). Dynamic conditional correlation: a simple class of multivariate
        generalized autoregressive conditional heteroskedasticity models. Journal of Business and
        Economic Statistics 20, 339-350, eq. 24. https://doi.org/10.1198/073500102288618487
    """

    target: FloatArray
    news: float
    memory: float

    @property
    def drift(self) -> float:
        """Pull to the long run in one step."""
        return 1 - self.news - self.memory


_MOST_PAIRS = 100
_PERSISTENCES = (0.9, 0.97, 0.99, 0.996)
_NEWS = (0.005, 0.015, 0.04)
_MOST_PERSISTENCE = 0.9995


def fit_dcc(shocks: FloatArray) -> DCC:
    """Fit the dynamics of a correlation by composite quasi-likelihood.

    The target is the shrunk correlation of the shocks. The two rates maximise the sum of the
    normal likelihoods of pairs of channels: all pairs where these are few, else at least 100,
    each channel in as many as any other. No large matrix is inverted, and the estimate keeps its
    meaning where there are more channels than steps.

    Args:
        shocks: Standardised shocks (series, steps, channels).

    Returns:
        The dynamics; without news where there is one channel alone.

    References:
        Pakel, C., Shephard, N., Sheppard, K. and Engle, R. F. (2021). Fitting vast dimensional
        time-varying covariance models. Journal of Business and Economic Statistics 39, 652-668.
        https://doi.org/10.1080/07350015.2020.1713795
    """
    n_channels = shocks.shape[2]
    covariance = shrunk_covariance(shocks.reshape(-1, n_channels))
    spread = np.sqrt(np.diag(covariance))
    target = covariance / np.outer(spread, spread)
    if n_channels == 1:
        return DCC(target, 0.0, 0.0)
    pairs = _pairs(n_channels)

    def loss(x: FloatArray) -> float:
        return _pairwise_loss(DCC(target, *_rates(x)), shocks, pairs)

    grid = [
        np.array([logit(p / _MOST_PERSISTENCE), logit(a / p)]) for p in _PERSISTENCES for a in _NEWS
    ]
    start = min(grid, key=loss)
    options = {"xatol": 1e-3, "fatol": 1e-9, "maxfev": 120}
    found = minimize(loss, start, method="Nelder-Mead", options=options)
    return DCC(target, *_rates(found.x))


def _rates(x: FloatArray) -> tuple[float, float]:
    """Give news and memory of two unbounded numbers: persistence, and the share of news in it."""
    persistence, share = _MOST_PERSISTENCE * expit(x[0]), expit(x[1])
    return float(persistence * share), float(persistence * (1 - share))


def _pairs(n_channels: int) -> IntArray:
    """Choose pairs of channels, (2, pairs)."""
    first, second = np.triu_indices(n_channels, 1)
    lag = second - first
    near = np.minimum(lag, n_channels - lag)
    enough = -(-_MOST_PAIRS // n_channels)
    chosen = near <= enough
    return np.array([first[chosen], second[chosen]])


def _pairwise_loss(model: DCC, shocks: FloatArray, pairs: IntArray) -> float:
    first, second = pairs
    own = _smoothed(shocks**2, np.ones(shocks.shape[2]), model)
    product = shocks[..., first] * shocks[..., second]
    joint = _smoothed(product, model.target[first, second], model)
    rho = joint / np.sqrt(own[..., first] * own[..., second])
    left = 1 - rho**2
    squares = shocks[..., first] ** 2 + shocks[..., second] ** 2
    return float((np.log(left) + (squares - 2 * rho * product) / left).mean())


def _smoothed(values: FloatArray, target: FloatArray, model: DCC) -> FloatArray:
    """Run the recursion of ``Q`` on products of shocks (series, steps, products)."""
    news = np.empty_like(values)
    news[:, 0] = (1 - model.memory) * target
    news[:, 1:] = model.drift * target + model.news * values[:, :-1]
    before = np.broadcast_to(model.memory * target, (len(values), 1, len(target)))
    smoothed: FloatArray
    smoothed, _ = lfilter([1.0], [1.0, -model.memory], news, axis=1, zi=before)
    return smoothed


_BLOCK_NUMBERS = 4_000_000


def filter_correlation(shocks: FloatArray, model: DCC) -> Iterator[tuple[slice, FloatArray]]:
    """Run the recursion of ``Q`` over observed shocks, a block of steps at a time.

    Args:
        shocks: Standardised shocks (steps, channels).
        model: The dynamics; the first step has the long run's correlation.

    Yields:
        Which steps, and ``Q`` known before each of them and after the last,
        (steps + 1, channels, channels).

    Example:
        >>> model = DCC(np.array([[1.0, 0.5], [0.5, 1.0]]), news=0.1, memory=0.8)
        >>> [(_, found)] = filter_correlation(np.array([[1.0, -1.0]]), model)
        >>> found[:, 0, 1].round(2)
        array([0.5 , 0.35])
    """
    n_steps, n_channels = shocks.shape
    size = max(1, _BLOCK_NUMBERS // n_channels**2)
    pull, last = model.drift * model.target, model.target
    for first in range(0, n_steps, size):
        block = shocks[first : first + size]
        found = np.empty((len(block) + 1, n_channels, n_channels))
        found[0] = last
        for step, z in enumerate(block):
            found[step + 1] = pull + model.news * np.outer(z, z) + model.memory * found[step]
        last = found[-1].copy()
        yield slice(first, first + len(block)), found


_FEWER_BY_COLUMNS = 64


def _roots(quasi: FloatArray) -> FloatArray:
    """Give the upper Cholesky factors of matrices that lie along the last axis.

    Only the upper triangles (``quasi[j, j:]``) are read. Many small matrices are factored
    together, column by column; large ones one after the other.
    """
    n_channels = len(quasi)
    if n_channels >= _FEWER_BY_COLUMNS:
        return np.linalg.cholesky(quasi.transpose(2, 1, 0)).transpose(2, 1, 0)
    roots = np.zeros_like(quasi)
    for j in range(n_channels):
        row = quasi[j, j:] - np.einsum("kip,kp->ip", roots[:j, j:], roots[:j, j])
        roots[j, j:] = row / np.sqrt(row[0])
    return roots


def simulate_shocks(model: DCC, quasi: FloatArray, innovations: FloatArray) -> FloatArray:
    """Give shocks the correlations that they themselves move.

    Args:
        model: The dynamics.
        quasi: ``Q`` before the first step, (channels, channels, n); it is overwritten.
        innovations: Uncorrelated shocks (horizon, channels, n).

    Returns:
        Shocks (horizon, channels, n).
    """
    pull = quasi.dtype.type(model.drift) * model.target.astype(quasi.dtype)[..., None]
    news, memory = quasi.dtype.type(model.news), quasi.dtype.type(model.memory)
    shocks = np.empty_like(innovations)
    for step, innovation in enumerate(innovations):
        z = np.einsum("kip,kp->ip", _roots(quasi), innovation)
        z /= np.sqrt(np.einsum("iip->ip", quasi))
        shocks[step] = z
        for j, scaled in enumerate(news * z):
            row = quasi[j, j:]
            row *= memory
            row += pull[j, j:]
            row += scaled * z[j:]
    return shocks
