"""The choice: the best within the limit, and never less equity where more risk is allowed."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenara.finance.advisor.goals import DatedGoal
from scenara.finance.advisor.planning import Candidate, Frontier, Scores, admissible_equity, choose
from scenara.finance.advisor.planning.cash_flows import EMPHASES
from scenara.finance.advisor.planning.choice import priority_weights
from scenara.shared.errors import DataError

GRID = tuple(Candidate(e, emphasis) for e in np.linspace(0, 1, 6) for emphasis in EMPHASES)
CHANCES = st.lists(st.floats(0, 1), min_size=len(GRID), max_size=len(GRID)).map(np.array)
EQUITY = np.array([candidate.equity for candidate in GRID])
LIMITS = st.tuples(st.floats(0, 1), st.floats(0, 1)).map(sorted)


def family(loss):
    n = len(loss)
    weights = np.column_stack([np.linspace(0, 1, n), np.linspace(1, 0, n)])
    return Frontier(
        ("a", "b"), np.linspace(0, 1, n), weights, np.zeros(n), np.array(loss), np.zeros(n)
    )


@given(CHANCES, CHANCES, LIMITS)
def test_a_looser_limit_never_gives_less_equity(chance, missed, limits):
    found = Scores(GRID, chance, missed, EQUITY)
    low, high = (GRID[choose(found, largest_equity=limit)].equity for limit in limits)
    assert high >= low


@given(CHANCES, CHANCES, CHANCES, LIMITS)
def test_a_looser_limit_never_gives_less_equity_today(chance, missed, far, limits):
    today = EQUITY * far
    found = Scores(GRID, chance, missed, today)
    low, high = (today[choose(found, largest_equity=limit)] for limit in limits)
    assert high >= low


@given(CHANCES, CHANCES, LIMITS)
def test_a_looser_limit_never_gives_a_worse_plan(chance, missed, limits):
    found = Scores(GRID, chance, missed, EQUITY)
    low, high = (found.rank(choose(found, largest_equity=limit)) for limit in limits)
    assert high >= low


@given(st.lists(st.floats(0, 1), min_size=4, max_size=4), LIMITS, LIMITS)
def test_looser_limits_never_admit_less(loss, equities, losses):
    low, high = (
        admissible_equity(family(loss), maximum_equity=equity, maximum_loss=loss_)
        for equity, loss_ in zip(equities, losses, strict=True)
    )
    assert high >= low


def test_the_limit_of_loss_cuts_where_it_is_reached():
    found = admissible_equity(family([0.0, 0.1, 0.2]), maximum_equity=1.0, maximum_loss=0.15)
    assert found == pytest.approx(0.75)


@pytest.mark.parametrize(
    ("chance", "missed", "best"),
    [
        ([0.5, 0.9, 0.8], [0.0, 0.5, 0.0], 1),
        ([0.9, 0.9, 0.9], [0.2, 0.1, 0.3], 1),
        ([0.9, 0.9, 0.9], [0.1, 0.1, 0.1], 0),
        ([0.9, 0.902, 0.904], [0.1, 0.1, 0.1], 0),
    ],
)
def test_chance_comes_first_then_what_is_missed_then_less_risk(chance, missed, best):
    candidates = tuple(Candidate(equity) for equity in (0.2, 0.4, 0.6))
    today = np.array([0.2, 0.4, 0.6])
    found = Scores(candidates, np.array(chance), np.array(missed), today)
    assert choose(found, largest_equity=1.0) == best


def test_no_admissible_candidate_is_an_error():
    half = np.array([0.5])
    found = Scores((Candidate(0.5),), half, half, half)
    with pytest.raises(DataError, match="no candidate has 20% equity or less"):
        choose(found, largest_equity=0.2)


def test_essential_goals_count_most():
    goals = [DatedGoal(p, p, 1.0, 12) for p in ("essential", "important", "wish")]
    np.testing.assert_allclose(priority_weights(goals), np.array([4, 2, 1]) / 7)
