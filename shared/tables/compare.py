"""Fit several families on the same rows, judge each, and say which one to take."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from scenara.shared.errors import ScenaraError, TrainingError
from scenara.shared.evaluation.efficiency import Efficiency, Stopwatch
from scenara.shared.evaluation.tables.comparison import comparison_report
from scenara.shared.evaluation.tables.evaluate import TableEvaluation, evaluate
from scenara.shared.generators.tables.making import make_table, seeded
from scenara.shared.progress import Progress, silent
from scenara.shared.report import Notice
from scenara.shared.run import Run, run_folder
from scenara.shared.tables.fit import held_out
from scenara.shared.tables.pages import made_section
from scenara.shared.tables.result import JobResult
from scenara.shared.tables.settings import CompareSettings
from scenara.shared.tables.source import LoadedTable, read_table, target_of

__all__ = ["run_comparison"]


@dataclass(frozen=True)
class _Bench:
    """Hold what every family is fitted on and judged by."""

    table: LoadedTable
    train: pd.DataFrame
    test: pd.DataFrame
    target: str | None
    seed: int

    def judged(self, family: str, progress: Progress) -> TableEvaluation:
        """Fit, sample and judge one family."""
        generator = make_table(family, seeded(family, {}, seed=self.seed))
        with Stopwatch() as fit:
            generator.fit(self.train, schema=self.table.schema, progress=progress)
        with Stopwatch() as sample:
            rows = generator.sample(len(self.train), random_state=self.seed)
        return evaluate(
            self.train,
            self.test,
            rows,
            target=self.target,
            schema=self.table.schema,
            efficiency=Efficiency.of(fit, sample, n_sampled=len(rows)),
            random_state=self.seed,
            progress=progress,
        )


def run_comparison(
    settings: CompareSettings,
    *,
    out: str | Path,
    command: str,
    force: bool = False,
    progress: Progress = silent,
) -> JobResult:
    """Compare families on one table and write the folder of the comparison.

    The folder holds ``report.html``, ``metrics.json``, ``readings.parquet`` and ``run.json``. A
    family that can't be fitted is named with its reason; the others go on.

    Args:
        settings: Which families on which table.
        out: Output folder; it appears whole or not at all.
        command: What was called, for the record.
        force: Replace an output folder that is there.
        progress: Told how far it is.

    Returns:
        The report and the main figures.

    Raises:
        ConfigError: A setting is wrong, or ``out`` exists and ``force`` is not set.
        DataError: The table can't be read or split.
        TrainingError: Not one family could be fitted and judged.
    """
    for family in settings.families:
        make_table(family)
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
        target = target_of(table, settings.target)
        run.record["inputs"] |= dict(table.files)
        train, test = held_out(table.frame, settings.test_size, seed=settings.seed)
        bench = _Bench(table, train, test, target, settings.seed)
        judged, failed = _judge_all(settings, bench, run, progress)
        champion = _write(judged, failed, table, run)
    return JobResult(Path(out) / "report.html", _summary(champion, judged, failed, Path(out)))


def _judge_all(
    settings: CompareSettings, bench: _Bench, run: Run, progress: Progress
) -> tuple[dict[str, TableEvaluation], dict[str, str]]:
    judged: dict[str, TableEvaluation] = {}
    failed: dict[str, str] = {}
    for position, family in enumerate(settings.families):
        progress("families", position, len(settings.families), family)
        try:
            with run.stage(family):
                judged[family] = bench.judged(family, progress)
        except ScenaraError as error:
            failed[family] = str(error)
    progress("families", len(settings.families), len(settings.families))
    if not judged:
        reasons = "; ".join(f"{family}: {reason}" for family, reason in failed.items())
        raise TrainingError(f"no family could be fitted and judged: {reasons}")
    return judged, failed


def _write(
    judged: Mapping[str, TableEvaluation], failed: Mapping[str, str], table: LoadedTable, run: Run
) -> str:
    """Write report and readings; give the name of the champion."""
    report = comparison_report(judged)
    notices = tuple(Notice(f"{family} failed.", reason) for family, reason in failed.items())
    report = replace(
        report,
        opening=(*report.opening, *notices),
        sections=(*report.sections, made_section(run, table)),
        metrics={**report.metrics, "failed": dict(failed)},
    )
    report.save(run.folder / "report.html")
    run.write_json("metrics.json", report.metrics)
    frames = {family: evaluation.to_frame() for family, evaluation in judged.items()}
    readings = pd.concat(frames, names=["family", "measure"]).reset_index()
    readings.to_parquet(run.folder / "readings.parquet", index=False)
    return report.metrics["champion"] or "none"


def _summary(
    champion: str, judged: Mapping[str, TableEvaluation], failed: Mapping[str, str], out: Path
) -> dict[str, Any]:
    figures = {
        family: ", ".join(
            f"{verdict.question.removeprefix('Is it ').rstrip('?')}: {verdict.answer}"
            for verdict in evaluation.verdicts
        )
        for family, evaluation in judged.items()
    }
    failures = {family: f"failed: {reason}" for family, reason in failed.items()}
    return {"champion": champion, **figures, **failures, "report": str(out / "report.html")}
