"""Fit a generator on a table and write it down with how it was made."""

from dataclasses import asdict
from pathlib import Path

import pandas as pd

from scenara.shared.data.split import split_random
from scenara.shared.errors import ArtifactError
from scenara.shared.evaluation.efficiency import Stopwatch
from scenara.shared.generators.registry import load
from scenara.shared.generators.tables.auto import AutoTable
from scenara.shared.generators.tables.base import TableGenerator
from scenara.shared.generators.tables.contest import WARNING
from scenara.shared.generators.tables.making import make_table, seeded
from scenara.shared.progress import Progress, silent
from scenara.shared.report import (
    KeyFigure,
    KeyFigures,
    Notice,
    Paragraph,
    Report,
    Section,
)
from scenara.shared.report.blocks import Block
from scenara.shared.run import Run, run_folder
from scenara.shared.tables.pages import column_blocks, made_section, plain_records, selection_block
from scenara.shared.tables.result import JobResult
from scenara.shared.tables.settings import FitSettings
from scenara.shared.tables.source import LoadedTable, read_table

__all__ = ["GENERATOR", "held_out", "load_table_generator", "run_fit", "warning_of"]

GENERATOR = "generator"


def run_fit(
    settings: FitSettings,
    *,
    out: str | Path,
    command: str,
    force: bool = False,
    progress: Progress = silent,
) -> JobResult:
    """Fit a generator and write its folder.

    The folder holds the ``generator``, ``report.html``, ``metrics.json``, ``run.json``,
    ``schema.yaml``, and for ``table/auto`` ``selection.parquet``.

    Args:
        settings: What to read and fit.
        out: Output folder; it appears whole or not at all.
        command: What was called, for the record.
        force: Replace an output folder that is there.
        progress: Told how far it is.

    Returns:
        The report and the main figures.

    Raises:
        ConfigError: A setting is wrong, or ``out`` exists and ``force`` is not set.
        DataError: The table can't be read or fitted.
    """
    wanted = seeded(settings.family, settings.settings, seed=settings.seed)
    generator = make_table(settings.family, wanted)
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
        run.record["inputs"] |= dict(table.files)
        rows = table.frame
        if settings.test_size:
            rows, _ = held_out(table.frame, settings.test_size, seed=settings.seed)
        with run.stage("fit"), Stopwatch() as watch:
            generator.fit(
                rows, schema=table.schema, progress=progress, checkpoint=settings.checkpoint
            )
        generator.save(run.folder / GENERATOR)
        generator.schema_.save(run.folder / "schema.yaml")
        if isinstance(generator, AutoTable):
            generator.selection_.to_parquet(run.folder / "selection.parquet", index=False)
        report = _report(generator, table, rows, run, cpu_seconds=watch.cpu_seconds)
        report.save(run.folder / "report.html")
        run.write_json("metrics.json", report.metrics)
    return JobResult(Path(out) / "report.html", _summary(generator, rows, watch, Path(out)))


def held_out(
    frame: pd.DataFrame, test_size: float, *, seed: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Cut a table in rows to learn from and rows to judge by, the same for the same seed.

    Args:
        frame: The table, (rows, columns).
        test_size: Share of the rows to judge by.
        seed: Seed of the cut.

    Returns:
        The two parts, each with rows numbered from 0.

    Raises:
        DataError: A part would have no row.

    Example:
        >>> train, test = held_out(pd.DataFrame({"x": range(10)}), 0.3, seed=0)
        >>> len(train), len(test)
        (7, 3)
    """
    parts = split_random(frame, test_size=test_size, random_state=seed)
    return parts.train.reset_index(drop=True), parts.test.reset_index(drop=True)


def load_table_generator(folder: str | Path) -> TableGenerator:
    """Load a generator of tables from its folder, or from that of the run that fitted it.

    Args:
        folder: What ``TableGenerator.save`` or ``scenara table fit`` wrote.

    Raises:
        ArtifactError: There is none, it is damaged, or it is one of another kind of data.
    """
    place = Path(folder)
    inner = place / GENERATOR
    generator = load(inner if inner.is_dir() else place)
    if not isinstance(generator, TableGenerator):
        raise ArtifactError(f"{place}: expected a generator of tables, found {generator.family}")
    return generator


def warning_of(generator: TableGenerator) -> str:
    """Give what the user must know of a generator before using its rows; "" for nothing.

    Args:
        generator: A fitted generator.
    """
    if generator.family == "table/bootstrap":
        return "table/bootstrap copies real rows: use it as a yardstick, never to publish data"
    selection = getattr(generator, "selection_", None)
    if selection is None:
        return ""
    why = str(selection.loc[selection["chosen"], "why"].iloc[0])
    return why if why.startswith(WARNING) else ""


def _report(
    generator: TableGenerator,
    table: LoadedTable,
    rows: pd.DataFrame,
    run: Run,
    *,
    cpu_seconds: float,
) -> Report:
    warning = warning_of(generator)
    selection = getattr(generator, "selection_", None)
    figures = KeyFigures(
        (
            KeyFigure("Learned from", f"{len(rows):,} rows", note=f"of {len(table.frame):,}"),
            KeyFigure("Columns", f"{len(table.schema)}"),
            KeyFigure("Fit", f"{cpu_seconds:.1f} CPU s"),
        )
    )
    opening: list[Block] = [Paragraph(_headline(generator, table), lead=True), figures]
    if warning:
        opening.append(Notice("Warning: privacy.", warning.removeprefix(WARNING)))
    sections = []
    if selection is not None:
        sections.append(Section("Why this family", (selection_block(selection),)))
    kinds = column_blocks(generator.schema_.to_frame())
    sections.append(Section("What each column was taken for", kinds))
    settings = ", ".join(f"{k}={v!r}" for k, v in generator.get_params(deep=False).items())
    sections.append(made_section(run, table, {"Family": generator.family, "Settings": settings}))
    return Report(
        "A generator of rows",
        tuple(sections),
        subtitle=f"{table.name}, {generator.family}",
        opening=tuple(opening),
        metrics={
            "family": generator.family,
            "champion": _champion(generator),
            "rows": len(rows),
            "columns": len(table.schema),
            "fit_cpu_seconds": round(cpu_seconds, 3),
            "warning": warning,
            "selection": None if selection is None else plain_records(selection),
        },
    )


def _headline(generator: TableGenerator, table: LoadedTable) -> str:
    champion = _champion(generator)
    chosen = f"{generator.family} chose {champion}" if champion else generator.family
    return f"{chosen}, fitted on {table.name}. It is not judged yet: see scenara table evaluate."


def _champion(generator: TableGenerator) -> str:
    champion = getattr(generator, "champion_", None)
    return "" if champion is None else champion.family


def _summary(
    generator: TableGenerator, rows: pd.DataFrame, watch: Stopwatch, out: Path
) -> dict[str, object]:
    optional = {"champion": _champion(generator), "warning": warning_of(generator)}
    return {
        "family": generator.family,
        "rows": len(rows),
        "fit_cpu_seconds": round(watch.cpu_seconds, 2),
        **{name: text for name, text in optional.items() if text},
        "generator": str(out),
        "report": str(out / "report.html"),
    }
