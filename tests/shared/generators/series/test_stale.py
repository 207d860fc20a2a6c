"""Which unchanged days are a run too long for chance."""

import numpy as np
import pytest

from scenara.shared.generators.series.stale import live_days


def moving(n_days=400, seed=0):
    return np.random.default_rng(seed).normal(size=n_days)


@pytest.mark.parametrize("start", [0, 200, 380])
def test_a_long_run_is_stale_wherever_it_is(start):
    returns = moving()
    returns[start : start + 20] = 0.0
    assert np.flatnonzero(~live_days(returns)).tolist() == list(range(start, start + 20))


def test_scattered_zeros_are_alive():
    returns = moving()
    returns[::3] = 0.0
    assert live_days(returns).all()


def test_an_asset_that_seldom_trades_is_stale_in_longer_runs_alone():
    rng = np.random.default_rng(1)
    returns = np.where(rng.random(2_000) < 0.6, 0.0, moving(2_000))
    assert live_days(returns).mean() > 0.98
    returns[500:560] = 0.0
    assert not live_days(returns)[500:560].any()


@pytest.mark.parametrize("returns", [np.zeros(50), np.ones(50)])
def test_channels_of_one_kind_of_day_are_alive(returns):
    assert live_days(returns).all()
