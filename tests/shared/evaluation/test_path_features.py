"""Windows are told apart by features that are defined for one channel and for still ones too."""

import numpy as np
import pytest

from scenara.shared.errors import DataError
from scenara.shared.evaluation.path_features import WINDOW_FEATURES, window_features


def feature(windows, name):
    return window_features(windows)[:, WINDOW_FEATURES.index(name)]


def test_correlation_is_the_mean_over_pairs():
    windows = np.random.default_rng(0).normal(size=(4, 63, 3)) + np.linspace(0, 2, 63)[:, None]
    expected = [np.corrcoef(window.T)[np.triu_indices(3, 1)].mean() for window in windows]
    np.testing.assert_allclose(feature(windows, "mean_correlation"), expected)


def test_factors_are_eigenvalues_of_the_correlation():
    windows = np.random.default_rng(1).normal(size=(4, 21, 30))
    found = [feature(windows, name) for name in ("first_factor", "second_factor")]
    expected = [np.linalg.eigvalsh(np.corrcoef(window.T))[[-1, -2]] / 30 for window in windows]
    np.testing.assert_allclose(np.transpose(found), expected)


def test_one_channel_has_a_single_factor_and_no_correlation():
    windows = np.random.default_rng(2).normal(size=(5, 63, 1))
    np.testing.assert_allclose(feature(windows, "first_factor"), 1)
    for name in ("mean_correlation", "second_factor"):
        assert (feature(windows, name) == 0).all()


@pytest.mark.parametrize("n_channels", [1, 2])
def test_features_of_still_windows_are_finite(n_channels):
    assert np.isfinite(window_features(np.full((3, 63, n_channels), 0.1))).all()


def test_a_window_is_described_whatever_its_company():
    windows = np.random.default_rng(3).normal(size=(300, 21, 4))
    np.testing.assert_array_equal(window_features(windows)[200:], window_features(windows[200:]))


@pytest.mark.parametrize("shape", [(63, 2), (5, 6, 2), (0, 63, 2)])
def test_what_is_no_set_of_windows_is_refused(shape):
    with pytest.raises(DataError, match=r"expected \(windows, steps, channels\) with at least 7"):
        window_features(np.ones(shape))
