"""How well a simple classifier tells generated rows from real ones."""

import numpy as np
from scipy.optimize import minimize

from scenara.shared.errors import DataError
from scenara.shared.types import Array, FloatArray, IntArray, RandomState

__all__ = ["area_under_curve", "classifier_two_sample"]

CLIP = 6.0
N_GENERATED_PER_REAL = 4


def classifier_two_sample(
    real: FloatArray,
    generated: FloatArray,
    *,
    n_folds: int = 5,
    penalty: float = 1.0,
    random_state: RandomState = 0,
) -> float:
    """Estimate how well a regularised logistic regression tells generated rows from real ones.

    Columns are standardised, clipped at six deviations and joined by their squares; both
    classes weigh the same. Folds are contiguous blocks of rows, because neighbouring rows of a
    time series resemble each other and would leak. The area under the curve is taken within
    each fold and averaged: scores of different folds are not comparable.

    Args:
        real: Rows in the order of time, shape ``(n, k)``, at least ``n_folds`` rows.
        generated: Rows to be told from them, shape ``(m, k)``; of more than four times as many
            as there are real ones, a random part is used.
        n_folds: Number of blocks.
        penalty: Weight of the squared coefficients; the intercept is free.
        random_state: Seed of the subsample.

    Returns:
        Area under the curve out of sample: .5 is indistinguishable, 1 is told apart for sure.

    Raises:
        DataError: If there are fewer rows than folds, or the columns differ in number.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> x, y = rng.normal(size=(50, 2)), rng.normal(5, 1, size=(50, 2))
        >>> classifier_two_sample(x, y)
        1.0

    References:
        Lopez-Paz, Oquab (2017), Revisiting classifier two-sample tests, ICLR,
        https://arxiv.org/abs/1610.06545
    """
    _check_rows(real, generated, n_folds)
    generated = _subsample(generated, N_GENERATED_PER_REAL * len(real), random_state)
    rows = np.vstack([real, generated])
    label = np.r_[np.ones(len(real)), np.zeros(len(generated))]
    fold = np.r_[_blocks(len(real), n_folds), _blocks(len(generated), n_folds)]
    areas = [_held_out_area(rows, label, fold == k, penalty) for k in range(n_folds)]
    return float(np.mean(areas))


def area_under_curve(label: FloatArray, score: FloatArray) -> float:
    """Compute the chance that a positive outranks a negative; ties count half.

    Args:
        label: Ones and zeros, shape ``(n,)``, both present.
        score: Any number that grows with the belief in a one, shape ``(n,)``.

    Returns:
        Area under the receiver operating characteristic.

    Example:
        >>> area_under_curve(np.array([0, 1, 1, 0]), np.array([0.1, 0.4, 0.3, 0.3]))
        0.875

    References:
        Hanley, McNeil (1982), The meaning and use of the area under a receiver operating
        characteristic (ROC) curve, Radiology 143(1).
    """
    n_positive = label.sum()
    n_negative = len(label) - n_positive
    rank_sum = _ranks(score)[label == 1].sum()
    return float((rank_sum - n_positive * (n_positive + 1) / 2) / (n_positive * n_negative))


def _ranks(score: FloatArray) -> FloatArray:
    """Rank from 1 upwards; ties share the mean of their ranks."""
    ordered = np.sort(score)
    below = np.searchsorted(ordered, score, side="left")
    up_to = np.searchsorted(ordered, score, side="right")
    ranks: FloatArray = (below + up_to + 1) / 2
    return ranks


def _check_rows(real: FloatArray, generated: FloatArray, n_folds: int) -> None:
    for name, rows in (("real", real), ("generated", generated)):
        if len(rows) < n_folds:
            raise DataError(
                f"{name}: found {len(rows)} rows, expected at least {n_folds}, one for each fold; "
                f"give more data or fewer folds"
            )
    if real.shape[1] != generated.shape[1]:
        raise DataError(
            f"generated: found {generated.shape[1]} columns, expected {real.shape[1]} as in real"
        )


def _subsample(rows: FloatArray, n_rows: int, random_state: RandomState) -> FloatArray:
    if len(rows) <= n_rows:
        return rows
    return rows[np.random.default_rng(random_state).permutation(len(rows))[:n_rows]]


def _blocks(n_rows: int, n_folds: int) -> IntArray:
    """Give the fold of each row: contiguous blocks of nearly equal length."""
    blocks: IntArray = np.arange(n_rows) * n_folds // n_rows
    return blocks


def _held_out_area(rows: FloatArray, label: FloatArray, test: Array, penalty: float) -> float:
    train = ~test
    design = _design(rows, rows[train])
    coefficient = _fit_logistic(design[train], label[train], penalty)
    return area_under_curve(label[test], design[test] @ coefficient[1:] + coefficient[0])


def _design(rows: FloatArray, train: FloatArray) -> FloatArray:
    """Standardise by the training rows, clip, and append the squares."""
    z = np.clip((rows - train.mean(0)) / (train.std(0) + 1e-9), -CLIP, CLIP)
    return np.hstack([z, z**2 - 1])


def _fit_logistic(design: FloatArray, label: FloatArray, penalty: float) -> FloatArray:
    """Minimise the balanced logistic loss with an L2 penalty; the intercept comes first."""
    n_positive = label.sum()
    weight = np.where(label == 1, 0.5 / n_positive, 0.5 / (len(label) - n_positive)) * len(label)
    sign = 2 * label - 1

    def loss_and_gradient(coefficient: FloatArray) -> tuple[float, FloatArray]:
        intercept, slope = coefficient[0], coefficient[1:]
        margin = sign * (design @ slope + intercept)
        loss = (weight * np.logaddexp(0, -margin)).sum() + penalty * (slope**2).sum()
        pull = -weight * sign / (1 + np.exp(np.clip(margin, -50, 50)))
        return loss, np.r_[pull.sum(), design.T @ pull + 2 * penalty * slope]

    start = np.zeros(design.shape[1] + 1)
    fitted: FloatArray = minimize(loss_and_gradient, start, jac=True, method="L-BFGS-B").x
    return fitted
