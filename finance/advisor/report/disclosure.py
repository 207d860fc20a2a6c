"""What a reader must know before acting on the plan, made from the run itself."""

import shlex
from dataclasses import fields

from scenara.finance.advisor.report.job import AdviceJob
from scenara.finance.advisor.report.page_one import HYPOTHETICAL
from scenara.finance.advisor.report.words import family_name, listed, money
from scenara.shared.report import Bullets, Details, Facts, Notice, Paragraph, Section
from scenara.shared.report.numbers import decimal, percent

__all__ = ["assumptions_section", "disclosure_section", "disclosures"]

PLAIN_RISKS = (
    "You can lose money, also over many years, and also with bonds.",
    "A chance of 80 % means that in two worlds of ten the goal is not paid in full.",
    "Shares may halve within two years; they have done so more than once.",
    "The plan helps only if it is kept in bad times: who sells after a fall makes the loss final.",
    "Prices may rise faster than assumed, and rules of tax and pension may change.",
    "The plan knows what you told it. Illness, divorce, inheritance or a lost job are not in it.",
)
"""Risks in plain words."""

_LIMITS = (
    "Income, expenses and payments on debts are taken to grow with inflation.",
    (
        "Money that is not invested earns what the asset class cash does, in us-monthly the rate "
        "of Treasury bills; many accounts pay less."
    ),
    "All generators learn from one history; what it never held, no world holds.",
    "Inflation is one constant rate; it does not move with markets.",
    "Income, saving and goals do not react to markets in the projection, though people would.",
    (
        "Taxes are one rate on realised gains at average cost; losses bring no relief; income from "
        "interest and dividends is not taxed apart."
    ),
    (
        "A yearly goal is paid at the beginning of its year, and counts as reached only if every "
        "payment is made in full."
    ),
    (
        "Portfolios are brought back to their weights every month at an assumed yearly turnover of "
        "a tenth."
    ),
)


def assumptions_section(job: AdviceJob) -> Section:
    """List what the figures rest on.

    Args:
        job: The plan and what it was asked.

    Returns:
        The section.
    """
    plan, client = job.plan, job.plan.client
    markets = plan.markets
    means = [
        (f"Mean return of {name}", _mean(float(mean), float(variance) ** 0.5))
        for name, mean, variance in zip(
            markets.drifts.classes,
            markets.drifts.posterior,
            markets.drifts.covariance.diagonal(),
            strict=True,
        )
    ]
    facts = Facts(
        (
            ("Inflation", f"{percent(client.assumptions.inflation_per_year, digits=1)} a year"),
            ("Saving grows by", f"{percent(client.saving.growth_per_year, digits=1)} a year"),
            *means,
            ("Views", _views(job)),
            ("Rates today", _rates(job)),
            ("Market history", f"{markets.history.name}, {markets.history.period}"),
        )
    )
    return Section(
        "What does the plan assume?", (facts, Bullets((*markets.history.notes, *_LIMITS)))
    )


def _mean(mean: float, error: float) -> str:
    return f"{percent(mean, digits=1)} a year (log), give or take {percent(error, digits=1)}"


def _views(job: AdviceJob) -> str:
    told = [
        f"{view.asset}{f' over {view.over}' if view.over else ''} "
        f"{percent(view.return_per_year, digits=1)} a year, confidence {percent(view.confidence)}"
        for view in job.plan.client.views
    ]
    return "; ".join(told) or "none: the history's means"


def _rates(job: AdviceJob) -> str:
    given = {
        name: value
        for name, value in job.plan.client.assumptions.rates.items()
        if value is not None
    }
    last = f"those of the last month of the history ({job.plan.markets.history.period[-7:]})"
    if not given:
        return last
    told = ", ".join(f"{name} {percent(value, digits=2)}" for name, value in given.items())
    return told if len(given) == len(job.plan.client.assumptions.rates) else f"{told}; else {last}"


def disclosures(job: AdviceJob) -> tuple[tuple[str, str], ...]:
    """Give the disclosures as names and texts, all figures taken from the run.

    Args:
        job: The plan and what it was asked.

    Returns:
        Names and texts, in the order in which they are shown.

    References:
        FINRA Rule 2214, Requirements for the use of investment analysis tools, paragraph (c):
        criteria and methodology with limitations and key assumptions; results vary; universe of
        investments; hypothetical nature.
    """
    plan = job.plan
    return (
        ("Hypothetical nature", f"IMPORTANT: {HYPOTHETICAL}"),
        ("Method", _method(job)),
        ("Results vary", _vary(job)),
        ("Investments considered", _universe(job)),
        ("Fees", _fees(job)),
        ("Data", f"{plan.markets.history.name}, {plan.markets.history.period}, by month"),
        ("Generators", _generators(job)),
        ("Seed", str(job.settings.seed)),
        ("Version", f"scenara {job.versions.get('scenara', 'unknown')}"),
        ("Made on", job.made_on or "unknown"),
        ("As of", plan.client.person.as_of),
    )


