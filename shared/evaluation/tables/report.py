"""The report of one generated table, for those who must decide whether to use it."""

import math
from collections.abc import Iterable, Sequence
from typing import Final

import pandas as pd

from scenara.shared.evaluation.tables.columns import ComparableTables, comparable
from scenara.shared.evaluation.tables.comparison import comparison_report
from scenara.shared.evaluation.tables.evaluate import TableEvaluation
from scenara.shared.evaluation.tables.narrowing import narrowing_in_words
from scenara.shared.evaluation.tables.pictures import (
    LEGEND,
    column_chart,
    importance_chart,
    pair_chart,
)
from scenara.shared.evaluation.tables.readings import QUESTIONS, Question, Reading
from scenara.shared.evaluation.tables.report_details import details_of
from scenara.shared.evaluation.tables.trend import PairError, TrendError
from scenara.shared.evaluation.tables.verdicts import Check, Verdict
from scenara.shared.evaluation.tables.wording import figure, interval, written
from scenara.shared.report.blocks import (
    Block,
    Bullets,
    Cell,
    Chart,
    Charts,
    Column,
    Facts,
    KeyFigure,
    KeyFigures,
    Notice,
    Paragraph,
    Row,
    Section,
    Table,
)
from scenara.shared.report.document import Report
from scenara.shared.report.numbers import count

__all__ = ["comparison_report", "evaluation_report", "readings_table"]

N_PICTURES = 6
MOST_PAIRS_OF_A_COLUMN = 2
FLOOR = "fresh real rows"
ANSWERS: Final = {
    "yes": "Yes",
    "no": "No",
    "not certain": "Not certain",
    "not measured": "Not measured",
}
TITLES: Final[dict[Question, str]] = {
    "fidelity": "Is it faithful? All measures",
    "diversity": "Is it diverse?",
    "utility": "Is it useful?",
    "privacy": "Is it private?",
    "efficiency": "What did it cost?",
}
FLOORS: Final[dict[Question, str]] = {"utility": "Trained on real rows"}
_COLUMNS: Final = (
    "The worst first. The error of numbers is the largest gap between the cumulated shares, that "
    "of categories half the sum of the gaps between the shares."
)
_PAIRS: Final = (
    "Each cell says by how many points the share of generated rows is off: blue is too many, "
    "orange too few. A column is shown twice at most."
)
_ADVICE: Final[dict[tuple[str, bool | None], str]] = {
    ("private", True): "The attacks tried here learn no more about the people trained on than "
    "about strangers.",
    ("private", False): "Handle the rows like the real ones: they give away people they were "
    "learnt from.",
    ("private", None): "Handle the rows like the real ones until their privacy is shown.",
    ("useful", True): "Models can be trained on them.",
    ("useful", False): "Do not train models on them.",
    ("faithful", True): "A classifier hardly tells them from real rows.",
    ("faithful", False): "Do not rely on fine detail: a classifier sees that they are artificial.",
}
_CHECKS: Final = {
    True: ("kept", "level-1"),
    False: ("broken", "level-4"),
    None: ("open", "level-2"),
}
_LIMITS: Final = (
    (
        "A verdict holds for these rows of this generator. Another fit or another draw can differ, the "
        "more so the smaller the tables are."
    ),
    (
        "Private means that the attacks tried here learn no more about the people trained on than about "
        "strangers. It is not a mathematical guarantee; that takes differential privacy."
    ),
    (
        "Held-out rows must be strangers: if one person has rows in both tables, privacy looks better "
        "than it is."
    ),
    (
        "Undetectable among training rows says little on its own: copies of training rows pass. The "
        "score among held-out rows is the one to go by."
    ),
    "The floor is one draw of fresh real rows; ratios to it near 1 are the best that can be had.",
)


def evaluation_report(
    evaluation: TableEvaluation,
    train: pd.DataFrame,
    test: pd.DataFrame,
    generated: pd.DataFrame,
    *,
    title: str = "Generated table",
    name: str = "generated",
) -> Report:
    """Compose the report of an evaluation: verdicts, worst columns and pairs, all measures.

    Args:
        evaluation: What ``evaluate`` gave for these tables.
        train: Real rows that the generator has learnt from.
        test: Real rows that it never saw.
        generated: Generated rows.
        title: Title of the page.
        name: What the rows come from, such as the generator's family.

    Returns:
        The report; its metrics are ``evaluation.to_dict()``.

    Raises:
        DataError: If the tables can't be compared.

    Example:
        >>> import numpy as np
        >>> from scenara.shared.evaluation.tables import evaluate
        >>> rng = np.random.default_rng(0)
        >>> train, test, rows = (pd.DataFrame(rng.normal(size=(60, 2)), columns=list("ab"))
        ...                      for _ in range(3))
        >>> report = evaluation_report(evaluate(train, test, rows), train, test, rows)
        >>> [verdict.question for verdict in evaluate(train, test, rows).verdicts]
        ['Is it faithful?', 'Is it private?', 'Is it useful?']
    """
    tables = comparable({"real": train, "generated": generated}, schema=evaluation.schema)
    sections = [*_worst_sections(evaluation, tables), *_question_sections(evaluation)]
    sections.append(_provenance(evaluation, test))
    sections.append(Section("What this cannot tell you", (Bullets(_LIMITS),)))
    return Report(
        title,
        tuple(section for section in sections if section.blocks),
        subtitle=_subtitle(evaluation, name),
        opening=_opening(evaluation),
        metrics=evaluation.to_dict(),
    )


