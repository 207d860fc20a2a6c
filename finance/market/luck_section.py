"""The sections of the market report that say what is luck, and who knew too much."""

from collections.abc import Mapping, Sequence, Sized
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from scenara.finance.market.luck_findings import LuckFindings
from scenara.finance.market.results import MarketJob
from scenara.shared.report import (
    Bullets,
    Cell,
    Column,
    Details,
    Paragraph,
    Row,
    Section,
    Table,
)
from scenara.shared.report.blocks import Block
from scenara.shared.report.numbers import count, decimal, percent

if TYPE_CHECKING:
    from scenara.finance.portfolio.look_ahead import LookAheadReport
    from scenara.finance.portfolio.luck import ErrorRate, LuckVerdict, SuperiorAbility

__all__ = ["describe_luck", "look_ahead_section", "luck_section", "metrics_of_luck"]

_MOST_NAMED = 4

_TESTS = {
    "best alone": "The best judged as if it were the only one",
    "deflated Sharpe ratio": "Deflated Sharpe ratio",
    "mirrored days": "Mirrored days",
    "verdict on luck": "The verdict above: both of them",
}
_HOW = (
    (
        "May be luck, unless both hold: where nothing can be earned, the best of as many strategies "
        "does as well in at most 5\N{NO-BREAK SPACE}% of cases, and the deflated Sharpe ratio is at "
        "least 95\N{NO-BREAK SPACE}%."
    ),
    (
        "Where nothing can be earned: the days are mirrored at random, all assets together, so that "
        "volatility and correlation stay and every strategy earns nothing on average, by "
        "construction."
    ),
    (
        "Deflated Sharpe ratio: the confidence that the true ratio is above zero, given how many "
        "strategies were tried (Bailey and Lopez de Prado 2014); alone: as if it had been the only "
        "one (2012)."
    ),
    (
        "What is unlikely to be luck may be no more than the premium of the market. More than equal "
        "weights: the same two tests of what a strategy earned more than equal weights at the same "
        "costs did; the ratio is the mean of that lead over its deviation (information ratio)."
    ),
)


def describe_luck(luck: LuckFindings) -> str:
    """Say in one sentence which strategies earned more than cash, and than equal weights, by luck.

    Args:
        luck: What was found.

    Returns:
        The sentence.
    """
    years = decimal(next(iter(luck.verdicts.values())).years, digits=1)
    claims = _claims(luck.verdicts, "cash") + _claims(luck.leads, "equal weights")
    return f"By {years} real years and {_tried(luck)}, {'; '.join(claims)}."


def _claims(verdicts: "Mapping[str, LuckVerdict]", rival: str) -> list[str]:
    """Say who earned more than the rival and may owe it to luck, and who does not."""
    ahead = [name for name, verdict in verdicts.items() if verdict.sharpe > 0]
    lucky = [name for name in ahead if verdicts[name].is_luck]
    others = [name for name in ahead if name not in lucky]
    if verdicts and not ahead:
        return [f"none earned more than {rival}"]
    parts = ((lucky, "may be luck"), (others, "is unlikely to be luck"))
    return [
        f"that {_named(names, verdicts)} earned more than {rival} {judged}"
        for names, judged in parts
        if names
    ]


def luck_section(job: MarketJob) -> Section:
    """Show the verdict on each strategy, and how often such verdicts are wrong.

    Args:
        job: The job; its luck was judged.

    Returns:
        The section.
    """
    assert job.luck is not None
    luck = job.luck
    blocks: list[Block] = [Paragraph(describe_luck(luck)), _verdicts(luck)]
    blocks.append(Bullets(tuple(_sentences(luck))))
    if luck.false_claims:
        blocks.append(_rates(luck))
    if luck.no_rates:
        kind = "true claims" if luck.false_claims else "false and true claims"
        blocks.append(Paragraph(f"Rates of {kind} are not given: {luck.no_rates.rstrip('.')}."))
    blocks.append(Details("How luck is judged", (Bullets(_HOW),)))
    return Section("What is luck", tuple(blocks))


def look_ahead_section(reports: "Sequence[LookAheadReport]") -> Section:
    """List what each check for look-ahead found.

    Args:
        reports: One for each strategy.

    Returns:
        The section.
    """
    columns = (
        Column("Check", numeric=False),
        Column("Outcome", numeric=False),
        Column("What was found", numeric=False),
    )
    rows: list[Row] = []
    for report in reports:
        rows.append(Row((report.strategy,), "group"))
        rows += [
            Row((f.check, "passed" if f.passed else "FAILED", f.sentence)) for f in report.findings
        ]
    text = (
        "A strategy is given nothing but its past. These checks look for what it may know from "
        "elsewhere; an honest one fails any of them with a chance of about 1 in 300."
    )
    table = Table("Checks for look-ahead", columns, tuple(rows))
    return Section("Does a strategy know too much?", (Paragraph(text), table))


def metrics_of_luck(job: MarketJob) -> dict[str, Any]:
    """Give the numbers of both sections, ready for JSON.

    Args:
        job: The job.

    Returns:
        `luck` and `look_ahead`, where there are any.
    """
    found: dict[str, Any] = {}
    if job.luck is not None:
        found["luck"] = _plain(asdict(job.luck)) | {"n_trials": job.luck.n_trials}
    if job.look_ahead:
        found["look_ahead"] = [asdict(report) for report in job.look_ahead]
    return found


def _plain(value: Any) -> Any:  # noqa: ANN401  (whatever JSON takes)
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return None if isinstance(value, float) and not np.isfinite(value) else value


