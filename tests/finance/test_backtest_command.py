"""``scenara finance backtest`` as a user calls it: outcomes, luck, tear sheets, cheats refused."""

import json

import numpy as np
import pandas as pd
import pytest
from command_line import call

N_DAYS, TRAINING = 1_100, 560
ASSETS = list("ABCDEFGHIJKLMNOPQRST")
RULES = '''
"""Rules of a user: two that are honest, and three that are not."""

from pathlib import Path

import numpy as np
import pandas as pd

from scenara.finance.portfolio import FrameStrategy

prices = pd.read_csv(Path(__file__).with_name("prices.csv"), index_col=0, parse_dates=True)
returns = prices.pct_change().dropna()
winners = (returns.tail(538).mean().rank() > 15).to_numpy() / 5


def trend(past):
    return (past.mean(0) > 0).double() / past.shape[2]


def seasons(past, state):
    return np.full(past.shape[2], 0.05 if state.date.month < 5 else 0.02)


def knows_winners(past):
    return winners


def looks_up(past, state):
    later = returns.loc[state.date :].iloc[:21].sum()
    return (later > later.median()).to_numpy() / 10


def idle(past):
    return past[-1] * 0


def fails(past):
    return 1 / 0


def _shifted(frame):
    return (frame.shift(-1).fillna(0) > 0).astype(float) / frame.shape[1]


shifted = FrameStrategy(_shifted, lookback=21)
'''


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """Give a folder with prices, rules, and a simulation that was learned from the first days."""
    folder = tmp_path_factory.mktemp("home")
    rng = np.random.default_rng(0)
    index = pd.bdate_range("2018-01-01", periods=N_DAYS, name="date")
    moves = 0.01 * (0.6 * rng.standard_t(5, (N_DAYS, 1)) + rng.standard_t(5, (N_DAYS, len(ASSETS))))
    moves += 3e-4
    prices = pd.DataFrame(100 * np.exp(moves.cumsum(0)), index, ASSETS)
    prices.to_csv(folder / "prices.csv")
    prices.iloc[:, :5].to_csv(folder / "few.csv")
    (folder / "rules.py").write_text(RULES)
    outcome = call(
        *(
            "finance",
            "simulate",
            "--data",
            folder / "few.csv",
            "--until",
            index[TRAINING].date(),
        ),
        *("--family", "series/bootstrap", "--n-paths", 60, "--horizon", 126, "--json"),
        *("--out", folder / "simulation"),
        cwd=folder,
    )
    assert outcome.returncode == 0, outcome.stderr
    return folder


def traded(home, tmp_path, *arguments):
    """Backtest in the worlds of the simulation; give the outcome of the call."""
    until = pd.bdate_range("2018-01-01", periods=N_DAYS)[TRAINING].date()
    return call(
        *("finance", "backtest", "--data", home / "few.csv", "--until", until),
        *("--worlds", home / "simulation", "--out", tmp_path / "backtest", *arguments),
        cwd=tmp_path,
    )


@pytest.fixture(scope="module")
def plain(home, tmp_path_factory):
    folder = tmp_path_factory.mktemp("plain")
    outcome = traded(
        *(home, folder, "--strategy", "equal-weight,momentum(lookback=63, short=true)"),
        *(
            "--trials",
            18,
            "--luck-worlds",
            60,
            "--no-tear-sheets",
            "--check-lookahead",
            "--csv",
            "--json",
        ),
    )
    assert outcome.returncode == 0, outcome.stderr
    return folder / "backtest", json.loads(outcome.stdout)


def test_a_backtest_writes_outcomes_and_no_tear_sheets_that_were_not_wanted(plain):
    names = {path.name for path in plain[0].iterdir()}
    assert names == {
        "metrics.json", "outcomes.csv", "outcomes.parquet", "report.html", "run.json", "scores.csv",
        "scores.parquet", "worlds.parquet",
    }  # fmt: skip


def test_strategies_are_called_what_was_typed(plain):
    outcomes = pd.read_csv(plain[0] / "outcomes.csv")
    assert list(outcomes["strategy"].unique()) == [
        "equal-weight",
        "momentum(lookback=63, short=true)",
    ]
    assert "median sharpe momentum(lookback=63, short=true)" in plain[1]


def test_the_verdict_counts_strategies_that_were_tried_before(plain):
    assert "2 strategies tried and 18 before" in plain[1]["luck"]
    luck = json.loads((plain[0] / "metrics.json").read_text())["luck"]
    assert luck["n_trials"] == 20
    assert {verdict["n_trials"] for verdict in luck["verdicts"].values()} == {20}


def test_the_rates_of_wrong_and_right_claims_are_given_with_intervals(plain):
    luck = json.loads((plain[0] / "metrics.json").read_text())["luck"]
    for claims in (luck["false_claims"], luck["true_claims"]):
        assert all(rate["low"] <= rate["share"] <= rate["high"] for rate in claims)
    assert {rate["test"] for rate in luck["false_claims"]} >= {"verdict on luck"}


