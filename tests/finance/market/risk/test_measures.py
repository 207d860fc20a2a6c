import numpy as np
import pytest
from scipy.stats import norm

from scenara.finance.market.risk import (
    expected_shortfall,
    max_drawdowns,
    portfolio_losses,
    portfolio_risk,
    risk_contributions,
    tail_measures,
    value_at_risk,
)
from scenara.shared.errors import ConfigError, DataError

WEIGHTS = np.array([0.5, 0.3, 0.2])


@pytest.fixture(scope="module")
def worlds():
    rng = np.random.default_rng(0)
    common = rng.standard_t(5, size=(4000, 5, 1))
    return 0.01 * (common + rng.normal(size=(4000, 5, 3)))


@pytest.mark.parametrize("level", [0.9, 0.99])
@pytest.mark.parametrize("band", ["asymptotic", "bootstrap"])
def test_bands_cover_the_truth_as_often_as_they_say(level, band):
    quantile = norm.ppf(level)
    truth = {"VaR": quantile, "ES": norm.pdf(quantile) / (1 - level)}
    rng, n_trials = np.random.default_rng(1), 100 if band == "asymptotic" else 40
    covered = {"VaR": 0, "ES": 0}
    for _ in range(n_trials):
        table = tail_measures(rng.normal(size=3000), levels=(level,), band=band, confidence=0.9)
        for measure in covered:
            low, high = table.loc[(measure, level), ["low", "high"]]
            covered[measure] += low <= truth[measure] <= high

    error = 3 * np.sqrt(0.9 * 0.1 / n_trials)
    assert covered["VaR"] / n_trials == pytest.approx(0.9, abs=error)
    assert covered["ES"] / n_trials == pytest.approx(0.9, abs=error)


def test_probabilities_count_as_repeated_worlds():
    losses, repeats = np.random.default_rng(2).normal(size=200), np.arange(200) % 4
    chances = repeats / repeats.sum()
    repeated = np.repeat(losses, repeats)

    assert value_at_risk(losses, level=0.95, probabilities=chances) == value_at_risk(
        repeated, level=0.95
    )
    assert expected_shortfall(losses, level=0.95, probabilities=chances) == pytest.approx(
        expected_shortfall(repeated, level=0.95)
    )


def test_losses_scale_with_the_weights(worlds):
    fractions, money = (portfolio_losses(worlds, factor * WEIGHTS) for factor in (1, 1e6))

    assert money == pytest.approx(1e6 * fractions)


def test_drawdowns_are_those_of_a_loop(worlds):
    found = max_drawdowns(worlds[:5], WEIGHTS)

    for path, fall in zip(worlds[:5], found, strict=True):
        wealth = [1.0, *(np.exp(path[: day + 1].sum(axis=0)) @ WEIGHTS for day in range(5))]
        slow = max(1 - wealth[b] / wealth[a] for a in range(6) for b in range(a, 6))
        assert fall == pytest.approx(slow)


def test_measures_are_ordered(worlds):
    table = portfolio_risk(worlds, WEIGHTS, horizons=(1, 5))["estimate"].unstack("measure")

    assert (table["ES"] >= table["VaR"]).all()
    assert (table["mean drawdown beyond"] >= table["drawdown"]).all()
    assert (table["drawdown"] >= table["VaR"] - 1e-12).all()


@pytest.mark.parametrize("weights", [WEIGHTS, np.array([1.0, -0.5, 0.0]), 1e6 * WEIGHTS])
@pytest.mark.parametrize("chances", [None, "uneven"])
def test_components_add_up_exactly(worlds, weights, chances):
    chances = None if chances is None else np.arange(1, 4001) / np.arange(1, 4001).sum()
    losses = portfolio_losses(worlds, weights)

    parts = risk_contributions(worlds, weights, level=0.975, probabilities=chances).sum()

    var = value_at_risk(losses, level=0.975, probabilities=chances)
    es = expected_shortfall(losses, level=0.975, probabilities=chances)
    assert parts["component_var"] == pytest.approx(var, rel=1e-9)
    assert parts["component_es"] == pytest.approx(es, rel=1e-9)


def test_components_of_a_normal_portfolio_are_its_covariances():
    covariance = np.array([[1.0, 0.3, 0.1], [0.3, 2.0, 0.2], [0.1, 0.2, 0.5]]) * 1e-6
    days = np.random.default_rng(3).multivariate_normal(np.zeros(3), covariance, size=(200_000, 1))
    sigma = np.sqrt(WEIGHTS @ covariance @ WEIGHTS)
    shares = WEIGHTS * (covariance @ WEIGHTS) / sigma**2

    found = risk_contributions(days, WEIGHTS, level=0.95, confidence=0.999)

    assert (found["var_low"] <= shares * 1.645 * sigma).all()
    assert (shares * 1.645 * sigma <= found["var_high"]).all()
    es_shares = (found["component_es"] / found["component_es"].sum()).to_numpy()
    assert es_shares == pytest.approx(shares, abs=0.01)


def test_the_marginal_es_is_the_slope_by_the_weight(worlds):
    step = np.array([1e-6, 0, 0])
    up, down = (
        expected_shortfall(portfolio_losses(worlds, WEIGHTS + sign * step), level=0.95)
        for sign in (1, -1)
    )

    found = risk_contributions(worlds, WEIGHTS, level=0.95)

    assert found["marginal_es"][0] == pytest.approx((up - down) / 2e-6, rel=1e-3)


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"weights": np.ones(2)}, DataError, "expected 3 finite numbers"),
        ({"horizons": (6,)}, ConfigError, "1 to 5 days"),
        ({"levels": (1.0,)}, ConfigError, "between 0 and 1"),
        ({"probabilities": np.full(4000, 0.1)}, DataError, "sum of 1"),
        ({"band": "wide"}, ConfigError, "bootstrap"),
    ],
)
def test_what_does_not_fit_is_refused(worlds, change, error, message):
    with pytest.raises(error, match=message):
        portfolio_risk(**{"worlds": worlds, "weights": WEIGHTS, **change})


@pytest.mark.parametrize(
    ("losses", "message"),
    [
        (np.array([]), r"one a world, found shape \(0,\)"),
        (np.array([1.0, np.nan, 2.0]), "found nan in world 1"),
        (np.array([1.0, np.inf]), "found inf in world 1"),
    ],
)
@pytest.mark.parametrize("measure", [value_at_risk, expected_shortfall])
def test_losses_without_a_quantile_are_refused(measure, losses, message):
    with pytest.raises(DataError, match=message):
        measure(losses, level=0.5)
