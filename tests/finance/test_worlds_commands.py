"""``scenara finance scenario``, ``risk`` and ``forecast`` as a user calls them."""

import json

import numpy as np
import pandas as pd
import pytest
from command_line import call

N_DAYS = 1_300
BOOTSTRAP = ("--family", "series/bootstrap")
SCENARIO = ("--n-paths", 200, "--horizon", 20, *BOOTSTRAP)
FALL = ("--event", "equal weight return below -6% within 15")
RISK = ("--n-paths", 300, "--horizons", "1,5", "--levels", "0.95,0.99", "--refit", 600)
FORECAST = (
    *("--return-days", "1,3", "--volatility-days", "3", "--assets", "A", "--n-paths", 200),
    *("--refit-every", 400, "--every", 12, "--no-augment"),
)


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """Give a folder with prices of three assets, and levels of a covariate."""
    rng = np.random.default_rng(0)
    days = pd.bdate_range("2018-01-01", periods=N_DAYS, name="date")
    moves = 0.01 * (0.7 * rng.standard_t(5, (N_DAYS, 1)) + 0.6 * rng.standard_t(5, (N_DAYS, 3)))
    folder = tmp_path_factory.mktemp("home")
    prices = pd.DataFrame(100 * np.exp(moves.cumsum(axis=0)), index=days, columns=["A", "B", "C"])
    prices.to_csv(folder / "prices.csv")
    vix = 20 * np.exp(-4 * (moves[:, 0] - moves[:, 0].mean()).cumsum())
    pd.DataFrame({"VIX": vix}, index=days).to_csv(folder / "macro.csv")
    return folder


def ran(home, tmp_path, verb, *arguments):
    """Run a command on the prices and give the folder and what it prints."""
    outcome = call(
        *("finance", verb, "--data", home / "prices.csv", *arguments, "--out", tmp_path / "out"),
        *("--json",),
        cwd=tmp_path,
    )
    assert outcome.returncode == 0, outcome.stderr
    assert outcome.stderr == ""
    return tmp_path / "out", json.loads(outcome.stdout)


def record(folder):
    return json.loads((folder / "run.json").read_text())


def test_a_scenario_of_two_events_says_how_likely_it_is(home, tmp_path):
    folder, result = ran(
        home, tmp_path, "scenario", *SCENARIO, *FALL, "--event", "A volatility above 10%", "--csv"
    )
    assert 0 < result["chance"] < 1
    assert result["asked"].count(" and ") == 1
    assert {"report.html", "metrics.json", "worlds.parquet", "outcomes.csv"} <= {
        path.name for path in folder.iterdir()
    }


def test_a_scenario_takes_a_loss_a_portfolio_and_a_covariate(home, tmp_path):
    macro = home / "macro.csv"
    last = pd.read_csv(macro)["VIX"].iloc[-1]
    folder, result = ran(
        *(home, tmp_path, "scenario", *SCENARIO, "--loss", 0.03, "--portfolio", "A=0.5,B=50%"),
        *("--covariates", macro, "--event", f"VIX level above {1.05 * last:.3f}", "--seed", 3),
    )
    assert "50 % A + 50 % B" in result["asked"]
    assert record(folder)["seed"] == 3
    assert set(record(folder)["inputs"]) == {str(home / "prices.csv"), str(macro)}


def test_the_same_seed_gives_the_same_worlds(home, tmp_path):
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    first, second = (
        ran(home, tmp_path / name, "scenario", *SCENARIO, *FALL)[0] for name in ("one", "two")
    )
    worlds = [(folder / "worlds.parquet").read_bytes() for folder in (first, second)]
    assert worlds[0] == worlds[1]


def test_a_request_out_of_reach_is_reported_and_no_world_is_made_up(home, tmp_path):
    folder, result = ran(
        *(home, tmp_path, "scenario", *SCENARIO, "--horizon", 5),
        *("--event", "A return above 400%", "--event", "A return below 0% day 3"),
    )
    assert result["feasible"] is False
    assert "no path fulfils it" in result["obstacle"]
    assert not (folder / "worlds.parquet").exists()


def test_risk_prints_var_and_es_and_writes_its_tables(home, tmp_path):
    folder, result = ran(home, tmp_path, "risk", *RISK, "--portfolio", "A,B", "--csv")
    assert result["VaR 99 %, 1 day"].endswith(" %")
    weights = pd.read_csv(folder / "contributions.csv").set_index("asset")
    assert weights.loc["C", "component_es"] == 0
    assert "historical simulation 1000: only 921 days" in (folder / "report.html").read_text(
        encoding="utf-8"
    )


def test_forecast_prints_the_range_of_the_portfolio(home, tmp_path):
    folder, result = ran(home, tmp_path, "forecast", *FORECAST, "--portfolio", "B=1")
    assert " to " in result["portfolio return, 1 day, 80 %"]
    drawn = pd.read_parquet(folder / "forecast.parquet")
    assert set(drawn["target"]) == {"portfolio", "A"}


