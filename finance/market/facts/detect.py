"""Eighteen features of a quarter, from which a classifier tells generated from real."""

import numpy as np

from scenara.finance.market.facts.panel import QUARTER, Panel, cut
from scenara.shared.evaluation import classifier_two_sample
from scenara.shared.evaluation.path_features import WINDOW_FEATURES, window_features
from scenara.shared.types import FloatArray

__all__ = ["FEATURES", "detection_distances", "quarter_features"]

FEATURES = WINDOW_FEATURES
"""Names of the features, in order; those without "asset" are of the equal-weighted basket."""

MEAN_CORRELATION = FEATURES.index("mean_correlation")
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
    features: FloatArray = np.concatenate([window_features(chunk) for chunk in chunks])
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
