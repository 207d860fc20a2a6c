"""The classifier two-sample test: known truths and scikit-learn as reference."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from scenara.shared.errors import DataError
from scenara.shared.evaluation import area_under_curve, classifier_two_sample


@pytest.mark.parametrize("n_values", [3, 1000])
def test_area_is_that_of_scikit_learn_with_and_without_ties(n_values):
    rng = np.random.default_rng(n_values)
    label, score = rng.integers(0, 2, 200), rng.integers(0, n_values, 200)
    expected = roc_auc_score(label, score)
    assert area_under_curve(label, score) == pytest.approx(expected, abs=1e-12)


def test_rows_of_one_law_cannot_be_told_apart():
    first, second = np.random.default_rng(1).normal(size=(2, 1000, 4))
    standard_error = np.sqrt((1 / 1000 + 1 / 1000) / 12)
    assert abs(classifier_two_sample(first, second) - 0.5) < 3 * standard_error


def test_a_shift_of_half_a_deviation_is_detected_as_well_as_it_can_be():
    rng = np.random.default_rng(0)
    first, second = rng.normal(size=(2000, 1)), rng.normal(0.5, 1, size=(2000, 1))
    best = 0.638  # P(N(0.5, 2) > 0)
    assert classifier_two_sample(first, second) == pytest.approx(best, abs=3 * 0.009)


@pytest.mark.parametrize("scale", [0.1, 10.0])
def test_another_spread_is_detected_through_the_squares(scale):
    rng = np.random.default_rng(0)
    first, second = rng.normal(size=(300, 2)), rng.normal(0, scale, size=(300, 2))
    assert classifier_two_sample(first, second) > 0.95


def test_a_surplus_of_generated_rows_is_subsampled_by_the_seed():
    rng = np.random.default_rng(0)
    real, generated = rng.normal(size=(40, 2)), rng.normal(0.3, 1, size=(4000, 2))
    areas = {classifier_two_sample(real, generated, random_state=s) for s in (0, 0, 1)}
    assert len(areas) == 2


@pytest.mark.parametrize(
    ("shapes", "match"),
    [
        (((4, 2), (50, 2)), "real: found 4 rows, expected at least 5"),
        (((50, 2), (4, 2)), "generated: found 4 rows, expected at least 5"),
        (((50, 2), (50, 3)), "found 3 columns, expected 2"),
    ],
)
def test_too_few_rows_and_other_columns_are_refused(shapes, match):
    with pytest.raises(DataError, match=match):
        classifier_two_sample(*(np.zeros(shape) for shape in shapes))