def test_settings_of_a_scenario_come_from_a_file(home, tmp_path):
    (tmp_path / "run.toml").write_text(
        f'data = "{home / "prices.csv"}"\nfamily = "series/bootstrap"\nuntil = 2022-06-30\n'
        'event = ["A return below -5% within 10"]\nn_paths = 150\nhorizon = 12\n'
    )
    outcome = call("finance", "scenario", "--config", "run.toml", cwd=tmp_path)
    assert outcome.returncode == 0, outcome.stderr
    assert "worlds: 150 x 12 days x 3 assets" in outcome.stdout


def test_an_existing_folder_is_kept_unless_force_is_said(home, tmp_path):
    ran(home, tmp_path, "scenario", *SCENARIO, *FALL)
    again = ("finance", "scenario", "--data", home / "prices.csv", *SCENARIO, *FALL)
    kept = call(*again, "--out", "out", cwd=tmp_path)
    assert (kept.returncode, "already exists" in kept.stderr) == (2, True)
    assert call(*again, "--out", "out", "--force", cwd=tmp_path).returncode == 0


@pytest.mark.parametrize(
    ("verb", "arguments", "words"),
    [
        ("scenario", [], "nothing is asked for"),
        ("scenario", ["--event", "A falls a lot"], "expected words such as"),
        ("scenario", ["--event", "Z return below -5%"], "unknown asset 'Z'"),
        ("scenario", ["--event", "A return below -120%"], "can't happen"),
        ("scenario", ["--event", "A drawdown above 20% and below 10%"], "swap them"),
        ("scenario", ["--loss", "20"], "expected a share such as 0.2"),
        ("scenario", ["--loss", "0.1", "--portfolio", "A=lots"], "expected a share after 'A'"),
        ("scenario", ["--loss", "0.1", "--portfolio", "A,Z"], "unknown asset 'Z'"),
        ("scenario", ["--loss", "0.1", "--until", "2050-01-01"], "the prices end on 2022-"),
        ("scenario", ["--loss", "0.1", "--until", "one day"], "expected a date"),
        ("scenario", ["--loss", "0.1", "--covariates", "vix.csv"], "vix.csv"),
        ("scenario", ["--loss", "0.1", "--start", "tomorrow"], "'today' or 'anywhere'"),
        ("scenario", ["--loss", "0.1", "--start", "today", *BOOTSTRAP], "keeps no state"),
        ("scenario", ["--loss", "0.1", "--severity", "2"], "severity"),
        ("scenario", ["--loss", "0.1", "--family", "series/fhz"], "did you mean 'series/fhs'"),
        ("scenario", ["--like", "2009"], "there are 1998, dot-com, 2008"),
        ("scenario", ["--like", "2008"], "expected data from 2008-08-29"),
        ("risk", ["--portfolio", "Z"], "unknown asset 'Z'"),
        ("risk", ["--until", "2050-01-01"], "0 days to judge by"),
        ("risk", ["--until", "soon"], "expected a date"),
        ("risk", ["--horizons", "1,long"], "--horizons: expected whole numbers"),
        ("risk", ["--horizons", "0"], "horizons: expected days from 1"),
        ("risk", ["--levels", "95"], "levels: expected numbers between 0.5 and 1"),
        ("risk", ["--family", "table/cart"], "expected a generator of series"),
        ("risk", ["--n-paths", "3"], "--n-paths"),
        ("forecast", ["--assets", "Z"], "asset 'Z'"),
        ("forecast", ["--portfolio", "A=0.5,Z=0.5"], "unknown asset 'Z'"),
        ("forecast", ["--until", "2050-01-01"], "0 days to judge by"),
        ("forecast", ["--every", "60"], "6 forecasts to judge by"),
        ("forecast", ["--volatility-days", "1"], "volatility_days: expected days from 2"),
        ("forecast", ["--return-days", "x"], "--return-days: expected whole numbers"),
    ],
)
def test_a_wrong_argument_is_one_line_and_nothing_written(home, tmp_path, verb, arguments, words):
    outcome = call("finance", verb, "--data", home / "prices.csv", *arguments, cwd=tmp_path)
    assert outcome.returncode == 2
    assert words in " ".join(outcome.stderr.split())
    assert "Traceback" not in outcome.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("verb", ["scenario", "risk", "forecast"])
@pytest.mark.parametrize(
    ("source", "words"),
    [
        ([], "one of --data and --sample, found neither"),
        (["--data", "prices.csv", "--sample", "sp500"], "found both"),
        (["--data", "missing.csv"], "missing.csv"),
        (["--sample", "sp50"], "did you mean 'sp500'"),
        (["--data", "prices.csv", "--config", "none.toml"], "none.toml"),
    ],
)
def test_a_wrong_source_is_one_line(home, verb, source, words):
    asked = ["--loss", "0.1"] if verb == "scenario" else []
    outcome = call("finance", verb, *source, *asked, cwd=home)
    assert outcome.returncode == 2
    assert words in outcome.stderr
    assert not (home / verb).exists()
