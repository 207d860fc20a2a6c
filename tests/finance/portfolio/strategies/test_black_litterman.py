"""Views against the tables of He and Litterman (1999) and against skfolio."""

import numpy as np
import pandas as pd
import pytest
import torch
from skfolio.moments import EquilibriumMu
from skfolio.prior import BlackLitterman as TheirPosterior
from skfolio.prior import EmpiricalPrior

from scenara.finance.portfolio.strategies import BlackLitterman, State
from scenara.finance.portfolio.strategies.black_litterman import posterior_of_views
from scenara.finance.portfolio.strategies.estimates import shrunk_covariance
from scenara.finance.portfolio.strategies.mean_variance import mean_variance_weights
from scenara.finance.portfolio.strategies.views import View
from scenara.shared.errors import ConfigError

COUNTRIES = ("AUS", "CAN", "FRA", "GER", "JPN", "UKG", "USA")
# He and Litterman (1999), table 1: correlations, Australia to USA.
BELOW_DIAGONAL = [
    [0.488],
    [0.478, 0.664],
    [0.515, 0.655, 0.861],
    [0.439, 0.310, 0.355, 0.354],
    [0.512, 0.608, 0.783, 0.777, 0.405],
    [0.491, 0.779, 0.668, 0.653, 0.306, 0.652],
]
# Table 2: volatilities, market weights and equilibrium returns, in percent.
VOLATILITIES = [16.0, 20.3, 24.8, 27.1, 21.0, 20.0, 18.7]
MARKET = [1.6, 2.2, 5.2, 5.5, 11.6, 12.4, 61.5]
EQUILIBRIUM = [3.9, 6.9, 8.4, 9.0, 4.3, 6.8, 7.6]
EUROPE = f"GER - {5.2 / 17.6}*FRA - {12.4 / 17.6}*UKG = 0.05"
# Tables 4, 5 and 6: the views, expected returns and optimal weights in percent.
PUBLISHED = [
    pytest.param(
        [EUROPE],
        [4.3, 7.6, 9.3, 11.0, 4.5, 7.0, 8.1],
        [1.5, 2.1, -4.0, 35.4, 11.0, -9.5, 58.6],
        id="Germany over Europe",
    ),
    pytest.param(
        [EUROPE, "CAN - USA = 0.03"],
        [4.4, 8.7, 9.5, 11.2, 4.6, 7.0, 7.5],
        [1.5, 41.9, -3.4, 33.6, 11.0, -8.2, 18.8],
        id="and Canada over USA",
    ),
    pytest.param(
        [EUROPE, "CAN - USA = 0.04"],
        [4.4, 9.1, 9.5, 11.3, 4.6, 7.0, 7.3],
        [1.5, 53.3, -3.3, 33.1, 11.0, -7.8, 7.3],
        id="and Canada well over USA",
    ),
]


def of_the_paper():
    correlations = np.eye(7)
    for row, values in enumerate(BELOW_DIAGONAL, start=1):
        correlations[row, :row] = correlations[:row, row] = values
    deviations = np.array(VOLATILITIES) / 100
    covariance = torch.from_numpy(correlations * np.outer(deviations, deviations))[None]
    prior = 2.5 * covariance @ (torch.tensor(MARKET, dtype=torch.float64) / 100)
    return prior, covariance


def after(views, confidences, prior, covariance, assets):
    read = [View.read(text) for text in views]
    return posterior_of_views(
        prior,
        covariance,
        rows=prior.new_tensor([view.row(assets) for view in read]),
        values=prior.new_tensor([view.value for view in read]),
        confidences=prior.new_tensor(confidences),
        uncertainty=0.05,
    )


def test_equilibrium_returns_are_those_of_the_paper():
    prior, _ = of_the_paper()
    np.testing.assert_allclose(100 * prior[0], EQUILIBRIUM, atol=0.05)


