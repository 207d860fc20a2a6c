"""Paths of the era's own law are as near to it as history; paths of another law are farther."""

import numpy as np
import pytest

from scenara.shared.errors import DataError
from scenara.shared.evaluation.held_out_paths import (
    EraScale,
    cut_eras,
    overlapping_windows,
    whole_windows,
)


def market(shape, rng, *, deviation=0.01, joint=1.0):
    """Give normal returns with a common factor."""
    common = joint * rng.normal(size=(*shape[:2], 1))
    return deviation * (common + rng.normal(size=shape)) / np.sqrt(1 + joint**2)


@pytest.fixture(scope="module")
def scale():
    data = market((1, 6_000, 3), np.random.default_rng(0))
    return EraScale.of(cut_eras(data, 3)[1])


def score(scale, seed, **law):
    return scale.score(market((100, 252, 3), np.random.default_rng(seed), **law))


def test_paths_of_the_same_law_are_as_near_as_history(scale):
    scores = [score(scale, seed) for seed in range(5)]
    # Both are samples of the era's law; the era's own chance is in both distances.
    assert np.mean(scores) == pytest.approx(1, abs=0.25)


@pytest.mark.parametrize("law", [{"deviation": 0.02}, {"joint": 0.2}, {"joint": 3.0}])
def test_paths_of_another_law_are_farther(scale, law):
    assert score(scale, 1, **law) > 2


def test_the_score_does_not_depend_on_the_unit():
    rng = np.random.default_rng(0)
    data, paths = market((1, 900, 2), rng), market((50, 252, 2), rng)
    first, again = (
        EraScale.of(cut_eras(unit * data, 3)[0]).score(unit * paths) for unit in (1.0, 100.0)
    )
    assert again == pytest.approx(first, rel=1e-6)


def test_eras_follow_each_other_and_the_rest_is_the_rest():
    data = np.arange(1_000.0).reshape(1, 500, 2)
    eras = cut_eras(data, 3)
    assert (np.concatenate([era.held for era in eras], axis=1) == data).all()
    for era in eras:
        assert sorted([*era.held[0, :, 0], *era.rest[0, :, 0]]) == list(data[0, :, 0])


def test_no_window_of_history_reaches_over_the_era():
    era = cut_eras(np.arange(600.0).reshape(1, 600, 1), 3)[1]
    windows = np.concatenate([overlapping_windows(p, era.window) for p in era.pieces])
    assert (np.diff(windows, axis=1) == 1).all()


def test_short_series_are_held_out_whole():
    data = np.arange(7.0)[:, None, None] * np.ones((7, 60, 1))
    held = [np.unique(era.held).tolist() for era in cut_eras(data, 3)]
    assert held == [[0, 1], [2, 3], [4, 5, 6]]
    assert all(len(era.rest) + len(era.held) == 7 for era in cut_eras(data, 3))


@pytest.mark.parametrize(("n_steps", "window"), [(6_000, 63), (600, 50), (130, 21)])
def test_windows_of_short_eras_are_shorter(n_steps, window):
    assert cut_eras(np.zeros((1, n_steps, 1)), 3)[0].window == window


def test_whole_windows_do_not_overlap():
    windows = whole_windows(np.arange(130.0).reshape(1, 130, 1), 60)
    assert windows[:, [0, -1], 0].tolist() == [[0, 59], [60, 119]]


def test_a_single_channel_has_a_score():
    rng = np.random.default_rng(1)
    scale = EraScale.of(cut_eras(rng.normal(size=(1, 500, 1)), 3)[0])
    assert 0 < scale.score(rng.normal(size=(100, 166, 1))) < 3


@pytest.mark.parametrize("shape", [(1, 100, 2), (2, 50, 2), (9, 41, 2)])
def test_too_little_data_is_refused(shape):
    with pytest.raises(DataError, match="expected 3 eras of at least 42 steps"):
        cut_eras(np.zeros(shape), 3)
