"""The commands of an account as a user calls them: output, exit codes, one line of error."""

import json

import pandas as pd
import pytest
from command_line import call

from scenara.finance.advisor.execution import read_targets
from scenara.shared.errors import DataError

TABLES = {
    "instruments.csv": "symbol,name,asset_class,price,expense_ratio\n"
    "VTI,US shares,us-equity,250,0.0003\nBND,US bonds,bonds,70,0.0003\n",
    "holdings.csv": "symbol,quantity,purchase_date,cost_per_share\n"
    "VTI,40,2020-01-02,150\nCASH,1000.50,,\n",
    "targets.csv": "symbol,weight\nVTI,0.6\nBND,0.4\n",
    "rules.toml": 'fee_fixed = 1.0\nlong_term_tax = 0.15\nlots = "tax"\nevery = "month-end"\n',
}
OPEN = ("open", "--holdings", "holdings.csv", "--instruments", "instruments.csv")
REBALANCE = (
    "rebalance", "--targets", "targets.csv", "--instruments", "instruments.csv",
    "--config", "rules.toml",
)  # fmt: skip


@pytest.fixture
def account(tmp_path):
    """Give a function that calls a command on an account opened on 3 June 2024."""
    for name, text in TABLES.items():
        (tmp_path / name).write_text(text)

    def run(command, *rest):
        return call("finance", "account", command, "--ledger", "me.ledger", *rest, cwd=tmp_path)

    assert run(*OPEN, "--on", "2024-06-03").returncode == 0
    return run


def answer(outcome):
    assert outcome.returncode == 0, outcome.stderr
    return json.loads(outcome.stdout)


def test_an_account_opens_with_what_is_held(account):
    found = answer(account("show", "--json"))
    assert found["value"] == 11_000.50
    assert found["positions"]["VTI"] == {
        "quantity": 40.0, "price": 250.0, "value": 10_000.0, "cost": 6_000.0,
    }  # fmt: skip


def test_a_dry_run_writes_orders_and_nothing_into_the_ledger(account, tmp_path):
    before = (tmp_path / "me.ledger").read_bytes()
    outcome = account(*REBALANCE, "--on", "2024-06-03", "--dry-run", "--orders", "orders.csv")
    assert outcome.stdout.startswith("due: there was none before\n  sell 14 VTI at 250 = 3,500.00")
    assert outcome.stdout.endswith("dry run: nothing was written\n")
    assert (tmp_path / "me.ledger").read_bytes() == before
    assert pd.read_csv(tmp_path / "orders.csv")["side"].tolist() == ["sell", "buy"]


def test_a_second_run_on_the_same_day_does_nothing_and_says_so(account, tmp_path):
    first = answer(account(*REBALANCE, "--on", "2024-06-03", "--json"))
    ledger = (tmp_path / "me.ledger").read_bytes()
    again = account(*REBALANCE, "--on", "2024-06-03")
    forced = account(*REBALANCE, "--on", "2024-06-03", "--force")
    assert first["outcome"] == "traded"
    assert again.stdout.startswith("no rebalance: the last one was on 2024-06-03")
    assert forced.stdout == f"rebalance {first['batch']} was done before; nothing was written\n"
    assert (tmp_path / "me.ledger").read_bytes() == ledger


def test_run_by_the_day_it_trades_at_the_end_of_the_month(account, tmp_path):
    account(*REBALANCE, "--on", "2024-06-03")
    instruments = tmp_path / "instruments.csv"
    instruments.write_text(instruments.read_text().replace(",250,", ",280,"))
    outcomes = {
        day: answer(account(*REBALANCE, "--on", day, "--json"))["outcome"]
        for day in ("2024-06-29", "2024-06-30", "2024-07-01")
    }
    assert list(outcomes.values()) == ["not due", "traded", "not due"]


def test_a_drift_outside_of_its_band_does_not_wait(account, tmp_path):
    account(*REBALANCE, "--on", "2024-06-03")
    instruments = tmp_path / "instruments.csv"
    instruments.write_text(instruments.read_text().replace(",250,", ",400,"))
    outcome = account(*REBALANCE, "--on", "2024-06-04", "--json")
    assert answer(outcome)["outcome"] == "traded"


def test_a_drift_that_trades_would_not_mend_is_left_and_the_reason_is_given(account, tmp_path):
    account(*REBALANCE, "--on", "2024-06-03")
    for name, old, new in (
        ("instruments.csv", ",250,", ",400,"),
        ("rules.toml", "fee_fixed = 1.0", "fee_fixed = 5000.0"),
    ):
        (tmp_path / name).write_text((tmp_path / name).read_text().replace(old, new))
    outcome = account(*REBALANCE, "--on", "2024-06-04")
    assert outcome.stdout.endswith(
        "outside the band of 5, but no trade brings it nearer than it costs\n"
    )


