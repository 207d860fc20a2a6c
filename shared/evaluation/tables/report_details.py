"""Tables behind the readings of a report: columns, pairs, lost levels, attacks one by one."""

from scenara.shared.evaluation.tables.evaluate import TableEvaluation
from scenara.shared.evaluation.tables.readings import Question
from scenara.shared.report.blocks import (
    Block,
    Cell,
    Column,
    Details,
    Level,
    Paragraph,
    Row,
    Table,
)
from scenara.shared.report.numbers import count, decimal, percent

__all__ = ["details_of"]

MOST_ROWS = 12


def details_of(evaluation: TableEvaluation, question: Question) -> list[Block]:
    """Lay out what stands behind the readings of one question.

    Args:
        evaluation: The evaluation.
        question: The question.

    Returns:
        Tables of columns, pairs, lost levels and attacks, most of them folded away.
    """
    found = evaluation.details
    blocks: list[Block] = []
    if question == "fidelity" and "shape" in found:
        blocks.append(Details("Every column", (_columns_table(evaluation),)))
    if question == "fidelity" and "trend" in found:
        blocks.append(Details("The worst pairs", (_pairs_table(evaluation),)))
    if question == "diversity" and "coverage" in found:
        blocks += _coverage_blocks(evaluation)
    if question == "privacy":
        blocks += _attack_blocks(evaluation)
    if question == "utility" and "augmentation" in found:
        gain = found["augmentation"]
        text = f"Adding generated rows to the real ones, judged by {gain.metric}: {gain.verdict}."
        blocks.append(Paragraph(text))
    return blocks


def _columns_table(evaluation: TableEvaluation) -> Table:
    shape = evaluation.details["shape"]
    floor = max(evaluation["shape"].floor, 1e-9)
    rows = []
    for error in shape.worst(len(shape.columns)):
        times = error.error / floor
        missing = decimal(100 * error.missing_gap, digits=2)
        cells = (
            str(error.name),
            {"ks": "number", "tv": "category"}[error.measure],
            Cell(percent(error.error, digits=2), note=f"{times:.1f}×", level=_level(times)),
            missing,
        )
        rows.append(Row(cells))
    columns = (
        Column("Column", numeric=False),
        Column("Compared as", numeric=False),
        Column("Error", note="over the mean floor"),
        Column("Missing cells", note="gap in points"),
    )
    return Table("Error of each column, the largest first.", columns, tuple(rows))


def _level(times: float) -> Level:
    limits: tuple[tuple[float, Level], ...] = ((1.5, "level-1"), (3, "level-2"), (6, "level-3"))
    return next((level for limit, level in limits if times <= limit), "level-4")


def _pairs_table(evaluation: TableEvaluation) -> Table:
    rows = [
        Row(
            (
                f"{pair.first} and {pair.second}",
                percent(pair.error, digits=2),
                decimal(pair.real),
                decimal(pair.generated),
            )
        )
        for pair in evaluation.details["trend"].worst(MOST_ROWS)
    ]
    columns = (
        Column("Pair", numeric=False),
        Column("Error"),
        Column("Correlation", note="real"),
        Column("Correlation", note="generated"),
    )
    return Table("The worst pairs; a dash where a category has none.", columns, tuple(rows))


def _coverage_blocks(evaluation: TableEvaluation) -> list[Block]:
    coverage = evaluation.details["coverage"]
    lost = [column for column in coverage.worst(MOST_ROWS) if column.lost]
    if not coverage.columns:
        return []
    if not lost:
        return [Paragraph("No level that at least five training rows have is lost.")]
    rows = []
    for column in lost:
        names = ", ".join(f"{level} ({count(n)})" for level, n in column.lost[:5])
        more = f" and {len(column.lost) - 5} more" if len(column.lost) > 5 else ""
        found = f"{column.n_found} of {column.n_levels}"
        rows.append(Row((str(column.name), found, names + more)))
    columns = (
        Column("Column", numeric=False),
        Column("Levels found"),
        Column("Lost", numeric=False, note="training rows that have it"),
    )
    return [Table("Levels that no generated row has, most rows first.", columns, tuple(rows))]


def _attack_blocks(evaluation: TableEvaluation) -> list[Block]:
    found = evaluation.details
    risks = [found[name] for name in ("singling_out", "linkability") if name in found]
    if "inference" in found:
        risks += sorted(found["inference"].risks.values(), key=lambda risk: -risk.low)[:5]
    if not risks:
        return []
    rows = tuple(
        Row(
            (
                risk.attack,
                percent(risk.train_rate, digits=1),
                percent(risk.control_rate, digits=1),
                percent(risk.naive_rate, digits=1),
                Cell(
                    percent(risk.value, digits=1),
                    note=f"{percent(risk.low, digits=1)} to {percent(risk.high, digits=1)}",
                ),
                f"{'yes' if risk.is_significant else 'no'}{', weak attack' * risk.is_weak}",
            )
        )
        for risk in risks
    )
    columns = (
        Column("Attack", numeric=False),
        Column("Succeeds", note="people trained on"),
        Column("Succeeds", note="strangers"),
        Column("Guessing"),
        Column("Risk", note="95 % interval"),
        Column("More than chance", numeric=False, note="each on its own"),
    )
    caption = "How often each attack succeeds; the worst columns of inference."
    return [Details("The attacks one by one", (Table(caption, columns, rows),))]
