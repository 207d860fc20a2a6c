"""What a user says about trading reaches the engine, and mistakes are named."""

import pytest

from scenara.finance.portfolio.rebalancing import Band
from scenara.finance.settings import StudySettings
from scenara.finance.trading import describe_trading, read_rebalancing, trading_of
from scenara.shared.errors import ConfigError


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        (21, 21),
        ("quarter", "quarter"),
        ("band(0.05)", Band(0.05)),
        ("band( .1 , every = 5 )", Band(0.1, every=5)),
        ("band(0.1, every=month-end)", Band(0.1, every="month-end")),
    ],
)
def test_steps_calendars_and_bands_are_read(text, rule):
    assert read_rebalancing(text) == rule


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("band", "expected band"),
        ("band(wide)", "expected band"),
        ("band(0.1, every=0)", "at least 1 step"),
        ("band(0.1, every=moth-end)", "did you mean 'month-end'"),
        ("dayly", "is not a schedule"),
    ],
)
def test_what_is_no_schedule_is_refused(text, words):
    with pytest.raises(ConfigError, match=words):
        read_rebalancing(text)


@pytest.mark.parametrize("name", ["cash_rate", "borrow_spread", "loan_fee"])
def test_rates_reach_the_account(name):
    account = trading_of(StudySettings(**{name: 0.03}))["account"]
    assert getattr(account, name) == 0.03


@pytest.mark.parametrize("name", ["cash_rate", "borrow_spread", "loan_fee"])
def test_rates_in_per_cent_are_refused(name):
    with pytest.raises(ConfigError, match="rates a year as fractions"):
        StudySettings(**{name: 3})


def test_assumptions_say_what_was_set():
    settings = StudySettings(rebalance="band(0.05)", costs=0.001, cash_rate=0.02)
    costs, cash = describe_trading(settings)
    assert costs.startswith("Trades when a weight is 5 points off its target, at costs of 10 basis")
    assert cash.startswith("Cash earns 2 % a year")


@pytest.mark.parametrize(
    ("rebalance", "words"),
    [
        (21, "Trades every 21 days, at"),
        (1, "Trades every day, at"),
        ("month-end", "Trades by the calendar (month-end), at"),
        ("never", "Trades once, at the start, at"),
        ("band(0.05)", "Trades when a weight is 5 points off its target, at"),
        ("band(0.05, every=5)", "5 points off its target, looking every 5 days, at"),
        ("band(0.05, every=month-end)", "off its target, looking by the calendar (month-end), at"),
        ("band(0.05, every=never)", "off its target, looking once, at the start, at"),
    ],
)
def test_assumptions_say_when_is_traded(rebalance, words):
    assert words in describe_trading(StudySettings(rebalance=rebalance))[0]
