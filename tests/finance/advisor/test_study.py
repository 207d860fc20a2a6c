"""The advice job: what it writes, that the same seed gives the same, and what it refuses."""

import json
import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from real_samples import need_samples_of
from typer.testing import CliRunner

from scenara.finance.advisor.client_file import AdviceRefusedError, read_client
from scenara.finance.advisor.example import write_example
from scenara.finance.advisor.execution.commands import open_account, rebalance_account
from scenara.finance.advisor.execution.settings import AccountSettings
from scenara.finance.advisor.settings import AdviceSettings
from scenara.finance.advisor.study import client_history, run_advice
from scenara.finance.cli import app
from scenara.shared.config import configured
from scenara.shared.errors import ConfigError, DataError

SMALL = {"n_paths": 120, "equity_step": 0.1}
RUNNER = CliRunner()


@pytest.fixture(scope="module")
def settings(tmp_path_factory):
    need_samples_of('load_sample("us-monthly")')
    client = write_example(tmp_path_factory.mktemp("client"))
    return AdviceSettings(client=str(client), **SMALL)


@pytest.fixture(scope="module")
def folder(settings, tmp_path_factory):
    out = tmp_path_factory.mktemp("run") / "advice"
    run_advice(settings, out=out, command="test")
    return out


@pytest.fixture(scope="module")
def page(folder):
    text = (folder / "report.html").read_text(encoding="utf-8")
    return " ".join(re.sub(r"<[^>]+>", " ", text).split())


