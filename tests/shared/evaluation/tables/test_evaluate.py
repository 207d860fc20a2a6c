"""One call judges a table by all measures; verdicts follow from limits and intervals."""

import json
import math

import numpy as np
import pandas as pd
import pytest

from scenara.shared.data import Schema
from scenara.shared.errors import ConfigError, DataError
from scenara.shared.evaluation import evaluate_table
from scenara.shared.evaluation.tables import (
    MEASURES,
    Reading,
    boosted_detection,
    closest_records,
    evaluate,
    shape_error,
    train_on_generated,
    trend_error,
)
from scenara.shared.evaluation.tables.battery import _score
from scenara.shared.evaluation.tables.detection import Detection
from scenara.shared.evaluation.tables.verdicts import verdicts_of

PRIVACY = ("closest_share", "copies", "membership_auc", "membership_tpr")
ATTACKS = ("singling_out", "linkability", "inference")


def numbers_table(seed, n_rows=60):
    return pd.DataFrame(np.random.default_rng(seed).normal(size=(n_rows, 3)), columns=list("abc"))


def safe():
    """Readings of rows that are private beyond doubt."""
    return {
        "closest_share": Reading("closest_share", 0.5, 0.49, 0.51),
        "copies": Reading("copies", 0.0, 0.0, 0.001, floor=0.001, floor_high=0.002),
        "membership_auc": Reading("membership_auc", 0.5, 0.49, 0.51),
        "membership_tpr": Reading("membership_tpr", 0.01, 0.008, 0.013),
        **{name: Reading(name, 0.0, -0.02, 0.02) for name in ATTACKS},
    }


def test_the_evaluation_is_found_where_users_look_for_it():
    assert evaluate_table is evaluate


def test_all_five_questions_are_answered(judged):
    assert set(judged[1].to_frame()["question"]) == {m.question for m in MEASURES.values()}


@pytest.mark.parametrize("measure", ["shape", "trend"])
def test_readings_are_those_of_the_measures_themselves(judged, measure):
    tables, evaluation = judged
    direct = {"shape": shape_error, "trend": trend_error}[measure]
    schema = Schema.infer(tables.train)
    assert evaluation[measure].value == direct(tables.train, tables.generated, schema=schema).value


def test_detection_is_measured_against_held_out_and_against_training_rows(judged):
    tables, evaluation = judged
    for name, real in (("detection_test", tables.test), ("detection_train", tables.train)):
        found = boosted_detection(real, tables.generated, schema=evaluation.schema)
        assert evaluation[name].value == found.score
        assert evaluation[name].low <= found.score <= evaluation[name].high


def test_closest_records_keep_their_interval(judged):
    tables, evaluation = judged
    found = closest_records(*tables, schema=evaluation.schema)
    reading = evaluation["closest_share"]
    assert (reading.value, reading.low) == (found.share, found.share_low)


def test_every_measure_of_fidelity_and_privacy_has_a_floor(judged):
    frame = judged[1].to_frame()
    assert frame[frame["question"].isin(["fidelity", "privacy"])]["floor"].notna().all()


def test_held_out_rows_judged_as_generated_read_their_own_floor(mixed):
    train, test = mixed.train[:150], mixed.test[:150]
    found = evaluate(train, test, test)
    for name in ("shape", "trend", "alpha_precision", "level_pairs", "new_rows"):
        assert found[name].value == found[name].floor


def test_a_baseline_that_copies_reads_as_copies(judged):
    copies = {reading.measure: reading.baselines.get("copies") for reading in judged[1].readings}
    assert copies["shape"] == 0
    assert copies["copies"] == 1
    assert copies["closest_share"] > 0.95


def test_too_few_strangers_give_no_interval_at_one_false_alarm_in_a_hundred(judged):
    assert judged[1]["membership_tpr"].is_measured
    assert not judged[1]["membership_tpr"].has_interval


def test_copies_are_not_private_and_the_sentence_says_why(mixed):
    train = mixed.train[:150]
    private = evaluate(train, mixed.test[:150], train).verdicts.private
    assert private.answer == "no"
    assert "closer to a training row than to a stranger" in private.sentence


