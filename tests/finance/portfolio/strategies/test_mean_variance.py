"""Mean and variance against skfolio, the conditions of an optimum and closed forms."""

import numpy as np
import pandas as pd
import pytest
import torch
from skfolio import RiskMeasure
from skfolio.optimization import MeanRisk, ObjectiveFunction
from skfolio.prior import EmpiricalPrior

from scenara.finance.portfolio.strategies import MeanVariance, State
from scenara.finance.portfolio.strategies.estimates import LEAST_SHRINKAGE, shrunk_covariance
from scenara.finance.portfolio.strategies.interior_point import TOLERANCE
from scenara.finance.portfolio.strategies.mean_variance import highest_mean, mean_variance_weights
from scenara.shared.errors import ConfigError

N_STEPS = 63


def utility(weights, path, risk_aversion):
    covariance = np.cov(path.T, bias=True)
    return weights @ path.mean(0) - risk_aversion / 2 * weights @ covariance @ weights


@pytest.mark.parametrize("risk_aversion", [0.5, 5.0, 50.0])
@pytest.mark.parametrize("limits", [(0.0, 1.0), (0.0, 0.3), (-0.5, 1.0)])
def test_no_weights_of_skfolio_are_worth_more(past, risk_aversion, limits):
    """The shrinkage that is always there and the stopping rule bound what may be missing."""
    lower, upper = limits
    ours = MeanVariance(
        lookback=N_STEPS, risk_aversion=risk_aversion, lower=lower, upper=upper, shrinkage=0.0
    ).weights(past, State())
    theirs = MeanRisk(
        objective_function=ObjectiveFunction.MAXIMIZE_UTILITY,
        risk_measure=RiskMeasure.VARIANCE,
        # Their covariance has divisor n - 1, and their utility takes all of the variance.
        risk_aversion=risk_aversion / 2 * (N_STEPS - 1) / N_STEPS,
        min_weights=lower,
        max_weights=upper,
        prior_estimator=EmpiricalPrior(),
    )
    path = past[:, 2].numpy()
    weights = theirs.fit(pd.DataFrame(path)).weights_
    variance = np.var(path, axis=0).mean()
    unit = max(risk_aversion * variance, np.ptp(path.mean(0)))
    room = risk_aversion * LEAST_SHRINKAGE * variance * 2 + unit * TOLERANCE * 100
    assert (
        utility(ours[2].numpy(), path, risk_aversion) > utility(weights, path, risk_aversion) - room
    )


def test_the_target_is_met_at_least_variance(past):
    """Karush-Kuhn-Tucker: where assets are held, marginal variances are a line in the means."""
    target = 0.3
    weights = MeanVariance(lookback=N_STEPS, target_return=target).weights(past, State())
    means = past.mean(0)
    covariance = shrunk_covariance(past)
    reached = (weights * means).sum(-1) * 252
    within = target < highest_mean(means, lower=0.0, upper=1.0)[:, 0] * 252 * 0.99
    assert bool(within.any())
    assert bool((reached[within] >= target - 1e-6).all())
    for path in torch.nonzero(within)[:, 0]:
        held = weights[path] > 1e-4
        marginal = (covariance[path] @ weights[path])[held].numpy()
        lines = np.stack([np.ones(int(held.sum())), means[path][held].numpy()], axis=1)
        fitted = lines @ np.linalg.lstsq(lines, marginal, rcond=None)[0]
        np.testing.assert_allclose(fitted, marginal, rtol=1e-4)


def test_a_target_that_no_portfolio_had_is_lowered_to_nearly_the_highest_mean(past):
    """It is left a thousandth of the range of means below it."""
    weights = MeanVariance(lookback=N_STEPS, target_return=1e6).weights(past, State())
    means = past.mean(0)
    missing = means.amax(-1) - (weights * means).sum(-1)
    spread = means.amax(-1) - means.amin(-1)
    assert bool((missing <= spread * (1e-3 + 1e-6)).all())


def test_a_target_below_every_mean_leaves_least_variance(past):
    free = MeanVariance(lookback=N_STEPS, target_return=-100.0).weights(past, State())
    averse = MeanVariance(lookback=N_STEPS, risk_aversion=1e7).weights(past, State())
    torch.testing.assert_close(free, averse, rtol=0, atol=1e-5)


def test_within_wide_limits_it_agrees_with_the_closed_form(past):
    r"""Lagrange: w = C^-1 (mu - m 1) / a, with m such that the weights sum to one."""
    covariance = shrunk_covariance(past)[0].numpy()
    means = past.mean(0)[0].numpy()
    inverse = np.linalg.inv(covariance)
    price = (np.ones(5) @ inverse @ means - 20.0) / inverse.sum()
    expected = inverse @ (means - price) / 20.0
    found = mean_variance_weights(
        past.mean(0), shrunk_covariance(past), risk_aversion=20.0, lower=-50.0, upper=50.0
    )
    np.testing.assert_allclose(found[0], expected, atol=1e-6)


def test_the_highest_mean_agrees_with_a_greedy_loop():
    means = torch.randn(20, 6, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    expected = []
    for path in means.numpy():
        weights = np.full(6, -0.1)
        for asset in np.argsort(-path):
            weights[asset] += min(0.5, 1 - weights.sum())
        expected.append(weights @ path)
    found = highest_mean(means, lower=-0.1, upper=0.4)[:, 0]
    np.testing.assert_allclose(found, expected, atol=1e-12)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"lower": 0.5, "upper": 0.1}, "expected finite limits in this order"),
        ({"upper": float("inf")}, "expected finite limits"),
        ({"risk_aversion": 0}, "risk_aversion: expected a positive"),
        ({"shrinkage": 2}, "shrinkage: expected a number in"),
        ({"lookback": 1}, "at least 2 returns"),
    ],
)
def test_wrong_settings_are_refused(settings, message):
    with pytest.raises(ConfigError, match=message):
        MeanVariance(**settings)


@pytest.mark.parametrize("limits", [(0.0, 0.1), (0.3, 1.0)])
def test_limits_that_no_portfolio_keeps_to_are_refused(past, limits):
    strategy = MeanVariance(lookback=N_STEPS, lower=limits[0], upper=limits[1])
    with pytest.raises(ConfigError, match="weights of 5 assets in .* can't sum to one"):
        strategy.weights(past, State())
