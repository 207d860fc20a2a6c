"""Copies are found, new paths are not."""

import numpy as np
import pytest

from scenara.shared.errors import DataError
from scenara.shared.evaluation import CopyShare, day_copy_share, path_copy_share

TRAIN = np.random.default_rng(0).normal(0, 0.01, size=(800, 4))
REPLAY = np.stack([TRAIN[i : i + 100] for i in range(0, 700, 70)])
NEW = np.random.default_rng(1).normal(0, 0.01, size=(50, 100, 4))


@pytest.mark.parametrize("share", [path_copy_share, day_copy_share])
def test_a_replay_is_a_copy_through_and_through(share):
    found = share(REPLAY, TRAIN)
    assert getattr(found, "share", found) == 1


@pytest.mark.parametrize(("share", "together"), [(path_copy_share, 21), (day_copy_share, 2)])
def test_new_paths_of_the_same_law_are_as_near_as_one_real_piece_in_a_hundred(share, together):
    train = np.random.default_rng(3).normal(0, 0.01, size=(6000, 4))
    found = share(NEW, train)
    # Pieces that overlap, or are each other's nearest, tell the threshold together.
    sampling = np.sqrt(0.01 * 0.99 * (together / len(train) + 1 / 2000))
    assert getattr(found, "share", found) == pytest.approx(0.01, abs=3 * sampling)


def test_neither_scaling_nor_noise_hides_a_copy_of_a_path():
    noise = np.random.default_rng(2).normal(0, 0.004, size=REPLAY.shape)
    assert path_copy_share(2 * REPLAY + noise, TRAIN).share > 0.99


def test_half_a_replay_is_half_a_copy():
    mixed = np.concatenate([REPLAY, NEW[: len(REPLAY)]])
    share = path_copy_share(mixed, TRAIN, n_pieces=4000).share
    assert share == pytest.approx(0.505, abs=3 * 0.008)


@pytest.mark.parametrize(("share", "is_copy"), [(0.02, False), (0.03, True)])
def test_more_than_two_in_a_hundred_make_a_copy(share, is_copy):
    assert CopyShare(share, threshold=0.9).is_copy is is_copy


def test_the_seed_decides_which_pieces_are_looked_at():
    first, again, other = (path_copy_share(NEW, TRAIN, random_state=s) for s in (0, 0, 1))
    assert first == again != other


@pytest.mark.parametrize(
    ("generated", "train", "match"),
    [
        (NEW[:, :, :3], TRAIN, "expected .paths, days, channels. and"),
        (NEW[0], TRAIN, "expected .paths, days, channels. and"),
        (NEW, TRAIN * [1, 1, 0, 1], "channel 2: found one value on all days"),
        (NEW, TRAIN[:30], "train: found 30 days, expected at least 42"),
        (NEW[:, :20], TRAIN, "generated: found 20 days a path, expected at least 21"),
    ],
)
def test_bad_input_is_refused(generated, train, match):
    with pytest.raises(DataError, match=match):
        path_copy_share(generated, train)
