"""Membership: curves against scikit-learn, copies are caught, fresh rows and canaries pass."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score, roc_curve

from scenara.shared.errors import ConfigError, DataError
from scenara.shared.evaluation.tables.canary import canary_exposure, plant_canaries
from scenara.shared.evaluation.tables.discrimination import (
    area_with_interval,
    true_positive_rate,
    true_positive_rate_interval,
)
from scenara.shared.evaluation.tables.membership import membership_attacks

ATTACKS = ("density ratio", "nearest")


def independent_columns(frame, seed):
    rng = np.random.default_rng(seed)
    return pd.DataFrame({name: rng.permutation(frame[name].to_numpy()) for name in frame})


@pytest.mark.parametrize("attack", ATTACKS)
def test_repeated_rows_give_members_away(attack, numbers):
    train, test, _ = numbers
    repeated = train.sample(len(train), replace=True, random_state=0)
    found = membership_attacks(train, test, repeated)[attack]
    assert found.auc_low > 0.53
    assert found.is_significant


@pytest.mark.parametrize("attack", ATTACKS)
def test_fresh_real_rows_give_nobody_away(attack, numbers):
    found = membership_attacks(*numbers)[attack]
    assert found.auc_low < 0.5 < found.auc_high
    assert found.tpr_low <= 0.01 <= found.tpr_high


def test_of_members_whose_rows_were_all_copied_everyone_is_found(numbers):
    train, test, _ = numbers
    found = membership_attacks(train, test, train)["nearest"]
    assert (found.auc, found.tpr) == (1, 1)


def test_area_and_rate_are_those_of_scikit_learn():
    rng = np.random.default_rng(0)
    members, strangers = rng.normal(0.5, 1, 300).round(1), rng.normal(0, 1, 250).round(1)
    label = np.r_[np.ones(300), np.zeros(250)]
    score = np.r_[members, strangers]
    fpr, tpr, _ = roc_curve(label, score)
    assert area_with_interval(members, strangers)[0] == pytest.approx(roc_auc_score(label, score))
    for share in (0.01, 0.05, 0.5):
        found = true_positive_rate(members, strangers, false_positive_rate=share)
        assert found == pytest.approx(np.interp(share, fpr, tpr), abs=1e-12)


def test_the_interval_of_hanley_and_mcneil_is_that_of_their_paper():
    # Area .893 of 51 abnormal and 58 normal images: standard error .032 (Radiology 143, page 33).
    counts = {1: (3, 33), 2: (2, 6), 3: (2, 6), 4: (11, 11), 5: (33, 2)}
    members, strangers = (
        np.concatenate([np.full(pair[side], float(score)) for score, pair in counts.items()])
        for side in (0, 1)
    )
    area, low, _ = area_with_interval(members, strangers)
    assert (round(area, 3), round((area - low) / 1.96, 3)) == (0.893, 0.032)


@pytest.mark.parametrize("interval", [area_with_interval, true_positive_rate_interval])
def test_no_members_are_refused(interval):
    with pytest.raises(DataError, match="found 0 members and 3 strangers"):
        interval(np.zeros(0), np.zeros(3))


def test_few_rows_are_refused(numbers):
    train, test, generated = numbers
    with pytest.raises(DataError, match="generated: found 3 rows, too few"):
        membership_attacks(train, test, generated[:3])


def test_a_generator_that_repeats_rows_shows_planted_canaries(mixed):
    canaries = plant_canaries(mixed.train, random_state=0)
    repeated = canaries.train.sample(len(canaries.train), replace=True, random_state=1)
    found = canary_exposure(canaries, repeated)
    assert found.is_exposed
    assert found.planted_median < found.decoy_median


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_columns_drawn_independently_hide_planted_canaries(seed, mixed):
    canaries = plant_canaries(mixed.train, random_state=seed)
    assert not canary_exposure(canaries, independent_columns(canaries.train, seed)).is_exposed


def test_canaries_are_made_of_known_values_and_keep_the_dtypes(mixed):
    canaries = plant_canaries(mixed.train, n_planted=5, random_state=0)
    assert len(canaries.train) == len(mixed.train) + 5
    assert canaries.train.dtypes.equals(mixed.train.dtypes)
    for name in mixed.train:
        assert canaries.planted[name].isin(mixed.train[name]).all()


@pytest.mark.parametrize(("n_planted", "n_decoys"), [(0, 5), (5, 0)])
def test_no_canaries_are_refused(n_planted, n_decoys, mixed):
    with pytest.raises(ConfigError, match="canaries: found n_planted"):
        plant_canaries(mixed.train, n_planted=n_planted, n_decoys=n_decoys)
