"""The report of a plan: the recommendation on page one, then all that stands behind it."""

from typing import Any

import pandas as pd

from scenara.finance.advisor.report.costs_section import costs_section, orders_section
from scenara.finance.advisor.report.disclosure import (
    assumptions_section,
    disclosure_section,
    disclosures,
)
from scenara.finance.advisor.report.goals_section import (
    goals_section,
    time_section,
    wealth_section,
)
from scenara.finance.advisor.report.inputs_section import inputs_section
from scenara.finance.advisor.report.job import AdviceJob
from scenara.finance.advisor.report.page_one import page_one
from scenara.finance.advisor.report.reasons_section import alternatives_section, risk_section
from scenara.finance.advisor.report.risks_section import outcomes_section, risks_section
from scenara.shared.report import Report

__all__ = ["advice_metrics", "advice_report"]


def advice_report(job: AdviceJob) -> Report:
    """Compose the report of a plan.

    Args:
        job: The plan and what it was asked.

    Returns:
        The report; its ``metrics`` hold the same figures.
    """
    sections = (
        wealth_section(job),
        goals_section(job),
        risks_section(job),
        risk_section(job),
        alternatives_section(job),
        time_section(job),
        orders_section(job),
        costs_section(job),
        outcomes_section(job),
        inputs_section(job),
        assumptions_section(job),
        disclosure_section(job),
    )
    person = job.plan.client.person
    subtitle = (
        f"As of {person.as_of}, age {person.age:g}. Amounts in {job.currency}; goals in today's "
        "money."
    )
    return Report(
        "Investment plan",
        sections,
        subtitle=subtitle,
        opening=page_one(job),
        metrics=advice_metrics(job),
    )


def advice_metrics(job: AdviceJob) -> dict[str, Any]:
    """Give the figures of the report, ready for JSON.

    Args:
        job: The plan and what it was asked.

    Returns:
        Dicts, lists, texts and finite numbers.
    """
    plan, checks = job.plan, job.checks
    return {
        "equity_now": plan.equity_now,
        "loss_now": plan.loss_now,
        "equity": plan.candidate.equity,
        "emphasis": plan.candidate.emphasis,
        "targets": plan.targets(),
        "profile": _profile(job),
        "goals": {
            name: {
                "chance": chance.estimate,
                "low": chance.low,
                "high": chance.high,
                "by_family": dict(chance.by_family),
            }
            for name, chance in plan.chances.items()
        },
        "remedies": [vars(remedy) for remedy in checks.remedies],
        "poor_market": None
        if checks.poor is None
        else {
            "years": checks.poor.years,
            "wealth": checks.poor.wealth,
            "remedies": [vars(remedy) for remedy in checks.poor.remedies],
        },
        "fees": {**vars(checks.fees), "share_lost": checks.fees.share_lost},
        "crises": [vars(crisis) for crisis in checks.crises],
        "without_crisis": checks.without_crisis,
        "falls_like_2008": None if checks.falls is None else vars(checks.falls),
        "failure": _failure(job),
        "scenarios": {
            str(years): checks.scenarios[years].to_dict() for years in checks.scenarios.columns
        },
        "alternatives": _records(plan.compared_table()),
        "changes": [vars(change) for change in checks.changes],
        "levers": [vars(lever) for lever in checks.levers],
        "disclosures": dict(disclosures(job)),
    }


def _profile(job: AdviceJob) -> dict[str, Any]:
    profile = job.plan.profile
    return {
        "tolerance_score": profile.tolerance.score,
        "tolerance_band": profile.tolerance.band,
        "capacity_score": profile.capacity.score,
        "capacity_parts": {part.name: part.points for part in profile.capacity.parts},
        "equity_by_tolerance": profile.equity_by_tolerance,
        "equity_by_capacity": profile.equity_by_capacity,
        "maximum_equity": profile.maximum_equity,
        "maximum_loss": profile.maximum_loss,
        "largest_equity": job.plan.largest_equity,
        "binding": profile.binding,
    }


def _failure(job: AdviceJob) -> dict[str, Any] | None:
    failure = job.checks.failure
    if failure is None:
        return None
    return {
        "goal": failure.goal,
        "chance": failure.chance.estimate,
        "low": failure.chance.low,
        "high": failure.chance.high,
        "n_worlds": failure.n_worlds,
        "effective_sample_size": failure.n_effective,
        "by_family": dict(failure.by_family),
        "distance": failure.distance,
        "features": failure.table.to_dict("index"),
    }


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    rows = frame.astype(object).to_numpy().tolist()
    return [dict(zip(map(str, frame.columns), row, strict=True)) for row in rows]
