"""Glide paths: how equity, and at last bonds, make room as the payments of a goal come near."""

from collections.abc import Sequence

import numpy as np

from scenara.finance.advisor.goals import DatedGoal
from scenara.shared.types import FloatArray

__all__ = ["CALM_YEARS", "calm_path", "calm_paths", "glide_months", "glide_path", "glide_paths"]

CALM_YEARS = 3.0
"""Years before a payment over which its bonds become cash: long bonds may fall as shares do."""


def glide_months(first_month: int, *, glide_years: float) -> float:
    """Give the months over which equity is cut before a payment: all there are, at most so many.

    Args:
        first_month: Month of the payment.
        glide_years: Longest glide.

    Returns:
        Months, at most ``first_month``.

    Example:
        >>> glide_months(60, glide_years=10), glide_months(300, glide_years=10)
        (60.0, 120.0)
    """
    return float(min(first_month, 12 * glide_years))


def glide_path(goal: DatedGoal, *, n_months: int, glide_years: float) -> FloatArray:
    r"""Give the share of its full equity that a goal's account holds in each month.

    Each payment due in :math:`T_k` months lets go of equity over the years before it, in a straight
    line to nothing: :math:`\min(1, (T_k - t) / N)`. The account holds the mean over the payments
    that are left, so that money for the last years of a retirement stays invested when the first
    are paid. A payment that is later has a share at least as large in every month. Money that is
    left when all is paid stays out of equity.

    Args:
        goal: With its payments.
        n_months: Months of the plan.
        glide_years: Length :math:`N` of the glide.

    Returns:
        Shares from 0 to 1, (n_months,).

    Example:
        >>> glide_path(DatedGoal("car", "wish", 1.0, 24), n_months=4, glide_years=1).tolist()
        [1.0, 1.0, 1.0, 1.0]
    """
    return _mean_left(goal, n_months, 12 * glide_years)


def calm_path(goal: DatedGoal, *, n_months: int, glide_years: float) -> FloatArray:
    r"""Give the share of a goal's account that is kept in cash in each month.

    What a payment due in :math:`T_k` months needs becomes cash over the last ``CALM_YEARS`` years
    before it (over the whole glide where that is shorter), in a straight line:
    :math:`1 - \min(1, (T_k - t) / 36)`. The account holds the mean over the payments that are left;
    a payment that is later never needs more cash in any month, and equity never needs more than
    what is not cash. Money that is left when all is paid is cash.

    Args:
        goal: With its payments.
        n_months: Months of the plan.
        glide_years: Length of the glide of equity.

    Returns:
        Shares from 0 to 1, (n_months,).

    Example:
        >>> car = DatedGoal("car", "wish", 1.0, 48)
        >>> calm_path(car, n_months=49, glide_years=10)[[0, 12, 30, 48]].tolist()
        [0.0, 0.0, 0.5, 1.0]
    """
    return 1 - _mean_left(goal, n_months, 12 * min(CALM_YEARS, glide_years))


def _mean_left(goal: DatedGoal, n_months: int, length: float) -> FloatArray:
    """Give the mean over the payments left of the time to each, as a share of a length."""
    left = goal.months[:, None] - np.arange(n_months)
    shares = np.clip(left / length, 0.0, 1.0)
    n_left = (left > 0).sum(axis=0)
    path: FloatArray = shares.sum(axis=0) / np.maximum(n_left, 1)
    return path


def glide_paths(goals: Sequence[DatedGoal], *, n_months: int, glide_years: float) -> FloatArray:
    """Give the glide path of each goal.

    Args:
        goals: The goals.
        n_months: Months of the plan.
        glide_years: Length of a glide.

    Returns:
        Shape (goals, n_months).
    """
    return np.stack([glide_path(g, n_months=n_months, glide_years=glide_years) for g in goals])


def calm_paths(goals: Sequence[DatedGoal], *, n_months: int, glide_years: float) -> FloatArray:
    """Give the share of each goal's account that is kept in cash.

    Args:
        goals: The goals.
        n_months: Months of the plan.
        glide_years: Length of a glide of equity.

    Returns:
        Shape (goals, n_months).
    """
    return np.stack([calm_path(g, n_months=n_months, glide_years=glide_years) for g in goals])
