"""The plan and what it is asked: consistent with itself, and monotone over random clients."""

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenara.finance.advisor.client import Constraints, Goal, Household, Saving
from scenara.finance.advisor.holdings import Holdings
from scenara.finance.advisor.instruments import CASH as MONEY
from scenara.finance.advisor.planning import admissible_equity, choose, plan_in, timetable
from scenara.finance.advisor.planning.checks import check_plan
from scenara.finance.advisor.planning.choice import scores
from scenara.finance.advisor.planning.plan import candidate_grid
from scenara.finance.advisor.planning.projection import Candidate
from scenara.finance.advisor.planning.remedies import poor_market
from scenara.finance.advisor.planning.stress import Crisis, crisis_results
from scenara.finance.advisor.profile import risk_profile
from scenara.finance.advisor.questionnaire import ITEMS, answer_problems


@pytest.fixture(scope="module")
def checks(plan):
    return check_plan(plan, wanted=0.95)


def test_targets_sum_to_one(plan):
    assert sum(plan.targets().values()) == pytest.approx(1)


def test_targets_hold_the_cash_that_is_wanted(client, markets, settings):
    wanted = replace(client, constraints=Constraints(minimum_cash=5_000))
    assert plan_in(wanted, markets, settings).targets()[MONEY] >= 0.1 - 1e-9


@pytest.fixture(scope="module", params=[0.0, 20_000.0, 49_000.0])
def kept(request, make_client, markets, settings):
    """Give plans that keep nothing, some, and nearly all of 50,000 in cash."""
    return plan_in(
        make_client(constraints=Constraints(minimum_cash=request.param)), markets, settings
    )


def test_equity_now_is_that_of_the_targets(kept):
    shares = sum(w for name, w in kept.targets().items() if name in ("SHARE", "WORLD", "SMOKE"))
    assert shares == pytest.approx(kept.equity_now, abs=1e-6)
    assert kept.equity_now == pytest.approx(kept.scores.today[kept.chosen])


def test_the_loss_is_that_of_what_is_held(kept):
    held = kept.equity_now
    assert 0 <= kept.loss_now <= np.interp(held, kept.frontier.equity, kept.frontier.loss) + 0.01


def test_cash_that_is_kept_is_felt_in_the_chances(make_client, markets, settings, plan):
    wanted = make_client(constraints=Constraints(minimum_cash=49_000))
    other = plan_in(wanted, markets, settings)
    assert other.compared.final.mean(axis=1)[-1] < plan.compared.final.mean(axis=1)[-1]


def test_a_payment_due_as_the_poor_market_plan_begins_is_made_first(make_client, markets, settings):
    pension = Goal(name="pension", amount=30_000, priority="essential", age=65, years=10)
    found = []
    for age in (45, 45 + 1 / 12):
        house = Goal(name="house", amount=40_000, priority="essential", age=age)
        other = plan_in(make_client(goals=(house, pension)), markets, settings)
        found.append(poor_market(other.model, other.candidate))
    paid, unpaid = found
    assert [remedy.goal for remedy in paid.remedies] == ["pension"]
    assert [remedy.goal for remedy in unpaid.remedies] == ["house", "pension"]
    # The payment, whose money is the dearest part of the difference, is gone from the wealth.
    assert unpaid.wealth - paid.wealth == pytest.approx(40_000, rel=0.1)


def test_column_names_of_goals_never_meet_those_of_figures(make_client, markets, settings):
    names = ("equity", "chance", "chosen", "shares")
    goals = [Goal(name=n, amount=9_000, priority="wish", age=50 + k) for k, n in enumerate(names)]
    other = plan_in(make_client(goals=tuple(goals)), markets, settings)
    assert other.compared_table().columns.is_unique
    assert other.compared_table()["chosen"].sum() == 1
    assert other.glide().columns.is_unique


def test_the_choice_is_within_its_limits(plan):
    assert plan.candidate.equity <= plan.largest_equity <= plan.profile.maximum_equity
    loss = np.interp(plan.candidate.equity, plan.frontier.equity, plan.frontier.loss)
    assert loss <= plan.profile.maximum_loss + 1e-9


def test_chances_are_those_of_the_compared_candidate(plan):
    place = plan.chosen
    for k, chance in enumerate(plan.chances.values()):
        assert chance.estimate == pytest.approx(plan.compared.reached[place, k].mean())


