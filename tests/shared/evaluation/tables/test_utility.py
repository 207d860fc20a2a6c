"""Train on generated, test on real: a reference, scikit-learn's scores, degenerate targets."""

import numpy as np
import pandas as pd
import pytest
from sklearn import metrics

from scenara.shared.errors import DataError
from scenara.shared.evaluation.tables.scoring import (
    calibration_error,
    class_scores,
    number_scores,
)
from scenara.shared.evaluation.tables.utility import train_on_generated

# From an independent implementation of all definitions, on the tables of conftest.py.
REFERENCE = {
    "generated": {
        "auc": 0.5185950885208452,
        "pr_auc": 0.158171201175212,
        "brier": 0.13544784214195915,
        "log_loss": 0.4755254775039104,
        "ece": 0.09472051134384546,
        "ks": 0.06407766990291264,
    },
    "real": {
        "auc": 0.5641347801256426,
        "pr_auc": 0.1930735534761615,
        "brier": 0.13670092744751905,
        "log_loss": 0.4570323661322351,
        "ece": 0.08531417492635981,
        "ks": 0.1288406624785836,
    },
}
RNG = np.random.default_rng(0)
LABEL = (RNG.random(500) < 0.3).astype(float)
PROBABILITY = np.clip(0.3 * LABEL + RNG.random(500) * 0.7, 0, 1).round(2)


@pytest.mark.parametrize("trained_on", ["generated", "real"])
def test_scores_are_those_of_the_reference(trained_on, mixed):
    found = train_on_generated(*mixed, target="bad", positive=1)
    assert getattr(found, trained_on) == pytest.approx(REFERENCE[trained_on], abs=1e-6)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("auc", metrics.roc_auc_score(LABEL, PROBABILITY)),
        ("pr_auc", metrics.average_precision_score(LABEL, PROBABILITY)),
        ("brier", metrics.brier_score_loss(LABEL, PROBABILITY)),
        ("log_loss", metrics.log_loss(LABEL, np.clip(PROBABILITY, 1e-6, 1 - 1e-6))),
        ("ks", np.max(np.subtract(*metrics.roc_curve(LABEL, PROBABILITY)[1::-1]))),
    ],
)
def test_scores_of_a_class_are_those_of_scikit_learn(name, expected):
    assert class_scores(LABEL, PROBABILITY)[name] == pytest.approx(expected, abs=1e-12)


def test_calibrated_probabilities_have_no_error_and_shifted_ones_that_of_the_shift():
    probability = np.repeat([0.2, 0.6], 500)
    label = np.concatenate([np.arange(500) < 100, np.arange(500) < 300]).astype(float)
    assert calibration_error(label, probability, n_bins=2) == pytest.approx(0, abs=1e-12)
    assert calibration_error(label, probability + 0.1, n_bins=2) == pytest.approx(0.1)


def test_scores_of_a_number_are_those_of_scikit_learn():
    observed, predicted = RNG.normal(size=(2, 50))
    assert number_scores(observed, predicted) == pytest.approx(
        {
            "r2": metrics.r2_score(observed, predicted),
            "rmse": metrics.root_mean_squared_error(observed, predicted),
            "mae": metrics.mean_absolute_error(observed, predicted),
        }
    )


@pytest.mark.parametrize(
    ("target", "classes", "scores"),
    [
        ("bad", ("1",), {"auc", "pr_auc", "brier", "log_loss", "ece", "ks"}),
        ("owner", ("True",), {"auc", "pr_auc", "brier", "log_loss", "ece", "ks"}),
        ("grade", ("A", "B", "C", "rare"), {"auc", "pr_auc", "brier", "log_loss", "ece", "ks"}),
        ("debt", (), {"r2", "rmse", "mae"}),
        ("income", (), {"r2", "rmse", "mae"}),
    ],
)
def test_the_target_decides_what_is_scored(target, classes, scores, mixed):
    found = train_on_generated(*mixed, target=target)
    assert (found.classes, set(found.real), set(found.generated)) == (classes, scores, scores)
    assert np.isfinite([*found.real.values(), *found.generated.values()]).all()


def test_the_real_rows_as_generated_ones_are_as_useful(mixed):
    found = train_on_generated(mixed.train, mixed.test, mixed.train, target="debt")
    assert found.ratio("rmse") == 1


@pytest.mark.parametrize(("target", "value"), [("bad", 0), ("grade", "A"), ("debt", 3.0)])
def test_generated_rows_with_one_value_of_the_target_give_the_reason(target, value, mixed):
    found = train_on_generated(
        mixed.train, mixed.test, mixed.generated.assign(**{target: value}), target=target
    )
    assert (found.generated, found.is_measurable) == ({}, False)
    assert found.reason.startswith(f"generated, column {target!r}: the target")
    assert found.real


def test_a_model_that_could_not_be_trained_has_no_ratio(mixed):
    found = train_on_generated(mixed.train, mixed.test, mixed.generated.assign(bad=0), target="bad")
    with pytest.raises(DataError, match="no 'auc' of the generated rows: .* never '1'"):
        found.ratio("auc")


@pytest.mark.parametrize("value", [1, None])
@pytest.mark.parametrize("part", ["train", "test"])
def test_real_rows_with_one_class_are_refused(part, value, mixed):
    tables = mixed._asdict()
    tables[part] = tables[part].assign(bad=value)
    with pytest.raises(DataError, match=f"{part}, column 'bad': "):
        train_on_generated(**tables, target="bad", categories=["bad"])


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"target": "nothing"}, "target: found 'nothing'"),
        ({"target": "bad", "positive": 7}, "positive: found 7, expected a value of column 'bad'"),
        ({"target": "debt", "categories": ["debt"]}, "classes, expected at most 20"),
    ],
)
def test_targets_that_make_no_sense_are_refused(options, match, mixed):
    with pytest.raises(DataError, match=match):
        train_on_generated(*mixed, **options)


def test_names_of_columns_may_hold_anything(mixed):
    names = {"debt": 'a,b "c": {d}', "grade": "شريحة 🙂"}
    tables = [frame.rename(columns=names) for frame in mixed]
    found = train_on_generated(*tables, target="bad")
    assert found.generated == pytest.approx(REFERENCE["generated"])


def test_constant_features_predict_the_base_rate():
    frame = pd.DataFrame({"x": 1.0, "y": np.arange(100) % 4 == 0})
    assert train_on_generated(frame, frame, frame, target="y").real["auc"] == 0.5
