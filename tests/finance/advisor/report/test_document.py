"""The whole report: names that could be figures, and sentences with their own numbers."""

from dataclasses import replace

import pytest

from scenara.finance.advisor.client import Goal
from scenara.finance.advisor.report import advice_report
from scenara.finance.advisor.report.disclosure import disclosure_section
from scenara.finance.advisor.report.reasons_section import risk_section
from scenara.finance.advisor.report.risks_section import risks_section
from scenara.finance.advisor.settings import AdviceSettings
from scenara.shared.report import Paragraph, Table


def paragraphs(section):
    return " ".join(block.text for block in section.blocks if isinstance(block, Paragraph))


@pytest.fixture(scope="module")
def named(make_job):
    """Give the job of a household whose goals are called like columns of tables."""
    names = ("equity", "chosen", "loss")
    goals = (Goal(name=n, amount=9_000, priority="wish", age=50 + k) for k, n in enumerate(names))
    return make_job(goals=tuple(goals))


def test_goals_that_are_called_like_figures_are_reported(named):
    metrics = advice_report(named).metrics
    assert set(metrics["goals"]) == {"equity", "chosen", "loss"}


def test_crises_are_compared_with_the_same_worlds(job):
    table = next(block for block in risks_section(job).blocks if isinstance(block, Table))
    first = table.rows[0].cells[2]
    assert first == f"{100 * job.checks.without_crisis['pension']:.0f}\N{NO-BREAK SPACE}%"


def test_failing_worlds_are_counted_as_they_are(job):
    words = paragraphs(risks_section(job))
    failure = job.checks.failure
    assert f"the {failure.n_likely} that are nearest to an ordinary world" in words
    assert ("no catastrophe is needed" in words) == (failure.distance < 2)


def test_failing_worlds_far_from_ordinary_are_called_so(job):
    failure = replace(job.checks.failure, distance=2.5)
    checks = replace(job.checks, failure=failure)
    assert "far from ordinary" in paragraphs(risks_section(replace(job, checks=checks)))


@pytest.mark.parametrize(("n", "words"), [(1, "1 single step would"), (2, "2 single steps would")])
def test_steps_are_counted_in_words(job, n, words):
    bolder = replace(job.checks.changes[0], equity=job.plan.candidate.equity + 0.1)
    checks = replace(job.checks, changes=(bolder,) * n)
    assert words in paragraphs(risk_section(replace(job, checks=checks)))


def test_the_command_is_told_with_its_arguments(job):
    settings = AdviceSettings(
        client="my file.toml", families=("series/fhs",), uncertain_means=False, seed=3
    )
    section = disclosure_section(replace(job, settings=settings))
    facts = section.blocks[-1].blocks[0].items
    assert dict(facts)["Command"] == (
        "scenara finance advise --client 'my file.toml' --families series/fhs "
        "--no-uncertain-means --seed 3"
    )
