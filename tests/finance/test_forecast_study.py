"""The forecast job: what it writes, that the same seed gives the same, and what it refuses."""

import json

import numpy as np
import pandas as pd
import pytest

from scenara.finance.forecast_settings import ForecastSettings
from scenara.finance.forecast_study import run_forecast
from scenara.shared.errors import ConfigError, DataError

SMALL = {
    "family": "series/fhs",
    "return_days": (1, 3),
    "volatility_days": (3,),
    "n_paths": 200,
    "n_draws": 30,
    "refit_every": 400,
    "every": 6,
}


@pytest.fixture(scope="module")
def prices(tmp_path_factory):
    """Give a price file of three assets over five years."""
    rng = np.random.default_rng(0)
    index = pd.bdate_range("2015-01-01", periods=1_300, name="date")
    moves = 0.01 * (rng.standard_t(5, (1_300, 1)) + rng.standard_normal((1_300, 3)))
    path = tmp_path_factory.mktemp("prices") / "prices.csv"
    pd.DataFrame(100 * np.exp(moves.cumsum(0)), index=index, columns=["A", "B", "C"]).to_csv(path)
    return str(path)


@pytest.fixture(scope="module")
def folder(prices, tmp_path_factory):
    out = tmp_path_factory.mktemp("run") / "forecast"
    run_forecast(ForecastSettings(data=prices, **SMALL), out=out, command="test", csv=True)
    return out


def test_folder_holds_what_is_promised(folder):
    assert {path.name for path in folder.iterdir()} == {
        "coverage.csv", "coverage.parquet", "forecast.csv", "forecast.parquet", "metrics.json",
        "report.html", "run.json", "scores.csv", "scores.parquet",
    }  # fmt: skip


def test_metrics_hold_the_forecast_the_comparison_and_the_verdict(folder):
    metrics = json.loads((folder / "metrics.json").read_text())
    low, middle, high = metrics["quantiles_5_50_95"]["portfolio"]["return, 1 day"]
    assert low < middle < high
    assert metrics["augmentation"]["verdict"] in {"helps", "no difference", "hurts"}
    assert {row["model"] for row in metrics["compared"]} >= {"GARCH", "HAR", "bootstrap"}


def test_draws_of_each_target_and_quantity_are_kept(folder):
    forecast = pd.read_parquet(folder / "forecast.parquet")
    assert len(forecast) == 200 * 4 * 3
    assert set(forecast["target"]) == {"portfolio", "A", "B", "C"}


@pytest.mark.parametrize(
    "words", ["Calibration", "in set", "The coming 3 days", "Do worlds make a learner better?"]
)
def test_report_answers_the_readers_questions(folder, words):
    assert words in (folder / "report.html").read_text(encoding="utf-8")


def test_the_same_seed_gives_the_same_figures(folder, prices, tmp_path):
    again = tmp_path / "again"
    run_forecast(ForecastSettings(data=prices, augment=False, **SMALL), out=again, command="test")
    first, second = (json.loads((where / "metrics.json").read_text()) for where in (folder, again))
    assert first["quantiles_5_50_95"] == second["quantiles_5_50_95"]
    assert second["augmentation"] is None


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"n_draws": 5}, "n_draws: expected at least 20"),
        ({"every": 0}, "every: expected at least 1"),
        ({"return_days": ()}, "return_days: expected at least one"),
        ({"return_days": ("1",)}, "return_days: expected days from 1"),
        ({"volatility_days": (1,)}, "volatility_days: expected days from 2"),
    ],
)
def test_impossible_settings_are_refused(wrong, says):
    with pytest.raises(ConfigError, match=says):
        ForecastSettings(**wrong)


def test_an_unknown_asset_is_refused_before_any_fit(prices, tmp_path):
    settings = ForecastSettings(data=prices, assets=("Z",))
    with pytest.raises(DataError, match="asset 'Z'"):
        run_forecast(settings, out=tmp_path / "out", command="test")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("portfolio", "says"), [("A=much", "expected a share after 'A'"), ("A,Q", "unknown asset 'Q'")]
)
def test_a_wrong_portfolio_is_refused(prices, tmp_path, portfolio, says):
    settings = ForecastSettings(data=prices, portfolio=portfolio)
    with pytest.raises(ConfigError, match=says):
        run_forecast(settings, out=tmp_path / "out", command="test")


def test_an_unknown_family_is_refused(prices, tmp_path):
    with pytest.raises(ConfigError):
        run_forecast(
            ForecastSettings(data=prices, family="series/none"), out=tmp_path / "o", command="test"
        )