def test_fresh_real_rows_fail_nothing(mixed):
    verdicts = evaluate(mixed.train[:200], mixed.test[:200], mixed.test[200:400]).verdicts
    assert "no" not in (verdicts.faithful.answer, verdicts.private.answer)


def test_the_evaluation_is_ready_for_json_and_readable(judged):
    _, evaluation = judged
    content = json.loads(json.dumps(evaluation.to_dict(), allow_nan=False))
    assert content["verdicts"]["private"]["answer"] in str(evaluation)
    assert len(content["readings"]) == len(evaluation.to_frame())


def test_the_frame_has_a_column_for_each_baseline(judged):
    assert [*judged[1].to_frame().columns] == [
        *("question", "value", "low", "high", "floor", "copies", "reason")
    ]


def test_costs_are_those_of_the_caller(judged):
    assert judged[1]["fit_cpu_seconds"].value == 2.0
    assert judged[1]["rows_per_cpu_second"].value == 3000.0


def test_the_same_seed_reads_the_same_and_tables_are_left_alone():
    tables = [numbers_table(seed) for seed in range(3)]
    before = [table.copy() for table in tables]
    first, second = evaluate(*tables), evaluate(*tables)
    assert first.to_dict() == second.to_dict()
    for table, kept in zip(tables, before, strict=True):
        pd.testing.assert_frame_equal(table, kept)


def test_without_a_target_usefulness_is_not_measured():
    useful = evaluate(*(numbers_table(seed) for seed in range(3))).verdicts.useful
    assert (useful.answer, useful.passed) == ("not measured", None)


def test_a_number_as_target_is_judged_by_its_error():
    tables = [numbers_table(seed).assign(y=lambda t: t["a"] + t["b"]) for seed in range(3)]
    found = evaluate(*tables, target="y")
    assert found["rmse_ratio"].low < found["rmse_ratio"].value < found["rmse_ratio"].high


def test_a_target_that_never_varies_in_the_generated_rows_is_a_reason(judged):
    tables, _ = judged
    found = evaluate(
        tables.train[:60], tables.test[:60], tables[2][:60].assign(bad=0), target="bad"
    )
    assert "never '1'" in found["utility"].reason
    assert found.verdicts.useful.answer == "not measured"


def test_tables_too_small_for_privacy_give_the_reason_and_no_verdict():
    found = evaluate(*(numbers_table(seed, n_rows=10) for seed in range(3)))
    assert "too few to measure" in found["closest_share"].reason
    assert found.verdicts.private.answer == "not measured"


def test_a_single_column_has_no_trend_but_the_rest_is_measured():
    found = evaluate(*(numbers_table(seed)[["a"]] for seed in range(3)))
    assert "at least two" in found["trend"].reason
    assert found["shape"].is_measured


@pytest.mark.parametrize(
    "spoil",
    [
        lambda t: t.assign(a=np.nan),
        lambda t: t.assign(a=1.0),
        lambda t: t.assign(a=["🙂 שלום"] * len(t)),
        lambda t: t.rename(columns={"a": "class, <b>"}),
        lambda t: t.assign(a=pd.date_range("2020-01-01", periods=len(t), tz="Europe/Rome")),
        lambda t: t.round(0).astype(str),
    ],
    ids=["missing", "constant", "text", "name", "zone", "categories"],
)
def test_odd_columns_are_judged_without_a_crash(spoil):
    found = evaluate(*(spoil(numbers_table(seed)) for seed in range(3)))
    assert found["shape"].is_measured


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"target": "nobody"}, ConfigError, "target: found 'nobody'"),
        ({"augmentation": True}, ConfigError, "augmentation: found no target"),
        ({"baselines": {"train": numbers_table(3)}}, ConfigError, "another name"),
        ({"baselines": {"x": numbers_table(3)[["a"]]}}, DataError, "x: column 'b' is missing"),
        ({"schema": Schema.infer(numbers_table(0).rename(columns={"a": "z"}))}, DataError, "'z'"),
    ],
)
def test_what_makes_no_sense_is_refused_at_the_door(change, error, message):
    with pytest.raises(error, match=message):
        evaluate(*(numbers_table(seed) for seed in range(3)), **change)


