"""Days before a channel's start keep what the channel has in common with others."""

import numpy as np
import pandas as pd
import pytest
from contracts import example_returns

from scenara.shared.errors import DataError
from scenara.shared.generators.series import filled_starts


def market(n_steps=4_000, seed=0):
    """Give four channels under one volatility that clusters, (steps, channels)."""
    rng = np.random.default_rng(seed)
    calm = np.exp(0.7 * np.sin(np.arange(n_steps) / 60))[:, None]
    common, own = rng.normal(size=(n_steps, 1)), rng.normal(size=(n_steps, 4))
    return 0.05 + calm * (common + own)


def with_late(values, **starts):
    late = values.copy()
    for channel, start in starts.items():
        late[:start, int(channel[1:])] = np.nan
    return late


@pytest.fixture(scope="module")
def whole():
    return market()


@pytest.fixture(scope="module")
def filled(whole):
    return filled_starts(with_late(whole, c2=1_500, c3=1_500))


def test_observed_values_stay_as_they_are(whole, filled):
    late = with_late(whole, c2=1_500, c3=1_500)
    seen = ~np.isnan(late)
    np.testing.assert_array_equal(filled[seen], whole[seen])


def test_correlations_before_the_start_are_those_of_the_hidden_values(whole, filled):
    found, expected = (np.corrcoef(values[:1_500].T) for values in (filled, whole))
    np.testing.assert_allclose(found, expected, atol=4 / np.sqrt(1_500))


def test_mean_before_the_start_is_that_of_the_hidden_values(whole, filled):
    hidden = whole[:1_500, 2]
    error = hidden.std() / np.sqrt(1_500)
    assert abs(filled[:1_500, 2].mean() - hidden.mean()) < 4 * error


def test_volatility_clusters_before_the_start_as_in_the_hidden_values(whole, filled):
    sizes = [np.abs(values[:1_500, 2]).reshape(-1, 30).mean(axis=1) for values in (whole, filled)]
    assert np.corrcoef(sizes)[0, 1] > 0.8
    assert sizes[1].std() == pytest.approx(sizes[0].std(), rel=0.3)


def test_channels_that_start_at_different_times_are_filled_in_turn(whole):
    filled = filled_starts(with_late(whole, c1=500, c2=1_000, c3=2_000))
    found, expected = (np.corrcoef(values[:2_000].T) for values in (filled, whole))
    np.testing.assert_allclose(found, expected, atol=4 / np.sqrt(1_000))


def test_many_old_channels_do_not_overwhelm_a_short_history():
    rng = np.random.default_rng(1)
    values = rng.normal(size=(1_000, 1)) + rng.normal(size=(1_000, 150))
    filled = filled_starts(with_late(values, c149=900))
    assert filled[:900, 149].std() == pytest.approx(np.sqrt(2), rel=0.25)
    expected = np.corrcoef(values[:900].T)[149, :149].mean()
    assert np.corrcoef(filled[:900].T)[149, :149].mean() == pytest.approx(expected, abs=0.15)


def test_the_same_data_are_filled_in_the_same_way(whole):
    late = with_late(whole, c3=1_500)
    np.testing.assert_array_equal(filled_starts(late), filled_starts(late))


def test_a_frame_keeps_its_names_and_dates_and_is_not_changed():
    late = example_returns()
    late.iloc[:100, 1] = np.nan
    before = late.copy()
    found = filled_starts(late)
    pd.testing.assert_frame_equal(late, before)
    assert found.index.equals(late.index)
    assert list(found.columns) == list(late.columns)


@pytest.mark.parametrize("data", [market(100), market(100)[None], example_returns(), [["a", 1.0]]])
def test_data_that_start_together_are_given_back_as_they_are(data):
    assert filled_starts(data) is data


def test_refuses_data_in_which_no_channel_starts_at_once(whole):
    with pytest.raises(DataError, match="leave out the first 10 steps"):
        filled_starts(with_late(whole, c0=10, c1=20, c2=30, c3=40))


@pytest.mark.parametrize("start", [3_950, 4_000])
def test_refuses_a_channel_with_too_few_values_by_name(whole, start):
    with pytest.raises(DataError, match=f"'channel_2': found {4_000 - start} steps"):
        filled_starts(with_late(whole, c2=start))


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_refuses_a_hole_after_the_start_by_name(whole, value):
    late = with_late(whole, c2=1_500)
    late[1_700, 1] = value
    with pytest.raises(DataError, match="'channel_1'.*step 1700, after its start in step 0"):
        filled_starts(late)
