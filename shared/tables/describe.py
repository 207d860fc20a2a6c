"""What is in a table: its columns, what is missing, and which rules its rows seem to keep."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

import pandas as pd

from scenara.shared.data.constraint import Constraint
from scenara.shared.data.schema import Column, Kind, Schema
from scenara.shared.data.suggest import suggest_constraints
from scenara.shared.progress import Progress, silent
from scenara.shared.report import (
    Bullets,
    KeyFigure,
    KeyFigures,
    Paragraph,
    Report,
    Section,
)
from scenara.shared.run import Run, run_folder
from scenara.shared.tables.pages import column_blocks, made_section, plain_records
from scenara.shared.tables.result import JobResult
from scenara.shared.tables.settings import DescribeSettings
from scenara.shared.tables.source import LoadedTable, read_table

__all__ = ["describe_columns", "run_description"]


def describe_columns(frame: pd.DataFrame, schema: Schema) -> pd.DataFrame:
    """Give one row a column: what it is and why, what is missing, which values it holds.

    Args:
        frame: The table, (rows, columns).
        schema: What the columns are.

    Returns:
        Columns ``name``, ``kind``, ``missing`` (share), ``distinct``, ``values`` (range or
        levels), ``most_common`` (share of the most frequent value), ``reason``.

    Example:
        >>> frame = pd.DataFrame({"age": [30, 41, 41, None]})
        >>> described = describe_columns(frame, Schema.infer(frame))
        >>> float(described["missing"][0]), described["values"][0]
        (0.25, '30 to 41')
    """
    declared = dict(zip(schema.names, schema.to_frame()["values"], strict=True))
    return pd.DataFrame(
        [
            {
                "name": column.name,
                "kind": str(column.kind),
                "missing": float(frame[column.name].isna().mean()),
                "distinct": int(frame[column.name].nunique()),
                "values": _contents(column, frame[column.name], declared[column.name]),
                "most_common": _most_common(frame[column.name]),
                "reason": column.reason,
            }
            for column in schema
        ]
    )


def _contents(column: Column, values: pd.Series, declared: str) -> str:
    """Name the levels, or the range that is there, which the declared bounds may exceed."""
    present = values.dropna()
    if column.levels is not None or present.empty:
        return declared
    if pd.api.types.is_numeric_dtype(present.dtype):
        return f"{present.min():,.6g} to {present.max():,.6g}"
    return f"{present.astype(str).min()} to {present.astype(str).max()}"


def _most_common(values: pd.Series) -> float:
    counts = values.value_counts()
    return float(counts.iloc[0] / len(values)) if len(counts) else 0.0


def run_description(
    settings: DescribeSettings,
    *,
    out: str | Path,
    command: str,
    force: bool = False,
    progress: Progress = silent,
) -> JobResult:
    """Describe a table and write its folder.

    The folder holds ``report.html``, ``metrics.json``, ``columns.parquet``, ``run.json``,
    ``schema.yaml``, and where rows seem to keep rules ``schema-with-constraints.yaml``.

    Args:
        settings: What to read.
        out: Output folder; it appears whole or not at all.
        command: What was called, for the record.
        force: Replace an output folder that is there.
        progress: Told how far it is.

    Returns:
        The report and the main figures.

    Raises:
        ConfigError: ``out`` exists and ``force`` is not set.
        DataError: The table can't be read or described.
    """
    with run_folder(
        out,
        command=command,
        arguments=asdict(settings),
        seed=settings.seed,
        inputs=[path for path in (settings.data, settings.schema) if path],
        force=force,
    ) as run:
        with run.stage("read"):
            table = read_table(settings, progress=progress)
        with run.stage("describe"):
            columns = describe_columns(table.frame, table.schema)
            rules = suggest_constraints(table.frame, table.schema)
        run.record["inputs"] |= dict(table.files)
        table.schema.save(run.folder / "schema.yaml")
        if rules:
            fuller = replace(table.schema, constraints=(*table.schema.constraints, *rules))
            fuller.save(run.folder / "schema-with-constraints.yaml")
        columns.to_parquet(run.folder / "columns.parquet", index=False)
        report = _report(table, columns, rules, run)
        report.save(run.folder / "report.html")
        run.write_json("metrics.json", report.metrics)
    return JobResult(Path(out) / "report.html", _summary(table, columns, rules, Path(out)))


def _report(
    table: LoadedTable, columns: pd.DataFrame, rules: Sequence[Constraint], run: Run
) -> Report:
    missing = float(table.frame.isna().to_numpy().mean())
    figures = KeyFigures(
        (
            KeyFigure("Rows", f"{len(table.frame):,}", note=f"{len(table.schema)} columns"),
            KeyFigure("Cells missing", f"{100 * missing:.2g} %"),
            KeyFigure("Rules that seem to hold", f"{len(rules)}"),
        )
    )
    sections = [Section("What each column is", column_blocks(_in_words(columns)))]
    if rules:
        advice = Paragraph(
            "No row breaks these rules, and chance would hardly allow it. Whether they are rules "
            "is for you to judge: keep those that are in schema-with-constraints.yaml and pass it "
            "with --schema."
        )
        bullets = Bullets(tuple(rule.in_words for rule in rules))
        sections.append(Section("Rules that the rows seem to keep", (advice, bullets)))
    sections.append(made_section(run, table))
    return Report(
        "What is in the table",
        tuple(sections),
        subtitle=table.name,
        opening=(Paragraph(table.cleaning, lead=True), figures),
        metrics={
            "data": table.name,
            "rows": len(table.frame),
            "columns": plain_records(columns),
            "missing": missing,
            "constraints": [rule.to_dict() for rule in rules],
        },
    )


def _in_words(columns: pd.DataFrame) -> pd.DataFrame:
    shares = {
        name: [f"{100 * share:.3g} %" for share in columns[name]]
        for name in ("missing", "most_common")
    }
    return columns.assign(**shares)


def _summary(
    table: LoadedTable, columns: pd.DataFrame, rules: Sequence[Constraint], out: Path
) -> dict[str, object]:
    kinds = {str(kind): int((columns["kind"] == kind).sum()) for kind in Kind}
    return {
        "table": f"{len(table.frame):,} rows x {len(table.schema)} columns",
        **{kind: n for kind, n in kinds.items() if n},
        "cleaning": table.cleaning,
        "constraints": [rule.in_words for rule in rules],
        "schema": str(out / "schema.yaml"),
        "report": str(out / "report.html"),
    }
