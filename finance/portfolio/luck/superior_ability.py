"""Is any of many strategies better than a benchmark: the reality check and its refinement."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from scenara.finance.portfolio.luck.trials import read_trials
from scenara.shared.errors import ConfigError, DataError
from scenara.shared.types import Array, FloatArray, IntArray, RandomState

__all__ = [
    "SuperiorAbility",
    "reality_check",
    "stationary_indices",
    "superior_predictive_ability",
]


@dataclass(frozen=True, kw_only=True)
class SuperiorAbility:
    """Hold the outcome of a test whether the best strategy beats the benchmark.

    Args:
        lower: p-value if strategies worse than the benchmark have no part in the null hypothesis.
        consistent: The p-value to use: those that are clearly worse have no part.
        upper: p-value if all are taken to be as good as the benchmark.
        statistic: The largest (standardised) mean difference, times the root of the steps.
        best: Position of the strategy that reaches it.
    """

    lower: float
    consistent: float
    upper: float
    statistic: float
    best: int


class _Means(NamedTuple):
    """Mean difference of each strategy, its bootstrap draws, and its long-run deviation."""

    mean: FloatArray
    draws: FloatArray
    deviation: FloatArray
    n_steps: int


def superior_predictive_ability(
    returns: pd.DataFrame | Array,
    *,
    benchmark: "pd.Series[float] | Array | float" = 0.0,
    mean_block: float = 10.0,
    n_draws: int = 1_000,
    studentised: bool = True,
    indices: IntArray | None = None,
    random_state: RandomState = 0,
) -> SuperiorAbility:
    r"""Test whether no strategy is better than the benchmark, by Hansen's test.

    The statistic is :math:`\max(0, \max_k \sqrt n \bar d_k / \hat\omega_k)` with the mean
    :math:`\bar d_k` of the excess returns of strategy k and its long-run deviation; its law under
    the null hypothesis comes from the stationary bootstrap, centred in three ways.

    Args:
        returns: Returns of each strategy, shape (steps, strategies).
        benchmark: Returns to beat, shape (steps,), or a number.
        mean_block: Mean length of a bootstrap block in steps.
        n_draws: Number of bootstrap draws.
        studentised: Whether differences are divided by their long-run deviation.
        indices: Positions of each draw, shape (draws, steps), instead of drawing them.
        random_state: Seed of the draws.

    Returns:
        Three p-values and the statistic.

    Raises:
        ConfigError: A setting is out of range.
        DataError: Returns are not finite or of the wrong shape, or a difference never changes.

    Example:
        >>> noise = np.random.default_rng(0).normal(0, 0.01, (500, 20))
        >>> superior_predictive_ability(noise).consistent > 0.05
        True

    References:
        Hansen (2005), A test for superior predictive ability, Journal of Business and Economic
        Statistics 23(4), equations 5 to 9. https://doi.org/10.1198/073500105000000063
    """
    found = _bootstrap(returns, benchmark, mean_block, n_draws, indices, random_state)
    root = np.sqrt(found.n_steps)
    scale = found.deviation if studentised else np.ones_like(found.deviation)
    limit = -found.deviation / root * np.sqrt(2 * np.log(np.log(found.n_steps)))
    centres = {
        "lower": np.maximum(found.mean, 0),
        "consistent": np.where(found.mean >= limit, found.mean, 0),
        "upper": found.mean,
    }
    statistics = found.mean / scale
    statistic = max(float(statistics.max()), 0.0)
    shares = {
        name: float((np.maximum(((found.draws - c) / scale).max(axis=1), 0) > statistic).mean())
        for name, c in centres.items()
    }
    # A statistic of 0 says that nothing is better at all; ties with it are no evidence either.
    if statistic == 0:
        shares = dict.fromkeys(shares, 1.0)
    return SuperiorAbility(
        **shares, statistic=float(root) * statistic, best=int(statistics.argmax())
    )


def reality_check(
    returns: pd.DataFrame | Array,
    *,
    benchmark: "pd.Series[float] | Array | float" = 0.0,
    mean_block: float = 10.0,
    n_draws: int = 1_000,
    indices: IntArray | None = None,
    random_state: RandomState = 0,
) -> float:
    r"""Test whether no strategy is better than the benchmark, by White's reality check.

    The statistic is :math:`\max_k \sqrt n \bar d_k`, and its law
    :math:`\max_k \sqrt n (\bar d^*_k - \bar d_k)` over the stationary bootstrap.

    Args:
        returns: Returns of each strategy, shape (steps, strategies).
        benchmark: Returns to beat, shape (steps,), or a number.
        mean_block: Mean length of a bootstrap block in steps.
        n_draws: Number of bootstrap draws.
        indices: Positions of each draw, shape (draws, steps), instead of drawing them.
        random_state: Seed of the draws.

    Returns:
        The p-value.

    Raises:
        ConfigError: A setting is out of range.
        DataError: Returns are not finite or of the wrong shape, or a difference never changes.

    Example:
        >>> noise = np.random.default_rng(0).normal(0, 0.01, (500, 20))
        >>> reality_check(noise) > 0.05
        True

    References:
        White (2000), A reality check for data snooping, Econometrica 68(5), equations 2.3 to 2.5.
        https://doi.org/10.1111/1468-0262.00152
    """
    found = _bootstrap(returns, benchmark, mean_block, n_draws, indices, random_state)
    return float(((found.draws - found.mean).max(axis=1) > found.mean.max()).mean())


def stationary_indices(
    n_steps: int, n_draws: int, *, mean_block: float, random_state: RandomState = 0
) -> IntArray:
    """Draw positions in time by the stationary bootstrap: blocks of geometric length, in a circle.

    Args:
        n_steps: Number of steps.
        n_draws: Number of draws.
        mean_block: Mean length of a block, at least 1.
        random_state: Seed of the draws.

    Returns:
        Positions, shape (n_draws, n_steps).

    Raises:
        ConfigError: A setting is out of range.

    Example:
        >>> stationary_indices(5, 1, mean_block=1e9).tolist()
        [[4, 0, 1, 2, 3]]

    References:
        Politis and Romano (1994), The stationary bootstrap, Journal of the American Statistical
        Association 89(428). https://doi.org/10.1080/01621459.1994.10476870
    """
    if not mean_block >= 1 or n_draws < 1:
        raise ConfigError(
            "bootstrap: expected a mean block from 1 and at least one draw, found "
            f"{mean_block!r} and {n_draws!r}"
        )
    rng = np.random.default_rng(random_state)
    starts = rng.integers(n_steps, size=(n_draws, n_steps))
    opens = rng.random((n_draws, n_steps)) < 1 / mean_block
    opens[:, 0] = True
    place = np.arange(n_steps)
    last = np.maximum.accumulate(np.where(opens, place, 0), axis=1)
    positions: IntArray = (np.take_along_axis(starts, last, axis=1) + place - last) % n_steps
    return positions


def _bootstrap(
    returns: pd.DataFrame | Array,
    benchmark: "pd.Series[float] | Array | float",
    mean_block: float,
    n_draws: int,
    indices: IntArray | None,
    random_state: RandomState,
) -> _Means:
    values = np.asarray(returns, dtype=np.float64)
    beaten = np.asarray(benchmark, dtype=np.float64)
    if beaten.ndim and beaten.shape != values.shape[:1]:
        raise DataError(
            f"benchmark: expected one return for each of the {len(values)} steps, found "
            f"{beaten.shape}"
        )
    gaps = read_trials((values.T - beaten).T, steps=16)
    n_steps = len(gaps)
    if indices is None:
        indices = stationary_indices(
            n_steps, n_draws, mean_block=mean_block, random_state=random_state
        )
    draws = _counts(indices, n_steps) @ gaps
    return _Means(gaps.mean(axis=0), draws / n_steps, _long_run(gaps, mean_block), n_steps)


def _counts(indices: IntArray, n_steps: int) -> FloatArray:
    """Count how often each draw takes each step: means over draws are then one matrix product."""
    flat = indices + n_steps * np.arange(len(indices))[:, None]
    counts = np.bincount(flat.ravel(), minlength=n_steps * len(indices))
    return counts.reshape(len(indices), n_steps).astype(np.float64)


def _long_run(gaps: FloatArray, mean_block: float) -> FloatArray:
    """Give the deviation that the stationary bootstrap has in the limit, by its kernel."""
    n = len(gaps)
    deviations = gaps - gaps.mean(axis=0)
    spectrum = np.fft.rfft(deviations, n=2 * n, axis=0)
    covariances = np.fft.irfft(np.square(np.abs(spectrum)), n=2 * n, axis=0)[:n] / n
    lags, stay = np.arange(n), 1 - 1 / mean_block
    kernel = (1 - lags / n) * stay**lags + lags / n * stay ** (n - lags)
    kernel[1:] *= 2
    kernel[0] = 1
    variance = kernel @ covariances
    least = 1e-12 * covariances[0] + np.finfo(np.float64).tiny
    return np.asarray(np.sqrt(np.maximum(variance, least)))