def test_a_statement_is_compared_and_the_ledger_is_adjusted_for_a_reason_only(account, tmp_path):
    statement = TABLES["holdings.csv"].replace("VTI,40", "VTI,41")
    (tmp_path / "statement.csv").write_text(statement)
    compare = ("reconcile", "--statement", "statement.csv", "--on", "2024-06-28")
    assert account(*compare).stdout.splitlines() == [
        "ledger and statement differ in 1 of 2",
        "  VTI: ledger 40, statement 41",
    ]
    adjusting = ("--adjust", "missed purchase", "--instruments", "instruments.csv")
    assert answer(account(*compare, *adjusting, "--json"))["adjusted"]
    assert account(*compare).stdout == "ledger and statement agree in all 2\n"


def test_money_comes_in_and_performance_leaves_it_out(account, tmp_path):
    account("deposit", "--amount", "500.25", "--on", "2024-06-04")
    days = pd.bdate_range("2024-06-03", periods=3, name="date")
    pd.DataFrame({"VTI": [250.0, 255.0, 275.0]}, index=days).to_csv(tmp_path / "prices.csv")
    found = answer(account("show", "--prices", "prices.csv", "--json"))
    before, after = 40 * 255 + 1000.5, 40 * 275 + 1500.75
    assert found["value"] == after
    expected = before / 11_000.5 * after / (before + 500.25) - 1
    assert found["time_weighted_return"] == pytest.approx(expected)


def test_dividends_and_fees_are_booked_as_such(account):
    account("dividend", "--symbol", "VTI", "--amount", "60.40", "--on", "2024-06-04")
    account("fee", "--for", "advice", "--amount", "25", "--on", "2024-06-04")
    found = answer(account("show", "--json"))
    assert (found["dividends"], found["fees"], found["cash"]) == ("60.40", "25.00", "1035.90")
    assert found["time_weighted_return"] == pytest.approx(35.40 / 11_000.50)


@pytest.mark.parametrize(
    ("booking", "words"),
    [
        (("dividend", "--symbol", "NOPE", "--amount", "5"), "'NOPE' was never in the account"),
        (("deposit", "--amount", "0.001"), "expected whole cents such as 1500.50, found '0.001'"),
        (("deposit", "--amount", "1e400"), "amount: expected at most 15 digits, found 1E+400"),
    ],
)
def test_a_booking_that_can_t_be_meant_is_one_line_of_error(account, booking, words):
    outcome = account(*booking, "--on", "2024-06-04")
    assert outcome.returncode == 2
    assert words in outcome.stderr
    assert len(outcome.stderr.splitlines()) == 1


def test_a_ledger_that_lost_its_last_events_does_not_hold_the_digest_that_was_kept(
    account, tmp_path
):
    shorter = (tmp_path / "me.ledger").read_bytes()
    account("deposit", "--amount", "5", "--on", "2024-06-04")
    head = answer(account("show", "--json"))["head"]
    assert account("show", "--kept", head).returncode == 0
    (tmp_path / "me.ledger").write_bytes(shorter)
    outcome = account("show", "--kept", head)
    assert outcome.returncode == 2
    assert f"the event {head[:12]}... is missing" in outcome.stderr


def test_what_is_shown_to_people_names_positions_and_the_ledger_s_head(account):
    lines = account("show").stdout.splitlines()
    assert lines[0] == "11,000.50 USD on 2024-06-03, account opened on 2024-06-03"
    assert lines[1].split() == ["VTI", "40", "at", "250.00", "10,000.00", "90.9", "%"]
    assert lines[-1].startswith("ledger: ")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (OPEN, "me.ledger: already exists"),
        (("show", "--on", "2023-01-01"), "none in the time asked for"),
        (("deposit", "--amount", "1e"), "expected a number such as 1500.50, found '1e'"),
        (("deposit", "--amount", "-1001"), "at most the cash of 1000.50, found 1001.00"),
        ((*REBALANCE, "--on", "yesterday"), "--on: expected a day such as 2024-06-28"),
        ((*REBALANCE, "--on", "2024-06-02"), "expected a day from 2024-06-03 on"),
        ((*REBALANCE, "--every", "monthly"), "did you mean 'month-end'"),
        ((*REBALANCE, "--drift-band", "2"), "drift_band: expected a number in [0, 1), found 2.0"),
        (("reconcile", "--statement", "none.csv"), "none.csv"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(account, arguments, words):
    outcome = account(*arguments)
    assert outcome.returncode == 2
    assert words in outcome.stderr
    assert len(outcome.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ("VTI,0.6\nBMD,0.4", "line 3, column 'symbol': 'BMD' is not among .* did you mean 'BND'"),
        ("VTI,0.6\nVTI,0.4", "line 3, column 'symbol': 'VTI' stands there twice"),
        ("VTI,60", r"line 2, column 'weight': expected a number in \[0, 1\], found 60.0"),
        ("VTI,0.7\nBND,0.7", "targets.csv: targets: expected weights that add up to at most 1"),
        ("VTI,0.7\ncash,0.1", "exactly 1, as CASH is among them, found 0.8"),
    ],
)
def test_targets_that_cannot_be_meant_are_refused(tmp_path, rows, words):
    path = tmp_path / "targets.csv"
    path.write_text(f"symbol,weight\n{rows}\n")
    with pytest.raises(DataError, match=words):
        read_targets(path, instruments=["VTI", "BND"])
