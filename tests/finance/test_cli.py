"""The commands as a user calls them: output, exit codes, one line of error, nothing half-written."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from command_line import call

PROGRAM = Path(sys.executable).with_name("scenara")


@pytest.fixture(scope="module")
def prices(tmp_path_factory):
    """Give a price file of three assets over six years."""
    rng = np.random.default_rng(0)
    index = pd.bdate_range("2015-01-01", periods=1_700, name="date")
    moves = 0.01 * (rng.standard_t(5, (1_700, 1)) + rng.standard_normal((1_700, 3)))
    path = tmp_path_factory.mktemp("prices") / "prices.csv"
    pd.DataFrame(100 * np.exp(moves.cumsum(0)), index=index, columns=["A", "B", "C"]).to_csv(path)
    return path


@pytest.fixture(scope="module")
def simulation(prices, tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    outcome = call(
        *("finance", "simulate", "--data", prices, "--n-paths", 40, "--horizon", 126),
        *("--seed", 1, "--family", "series/bootstrap", "--json"),
        cwd=folder,
    )
    assert outcome.returncode == 0, outcome.stderr
    return folder / "simulation", outcome


def test_simulate_writes_all_that_it_promises(simulation):
    names = {path.name for path in simulation[0].iterdir()}
    assert names == {
        "generator", "metrics.json", "report.html", "run.json", "scores.parquet", "worlds.parquet",
    }  # fmt: skip


def test_json_on_stdout_names_the_report_and_the_scores(simulation):
    result = json.loads(simulation[1].stdout)
    assert result["report"].endswith("report.html")
    assert result["score series/bootstrap"] > 0
    assert result["score history"] > 0


def test_a_family_that_copies_is_not_certified_and_the_gate_is_named(simulation):
    folder, outcome = simulation
    result = json.loads(outcome.stdout)
    assert result["family"] == "series/bootstrap"
    assert result["certificate"].startswith("series/bootstrap is not certified: ")
    assert "copies of history" in result["certificate"]
    told = json.loads((folder / "metrics.json").read_text())["certificates"]["series/bootstrap"]
    assert [gate["name"] for gate in told["gates"] if not gate["passed"]] == ["copies"]
    assert "Not certified." in (folder / "report.html").read_text(encoding="utf-8")


def test_progress_is_silent_off_a_terminal(simulation):
    assert simulation[1].stderr == ""


def test_run_record_holds_arguments_seed_and_input_checksum(simulation, prices):
    record = json.loads((simulation[0] / "run.json").read_text())
    assert record["seed"] == 1
    assert record["arguments"]["n_paths"] == 40
    assert list(record["inputs"]) == [str(prices)]


def test_the_same_seed_gives_the_same_worlds(simulation, prices, tmp_path):
    again = call(
        *("finance", "simulate", "--data", prices, "--n-paths", 40, "--horizon", 126),
        *("--seed", 1, "--family", "series/bootstrap", "--out", tmp_path / "again"),
        cwd=tmp_path,
    )
    assert again.returncode == 0, again.stderr
    first, second = (folder / "worlds.parquet" for folder in (simulation[0], tmp_path / "again"))
    assert first.read_bytes() == second.read_bytes()


def test_an_existing_folder_is_kept(simulation, prices):
    outcome = call("finance", "simulate", "--data", prices, cwd=simulation[0].parent)
    assert outcome.returncode == 2
    assert "already exists" in outcome.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "one of --data and --sample, found neither"),
        (["--data", "x.csv", "--sample", "sp500"], "found both"),
        (["--data", "missing.csv"], "missing.csv"),
        (["--sample", "sp50"], "sp500"),
        (["--data", "PRICES", "--family", "series/bootstap"], "did you mean 'series/bootstrap'"),
        (["--data", "PRICES", "--until", "yesterday-ish"], "expected a date"),
        (["--data", "PRICES", "--until", "2030-01-01"], "0 days to judge by"),
        (["--data", "PRICES", "--until", "nan"], "expected a date"),
        (["--data", "PRICES", "--config", "none.toml"], "none.toml"),
        (["--data", "PRICES", "--n-paths", "-3"], "--n-paths"),
        (["--data", "PRICES", "--horizon", "9999"], "horizon"),
    ],
)
def test_a_wrong_argument_is_one_line_and_nothing_written(arguments, words, prices, tmp_path):
    arguments = [prices if word == "PRICES" else word for word in arguments]
    outcome = call("finance", "backtest" if "--horizon" in arguments else "simulate",
                   *arguments, cwd=tmp_path)  # fmt: skip
    assert outcome.returncode == 2
    assert words in outcome.stderr
    assert "Traceback" not in outcome.stderr
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_strategy_is_answered_with_the_nearest(prices, tmp_path):
    outcome = call(
        "finance", "backtest", "--data", prices, "--strategy", "equal-wight", cwd=tmp_path
    )
    assert outcome.returncode == 2
    assert "equal-weight" in outcome.stderr


def test_worlds_of_other_assets_are_refused(simulation, prices, tmp_path):
    frame = pd.read_csv(prices, index_col=0).rename(columns={"A": "Z"})
    frame.to_csv(tmp_path / "other.csv")
    outcome = call(
        *("finance", "backtest", "--data", tmp_path / "other.csv"),
        *("--worlds", simulation[0] / "worlds.parquet"),
        cwd=tmp_path,
    )
    assert outcome.returncode == 2
    assert "expected worlds of the assets ['Z', 'B', 'C']" in outcome.stderr


def test_worlds_that_saw_the_later_days_are_refused(simulation, prices, tmp_path):
    outcome = call(
        *("finance", "backtest", "--data", prices, "--until", "2017-12-29"),
        *("--worlds", simulation[0]),
        cwd=tmp_path,
    )
    assert outcome.returncode == 2
    assert "these worlds were learned from days up to 2019-" in outcome.stderr


def test_options_that_mean_nothing_beside_worlds_are_refused(simulation, prices, tmp_path):
    outcome = call(
        *("finance", "backtest", "--data", prices, "--worlds", simulation[0], "--horizon", 5),
        cwd=tmp_path,
    )
    assert outcome.returncode == 2
    assert "--horizon means nothing beside --worlds" in outcome.stderr


def test_worlds_shorter_than_a_window_of_the_scorecard_are_judged(prices, tmp_path):
    outcome = call(
        *("finance", "simulate", "--data", prices, "--n-paths", 20, "--horizon", 10), cwd=tmp_path
    )
    assert outcome.returncode == 0, outcome.stderr


def test_a_folder_of_other_things_survives_force(prices, tmp_path):
    (tmp_path / "keep").mkdir()
    (tmp_path / "keep" / "thesis.txt").write_text("mine")
    outcome = call(
        "finance", "simulate", "--data", prices, "--out", "keep", "--force", cwd=tmp_path
    )
    assert outcome.returncode == 2
    assert (tmp_path / "keep" / "thesis.txt").exists()


def test_settings_come_from_a_file(prices, tmp_path):
    (tmp_path / "run.toml").write_text(
        f'data = "{prices}"\nn_paths = 7\nhorizon = 126\nuntil = 2019-06-28\n'
    )
    outcome = call("finance", "simulate", "--config", "run.toml", "--json", cwd=tmp_path)
    assert outcome.returncode == 0, outcome.stderr
    assert json.loads(outcome.stdout)["worlds"].startswith("7 x 126 days")


def test_the_vertical_runs_as_a_module(tmp_path):
    outcome = subprocess.run(
        [sys.executable, "-m", "scenara.finance", "simulate", "--sample", "no-such"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert outcome.returncode == 2


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--help"], "finance"),
        (["--version"], "scenara 0."),
        (["finance", "--help"], "backtest"),
        (["samples", "--help"], "fetch"),
    ],
)
def test_help_and_version_answer(arguments, words, tmp_path):
    outcome = call(*arguments, cwd=tmp_path)
    assert outcome.returncode == 0
    assert words in outcome.stdout


def test_completion_is_offered(tmp_path):
    assert "--install-completion" in call("--help", cwd=tmp_path).stdout


def test_the_installed_program_ends_with_the_same_codes(tmp_path):
    for arguments, code in ((["--version"], 0), (["finance", "simulate"], 2)):
        outcome = subprocess.run(
            [PROGRAM, *arguments], cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert outcome.returncode == code