@pytest.mark.parametrize(("views", "returns", "weights"), PUBLISHED)
def test_expected_returns_and_weights_are_those_of_the_paper(views, returns, weights):
    found = after(views, [0.5] * len(views), *of_the_paper(), COUNTRIES)
    best = torch.linalg.solve(2.5 * found.covariance, found.mean)
    np.testing.assert_allclose(100 * found.mean[0], returns, atol=0.05)
    np.testing.assert_allclose(100 * best[0], weights, atol=0.05)


def test_the_strategy_puts_the_same_parts_together(past):
    """Closed form under its own covariance: scaled market plus tilts along the view."""
    assets = ("A", "B", "C", "D", "E")
    strategy = BlackLitterman(
        lookback=63, views=("A - 0.5*B = 0.1",), market={"A": 0.4, "C": 0.6}, long_only=False
    )
    weights = strategy.weights(past, State(assets=assets))
    covariance = 252 * shrunk_covariance(past)
    market = torch.tensor([0.4, 0, 0.6, 0, 0], dtype=torch.float64)
    found = after(strategy.views, [0.5], 2.5 * covariance @ market, covariance, assets)
    expected = torch.linalg.solve(2.5 * found.covariance, found.mean)
    torch.testing.assert_close(weights, expected)
    tilt = weights - market / 1.05
    np.testing.assert_allclose(tilt[:, 1] / tilt[:, 0], -0.5, rtol=1e-6)


def test_without_views_the_market_is_held(past):
    weights = BlackLitterman(lookback=63, long_only=False).weights(past, State())
    torch.testing.assert_close(weights, torch.full_like(weights, 0.2 / 1.05))


def test_long_only_weights_are_best_under_the_posterior(past):
    strategy = BlackLitterman(lookback=63, views=("A = 0.9",))
    assets = ("A", "B", "C", "D", "E")
    weights = strategy.weights(past, State(assets=assets))
    covariance = 252 * shrunk_covariance(past)
    prior = 2.5 * covariance.mean(-1)
    found = after(strategy.views, [0.5], prior, covariance, assets)
    expected = mean_variance_weights(found.mean, found.covariance, risk_aversion=2.5)
    torch.testing.assert_close(weights, expected)
    assert bool((weights[:, 0] > 0.3).all())


@pytest.mark.parametrize("confidences", [[0.5, 0.5], [0.2, 0.9]])
def test_the_posterior_agrees_with_skfolio(past, confidences):
    path = pd.DataFrame(past[:, 1].numpy(), columns=list("abcde"))
    prior = TheirPosterior(
        views=["a - b == 0.0002", "c == 0.0005"],
        tau=0.05,
        view_confidences=confidences,
        prior_estimator=EmpiricalPrior(mu_estimator=EquilibriumMu(risk_aversion=2.5)),
    ).fit(path)
    covariance = torch.from_numpy(np.cov(path.to_numpy().T))[None]
    start = 2.5 * covariance.mean(-1)
    found = after(["a - b = 0.0002", "c = 0.0005"], confidences, start, covariance, list("abcde"))
    np.testing.assert_allclose(found.mean[0], prior.return_distribution_.mu, rtol=1e-8)
    np.testing.assert_allclose(
        found.covariance[0], prior.return_distribution_.covariance, rtol=1e-8
    )


def test_a_certain_view_comes_true():
    prior, covariance = of_the_paper()
    found = after(["CAN - USA = 0.03"], [1.0], prior, covariance, COUNTRIES)
    np.testing.assert_allclose(found.mean[0, 1] - found.mean[0, 6], 0.03, rtol=1e-10)


@pytest.mark.parametrize(
    ("text", "factors", "value"),
    [
        ("A = 0.05", (("A", 1.0),), 0.05),
        ("A == -0.05", (("A", 1.0),), -0.05),
        ("BRK-B - 2 * asset 1 + .5*C=1e-2", (("BRK-B", 1.0), ("asset 1", -2.0), ("C", 0.5)), 0.01),
        ("-1*A = 0", (("A", -1.0),), 0.0),
    ],
)
def test_a_view_is_read(text, factors, value):
    assert View.read(text) == View(factors, value)


