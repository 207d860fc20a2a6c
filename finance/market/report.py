"""The report of the market job: what was simulated, whether to believe it, what it decides."""

from typing import Any

import numpy as np
import pandas as pd

from scenara.finance.market.certificate_gates import CertificateGate
from scenara.finance.market.comparisons import describe_leader
from scenara.finance.market.decision_sections import decision_sections
from scenara.finance.market.luck_section import describe_luck, metrics_of_luck
from scenara.finance.market.results import (
    HISTORY,
    MarketJob,
    MarketScores,
    Provenance,
    StrategyOutcome,
    TearSheet,
)
from scenara.finance.market.scoring_section import group_name, scoring_section
from scenara.finance.market.strategy_section import metrics_of_strategies
from scenara.finance.market.verdicts import (
    COPY_LIMIT,
    EXPLOSION_LIMIT,
    Gate,
    IndexPaths,
    describe_distance,
    gates,
    index_paths,
    is_detection_measurable,
)
from scenara.shared.report import (
    Bullets,
    Chart,
    Details,
    Facts,
    KeyFigure,
    KeyFigures,
    LegendItem,
    Notice,
    Paragraph,
    Report,
    Row,
    Section,
    Table,
    fan_chart,
)
from scenara.shared.report.blocks import Block, Column, Tone
from scenara.shared.report.numbers import count, decimal, multiple, percent, seconds

__all__ = [
    "MarketJob",
    "MarketScores",
    "Provenance",
    "StrategyOutcome",
    "TearSheet",
    "market_report",
]

_LIMITS = (
    (
        "The worlds are not forecasts. They say what could happen if the later years followed the laws "
        "of the training years; they give no reason to expect one world rather than another."
    ),
    (
        "Regimes shift. Rates, correlations and volatility of the later years need not have happened "
        "before, and a model fitted on the past cannot know them."
    ),
    (
        "Survivors only. If the assets were chosen because they still exist, past returns are too "
        "good, in the worlds as in the real years; compare strategies, do not trust levels."
    ),
    (
        "Intervals hold the noise of a finite number of worlds and nothing else: not the error of the "
        "model, not the luck of the period it was fitted on."
    ),
    "The real years are few. A handful of windows can contradict a model but cannot prove it.",
    "Prices only: no taxes, no market impact, no days without liquidity.",
)


_UNKNOWN_ORIGIN = (
    "It is not known what the worlds were learned from. If it was the later years, or a part of "
    "them, the score is flattered."
)
_FAILING_GROUP = 2.0
_SAME = {"Copied history": "copies", "Impossible days": "explosions"}
"""Checks of these worlds that a refused certificate has said already of their generator."""


def market_report(job: MarketJob) -> Report:
    """Compose the report of a market job.

    Args:
        job: Worlds, real later years, judgement, strategies and provenance.

    Returns:
        The report; `metrics` holds its figures, the same job gives the same page.
    """
    paths = index_paths(job)
    checks = gates(job, paths)
    sections = (
        *decision_sections(job),
        _worlds_section(job, paths),
        scoring_section(job, checks),
        _provenance_section(job),
        Section("What this cannot tell you", (Bullets((*_LIMITS, *job.limits)),)),
    )
    return Report(
        job.title,
        sections,
        subtitle=_subtitle(job),
        opening=_opening(job, paths, checks),
        metrics=_metrics(job, paths, checks),
    )


def _years(job: MarketJob) -> tuple[str, str]:
    first, last = job.train_period
    return f"{first:%Y}–{last:%Y}", f"{job.real.index[0]:%Y}–{job.real.index[-1]:%Y}"


def _subtitle(job: MarketJob) -> str:
    training, later = _years(job)
    data = f"{job.provenance.data}, {count(len(job.real.columns))} assets"
    if not job.origin_known:
        return f"{data}. Worlds of unknown origin, judged on {later}."
    return f"{data}. Simulator: {job.used_family}, fitted on {training}, judged on {later}."


def _opening(job: MarketJob, paths: IndexPaths, checks: tuple[Gate, ...]) -> tuple[Block, ...]:
    refused = {gate.name for gate in _certificate_failures(job)}
    failed = [
        gate for gate in checks if gate.passed is False and _SAME.get(gate.name) not in refused
    ]
    notices = [Notice(f"Warning: {gate.name.lower()}.", gate.meaning) for gate in failed]
    if all(gate.passed for gate in checks):
        text = (
            "Distance, copying, detectability, impossible days, where real windows end and how deep "
            "they fall are all within rules."
        )
        notices = [Notice("All checks pass.", text, tone="good")]
    notices[:0] = _certificate_notice(job)
    if not job.origin_known:
        notices.insert(0, Notice("Warning: unknown origin.", _UNKNOWN_ORIGIN))
    sentences = [_headline(job, checks)]
    if job.strategies:
        sentences.append(describe_leader(job.strategies))
    if job.luck is not None:
        sentences.append(describe_luck(job.luck))
    lead = Paragraph(" ".join(sentences), lead=True)
    return lead, KeyFigures(_key_figures(job, paths, checks)), *notices