def _subtitle(evaluation: TableEvaluation, name: str) -> str:
    about = evaluation.about
    return (
        f"{count(about['n_generated'])} rows of {name}, learnt from {count(about['n_train'])} "
        f"real rows, judged on {count(about['n_test'])} that it never saw; "
        f"{count(about['n_columns'])} columns."
    )


def _opening(evaluation: TableEvaluation) -> tuple[Block, ...]:
    verdicts = evaluation.verdicts
    notices = [_notice(verdict) for verdict in verdicts]
    if warning := narrowing_in_words(list(evaluation.about.get("narrowed", ()))):
        notices.insert(0, Notice("Were the rows drawn under a condition?", warning, tone="warning"))
    return (
        Paragraph(_headline(evaluation), lead=True),
        *notices,
        KeyFigures(tuple(_key_figures(evaluation))),
        _checks_table(evaluation),
    )


def _headline(evaluation: TableEvaluation) -> str:
    verdicts = evaluation.verdicts
    named = {"faithful": verdicts.faithful, "private": verdicts.private, "useful": verdicts.useful}
    answers = [f"{name.capitalize()}: {ANSWERS[v.answer].lower()}." for name, v in named.items()]
    advice = [
        _ADVICE.get((name, named[name].passed), "") for name in ("private", "useful", "faithful")
    ]
    return " ".join(part for part in (*answers, *advice) if part)


def _notice(verdict: Verdict) -> Notice:
    tone = {"yes": "good", "no": "warning"}.get(verdict.answer, "")
    title = f"{verdict.question} {ANSWERS[verdict.answer]}."
    if tone == "good":
        return Notice(title, verdict.sentence, tone="good")
    return Notice(title, verdict.sentence, tone="warning" if tone else "")


def _key_figures(evaluation: TableEvaluation) -> Iterable[KeyFigure]:
    failed = {
        check.measure
        for verdict in evaluation.verdicts
        for check in verdict.checks
        if check.passed is False
    }
    shown = ("detection_test", "detection_train", "closest_share", "membership_auc", "auc_ratio")
    fallback = () if "auc_ratio" in evaluation else ("rmse_ratio",)
    for name in (*shown, *fallback, "fit_cpu_seconds"):
        if name in evaluation:
            reading = evaluation[name]
            tone = "warning" if name in failed else ""
            yield KeyFigure(reading.about.label, figure(reading), _note(reading), tone)  # type: ignore[arg-type]


def _note(reading: Reading) -> str:
    parts = ["1 is undetectable"] if reading.measure.startswith("detection") else []
    parts.append(interval(reading))
    if math.isfinite(reading.floor):
        parts.append(f"{FLOOR} {written(reading, reading.floor)}")
    parts += [f"{name} {written(reading, value)}" for name, value in reading.baselines.items()]
    return "; ".join(part for part in parts if part) or reading.reason


def _checks_table(evaluation: TableEvaluation) -> Table:
    columns = (
        Column("Check", numeric=False),
        Column("Found", note="95 % interval"),
        Column("Limit", numeric=False),
        Column(FLOOR.capitalize()),
        *(Column(name.capitalize()) for name in evaluation.about["baselines"]),
        Column("Outcome", numeric=False),
    )
    rows = []
    for verdict in evaluation.verdicts:
        if verdict.checks:
            rows.append(Row((verdict.question,), "group"))
        rows += [_check_row(check, evaluation) for check in verdict.checks]
    return Table("The checks behind the three answers.", columns, tuple(rows))


def _check_row(check: Check, evaluation: TableEvaluation) -> Row:
    reading = evaluation[check.measure]
    word, level = _CHECKS[check.passed]
    outcome = Cell(word if reading.is_measured else "not measured", level=level)  # type: ignore[arg-type]
    return Row(
        (
            reading.about.label,
            Cell(figure(reading), note=interval(reading)),
            check.rule,
            _floor(reading),
            *_baseline_cells(reading, evaluation.about["baselines"]),
            outcome,
        )
    )


