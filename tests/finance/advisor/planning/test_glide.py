"""Glide paths: by hand, and a later goal never has a shorter or lower one."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenara.finance.advisor.goals import DatedGoal
from scenara.finance.advisor.planning import glide_path
from scenara.finance.advisor.planning.glide import calm_path, glide_months, glide_paths


def goal(month, n=1):
    return DatedGoal("g", "essential", 1.0, month, n)


def test_one_payment_falls_in_a_straight_line():
    path = glide_path(goal(24), n_months=25, glide_years=1)
    assert (path[:13] == 1).all()
    np.testing.assert_allclose(path[12:], np.linspace(1, 0, 13), atol=1e-12)


def test_several_payments_hold_the_mean_of_those_left():
    path = glide_path(goal(12, n=2), n_months=25, glide_years=2)
    assert path[0] == pytest.approx((0.5 + 1) / 2)
    assert path[12] == pytest.approx(0.5)
    assert path[24] == 0


def test_what_is_due_within_days_is_cash():
    assert calm_path(goal(1), n_months=2, glide_years=10)[0] == pytest.approx(35 / 36)


def test_cash_of_several_payments_is_the_mean_of_those_left():
    path = calm_path(goal(12, n=3), n_months=40, glide_years=10)
    assert path[0] == pytest.approx((24 / 36 + 12 / 36 + 0) / 3)
    assert path[12] == pytest.approx((24 / 36 + 12 / 36) / 2)
    assert path[36] == 1


@given(st.integers(1, 600), st.integers(0, 300), st.integers(1, 40), st.floats(0.5, 30))
def test_a_later_goal_never_has_more_cash(month, later, n, glide_years):
    size = {"n_months": 1_400, "glide_years": glide_years}
    early, late = (calm_path(goal(m, n), **size) for m in (month, month + later))
    assert (late[:month] <= early[:month] + 1e-12).all()


@given(st.integers(1, 300), st.integers(1, 30), st.floats(0.5, 30))
def test_equity_and_cash_are_never_more_than_all(month, n, glide_years):
    size = {"n_months": 800, "glide_years": glide_years}
    equity, calm = glide_path(goal(month, n), **size), calm_path(goal(month, n), **size)
    assert (equity + calm <= 1 + 1e-12).all()


def test_paths_are_stacked_by_goal():
    found = glide_paths([goal(12), goal(60)], n_months=61, glide_years=5)
    np.testing.assert_array_equal(found[1], glide_path(goal(60), n_months=61, glide_years=5))


@given(
    st.integers(1, 600),
    st.integers(0, 300),
    st.integers(1, 40),
    st.floats(0.5, 30),
)
def test_a_later_goal_never_has_less_equity(month, later, n, glide_years):
    size = {"n_months": 1_400, "glide_years": glide_years}
    early, late = (glide_path(goal(m, n), **size) for m in (month, month + later))
    before = slice(0, month)
    assert (late[before] >= early[before] - 1e-12).all()


@given(st.integers(1, 600), st.integers(0, 300), st.floats(0.5, 30))
def test_a_later_goal_never_has_a_shorter_glide(month, later, glide_years):
    early, late = (glide_months(m, glide_years=glide_years) for m in (month, month + later))
    assert late >= early


@given(st.integers(1, 300), st.integers(1, 30), st.floats(0.5, 30))
def test_shares_are_between_none_and_all(month, n, glide_years):
    path = glide_path(goal(month, n), n_months=800, glide_years=glide_years)
    assert path.min() >= 0
    assert path.max() <= 1