def _certificate_failures(job: MarketJob) -> tuple[CertificateGate, ...]:
    found = job.certificates.get(job.family)
    return found.failed if found else ()


def _certificate_notice(job: MarketJob) -> list[Notice]:
    found = job.certificates.get(job.family)
    if found is None:
        return []
    title = "Certified." if found.passed else "Not certified."
    return [Notice(title, found.sentence, tone="good" if found.passed else "warning")]


def _headline(job: MarketJob, checks: tuple[Gate, ...]) -> str:
    training, later = _years(job)
    score, history = (job.scores.score(name) for name in (job.family, HISTORY))
    worlds = f"{count(job.n_paths)} simulated worlds of {job.horizon} trading days"
    judged = (
        f"{worlds}, learned from {training}. Held against {later}, which the simulator never saw"
        if job.origin_known
        else f"{worlds}, read from a file. Held against {later}"
    )
    copies = job.scores.headline(job.family, "path_copy")
    caveat = f" But {_share(copies)} of their months are copies of history."
    return (
        f"{judged}, they are on average {describe_distance(score, history, job.past_years)}: "
        f"their distance is {multiple(score)} that of real years from each other; the "
        f"{job.past_years} themselves stand at "
        f"{multiple(history)}{_real_years(job.scores)}.{_worst_group(job)}"
        f"{caveat if checks[1].passed is False else ''}"
    )


def _real_years(card: MarketScores) -> str:
    if card.perfect is None:
        return ""
    low, _, high = card.perfect
    return f", random real years at {decimal(low)} to {multiple(high)}"


def _worst_group(job: MarketJob) -> str:
    """Name the group of measures that fails worst; a detector that learned nothing names none."""
    card = job.scores
    groups = card.scores[job.family].drop("ALL").dropna()
    if not is_detection_measurable(card.headline(job.family, "auc")):
        groups = groups.drop("detection", errors="ignore")
    if groups.empty or groups.max() <= _FAILING_GROUP:
        return ""
    worst = str(groups.idxmax())
    ours, past = (
        multiple(card.score(name, group=worst), digits=1) for name in (job.family, HISTORY)
    )
    return f" Worst where: {group_name(worst).lower()}, {ours} (the {job.past_years}: {past})."


def _key_figures(
    job: MarketJob, paths: IndexPaths, checks: tuple[Gate, ...]
) -> tuple[KeyFigure, ...]:
    card, family = job.scores, job.family
    score, copies, detection, explosions, inside, depth = checks
    n = len(paths.whole_windows)
    real = {
        name: percent(card.headline("later years", name), digits=1)
        for name in ("path_copy", "explosions")
    }
    return (
        KeyFigure(
            "Distance from the later years",
            multiple(card.score(family)),
            _score_note(card),
            _tone(score),
        ),
        KeyFigure(
            "Copied 21-day windows",
            _share(card.headline(family, "path_copy")),
            f"limit {percent(COPY_LIMIT)}; real later years {real['path_copy']}",
            _tone(copies),
        ),
        _detection_figure(card, family, detection),
        KeyFigure(
            "Worlds with an impossible day",
            _share(card.headline(family, "explosions")),
            f"limit {percent(EXPLOSION_LIMIT, digits=1)}; real later years {real['explosions']}",
            _tone(explosions),
        ),
        KeyFigure(
            "Real windows that end in the range",
            f"{paths.n_inside} of {n}",
            "end within 5–95\N{NO-BREAK SPACE}% of worlds; "
            f"{n - len(paths.too_deep)} of {n} fall no deeper than 95\N{NO-BREAK SPACE}% of them",
            _tone(inside) or _tone(depth),
        ),
        KeyFigure(
            "Worlds",
            count(job.n_paths),
            f"of {job.horizon} days and {count(len(job.real.columns))} assets",
        ),
    )


def _detection_figure(card: MarketScores, family: str, gate: Gate) -> KeyFigure:
    auc, history = (card.headline(name, "auc") for name in (family, HISTORY))
    title = "Real or simulated? (AUC)"
    if np.isfinite(auc) and not is_detection_measurable(auc):
        note = f"AUC {decimal(auc)}, below a guess: too few real quarters"
        return KeyFigure(title, "not measurable", note, _tone(gate))
    return KeyFigure(
        title, decimal(auc), f"0.50 is a guess; history {decimal(history)}", _tone(gate)
    )


def _share(share: float) -> str:
    return percent(share, digits=0 if share >= 0.1 else 1)


def _score_note(card: MarketScores) -> str:
    note = f"1.00× is the noise floor; history {multiple(card.score(HISTORY))}"
    if card.perfect is None:
        return note
    low, _, high = card.perfect
    return f"{note}; random real years {decimal(low)} to {multiple(high)}"


def _tone(gate: Gate) -> Tone:
    return "warning" if gate.passed is False else ""


