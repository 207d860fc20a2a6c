"""``scenara table`` as a user calls it: output, exit codes, one line of error, nothing half-done."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from command_line import call

from scenara.shared.data import Schema
from scenara.shared.generators import load
from scenara.shared.tables.words import read_balance, read_given, read_spaces
from scenara.shared.tuning import Choice, Uniform, Whole

PROGRAM = Path(sys.executable).with_name("scenara")


def loans(n_rows=400):
    """Give loans whose default hangs on income and region."""
    rng = np.random.default_rng(0)
    income = np.exp(7.5 + 0.5 * rng.standard_normal(n_rows)).round(1)
    region = rng.choice(["north", "south", "east"], n_rows)
    odds = 1.0 * (region == "south") - 0.001 * (income - 1_800)
    return pd.DataFrame(
        {
            "age": rng.integers(18, 80, n_rows),
            "income": income,
            "region": region,
            "default": (rng.random(n_rows) < 1 / (1 + np.exp(1 - odds))).astype(int),
        }
    )


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """Give a folder with a table and a part of it, as CSV, and the part in halves, as Parquet."""
    folder = tmp_path_factory.mktemp("tables")
    table = loans()
    table.to_csv(folder / "loans.csv", index=False)
    table[:120].to_csv(folder / "few.csv", index=False)
    table[:60].to_parquet(folder / "train.parquet")
    table[60:120].to_parquet(folder / "test.parquet")
    return folder


def done(*arguments, home):
    outcome = call("table", *arguments, cwd=home)
    assert outcome.returncode == 0, outcome.stderr
    return outcome


@pytest.fixture(scope="module")
def fitted(home):
    """Give the folder of a fit that held half of the rows out, and what it printed."""
    outcome = done(
        *("fit", "--data", "loans.csv", "--family", "table/cart", "--set", "min_leaf=20"),
        *("--test-size", 0.5, "--seed", 3, "--out", "fitted", "--json"),
        home=home,
    )
    return home / "fitted", json.loads(outcome.stdout)


def names(folder):
    return {path.name for path in folder.iterdir()}


def test_describe_writes_a_schema_with_reasons(home):
    done("describe", "--data", "loans.csv", home=home)
    schema = Schema.load(home / "description" / "schema.yaml")
    assert schema.names == ("age", "income", "region", "default")
    assert all(column.reason for column in schema)
    columns = pd.read_parquet(home / "description" / "columns.parquet")
    assert columns["missing"].tolist() == [0.0] * 4


def test_describe_suggests_the_rules_that_rows_keep(home, tmp_path):
    table = loans()
    table["net"] = table["income"].round()
    table["tax"] = table["age"] * 3
    table["gross"] = table["net"] + table["tax"]
    table.to_csv(tmp_path / "bills.csv", index=False)
    outcome = done("describe", "--data", "bills.csv", "--json", home=tmp_path)
    assert "gross = net + tax" in json.loads(outcome.stdout)["constraints"]
    fuller = Schema.load(tmp_path / "description" / "schema-with-constraints.yaml")
    assert fuller.constraints


def test_fit_writes_all_that_it_promises(fitted):
    folder, printed = fitted
    expected = {"generator", "metrics.json", "report.html", "run.json", "schema.yaml"}
    assert names(folder) == expected
    assert printed["rows"] == 200
    assert load(folder / "generator").get_params()["min_leaf"] == 20


def test_run_record_holds_settings_seed_and_checksum(fitted):
    record = json.loads((fitted[0] / "run.json").read_text())
    assert record["seed"] == 3
    assert record["arguments"]["settings"] == {"min_leaf": 20}
    assert len(record["inputs"]["loans.csv"]) == 64


def test_dates_in_a_text_file_and_rules_of_the_schema_are_kept(tmp_path):
    table = loans(200).drop(columns="region")
    table["opened"] = pd.Timestamp("2020-01-01") + pd.to_timedelta(table["age"], unit="D")
    table["total"] = table["age"] + table["income"]
    table.to_csv(tmp_path / "dated.csv", index=False)
    done("describe", "--data", "dated.csv", home=tmp_path)
    schema = "description/schema-with-constraints.yaml"
    done(
        *("fit", "--data", "dated.csv", "--schema", schema, "--family", "table/cart"), home=tmp_path
    )
    asked = ("--n", 30, "--given", "opened=2020-02-01..", "--given", "total=1000..3000")
    done("sample", "--generator", "generator", *asked, "--out", "rows.parquet", home=tmp_path)
    rows = pd.read_parquet(tmp_path / "rows.parquet")
    assert (rows["opened"] >= "2020-02-01").all()
    np.testing.assert_allclose(rows["total"], rows["age"] + rows["income"])
    assert rows["total"].between(1_000, 3_000).all()


def test_auto_says_in_its_report_and_record_why_it_chose(home):
    done(
        *("fit", "--data", "loans.csv", "--out", "auto", "--checkpoint", "kept", "--set"),
        'candidates={"table/cart": {"min_leaf": 40}, "table/bootstrap": {}}',
        home=home,
    )
    selection = pd.read_parquet(home / "auto" / "selection.parquet")
    assert selection["chosen"].tolist() == [True, False]
    assert "Why this family" in (home / "auto" / "report.html").read_text()
    assert any((home / "kept").iterdir())


def test_settings_come_from_a_file_and_options_beat_them(home):
    text = 'data = "loans.csv"\nfamily = "table/bootstrap"\nseed = 5\n[settings]\nmin_leaf = 30\n'
    (home / "fit.toml").write_text(text)
    done("fit", "--config", "fit.toml", "--family", "table/cart", "--out", "by-file", home=home)
    record = json.loads((home / "by-file" / "run.json").read_text())
    assert record["seed"] == 5
    assert load(home / "by-file" / "generator").get_params()["min_leaf"] == 30


def test_sample_writes_rows_that_do_what_is_given(fitted, home):
    conditions = ("--given", "age=18..25", "--given", "default=1", "--given", "region=north|east")
    done("sample", "--generator", "fitted", "--n", 30, *conditions, "--out", "a.csv", home=home)
    rows = pd.read_csv(home / "a.csv")
    assert len(rows) == 30
    assert rows["age"].between(18, 25).all()
    assert set(rows["region"]) <= {"north", "east"}
    assert (rows["default"] == 1).all()


@pytest.mark.parametrize(("balance", "count"), [("default", 20), ("default=0:30|1:10", 10)])
def test_sample_balances_a_column(fitted, home, tmp_path, balance, count):
    out = tmp_path / "rows.parquet"
    done(
        *("sample", "--generator", "fitted", "--n", 40, "--balance", balance, "--out", out),
        home=home,
    )
    assert (pd.read_parquet(out)["default"] == 1).sum() == count


def test_the_same_seed_gives_the_same_bytes_in_a_file_and_the_rows_in_a_folder(fitted, home):
    how = ("sample", "--generator", "fitted", "--n", 50, "--seed", 2, "--out")
    for out in ("one.parquet", "two.parquet", "parts"):
        done(*how, out, home=home)
    assert (home / "one.parquet").read_bytes() == (home / "two.parquet").read_bytes()
    whole = pd.read_parquet(home / "one.parquet")
    pd.testing.assert_frame_equal(pd.read_parquet(home / "parts"), whole)


def test_evaluate_judges_by_the_rows_that_the_fit_held_out(fitted, home):
    outcome = done(
        *("evaluate", "--generator", "fitted", "--target", "default", "--json"), home=home
    )
    printed = json.loads(outcome.stdout)
    assert {"Is it faithful?", "Is it private?", "Is it useful?"} <= set(printed)
    expected = {"generated.parquet", "metrics.json", "readings.parquet", "report.html", "run.json"}
    assert names(home / "evaluation") == expected
    about = json.loads((home / "evaluation" / "metrics.json").read_text())["about"]
    assert (about["n_train"], about["n_test"], about["target"]) == (200, 200, "default")


def test_evaluate_takes_three_files(home):
    outcome = done(
        *("evaluate", "--train", "train.parquet", "--test", "test.parquet"),
        *("--generated", "train.parquet", "--out", "copies", "--json"),
        home=home,
    )
    assert json.loads(outcome.stdout)["Is it private?"].startswith("no")
    assert "generated.parquet" not in names(home / "copies")


def test_compare_judges_families_in_one_report_and_never_takes_copies(home):
    outcome = done(
        *("compare", "--data", "few.csv", "--families", "table/cart,table/bootstrap"),
        *("--target", "default", "--json"),
        home=home,
    )
    printed = json.loads(outcome.stdout)
    assert printed["champion"] in ("table/cart", "none")
    readings = pd.read_parquet(home / "comparison" / "readings.parquet")
    assert set(readings["family"]) == {"table/cart", "table/bootstrap"}


def test_tune_finds_settings_that_fit_takes_and_goes_on_from_its_storage(home):
    pytest.importorskip("optuna")
    how = ("tune", "--data", "few.csv", "--family", "table/cart", "--vary", "min_leaf=5..60")
    for trials, out in ((1, "tuned"), (2, "further")):
        done(*how, "--trials", trials, "--storage", "kept-trials", "--out", out, home=home)
    first, second = (pd.read_parquet(home / out / "trials.parquet") for out in ("tuned", "further"))
    pd.testing.assert_frame_equal(second[:1], first)
    done(*("fit", "--config", "further/fit.toml", "--data", "few.csv", "--out", "best"), home=home)
    best = json.loads((home / "further" / "metrics.json").read_text())["best"]
    assert load(home / "best" / "generator").get_params()["min_leaf"] == best["min_leaf"]


WRONG = {
    "a column that is not there": (
        ("sample", "--generator", "fitted", "--given", "agee=1", "--out", "x.csv"),
        "did you mean 'age'",
    ),
    "a condition without a value": (
        ("sample", "--generator", "fitted", "--given", "age", "--out", "x.csv"),
        "expected name=value such as age=18..25",
    ),
    "a condition never seen": (
        ("sample", "--generator", "fitted", "--given", "region=west", "--out", "x.csv"),
        "'west' was not there",
    ),
    "a family unknown": (
        ("fit", "--data", "loans.csv", "--family", "table/cort", "--out", "x"),
        "did you mean 'table/cart'",
    ),
    "a file that is not there": (("fit", "--data", "no.csv", "--out", "x"), "no.csv"),
    "a generator fitted on all rows": (
        ("evaluate", "--generator", "by-file-all", "--out", "x"),
        "expected a folder of scenara table fit",
    ),
    "a setting unknown": (
        ("fit", "--data", "loans.csv", "--family", "table/cart", "--set", "leaf=3", "--out", "x"),
        "no setting 'leaf'",
    ),
    "a target that is not there": (
        (
            "compare",
            "--data",
            "few.csv",
            "--families",
            "table/cart",
            "--target",
            "defalt",
            "--out",
            "x",
        ),
        "no column 'defalt'",
    ),
    "no held-out rows": (
        ("evaluate", "--train", "train.parquet", "--generated", "train.parquet", "--out", "x"),
        "--test (rows that it never saw)",
    ),
    "no source": (("describe", "--out", "x"), "expected one of --data and --sample, found neither"),
    "nothing to vary": (
        ("tune", "--data", "loans.csv", "--family", "table/bootstrap", "--out", "x"),
        "does not say what to vary",
    ),
    "two kinds of generated rows": (
        ("evaluate", "--generator", "fitted", "--generated", "train.parquet", "--out", "x"),
        "expected one of --generated and --generator, found both",
    ),
}


@pytest.mark.usefixtures("fitted")
@pytest.mark.parametrize("case", sorted(WRONG))
def test_bad_input_ends_with_one_clear_line_and_nothing_written(home, case):
    arguments, message = WRONG[case]
    outcome = call("table", *arguments, cwd=home)
    assert outcome.returncode == 2
    assert message in outcome.stderr
    assert outcome.stderr.count("\n") == 1
    assert not (home / "x").exists()
    assert not (home / "x.csv").exists()


def test_a_generator_without_held_out_rows_is_not_judged_by_rows_it_knows(home):
    done("fit", "--data", "loans.csv", "--family", "table/bootstrap", "--out", "all", home=home)
    outcome = call("table", "evaluate", "--generator", "all", "--out", "x", cwd=home)
    assert outcome.returncode == 2
    assert "was fitted on all rows" in outcome.stderr


def test_a_table_that_changed_since_the_fit_is_refused(fitted, home):
    loans(399).to_csv(home / "other.csv", index=False)
    arguments = ("evaluate", "--generator", "fitted", "--data", "other.csv", "--out", "x")
    outcome = call("table", *arguments, cwd=home)
    assert outcome.returncode == 2
    assert "is not the table that fitted was fitted on" in outcome.stderr


def test_a_file_of_rows_is_replaced_only_by_force(fitted, home):
    (home / "kept.csv").write_text("mine\n")
    how = ("table", "sample", "--generator", "fitted", "--n", 5, "--out", "kept.csv")
    assert call(*how, cwd=home).returncode == 2
    assert (home / "kept.csv").read_text() == "mine\n"
    assert call(*how, "--force", cwd=home).returncode == 0
    assert len(pd.read_csv(home / "kept.csv")) == 5


def test_conditions_are_read_by_the_kind_of_their_column():
    schema = Schema.infer(loans().assign(opened=pd.Timestamp("2020-01-01"), flag=True))
    given = read_given(["age=..30", "opened=2019-01-01..", "flag=", "income=5"], schema)
    assert given == {
        "age": (None, 30.0),
        "opened": ("2019-01-01", None),
        "flag": None,
        "income": 5.0,
    }


def test_counts_to_balance_keep_the_type_of_their_level():
    schema = Schema.infer(loans())
    assert read_balance("default=0:0.9|1:0.1", schema) == {"default": {0: 0.9, 1: 0.1}}


@pytest.mark.parametrize(
    ("word", "space"),
    [
        ("x=5..50", Whole(5, 50)),
        ("x=0.5..2", Uniform(0.5, 2)),
        ("x=1e-4..1e-1:log", Uniform(1e-4, 1e-1, log=True)),
        ("x=2|4|wide", Choice((2, 4, "wide"))),
    ],
)
def test_what_varies_is_read_by_its_form(word, space):
    assert read_spaces([word]) == {"x": space}


def test_help_lists_the_commands_without_loading_what_they_need():
    script = (
        "import sys; from scenara.shared.cli import app; "
        "print([name for name in ('torch', 'lightgbm', 'sklearn', 'pandas') if name in sys.modules])"
    )
    outcome = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert outcome.stdout.strip() == "[]", outcome.stderr