def _method(job: AdviceJob) -> str:
    plan = job.plan
    return (
        f"{len(plan.markets.families)} generators of market paths each wrote "
        f"{plan.markets.n_paths:,} joint worlds of {plan.model.flows.n_months} months. "
        f"{len(plan.scores.candidates)} ways to invest (shares of equity with the best mix under "
        "your constraints, times ways to part money among goals) were run through all of them with "
        "saving, payments, inflation, fees, costs and taxes. Chosen was the one with the highest "
        "chance of the goals (essential ones count four, important ones two, wishes one), then the "
        "least that is missed, then the least equity, within the lower of risk tolerance and risk "
        "capacity."
    )


def _vary(job: AdviceJob) -> str:
    return (
        "Results may vary with each use and over time: with another seed, other data, other rates "
        f"and prices. The intervals show by how much the generators differ for {job.n_worlds:,} "
        "worlds."
    )


def _universe(job: AdviceJob) -> str:
    plan = job.plan
    allowed = [item.symbol for item in plan.universe.allowed()]
    left_out = [symbol for symbol in plan.client.instruments if symbol not in allowed]
    told = (
        f"Considered were the {len(plan.client.instruments)} instruments of your file: "
        f"{', '.join(plan.client.instruments)}, and cash."
    )
    if left_out:
        told += (
            f" {listed(left_out)} {'is' if len(left_out) == 1 else 'are'} excluded by your wish."
        )
    return (
        f"{told} Within an asset class the cheapest to hold is taken first, up to "
        f"{percent(plan.client.constraints.maximum_weight)} each; nobody pays for a place. Other "
        "investments, not considered, may have characteristics similar or superior to these."
    )


def _fees(job: AdviceJob) -> str:
    fees, client = job.checks.fees, job.plan.client
    return (
        f"All figures are after {percent(client.fees.advice_per_year, digits=2)} a year for "
        f"advice, {percent(fees.expenses_per_year, digits=2)} a year of the instruments' expenses "
        f"(today's portfolio), {percent(client.fees.trading, digits=2)} of the value traded, and "
        f"{percent(client.tax.long_term)} tax on realised gains; without them the median wealth at "
        f"the first goal in rank would be {money(fees.wealth_without, job.currency)} instead of "
        f"{money(fees.wealth, job.currency)}."
    )


def _generators(job: AdviceJob) -> str:
    told = [
        f"{check.family} ({family_name(check.family)}; {percent(check.bounded, digits=2)} of moves "
        f"bounded, late to early spread {decimal(check.late_spread)}"
        f"{'; its settings were made for days' if check.in_days else ''})"
        for check in job.plan.markets.checks
    ]
    means = "drawn from the error of the sample mean" if job.settings.uncertain_means else "fixed"
    return (
        f"{'; '.join(told)}. All share the history's means and spreads; means of worlds are "
        f"{means}."
    )


def _command(job: AdviceJob) -> str:
    """Give the command with all arguments that differ from the defaults."""
    typed = [job.command]
    for field in fields(job.settings):
        value = getattr(job.settings, field.name)
        if value == field.default and field.name != "client":
            continue
        option = f"--{field.name.replace('_', '-')}"
        if isinstance(value, bool):
            typed.append(option if value else option.replace("--", "--no-", 1))
        else:
            text = ",".join(value) if isinstance(value, tuple) else str(value)
            typed += [option, shlex.quote(text)]
    return " ".join(typed)


def disclosure_section(job: AdviceJob) -> Section:
    """Show risks in plain words, and the disclosures.

    Args:
        job: The plan and what it was asked.

    Returns:
        The section.
    """
    files = tuple((f"SHA-256 of {name}", digest) for name, digest in job.sources.items())
    return Section(
        "Before you act on it",
        (
            Bullets(PLAIN_RISKS),
            Notice("IMPORTANT:", HYPOTHETICAL),
            Facts(disclosures(job)),
            Paragraph(
                "This is the result of a program, not a person's advice on your whole situation. "
                "Check the inputs, and ask a licensed adviser where something is unclear."
            ),
            Details("Files and command", (Facts((("Command", _command(job)), *files)),)),
        ),
    )