def _worlds_section(job: MarketJob, paths: IndexPaths) -> Section:
    first = next(iter(paths.windows), None)
    ticks = [tick for tick in range(0, job.horizon + 1, 63)] if job.horizon >= 126 else None
    wide, narrow = (
        fan_chart(
            paths.worlds,
            observed=paths.windows,
            bold=first,
            title="Wealth of the equal-weight index over the simulated worlds and real windows",
            ticks=ticks,
            x_label="trading days",
            write=lambda value: f"{value:g}×",
            width=width,
            height=height,
        )
        for width, height in ((960, 380), (358, 300))
    )
    chart = Chart(
        "Wealth of an equal-weight index, start = 1",
        wide,
        narrow,
        caption="Bands hold the middle of the worlds on each day. The index is rebalanced daily "
        f"without costs. Real windows follow each other without overlap.{_deep_windows(paths)}",
        legend=_fan_legend(paths, first),
    )
    return Section("The worlds, and the years that came", (chart,))


def _deep_windows(paths: IndexPaths) -> str:
    falls = (
        f"{name} ({percent(fall)} from a peak; {percent(paths.share_as_deep(fall), digits=1)} of "
        "worlds fall as deep)"
        for name, fall in paths.too_deep.items()
    )
    listed = ", ".join(falls)
    return f" Deeper than 95\N{NO-BREAK SPACE}% of worlds fell: {listed}." if listed else ""


def _fan_legend(paths: IndexPaths, first: str | None) -> tuple[LegendItem, ...]:
    worlds = (
        LegendItem("90\N{NO-BREAK SPACE}% of worlds", "band", "worlds", 0.2),
        LegendItem("50\N{NO-BREAK SPACE}%", "band", "worlds", 0.45),
        LegendItem("median", "line", "worlds"),
        LegendItem("5 single worlds", "thin", "worlds", 0.6),
    )
    if first is None:
        return worlds
    others = len(paths.windows) - 1
    real = [LegendItem(f"real, {first}", "line", "real")]
    if others:
        real.append(LegendItem(f"the {others} real windows after it", "thin", "real"))
    return (*worlds, *real)


def _provenance_section(job: MarketJob) -> Section:
    made = job.provenance
    first, last = job.train_period
    facts = {
        "Data": made.data,
        "File": made.file,
        "SHA-256": made.sha256,
        "Assets": ", ".join(str(name) for name in job.real.columns),
        job.past_years.capitalize(): f"{first:%Y-%m-%d} to {last:%Y-%m-%d}",
        "Later years": f"{job.real.index[0]:%Y-%m-%d} to {job.real.index[-1]:%Y-%m-%d}, "
        f"{count(len(job.real))} days",
        "Worlds": f"{count(job.n_paths)} of {job.horizon} days, {job.used_family}",
        "Seed": str(made.seed),
        "Command": made.command,
        "Versions": ", ".join(f"{name} {version}" for name, version in made.versions.items()),
        **made.notes,
    }
    blocks: list[Block] = [Facts(tuple((name, value) for name, value in facts.items() if value))]
    if made.durations:
        rows = {stage: seconds(duration) for stage, duration in made.durations.items()}
        rows["total"] = seconds(sum(made.durations.values()))
        blocks.append(Details("How long each stage took", (_durations(rows),)))
    return Section("How this was made", tuple(blocks))


def _durations(rows: dict[str, str]) -> Table:
    columns = (Column("Stage", numeric=False), Column("Wall clock"))
    lines = tuple(Row(pair, "total" if pair[0] == "total" else "") for pair in rows.items())
    return Table("Durations", columns, lines)


def _metrics(job: MarketJob, paths: IndexPaths, checks: tuple[Gate, ...]) -> dict[str, Any]:
    card = job.scores
    first, last = job.train_period
    return {
        "family": job.family,
        "used_family": job.used_family,
        "train": [f"{first:%Y-%m-%d}", f"{last:%Y-%m-%d}"],
        "test": [f"{job.real.index[0]:%Y-%m-%d}", f"{job.real.index[-1]:%Y-%m-%d}"],
        "n_paths": job.n_paths,
        "horizon": job.horizon,
        "assets": [str(name) for name in job.real.columns],
        "scores": _plain(card.scores),
        "distances": _plain(card.measures[[*card.families, HISTORY, "floor"]]),
        "headlines": _plain(card.headlines.T),
        "gates": [
            {"name": gate.name, "value": gate.value, "rule": gate.rule, "passed": gate.passed}
            for gate in checks
        ],
        "certificates": {name: found.to_dict() for name, found in job.certificates.items()},
        "origin_known": job.origin_known,
        "score_of_real_years": card.perfect,
        "real_windows_not_too_deep": [
            len(paths.whole_windows) - len(paths.too_deep),
            len(paths.whole_windows),
        ],
        "real_windows_inside": [paths.n_inside, len(paths.whole_windows)],
        **metrics_of_strategies(job),
        **metrics_of_luck(job),
        "seed": job.provenance.seed,
        "sha256": job.provenance.sha256,
    }


def _plain(frame: pd.DataFrame) -> dict[str, dict[str, float | None]]:
    return {
        str(column): {
            str(row): float(value) if np.isfinite(value) else None
            for row, value in frame[column].astype(float).items()
        }
        for column in frame.columns
    }