@pytest.mark.parametrize("text", ["A", "A > 0.05", "A = five", "= 0.05"])
def test_a_view_that_is_none_is_refused(text):
    with pytest.raises(ConfigError, match="views: expected names, factors and a return per year"):
        BlackLitterman(views=(text,))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (
            {"views": ("A = 0.1",), "confidences": (0.5, 0.5)},
            "one for each of the 1 views, found 2",
        ),
        ({"views": ("A = 0.1",), "confidences": (0.0,)}, r"fractions in \(0, 1\], found 0.0"),
        ({"views": ("A = 0.1",), "confidences": ("a",)}, r"fractions in \(0, 1\], found 'a'"),
        ({"uncertainty": 0}, "uncertainty: expected a positive number"),
        ({"views": ("A - A = 0.1",)}, "factors are not all 0, found 'A - A = 0.1'"),
        ({"views": ("0*A = 0.1",)}, "factors are not all 0"),
        ({"views": ("A = nan",)}, "expected a finite return"),
        ({"views": (1,)}, "views: expected names, .* found 1"),
        ({"market": {"A": 0.0}}, "market: expected weights of at least 0, .* a sum of 0"),
        ({"market": {"A": 1.0, "B": -0.5}}, "market: .* found -0.5 for 'B'"),
    ],
)
def test_wrong_settings_are_refused(settings, message):
    with pytest.raises(ConfigError, match=message):
        BlackLitterman(**settings)


@pytest.mark.parametrize(
    "views",
    [
        ("A = 0.1", "A = 0.2"),
        ("A = 0.1", "2*A = 0.2"),
        ("A - B = 0.1", "B - C = 0.1", "A - C = 0.1"),
    ],
)
def test_certain_views_must_not_repeat_or_contradict_each_other(views):
    with pytest.raises(ConfigError, match="neither repeat nor contradict each other"):
        BlackLitterman(views=views, confidences=[1.0] * len(views))


def test_views_in_doubt_may_contradict_each_other(past):
    rule = BlackLitterman(
        lookback=63, views=("A = 0.1", "A = 0.3", "B = 0.1"), confidences=(0.5, 1, 1)
    )
    weights = rule.weights(past, State(assets=("A", "B", "C", "D", "E")))
    torch.testing.assert_close(weights.sum(-1), torch.ones(8, dtype=torch.float64))


def test_market_weights_are_shares_of_their_sum(past):
    state = State(assets=("A", "B", "C", "D", "E"))
    shares, values = (
        BlackLitterman(lookback=63, market=market, long_only=False).weights(past, state)
        for market in ({"A": 0.25, "C": 0.75}, {"A": 100, "C": 300})
    )
    torch.testing.assert_close(shares, values)


def test_the_market_is_what_can_be_held_of_it(past):
    there = torch.tensor([True, True, False, True, True]).expand(8, 5)
    state = State(assets=("A", "B", "C", "D", "E"), available=there)
    rule = BlackLitterman(lookback=63, market={"A": 0.1, "B": 0.3, "C": 0.6}, long_only=False)
    expected = torch.tensor([0.25, 0.75, 0, 0, 0], dtype=torch.float64).expand(8, 5) / 1.05
    torch.testing.assert_close(rule.weights(past, state), expected)


@pytest.mark.parametrize("settings", [{"views": ("Z = 0.1",)}, {"market": {"Z": 1.0}}])
def test_an_asset_that_is_not_there_is_named(past, settings):
    strategy = BlackLitterman(lookback=63, **settings)
    with pytest.raises(ConfigError, match="there is no asset 'Z'; did you mean"):
        strategy.weights(past, State(assets=("A", "B", "C", "D", "E")))
