"""The risk that may be taken: tolerance and capacity, of which the lower binds."""

from dataclasses import replace

import numpy as np
import pytest

from scenara.finance.advisor.capacity import risk_capacity
from scenara.finance.advisor.client import Debt, Goal, Household
from scenara.finance.advisor.profile import (
    equity_of_capacity,
    equity_of_tolerance,
    loss_limit,
    risk_profile,
)
from scenara.finance.advisor.questionnaire import ITEMS

HOME = Household(income_per_year=60_000, expenses_per_year=42_000, emergency_cash=15_000)
CAREFUL = {item.key: next(iter(item.points)) for item in ITEMS}
BOLD = {item.key: list(item.points)[-1] for item in ITEMS}
SOON = (Goal(name="car", amount=9_000, priority="essential", age=42),)


def test_weights_of_the_capacity_sum_to_one(client):
    assert sum(part.weight for part in risk_capacity(client).parts) == pytest.approx(1)


def test_the_score_is_the_weighted_sum_of_its_parts(client):
    found = risk_capacity(client)
    expected = 100 * sum(part.weight * part.points for part in found.parts)
    assert found.score == pytest.approx(expected)


@pytest.mark.parametrize(
    "better",
    [
        replace(HOME, emergency_cash=20_000),
        replace(HOME, job_stability="secure"),
        replace(HOME, expenses_per_year=38_000),
    ],
)
def test_a_sounder_household_can_bear_more(make_client, better):
    worse = risk_capacity(make_client(household=HOME)).score
    assert risk_capacity(make_client(household=better)).score > worse


@pytest.mark.parametrize(
    "worse",
    [
        replace(HOME, dependants=3),
        replace(HOME, job_stability="uncertain"),
        replace(
            HOME,
            debts=(Debt(name="d", amount=9_000, rate_per_year=0.1, payment_per_year=9_000),),
        ),
    ],
)
def test_a_burden_lowers_the_capacity(make_client, worse):
    before = risk_capacity(make_client(household=HOME)).score
    assert risk_capacity(make_client(household=worse)).score < before


def test_without_a_reserve_a_cap_holds(make_client):
    found = risk_capacity(make_client(household=replace(HOME, emergency_cash=3_000)))
    assert found.cap == 0.4
    assert "less than a month" in found.cap_reason


def test_with_goals_soon_a_cap_holds(make_client):
    assert risk_capacity(make_client(goals=SOON)).cap == 0.2


def test_careful_answers_bind_for_a_sound_household(make_client):
    profile = risk_profile(make_client(questionnaire=CAREFUL))
    assert profile.binding == "tolerance"
    assert profile.maximum_equity == profile.equity_by_tolerance == 0.1
    assert "tolerance binds: 13 points" in profile.sentence


def test_a_weak_balance_sheet_binds_bold_answers(make_client):
    profile = risk_profile(make_client(questionnaire=BOLD, goals=SOON))
    assert profile.binding == "capacity"
    assert profile.maximum_equity == 0.2
    assert "within three years" in profile.sentence


@pytest.mark.parametrize(
    ("limit", "grid"),
    [
        (equity_of_tolerance, range(13, 48)),
        (equity_of_capacity, range(101)),
        (loss_limit, np.linspace(0, 1, 21)),
    ],
)
def test_limits_never_fall(limit, grid):
    values = [limit(place) for place in grid]
    assert values == sorted(values)
    assert 0 <= values[0] < values[-1] <= 1
