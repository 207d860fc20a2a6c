"""Page one: sentences that hold for the plan at hand, and warnings that must not be missed."""

from dataclasses import replace

import pandas as pd
import pytest

from scenara.finance.advisor.client import Assumptions, Debt
from scenara.finance.advisor.planning.markets import MarketHistory
from scenara.finance.advisor.report.notices import months_since, page_notices
from scenara.finance.advisor.report.page_one import page_one
from scenara.shared.report import Bullets, KeyFigures, Paragraph
from scenara.shared.report.numbers import percent

CARD = Debt(name="card", amount=3_000, rate_per_year=0.24, payment_per_year=900)


def told(job):
    """Give all words of page one."""
    words = []
    for block in page_one(job):
        if isinstance(block, Paragraph):
            words.append(block.text)
        if isinstance(block, Bullets):
            words += block.items
    return " ".join(words)


def with_history(job, **changes):
    history = job.plan.markets.history
    fields = {name: getattr(history, name) for name in MarketHistory.__dataclass_fields__}
    markets = replace(job.plan.markets, history=MarketHistory(**{**fields, **changes}))
    return replace(job, plan=replace(job.plan, markets=markets))


def test_the_lead_says_what_the_targets_are(job):
    assert f"Hold {percent(job.plan.equity_now)} in shares, the rest in" in told(job)


def test_the_loss_is_that_of_the_targets(job):
    figures = next(block for block in page_one(job) if isinstance(block, KeyFigures)).items
    assert any(figure.value == percent(job.plan.loss_now) for figure in figures)


def test_who_holds_no_shares_reads_of_none(calm_job):
    words = told(calm_job)
    assert calm_job.plan.candidate.equity == 0
    assert words.startswith("Hold bonds and cash, no shares. Then car is paid in full in")
    assert "Shares are cut" not in words


def test_wealth_when_a_goal_begins_is_that_of_its_month(job):
    figures = next(block for block in page_one(job) if isinstance(block, KeyFigures)).items
    (wealth,) = (figure for figure in figures if figure.label == "Wealth when pension begins")
    assert job.checks.at_goals.loc[0, "month"] == 300
    assert wealth.value.startswith(f"{float(f'{job.checks.at_goals[0.5][0]:.3g}'):,.0f}")


def test_a_dear_debt_is_to_be_paid_first(make_job, job):
    household = replace(job.plan.client.household, debts=(CARD,))
    (notice,) = page_notices(with_today(make_job(household=household)))
    assert notice.title == "Dear debt:"
    assert notice.text.startswith("card costs 24.0")


def test_a_cheap_debt_is_not_mentioned(job):
    household = replace(job.plan.client.household, debts=(replace(CARD, rate_per_year=0.01),))
    client = replace(job.plan.client, household=household)
    assert not page_notices(with_today(replace(job, plan=replace(job.plan, client=client))))


def with_today(job):
    """Let the history end shortly before the plan."""
    returns = job.plan.markets.history.returns
    months = pd.date_range(end="2026-10-31", periods=len(returns), freq="ME")
    return with_history(job, returns=returns.set_axis(months))


def test_old_prices_are_called_so(job):
    (notice,) = page_notices(job)
    assert notice.title == "Old prices:"
    assert "is of 2020-01, 6 years before the plan" in notice.text


@pytest.mark.parametrize(
    ("rates", "words"),
    [
        ({}, "cash_rate, aaa_yield and baa_yield are of 2020-01, 6 years before the plan"),
        ({"cash_rate": 0.03, "aaa_yield": 0.05}, "baa_yield is of 2020-01"),
        ({"cash_rate": 0.03, "aaa_yield": 0.05, "baa_yield": 0.06}, None),
    ],
)
def test_rates_of_long_ago_are_called_so(job, rates, words):
    job = with_history(job, name="us-monthly")
    assumptions = Assumptions(inflation_per_year=0.02, **rates)
    plan = replace(job.plan, client=replace(job.plan.client, assumptions=assumptions))
    notices = page_notices(replace(job, plan=plan))
    assert [notice.title for notice in notices] == ["Old rates:"] * (words is not None)
    assert all(words in notice.text for notice in notices)


def test_months_are_counted_from_the_end_of_the_history(job):
    assert months_since(job.plan.markets.history, job.plan.client) == 12 * 6 + 10


def test_saving_that_is_not_there_is_flagged(job):
    assert job.room == pytest.approx(700)
    assert job.is_beyond_means(710)
    assert not job.is_beyond_means(700)
