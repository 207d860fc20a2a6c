"""Entropy pooling: closed forms, a primal solver, and views that hold or are refused by name."""

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize

from scenara.finance.market.risk.measures import value_at_risk
from scenara.finance.market.scenarios.path_events import PathEvent
from scenara.finance.market.scenarios.pooling import entropy_pooling, relative_entropy
from scenara.finance.market.scenarios.views import View
from scenara.shared.errors import ConfigError, DataError
from scenara.shared.generators.series import Worlds

ALL_KINDS = [
    View("A", "mean", equals=0.02),
    View("B", "mean", below=-0.01),
    View("A", "quantile", level=0.1, equals=-0.11),
    View("B", "var", level=0.95, above=0.19),
    View("A", "volatility", equals=0.12),
    View({"B": 0.5, "C": 0.5}, "volatility", above=0.11),
    View("A", "correlation", other="C", equals=0.5),
]


@pytest.fixture(scope="module")
def table():
    rng = np.random.default_rng(1)
    values = (
        0.1
        * rng.standard_t(6, size=(4_000, 3))
        @ np.linalg.cholesky([[1, 0.2, 0.1], [0.2, 1, 0.3], [0.1, 0.3, 1]]).T
    )
    return pd.DataFrame(values, columns=["A", "B", "C"])


def primal(values, q, bounds):
    """Solve the primal problem directly in the probabilities."""
    constraints = [{"type": "eq", "fun": lambda p: p.sum() - 1}]
    for row, low, high in bounds:
        constraints.append({"type": "ineq", "fun": lambda p, r=row, x=high: x - p @ r})
        constraints.append({"type": "ineq", "fun": lambda p, r=row, x=low: p @ r - x})
    found = minimize(
        lambda p: p @ np.log(p / q),
        q,
        jac=lambda p: np.log(p / q) + 1,
        bounds=[(1e-12, 1)] * len(q),
        constraints=constraints,
        method="SLSQP",
        options={"ftol": 1e-14, "maxiter": 500},
    )
    assert found.success
    return found.x


def test_the_dual_finds_the_solution_of_the_primal_problem():
    rng = np.random.default_rng(4)
    table = pd.DataFrame(rng.normal(size=(30, 2)), columns=["A", "B"])
    q = rng.dirichlet(np.full(30, 20.0))
    a, b = table.to_numpy().T
    views = [
        View("A", "mean", equals=0.3),
        View("B", "mean", above=0.2, below=0.25),
        View("A", "quantile", level=0.2, above=-0.5),
    ]
    pooled = entropy_pooling(views, table, prior=q, minimum_effective_scenarios=1)
    bounds = [(a, 0.3, 0.3), (b, 0.2, 0.25), ((a < -0.5) * 1.0, -1.0, 0.2)]
    np.testing.assert_allclose(pooled.probabilities, primal(table, q, bounds), atol=2e-6)


def test_a_view_on_means_of_normal_worlds_gives_the_closed_form():
    rng = np.random.default_rng(0)
    covariance = np.array([[1.0, 0.6], [0.6, 2.0]])
    values = rng.multivariate_normal([0, 0], covariance, size=200_000)
    pooled = entropy_pooling(
        [View("A", "mean", equals=0.5)], pd.DataFrame(values, columns=["A", "B"])
    )
    error = 4 * np.sqrt(2 * np.exp(0.25) / len(values))
    assert abs(pooled.mean(values[:, 1]) - 0.6 * 0.5) < error
    assert abs(pooled.relative_entropy - 0.5**2 / 2) < error
    spread = pooled.probabilities @ (values[:, 1] - pooled.mean(values[:, 1])) ** 2
    assert abs(spread - 2.0) < 4 * np.sqrt(2 * 2.0**2 * np.exp(0.25) / len(values))


def test_a_view_on_the_volatility_of_normal_worlds_gives_the_closed_form():
    values = np.random.default_rng(0).normal(size=(200_000, 1))
    pooled = entropy_pooling(
        [View("A", "volatility", equals=1.2)], pd.DataFrame(values, columns=["A"])
    )
    expected = 0.5 * (1.2**2 - 1 - np.log(1.2**2))
    assert abs(pooled.relative_entropy - expected) < 0.01
    fourth = pooled.probabilities @ values[:, 0] ** 4
    assert abs(fourth / (3 * 1.2**4) - 1) < 0.03


def test_views_of_all_kinds_hold_at_once(table):
    pooled = entropy_pooling(ALL_KINDS, table)
    for view, after in zip(ALL_KINDS, pooled.table["after"], strict=True):
        low, high = view.bounds
        slack = 0.003 if view.level else 1e-6
        assert low - slack <= after <= high + slack, view


def test_bounds_that_already_hold_change_nothing(table):
    pooled = entropy_pooling(
        [View("A", "mean", below=1.0), View("A", "volatility", above=0)], table
    )
    assert pooled.relative_entropy == pytest.approx(0, abs=1e-9)
    assert pooled.effective_scenarios == pytest.approx(len(table))


def test_stronger_views_are_worth_fewer_scenarios(table):
    worth = [
        entropy_pooling([View("A", "mean", equals=mean)], table).effective_scenarios
        for mean in (0.01, 0.05, 0.1)
    ]
    assert worth == sorted(worth, reverse=True)


