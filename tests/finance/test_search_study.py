"""The search job: what it writes, what the page says, and what it refuses."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import typer
from typer.testing import CliRunner

from scenara.finance.portfolio import simple_returns
from scenara.finance.portfolio.factory import search_strategy
from scenara.finance.portfolio.factory.heat_section import heat_blocks
from scenara.finance.portfolio.factory.job import judge_search
from scenara.finance.search_command import add_search_command
from scenara.finance.search_settings import SearchSettings
from scenara.finance.search_study import run_search
from scenara.shared.errors import ConfigError

SMALL = {"family": "series/bootstrap", "n_paths": 40, "horizon": 126, "rebalance": 21}
GRID = ("lookback=21,63", "short=false,true")


@pytest.fixture(scope="module")
def prices(tmp_path_factory):
    """Give a price file of three assets over four years."""
    rng = np.random.default_rng(0)
    index = pd.bdate_range("2016-01-01", periods=1_000, name="date")
    moves = 0.01 * (rng.standard_t(5, (1_000, 1)) + rng.standard_normal((1_000, 3)))
    path = tmp_path_factory.mktemp("prices") / "prices.csv"
    pd.DataFrame(100 * np.exp(moves.cumsum(0)), index=index, columns=["A", "B", "C"]).to_csv(path)
    return str(path)


@pytest.fixture(scope="module")
def folder(prices, tmp_path_factory):
    out = tmp_path_factory.mktemp("run") / "search"
    settings = SearchSettings(data=prices, grid=GRID, **SMALL)
    run_search(settings, out=out, command="test", csv=True)
    return out


@pytest.mark.parametrize(("name", "n_rows"), [("trials", 4), ("returns", 378), ("worlds", 40)])
def test_tables_are_written_twice(folder, name, n_rows):
    parquet, csv = pd.read_parquet(folder / f"{name}.parquet"), pd.read_csv(folder / f"{name}.csv")
    assert len(parquet) == len(csv) == n_rows


@pytest.mark.parametrize(
    "words",
    [
        "Real history beside worlds",
        "What the pick of one side earns on the other",
        "Probability of backtest overfitting",
        "Hansen",
        "lookback=21, short=True",
        "Middle of worlds: Sharpe ratio a year, shaded",
    ],
)
def test_the_page_answers(folder, words):
    assert words in (folder / "report.html").read_text(encoding="utf-8")


def test_metrics_are_those_of_the_tables(folder):
    metrics = json.loads((folder / "metrics.json").read_text(encoding="utf-8"))
    trials = pd.read_parquet(folder / "trials.parquet").set_index("setting")
    assert metrics["n_trials"] == 4
    assert {k: v["real"] for k, v in metrics["trials"].items()} == trials["real"].to_dict()
    assert metrics["picks"]["real"]["setting"] == trials["real"].idxmax()
    assert set(metrics["luck"]) >= {"is_luck", "deflated", "overfitting", "superior_ability"}


def test_returns_are_by_day(folder):
    days = pd.read_parquet(folder / "returns.parquet")["date"]
    assert days.is_monotonic_increasing
    assert str(days.iloc[-1].date()) == "2019-10-31"


def test_drawn_settings_are_said_to_be_drawn(prices, tmp_path):
    settings = SearchSettings(data=prices, grid=("lookback=10..40",), trials=3, **SMALL)
    result = run_search(settings, out=tmp_path / "x", command="test")
    assert result.summary["settings tried"] <= 3
    assert ">drawn<" in result.report.read_text(encoding="utf-8")


@pytest.fixture
def runner():
    app = typer.Typer()
    add_search_command(app)
    app.command("other")(lambda: None)
    return lambda *words: CliRunner().invoke(app, ["search", *words])


def test_the_command_searches(runner, prices, tmp_path):
    words = ["--strategy", "mean-reversion", "--grid", "lookback=1,5", "--simulate", "20"]
    how = ["--family", "series/bootstrap", "--horizon", "63", "--objective", "max_drawdown"]
    result = runner("--data", prices, *words, *how, "--out", str(tmp_path / "x"), "--json")
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["settings tried"] == 2


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"grid": ()}, "grid: expected how a setting varies"),
        ({"objective": "alpha"}, "objective: expected one of"),
        ({"n_paths": 5}, "n_paths: expected at least 20"),
        ({"costs": 0.9}, "costs: expected a fraction"),
    ],
)
def test_settings_out_of_range_are_refused(change, message):
    with pytest.raises(ConfigError, match=message):
        SearchSettings(**change)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"strategy": "momentun"}, "did you mean 'momentum'"),
        ({"grid": ("look=5",)}, "did you mean 'lookback'"),
        ({"grid": ("lookback=5..9",)}, "say how many trials"),
        ({"grid": ("lookback=1",)}, "at least 2 returns, found 1"),
        ({"family": "series/bootstrapp"}, "did you mean"),
    ],
)
def test_wrong_names_are_refused_before_prices_are_read(change, message, tmp_path):
    settings = SearchSettings(data="no-such-file.csv", **{**SMALL, **change})
    with pytest.raises(ConfigError, match=message):
        run_search(settings, out=tmp_path / "x", command="")


@pytest.fixture(scope="module")
def searched():
    rng = np.random.default_rng(1)
    days = pd.DataFrame(rng.normal(0, 0.01, (300, 3)), columns=list("abc"))
    paths = rng.normal(0, 0.01, (20, 60, 3))

    def search(strategy, grid):
        return search_strategy(strategy, grid, real=days, worlds=paths)

    return search


def test_the_best_of_noise_may_be_luck(searched):
    found = searched("momentum", {"lookback": list(range(5, 25))})
    assert judge_search(found).verdict.is_luck
    assert judge_search(found).verdict.n_trials == 20


def test_a_strategy_that_is_its_own_baseline_is_not_better(searched):
    assert judge_search(searched("buy-and-hold", {"targets": [{}]})).ability is not None
    assert (
        judge_search(searched("volatility-target", {"volatility": [99.0], "window": [21]})).ability
        is None
    )


def test_trials_that_earn_interest_alone_stand_still(searched):
    """What differs from day to day in their returns is rounding."""
    found = searched("momentum", {"lookback": [5, 10]})
    wealth = np.cumprod(np.full(len(found.returns) + 1, 1 + 0.04 / 252))
    cash = simple_returns(wealth)
    assert np.ptp(cash) > 0
    one, none = found.returns.copy(), found.returns.copy()
    pick = found.pick("real").trial
    one.iloc[:, 1 - pick] = cash
    none.iloc[:, pick] = cash
    assert judge_search(replace(found, returns=one)).n_still == 1
    assert judge_search(replace(found, returns=none)) is None


def test_what_never_holds_anything_is_not_judged(searched):
    still = {"targets": [{"a": 0.0}]}
    assert judge_search(searched("mix", still)) is None


@pytest.mark.parametrize(
    ("grid", "n_maps"),
    [
        ({"lookback": [5, 10], "short": [True, False]}, 2),
        ({"lookback": [5, 10]}, 0),
        ({"lookback": [5], "short": [True, False], "max_gross": [1, 2]}, 2),
        ({"lookback": [5, 6], "short": [True, False], "max_gross": [1, 2]}, 0),
    ],
)
def test_maps_are_drawn_where_two_settings_vary(searched, grid, n_maps):
    assert len(heat_blocks(searched("momentum", grid))) == n_maps
