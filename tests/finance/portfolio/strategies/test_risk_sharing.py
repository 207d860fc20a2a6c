"""Shares of risk: equal, budgeted, and down a tree, against definitions and skfolio."""

import numpy as np
import pandas as pd
import pytest
import torch
from scipy.spatial.distance import cdist
from skfolio import RiskMeasure
from skfolio.cluster import HierarchicalClustering, LinkageMethod
from skfolio.distance import PearsonDistance
from skfolio.optimization import HierarchicalRiskParity as TheirTree
from skfolio.optimization import RiskBudgeting
from skfolio.seriation import HierarchicalSeriation

from scenara.finance.portfolio.strategies import HierarchicalRiskParity, RiskParity, State
from scenara.finance.portfolio.strategies.estimates import shrunk_covariance
from scenara.finance.portfolio.strategies.risk_parity import risk_parity_weights
from scenara.shared.errors import ConfigError


def contributions(weights, covariance):
    parts = weights * (covariance @ weights[..., None]).squeeze(-1)
    return parts / parts.sum(-1, keepdim=True)


@pytest.mark.parametrize("budgets", [{}, {"B": 2.0, "D": 4.0, "E": 90.0}])
@pytest.mark.parametrize("shrinkage", [None, 0.0, 1.0])
def test_each_asset_brings_the_risk_that_is_allotted_to_it(past, budgets, shrinkage):
    strategy = RiskParity(lookback=63, budgets=budgets, shrinkage=shrinkage)
    weights = strategy.weights(past, State(assets=tuple("ABCDE")))
    found = contributions(weights, shrunk_covariance(past, shrinkage=shrinkage))
    parts = torch.tensor([budgets.get(name, 1.0) for name in "ABCDE"], dtype=torch.float64)
    expected = parts / parts.sum()
    torch.testing.assert_close(found, expected.expand(8, 5), rtol=0, atol=1e-10)


def test_equal_risk_agrees_with_skfolio(past):
    """Their solver stops at about 1e-5; the shrinkage that is always there shifts less."""
    weights = RiskParity(lookback=63, shrinkage=0.0).weights(past, State())
    theirs = RiskBudgeting(risk_measure=RiskMeasure.VARIANCE).fit(pd.DataFrame(past[:, 4].numpy()))
    np.testing.assert_allclose(weights[4], theirs.weights_, atol=1e-4)


def test_without_correlation_weights_are_in_proportion_to_one_over_volatility():
    covariance = torch.diag(torch.tensor([1.0, 4.0, 16.0], dtype=torch.float64))[None]
    weights = risk_parity_weights(covariance, torch.ones(3, dtype=torch.float64))
    np.testing.assert_allclose(weights[0], np.array([4, 2, 1]) / 7, rtol=1e-12)


@pytest.mark.parametrize(
    ("budgets", "message"),
    [
        ({"A": 0}, "expected a positive number for 'A', found 0"),
        ({"A": "x"}, "found 'x'"),
        ({"Z": 2.0}, "budgets: there is no asset 'Z'"),
    ],
)
def test_budgets_that_do_not_fit_are_refused(past, budgets, message):
    with pytest.raises(ConfigError, match=message):
        RiskParity(lookback=63, budgets=budgets).weights(past, State(assets=tuple("ABCDE")))


class _DistanceOfDistances(PearsonDistance):
    """The paper's distance: between the columns of the correlation distances."""

    def fit(self, X, y=None):
        super().fit(X, y)
        self.distance_ = cdist(self.distance_, self.distance_)
        return self


@pytest.mark.parametrize("path", range(8))
def test_the_tree_shares_risk_as_that_of_skfolio(past, path):
    wide = torch.cat([past, past.flip(1).roll(1, 0)[..., :4]], dim=-1)
    weights = HierarchicalRiskParity(lookback=63).weights(wide, State())
    theirs = TheirTree(
        risk_measure=RiskMeasure.VARIANCE,
        distance_estimator=_DistanceOfDistances(),
        seriation_estimator=HierarchicalSeriation(
            hierarchical_clustering_estimator=HierarchicalClustering(
                linkage_method=LinkageMethod.SINGLE
            ),
            optimal_ordering=False,
        ),
    ).fit(pd.DataFrame(wide[:, path].numpy()))
    np.testing.assert_allclose(weights[path], theirs.weights_, rtol=1e-6)


def test_two_assets_share_by_inverse_variance(past):
    weights = HierarchicalRiskParity(lookback=63).weights(past[..., :2], State())
    variances = past[..., :2].numpy().var(axis=0)
    expected = (1 / variances) / (1 / variances).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(weights, expected, rtol=1e-6)
