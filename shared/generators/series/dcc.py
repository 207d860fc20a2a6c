"""Correlations that move: GJR-GARCH volatilities under dynamic conditional correlation."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.signal import lfilter
from scipy.special import expit, logit

from scenara.shared.generators.series.fhs import FilteredHistoricalSimulation
from scenara.shared.generators.series.gaussian import shrunk_covariance
from scenara.shared.generators.series.gjr import filter_variance
from scenara.shared.generators.series.noise import uniform_rows
from scenara.shared.store import State
from scenara.shared.types import Array, FloatArray, IntArray

__all__ = ["DCC", "DynamicCorrelation", "filter_correlation", "fit_dcc"]


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


# ------------------------------------------------------------------------------------------ fit
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
    smoothed, _ = lfilter([1.0], [1.0, -model.memory], news, axis=1, zi=before)
    return smoothed


# --------------------------------------------------------------------------------------- filter
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


# ------------------------------------------------------------------------------------- simulate
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


# -------------------------------------------------------------------------------------- the family
_KEPT_NUMBERS = 10_000_000
_MOST_KEPT = 500
_TOGETHER_NUMBERS = 16_000_000


class DynamicCorrelation(FilteredHistoricalSimulation):
    """Let correlations respond to shocks as volatilities do, and resample what is left of them.

    Margins are those of filtered historical simulation. Standardised shocks are made uncorrelated
    by the correlation of their day (:class:`DCC`) and resampled by whole days. Paths start in the
    correlation of a day of history, or in that of the last day of ``history``.

    The cost grows with the cube of the channels: per path of 252 days about a millisecond for 20
    channels and about two seconds for 500; the fit needs some seconds and a minute.

    Args:
        variance_targeting: Hold the stationary variance at the observed one.
        maximum_persistence: Largest persistence of a volatility under targeting.

    Example:
        >>> returns = np.random.default_rng(0).standard_t(5, (600, 2)) * 0.01
        >>> DynamicCorrelation().fit(returns).sample(3, horizon=5, random_state=1).shape
        (3, 5, 2)

    References:
        Engle, R. (2002). Dynamic conditional correlation: a simple class of multivariate
        generalized autoregressive conditional heteroskedasticity models. Journal of Business and
        Economic Statistics 20, 339-350. https://doi.org/10.1198/073500102288618487
    """

    family = "series/dcc"

    def _fit_shocks(self, shocks: FloatArray) -> None:
        self.dynamics_ = fit_dcc(shocks)
        n_channels = shocks.shape[2]
        kept = self._kept_days(shocks.shape[0] * shocks.shape[1], n_channels)
        upper = np.triu_indices(n_channels)
        self.starts_ = np.empty((len(kept), len(upper[0])), dtype=np.float32)
        innovations = np.empty_like(shocks)
        for series, observed in enumerate(shocks):
            for steps, quasi in filter_correlation(observed, self.dynamics_):
                innovations[series, steps] = _uncorrelated(observed[steps], quasi[:-1])
                first = series * shocks.shape[1] + steps.start
                here = (kept >= first) & (kept < first + len(quasi) - 1)
                self.starts_[here] = quasi[kept[here] - first][:, *upper]
        super()._fit_shocks(innovations)

    @staticmethod
    def _kept_days(n_days: int, n_channels: int) -> IntArray:
        most = int(np.clip(_KEPT_NUMBERS // n_channels**2, 20, _MOST_KEPT))
        return np.unique(np.linspace(0, n_days - 1, most).astype(np.int64))

    def _shocks(self, noise: FloatArray, horizon: int, history: FloatArray | None) -> FloatArray:
        n_channels = self.shocks_.shape[1]
        together = max(1, _TOGETHER_NUMBERS // n_channels**2)
        shocks = np.empty((horizon, len(noise), n_channels))
        for first in range(0, len(noise), together):
            paths = slice(first, first + together)
            rows = uniform_rows(noise[paths, 1:].T, len(self.shocks_))
            innovations = self.shocks_.astype(np.float32)[rows].transpose(0, 2, 1).copy()
            quasi = self._first_quasi(noise[paths, 0], history)
            shocks[:, paths] = simulate_shocks(self.dynamics_, quasi, innovations).transpose(
                0, 2, 1
            )
        return shocks

    def _first_quasi(self, noise: FloatArray, history: FloatArray | None) -> FloatArray:
        """Give ``Q`` before the first step, (channels, channels, n), above the diagonal alone."""
        n_channels = self.shocks_.shape[1]
        first, second = np.triu_indices(n_channels)
        quasi = np.zeros((n_channels, n_channels, len(noise)), dtype=np.float32)
        if history is None:
            # The day is near that from which the variance is taken: both are chosen by one number.
            quasi[first, second] = self.starts_[uniform_rows(noise, len(self.starts_))].T
            return quasi
        variance = filter_variance(history, self.model_)[:-1]
        observed = (history - self.model_.mean) / np.sqrt(variance)
        *_, (_, found) = filter_correlation(observed, self.dynamics_)
        quasi[first, second] = found[-1][first, second][:, None]
        return quasi

    def _state(self) -> State:
        state, model = super()._state(), self.dynamics_
        return State(
            values={"news": model.news, "memory": model.memory},
            arrays={**state.arrays, "target": model.target, "starts": self.starts_},
        )

    def _restore(self, state: State) -> None:
        super()._restore(state)
        arrays, values = state.arrays, state.values
        self.dynamics_ = DCC(arrays["target"], float(values["news"]), float(values["memory"]))
        self.starts_ = arrays["starts"]


def _uncorrelated(shocks: FloatArray, quasi: FloatArray) -> FloatArray:
    """Take the correlation ``quasi`` (steps, channels, channels) from shocks (steps, channels)."""
    spread: Array = np.sqrt(np.einsum("tii->ti", quasi))
    solved: FloatArray = np.linalg.solve(np.linalg.cholesky(quasi), (shocks * spread)[..., None])
    return solved[..., 0]
