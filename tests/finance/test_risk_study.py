"""The risk job: what it writes, that the same seed gives the same, and what it refuses."""

import json

import numpy as np
import pandas as pd
import pytest

from scenara.finance.risk_settings import RiskSettings
from scenara.finance.risk_study import run_risk
from scenara.shared.errors import ConfigError

SMALL = {"n_paths": 300, "horizons": (1, 5), "levels": (0.95, 0.99), "refit": 400}


@pytest.fixture(scope="module")
def prices(tmp_path_factory):
    """Give a price file of three assets over five years."""
    rng = np.random.default_rng(0)
    index = pd.bdate_range("2015-01-01", periods=1_600, name="date")
    moves = 0.01 * (rng.standard_t(5, (1_600, 1)) + rng.standard_normal((1_600, 3)))
    path = tmp_path_factory.mktemp("prices") / "prices.csv"
    pd.DataFrame(100 * np.exp(moves.cumsum(0)), index=index, columns=["A", "B", "C"]).to_csv(path)
    return str(path)


@pytest.fixture(scope="module")
def folder(prices, tmp_path_factory):
    out = tmp_path_factory.mktemp("run") / "risk"
    run_risk(RiskSettings(data=prices, **SMALL), out=out, command="test", csv=True)
    return out


@pytest.mark.parametrize("name", ["measures", "contributions", "backtest", "forecasts"])
def test_tables_are_written_twice(folder, name):
    parquet, csv = pd.read_parquet(folder / f"{name}.parquet"), pd.read_csv(folder / f"{name}.csv")

    assert len(parquet) == len(csv) > 0


@pytest.mark.parametrize(
    "words", ["What can the portfolio lose?", "Which assets carry", "Kupiec", "memory", "<svg"]
)
def test_the_page_answers(folder, words):
    assert words in (folder / "report.html").read_text(encoding="utf-8")


def test_components_add_up_to_the_es(folder):
    measures = pd.read_parquet(folder / "measures.parquet").set_index(
        ["horizon", "measure", "level"]
    )
    parts = pd.read_parquet(folder / "contributions.parquet")

    assert parts["component_es"].sum() == pytest.approx(
        measures.loc[(1, "ES", 0.99), "estimate"], rel=1e-9
    )


def test_metrics_hold_every_model(folder):
    metrics = json.loads((folder / "metrics.json").read_text(encoding="utf-8"))

    assert len({row["model"] for row in metrics["backtest"]}) == 8


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"horizons": ()}, "horizons: expected at least one"),
        ({"horizons": (0.5,)}, "days from 1"),
        ({"levels": (0.4,)}, "between 0.5 and 1"),
        ({"n_paths": 5}, "at least 100"),
    ],
)
def test_settings_out_of_range_are_refused(change, message):
    with pytest.raises(ConfigError, match=message):
        RiskSettings(**change)


def test_an_unknown_asset_is_refused(prices, tmp_path):
    with pytest.raises(ConfigError, match="unknown asset 'Z'"):
        run_risk(RiskSettings(data=prices, portfolio="Z", **SMALL), out=tmp_path / "x", command="")
