"""Eighteen numbers that describe a window of a series: how wild, how clustered, how joined."""

import numpy as np

from scenara.shared.errors import DataError
from scenara.shared.types import FloatArray

__all__ = ["WINDOW_FEATURES", "window_features"]

WINDOW_FEATURES = (
    "mean_to_deviation",
    "log_volatility",
    "mean_log_asset_volatility",
    "spread_log_asset_volatility",
    "skewness",
    "log_kurtosis",
    "mean_log_asset_kurtosis",
    "worst_day",
    "best_day",
    "memory_1",
    "asset_memory_1",
    "asset_size_memory_1",
    "asset_size_memory_5",
    "size_memory_1",
    "leverage_1",
    "mean_correlation",
    "first_factor",
    "second_factor",
)
"""Names of the features, in order; those without "asset" are of the equal-weighted basket. Assets
stand for channels of any kind, days for steps."""

FEWEST_STEPS = 7
SMALLEST = 1e-12
_TOGETHER = 128
"""Windows that are described together, few enough for a processor's cache."""


def window_features(windows: FloatArray) -> FloatArray:
    """Describe each window of a series by 18 numbers.

    A feature that is not defined is set to 0: the kurtosis of a channel that stands still in the
    window, the correlation and the second factor of a single channel.

    Args:
        windows: Steps in each window, such as daily log returns, (windows, steps, channels).

    Returns:
        Features in the order of ``WINDOW_FEATURES``, (windows, 18).

    Raises:
        DataError: The windows have another shape, or fewer than seven steps.

    Example:
        >>> windows = np.random.default_rng(0).normal(size=(5, 63, 2))
        >>> window_features(windows).shape
        (5, 18)
    """
    if windows.ndim != 3 or windows.shape[1] < FEWEST_STEPS or 0 in windows.shape:
        raise DataError(
            f"windows: found shape {windows.shape}, expected (windows, steps, channels) with at "
            f"least {FEWEST_STEPS} steps; give longer windows"
        )
    starts = range(0, len(windows), _TOGETHER)
    parts = [_features(windows[start : start + _TOGETHER]) for start in starts]
    features: FloatArray = np.nan_to_num(np.concatenate(parts))
    return features


def _features(days: FloatArray) -> FloatArray:
    """Describe windows of shape (windows, days, assets)."""
    named = {**_basket(days.mean(axis=2, keepdims=True)), **_assets(days)}
    return np.stack([named[name] for name in WINDOW_FEATURES], axis=1)


def _basket(days: FloatArray) -> dict[str, FloatArray]:
    mean, deviation, z = _standardised(days)
    skewness, kurtosis = _skewness_and_kurtosis(mean, deviation, z)
    size = _standardised(np.abs(days))[2]
    features = {
        "mean_to_deviation": mean / deviation,
        "log_volatility": np.log(deviation),
        "skewness": skewness,
        "log_kurtosis": np.log(kurtosis),
        "worst_day": z.min(axis=1),
        "best_day": z.max(axis=1),
        "memory_1": (z[:, 1:] * z[:, :-1]).mean(axis=1),
        "size_memory_1": (size[:, 1:] * size[:, :-1]).mean(axis=1),
        "leverage_1": (z[:, :-1] * size[:, 1:]).mean(axis=1),
    }
    return {name: feature[:, 0] for name, feature in features.items()}


def _assets(days: FloatArray) -> dict[str, FloatArray]:
    mean, deviation, z = _standardised(days)
    kurtosis = _skewness_and_kurtosis(mean, deviation, z)[1]
    size = _standardised(np.abs(days))[2]
    correlation, first, second = _factors(z)
    return {
        "mean_log_asset_volatility": np.log(deviation).mean(axis=1),
        "spread_log_asset_volatility": np.log(deviation).std(axis=1),
        "mean_log_asset_kurtosis": np.log(kurtosis).mean(axis=1),
        "asset_memory_1": (z[:, 1:] * z[:, :-1]).mean(axis=(1, 2)),
        "asset_size_memory_1": (size[:, 1:] * size[:, :-1]).mean(axis=(1, 2)),
        "asset_size_memory_5": (size[:, 5:] * size[:, :-5]).mean(axis=(1, 2)),
        "mean_correlation": correlation,
        "first_factor": first,
        "second_factor": second,
    }


def _standardised(days: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Give mean, deviation and standardised days; an asset that stood still becomes zeros."""
    mean = days.mean(axis=1, keepdims=True)
    centred = days - mean
    deviation = np.sqrt((centred**2).mean(axis=1, keepdims=True)) + SMALLEST
    return mean[:, 0], deviation[:, 0], centred / deviation


def _skewness_and_kurtosis(
    mean: FloatArray, deviation: FloatArray, z: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Give both standardised moments; not a number for an asset that stood still."""
    still = deviation <= SMALLEST + np.finfo(float).eps * np.abs(mean)
    square = z**2
    variance = np.where(still, np.nan, square.mean(axis=1))
    return (square * z).mean(axis=1) / variance**1.5, (square**2).mean(axis=1) / variance**2


def _factors(z: FloatArray) -> list[FloatArray]:
    """Give mean correlation and the shares of the two strongest factors in each window."""
    n_days, n_assets = z.shape[1:]
    total = (z.sum(axis=2) ** 2).mean(axis=1)
    # Z'Z and ZZ' share their eigenvalues: take the smaller one.
    narrow = z if n_assets <= n_days else z.transpose(0, 2, 1)
    values = np.linalg.eigvalsh(narrow.transpose(0, 2, 1) @ narrow / n_days)
    if n_assets == 1:
        none = np.zeros(len(z))
        return [none, values[:, -1], none]
    mean_correlation = (total - n_assets) / (n_assets * (n_assets - 1))
    return [mean_correlation, values[:, -1] / n_assets, values[:, -2] / n_assets]
