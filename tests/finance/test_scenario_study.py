"""The scenario job: from prices to a folder with a report, also where the request is not feasible."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from scenara.finance.market.scenarios import PathEvent
from scenara.finance.scenario_settings import ScenarioSettings
from scenara.finance.scenario_study import run_scenario
from scenara.shared.errors import ConfigError, DataError
from scenara.shared.generators.series import read_worlds
from scenara.shared.report.numbers import percent

N_DAYS = 800
FALL = "equal weight return below -6% within 15"


@pytest.fixture(scope="module")
def prices(tmp_path_factory):
    rng = np.random.default_rng(0)
    days = pd.bdate_range("2018-01-01", periods=N_DAYS, name="date")
    moves = 0.01 * (0.7 * rng.standard_t(5, (N_DAYS, 1)) + 0.6 * rng.standard_t(5, (N_DAYS, 3)))
    path = tmp_path_factory.mktemp("prices") / "prices.csv"
    frame = pd.DataFrame(
        100 * np.exp(np.cumsum(moves, axis=0)), index=days, columns=["A", "B", "C"]
    )
    frame.to_csv(path)
    vix = 20 * np.exp(-4 * (moves[:, 0] - moves[:, 0].mean()).cumsum())
    pd.DataFrame({"VIX": vix}, index=days).to_csv(path.with_name("macro.csv"))
    return path


@pytest.fixture(scope="module")
def settings(prices):
    return ScenarioSettings(
        data=str(prices), family="series/bootstrap", event=(FALL,), n_paths=300, horizon=20
    )


@pytest.fixture(scope="module")
def folder(settings, tmp_path_factory):
    out = tmp_path_factory.mktemp("runs") / "fall"
    return run_scenario(settings, out=out, command="test").report.parent


def metrics(folder):
    return json.loads((folder / "metrics.json").read_text())


def test_every_world_that_is_written_fulfils_the_request(folder):
    worlds = read_worlds(folder)
    event = PathEvent("equal weight", "return", below=-0.06, within=15)
    assert worlds.paths.shape == (300, 20, 3)
    assert (event.shortfall(worlds.paths, worlds.channels) == 0).all()


def test_the_metrics_tell_chance_and_effective_size(folder):
    found = metrics(folder)
    low, high = found["probability_band"]
    assert low < found["probability"] < high
    assert found["effective_size"] >= 50
    assert found["feasible"]


def test_the_tables_hold_assets_and_outcomes(folder):
    assets = pd.read_parquet(folder / "assets.parquet")
    outcomes = pd.read_parquet(folder / "outcomes.parquet")
    ends = outcomes[outcomes["worlds"] == "scenario"]["return"].mean()
    assert set(assets["asset"]) == {"A", "B", "C"}
    assert assets["contribution"].sum() == pytest.approx(ends)


@pytest.mark.parametrize(
    "words", ["What was asked", "Effective worlds", "Asset by asset", "cannot tell you", "-6.0 %"]
)
def test_the_report_shows(folder, words):
    assert words in (folder / "report.html").read_text(encoding="utf-8")


def test_the_report_gives_the_widest_95_percent_band_of_a_share(folder):
    # A share of n independent worlds has a standard error of at most .5 / sqrt(n); a band is two.
    band = percent(1 / np.sqrt(metrics(folder)["effective_size"]), digits=1)
    assert f"a 95 % band of at most {band}" in (folder / "report.html").read_text(encoding="utf-8")


def test_the_same_seed_gives_the_same_report(settings, folder, tmp_path):
    again = run_scenario(settings, out=tmp_path / "again", command="test").report.parent
    assert metrics(again) == metrics(folder)
    assert (again / "worlds.parquet").read_bytes() == (folder / "worlds.parquet").read_bytes()


def test_a_request_that_is_not_feasible_gives_a_report_that_says_so(settings, tmp_path):
    asked = replace(settings, event=("A return above 30% day 1",), family="series/moving-block")
    result = run_scenario(asked, out=tmp_path / "out", command="test")
    assert not result.summary["feasible"]
    assert "Not feasible." in result.report.read_text(encoding="utf-8")
    assert not (tmp_path / "out" / "worlds.parquet").exists()


def test_an_episode_is_asked_of_the_worlds_and_replayed_beside_them(settings, tmp_path):
    asked = replace(settings, event=(), like="2020-02-03..2020-02-28", horizon=0)
    result = run_scenario(asked, out=tmp_path / "out", command="test")
    found = metrics(result.report.parent)
    assert found["horizon"] == 63
    assert len(found["events"]) == 3
    assert "replayed for this portfolio" in result.report.read_text(encoding="utf-8")


def test_worlds_go_on_from_today_where_the_family_keeps_a_state(settings, tmp_path):
    asked = replace(settings, event=(), loss=0.04, family="series/fhs", until="2020-06-30")
    result = run_scenario(asked, out=tmp_path / "out", command="test")
    found = metrics(result.report.parent)
    assert (found["start"], found["learned"][1]) == ("today", "2020-06-30")


def test_events_on_a_covariate_move_the_assets(settings, prices, tmp_path):
    macro = str(prices.with_name("macro.csv"))
    last = pd.read_csv(macro)["VIX"].iloc[-1]
    asked = replace(settings, covariates=macro, event=(f"VIX level above {1.2 * last:.3f}",))
    result = run_scenario(asked, out=tmp_path / "out", command="test")
    table = pd.read_parquet(tmp_path / "out" / "assets.parquet").set_index("asset")
    assert set(table.index) == {"A", "B", "C"}
    assert table.loc["A", "shift"] < -0.5
    assert "Covariates" in result.report.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"event": ("D return below -5%",)}, ConfigError, "unknown asset 'D'"),
        ({"event": ("A return below -5% within 30",)}, ConfigError, "beyond the horizon of 20"),
        ({"event": ("A falls",)}, ConfigError, "expected words such as"),
        ({"portfolio": "A=0.5,D=0.5"}, ConfigError, "unknown asset 'D'"),
        ({"like": "2008"}, DataError, "expected data from 2008-08-29"),
        ({"family": "series/none"}, ConfigError, "series/none"),
        ({"until": "soon"}, ConfigError, "--until: expected a date"),
        ({"until": "2050-01-01"}, DataError, "the prices end on 20"),
        ({"start": "today"}, ConfigError, "keeps no state of today"),
        ({"covariates": "none.csv"}, DataError, "none.csv"),
        ({"until": "2010-01-01"}, DataError, "the prices begin on 2018-01"),
    ],
)
def test_wrong_requests_are_refused_and_leave_nothing_behind(
    settings, change, error, message, tmp_path
):
    with pytest.raises(error, match=message):
        run_scenario(replace(settings, **change), out=tmp_path / "out", command="test")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({}, "nothing is asked for"),
        ({"loss": 20.0}, "loss: expected a share"),
        ({"loss": 0.2, "n_paths": 5}, "n_paths: expected at least 100"),
        ({"loss": 0.2, "start": "now"}, "start: expected 'auto', 'today'"),
        ({"loss": 0.2, "severity": 2.0}, "severity: means nothing without an episode"),
    ],
)
def test_settings_out_of_range_are_refused(change, message):
    with pytest.raises(ConfigError, match=message):
        ScenarioSettings(**change)
