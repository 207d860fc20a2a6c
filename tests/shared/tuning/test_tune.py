"""A search finds known optima, keeps its record, and survives being killed."""

import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from scenara.shared.errors import (
    ArtifactError,
    ConfigError,
    MissingExtraError,
    TrainingError,
)
from scenara.shared.tuning import Choice, Uniform, Whole, tune

SPACE = {"x": Uniform(-4, 4), "n": Whole(1, 100, log=True), "shape": Choice([(8,), (64, 64)])}
BEST = {"x": 1.0, "n": 10, "shape": (64, 64)}
# The killed process imports this file, so that its objective is the one of the tests.
KILLED = """
import os, signal, sys
sys.path.insert(0, sys.argv[1])
import test_tune as here

def dying(settings, trial):
    if trial.number == 7:
        trial.folder.mkdir(parents=True, exist_ok=True)
        (trial.folder / "checkpoint").write_text(repr(settings))
        os.kill(os.getpid(), signal.SIGKILL)
    return here.height(settings, trial)

here.tune(dying, here.SPACE, n_trials=12, storage=sys.argv[2], random_state=3)
"""


def height(settings, trial):
    far = (settings["x"] - 1) ** 2 + np.log10(settings["n"] / 10) ** 2
    return -far - (settings["shape"] != (64, 64))


def climb(settings, trial):
    for step in range(9):
        trial.report(step, settings["x"])
    return settings["x"]


def kill_in_trial_seven(folder):
    command = [sys.executable, "-c", KILLED, str(Path(__file__).parent), str(folder)]
    return subprocess.run(command, check=False, capture_output=True).returncode


@pytest.fixture(scope="module")
def undisturbed():
    return tune(height, SPACE, n_trials=12, random_state=3)


@pytest.fixture(scope="module")
def killed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("search")
    assert kill_in_trial_seven(folder) == -signal.SIGKILL
    return folder


@pytest.fixture(scope="module")
def resumed(killed):
    seen = {}

    def watching(settings, trial):
        kept = trial.folder / "checkpoint"
        seen[trial.number] = (settings, kept.read_text() if kept.exists() else "")
        return height(settings, trial)

    found = tune(watching, SPACE, n_trials=12, storage=killed, random_state=3)
    return found, seen


def without_times(result):
    return result.trials.drop(columns="seconds")


def test_the_optimum_of_a_known_function_is_found():
    found = tune(height, SPACE, n_trials=60, random_state=0)
    assert found.best["shape"] == BEST["shape"]
    assert found.value > -0.25
    assert abs(found.best["x"] - BEST["x"]) < 0.5


def test_what_does_not_matter_has_no_importance():
    space = {"x": Uniform(-4, 4), "idle": Uniform(0, 1)}
    found = tune(lambda s, _: -((s["x"] - 1) ** 2), space, n_trials=40, random_state=0)
    assert next(iter(found.importance)) == "x"
    assert found.importance["x"] > 0.8


def test_the_least_value_is_found_on_request():
    space = {"x": Uniform(-4, 4)}
    found = tune(lambda s, _: s["x"], space, n_trials=15, direction="minimize", random_state=0)
    assert found.value == found.trials["value"].min() < 0


def test_the_table_has_a_row_a_trial_with_its_settings(undisturbed):
    trials = undisturbed.trials
    assert trials["trial"].tolist() == list(range(12))
    assert set(trials["state"]) == {"complete"}
    assert trials["value"].max() == undisturbed.value
    row = trials.loc[trials["value"].idxmax()]
    assert {name: row[f"setting_{name}"] for name in SPACE} == undisturbed.best


def test_the_same_seed_gives_the_same_trials(undisturbed):
    again = tune(height, SPACE, n_trials=12, random_state=3)
    pd.testing.assert_frame_equal(without_times(again), without_times(undisturbed))


def test_another_seed_gives_other_trials(undisturbed):
    other = tune(height, SPACE, n_trials=1, random_state=4)
    assert other.trials["setting_x"][0] != undisturbed.trials["setting_x"][0]


def test_every_trial_has_a_seed_of_its_own():
    seeds = []
    tune(lambda s, t: float(seeds.append(t.seed) or 0), SPACE, n_trials=4, random_state=0)
    assert len(set(seeds)) == 4


def test_a_killed_search_gives_what_an_undisturbed_one_gives(resumed, undisturbed):
    found, _ = resumed
    pd.testing.assert_frame_equal(without_times(found), without_times(undisturbed))
    assert found.best == undisturbed.best


def test_only_trials_that_were_not_finished_are_run_again(resumed):
    _, seen = resumed
    assert sorted(seen) == [7, 8, 9, 10, 11]


def test_the_trial_that_was_cut_off_finds_its_settings_and_checkpoint(resumed):
    found, seen = resumed
    settings, checkpoint = seen[7]
    assert checkpoint == repr(settings)
    assert found.n_interrupted == 1


def test_the_trial_that_was_cut_off_is_marked_as_failed(resumed, killed):
    with sqlite3.connect(killed / "trials.sqlite3") as connection:
        states = [row[0] for row in connection.execute("SELECT state FROM trials")]
    connection.close()
    assert (states.count("COMPLETE"), states.count("FAIL"), len(states)) == (12, 1, 13)


def test_checkpoints_are_removed_when_a_trial_is_over(resumed, killed):
    assert list((killed / "trials").iterdir()) == []


def test_a_trial_that_is_cut_off_again_and_again_is_given_up(tmp_path):
    def dying(settings, trial):
        if trial.number == 1:
            raise KeyboardInterrupt
        return height(settings, trial)

    for _ in range(3):
        with pytest.raises(KeyboardInterrupt):
            tune(dying, SPACE, n_trials=3, storage=tmp_path, random_state=3)
    found = tune(dying, SPACE, n_trials=3, storage=tmp_path, random_state=3)
    assert found.trials["state"].tolist() == ["complete", "given up", "complete"]
    assert found.n_interrupted == 3


