"""The section of the market report that says whether the worlds are plausible."""

import math
from typing import Final

from scenara.finance.market.certificate import Certificate
from scenara.finance.market.results import HISTORY, MarketJob, MarketScores
from scenara.finance.market.verdicts import Gate
from scenara.shared.report import (
    Cell,
    Chart,
    Column,
    Details,
    LegendItem,
    Paragraph,
    Row,
    Section,
    Table,
    ratio_plot,
)
from scenara.shared.report.blocks import Level
from scenara.shared.report.numbers import decimal, multiple, percent, seconds
from scenara.shared.report.theme import SERIES

__all__ = ["group_name", "scoring_section"]

_GROUPS: Final = {
    "ALL": "All measures",
    "marginal": "Daily moves and tails",
    "temporal": "Memory in time",
    "cross": "Assets together",
    "path": "Shape of paths",
    "strategy": "Tail risk of books",
    "detection": "Told apart from real",
}
_HEADLINES: Final = (
    ("auc", "Real or simulated?", "AUC, 0.50 a guess", decimal),
    ("path_copy", "Copied windows", "of 21 days", lambda share: percent(share, digits=1)),
    ("explosions", "Impossible days", "share of worlds", lambda share: percent(share, digits=1)),
    ("spikes", "Joint stress", "share of 63-day windows", lambda share: percent(share, digits=1)),
    ("fit_cpu_s", "Fitting", "CPU time", seconds),
    ("sample_cpu_s", "Sampling", "CPU time", seconds),
)
_GATES: Final = {
    "finite": "numbers that are none",
    "copies": "copied 21-day windows",
    "explosions": "years with such a day",
    "years": "equal-weight portfolio",
    "stationarity": "its variance in the last year over the first",
}
_LEVELS: Final[tuple[tuple[float, Level, str], ...]] = (
    (1.10, "level-1", "at the floor"),
    (1.50, "level-2", "near"),
    (2.50, "level-3", "off"),
    (math.inf, "level-4", "far off"),
)


def scoring_section(job: MarketJob, checks: tuple[Gate, ...]) -> Section:
    """Show the scorecard: groups first, then families side by side, then every measure.

    Args:
        job: The job.
        checks: Its gates.

    Returns:
        The section.
    """
    card = job.scores
    families = (job.family, *(name for name in card.families if name != job.family))
    return Section(
        "Are the worlds plausible?",
        (
            Paragraph(
                "Each measure is a distance between the simulated worlds and the later years, "
                "divided by the same distance between real windows. At 1.00× the worlds are as far "
                "from the later years as real years are from each other. History is the baseline: "
                f"the {job.past_years}, held against the later years in the same way."
            ),
            _chart(card, families),
            _group_table(card, families),
            _family_table(card, families),
            *_certificate_table(job),
            Details("The checks and their rules", (_gate_table(job.family, checks),)),
            Details(f"All {len(card.measures)} measures", (_measure_table(card, families),)),
        ),
    )


def group_name(group: object) -> str:
    """Name a group of measures in plain words.

    Args:
        group: Its short name, or ``ALL``.

    Returns:
        The words.

    Example:
        >>> group_name("temporal")
        'Memory in time'
    """
    return _GROUPS.get(str(group), str(group))


def _chart(card: MarketScores, families: tuple[str, ...]) -> Chart:
    scores = card.scores
    ratios = {name: scores[name].tolist() for name in (*families, HISTORY)}
    labels = [group_name(group) for group in scores.index]
    wide, narrow = (
        ratio_plot(
            ratios,
            labels=labels,
            baseline=HISTORY,
            title="Distance from the later years over the noise floor, by group of measures",
            x_label="distance ÷ noise floor, log scale",
            width=width,
        )
        for width in (960, 358)
    )
    return Chart(
        "Distance from the later years",
        wide,
        narrow,
        caption="Further left is closer. The line at 1× is the noise floor.",
        legend=_family_legend(families),
    )


def _family_legend(families: tuple[str, ...]) -> tuple[LegendItem, ...]:
    styles = SERIES * len(families)
    items = tuple(
        LegendItem(name, style.mark, style.colour)
        for name, style in zip(families, styles, strict=False)
    )
    return (*items, LegendItem("history", "hollow", "muted"))


