"""A test in which nothing can be earned by construction: each day is as likely to be its mirror."""

import numpy as np
import pandas as pd

from scenara.finance.portfolio.luck.trials import read_trials
from scenara.shared.errors import ConfigError, DataError
from scenara.shared.types import Array, FloatArray, RandomState

__all__ = ["mirrored_days_test"]

_DRAWS_AT_ONCE = 512


def mirrored_days_test(
    returns: pd.DataFrame | Array,
    *,
    chosen: int | None = None,
    n_draws: int = 999,
    random_state: RandomState = 0,
) -> float:
    r"""Give the chance that the best of all trials does as well where no trial can earn anything.

    All returns of a day change their sign together, by a fair coin for each day, so that volatility
    and the dependence among trials stay as they are. With :math:`t_k = \sum_t r_{tk} /
    \sqrt{\sum_t r_{tk}^2}`, which grows with the Sharpe ratio, the p-value is the share of draws
    whose largest :math:`t` reaches that of the chosen trial, the data counted as one draw. Where a
    day's returns and their mirror are equally likely given the size of all moves, a p-value of at
    most :math:`\alpha` has a chance of at most :math:`\alpha`, however many trials there are.

    Args:
        returns: Returns after costs and over cash of each trial, shape (steps, trials).
        chosen: Position of the trial in question; None for the one with the largest statistic.
        n_draws: Number of mirrored histories.
        random_state: Seed of the coins.

    Returns:
        The p-value, corrected for the choice among all trials.

    Raises:
        ConfigError: There is no draw.
        DataError: Returns are not finite, a trial never moves, or the chosen one is not there.

    Example:
        >>> noise = np.random.default_rng(1).normal(0, 0.01, (500, 50))
        >>> mirrored_days_test(noise) > 0.05
        True

    References:
        Romano and Wolf (2005), Exact and approximate stepdown methods for multiple hypothesis
        testing, Journal of the American Statistical Association 100(469), on the largest statistic
        of a randomisation test. https://doi.org/10.1198/016214504000000539
    """
    values = read_trials(returns)
    if n_draws < 1:
        raise ConfigError(f"n_draws: expected at least 1, found {n_draws!r}")
    if chosen is not None and not 0 <= chosen < values.shape[1]:
        raise DataError(f"chosen: expected a trial from 0 to {values.shape[1] - 1}, found {chosen}")
    return mirrored_p_value(
        values, chosen=chosen, n_draws=n_draws, rng=np.random.default_rng(random_state)
    )


def mirrored_p_value(
    values: FloatArray, *, chosen: int | None, n_draws: int, rng: np.random.Generator
) -> float:
    """Give the p-value of returns that were checked before; trials that never move count nothing.

    Args:
        values: Returns, shape (steps, trials).
        chosen: Position of the trial in question, or None for the best.
        n_draws: Number of mirrored histories.
        rng: Where coins come from.

    Returns:
        The p-value.

    Example:
        >>> rises = np.full((20, 1), 0.01)
        >>> mirrored_p_value(rises, chosen=None, n_draws=99, rng=np.random.default_rng(0))
        0.01
    """
    standard = _standard(values)
    statistics = standard.sum(axis=0)
    # The margin keeps a mirror that is the data themselves from counting less by rounding.
    reached = float(statistics.max() if chosen is None else statistics[chosen]) - 1e-9
    n_reaching = 1
    for start in range(0, n_draws, _DRAWS_AT_ONCE):
        shape = (min(_DRAWS_AT_ONCE, n_draws - start), len(values))
        signs = 2.0 * rng.integers(2, size=shape, dtype=np.int8) - 1.0
        n_reaching += int(((signs @ standard).max(axis=1) >= reached).sum())
    return n_reaching / (n_draws + 1)


def mirrored_statistics(values: FloatArray) -> FloatArray:
    """Give the statistic of each trial: its sum over the root of its sum of squares.

    Args:
        values: Returns, shape (steps, trials).

    Returns:
        The statistics, shape (trials,); 0 for a trial that never moves.

    Example:
        >>> mirrored_statistics(np.array([[1.0, 0.0], [1.0, 0.0], [1.0, 0.0], [1.0, 0.0]])).tolist()
        [2.0, 0.0]
    """
    return np.asarray(_standard(values).sum(axis=0))


def _standard(values: FloatArray) -> FloatArray:
    sizes = np.sqrt(np.square(values).sum(axis=0))
    standard: FloatArray = values / np.where(sizes > 0, sizes, 1)
    return standard
