"""GJR-GARCH against finite differences, known processes and prices that stood still."""

import numpy as np
import pytest

from scenara.shared.generators import make
from scenara.shared.generators.series.gjr import _Loss, filter_variance, fit_gjr

TRUTH = {"omega": 0.05, "alpha": 0.04, "gamma": 0.09, "beta": 0.86}
FREEDOM = 6


def simulated(n_channels, n_steps, seed):
    """Simulate GJR-GARCH with t shocks and stationary variance one, (steps, channels)."""
    rng = np.random.default_rng(seed)
    shocks = rng.standard_t(FREEDOM, (n_steps, n_channels)) * np.sqrt((FREEDOM - 2) / FREEDOM)
    variance, out = np.ones(n_channels), np.empty_like(shocks)
    persistence = TRUTH["alpha"] + TRUTH["gamma"] / 2 + TRUTH["beta"]
    omega = 1 - persistence
    for step, z in enumerate(shocks):
        out[step] = z * np.sqrt(variance)
        response = TRUTH["alpha"] + TRUTH["gamma"] * (z < 0)
        variance = omega + response * out[step] ** 2 + TRUTH["beta"] * variance
    return out


@pytest.fixture(scope="module")
def channels():
    return simulated(16, 5_000, seed=0)


@pytest.fixture(scope="module")
def replicates(channels):
    return fit_gjr(channels, variance_targeting=False)


@pytest.mark.parametrize("name", ["omega", "alpha", "gamma", "beta"])
def test_fits_of_many_channels_centre_on_the_truth(replicates, name):
    found = getattr(replicates, name)
    error = found.std(ddof=1) / np.sqrt(len(found))
    truth = 1 - 0.04 - 0.045 - 0.86 if name == "omega" else TRUTH[name]
    assert abs(found.mean() - truth) < 4 * error + 0.002  # the bias of a finite sample


@pytest.mark.parametrize("zeros", [0.0, 0.3])
def test_gradient_equals_finite_differences(channels, zeros):
    returns = channels[:1_500, 0].copy()
    returns[np.random.default_rng(1).random(1_500) < zeros] = 0.0
    loss, x = _Loss(returns), np.array([0.02, 0.05, 0.03, 0.12, 0.88, 0.15])
    moves = 1e-6 * np.eye(6)
    expected = [(loss(x + move)[0] - loss(x - move)[0]) / 2e-6 for move in moves]
    np.testing.assert_allclose(loss(x)[1], expected, rtol=1e-5, atol=1e-8)


def with_a_halt(returns, start, n_days):
    halted = returns.copy()
    halted[start : start + n_days] = 0.0
    return halted


def test_a_halt_of_trading_does_not_change_the_fit(channels):
    whole = channels[:, :1]
    calm = fit_gjr(whole, variance_targeting=False)
    halted = fit_gjr(with_a_halt(whole, 2_000, 150), variance_targeting=False)
    assert halted.beta[0] == pytest.approx(calm.beta[0], abs=0.02)
    assert halted.alpha[0] == pytest.approx(calm.alpha[0], abs=0.01)


def test_variance_stays_as_it_is_through_a_halt(channels):
    halted = with_a_halt(channels[:, :1], 2_000, 150)
    variance = filter_variance(halted, fit_gjr(halted))[:, 0]
    assert (variance[2_000:2_150] == variance[2_000]).all()
    assert variance[2_151] != variance[2_150]


def test_an_asset_that_seldom_trades_has_a_fit_with_moderate_responses(channels):
    rng = np.random.default_rng(2)
    seldom = np.where(rng.random((5_000, 1)) < 0.6, 0.0, channels[:, :1])
    model = fit_gjr(seldom)
    assert model.alpha[0] + model.gamma[0] < 0.4
    paths = make("series/fhs").fit(seldom).sample(200, horizon=252, random_state=0)
    assert paths.std() == pytest.approx(seldom.std(), rel=0.25)


def test_paths_keep_the_variance_of_each_channel(channels):
    fitted = make("series/fhs").fit(channels[:, :3])
    squares = fitted.sample(2_000, horizon=100, random_state=0) ** 2
    found = squares.mean(axis=1)
    error = found.std(axis=0) / np.sqrt(len(found))
    expected = (channels[:, :3] ** 2).mean(axis=0)
    assert (abs(found.mean(axis=0) - expected) < 4 * error + 0.03 * expected).all()


def test_paths_have_leverage(channels):
    fitted = make("series/fhs").fit(channels[:, :3])
    paths = fitted.sample(2_000, horizon=100, random_state=0)
    down, after = paths[:, :-1] < 0, paths[:, 1:] ** 2
    assert after[down].mean() > 1.05 * after[~down].mean()