def test_confidence_moves_part_of_the_way(table):
    view = [View("A", "mean", equals=0.08)]
    full, half = (entropy_pooling(view, table, confidence=c) for c in (1.0, 0.5))
    expected = (full.probabilities + full.prior) / 2
    np.testing.assert_allclose(half.probabilities, expected)


def test_probabilities_of_events_on_paths_hold():
    paths = np.random.default_rng(2).normal(0, 0.01, size=(3_000, 20, 2))
    fall = PathEvent("equal weight", "return", below=-0.05)
    views = [View(fall, "probability", equals=0.3), View("A", "mean", measure="drawdown", above=0)]
    pooled = entropy_pooling(views, Worlds(paths, ["A", "B"]))
    happens = fall.shortfall(paths, ["A", "B"]) == 0
    assert pooled.probabilities[happens].sum() == pytest.approx(0.3)
    assert np.ptp(pooled.probabilities[happens]) < 1e-9


def test_worlds_are_drawn_as_often_as_their_probability_says(table):
    pooled = entropy_pooling([View("A", "mean", equals=0.05)], table)
    drawn = np.bincount(pooled.rows(20_000, random_state=0), minlength=len(table))
    assert np.abs(drawn - 20_000 * pooled.probabilities).max() < 1


@pytest.mark.parametrize(
    ("views", "message"),
    [
        (
            [View("A", "mean", equals=9.0)],
            "view mean of the return of A = 9: no world is like that",
        ),
        (
            [View("A", "mean", below=-0.1), View("A", "mean", above=0.1)],
            "view mean of the return of A >= 0.1: it can't hold beside mean of the return of A <=",
        ),
        (
            [View("A", "quantile", level=0.5, equals=-0.3), View("A", "mean", equals=0.3)],
            "view mean of the return of A = 0.3: it can't hold beside",
        ),
        ([View("B", "volatility", equals=9.0)], "view volatility of the return of B = 9: no world"),
        ([View("A", "mean", equals=0.55)], "are worth"),
    ],
)
def test_views_that_can_not_hold_are_refused_by_name(table, views, message):
    with pytest.raises(DataError, match=message):
        entropy_pooling(views, table)


@pytest.mark.parametrize(
    ("view", "message"),
    [
        ({"statistic": "mood"}, "expected one of mean"),
        ({"equals": None}, "expected equals alone"),
        ({"above": 0.1}, "expected equals alone"),
        ({"statistic": "quantile"}, "level belongs to a quantile"),
        ({"statistic": "quantile", "level": 5}, "a level between 0 and 1"),
        ({"statistic": "correlation", "equals": 1.5, "other": "B"}, "between -1 and 1"),
        ({"statistic": "correlation", "equals": 0.5}, "other belongs to a correlation"),
        ({"statistic": "probability"}, "a probability is that of an event"),
        ({"measure": "level"}, r"give the probability of panel.event\("),
        ({"equals": None, "above": 0.2, "below": 0.1}, "above is larger than below"),
    ],
)
def test_views_that_say_nothing_clear_are_refused(view, message):
    with pytest.raises(ConfigError, match=message):
        View(**{"of": "A", "statistic": "mean", "equals": 0.1, **view})


@pytest.mark.parametrize("prior", [np.full(4_000, 1.0), np.full(3, 1 / 3)])
def test_a_prior_that_is_none_is_refused(table, prior):
    with pytest.raises(DataError, match="prior: expected 4000 probabilities"):
        entropy_pooling([View("A", "mean", equals=0.0)], table, prior=prior)


@pytest.mark.parametrize("statistic", ["quantile", "var"])
@pytest.mark.parametrize("bound", ["above", "below", "equals"])
def test_views_on_quantiles_hold_on_the_side_that_they_ask_for(table, statistic, bound):
    asked = {"quantile": {"above": -0.1, "below": -0.2}, "var": {"above": 0.2, "below": 0.1}}
    value = asked[statistic].get(bound, 0.15 if statistic == "var" else -0.15)
    view = View("A", statistic, level=0.1 if statistic == "quantile" else 0.9, **{bound: value})

    pooled = entropy_pooling([view], table)
    after = pooled.table["after"].iloc[0]
    seen = table["A"] if statistic == "quantile" else -table["A"]

    low = {"above": value, "below": -1.0, "equals": seen[seen < value].max()}[bound]
    high = {"above": 1.0, "below": value, "equals": seen[seen > value].min()}[bound]
    assert low <= after <= high


def test_the_relative_entropy_of_the_prior_is_nothing():
    assert relative_entropy(np.full(5, 0.2), np.full(5, 0.2)) == 0


def test_a_view_on_value_at_risk_flows_into_the_risk_of_the_worlds():
    paths = np.random.default_rng(3).normal(0, 0.01, size=(5_000, 10, 1))
    view = View("A", "var", level=0.95, equals=0.07)
    pooled = entropy_pooling([view], Worlds(paths, ["A"]))
    losses = -np.expm1(paths.sum(axis=(1, 2)))
    measured = value_at_risk(losses, level=0.95, probabilities=pooled.probabilities)
    assert measured == pytest.approx(0.07, abs=0.002)


def test_drawn_worlds_have_the_figures_of_the_views(table):
    pooled = entropy_pooling([View("A", "mean", equals=0.05)], table)
    drawn = table.iloc[pooled.rows(40_000, random_state=0)]
    assert drawn["A"].mean() == pytest.approx(0.05, abs=4 * table["A"].std() / 200)