def _group_table(card: MarketScores, families: tuple[str, ...]) -> Table:
    scores = card.scores
    names = (*families, HISTORY)
    columns = (Column("Group", numeric=False), *(Column(name) for name in names))
    rows = tuple(
        Row(
            (group_name(group), *(_ratio_cell(card.score(name, group=group)) for name in names)),
            "total" if group == "ALL" else "",
        )
        for group in scores.index
    )
    words = ", ".join(
        f"{word} {'over 2.50×' if math.isinf(limit) else f'up to {multiple(limit)}'}"
        for limit, _, word in _LEVELS
    )
    return Table(f"Geometric mean of the ratios in each group. Shades: {words}.", columns, rows)


def _level(ratio: float) -> Level:
    if not math.isfinite(ratio):
        return ""
    return next(level for limit, level, _ in _LEVELS if ratio <= limit)


def _ratio_cell(ratio: float) -> Cell:
    return Cell(multiple(ratio), level=_level(ratio))


def _family_table(card: MarketScores, families: tuple[str, ...]) -> Table:
    shown = [headline for headline in _HEADLINES if headline[0] in card.headlines.columns]
    references = [name for name in (HISTORY, "later years") if name in card.headlines.index]
    columns = (
        Column("Simulator", numeric=False),
        Column("Distance", note="all measures"),
        *(Column(label, note=note) for _, label, note, _ in shown),
    )
    rows = []
    for name in (*families, *references):
        total = card.score(name) if name in card.scores.columns else float("nan")
        values = (write(card.headline(name, column)) for column, _, _, write in shown)
        rows.append(Row((str(name), multiple(total), *values)))
    caption = (
        "Simulators side by side, references last. Joint stress: annualised volatility of at least "
        "40\N{NO-BREAK SPACE}% with a mean correlation of at least 0.6."
    )
    return Table(caption, columns, tuple(rows))


def _certificate_table(job: MarketJob) -> tuple[Table, ...]:
    """Set the certificates of all families side by side; a refused one names its figures."""
    found = job.certificates
    if not found:
        return ()
    first = next(iter(found.values()))
    wide = max(found.values(), key=lambda certificate: len(certificate.gates))
    columns = (
        Column("Gate", numeric=False),
        Column("Rule", numeric=False),
        *(Column(name, note="passed" if c.passed else "refused") for name, c in found.items()),
    )
    rows = tuple(
        Row(
            (
                Cell(gate.title, _GATES[gate.name]),
                gate.rule,
                *(_gate_cell(c, gate.name) for c in found.values()),
            )
        )
        for gate in wide.gates
    )
    caption = (
        f"Certificates, from {first.n_paths:,} simulated paths of {first.n_years} years each. A "
        "generator that fails a gate is not certified, whatever its distance."
    )
    return (Table(caption, columns, rows),)


def _gate_cell(certificate: Certificate, name: str) -> Cell:
    for gate in certificate.gates:
        if gate.name == name:
            return Cell(gate.value, level="" if gate.passed else "level-4")
    return Cell("–")


def _gate_table(family: str, checks: tuple[Gate, ...]) -> Table:
    results = {True: "pass", False: "warning", None: "not measured"}
    columns = tuple(Column(label, numeric=False) for label in ("Check", "Found", "Rule", "Result"))
    rows = tuple(Row((gate.name, gate.value, gate.rule, results[gate.passed])) for gate in checks)
    return Table(f"Checks of {family}", columns, rows)


def _measure_table(card: MarketScores, families: tuple[str, ...]) -> Table:
    names = (*families, HISTORY)
    columns = (
        Column("Measure", numeric=False),
        Column("Meaning", numeric=False),
        Column("Floor"),
        *(Column(str(name), note="distance, ratio") for name in names),
    )
    rows = []
    for group, part in card.measures.groupby("group", sort=False):
        rows.append(Row((group_name(group),), "group"))
        rows.extend(_measure_row(card, measure, names) for measure in part.index)
    return Table("Distance of each measure, and its ratio to the floor", columns, tuple(rows))


def _measure_row(card: MarketScores, measure: str, names: tuple[str, ...]) -> Row:
    line = dict(card.measures.loc[measure])
    floor = float(line["floor"])
    cells = (_distance_cell(float(line[name]), floor) for name in names)
    return Row((str(measure), str(line["meaning"]), decimal(floor, digits=3), *cells))


def _distance_cell(distance: float, floor: float) -> Cell:
    ratio = distance / floor
    return Cell(decimal(distance, digits=3), note=multiple(ratio), level=_level(ratio))
