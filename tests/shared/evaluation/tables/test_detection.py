"""Classifier two-sample tests of tables: an independent reference, known truths."""

from importlib.util import find_spec

import numpy as np
import pandas as pd
import pytest

from scenara.shared.errors import ConfigError, DataError, MissingExtraError
from scenara.shared.evaluation.tables import (
    boosted_detection,
    logistic_detection,
    xgboost_detection,
)

needs_xgboost = pytest.mark.skipif(not find_spec("xgboost"), reason="needs xgboost")

# From an independent implementation of the definitions, on the tables of conftest.py.
REFERENCE_AUC = {"test": 0.5574279999999999, "train": 0.570888}
REFERENCE_LOGISTIC = 0.843793979028452
REFERENCE_XGBOOST = 0.899575713301771


def correlated(seed, n_rows=600):
    x = np.random.default_rng(seed).normal(size=n_rows)
    return pd.DataFrame({"x": x, "y": x})


@pytest.mark.parametrize("against", sorted(REFERENCE_AUC))
def test_the_boosted_area_is_that_of_the_reference(against, mixed):
    found = boosted_detection(getattr(mixed, against), mixed.generated, categories=["bad"])
    assert found.auc == pytest.approx(REFERENCE_AUC[against], abs=1e-6)


def test_the_logistic_score_is_that_of_the_reference(mixed):
    found = logistic_detection(mixed.train, mixed.generated, categories=["bad"])
    # The last bits of the solver differ between processors, and may turn the order of a few pairs
    # of rows, each worth 2 / (200 x 167 x 3 folds).
    assert found.score == pytest.approx(REFERENCE_LOGISTIC, abs=5 * 2 / (200 * 167 * 3))


@needs_xgboost
def test_the_xgboost_score_is_that_of_the_reference(mixed):
    found = xgboost_detection(mixed.train, mixed.generated, categories=["bad"])
    assert found.score == pytest.approx(REFERENCE_XGBOOST, abs=1e-6)


@pytest.mark.skipif(bool(find_spec("xgboost")), reason="xgboost is installed")
def test_without_xgboost_its_extra_is_named(mixed):
    with pytest.raises(MissingExtraError, match=r"scenara\[bench\]"):
        xgboost_detection(mixed.train, mixed.generated)


def test_rows_of_one_law_cannot_be_told_apart(mixed):
    found = boosted_detection(mixed.train, mixed.test, categories=["bad"])
    assert abs(found.auc - 0.5) < 3 * np.sqrt((1 / 600 + 1 / 600) / 12)


def test_broken_dependence_is_seen_by_trees_and_not_by_a_line():
    real, generated = correlated(0, 300), correlated(1, 300)
    generated["y"] = np.random.default_rng(2).permutation(generated["y"])
    assert boosted_detection(real, generated).auc > 0.9
    assert logistic_detection(real, generated).score > 0.85


def test_a_copy_of_the_real_rows_is_told_from_them_worse_than_by_chance():
    real = correlated(0)
    found = boosted_detection(real, real.copy())
    assert found.auc < 0.5
    assert found.score == 1.0


def test_the_column_that_gives_the_rows_away_comes_first(mixed):
    found = boosted_detection(mixed.train, mixed.train.assign(debt=mixed.train["debt"].round(-2)))
    assert next(iter(found.importance)) == "debt"
    assert sum(found.importance.values()) == pytest.approx(1)


def test_equally_many_rows_are_compared(mixed):
    assert logistic_detection(mixed.train, mixed.generated).n_rows == 500


@pytest.mark.parametrize("measure", [boosted_detection, logistic_detection])
def test_a_seed_fixes_the_result_and_another_changes_it(measure, mixed):
    results = {measure(mixed.train, mixed.generated, random_state=seed).auc for seed in (0, 0, 1)}
    assert len(results) == 2


def test_a_generator_of_random_numbers_serves_as_seed(mixed):
    found = [
        logistic_detection(mixed.train, mixed.generated, random_state=np.random.default_rng(3))
        for _ in range(2)
    ]
    assert found[0] == found[1]


@pytest.mark.parametrize("seed", [-1, 0.5, "one"])
def test_what_is_no_seed_is_refused(seed, mixed):
    with pytest.raises(ConfigError, match="random_state: found"):
        logistic_detection(mixed.train, mixed.generated, random_state=seed)


@pytest.mark.parametrize("measure", [boosted_detection, logistic_detection])
def test_fewer_rows_than_folds_are_refused(measure, mixed):
    with pytest.raises(DataError, match="generated: found 2 rows, expected at least [35]"):
        measure(mixed.train, mixed.generated[:2])


def test_ten_thousand_levels_stay_within_bounded_memory():
    rng = np.random.default_rng(0)
    real, generated = (
        pd.DataFrame({"city": rng.integers(0, 10_000, 2000).astype(str)}) for _ in range(2)
    )
    assert 0.85 < logistic_detection(real, generated).score <= 1
