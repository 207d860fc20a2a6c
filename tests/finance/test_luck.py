"""Strategies are judged by their real days, also where made-up days say nothing about the judge."""

import numpy as np
import pandas as pd
import pytest

from scenara.finance.luck import judge_luck
from scenara.finance.outcomes import trade
from scenara.finance.portfolio import parse_strategies

N_DAYS = 300


@pytest.fixture(scope="module")
def market():
    """Give worlds, real days, strategies and what they earned."""
    rng = np.random.default_rng(0)
    days = pd.bdate_range("2020-01-01", periods=N_DAYS)
    real = pd.DataFrame(rng.normal(5e-4, 0.01, (N_DAYS, 2)), days, ["A", "B"])
    worlds = rng.normal(5e-4, 0.01, (20, 60, 2))
    strategies = dict(parse_strategies("equal-weight,momentum(lookback=20)"))
    outcomes = {
        name: trade(name, strategy, worlds, real, first_day=days[40])
        for name, strategy in strategies.items()
    }
    return strategies, outcomes, worlds, real.iloc[40:]


def test_an_edge_that_signs_cannot_hold_costs_a_column_and_not_the_run(market):
    luck = judge_luck(*market, edge=60.0, n_worlds=10)
    assert set(luck.verdicts) == set(market[0])
    assert luck.false_claims
    assert (luck.true_claims, luck.no_rates[:12]) == ((), "planted edge")


def test_rates_that_were_found_need_no_excuse(market):
    luck = judge_luck(*market, n_worlds=10)
    assert luck.no_rates == ""
    assert len(luck.true_claims) == len(luck.false_claims)
