"""Augmentation helps where rows are few and new, hurts where they lie, else makes no difference."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import ttest_1samp

from scenara.shared.errors import ConfigError, DataError
from scenara.shared.evaluation.tables.augmentation import (
    Augmentation,
    PairedDifference,
    augmentation_of_given_rows,
    augmentation_with_refits,
    paired_difference,
)


def customers(seed, n_rows):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n_rows, 4))
    chance = 1 / (1 + np.exp(-2 * x[:, 0] + 2 * x[:, 1]))
    return pd.DataFrame(x, columns=list("abcd")).assign(bad=(rng.random(n_rows) < chance) + 0)


def interacting_customers(seed, n_rows):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n_rows, 4))
    bad = (x[:, 0] * x[:, 1] * x[:, 2] > 0) ^ (rng.random(n_rows) < 0.1)
    return pd.DataFrame(x, columns=list("abcd")).assign(bad=bad + 0)


FEW, TEST, MANY = customers(0, 100), customers(1, 1500), customers(2, 1000)
LIES = MANY.assign(bad=1 - MANY["bad"])


@pytest.mark.parametrize(
    ("train", "generated", "verdict"),
    [
        (FEW, MANY, "helps"),
        (FEW, LIES, "hurts"),
        (MANY, MANY[:100], "no difference"),
    ],
)
def test_given_rows_get_the_verdict_they_deserve(train, generated, verdict):
    found = augmentation_of_given_rows(train, TEST, generated, target="bad")
    assert found.verdict == verdict


@pytest.mark.parametrize(
    ("law", "generate", "verdict"),
    [
        (interacting_customers, lambda rows, seed: interacting_customers(seed, 2000), "helps"),
        (customers, lambda rows, seed: customers(seed, 1000).eval("bad = 1 - bad"), "hurts"),
        (customers, lambda rows, seed: rows[:5], "no difference"),
    ],
)
def test_generators_fitted_anew_get_the_verdict_they_deserve(law, generate, verdict):
    assert augmentation_with_refits(law(0, 400), generate, target="bad").verdict == verdict


def test_a_number_is_judged_by_its_root_mean_square_error():
    found = augmentation_of_given_rows(FEW, TEST[:300], MANY, target="a", n_splits=3)
    assert (found.metric, set(found.gains)) == ("rmse", {"r2", "rmse", "mae"})


def test_rows_that_only_equal_their_own_repetition_do_not_help():
    gain, nothing = PairedDifference(0.1, 0.05, 0.15, 5), PairedDifference(0.0, -0.1, 0.1, 5)
    found = Augmentation("auc", {}, {"auc": gain}, {"auc": nothing}, {"auc": gain}, {})
    assert found.verdict == "no difference"


def test_the_interval_without_overlap_is_that_of_scipy():
    differences = np.random.default_rng(0).normal(0.01, 0.02, 8)
    expected = ttest_1samp(differences, 0).confidence_interval(0.95)
    found = paired_difference(differences)
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), abs=1e-12)


def test_overlap_widens_the_interval_by_the_factor_of_nadeau_and_bengio():
    differences = np.array([0.1, 0.2, 0.4])
    plain, wide = paired_difference(differences), paired_difference(differences, overlap=0.5)
    ratio = (wide.high - wide.low) / (plain.high - plain.low)
    assert ratio == pytest.approx(np.sqrt((1 / 3 + 0.5) / (1 / 3)))


@pytest.mark.parametrize(
    ("options", "error", "match"),
    [
        ({"metric": "accuracy"}, ConfigError, "metric: found 'accuracy', expected one of auc"),
        ({"metric": "rmse"}, ConfigError, "metric: found 'rmse'"),
        ({"n_splits": 1}, ConfigError, "n_splits: found 1, expected at least 2"),
        ({"n_splits": 1500}, DataError, "column 'bad', 1 test rows of a split: the target"),
    ],
)
def test_bad_settings_are_refused(options, error, match):
    with pytest.raises(error, match=match):
        augmentation_of_given_rows(FEW, TEST, MANY[:10], target="bad", **options)


def test_a_generator_that_forgets_a_column_is_refused():
    with pytest.raises(DataError, match="generated: column 'd' is missing"):
        augmentation_with_refits(FEW, lambda rows, _: rows.drop(columns="d"), target="bad")


@pytest.mark.parametrize("share", [0, 1.0])
def test_a_share_of_nothing_or_all_is_refused(share):
    with pytest.raises(ConfigError, match="test_share: found"):
        augmentation_with_refits(FEW, lambda rows, _: rows, target="bad", test_share=share)
