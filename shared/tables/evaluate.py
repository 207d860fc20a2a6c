"""Judge generated rows: from three files, or from a generator and the rows it never saw."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import pandas as pd

from scenara.shared.data.read import read
from scenara.shared.data.schema import Schema
from scenara.shared.errors import ConfigError, DataError
from scenara.shared.evaluation.efficiency import Efficiency, Stopwatch
from scenara.shared.evaluation.tables.evaluate import TableEvaluation, evaluate
from scenara.shared.evaluation.tables.report import evaluation_report
from scenara.shared.generators.tables.making import make_table
from scenara.shared.progress import Progress, silent
from scenara.shared.run import Run, run_folder
from scenara.shared.tables.fit import held_out, load_table_generator
from scenara.shared.tables.pages import made_section
from scenara.shared.tables.result import JobResult
from scenara.shared.tables.settings import EvaluateSettings, TableSource
from scenara.shared.tables.source import LoadedTable, read_table, target_of, with_dates

__all__ = ["Exhibit", "bootstrap_rows", "run_evaluation", "verdict_summary"]


@dataclass(frozen=True)
class Exhibit:
    """Hold the three tables of an evaluation and where they came from.

    Args:
        train: Rows that the generator has learnt from.
        test: Rows that it never saw.
        generated: Generated rows.
        name: What made them.
        schema: What the columns are; None infers it.
        target: Column that models predict.
        efficiency: What the generator cost, if known.
        files: Checksum of each file, by name.
    """

    train: pd.DataFrame
    test: pd.DataFrame
    generated: pd.DataFrame
    name: str
    schema: Schema | None = None
    target: str | None = None
    efficiency: Efficiency | None = None
    files: Mapping[str, str] = field(default_factory=dict)


def run_evaluation(
    settings: EvaluateSettings,
    *,
    out: str | Path,
    command: str,
    force: bool = False,
    progress: Progress = silent,
) -> JobResult:
    """Judge generated rows and write the folder of the judgement.

    The folder holds ``report.html``, ``metrics.json``, ``readings.parquet``, ``run.json``, and
    where rows were drawn for it ``generated.parquet``.

    Args:
        settings: Which rows are judged by which.
        out: Output folder; it appears whole or not at all.
        command: What was called, for the record.
        force: Replace an output folder that is there.
        progress: Told how far it is.

    Returns:
        The report and the main figures.

    Raises:
        ConfigError: A table is missing, a setting is wrong, or ``out`` exists and ``force`` is
            not set.
        DataError: A table can't be read or compared.
    """
    _refuse_incomplete(settings)
    files = (settings.data, settings.train, settings.test, settings.generated, settings.schema)
    with run_folder(
        out,
        command=command,
        arguments=asdict(settings),
        seed=settings.seed,
        inputs=[path for path in files if path],
        force=force,
    ) as run:
        with run.stage("read"):
            shown = _exhibit(settings, progress)
        run.record["inputs"] |= dict(shown.files)
        with run.stage("evaluate"):
            evaluation = _evaluated(settings, shown, progress)
        if settings.generator is not None:
            shown.generated.to_parquet(run.folder / "generated.parquet", index=False)
        _write(evaluation, shown, run)
    return JobResult(
        Path(out) / "report.html",
        {**verdict_summary(evaluation), "report": str(Path(out) / "report.html")},
    )


def verdict_summary(evaluation: TableEvaluation) -> dict[str, Any]:
    """Give the three verdicts, question -> answer and sentence.

    Args:
        evaluation: What ``evaluate`` gave.
    """
    return {
        verdict.question: f"{verdict.answer}. {verdict.sentence}" for verdict in evaluation.verdicts
    }


def bootstrap_rows(train: pd.DataFrame, schema: Schema | None, *, seed: int) -> pd.DataFrame:
    """Give as many copies of training rows, the yardstick that must fail every test of privacy.

    Args:
        train: The rows.
        schema: What the columns are.
        seed: Seed of the draw.
    """
    fitted = make_table("table/bootstrap").fit(train, schema=schema)
    return fitted.sample(len(train), random_state=seed)


def _evaluated(settings: EvaluateSettings, shown: Exhibit, progress: Progress) -> TableEvaluation:
    return evaluate(
        shown.train,
        shown.test,
        shown.generated,
        target=shown.target,
        schema=shown.schema,
        baselines={"bootstrap": bootstrap_rows(shown.train, shown.schema, seed=settings.seed)},
        efficiency=shown.efficiency,
        augmentation=settings.augmentation,
        random_state=settings.seed,
        progress=progress,
    )


def _write(evaluation: TableEvaluation, shown: Exhibit, run: Run) -> None:
    report = evaluation_report(
        evaluation, shown.train, shown.test, shown.generated, name=shown.name
    )
    report = replace(report, sections=(*report.sections, made_section(run, None)))
    report.save(run.folder / "report.html")
    run.write_json("metrics.json", report.metrics)
    evaluation.to_frame().reset_index().to_parquet(run.folder / "readings.parquet", index=False)


def _refuse_incomplete(settings: EvaluateSettings) -> None:
    if (settings.generated is None) == (settings.generator is None):
        found = "neither" if settings.generated is None else "both"
        raise ConfigError(f"expected one of --generated and --generator, found {found}")
    if settings.train is not None and (settings.data or settings.sample):
        raise ConfigError("expected one of --train, --data and --sample, found more")
    has_real = settings.train or settings.data or settings.sample
    if settings.generated is not None and not (has_real and settings.test):
        raise ConfigError(
            "expected --train (rows that the generator has learnt from) and --test (rows that it "
            "never saw) beside --generated"
        )
    if settings.test is not None and not has_real:
        raise ConfigError("expected --train, the rows that the generator has learnt from")


def _exhibit(settings: EvaluateSettings, progress: Progress) -> Exhibit:
    schema = None if settings.schema is None else Schema.load(settings.schema)
    if settings.test is None:
        return _from_run(settings, progress)
    train, test, target = _real_parts(settings, progress)
    if settings.generated is not None:
        generated = read(settings.generated)
        known = schema or Schema.infer(train)
        train, test, generated = (with_dates(frame, known) for frame in (train, test, generated))
        return Exhibit(train, test, generated, settings.generated, schema, target)
    return _drawn(settings, train, test, target)


def _real_parts(
    settings: EvaluateSettings, progress: Progress
) -> tuple[pd.DataFrame, pd.DataFrame, str | None]:
    assert settings.test is not None
    if settings.sample is not None:
        table = read_table(settings, progress=progress)
        return table.frame, read(settings.test), target_of(table, settings.target)
    source = settings.train or settings.data
    assert source is not None
    return read(source, query=settings.query), read(settings.test), settings.target


def _from_run(settings: EvaluateSettings, progress: Progress) -> Exhibit:
    """Cut the table as the run did that fitted the generator."""
    assert settings.generator is not None
    record = _fit_record(Path(settings.generator))
    fitted = record["arguments"]
    if not fitted["test_size"]:
        raise ConfigError(
            f"{settings.generator}: was fitted on all rows, so none is left to judge it; pass "
            "--train and --test, or fit it again with --test-size 0.5"
        )
    names = ("data", "sample", "query", "schema")
    source = TableSource(
        **{name: getattr(settings, name) or fitted[name] for name in names}, seed=record["seed"]
    )
    table = read_table(source, progress=progress)
    _refuse_other_table(table, record, Path(settings.generator))
    train, test = held_out(table.frame, fitted["test_size"], seed=record["seed"])
    return _drawn(settings, train, test, target_of(table, settings.target), table=table)


def _fit_record(folder: Path) -> dict[str, Any]:
    try:
        record: dict[str, Any] = json.loads((folder / "run.json").read_text(encoding="utf-8"))
        if "test_size" in record["arguments"] and "family" in record["arguments"]:
            return record
    except (OSError, ValueError, KeyError, TypeError):
        pass
    raise ConfigError(
        f"{folder}: expected a folder of scenara table fit, with its run.json; or pass --train and "
        "--test too"
    )


def _refuse_other_table(table: LoadedTable, record: Mapping[str, Any], folder: Path) -> None:
    known = set(record["inputs"].values())
    for name, digest in table.files.items():
        if digest and digest not in known:
            raise DataError(f"{name}: is not the table that {folder} was fitted on; it has changed")


def _drawn(
    settings: EvaluateSettings,
    train: pd.DataFrame,
    test: pd.DataFrame,
    target: str | None,
    *,
    table: LoadedTable | None = None,
) -> Exhibit:
    """Draw the rows that are judged from the generator."""
    assert settings.generator is not None
    generator = load_table_generator(settings.generator)
    n_rows = settings.n or len(train)
    with Stopwatch() as watch:
        generated = generator.sample(n_rows, random_state=settings.seed)
    return Exhibit(
        with_dates(train, generator.schema_),
        with_dates(test, generator.schema_),
        generated,
        generator.family,
        generator.schema_,
        target,
        _efficiency(Path(settings.generator), watch, n_rows),
        table.files if table else {},
    )


def _efficiency(folder: Path, watch: Stopwatch, n_rows: int) -> Efficiency | None:
    try:
        metrics = json.loads((folder / "metrics.json").read_text(encoding="utf-8"))
        seconds = float(metrics["fit_cpu_seconds"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return Efficiency(seconds, watch.cpu_seconds, n_rows, watch.peak_bytes)
