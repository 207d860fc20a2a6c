"""The returns of all that was tried: one matrix, checked once at the door of every test of luck."""

import numpy as np
import pandas as pd

from scenara.finance.portfolio.performance import moves
from scenara.shared.errors import DataError
from scenara.shared.types import Array, FloatArray

__all__ = ["read_trials", "sharpe_ratios", "variance_over_trials"]

_FEWEST_MEASURED = 10

_SAME = 1e-24
"""Squared deviations below this share of the mean square are rounding, and count as none."""


def read_trials(returns: pd.DataFrame | Array, *, least: int = 1, steps: int = 3) -> FloatArray:
    """Take the returns of each trial for what they are, or refuse them.

    Args:
        returns: Returns after costs and over cash, shape (steps, trials), or (steps,) for one.
        least: Fewest trials that make sense.
        steps: Fewest steps that make sense.

    Returns:
        The returns in float64, shape (steps, trials).

    Raises:
        DataError: The shape is another one, a number is not finite, or a trial never moves.

    Example:
        >>> read_trials(np.array([0.1, -0.1, 0.2])).shape
        (3, 1)
    """
    values = np.asarray(returns, dtype=np.float64)
    values = values[:, None] if values.ndim == 1 else values
    if values.ndim != 2 or values.shape[0] < steps or values.shape[1] < least:
        raise DataError(
            f"trials: expected returns of shape (steps, trials), at least {steps} by {least}; "
            f"found {np.shape(returns)}"
        )
    if not np.isfinite(values).all():
        step, trial = np.argwhere(~np.isfinite(values))[0]
        raise DataError(
            f"trials: found {values[step, trial]} at step {step} of trial {_name(returns, trial)}; "
            "expected finite returns: drop the step or the trial"
        )
    still = ~moves(values.T)
    if still.any():
        raise DataError(
            f"trials: the returns of trial {_name(returns, int(np.argmax(still)))} never change but "
            "by rounding, so that it has no Sharpe ratio; leave it out"
        )
    return values


def sharpe_ratios(returns: FloatArray) -> FloatArray:
    """Give the Sharpe ratio of each trial in one step, not a year.

    Args:
        returns: Returns over cash, shape (steps, trials).

    Returns:
        Mean over standard deviation with divisor n - 1, shape (trials,).

    Example:
        >>> sharpe_ratios(np.array([[1.0], [3.0], [2.0]])).tolist()
        [2.0]
    """
    mean, deviation = returns.mean(axis=0), returns.std(axis=0, ddof=1)
    floor = np.sqrt(_SAME * np.square(returns).mean(axis=0)) + np.finfo(np.float64).tiny
    ratios: FloatArray = mean / np.maximum(deviation, floor)
    return ratios


def variance_over_trials(ratios: FloatArray, *, n_trials: int, n_steps: int) -> FloatArray:
    """Give the variance of Sharpe ratios over trials that deflates the best of them.

    It is measured where all trials are given and there are ten or more. Of fewer, or where others
    were made, a single good one would be most of the variance, and its own hurdle however long its
    record: there it is the variance without skill, 1 / (n - 1).

    Args:
        ratios: Sharpe ratios a step of the trials given, shape (..., trials).
        n_trials: Number of trials in all.
        n_steps: Number of returns n of each.

    Returns:
        The variance, shape (...).

    Example:
        >>> float(variance_over_trials(np.array([0.1, 0.0]), n_trials=2, n_steps=101))
        0.01
    """
    if _FEWEST_MEASURED <= ratios.shape[-1] == n_trials:
        return np.asarray(ratios.var(axis=-1, ddof=1))
    return np.full(ratios.shape[:-1], 1 / (n_steps - 1))


def _name(returns: pd.DataFrame | Array, trial: int) -> str:
    return repr(returns.columns[trial]) if isinstance(returns, pd.DataFrame) else str(trial)
