"""Filtered historical simulation against arch and against the moments of its own law."""

import numpy as np
import pytest
from arch import arch_model
from contracts import example_returns

from scenara.shared.errors import ConfigError
from scenara.shared.generators import make
from scenara.shared.generators.series.gjr import GJR, filter_variance, fit_gjr


@pytest.fixture(scope="module")
def returns():
    return example_returns(1_500, ("A", "B")).to_numpy()


def gjr(*values):
    return GJR(*(np.array([value]) for value in values))


def simulated(model, n_steps, seed):
    shocks = np.random.default_rng(seed).standard_normal((n_steps, 1))
    variance, out = np.array([model.omega / (1 - 0.95)]).reshape(1), []
    for z in shocks:
        shock = z * np.sqrt(variance)
        out.append(model.mean + shock)
        variance = model.next_variance(shock, variance)
    return np.array(out)


def test_filtered_variance_equals_archs(returns):
    scaled = 100 * returns[:, :1]
    fit = arch_model(scaled, mean="Constant", p=1, o=1, q=1, rescale=False).fit(disp="off")
    model = gjr(*fit.params[["mu", "omega", "alpha[1]", "gamma[1]", "beta[1]"]])
    ours = np.sqrt(filter_variance(scaled, model)[:-1, 0])
    np.testing.assert_allclose(ours[250:], fit.conditional_volatility[250:], rtol=1e-6)


def test_free_fit_equals_archs(returns):
    model = fit_gjr(returns, variance_targeting=False)
    scaled = returns[:, 0] / returns[:, 0].std()
    fit = arch_model(scaled, p=1, o=1, q=1, dist="t", rescale=False).fit(disp="off")
    assert model.beta[0] == pytest.approx(fit.params["beta[1]"], abs=1e-5)
    assert model.mean[0] == pytest.approx(fit.params["mu"] * returns[:, 0].std(), abs=1e-7)


def test_fit_recovers_a_known_process():
    truth = gjr(0.0, 0.05, 0.05, 0.08, 0.86)
    found = fit_gjr(simulated(truth, 12_000, 0), variance_targeting=False)
    assert found.beta[0] == pytest.approx(0.86, abs=0.03)
    assert found.gamma[0] == pytest.approx(0.08, abs=0.03)


def persistence(model, returns):
    shocks = returns - model.mean
    standard = shocks / np.sqrt(filter_variance(returns, model)[:-1])
    negative = (standard**2 * (standard < 0)).sum(0) / (standard**2).sum(0)
    return model.alpha + model.gamma * negative + model.beta


def test_targeting_gives_the_observed_variance(returns):
    model = fit_gjr(returns)
    stationary = model.omega / (1 - persistence(model, returns))
    np.testing.assert_allclose(stationary, (returns - model.mean).var(0), rtol=0.05)


def test_persistence_is_scaled_down_to_its_bound(returns):
    assert (persistence(fit_gjr(returns), returns) > 0.85).any()
    bound = persistence(fit_gjr(returns, maximum_persistence=0.8), returns)
    np.testing.assert_allclose(bound, 0.8, rtol=0.01)


def test_shocks_of_one_day_stay_together(returns):
    fitted = make("series/fhs").fit(returns)
    paths = fitted.sample(1_000, horizon=1, random_state=0)
    found = np.corrcoef(paths[:, 0].T)[0, 1]
    expected = np.corrcoef(returns.T)[0, 1]
    assert abs(found - expected) < 4 * (1 - expected**2) / np.sqrt(1_000) + 0.05


def test_refuses_a_persistence_of_one(returns):
    with pytest.raises(ConfigError, match="maximum_persistence"):
        make("series/fhs", maximum_persistence=1.0).fit(returns)


def test_volatility_starts_anew_in_each_series(returns):
    series = returns.reshape(3, 500, 2) * np.array([1.0, 5.0, 1.0])[:, None, None]
    fitted = make("series/fhs").fit(series)
    found = fitted.variances_.reshape(3, 500, 2)
    for variances, steps in zip(found, series, strict=True):
        expected = filter_variance(steps, fitted.model_)[:-1]
        np.testing.assert_allclose(variances, expected, rtol=1e-12)


def test_a_fit_tells_of_every_channel(returns):
    told = []
    make("series/fhs").fit(returns, progress=lambda *args: told.append(args[:3]))
    assert told == [("fit", 1, 2), ("fit", 2, 2)]
