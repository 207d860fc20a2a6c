"""Stress in reverse: on normal days the ways to lose are known in closed form."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from scenara.finance.market.scenarios.reversal import medoid, reverse_stress
from scenara.shared.errors import ConfigError, DataError
from scenara.shared.generators.series.bootstrap import StationaryBootstrap

SHARES = {"A": 0.6, "B": 0.4}
HORIZON = 20


@pytest.fixture(scope="module")
def simulator():
    """Give independent, nearly normal days of a model whose law is that of its data."""
    rng = np.random.default_rng(0)
    first = rng.normal(size=20_000)
    second = 0.5 * first + np.sqrt(0.75) * rng.normal(size=20_000)
    data = 0.01 * np.column_stack([first, 2 * second, rng.normal(size=20_000)])
    data -= data.mean(axis=0)
    return StationaryBootstrap(mean_block=1).fit(pd.DataFrame(data, columns=["A", "B", "C"]))


@pytest.fixture(scope="module")
def stress(simulator):
    return reverse_stress(simulator, loss=0.12, within=HORIZON, portfolio=SHARES, n_paths=1_000)


def test_every_world_loses_as_much(stress, simulator):
    assert (stress.event.shortfall(stress.worlds.paths, simulator.channels_) == 0).all()


def test_the_chance_is_that_of_a_running_minimum(stress):
    sd = 0.01 * np.sqrt(0.6**2 + 0.8**2 + 2 * 0.6 * 0.8 * 0.5) * np.sqrt(HORIZON)
    continuous = 2 * norm.cdf(np.log(0.88) / sd)
    step = 0.5826 * sd / np.sqrt(HORIZON)  # Broadie, Glasserman and Kou: days, not moments
    daily = 2 * norm.cdf((np.log(0.88) - step) / sd)
    low, high = stress.probability_band
    assert low < stress.worlds.probability < high
    error = stress.worlds.probability_error
    assert daily - 4 * error - 0.1 * daily < stress.worlds.probability < continuous + 4 * error


def test_assets_share_the_loss_by_their_covariance_with_the_portfolio(stress):
    parts = stress.moved.loc[["A", "B"], "contribution"]
    covariances = np.array([0.6 * (0.6 + 0.4 * 2 * 0.5), 0.4 * (0.6 * 2 * 0.5 + 0.4 * 4)])
    share = covariances / covariances.sum()
    error = 4 * 0.5 / np.sqrt(stress.worlds.effective_size)
    assert parts["A"] / parts.sum() == pytest.approx(share[0], abs=error)


def test_an_asset_without_a_link_to_the_portfolio_does_not_move(stress):
    assert abs(stress.moved.loc["C", "shift"]) < 4 / np.sqrt(stress.worlds.effective_size) + 0.15


def test_contributions_sum_to_the_mean_return_of_the_portfolio(stress):
    growth = np.prod(1 + np.expm1(stress.worlds.paths[:, :, :2]) @ [0.6, 0.4], axis=1)
    assert stress.moved["contribution"].sum() == pytest.approx(growth.mean() - 1)


def test_the_typical_world_is_one_of_the_worlds(stress):
    assert (stress.worlds.paths == stress.typical).all(axis=(1, 2)).any()


def test_the_same_seed_gives_the_same_worlds(stress, simulator):
    again = reverse_stress(simulator, loss=0.12, within=HORIZON, portfolio=SHARES, n_paths=1_000)
    np.testing.assert_array_equal(stress.worlds.paths, again.worlds.paths)


def test_the_medoid_is_nearest_to_all_others():
    paths = np.array([0.0, 0.1, 0.2, 5.0, 0.15])[:, None, None] * np.ones((1, 4, 1))
    assert medoid(paths) == 4


@pytest.mark.parametrize("loss", [0.0, 1.0, -0.2, 20])
def test_a_loss_that_is_no_share_is_refused(simulator, loss):
    with pytest.raises(ConfigError, match="loss: expected a share between 0 and 1"):
        reverse_stress(simulator, loss=loss, within=5)


def test_a_loss_that_the_model_can_not_make_is_refused(simulator):
    with pytest.raises(DataError, match="given: no path fulfils it"):
        reverse_stress(simulator, loss=0.9, within=2)
