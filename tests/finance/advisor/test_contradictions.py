"""Contradictions: each is found, and said with its figures."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from scenara.finance.advisor.client import (
    Constraints,
    Debt,
    Goal,
    Household,
    MarketView,
    Person,
    Saving,
)
from scenara.finance.advisor.client_file import AdviceRefusedError
from scenara.finance.advisor.contradictions import check_client, find_contradictions
from scenara.finance.advisor.holdings import Holdings

CLASSES = ("shares", "bonds", "cash")
HOME = Household(income_per_year=60_000, expenses_per_year=42_000, emergency_cash=15_000)
PENSION = Goal(name="pension", amount=18_000, priority="essential", age=65, years=10)


def test_a_sound_client_has_none(client):
    assert find_contradictions(client, CLASSES) == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"saving": Saving(per_month=1_501)}, "leaves 1,500 a month"),
        (
            {"saving": Saving(per_month=800, growth_per_year=0.15)},
            (
                "makes it 1,850 a month in 6 years, but what is left over, taken to grow with "
                "inflation, is 1,689 then"
            ),
        ),
        (
            {
                "household": replace(HOME, expenses_per_year=61_000),
                "saving": Saving(per_month=0),
            },
            "exceed the income by 1,000 a year",
        ),
        (
            {
                "person": Person(as_of="2026-11-01", age=70, retirement_age=65),
                "household": replace(HOME, income_per_year=20_000),
                "saving": Saving(per_month=0),
                "goals": (replace(PENSION, age=70.5, amount=21_000),),
            },
            "the yearly goals that begin within a year pay 21,000 of it",
        ),
        (
            {
                "views": tuple(
                    MarketView(asset=asset, return_per_year=mean, confidence=1.0, over=over)
                    for asset, mean, over in (
                        ("shares", 0.05, None),
                        ("bonds", 0.04, None),
                        ("shares", 0.3, "bonds"),
                    )
                )
            },
            "shares over bonds 30.0 % can't all be certain",
        ),
        (
            {"household": replace(HOME, expenses_per_year=61_000)},
            "exceed the income by 1,000 a year",
        ),
        ({"household": replace(HOME, emergency_cash=0)}, "emergency_cash is 0"),
        (
            {
                "household": replace(
                    HOME,
                    debts=(
                        Debt(name="card", amount=5_000, rate_per_year=0.2, payment_per_year=900),
                    ),
                )
            },
            "don't cover the interest of 1,000",
        ),
        (
            {"saving": Saving(per_month=0), "holdings": Holdings()},
            "nothing to invest",
        ),
        ({"goals": ()}, "expected at least one goal"),
        (
            {"goals": (replace(PENSION, age=None, date="2026-10-01"),)},
            "is due before or on the day of the plan",
        ),
        ({"goals": (replace(PENSION, years=40),)}, "after the life_horizon 92"),
        ({"goals": (PENSION, PENSION)}, "'pension' stands there twice"),
        (
            {"person": Person(as_of="2026-11-01", age=40, retirement_age=39)},
            "retirement_age 39 is past",
        ),
        ({"constraints": Constraints(exclude=("tabacco",))}, "did you mean 'tobacco'?"),
        (
            {"constraints": Constraints(exclude=("fund", "tobacco"))},
            "exclude leaves no instrument",
        ),
        ({"constraints": Constraints(minimum_cash=60_000)}, "above the holdings 50,000"),
        ({"views": (MarketView(asset="share", return_per_year=0.05),)}, "did you mean 'shares'?"),
        (
            {"views": (MarketView(asset="bonds", return_per_year=0.05, over="bonds"),)},
            "compares 'bonds' with itself",
        ),
    ],
)
def test_each_is_found(make_client, changes, words):
    (problem,) = find_contradictions(make_client(**changes), CLASSES)
    assert words in problem


def test_instruments_must_be_of_a_class_of_the_history(client):
    problems = find_contradictions(client, ("shares", "cash"))
    assert any("'BOND': the history has no asset class 'bonds'" in text for text in problems)


def test_the_questionnaire_is_part_of_the_check(make_client):
    assert len(find_contradictions(make_client(questionnaire={}), CLASSES)) == 13


def test_advice_is_refused_with_every_reason(make_client):
    client = make_client(saving=Saving(per_month=9_999), holdings=Holdings(cash=Decimal(0)))
    bad = replace(client, goals=())
    with pytest.raises(AdviceRefusedError) as caught:
        check_client(bad, CLASSES, where="me.toml")
    assert len(caught.value.reasons) == 2
    assert str(caught.value).startswith("me.toml: no advice for 2 reasons: (1) [saving]")


def test_a_retired_household_whose_goals_pay_for_living_is_advised(make_client):
    client = make_client(
        person=Person(as_of="2026-11-01", age=70, retirement_age=65),
        household=replace(HOME, income_per_year=20_000),
        saving=Saving(per_month=0),
        goals=(replace(PENSION, age=70.5, amount=22_000),),
    )
    assert find_contradictions(client, CLASSES) == []


def test_saving_that_grows_as_prices_do_is_never_too_much(make_client):
    client = make_client(saving=Saving(per_month=1_500, growth_per_year=0.02))
    assert find_contradictions(client, CLASSES) == []


def test_a_plan_is_not_made_for_a_day_that_has_not_come(client):
    (problem,) = find_contradictions(client, CLASSES, today=date(2026, 10, 29))
    assert problem == "[client]: as_of 2026-11-01 is after today, 2026-10-29"
    assert find_contradictions(client, CLASSES, today=date(2026, 10, 31)) == []
