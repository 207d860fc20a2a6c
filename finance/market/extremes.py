"""Two alarms that no average shows: paths that explode, and crises that never happen."""

import numpy as np

from scenara.finance.market.facts.panel import QUARTER, cut
from scenara.shared.types import FloatArray

__all__ = ["explosion_share", "joint_spike_share"]

EXPLOSION_FACTOR = 1.5
SPIKE_VOLATILITY = 0.40
SPIKE_CORRELATION = 0.60
DAYS_PER_YEAR = 252
SMALLEST = 1e-12


def explosion_share(paths: FloatArray, train: FloatArray) -> float:
    """Count paths on which an asset moves more than 1.5 times its worst day in the history.

    A few per hundred path-years are plausible; a model that explodes has most of them here.

    Args:
        paths: Daily log returns, shape ``(paths, days, assets)``.
        train: Daily log returns that the generator has seen, shape ``(days, assets)``.

    Returns:
        Share of paths, 0 to 1.

    Example:
        >>> train = np.array([[0.01, -0.02], [-0.02, 0.01]])
        >>> explosion_share(np.array([[[0.0, 0.029]], [[-0.031, 0.0]]]), train)
        0.5
    """
    limit = EXPLOSION_FACTOR * np.abs(train).max(axis=0)
    highest, lowest = paths.max(axis=1), paths.min(axis=1)
    return float(((highest > limit) | (lowest < -limit)).any(axis=1).mean())


def joint_spike_share(paths: FloatArray) -> float:
    """Count quarters in which volatility and correlation are both as high as in a crisis.

    The equal-weighted volatility is at least 40 % a year and the mean correlation at least .6.
    Real years have them in one to three quarters of a hundred; models whose assets have
    independent volatilities have none.

    Args:
        paths: Daily log returns, shape ``(paths, days, assets)``, at least 63 days.

    Returns:
        Share of quarters, 0 to 1.

    Example:
        >>> shock = np.random.default_rng(0).normal(0, 0.05, size=(4, 63, 1))
        >>> joint_spike_share(np.repeat(shock, 3, axis=2))
        1.0
    """
    quarters = cut(paths, QUARTER)
    n_assets = quarters.shape[2]
    volatility = quarters.mean(axis=2).std(axis=1) * np.sqrt(DAYS_PER_YEAR)
    z = quarters - quarters.mean(axis=1, keepdims=True)
    z /= np.sqrt((z**2).mean(axis=1, keepdims=True)) + SMALLEST
    correlation = ((z.sum(axis=2) ** 2).mean(axis=1) - n_assets) / (n_assets * (n_assets - 1))
    spiked = (volatility >= SPIKE_VOLATILITY) & (correlation >= SPIKE_CORRELATION)
    return float(spiked.mean())