def test_augmentation_adds_its_gain():
    tables = [numbers_table(seed).assign(y=lambda t: t["a"]) for seed in range(3)]
    found = evaluate(*tables, target="y", augmentation=True)
    assert found["augmentation"].low <= found["augmentation"].value
    assert found.details["augmentation"].verdict in ("helps", "no difference", "hurts")


def test_progress_reaches_its_end():
    told = []
    tables = [numbers_table(seed, n_rows=20) for seed in range(3)]
    evaluate(*tables, progress=lambda stage, done, total, note="": told.append((done, total)))
    assert told[-1][0] == told[-1][1] == len(told) - 1


def test_the_interval_of_detection_is_the_widest_that_an_area_can_have():
    found = _score(Detection(auc=0.6, score=0.8, n_rows=10_000))
    half_width = 2 * 1.96 * math.sqrt(0.6 * 0.4 / 10_000)
    assert found.low == pytest.approx(0.8 - half_width)
    assert found.high == pytest.approx(0.8 + half_width)


def test_the_interval_of_a_ratio_holds_one_for_equal_rows(mixed):
    found = train_on_generated(mixed.train, mixed.test, mixed.train, target="bad")
    assert found.ratios["auc"] == (1.0, 1.0)


def test_rows_that_are_private_beyond_doubt_are_called_so():
    assert verdicts_of(safe()).private.answer == "yes"


@pytest.mark.parametrize(
    ("measure", "value", "low", "high", "answer"),
    [
        ("closest_share", 0.52, 0.50, 0.54, "yes"),
        ("closest_share", 0.52, 0.45, 0.59, "not certain"),
        ("closest_share", 0.54, 0.52, 0.56, "not certain"),
        ("closest_share", 0.60, 0.55, 0.65, "no"),
        ("membership_auc", 0.55, 0.54, 0.56, "no"),
        ("membership_tpr", 0.014, 0.010, 0.019, "yes"),
        ("membership_tpr", 0.014, 0.000, 0.090, "not certain"),
        ("membership_tpr", 0.030, 0.020, 0.040, "no"),
        ("linkability", 0.05, 0.01, 0.09, "no"),
        ("inference", 0.05, -0.01, 0.11, "yes"),
    ],
)
def test_a_limit_of_privacy_needs_the_value_and_its_interval(measure, value, low, high, answer):
    readings = safe() | {measure: Reading(measure, value, low, high)}
    assert verdicts_of(readings).private.answer == answer


@pytest.mark.parametrize(("low", "answer"), [(0.0019, "yes"), (0.0021, "no")])
def test_copies_may_be_as_frequent_as_among_real_people(low, answer):
    copies = Reading("copies", 0.01, low, 0.02, floor=0.001, floor_high=0.002)
    assert verdicts_of(safe() | {"copies": copies}).private.answer == answer


def test_an_attack_that_could_not_be_tried_leaves_privacy_open():
    readings = safe() | {"singling_out": Reading("singling_out", reason="no predicate")}
    private = verdicts_of(readings).private
    assert private.answer == "not certain"
    assert private.sentence == "Singling out could not be measured: no predicate."


@pytest.mark.parametrize(
    ("low", "high", "answer"),
    [(0.985, 1.0, "yes"), (0.97, 1.0, "not certain"), (0.90, 0.95, "no")],
)
def test_usefulness_is_a_ratio_with_an_interval(low, high, answer):
    reading = Reading("auc_ratio", (low + high) / 2, low, high, floor=1.0)
    assert verdicts_of({"auc_ratio": reading}).useful.answer == answer


@pytest.mark.parametrize(("times", "answer"), [(1.9, "yes"), (2.1, "no")])
def test_shape_may_be_twice_its_floor(times, answer):
    detection = Reading("detection_test", 0.9, 0.88, 0.92)
    shape = Reading("shape", 0.01 * times, floor=0.01)
    found = verdicts_of({"detection_test": detection, "shape": shape}).faithful
    assert found.answer == answer
