"""How likely the best of more trials than are at hand does as well where nothing can be earned."""

from dataclasses import dataclass
from math import ceil, sqrt

import numpy as np
from scipy.special import ndtr

from scenara.finance.portfolio.luck.mirrored_days import mirrored_p_value, mirrored_statistics
from scenara.shared.types import FloatArray, RandomState

__all__ = ["LuckChance", "chance_of_more"]

_REACHING = 20
"""Draws that reach the statistic, at a chance that is just the level: what makes it sharp."""

_MOST_DRAWS = 9_999

_TINY = float(np.finfo(np.float64).tiny)
_TIGHTEST = float(1 / (4 * ndtr(-sqrt(2))))
"""How many times as likely as a normal law a sum with random signs is to lie beyond any bound."""


@dataclass(frozen=True, kw_only=True)
class LuckChance:
    """Hold the chance that the best of many does as well where nothing can be earned.

    Args:
        value: The chance.
        is_bound: Whether the chance is at most that, and was not counted.
    """

    value: float
    is_bound: bool


def chance_of_more(
    values: FloatArray,
    *,
    chosen: int,
    n_trials: int,
    level: float,
    n_draws: int,
    random_state: RandomState,
) -> LuckChance:
    r"""Give the p-value of mirrored days for as many trials as were made, not only those given.

    The p-value p of the m trials given becomes :math:`1 - (1 - p)^{N / m}` for N trials. As p is at
    least one over the draws, there are at least :math:`20 N / (m \alpha)` draws, up to 9,999. Where
    none of them reaches the statistic t, the chance is also at most
    :math:`N c \, P(Z \ge t)` with a normal Z and :math:`c = 1 / (4 P(Z \ge \sqrt 2)) = 3.18`: no sum
    with fair signs whose squares sum to one is likelier to reach t than c times a normal law, and
    the chances of N trials sum at most. A bound that is used only where counting could not decide
    leaves the error rate below the level.

    Args:
        values: Returns that were checked before, shape (steps, trials).
        chosen: Position of the trial in question.
        n_trials: Number of trials N in all.
        level: Chance of a wrong claim that is accepted.
        n_draws: Least number of mirrored histories.
        random_state: Seed of the mirrored histories.

    Returns:
        The chance, and whether it is a bound.

    Example:
        >>> rises = np.full((900, 1), 0.01)
        >>> how = {"chosen": 0, "level": 0.05, "n_draws": 999, "random_state": 0}
        >>> chance_of_more(rises, n_trials=1, **how).value < 1e-100
        True

    References:
        Bentkus and Dzindzalieta (2015), A tight Gaussian bound for weighted sums of Rademacher
        random variables, Bernoulli 21(2), theorem 1.1. https://doi.org/10.3150/14-BEJ603
    """
    more = n_trials / values.shape[1]
    n_draws = max(n_draws, min(ceil(_REACHING * more / level), _MOST_DRAWS))
    p_value = mirrored_p_value(
        values, chosen=chosen, n_draws=n_draws, rng=np.random.default_rng(random_state)
    )
    counted = float(-np.expm1(more * np.log1p(-p_value))) if p_value < 1 else 1.0
    if p_value > 1 / (n_draws + 1):
        return LuckChance(value=counted, is_bound=False)
    statistic = float(mirrored_statistics(values)[chosen])
    bound = max(n_trials * _TIGHTEST * float(ndtr(-statistic)), _TINY)
    return LuckChance(value=min(counted, bound), is_bound=bound < counted)
