"""Eighteen features of a quarter, from which a classifier tells generated from real."""

import numpy as np

from scenara.finance.market.facts.panel import QUARTER, Panel, cut
from scenara.shared.evaluation import classifier_two_sample
from scenara.shared.types import FloatArray

__all__ = ["FEATURES", "detection_distances", "quarter_features"]

FEATURES = (
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
"""Names of the features, in order; those without "asset" are of the equal-weighted basket."""

MEAN_CORRELATION = FEATURES.index("mean_correlation")
SMALLEST = 1e-12
CHUNK = 32


def quarter_features(panel: Panel) -> FloatArray:
    """Describe each quarter by 18 numbers.

    A feature that is not defined, such as the kurtosis of an asset that stood still for the
    quarter, is set to 0.

    Args:
        panel: Checked windows.

    Returns:
        Features in the order of ``FEATURES``, shape ``(quarters, 18)``.
    """
    starts = range(0, panel.n_windows, CHUNK)
    chunks = (cut(panel.windows[start : start + CHUNK], QUARTER) for start in starts)
    features: FloatArray = np.nan_to_num(np.concatenate([_features(chunk) for chunk in chunks]))
    return features


def detection_distances(real: FloatArray, generated: FloatArray) -> dict[str, float]:
    """Tell quarters apart by their features.

    Args:
        real: Features of real quarters in the order of time, shape ``(n, 18)``.
        generated: Features of generated quarters, shape ``(m, 18)``.

    Returns:
        ``auc`` of the classifier out of sample and ``c2st``, its excess over a coin, 0 to 1.

    References:
        Lopez-Paz, Oquab (2017), Revisiting classifier two-sample tests, ICLR,
        https://arxiv.org/abs/1610.06545
    """
    auc = classifier_two_sample(real, generated)
    return {"auc": auc, "c2st": 2 * max(auc - 0.5, 0.0)}


def _features(days: FloatArray) -> FloatArray:
    """Describe quarters of shape ``(quarters, days, assets)``."""
    named = {**_basket(days.mean(axis=2, keepdims=True)), **_assets(days)}
    return np.stack([named[name] for name in FEATURES], axis=1)


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
    """Give mean correlation and the shares of the two strongest factors in each quarter."""
    n_days, n_assets = z.shape[1:]
    total = (z.sum(axis=2) ** 2).mean(axis=1)
    # Z'Z and ZZ' share their eigenvalues: take the smaller one.
    narrow = z if n_assets <= n_days else z.transpose(0, 2, 1)
    values = np.linalg.eigvalsh(narrow.transpose(0, 2, 1) @ narrow / n_days)
    mean_correlation = (total - n_assets) / (n_assets * (n_assets - 1))
    return [mean_correlation, values[:, -1] / n_assets, values[:, -2] / n_assets]
