"""The stationary bootstrap against its theory and against arch."""

import numpy as np
import pytest

from scenara.shared.errors import ConfigError
from scenara.shared.generators import make
from scenara.shared.generators.series.bootstrap import stationary_rows


def noise_for(n, horizon, seed=0):
    return np.random.default_rng(seed).standard_normal((n, 2 * horizon))


def test_every_path_is_made_of_observed_days():
    data = np.arange(60.0).reshape(-1, 2)
    paths = make("series/bootstrap", mean_block=5).fit(data).sample(50, horizon=20, random_state=0)
    assert set(paths[..., 0].ravel()) <= set(data[:, 0])
    assert (paths[..., 1] == paths[..., 0] + 1).all()


@pytest.mark.parametrize("mean_block", [1, 5, 63])
def test_block_lengths_are_geometric_with_the_mean_asked_for(mean_block):
    rows = stationary_rows(noise_for(400, 1_000), n_rows=10**7, mean_block=mean_block)
    n_jumps = (np.diff(rows, axis=1) != 1).sum()
    n_steps, chance = 400 * 999, 1 / mean_block
    tolerance = 3 * np.sqrt(n_steps * chance * (1 - chance)) + 1
    assert abs(n_jumps - n_steps * chance) <= tolerance


def test_rows_are_used_equally_often():
    rows = stationary_rows(noise_for(2_000, 50, seed=1), n_rows=20, mean_block=4)
    counts = np.bincount(rows.ravel(), minlength=20)
    spread = np.sqrt(rows.size / 20 * (2 * 4 - 1))  # runs of a block raise the variance
    assert (abs(counts - rows.size / 20) < 4 * spread).all()


def test_after_the_last_row_comes_the_first():
    rows = stationary_rows(noise_for(1, 500, seed=2), n_rows=7, mean_block=1e9)
    assert (np.diff(rows[0]) % 7 == 1).all()


def test_mean_of_resamples_varies_as_archs_does():
    from arch.bootstrap import StationaryBootstrap

    data = np.random.default_rng(3).standard_normal(250).cumsum()[:, None]
    theirs = StationaryBootstrap(20, data, seed=4).apply(np.mean, 3_000).ravel()
    ours = (
        make("series/bootstrap", mean_block=20).fit(data).sample(3_000, horizon=250, random_state=5)
    )
    error = theirs.std() / np.sqrt(2 * 3_000)
    assert abs(ours.mean(axis=(1, 2)).std() - theirs.std()) < 4 * np.sqrt(2) * error


def test_refuses_a_block_below_one_step():
    with pytest.raises(ConfigError, match="mean_block"):
        make("series/bootstrap", mean_block=0.5).fit(np.random.default_rng(0).normal(size=(50, 1)))


def test_no_block_goes_on_from_one_series_into_the_next():
    data = np.random.default_rng(0).normal(size=(3, 40, 2)) + np.array([0, 100, 200])[:, None, None]
    bootstrap = make("series/bootstrap", mean_block=1e9).fit(data)
    level = bootstrap.sample(300, horizon=120, random_state=0)[..., 0].round(-2)
    assert (level == level[:, :1]).all()
    assert set(level[:, 0]) == {0, 100, 200}


def test_a_block_wraps_around_inside_its_series():
    rows = stationary_rows(noise_for(50, 30), n_rows=21, mean_block=1e9, series_length=7)
    place = rows % 7
    assert (np.diff(place, axis=1) % 7 == 1).all()
    assert (rows // 7 == rows[:, :1] // 7).all()


def test_series_that_are_one_after_the_other_are_entered_at_the_same_rows():
    first, second = (
        stationary_rows(noise_for(50, 30), n_rows=21, mean_block=1, **more)
        for more in ({}, {"series_length": 7})
    )
    np.testing.assert_array_equal(first, second)
