"""Figures of performance against quantstats and against their definitions."""

import numpy as np
import pandas as pd
import pytest

from scenara.finance.portfolio import (
    backtest,
    cagr,
    final_wealth,
    max_drawdown,
    sharpe,
    summarise,
    volatility,
)

RETURNS = np.random.default_rng(7).normal(0.0005, 0.01, (3, 504))
WEALTH = np.cumprod(np.insert(1 + RETURNS, 0, 1.0, axis=1), axis=1)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("figure", [sharpe, volatility, cagr, max_drawdown])
def test_figures_agree_with_quantstats_but_for_the_sign_of_a_drawdown(figure):
    stats = pytest.importorskip("quantstats.stats")
    for path, found in zip(RETURNS, figure(WEALTH), strict=True):
        series = pd.Series(path, index=pd.bdate_range("2020-01-01", periods=504))
        expected = abs(getattr(stats, figure.__name__)(series))
        assert abs(found) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("figure", [sharpe, volatility, cagr, max_drawdown, final_wealth])
def test_a_batch_gives_what_each_path_gives(figure):
    np.testing.assert_allclose(figure(WEALTH), [figure(path) for path in WEALTH], rtol=1e-12)


def test_wealth_that_never_changes_has_no_sharpe_ratio_and_no_drawdown():
    still = np.ones((2, 10))
    assert (sharpe(still) == 0).all()
    assert (max_drawdown(still) == 0).all()


def test_total_loss_is_a_drawdown_of_one():
    lost = np.array([1.0, 0.5, 0.0, 0.0])
    assert max_drawdown(lost) == 1
    assert np.isfinite(sharpe(lost))


def test_a_single_step_has_no_volatility():
    assert volatility(np.array([1.0, 1.1])) == 0


def test_the_table_has_one_row_for_each_path():
    returns = np.random.default_rng(0).normal(0, 0.01, (5000, 21, 2))
    outcome = backtest(returns, "equal-weight", rebalance=7, costs=0.001)
    table = summarise(outcome)
    assert table.index.tolist() == list(range(5000))
    np.testing.assert_allclose(table["sharpe"], sharpe(outcome.wealth), rtol=1e-12)
    np.testing.assert_allclose(table["turnover"], outcome.turnover.sum(axis=1) * 12, rtol=1e-12)
    np.testing.assert_allclose(table["costs"], outcome.costs.sum(axis=1), rtol=1e-12)


def test_costs_and_gains_make_up_final_wealth():
    outcome = backtest(np.zeros((3, 50, 2)), "equal-weight", rebalance=5, costs=0.01)
    table = summarise(outcome)
    np.testing.assert_allclose(table["final_wealth"] + table["costs"], 1, rtol=1e-12)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("rate", [0.001, -0.01, 0.3])
def test_constant_growth_has_no_sharpe_ratio(dtype, rate):
    outcome = backtest(np.full((2, 252, 3), rate, dtype=dtype), "equal-weight")
    assert (sharpe(outcome.wealth) == 0).all()
    assert (summarise(outcome)["sharpe"] == 0).all()


def test_a_small_deviation_has_a_sharpe_ratio():
    returns = 1e-4 + 1e-6 * np.random.default_rng(0).normal(size=252)
    wealth = np.cumprod(np.insert(1 + returns, 0, 1.0))
    expected = returns.mean() / returns.std(ddof=1) * np.sqrt(252)
    assert sharpe(wealth) == pytest.approx(expected, rel=1e-6)