@pytest.fixture(scope="module")
def metrics(folder):
    return json.loads((folder / "metrics.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    "name",
    [
        "report.html",
        "metrics.json",
        "run.json",
        "targets.csv",
        "account.toml",
        "glide.csv",
        "orders.csv",
        "fan.parquet",
        "alternatives.parquet",
    ],
)
def test_the_folder_holds(folder, name):
    assert (folder / name).stat().st_size > 0


@pytest.mark.parametrize(
    "words",
    [
        "Chance of retirement",
        "What to hold",
        "What could go wrong",
        "sold: excluded (tobacco)",
        "1929-32",
        "Worlds of the plan's own that begin like 2008",
        "Grable and Lytton (1999)",
        "The risk tolerance binds",
        "beyond your limit",
        "10th to 90th percentile",
        "Unfavourable",
        "net worth",
        "Make the plan anew once a year",
        "nearest first",
    ],
)
def test_the_page_answers(page, words):
    assert words in page.replace("’", "'").replace("&#39;", "'")


@pytest.mark.parametrize(
    "words",
    [
        "hypothetical in nature, do not reflect actual investment results and are not guarantees",
        "Results may vary with each use and over time",
        "may have characteristics similar or superior",
        "3 generators of market paths each wrote 120 joint worlds",
        "us-monthly, 1926-08 to 2018-11",
        "Considered were the 7 instruments of your file",
        "SMOK is excluded by your wish",
        "0.25 % a year for advice",
    ],
)
def test_the_disclosure_is_made_from_the_run(page, words):
    assert words in page.replace("\N{NO-BREAK SPACE}", " ")


def test_targets_sum_to_one(folder):
    targets = pd.read_csv(folder / "targets.csv")
    assert targets["weight"].sum() == pytest.approx(1)
    assert "SMOK" not in set(targets["symbol"])


def test_orders_lead_towards_the_targets(folder, metrics):
    orders = pd.read_csv(folder / "orders.csv")
    assert set(orders["side"]) == {"buy", "sell"}
    assert set(orders[orders["side"] == "buy"]["symbol"]) <= set(metrics["targets"])


def test_an_account_is_rebalanced_by_the_orders_of_the_advice(folder, settings, tmp_path):
    client, day = Path(settings.client), date(2026, 11, 27)
    tables = [client.parent / name for name in ("holdings.csv", "instruments.csv")]
    open_account(tmp_path / "a.ledger", *tables, on=day)
    rebalance_account(
        tmp_path / "a.ledger",
        folder / "targets.csv",
        tables[1],
        on=day,
        settings=configured(AccountSettings, file=folder / "account.toml"),
        dry_run=True,
        orders=tmp_path / "orders.csv",
    )
    assert (tmp_path / "orders.csv").read_bytes() == (folder / "orders.csv").read_bytes()


def test_the_glide_ends_with_each_goal(folder):
    ends = pd.read_csv(folder / "glide.csv").groupby("goal").last()
    assert (ends["equity"] == 0).all()
    assert ends["age"].to_dict() == {"education": 52, "retirement": 91}


def test_intervals_hold_every_generator(metrics):
    for goal in metrics["goals"].values():
        found = list(goal["by_family"].values())
        assert goal["low"] <= min(found) <= goal["chance"] <= max(found) <= goal["high"]
        assert len(found) == 3


def test_the_lower_limit_binds(metrics):
    profile = metrics["profile"]
    assert profile["maximum_equity"] == min(
        profile["equity_by_tolerance"], profile["equity_by_capacity"]
    )
    assert metrics["equity"] <= profile["largest_equity"] <= profile["maximum_equity"]


def test_the_failure_has_its_effective_size(metrics):
    failure = metrics["failure"]
    assert failure["n_worlds"] == sum(failure["by_family"].values())
    assert failure["chance"] == pytest.approx(failure["n_worlds"] / 360)
    assert failure["n_worlds"] / 3 < failure["effective_sample_size"] < failure["n_worlds"]


def test_run_json_has_checksums_of_all_inputs(folder, settings):
    inputs = json.loads((folder / "run.json").read_text(encoding="utf-8"))["inputs"]
    names = {name.rsplit("/", 1)[-1] for name in inputs}
    assert names == {"client.toml", "holdings.csv", "instruments.csv"}


def test_the_same_seed_gives_the_same_advice(folder, settings, tmp_path):
    run_advice(settings, out=tmp_path / "again", command="test")
    for name in ("metrics.json", "targets.csv", "orders.csv", "fan.parquet"):
        assert (tmp_path / "again" / name).read_bytes() == (folder / name).read_bytes()


@pytest.fixture
def prices(tmp_path):
    rng = np.random.default_rng(0)
    index = pd.date_range("1990-01-31", periods=300, freq="ME", name="date")
    moves = rng.normal([0.007, 0.003], [0.045, 0.012], (300, 2))
    frame = pd.DataFrame(100 * np.exp(moves.cumsum(axis=0)), index, ["us-equity", "aaa-bonds"])
    path = tmp_path / "prices.csv"
    frame.to_csv(path)
    return str(path)


def test_a_sure_goal_without_holdings_has_a_plan_without_crises(settings, tmp_path):
    client = write_example(tmp_path / "me")
    text = client.read_text(encoding="utf-8")
    text = re.sub(r'\[\[goals\]\]\nname = "retirement".*?(?=\[assump)', "", text, flags=re.DOTALL)
    text = re.sub("retirement_age.*", "", text).replace("cash = 1000", "cash = 0")
    text = text.replace("age = 49", "age = 40").replace("years = 4", "years = 1")
    client.write_text(text, encoding="utf-8")
    header = "symbol,quantity,purchase_date,cost_per_share\nCASH,0,,\n"
    (client.parent / "holdings.csv").write_text(header, encoding="utf-8")
    run_advice(replace(settings, client=str(client)), out=tmp_path / "advice", command="test")
    page = (tmp_path / "advice" / "report.html").read_text(encoding="utf-8")
    assert "There are no holdings yet" in page
    assert "Fewer than twenty worlds miss the first goal" in page
    assert not (tmp_path / "advice" / "orders.csv").exists()


def _keep_two_classes(client):
    table = client.parent / "instruments.csv"
    rows = table.read_text(encoding="utf-8").splitlines()
    kept = [row for row in rows if "small-value" not in row and "baa-bonds" not in row]
    table.write_text("\n".join(kept) + "\n", encoding="utf-8")


def test_own_prices_can_be_planned_with(settings, prices, tmp_path):
    client = write_example(tmp_path / "me" / "client")
    _keep_two_classes(client)
    text = client.read_text(encoding="utf-8")
    for old, new in (("67", "45"), ("years = 25", "years = 2"), ("age = 49", "age = 40")):
        text = text.replace(old, new)
    client.write_text(text, encoding="utf-8")
    own = AdviceSettings(
        client=str(client),
        data=prices,
        defensive=("aaa-bonds",),
        families=("series/bootstrap",),
        n_paths=100,
    )
    result = run_advice(own, out=tmp_path / "advice", command="test")
    text = result.report.read_text(encoding="utf-8")
    assert "money is taken to earn nothing" in text
    assert "1990-02 to 2014-12" in text


def test_prices_that_do_not_fall_to_equity_are_refused(settings, prices, tmp_path):
    own = replace(settings, data=prices, defensive=("us-equity", "aaa-bonds"))
    with pytest.raises(ConfigError, match="growth classes"):
        run_advice(own, out=tmp_path / "advice", command="test")


def test_a_family_needs_enough_months(settings, prices, tmp_path):
    short = pd.read_csv(prices).iloc[:150]
    short.to_csv(prices, index=False)
    own = replace(settings, data=prices, defensive=("aaa-bonds",), families=("series/dcc",))
    client = write_example(tmp_path / "c")
    _keep_two_classes(client)
    with pytest.raises(DataError):
        run_advice(replace(own, client=str(client)), out=tmp_path / "advice", command="test")
    assert not (tmp_path / "advice").exists()


def _planned_on(client, day):
    text = client.read_text(encoding="utf-8").replace("2026-11-27", day)
    client.write_text(text, encoding="utf-8")
    empty = "symbol,quantity,purchase_date,cost_per_share\nCASH,5000,,\n"
    (client.parent / "holdings.csv").write_text(empty, encoding="utf-8")
    return read_client(client)


def test_a_plan_of_the_past_knows_nothing_later(settings, prices, tmp_path):
    client = _planned_on(write_example(tmp_path / "me"), "2004-06-15")
    own = replace(settings, data=prices, defensive=("aaa-bonds",))
    assert client_history(client, settings).period.endswith("2004-05")
    assert client_history(client, own).period.endswith("2004-05")


def test_a_day_before_the_history_is_refused(settings, tmp_path):
    client = _planned_on(write_example(tmp_path / "me"), "1890-01-01")
    with pytest.raises(DataError, match="0 months up to 1890-01-01, expected at least 120"):
        client_history(client, settings)


def test_a_yield_below_that_of_the_history_is_one_reason_among_all(settings, tmp_path):
    client = write_example(tmp_path / "me")
    text = client.read_text(encoding="utf-8").replace("# baa_yield = 0.060", "baa_yield = 0.03")
    client.write_text(text.replace("emergency_cash = 20000", "emergency_cash = 0"))
    with pytest.raises(AdviceRefusedError) as caught:
        client_history(read_client(client), settings)
    first, second = caught.value.reasons
    assert "4.22% at the end of the history, found 0.03" in first
    assert "emergency_cash is 0" in second


# The commands.


def test_a_refusal_lists_every_reason_and_exits_with_2(tmp_path):
    need_samples_of('load_sample("us-monthly")')
    client = write_example(tmp_path / "me")
    text = client.read_text(encoding="utf-8")
    text = text.replace("per_month = 1100", "per_month = 9000").replace("age = 49", "age = 30")
    client.write_text(text, encoding="utf-8")
    result = RUNNER.invoke(app, ["advise", "--client", str(client), "--out", str(tmp_path / "x")])
    assert result.exit_code == 2
    lines = result.stderr.strip().splitlines()
    assert len(lines) == 3
    assert lines[1].startswith("- [saving]: per_month is 9,000")
    assert not (tmp_path / "x").exists()


def test_the_command_prints_the_chance_of_each_goal(tmp_path):
    need_samples_of('load_sample("us-monthly")')
    client = write_example(tmp_path / "me")
    options = {"client": client, "out": tmp_path / "x", "families": "series/bootstrap"}
    typed = [word for name, value in options.items() for word in (f"--{name}", str(value))]
    result = RUNNER.invoke(app, ["advise", *typed, "--n-paths", "100", "--json"])
    told = json.loads(result.stdout)
    assert result.exit_code == 0
    assert {"shares", "binding", "chance of education", "chance of retirement"} <= told.keys()


def test_the_example_is_written_and_says_what_is_next(tmp_path):
    result = RUNNER.invoke(app, ["client", "--out", str(tmp_path / "me"), "--json"])
    told = json.loads(result.stdout)
    assert (tmp_path / "me" / "client.toml").exists()
    assert "scenara finance advise --client" in told["next"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"n_paths": 10}, "n_paths: expected at least 100"),
        ({"wanted": 1.0}, "wanted: expected at least 0.5 and at most 0.99"),
        ({"families": ()}, "families: expected names"),
        ({"families": ("a", "a")}, "families: expected each once, found a, a"),
        ({"data": "a.csv", "sample": "sp500"}, "at most one of --data and --sample"),
    ],
)
def test_settings_out_of_range_are_refused(changes, message):
    with pytest.raises(ConfigError, match=message):
        AdviceSettings(**changes)
