"""Optimisers of other libraries, as they are."""

import numpy as np
import pandas as pd
import pytest
from skfolio.optimization import InverseVolatility, MeanRisk
from skfolio.pre_selection import SelectKExtremes
from sklearn.base import BaseEstimator
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline

from scenara.finance.portfolio import backtest
from scenara.finance.portfolio.strategies import (
    OptimiserStrategy,
    State,
    as_strategy,
    strategy_name,
)
from scenara.shared.errors import ConfigError, DataError

ASSETS = ("SPY", "EFA", "EEM", "AGG", "GLD")


class Mine(BaseEstimator):
    """Put all into the asset of a name, in the style of scikit-learn."""

    def __init__(self, name="GLD"):
        self.name = name

    def fit(self, X, y=None):
        self.weights_ = np.asarray(X.columns == self.name, dtype=float)
        return self


class Half(Mine):
    def fit(self, X, y=None):
        self.weights_ = np.ones(2)
        return self


class Broken(Mine):
    def fit(self, X, y=None):
        raise ValueError("no luck today")


def test_each_path_is_given_its_own_optimum(past):
    weights = OptimiserStrategy(MeanRisk(), lookback=63).weights(past, State(assets=ASSETS))
    for path in (0, 5):
        expected = MeanRisk().fit(pd.DataFrame(past[:, path].numpy(), columns=ASSETS)).weights_
        np.testing.assert_allclose(weights[path], expected, atol=1e-10)


def test_an_optimiser_is_taken_where_a_strategy_is_expected():
    strategy = as_strategy(MeanRisk())
    assert strategy.lookback == 252
    assert strategy_name(strategy) == "MeanRisk"


def test_the_optimiser_itself_stays_unfitted(past):
    optimiser = InverseVolatility()
    OptimiserStrategy(optimiser, lookback=63).weights(past[:, :1], State())
    assert not hasattr(optimiser, "weights_")


def test_a_pipeline_gives_no_weight_to_what_it_leaves_out(past):
    pipeline = make_pipeline(SelectKExtremes(k=2), InverseVolatility())
    weights = OptimiserStrategy(pipeline, lookback=63).weights(past, State(assets=ASSETS)).numpy()
    assert ((weights > 0).sum(axis=1) == 2).all()
    np.testing.assert_allclose(weights.sum(axis=1), 1)


def test_an_optimiser_of_ones_own_sees_the_names_of_the_assets(past):
    weights = as_strategy(Mine()).weights(past, State(assets=ASSETS))
    assert weights[:, 4].tolist() == [1.0] * 8


def test_it_trades_like_any_other():
    returns = np.random.default_rng(0).normal(0, [0.01, 0.02, 0.03], (2, 90, 3))
    outcome = backtest(returns, OptimiserStrategy(InverseVolatility(), lookback=60), rebalance=30)
    expected = 1 / returns[1, :60].std(axis=0)
    np.testing.assert_allclose(outcome.weights[1, 2], expected / expected.sum(), rtol=1e-10)


@pytest.mark.parametrize(
    ("optimiser", "message"),
    [
        (LinearRegression(), "LinearRegression: can't be fitted"),
        (Broken(), "Broken: can't be fitted: no luck today"),
        (Half(), r"expected a weight for each of 5 assets, found weights_ of shape \(2,\)"),
        (SelectKExtremes(k=2), "SelectKExtremes: has no weights_ after fit"),
    ],
)
def test_what_fails_says_so(past, optimiser, message):
    with pytest.raises(DataError, match=message):
        OptimiserStrategy(optimiser, lookback=63).weights(past, State(assets=ASSETS))


@pytest.mark.parametrize("optimiser", [MeanRisk, 3, "MeanRisk"])
def test_what_is_no_optimiser_is_refused(optimiser):
    with pytest.raises(ConfigError, match=r"expected an object with fit\(X\)"):
        OptimiserStrategy(optimiser)