def _named(names: Sequence[str], known: Sized) -> str:
    if len(names) > _MOST_NAMED:
        n = len(known)
        return f"all {count(n)}" if len(names) == n else f"{count(len(names))} of the {count(n)}"
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last


def _tried(luck: LuckFindings) -> str:
    n = luck.n_trials - luck.n_tried_before
    here = "a single strategy" if n == 1 else f"{count(n)} strategies"
    before = f" and {count(luck.n_tried_before)} before" if luck.n_tried_before else ""
    return f"{here} tried{before}"


def _verdicts(luck: LuckFindings) -> Table:
    years = decimal(next(iter(luck.verdicts.values())).years, digits=1)
    columns = (
        Column("Strategy", numeric=False),
        Column("Sharpe ratio", note="a year, real days"),
        Column("Alone", note="confidence that it is above 0"),
        Column(f"Of {count(luck.n_trials)} tried", note="the same, deflated"),
        Column("Without skill", note="chance to do as well"),
        Column("Years needed", note=f"alone, of {years}"),
        Column("More than cash", numeric=False),
        Column("More than equal weights", note="ratio a year, chance without skill", numeric=False),
    )
    caption = (
        "Each record over the real later years, after costs and over cash. "
        "Years needed: how long such a record must be for 95\N{NO-BREAK SPACE}% confidence."
    )
    rows = tuple(
        _verdict_row(name, verdict, luck.leads.get(name)) for name, verdict in luck.verdicts.items()
    )
    return Table(caption, columns, rows)


def _verdict_row(name: str, verdict: "LuckVerdict", lead: "LuckVerdict | None") -> Row:
    needed = verdict.years_needed
    return Row(
        (
            name,
            decimal(verdict.sharpe),
            percent(verdict.probabilistic, digits=1),
            percent(verdict.deflated, digits=1),
            _chance(verdict),
            decimal(needed, digits=1)
            if needed < 1_000
            else "never"
            if needed == np.inf
            else ">1,000",
            _outcome(verdict),
            "the same" if lead is None else Cell(_outcome(lead), note=_numbers(lead)),
        )
    )


def _outcome(verdict: "LuckVerdict") -> str:
    if verdict.sharpe <= 0:
        return "no"
    return "may be luck" if verdict.is_luck else "unlikely luck"


def _numbers(lead: "LuckVerdict") -> str:
    return f"{decimal(lead.sharpe)}, {_chance(lead)}"


def _chance(verdict: "LuckVerdict") -> str:
    return f"{'at most ' * verdict.p_value_is_bound}{percent(verdict.p_value, digits=1)}"


def _sentences(luck: LuckFindings) -> list[str]:
    found = [f"{name}: {verdict.sentence}" for name, verdict in luck.verdicts.items()]
    found += [
        f"{name}: held nothing but cash, so that there is nothing to judge." for name in luck.silent
    ]
    if luck.over_equal is not None:
        found.append(_superior(luck.over_equal, "equal weights at the same costs"))
    if luck.over_cash is not None:
        found.append(_superior(luck.over_cash, "cash"))
    if luck.overfitting is not None:
        found.append(
            "Chosen on half of the real days, the best strategy is below the middle of all on the "
            f"other half in {percent(luck.overfitting)} of cases (probability of backtest "
            "overfitting)."
        )
    else:
        found.append(
            "The probability of backtest overfitting needs at least ten strategies, so it is not "
            "given."
        )
    return found


def _superior(test: "SuperiorAbility", rival: str) -> str:
    verdict = "shown" if test.consistent <= 0.05 else "not shown"
    return (
        f"That the best strategy beats {rival} is {verdict} (Hansen's test of superior ability: "
        f"p {_p(test.consistent)}, from {_p(test.lower)} to {_p(test.upper)} by what is made of the "
        "worst strategies)."
    )


def _p(value: float) -> str:
    return "below 0.001" if value < 0.001 else decimal(value, digits=3)


def _rates(luck: LuckFindings) -> Table:
    level = percent(luck.false_claims[0].level)
    columns = [
        Column(f"Test at {level}", numeric=False),
        Column("Says skill where nothing can be earned", note=f"should be {level} at most"),
    ]
    rows: list[list[Cell | str]] = [
        [_TESTS.get(rate.test, rate.test), _share(rate)] for rate in luck.false_claims
    ]
    planted = ""
    if luck.true_claims:
        found = f"Finds a Sharpe ratio of {decimal(luck.edge, digits=1)}"
        columns.append(Column(found, note=f"planted for {luck.owner}"))
        true = {rate.test: _share(rate) for rate in luck.true_claims}
        for row, rate in zip(rows, luck.false_claims, strict=True):
            row.append(true[rate.test])
        planted = (
            f", and in {count(luck.true_claims[0].n_worlds)} in which one of them has an edge before "
            "costs"
        )
    years = decimal(next(iter(luck.verdicts.values())).years, digits=1)
    caption = (
        f"How well luck is told apart in {years} years: the same strategies in "
        f"{count(luck.false_claims[0].n_worlds)} versions of these worlds in which nothing can be "
        f"earned{planted}; after costs, with the 95\N{NO-BREAK SPACE}% interval of the simulation."
    )
    if luck.n_tried_before:
        caption += " Strategies that were tried before play no part here."
    return Table(caption, tuple(columns), tuple(Row(tuple(row)) for row in rows))


def _share(rate: "ErrorRate") -> Cell:
    return Cell(
        percent(rate.share, digits=1),
        note=f"{percent(rate.low, digits=1)} to {percent(rate.high, digits=1)}",
    )
