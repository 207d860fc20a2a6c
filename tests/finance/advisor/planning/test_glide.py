"""Glide paths: by hand, and a later goal never has a shorter or lower one."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenara.finance.advisor.goals import DatedGoal
from scenara.finance.advisor.planning import glide_path
from scenara.finance.advisor.planning.glide import glide_months, glide_paths


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
