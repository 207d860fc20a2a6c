"""Explosions and joint spikes on paths whose answer is known."""

import numpy as np
import pytest

from scenara.finance.market.extremes import explosion_share, joint_spike_share

TRAIN = np.array([[0.01, -0.04], [-0.02, 0.03]])


@pytest.mark.parametrize(
    ("move", "share"), [((0.0299, 0.0), 0.0), ((-0.0301, 0.0), 0.5), ((0.0, 0.0601), 0.5)]
)
def test_a_path_explodes_beyond_one_and_a_half_times_an_assets_own_worst_day(move, share):
    paths = np.zeros((2, 10, 2))
    paths[1, 4] = move
    assert explosion_share(paths, TRAIN) == share


@pytest.mark.parametrize(
    ("deviation", "common", "share"), [(0.05, 0.95, 1.0), (0.005, 0.95, 0.0), (0.05, 0.1, 0.0)]
)
def test_a_spike_needs_high_volatility_and_high_correlation(deviation, common, share):
    rng = np.random.default_rng(0)
    alone, together = rng.normal(size=(20, 63, 5)), rng.normal(size=(20, 63, 1))
    paths = deviation * (np.sqrt(common) * together + np.sqrt(1 - common) * alone)
    assert joint_spike_share(paths) == share
