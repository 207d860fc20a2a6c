"""Goals: their months, what they are worth, and how much of them is funded."""

import numpy as np
import pytest

from scenara.finance.advisor.client import Assumptions, Goal, Person, Saving
from scenara.finance.advisor.goals import (
    PRUDENT_REAL_RATE,
    DatedGoal,
    dated_goals,
    funding_ratios,
    saving_months,
)

PERSON = Person(as_of="2026-11-01", age=40, retirement_age=65)


@pytest.mark.parametrize(
    ("when", "month"),
    [
        ({"age": 41}, 12),
        ({"age": 40.5}, 6),
        ({"date": "2027-01-31"}, 2),
        ({"date": "2026-11-30"}, 0),
    ],
)
def test_months_are_counted_from_the_day_of_the_plan(when, month):
    assert Goal(name="g", amount=1, priority="wish", **when).first_month(PERSON) == month


def test_yearly_payments_are_twelve_months_apart():
    assert DatedGoal("g", "wish", 1.0, 5, 3).months.tolist() == [5, 17, 29]


def test_present_value_is_that_of_an_annuity():
    goal = DatedGoal("g", "wish", 100.0, 12, 20)
    rate = PRUDENT_REAL_RATE
    assert goal.present_value() == pytest.approx(100 * (1 - (1 + rate) ** -20) / rate)


def test_saving_needed_grows_to_the_goal():
    goal = DatedGoal("g", "wish", 1_000.0, 30)
    growth = 1.03 ** ((30 - np.arange(30)) / 12)
    assert goal.saving_needed(0.03) * growth.sum() == pytest.approx(1_000)


def test_goals_are_served_by_priority_then_date():
    goals = [
        Goal(name="boat", amount=1, priority="wish", age=41),
        Goal(name="late", amount=1, priority="essential", age=65),
        Goal(name="early", amount=1, priority="essential", age=50),
        Goal(name="study", amount=1, priority="important", age=45),
    ]
    assert [goal.name for goal in dated_goals(goals, PERSON)] == ["early", "late", "study", "boat"]


def test_saving_stops_at_retirement():
    goals = dated_goals([Goal(name="g", amount=1, priority="wish", age=70)], PERSON)
    assert saving_months(goals, PERSON) == 300


def test_without_retirement_saving_stops_with_the_last_goal():
    person = Person(as_of="2026-11-01", age=40)
    goals = dated_goals([Goal(name="g", amount=1, priority="wish", age=50)], person)
    assert saving_months(goals, person) == 120


def test_resources_fund_goals_in_order(make_client):
    goals = (
        Goal(name="second", amount=40_000, priority="wish", date="2026-12-01"),
        Goal(name="first", amount=30_000, priority="essential", date="2026-12-01"),
    )
    client = make_client(
        goals=goals,
        saving=Saving(per_month=0),
        assumptions=Assumptions(inflation_per_year=0.0),
    )
    ratios = funding_ratios(client)
    discount = (1 + PRUDENT_REAL_RATE) ** (-1 / 12)
    left = 50_000 - 30_000 * discount
    assert ratios == {"first": 1.0, "second": pytest.approx(left / (40_000 * discount))}


def test_more_saving_never_lowers_a_funding_ratio(make_client):
    little, much = (
        funding_ratios(make_client(saving=Saving(per_month=saved))) for saved in (100, 900)
    )
    assert all(much[name] >= little[name] for name in little)