def test_the_glide_table_ends_without_equity(plan):
    ends = plan.glide().groupby("goal").last()
    assert (ends["equity"] == 0).all()


def test_one_row_of_the_comparison_is_chosen(plan):
    assert plan.compared_table()["chosen"].sum() == 1


def test_the_same_worlds_give_the_same_plan(client, markets, settings, plan):
    again = plan_in(client, markets, settings)
    assert again.candidate == plan.candidate
    assert again.chances == plan.chances


# What the plan is asked.


def test_extra_saving_reaches_the_chance_and_less_does_not(plan, checks):
    for remedy in checks.remedies:
        if remedy.extra_saving:
            enough, little = (
                plan.model.chance(
                    plan.candidate, remedy.goal, flows=plan.model.flows.more_for(remedy.goal, extra)
                )
                for extra in (remedy.extra_saving, 0.9 * remedy.extra_saving - 20)
            )
            assert enough >= 0.95 > little


def test_a_smaller_goal_reaches_the_chance(plan, checks):
    for remedy in checks.remedies:
        if remedy.smaller_by:
            flows = plan.model.flows.cut(1 - remedy.smaller_by, only=remedy.goal)
            assert plan.model.chance(plan.candidate, remedy.goal, flows=flows) >= 0.95


def test_some_goal_needs_a_remedy_here(checks):
    assert any(remedy.extra_saving != 0 for remedy in checks.remedies)


def test_a_goal_that_is_reached_needs_none(plan):
    found = check_plan(plan, wanted=0.5).remedies
    assert all(r.extra_saving == 0 for r in found if r.chance >= 0.5)


def test_quantiles_of_the_fan_are_in_order(checks):
    table = checks.fan.pivot_table(index=["family", "year"], columns="quantile", values="real")
    assert (table.diff(axis=1).iloc[:, 1:] >= 0).all(axis=None)


def test_the_fan_begins_with_todays_wealth(plan, checks):
    first = checks.fan[checks.fan["year"] == 0]
    np.testing.assert_allclose(first["nominal"], plan.client.wealth)


def test_charges_take_wealth(checks):
    assert 0 < checks.fees.share_lost < 1
    assert checks.fees.paid > 0


def test_the_scenarios_are_in_order(checks):
    middle = checks.scenarios.loc[["unfavourable", "moderate", "favourable"]]
    assert (middle.diff().iloc[1:] > 0).all(axis=None)
    assert (checks.scenarios.loc["stress"] < checks.scenarios.loc["moderate"]).all()


def test_a_crisis_returns_what_the_history_did(plan, checks, history):
    months = history.returns.loc["2007-11":"2009-02"].to_numpy()
    mixes = months @ plan.frontier.holdings.T - plan.frontier.costs / 12
    fall = np.prod(1 + mixes @ plan.blend_now) - 1
    assert checks.crises[-1].fall == pytest.approx(fall)


def test_a_fall_now_and_just_before_lowers_the_chance(plan, history):
    returns = history.returns.copy()
    returns.loc["2007-11":"2009-02"] = -0.03
    (fall,) = crisis_results(
        plan.model,
        plan.candidate,
        replace(history, returns=returns),
        blend=plan.blend_now,
        crises=[Crisis("2007-09", "2007-11", "2009-02")],
    )
    assert fall.now["pension"] < plan.chances["pension"].estimate
    assert fall.before["pension"] < plan.chances["pension"].estimate


def test_crises_that_the_history_lacks_are_left_out(checks):
    assert {crisis.name for crisis in checks.crises} == {"2000-02", "2007-09"}


def test_failing_worlds_are_counted(plan, checks):
    missed = int((~plan.projection.reached[0, 0].astype(bool)).sum())
    assert checks.failure is None if missed < 20 else checks.failure.n_worlds == missed


def test_failing_worlds_earn_less(checks):
    assert checks.failure is not None
    table = checks.failure.table
    early = table.index[0]
    assert table.loc[early, "failing"] < table.loc[early, "most likely"] < table.loc[early, "all"]


def test_the_most_likely_failures_are_nearer_to_ordinary_worlds(checks):
    assert 0 < checks.failure.distance < 2