def _worst_sections(evaluation: TableEvaluation, tables: ComparableTables) -> Iterable[Section]:
    details = evaluation.details
    if "shape" in details:
        charts = [column_chart(error, tables) for error in details["shape"].worst(N_PICTURES)]
        title = "The columns that are furthest from the real ones"
        yield Section(title, (Paragraph(_COLUMNS), _side_by_side(charts)))
    if "trend" in details and details["trend"].pairs:
        pairs = tuple(pair_chart(error, tables) for error in _worst_pairs(details["trend"]))
        title = "The pairs whose dependence is furthest from the real one"
        yield Section(title, (Paragraph(_PAIRS), Charts(pairs)))
    if "detection_test" in details and details["detection_test"].importance:
        chart = importance_chart(details["detection_test"].importance)
        yield Section("What gives generated rows away", (Charts((chart,)),))


def _worst_pairs(trend: TrendError) -> list[PairError]:
    """Give the worst pairs, but a column that is off by itself fills no more than two pictures."""
    chosen: list[PairError] = []
    for pair in trend.worst(len(trend.pairs)):
        names = [name for other in chosen for name in (other.first, other.second)]
        if max(names.count(pair.first), names.count(pair.second)) < MOST_PAIRS_OF_A_COLUMN:
            chosen.append(pair)
        if len(chosen) == N_PICTURES:
            break
    return chosen


def _side_by_side(charts: Sequence[Chart]) -> Charts:
    first = charts[0]
    marked = Chart(first.title, first.svg, first.narrow, first.caption, LEGEND)
    return Charts((marked, *charts[1:]))


def _question_sections(evaluation: TableEvaluation) -> Iterable[Section]:
    for question in QUESTIONS:
        readings = [r for r in evaluation.readings if r.about.question == question]
        blocks: list[Block] = []
        if readings:
            blocks.append(readings_table(evaluation, readings))
            blocks += details_of(evaluation, question)
        yield Section(TITLES[question], tuple(blocks))


def readings_table(evaluation: TableEvaluation, readings: Sequence[Reading]) -> Table:
    """Lay out readings of one question: value and interval, floor, baselines, meaning.

    Args:
        evaluation: Where they come from.
        readings: The readings.

    Returns:
        The table; columns in which no reading has anything are left out.
    """
    has_floor = any(math.isfinite(reading.floor) for reading in readings)
    floor = FLOORS.get(readings[0].about.question, FLOOR.capitalize())
    names = [
        name
        for name in evaluation.about["baselines"]
        if any(name in reading.baselines for reading in readings)
    ]
    columns = (
        Column("Measure", numeric=False),
        Column("Generated", note="95 % interval"),
        *([Column(floor)] if has_floor else []),
        *(Column(name.capitalize()) for name in names),
        Column("Meaning", numeric=False),
    )
    rows = tuple(_reading_row(reading, names, has_floor=has_floor) for reading in readings)
    caption = f"Each measure beside what {FLOOR} get in place of generated ones."
    if not has_floor:
        caption = "What the caller measured."
    return Table(caption, columns, rows)


def _reading_row(reading: Reading, names: Sequence[str], *, has_floor: bool) -> Row:
    meaning = reading.about.meaning
    if not reading.is_measured:
        meaning = f"not measurable: {reading.reason}"
    elif reading.about.better != "floor":
        meaning += f" ({reading.about.better.capitalize()} is better.)"
    return Row(
        (
            reading.about.label,
            Cell(figure(reading), note=interval(reading)),
            *([_floor(reading)] if has_floor else []),
            *_baseline_cells(reading, names),
            meaning,
        )
    )


def _floor(reading: Reading) -> str:
    return written(reading, reading.floor) if math.isfinite(reading.floor) else "–"


def _baseline_cells(reading: Reading, names: Sequence[str]) -> list[str]:
    return [
        written(reading, reading.baselines[name]) if name in reading.baselines else "–"
        for name in names
    ]


def _provenance(evaluation: TableEvaluation, test: pd.DataFrame) -> Section:
    about = evaluation.about
    facts = {
        "Training rows": count(about["n_train"]),
        "Held-out rows": count(len(test)),
        "Generated rows": count(about["n_generated"]),
        "Target": str(about["target"] or "none"),
        "Baselines": ", ".join(about["baselines"]) or "none",
        "Seed": str(about["seed"]),
        "Not compared": ", ".join(
            str(column.name)
            for column in evaluation.schema.columns
            if column.kind in ("identifier", "text")
        ),
    }
    text = (
        "Fresh real rows: held-out rows play generated, equally many on both sides. For closest "
        "records and membership half of them do, and the other half stays held out."
    )
    shown = tuple((name, value) for name, value in facts.items() if value)
    return Section("How this was measured", (Facts(shown), Paragraph(text)))
