"""Scores of predicted probabilities and numbers, as risk teams print them."""

import numpy as np

from scenara.shared.errors import DataError
from scenara.shared.evaluation.two_sample import area_under_curve
from scenara.shared.types import FloatArray

__all__ = ["HIGHER_IS_BETTER", "calibration_error", "class_scores", "number_scores"]

HIGHER_IS_BETTER = {
    "auc": True,
    "pr_auc": True,
    "brier": False,
    "log_loss": False,
    "ece": False,
    "ks": True,
    "r2": True,
    "rmse": False,
    "mae": False,
}
LEAST_PROBABILITY = 1e-6


def class_scores(label: FloatArray, probability: FloatArray) -> dict[str, float]:
    """Score probabilities of a class.

    Args:
        label: Ones and zeros, shape ``(n,)``, both present.
        probability: Predicted probability of a one, shape ``(n,)``.

    Returns:
        ``auc`` and ``pr_auc`` (average precision), the ``brier`` score, ``log_loss``
        (probabilities at least 1e-6 from 0 and 1), ``ece`` (see ``calibration_error``), and
        ``ks``, the largest gap between the shares of ones and zeros above a threshold.

    Raises:
        DataError: If the label has one class only.

    Example:
        >>> scores = class_scores(np.array([0.0, 1.0]), np.array([0.25, 0.75]))
        >>> scores["auc"], scores["brier"], scores["ks"]
        (1.0, 0.0625, 1.0)
    """
    n_ones = int(label.sum())
    if not 0 < n_ones < len(label):
        raise DataError(f"label: found {n_ones} ones in {len(label)} rows, expected both classes")
    clipped = np.clip(probability, LEAST_PROBABILITY, 1 - LEAST_PROBABILITY)
    hits, alarms = _cumulated(label, probability)
    recall, precision = hits / n_ones, hits / (hits + alarms)
    return {
        "auc": area_under_curve(label, probability),
        "pr_auc": float(np.sum(np.diff(recall, prepend=0.0) * precision)),
        "brier": float(np.mean((probability - label) ** 2)),
        "log_loss": -float(np.mean(np.log(np.where(label == 1, clipped, 1 - clipped)))),
        "ece": calibration_error(label, probability),
        "ks": max(float(np.max(recall - alarms / (len(label) - n_ones))), 0.0),
    }


def calibration_error(label: FloatArray, probability: FloatArray, *, n_bins: int = 10) -> float:
    """Average the gap between predicted and seen rates over bins of equally many rows.

    Args:
        label: Ones and zeros, shape ``(n,)``.
        probability: Predicted probability of a one, shape ``(n,)``.
        n_bins: Number of bins.

    Example:
        >>> calibration_error(np.array([0.0, 1.0, 1.0, 1.0]), np.full(4, 0.5), n_bins=1)
        0.25

    References:
        Naeini, Cooper, Hauskrecht (2015), Obtaining well calibrated probabilities using
        Bayesian binning, AAAI, with bins of equal mass.
    """
    bins = [rows for rows in np.array_split(np.argsort(probability), n_bins) if len(rows)]
    gaps = [len(rows) * abs(label[rows].mean() - probability[rows].mean()) for rows in bins]
    return float(np.sum(gaps) / len(label))


def number_scores(observed: FloatArray, predicted: FloatArray) -> dict[str, float]:
    """Score predicted numbers.

    Args:
        observed: What came, shape ``(n,)``, not all equal.
        predicted: What was predicted, shape ``(n,)``.

    Returns:
        ``r2``, ``rmse`` and ``mae``, the latter two in units of the target.

    Raises:
        DataError: If all observed numbers are equal.

    Example:
        >>> number_scores(np.array([1.0, 3.0]), np.array([2.0, 2.0]))
        {'r2': 0.0, 'rmse': 1.0, 'mae': 1.0}
    """
    spread = float(np.sum((observed - observed.mean()) ** 2))
    if spread == 0:
        raise DataError(f"observed: found {observed[0]} in all rows, expected a number that varies")
    error = observed - predicted
    return {
        "r2": 1 - float(np.sum(error**2)) / spread,
        "rmse": float(np.sqrt(np.mean(error**2))),
        "mae": float(np.mean(np.abs(error))),
    }


def _cumulated(label: FloatArray, probability: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Count ones and zeros at or above each distinct probability, the highest first."""
    order = np.argsort(-probability, kind="stable")
    last = np.r_[np.flatnonzero(np.diff(probability[order])), len(order) - 1]
    hits = np.cumsum(label[order])[last]
    return hits, last + 1 - hits
