"""Trading days by count and by calendar."""

import pandas as pd
import pytest

from scenara.finance.portfolio import rebalance_steps
from scenara.shared.errors import ConfigError, DataError

DAYS = pd.bdate_range("2023-12-27", "2024-04-03")


@pytest.mark.parametrize(
    ("every", "expected"), [(1, [0, 1, 2, 3, 4]), (2, [0, 2, 4]), (9, [0]), ("never", [0])]
)
def test_steps_by_count(every, expected):
    assert rebalance_steps(5, every).tolist() == expected


@pytest.mark.parametrize(
    ("calendar", "first_days"),
    [
        ("year", ["2024-01-01"]),
        ("quarter", ["2024-01-01", "2024-04-01"]),
        ("month-end", ["2024-01-01", "2024-02-01", "2024-03-01", "2024-04-01"]),
    ],
)
def test_a_calendar_trades_before_the_first_return_of_a_period(calendar, first_days):
    steps = rebalance_steps(len(DAYS), calendar, dates=DAYS)
    assert steps[0] == 0
    assert DAYS[steps[1:]].strftime("%Y-%m-%d").tolist() == first_days


def test_a_week_that_spans_two_years_is_one_week():
    days = pd.bdate_range("2024-12-30", "2025-01-07")
    assert rebalance_steps(len(days), "week", dates=days).tolist() == [0, 5]


@pytest.mark.parametrize("zone", ["UTC", "America/New_York"])
def test_time_zones_do_not_matter(zone):
    steps = rebalance_steps(len(DAYS), "month-end", dates=DAYS.tz_localize(zone))
    assert steps.tolist() == rebalance_steps(len(DAYS), "month-end", dates=DAYS).tolist()


@pytest.mark.parametrize("every", [0, -1, 1.5, True])
def test_counts_below_one_are_refused(every):
    with pytest.raises(ConfigError, match="at least 1 step"):
        rebalance_steps(5, every)


@pytest.mark.parametrize("dates", [DAYS[:5][::-1], DAYS[[0, 0, 1, 2, 3]], DAYS[:4]])
def test_dates_that_are_not_one_for_each_step_in_order_are_refused(dates):
    with pytest.raises(DataError, match="dates"):
        rebalance_steps(5, "week", dates=dates)
