"""The variances of paths are moved to those of the data, exactly where units are enough."""

import numpy as np
import pytest
from contracts import example_returns

from scenara.shared.generators.series.day_targeting import balanced, targeted, targeting_noise
from scenara.shared.generators.series.diffusion_days import DayModel


@pytest.fixture(scope="module")
def data():
    return example_returns(n_days=300).to_numpy()[None]


@pytest.fixture(scope="module")
def days(data):
    return DayModel.fit(data, half_lives=(4.0, 23.0), n_factors=0)


@pytest.fixture(scope="module")
def paths(data):
    rng = np.random.default_rng(1)
    return 0.001 + 1.5 * rng.permuted(data.repeat(20, axis=0), axis=1)


def test_in_the_new_units_paths_have_means_and_deviations_of_the_data(days, data, paths):
    moved = targeted(days, data=data, paths=paths)
    again = moved.centre + moved.spread * (paths - days.centre) / days.spread
    np.testing.assert_allclose(again.std((0, 1)), data.std((0, 1)), rtol=1e-10)
    np.testing.assert_allclose(again.mean((0, 1)), data.mean((0, 1)), atol=1e-12)


def test_the_filter_reads_a_path_in_new_units_as_it_read_the_old_one(days, data, paths):
    moved = targeted(days, data=data, paths=paths)
    again = moved.centre + moved.spread * (paths - days.centre) / days.spread
    old, new = (model.run(x)[-1] for model, x in ((days, paths), (moved, again)))
    np.testing.assert_allclose(new.sizes, old.sizes, rtol=1e-8)
    np.testing.assert_allclose(new.own, old.own, rtol=1e-8)


def test_volatilities_of_paths_that_move_too_much_are_lowered(days, data, paths):
    state = days.first_state(1)
    before, after = (
        np.array(model.volatilities(state))
        for model in (days, balanced(days, data=data, paths=paths))
    )
    assert (after < before).all()


@pytest.mark.parametrize(("n_channels", "n_paths"), [(1, 400), (200, 200), (500, 100)])
def test_many_channels_are_targeted_by_fewer_paths(n_channels, n_paths):
    noise, horizon = targeting_noise(1_200, n_channels, lambda horizon: 2 * horizon)
    assert horizon == 252
    assert noise.shape == (n_paths, 504)