def test_bolder_answers_never_choose_less_equity(plan, checks):
    for change in checks.changes:
        if change.tolerance_score > plan.profile.tolerance.score:
            assert change.equity >= plan.candidate.equity


def test_levers_move_chances_the_way_they_should(plan, checks):
    base = {name: chance.estimate for name, chance in plan.chances.items()}
    better = {"saving: a tenth more", "goals: a tenth smaller"}
    for lever in checks.levers:
        for name, chance in lever.chances.items():
            assert (chance >= base[name]) if lever.what in better else (chance <= base[name])


# Random clients in the same worlds.


@st.composite
def clients(draw):
    """Draw what changes a client: goals, money, household, answers."""
    goals = tuple(
        Goal(
            name=f"goal {k}",
            amount=draw(st.floats(500, 60_000)),
            priority=draw(st.sampled_from(["essential", "important", "wish"])),
            age=draw(st.integers(41, 60)),
            years=draw(st.integers(1, 8)),
        )
        for k in range(draw(st.integers(1, 3)))
    )
    answers = {item.key: draw(st.sampled_from(list(item.points))) for item in ITEMS}
    return {
        "goals": goals,
        "questionnaire": answers,
        "saving": Saving(per_month=draw(st.floats(0, 1_400))),
        "holdings": Holdings(cash=Decimal(draw(st.integers(1_000, 200_000)))),
        "household": Household(
            income_per_year=60_000,
            expenses_per_year=draw(st.floats(20_000, 43_000)),
            emergency_cash=draw(st.floats(100, 40_000)),
            dependants=draw(st.integers(0, 4)),
            job_stability=draw(st.sampled_from(["secure", "stable", "variable", "uncertain"])),
        ),
    }


def chosen(model, frontier, client):
    """Choose for a client in given worlds."""
    flows = timetable(client)
    projection = model.run(candidate_grid(frontier, 0.1), flows=flows)
    found = scores(projection, flows, glide_years=model.glide_years)
    profile = risk_profile(client)
    largest = admissible_equity(
        frontier, maximum_equity=profile.maximum_equity, maximum_loss=profile.maximum_loss
    )
    return found, choose(found, largest_equity=largest)


@settings(deadline=None, max_examples=20)
@given(clients(), st.data())
def test_more_risk_tolerance_never_gives_less_equity(make_client, model, frontier, drawn, data):
    client = make_client(**drawn)
    found, before = chosen(model.smaller(60), frontier, client)
    item = data.draw(st.sampled_from(ITEMS))
    answers = dict(client.questionnaire)
    words = list(item.points)
    bolder = data.draw(st.sampled_from(words[words.index(answers[item.key]) :]))
    after = replace(client, questionnaire={**answers, item.key: bolder})
    profile = risk_profile(after)
    largest = admissible_equity(
        frontier, maximum_equity=profile.maximum_equity, maximum_loss=profile.maximum_loss
    )
    place = choose(found, largest_equity=largest)
    assert found.candidates[place].equity >= found.candidates[before].equity
    assert found.today[place] >= found.today[before] - 1e-12


@settings(deadline=None, max_examples=15)
@given(clients(), st.floats(1, 1_000))
def test_more_saving_never_lowers_the_weighted_chance(make_client, model, frontier, drawn, extra):
    client = make_client(**drawn)
    small = model.smaller(60)
    found, before = chosen(small, frontier, client)
    saving = Saving(per_month=client.saving.per_month + extra)
    richer, after = chosen(small, frontier, replace(client, saving=saving))
    # The chosen chance is compared in steps of half a point, within which less risk is taken.
    assert richer.chance[after] >= found.chance[before] - 0.005 - 1e-9


@settings(deadline=None, max_examples=15)
@given(clients(), st.floats(1, 1_000))
def test_more_saving_never_lowers_a_chance_of_the_same_plan(make_client, model, drawn, extra):
    flows, small = timetable(make_client(**drawn)), model.smaller(60)
    candidate = [Candidate(0.6, "nearest first")]
    less, more = (
        small.run(candidate, flows=f).chances() for f in (flows, flows.more_saving(extra))
    )
    assert (more >= less).all()


def test_random_answers_are_drawn_from_the_scale():
    first = {item.key: next(iter(item.points)) for item in ITEMS}
    assert not answer_problems(first)
