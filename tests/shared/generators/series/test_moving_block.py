"""The moving block bootstrap against its definition and against arch."""

import numpy as np
import pytest

from scenara.shared.errors import ConfigError, DataError
from scenara.shared.generators import make
from scenara.shared.generators.series.moving_block import moving_rows


def rows_of(n, horizon, **settings):
    n_blocks = -(-horizon // settings["block"])
    noise = np.random.default_rng(0).standard_normal((n, n_blocks))
    return moving_rows(noise, horizon, **settings)


@pytest.mark.parametrize("block", [1, 7, 20])
def test_blocks_have_the_length_asked_for(block):
    rows = rows_of(100, 60, block=block, n_series=1, series_length=1_000)
    inside = np.arange(1, 60) % block != 0
    assert (np.diff(rows, axis=1)[:, inside] == 1).all()


def test_no_block_leaves_its_series():
    rows = rows_of(500, 30, block=10, n_series=3, series_length=25)
    blocks = (rows // 25).reshape(500, 3, 10)
    assert (blocks == blocks[:, :, :1]).all()
    assert set(blocks.ravel()) == {0, 1, 2}


def test_every_place_of_a_block_is_equally_likely():
    rows = rows_of(20_000, 5, block=5, n_series=1, series_length=14)
    counts = np.bincount(rows[:, 0], minlength=10)
    assert len(counts) == 10
    assert (abs(counts - 2_000) < 4 * np.sqrt(2_000)).all()


def test_mean_of_resamples_varies_as_archs_does():
    from arch.bootstrap import MovingBlockBootstrap

    data = np.random.default_rng(3).standard_normal(260).cumsum()[:, None]
    theirs = MovingBlockBootstrap(20, data, seed=4).apply(np.mean, 3_000).ravel()
    model = make("series/moving-block", block=20).fit(data)
    ours = model.sample(3_000, horizon=260, random_state=5).mean(axis=(1, 2))
    error = theirs.std() / np.sqrt(2 * 3_000)
    assert abs(ours.std() - theirs.std()) < 4 * np.sqrt(2) * error


@pytest.mark.parametrize("block", [0, -3, 2.5, "long"])
def test_refuses_what_is_no_block_length(block):
    with pytest.raises(ConfigError, match="block: expected a whole number"):
        make("series/moving-block", block=block).fit(np.random.default_rng(0).normal(size=(50, 1)))


def test_refuses_a_block_longer_than_a_series():
    with pytest.raises(DataError, match="at most the 50 steps"):
        make("series/moving-block").fit(np.random.default_rng(0).normal(size=(50, 1)))
