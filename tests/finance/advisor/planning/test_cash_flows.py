"""Cash flows: dated and nominal, and parted among accounts without losing a unit."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenara.finance.advisor.client import Assumptions, Goal, Saving
from scenara.finance.advisor.goals import DatedGoal
from scenara.finance.advisor.planning import Timetable, timetable
from scenara.finance.advisor.planning.cash_flows import EMPHASES, account_flows
from scenara.shared.errors import ConfigError

NEAR = DatedGoal("near", "important", 1_000.0, 12, 2)
FAR = DatedGoal("far", "essential", 5_000.0, 120, 3)


def flows_of(goals=(FAR, NEAR), *, saving=50.0, wealth=3_000.0):
    n = max(goal.last_month for goal in goals) + 1
    works = np.ones(n)
    return Timetable(tuple(goals), saving * works, works, 1.002 ** np.arange(n), wealth, wealth)


def test_goals_and_saving_are_dated(make_client):
    client = make_client(
        goals=(Goal(name="g", amount=1, priority="wish", age=70),),
        saving=Saving(per_month=100, growth_per_year=0.1),
        assumptions=Assumptions(inflation_per_year=0.03),
    )
    flows = timetable(client)
    assert flows.n_months == 361
    assert flows.saving[[0, 11, 12, 299, 300]] == pytest.approx([100, 100, 110, 100 * 1.1**24, 0])
    assert flows.price_level[120] == pytest.approx(1.03**10)


def test_extra_saving_is_in_todays_money():
    flows = flows_of()
    extra = flows.more_saving(10).saving - flows.saving
    np.testing.assert_allclose(extra, 10 * flows.price_level)


def test_saving_for_one_goal_reaches_its_account_alone():
    flows = flows_of()
    plain, more = (account_flows(f, emphasis="by need") for f in (flows, flows.more_for("near", 9)))
    extra = more[1] - plain[1]
    assert not extra[0].any()
    np.testing.assert_allclose(extra[1, :24], 9 * flows.price_level[:24])
    assert not extra[1, 24:].any()


@pytest.mark.parametrize("emphasis", EMPHASES)
def test_a_goal_that_is_cut_keeps_its_account(emphasis):
    flows = flows_of()
    plain, cut = (account_flows(f, emphasis=emphasis) for f in (flows, flows.cut(0.7, only="near")))
    np.testing.assert_allclose(cut[0], plain[0])
    np.testing.assert_allclose(cut[1], plain[1])


def test_a_later_goal_leaves_the_others():
    later = flows_of().later(2, only="near")
    assert {goal.name: goal.first_month for goal in later.goals} == {"far": 120, "near": 36}


@pytest.mark.parametrize(("only", "n_works"), [("near", 120), ("far", 144), (None, 144)])
def test_a_later_retirement_means_longer_work(only, n_works):
    flows = flows_of()
    working = (np.arange(flows.n_months) < 120).astype(float)
    flows = replace(flows, works=working, saving=flows.saving * working)
    later = flows.later(2, only=only)
    assert later.works.sum() == n_works
    assert np.count_nonzero(later.saving) == n_works
    assert later.saving[n_works - 1] == flows.saving[119]


def test_a_later_wish_after_retirement_leaves_work_as_it_is():
    boat = DatedGoal("boat", "wish", 900.0, 130)
    flows = flows_of((FAR, NEAR, boat))
    working = (np.arange(flows.n_months) < 120).astype(float)
    later = replace(flows, works=working, saving=flows.saving * working).later(5, only="boat")
    assert later.works.sum() == 120


def test_a_restart_keeps_the_payments_that_are_left():
    left = flows_of().restarted(18, 4_000.0)
    assert [(g.name, g.first_month, g.n_payments) for g in left.goals] == [
        ("far", 102, 3),
        ("near", 6, 1),
    ]
    assert left.price_level[0] == 1
    assert left.wealth == pytest.approx(4_000 / 1.002**18)


def test_a_restart_leaves_out_what_is_paid_in_its_month():
    left = flows_of().restarted(24, 4_000.0)
    assert [(g.name, g.first_month) for g in left.goals] == [("far", 96)]


def test_cash_that_is_kept_stays_through_changes():
    flows = replace(flows_of(), cash_floor=500.0)
    assert flows.later(1).cash_floor == flows.restarted(6, 900.0).cash_floor == 500.0


def test_a_goal_outside_of_the_months_is_refused():
    ones = np.ones(10)
    with pytest.raises(ConfigError, match="not within 1 to 9"):
        Timetable((NEAR,), ones, ones, ones, 1.0, 1.0)


@pytest.mark.parametrize("emphasis", EMPHASES)
def test_all_money_is_parted(emphasis):
    flows = flows_of()
    start, saving = account_flows(flows, emphasis=emphasis)
    assert start.sum() == pytest.approx(flows.wealth)
    np.testing.assert_allclose(saving.sum(axis=0), flows.saving)
    assert min(start.min(), saving.min()) >= 0


def test_the_nearest_goal_gets_what_it_needs_and_a_fifth():
    start, saving = account_flows(flows_of(), emphasis="nearest first")
    assert start[1] == pytest.approx(1.2 * NEAR.present_value())
    assert not saving[1].any()


def test_what_is_left_when_all_are_served_is_parted_by_need():
    served, _ = account_flows(flows_of(wealth=1e6), emphasis="nearest first")
    worth = np.array([FAR.present_value(), NEAR.present_value()])
    left = 1e6 - 1.2 * worth.sum()
    np.testing.assert_allclose(served, 1.2 * worth + left * worth / worth.sum())


def test_an_essential_goal_gets_all_where_there_is_too_little():
    start, _ = account_flows(flows_of(wealth=900.0), emphasis="essential first")
    np.testing.assert_allclose(start, [900.0, 0.0])


@pytest.mark.parametrize(("emphasis", "weights"), [("by priority", (4, 2)), ("by date", (1, 2))])
def test_weights_part_in_proportion(emphasis, weights):
    start, _ = account_flows(flows_of(), emphasis=emphasis)
    worth = np.array([FAR.present_value(), NEAR.present_value()]) * weights
    np.testing.assert_allclose(start, 3_000 * worth / worth.sum())


def test_saving_goes_to_goals_that_have_not_begun():
    _, saving = account_flows(flows_of(wealth=0.0), emphasis="by need")
    assert saving[1, 0] > 0
    assert not saving[1, 12:].any()


@given(
    st.sampled_from(EMPHASES),
    st.floats(0, 5_000),
    st.floats(0, 500),
    st.floats(0, 500),
)
def test_no_account_gets_less_when_more_is_saved(emphasis, wealth, saving, extra):
    flows = flows_of(saving=saving, wealth=wealth)
    less, more = (account_flows(f, emphasis=emphasis) for f in (flows, flows.more_saving(extra)))
    np.testing.assert_array_equal(less[0], more[0])
    assert (more[1] >= less[1] - 1e-9).all()
