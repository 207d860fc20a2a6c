"""Families of generators side by side: the front of detection, privacy and cost, and a champion."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from scenara.shared.errors import ConfigError, DataError
from scenara.shared.evaluation.tables.evaluate import TableEvaluation
from scenara.shared.evaluation.tables.readings import MEASURES, QUESTIONS, Question, Reading
from scenara.shared.evaluation.tables.verdicts import LIMITS, Answer
from scenara.shared.evaluation.tables.wording import figure, interval, with_interval, written
from scenara.shared.report.blocks import (
    Block,
    Bullets,
    Cell,
    Chart,
    Charts,
    Column,
    KeyFigure,
    KeyFigures,
    LegendItem,
    Level,
    Notice,
    Paragraph,
    Row,
    Section,
    Table,
    Tone,
)
from scenara.shared.report.comparisons import scatter
from scenara.shared.report.document import Report
from scenara.shared.report.numbers import count, percent

__all__ = ["Champion", "choose_champion", "comparison_report", "front_of"]

HEADLINES: Final = (
    "detection_test",
    "detection_train",
    "closest_share",
    "membership_auc",
    "auc_ratio",
    "fit_cpu_seconds",
    "rows_per_cpu_second",
)
SHORT: Final = {
    "detection_test": "Undetectable, held-out",
    "detection_train": "Undetectable, training",
    "closest_share": "Closer to training",
    "membership_auc": "Membership AUC",
    "auc_ratio": "AUC kept",
    "fit_cpu_seconds": "Time to fit",
    "rows_per_cpu_second": "Rows per CPU second",
}
TITLES: Final[Mapping[Question, str]] = {
    "fidelity": "Faithful",
    "diversity": "Diverse",
    "utility": "Useful",
    "privacy": "Private",
    "efficiency": "Cost",
}
_LEVELS: Final[Mapping[Answer, Level]] = {
    "yes": "level-1",
    "no": "level-4",
    "not certain": "level-2",
    "not measured": "",
}
_PLACES: Final[Mapping[Answer, int]] = {"yes": 2, "not certain": 1, "not measured": 1, "no": 0}
_RULE: Final = (
    "The champion is the least detectable among held-out rows of those that keep the limits of "
    "privacy; if none surely keeps them, of those for which it is open; none that breaks them."
)


@dataclass(frozen=True)
class Champion:
    """Hold which family to take, and why.

    Args:
        name: The family; None if each one breaks a limit of privacy.
        reasons: Why this one and why not the others, a sentence each.
    """

    name: str | None
    reasons: tuple[str, ...]


def choose_champion(evaluations: Mapping[str, TableEvaluation]) -> Champion:
    """Choose the family whose rows are hardest to tell from held-out rows, subject to privacy.

    Families that surely keep the limits of privacy come before those for which it is open; one
    that surely breaks a limit is never chosen.

    Args:
        evaluations: Evaluations on the same tables, by family.

    Returns:
        The champion with its reasons.

    Raises:
        ConfigError: If there is no evaluation.

    Example:
        >>> import numpy as np, pandas as pd
        >>> from scenara.shared.evaluation.tables import evaluate
        >>> rng = np.random.default_rng(0)
        >>> train, test = (pd.DataFrame(rng.normal(size=(99, 2)), columns=list("ab")) for _ in "12")
        >>> choose_champion({"copies": evaluate(train, test, train)}).name is None
        True
    """
    if not evaluations:
        raise ConfigError("evaluations: found none, expected one for each family")
    ranked = sorted(evaluations, key=lambda name: _rank(evaluations[name]), reverse=True)
    if evaluations[ranked[0]].verdicts.private.answer == "no":
        reasons = [_why_not(name, evaluations[name], None) for name in ranked]
        return Champion(None, ("Every family breaks a limit of privacy.", *reasons))
    best = ranked[0]
    own = _score_of(evaluations[best], "detection_test")
    private = evaluations[best].verdicts.private
    lead = f"{best}: undetectable among held-out rows {own}. Private: {private.answer}."
    return Champion(
        best, (lead, *(_why_not(name, evaluations[name], private.answer) for name in ranked[1:]))
    )


def front_of(evaluations: Mapping[str, TableEvaluation]) -> tuple[str, ...]:
    """Give the families that no other one beats in detection, privacy and time to fit at once.

    Args:
        evaluations: Evaluations on the same tables, by family. A share of closest records below
            one half counts as one half; what was not measured counts as worst.

    Returns:
        Their names, in the order given.
    """
    places = {name: _place(evaluation) for name, evaluation in evaluations.items()}
    return tuple(
        name
        for name, place in places.items()
        if not any(_beats(other, place) for key, other in places.items() if key != name)
    )


def comparison_report(
    evaluations: Mapping[str, TableEvaluation], *, title: str = "Families of generators compared"
) -> Report:
    """Compose the report that compares families on the same tables.

    Args:
        evaluations: Evaluations on the same tables, by family.
        title: Title of the page.

    Returns:
        The report: the champion with reasons, the front, all measures side by side. Its metrics
        hold the champion, the front and each evaluation.

    Raises:
        ConfigError: If there is no evaluation.
    """
    champion, front = choose_champion(evaluations), front_of(evaluations)
    sections = [
        Section("Detection, privacy and cost", tuple(_charts(evaluations, champion))),
        Section("The three questions, family by family", (_sentences(evaluations),)),
        *_question_sections(evaluations),
    ]
    about = next(iter(evaluations.values())).about
    return Report(
        title,
        tuple(section for section in sections if section.blocks),
        subtitle=f"{count(len(evaluations))} families, learnt from {count(about['n_train'])} rows "
        f"of {count(about['n_columns'])} columns, judged on {count(about['n_test'])} held-out rows.",
        opening=_opening(evaluations, champion, front),
        metrics={
            "champion": champion.name,
            "reasons": list(champion.reasons),
            "front": list(front),
            "families": {name: found.to_dict() for name, found in evaluations.items()},
        },
    )


def _value(evaluation: TableEvaluation, measure: str, missing: float) -> float:
    if measure not in evaluation or not evaluation[measure].is_measured:
        return missing
    return evaluation[measure].value


def _rank(evaluation: TableEvaluation) -> tuple[float, float, float]:
    return (
        _PLACES[evaluation.verdicts.private.answer],
        _value(evaluation, "detection_test", -1.0),
        -_value(evaluation, "trend", 1.0),
    )


def _place(evaluation: TableEvaluation) -> tuple[float, float, float]:
    """Give what a family reaches, more being better."""
    return (
        _value(evaluation, "detection_test", -math.inf),
        -max(_value(evaluation, "closest_share", math.inf), 0.5),
        -_value(evaluation, "fit_cpu_seconds", math.inf),
    )


def _beats(first: Sequence[float], second: Sequence[float]) -> bool:
    pairs = list(zip(first, second, strict=True))
    return all(a >= b for a, b in pairs) and any(a > b for a, b in pairs)


def _score_of(evaluation: TableEvaluation, measure: str) -> str:
    return with_interval(evaluation[measure]) if measure in evaluation else "not measured"


def _why_not(name: str, evaluation: TableEvaluation, best: Answer | None) -> str:
    private = evaluation.verdicts.private
    if private.answer == "no" or (best == "yes" and private.answer != "yes"):
        return f"Not {name}: private: {private.answer}. {private.sentence}"
    score = _score_of(evaluation, "detection_test")
    return f"Not {name}: more easily detected, {score}."


def _opening(
    evaluations: Mapping[str, TableEvaluation], champion: Champion, front: Sequence[str]
) -> tuple[Block, ...]:
    table = _headline_table(evaluations, champion, front)
    if champion.name is None:
        notice = Notice("No champion.", champion.reasons[0])
        return notice, Paragraph(_RULE), table, Bullets(champion.reasons[1:])
    best = evaluations[champion.name]
    figures = [
        KeyFigure(MEASURES[name].label, figure(best[name]), _note(best[name]))
        for name in HEADLINES[:6]
        if name in best
    ]
    has_failed = any(verdict.passed is False for verdict in best.verdicts)
    title = "Champion, with reservations" if has_failed else "Champion"
    tone: Tone = "" if has_failed else "good"
    return (
        Notice(f"{title}: {champion.name}.", _champion_sentence(best), tone=tone),
        KeyFigures(tuple(figures)),
        table,
        Paragraph(_RULE),
        Bullets(champion.reasons),
    )


def _note(reading: Reading) -> str:
    floor = f"fresh real rows {written(reading, reading.floor)}"
    parts = [interval(reading), floor if math.isfinite(reading.floor) else ""]
    return "; ".join(part for part in parts if part)


def _champion_sentence(best: TableEvaluation) -> str:
    verdicts = best.verdicts
    return (
        f"Faithful: {verdicts.faithful.answer}. Private: {verdicts.private.answer}. "
        f"Useful: {verdicts.useful.answer}. {verdicts.faithful.sentence}"
    )


def _headline_table(
    evaluations: Mapping[str, TableEvaluation], champion: Champion, front: Sequence[str]
) -> Table:
    shown = [name for name in HEADLINES if any(name in found for found in evaluations.values())]
    columns = (
        Column("Family", numeric=False),
        *(Column(question, numeric=False) for question in ("Faithful", "Private", "Useful")),
        *(Column(SHORT[name]) for name in shown),
    )
    rows = [
        _family_row(name, found, shown, "total" if name == champion.name else "", name in front)
        for name, found in evaluations.items()
    ]
    floors = [_floor_of(evaluations, name) for name in shown]
    rows.append(Row(("fresh real rows", "–", "–", "–", *floors)))
    caption = "One family a row; * is on the front of detection, privacy and time to fit."
    return Table(caption, columns, tuple(rows))


def _family_row(
    name: str, found: TableEvaluation, shown: Sequence[str], emphasis: str, is_on_front: bool
) -> Row:
    answers = [Cell(v.answer, level=_LEVELS[v.answer]) for v in found.verdicts]
    values = [figure(found[measure]) if measure in found else "–" for measure in shown]
    cells: tuple[Cell | str, ...] = (f"{name}{' *' * is_on_front}", *answers, *values)
    return Row(cells, "total" if emphasis else "")


def _floor_of(evaluations: Mapping[str, TableEvaluation], measure: str) -> str:
    readings = [found[measure] for found in evaluations.values() if measure in found]
    known = [reading for reading in readings if math.isfinite(reading.floor)]
    return written(known[0], known[0].floor) if known else "–"


def _charts(evaluations: Mapping[str, TableEvaluation], champion: Champion) -> Iterable[Block]:
    legend = (
        LegendItem("champion", "diamond", "series-1"),
        LegendItem("other families", "dot", "muted"),
        LegendItem("limit", "dashed", "warning"),
    )
    drawn = [
        _front_chart(evaluations, champion, "closest_share"),
        _front_chart(evaluations, champion, "fit_cpu_seconds"),
    ]
    charts = [chart for chart in drawn if chart]
    if charts:
        first = charts[0]
        marked = Chart(first.title, first.svg, first.narrow, first.caption, legend)
        yield Charts((marked, *charts[1:]))


def _front_chart(
    evaluations: Mapping[str, TableEvaluation], champion: Champion, measure: str
) -> Chart | None:
    is_cost = measure == "fit_cpu_seconds"
    points = {
        name: (_value(found, measure, math.nan), _value(found, "detection_test", math.nan))
        for name, found in evaluations.items()
    }
    title = "Detection and time to fit" if is_cost else "Detection and privacy"
    try:
        svg = scatter(
            points,
            title=title,
            x_label="processor seconds to fit" if is_cost else "share closer to a training row",
            y_label="undetectable among held-out rows",
            x_limit=None if is_cost else LIMITS[measure],
            y_limit=LIMITS["detection_test"],
            y_range=(0.0, 1.05),
            bold=champion.name,
            log=is_cost,
            write_x=(lambda value: f"{value:g}") if is_cost else percent,
            width=420,
        )
    except DataError:
        return None
    return Chart(title, svg, caption="The best place is the upper left.")


def _sentences(evaluations: Mapping[str, TableEvaluation]) -> Table:
    rows: list[Row] = []
    for name, found in evaluations.items():
        rows.append(Row((name,), "group"))
        for verdict in found.verdicts:
            answer = Cell(verdict.answer, level=_LEVELS[verdict.answer])
            rows.append(Row((verdict.question, answer, verdict.sentence)))
    columns = tuple(Column(label, numeric=False) for label in ("Question", "Answer", "Because"))
    return Table("What decided each answer.", columns, tuple(rows))


def _question_sections(evaluations: Mapping[str, TableEvaluation]) -> Iterable[Section]:
    present = [r.measure for found in evaluations.values() for r in found.readings]
    for question in QUESTIONS:
        names = [name for name in dict.fromkeys(present) if MEASURES[name].question == question]
        if names:
            yield Section(TITLES[question], (_measures_table(evaluations, names),))


def _measures_table(evaluations: Mapping[str, TableEvaluation], names: Sequence[str]) -> Table:
    columns = (
        Column("Measure", numeric=False),
        Column("Fresh real rows"),
        *(Column(family) for family in evaluations),
    )
    rows = tuple(
        Row(
            (
                MEASURES[name].label,
                _floor_of(evaluations, name),
                *(_cell(found[name]) if name in found else "–" for found in evaluations.values()),
            )
        )
        for name in names
    )
    return Table("Each measure of each family, with its 95 % interval.", columns, rows)


def _cell(reading: Reading) -> Cell:
    return Cell(figure(reading), note=interval(reading))
