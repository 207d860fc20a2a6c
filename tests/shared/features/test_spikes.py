import numpy as np
import pytest

from scenara.shared.features.spikes import find_spikes


def test_a_value_far_more_frequent_than_its_neighbours_is_a_spike():
    counts = np.ones(1_000, dtype=int)
    counts[400] = 50
    assert np.flatnonzero(find_spikes(counts)).tolist() == [400]


def test_two_spikes_beside_each_other_are_both_found():
    counts = np.ones(1_000, dtype=int)
    counts[[0, 1]] = 200
    assert np.flatnonzero(find_spikes(counts)).tolist() == [0, 1]


def test_a_smooth_law_on_few_values_has_no_spikes():
    ages = np.random.default_rng(0).binomial(80, 0.5, 10_000)
    assert not find_spikes(np.unique(ages, return_counts=True)[1]).any()


def test_a_value_below_the_share_is_no_spike():
    counts = np.ones(10_000, dtype=int)
    counts[5] = 50
    assert not find_spikes(counts).any()


@pytest.mark.parametrize("counts", [[7], [40, 50], [10] * 20])
def test_few_values_often_seen_are_all_spikes(counts):
    assert find_spikes(np.array(counts)).all()


def test_a_single_value_left_over_is_a_spike_too():
    assert find_spikes(np.array([99, 1])).all()


def test_few_values_seldom_seen_are_not():
    assert not find_spikes(np.array([1, 1, 1])).any()
