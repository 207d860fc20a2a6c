"""Least tails against the linear programme of HiGHS."""

import numpy as np
import pytest
from scipy.optimize import linprog

from scenara.finance.portfolio.strategies import MinimumCVaR, State
from scenara.finance.portfolio.strategies.interior_point import TOLERANCE
from scenara.finance.portfolio.strategies.tail_risk import TIE
from scenara.shared.errors import ConfigError


def mean_of_worst(losses, level):
    """Take the mean of the worst losses, the last of them in part."""
    worst = np.sort(losses)[::-1]
    n_worst = (1 - level) * len(worst)
    shares = np.clip(n_worst - np.arange(len(worst)), 0, 1)
    return shares @ worst / n_worst


def least_by_highs(returns, level, lower, upper):
    n_steps, n_assets = returns.shape
    costs = np.r_[np.zeros(n_assets), 1, np.full(n_steps, 1 / ((1 - level) * n_steps))]
    rows = np.c_[-returns, -np.ones(n_steps), -np.eye(n_steps)]
    limits = [(lower, upper)] * n_assets + [(None, None)] + [(0, None)] * n_steps
    total = np.r_[np.ones(n_assets), np.zeros(1 + n_steps)]
    found = linprog(costs, A_ub=rows, b_ub=np.zeros(n_steps), A_eq=[total], b_eq=[1], bounds=limits)
    return found.fun


@pytest.mark.parametrize("level", [0.5, 0.9, 0.95, 0.99, 0.999])
@pytest.mark.parametrize("limits", [(0.0, 1.0), (0.1, 0.3), (-0.5, 1.0)])
def test_the_tail_is_as_short_as_that_of_highs(past, level, limits):
    """Complementarity of all inequalities and the price of ties bound what may be missing."""
    lower, upper = limits
    strategy = MinimumCVaR(lookback=63, level=level, lower=lower, upper=upper)
    weights = strategy.weights(past, State()).numpy()
    for path in (0, 7):
        returns = past[:, path].numpy()
        scale = np.sqrt((returns**2).mean())
        n_inequalities = 2 * 5 + 2 * 63
        room = scale * (n_inequalities * TOLERANCE + TIE * 2)
        least = least_by_highs(returns, level, lower, upper)
        assert abs(mean_of_worst(-returns @ weights[path], level) - least) < room


def test_the_weights_keep_to_their_limits(past):
    weights = MinimumCVaR(lookback=63, lower=0.1, upper=0.3).weights(past, State())
    assert weights.min() >= 0.1
    assert weights.max() <= 0.3


def test_of_twins_each_is_given_half(past):
    weights = MinimumCVaR(lookback=63).weights(past[..., [0, 1, 1]], State())
    np.testing.assert_allclose(weights[:, 1], weights[:, 2], atol=1e-3)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"level": 1.0}, "level: expected a fraction"),
        ({"lower": 1.0, "upper": 0.0}, "expected finite limits"),
        ({"lookback": 0}, "at least 2 returns"),
    ],
)
def test_wrong_settings_are_refused(settings, message):
    with pytest.raises(ConfigError, match=message):
        MinimumCVaR(**settings)