def test_a_finished_search_is_not_run_again(resumed, killed):
    def refuse(settings, trial):
        raise AssertionError("no trial is left to run")

    found = tune(refuse, SPACE, n_trials=12, storage=killed)
    pd.testing.assert_frame_equal(found.trials, resumed[0].trials)


def test_a_search_goes_on_with_more_trials(tmp_path):
    for n_trials in (3, 5):
        found = tune(height, SPACE, n_trials=n_trials, storage=tmp_path, random_state=3)
        assert len(found.trials) == n_trials


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"space": {"x": Uniform(0, 1)}}, "another space"),
        ({"direction": "minimize"}, "another direction"),
        ({"random_state": 4}, "another seed"),
        ({"pruner": "none"}, "another pruner"),
    ],
)
def test_a_folder_keeps_one_search(changes, message, killed, resumed):
    arguments = {"space": SPACE, "n_trials": 12, "random_state": 3, "storage": killed} | changes
    with pytest.raises(ConfigError, match=message):
        tune(height, **arguments)


def test_two_processes_do_not_share_a_folder(tmp_path):
    def nested(settings, trial):
        return tune(height, SPACE, n_trials=1, storage=tmp_path).value

    with pytest.raises(TrainingError, match="another process tunes in this folder"):
        tune(nested, SPACE, n_trials=1, storage=tmp_path)


def test_a_file_that_is_no_record_is_refused(tmp_path):
    (tmp_path / "trials.sqlite3").write_text("no record of trials, but a letter" * 50)
    with pytest.raises(ArtifactError, match="can't be read as a record"):
        tune(height, SPACE, n_trials=1, storage=tmp_path)


@pytest.mark.parametrize("pruner", ["median", "hyperband"])
def test_trials_that_lag_behind_are_ended(pruner):
    found = tune(climb, {"x": Uniform(0, 1)}, n_trials=25, pruner=pruner, random_state=0)
    pruned = found.trials[found.trials["state"] == "pruned"]
    assert 0 < len(pruned) < 25
    assert pruned["n_reports"].max() <= 9
    assert pruned["value"].max() < found.value


def test_no_trial_is_ended_on_request():
    found = tune(climb, {"x": Uniform(0, 1)}, n_trials=12, pruner="none", random_state=0)
    assert set(found.trials["n_reports"]) == {9}


def test_first_settings_are_tried_first_and_completed():
    found = tune(height, SPACE, n_trials=3, first=[BEST, {"x": 0.5}], random_state=0)
    assert found.best == BEST
    assert found.value == 0
    assert found.trials["setting_x"][:2].tolist() == [1.0, 0.5]


@pytest.mark.parametrize(
    ("first", "message"), [({"y": 1}, "'y' is not in the space"), ({"x": 9}, "9 is outside")]
)
def test_first_settings_outside_the_space_are_refused(first, message):
    with pytest.raises(ConfigError, match=message):
        tune(height, SPACE, first=[first])


def test_time_that_is_used_up_ends_the_search():
    found = tune(height, SPACE, n_trials=1_000, budget_seconds=0.01, random_state=0)
    assert 1 <= len(found.trials) < 1_000


def test_a_trial_without_a_number_fails_and_the_others_go_on():
    def shaky(settings, trial):
        if trial.number == 1:
            raise TrainingError("the loss became nan")
        return float("nan") if trial.number == 2 else height(settings, trial)

    found = tune(shaky, SPACE, n_trials=4, random_state=0)
    assert found.trials["state"].tolist() == ["complete", "failed", "failed", "complete"]
    assert found.trials["note"][1] == "TrainingError: the loss became nan"


def test_a_search_without_any_value_says_why():
    with pytest.raises(TrainingError, match="none of 2 trials gave a value; .* gave nan"):
        tune(lambda *_: float("nan"), SPACE, n_trials=2, random_state=0)


def test_a_defect_in_the_objective_is_not_hidden():
    with pytest.raises(ZeroDivisionError):
        tune(lambda *_: 1 / 0, SPACE, n_trials=2, random_state=0)


def test_progress_is_told_after_every_trial():
    told = []
    tune(height, SPACE, n_trials=3, random_state=0, progress=lambda *said: told.append(said[:3]))
    assert told == [("tuning", done, 3) for done in (1, 2, 3)]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"space": {}}, "at least one setting"),
        ({"space": {"x": (0, 1)}}, "use Uniform, Whole or Choice"),
        ({"n_trials": 0}, "n_trials: expected a whole number from 1"),
        ({"budget_seconds": 0}, "budget_seconds: expected a number above 0"),
        ({"direction": "up"}, "direction: expected one of"),
        ({"pruner": "hedge"}, "pruner: expected one of"),
        ({"random_state": "a"}, "random_state: expected"),
    ],
)
def test_wrong_arguments_are_refused(arguments, message):
    with pytest.raises(ConfigError, match=message):
        tune(height, **({"space": SPACE, "n_trials": 1} | arguments))


def test_a_missing_optuna_is_named_with_the_way_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "optuna", None)
    monkeypatch.delitem(sys.modules, "scenara.shared.tuning.ledger", raising=False)
    with pytest.raises(MissingExtraError, match=r"pip install 'scenara\[tune\]'"):
        tune(height, SPACE, n_trials=1)


def test_nothing_is_written_without_a_storage(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    tune(height, SPACE, n_trials=2, random_state=0)
    assert os.listdir(tmp_path) == []
