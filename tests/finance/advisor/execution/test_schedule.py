"""The schedule: last days of periods, days that were missed, and drift."""

from datetime import date, timedelta

import pandas as pd
import pytest

from scenara.finance.advisor.execution.schedule import RebalanceSchedule, due_dates, is_due
from scenara.shared.errors import ConfigError

START, END = date(2023, 11, 20), date(2025, 2, 14)


@pytest.mark.parametrize(
    ("every", "offset"),
    [
        ("month-end", pd.offsets.MonthEnd()),
        ("quarter", pd.offsets.QuarterEnd()),
        ("year", pd.offsets.YearEnd()),
        ("week", pd.offsets.Week(weekday=6)),
    ],
)
def test_due_dates_are_the_last_days_that_pandas_has(every, offset):
    expected = pd.date_range(START, END, freq=offset)
    assert due_dates(START, END, every) == [day.date() for day in expected]


@pytest.mark.parametrize(("start", "end"), [(END, START), (date(2024, 6, 1), date(2024, 6, 29))])
def test_a_span_without_a_last_day_has_no_due_date(start, end):
    assert due_dates(start, end, "month-end") == []


def test_a_rebalance_is_due_on_the_last_day_and_not_the_day_before():
    schedule, last = RebalanceSchedule("month-end"), date(2024, 5, 31)
    assert not is_due(last, date(2024, 6, 29), schedule).is_due
    assert is_due(last, date(2024, 6, 30), schedule).is_due


def test_run_every_day_there_is_one_rebalance_a_period():
    days, last = [date(2024, 1, 1) + timedelta(days=i) for i in range(366)], date(2023, 12, 31)
    done = []
    for day in days:
        if is_due(last, day, RebalanceSchedule("quarter")).is_due:
            done.append(day)
            last = day
    assert done == due_dates(days[0], days[-1], "quarter")


def test_periods_that_were_missed_ask_for_one_rebalance():
    schedule, today = RebalanceSchedule("month-end"), date(2024, 12, 15)
    due = is_due(date(2024, 1, 31), today, schedule)
    assert due.reason == "2024-11-30 has passed since the last one on 2024-01-31"
    assert not is_due(today, today, schedule).is_due


def test_a_drift_outside_of_the_band_does_not_wait_for_the_calendar():
    schedule, last, today = RebalanceSchedule("never"), date(2024, 1, 1), date(2024, 1, 2)
    assert not is_due(last, today, schedule, drift=0.05).is_due
    assert is_due(last, today, schedule, drift=0.051).reason == (
        "a weight is 5.1 points from its target, outside the band of 5"
    )


def test_the_first_rebalance_is_due_at_once():
    assert is_due(None, date(2024, 1, 2), RebalanceSchedule("never")).is_due


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"every": "quarterly"}, "'quarterly' is not a schedule; did you mean 'quarter'"),
        ({"drift_band": 2.0}, "expected a number in"),
    ],
)
def test_a_schedule_that_cannot_be_meant_is_refused(fields, words):
    with pytest.raises(ConfigError, match=words):
        RebalanceSchedule(**fields)