def test_the_report_says_for_every_strategy_where_the_real_days_fall(plain):
    page = (plain[0] / "report.html").read_text(encoding="utf-8")
    for name in ("equal-weight", "momentum(lookback=63, short=true)"):
        assert f"{name}: a mean Sharpe ratio of" in page
    assert page.count("percentile of the worlds") == 2


def test_the_report_shows_the_strategies_before_the_worlds_that_they_live_in(plain):
    page = (plain[0] / "report.html").read_text(encoding="utf-8")
    titles = ("What the strategies earn", "What is luck", "know too much?", "The worlds, and the")
    places = [page.index(title) for title in titles]
    assert places == sorted(places)


def test_honest_strategies_pass_the_check_for_look_ahead(plain):
    assert plain[1]["look-ahead"] == "no sign in any strategy"
    reports = json.loads((plain[0] / "metrics.json").read_text())["look_ahead"]
    assert all(finding["passed"] for report in reports for finding in report["findings"])


def test_three_planted_cheats_are_refused_in_one_line(home, tmp_path):
    rules = [f"{home / 'rules.py'}:{name}" for name in ("shifted", "looks_up", "knows_winners")]
    until = pd.bdate_range("2018-01-01", periods=N_DAYS)[TRAINING].date()
    outcome = call(
        *("finance", "backtest", "--data", home / "prices.csv", "--until", until),
        *("--strategy", ",".join(rules), "--check-lookahead"),
        cwd=tmp_path,
    )
    assert outcome.returncode == 2
    assert outcome.stderr.count("looks ahead") == 3
    assert outcome.stderr.count("\n") == 1
    assert not (tmp_path / "backtest").exists()


def test_rules_of_a_file_trade_by_the_calendar(home, tmp_path):
    rules = [f"{home / 'rules.py'}:{name}" for name in ("trend", "seasons")]
    outcome = traded(
        *(home, tmp_path, "--strategy", ",".join(rules), "--rebalance", "month-end"),
        *("--no-tear-sheets", "--check-lookahead", "--luck-worlds", 0, "--json"),
    )
    assert outcome.returncode == 0, outcome.stderr
    luck = json.loads((tmp_path / "backtest" / "metrics.json").read_text())["luck"]
    assert luck["false_claims"] == luck["true_claims"] == []
    page = (tmp_path / "backtest" / "report.html").read_text(encoding="utf-8")
    assert "Trades by the calendar (month-end)" in page
    assert "rules.py:seasons" in page


def test_a_rule_that_leaves_all_in_cash_has_nothing_to_judge(home, tmp_path):
    idle = f"{home / 'rules.py'}:idle"
    outcome = traded(
        *(home, tmp_path, "--strategy", f"{idle},equal-weight", "--cash-rate", 0.04),
        *("--no-tear-sheets", "--luck-worlds", 20, "--json"),
    )
    assert outcome.returncode == 0, outcome.stderr
    luck = json.loads((tmp_path / "backtest" / "metrics.json").read_text())["luck"]
    assert [name.endswith("idle") for name in luck["silent"]] == [True]
    assert list(luck["verdicts"]) == ["equal-weight"]


@pytest.mark.slow
def test_the_real_days_and_three_worlds_have_tear_sheets(home, tmp_path):
    pytest.importorskip("quantstats")
    outcome = traded(home, tmp_path, "--strategy", "momentum(lookback=63)", "--luck-worlds", 0)
    assert outcome.returncode == 0, outcome.stderr
    sheets = {path.name for path in (tmp_path / "backtest").glob("tear-sheet*")}
    stem = "tear-sheet-momentum-lookback-63"
    assert sheets == {f"{stem}{end}.html" for end in ("", "-world-05", "-world-50", "-world-95")}
    page = (tmp_path / "backtest" / "report.html").read_text(encoding="utf-8")
    assert all(f'href="{sheet}"' in page for sheet in sheets)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--strategy", "momentum(lookbak=3)"], "lookback"),
        (["--strategy", "no_such.py:rule"], "no_such.py"),
        (["--strategy", "{rules}:fails"], "line 38: the strategy failed: ZeroDivisionError"),
        (["--rebalance", "mont-end"], "did you mean 'month-end'"),
        (["--rebalance", "0"], "rebalance: expected at least 1"),
        (["--costs", "0.7"], "costs: expected a fraction"),
        (["--edge", "0"], "edge: expected a Sharpe ratio above 0"),
        (["--edge", "50"], "edge: expected a Sharpe ratio of at most 20 a year"),
        (["--trials", "-1"], "--trials"),
    ],
)
def test_a_wrong_option_is_one_line_and_nothing_written(home, tmp_path, arguments, words):
    given = [argument.format(rules=home / "rules.py") for argument in arguments]
    outcome = traded(home, tmp_path, *given)
    assert outcome.returncode == 2
    assert words in outcome.stderr
    assert "Traceback" not in outcome.stderr
    assert list(tmp_path.iterdir()) == []
