"""Search the settings of a family: undetectable among rows it never saw, within privacy."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from scenara.shared.errors import ConfigError
from scenara.shared.generators.registry import family_class
from scenara.shared.generators.tables.contest import Judged, judge
from scenara.shared.generators.tables.making import make_table, seeded
from scenara.shared.progress import Progress, silent
from scenara.shared.report import Block, KeyFigure, KeyFigures, Paragraph, Report, Section
from scenara.shared.run import Run, run_folder
from scenara.shared.tables.fit import held_out
from scenara.shared.tables.pages import frame_table, made_section, plain_records
from scenara.shared.tables.result import JobResult
from scenara.shared.tables.settings import TuneSettings
from scenara.shared.tables.source import LoadedTable, read_table
from scenara.shared.tables.words import as_toml, read_spaces
from scenara.shared.tuning import Space, Trial, Tunable, Tuning, search_space, tune

__all__ = ["TuningObjective", "run_tuning", "worth"]

PRICE = 10.0
"""Detection score that each unit of exposure beyond the limit costs."""
FIRST_RUNG = 1 / 3
"""Share of the rows on which a trial is tried before it is given all of them."""


def worth(judged: Judged, *, limit: float) -> float:
    """Give the detection score less ten times the exposure beyond the privacy limit.

    Args:
        judged: Detection and privacy of generated rows.
        limit: Most that the closest-record share and the membership AUC may be.
    """
    return judged.detection.score - PRICE * max(judged.exposure - limit, 0.0)


@dataclass(frozen=True)
class TuningObjective:
    """Judge settings of a family by rows that it was not fitted on.

    Args:
        table: What the columns are.
        train: Rows to fit on.
        judge_rows: Rows to judge by.
        family: Name of the family.
        settings: Settings that stay as they are.
        limit: The privacy limit.
    """

    table: LoadedTable
    train: pd.DataFrame
    judge_rows: pd.DataFrame
    family: str
    settings: Mapping[str, Any]
    limit: float

    def __call__(self, settings: dict[str, Any], trial: Trial, /) -> float:
        """Give the worth of settings, after a first try on a third of the rows."""
        first = self.train.iloc[: round(FIRST_RUNG * len(self.train))]
        trial.report(0, worth(self.judged(settings, first, trial, "first"), limit=self.limit))
        return worth(self.judged(settings, self.train, trial, "all"), limit=self.limit)

    def judged(
        self, settings: Mapping[str, Any], rows: pd.DataFrame, trial: Trial, stage: str
    ) -> Judged:
        """Fit on some rows and judge what is generated."""
        wanted = seeded(self.family, {**self.settings, **settings}, seed=trial.seed)
        generator = make_table(self.family, wanted)
        folder = trial.folder / stage if trial.folder else None
        generator.fit(rows, schema=self.table.schema, checkpoint=folder)
        drawn = generator.sample(len(self.judge_rows), random_state=trial.seed)
        return judge(rows, self.judge_rows, drawn, schema=self.table.schema, seed=trial.seed)


def run_tuning(
    settings: TuneSettings,
    *,
    out: str | Path,
    command: str,
    force: bool = False,
    progress: Progress = silent,
) -> JobResult:
    """Tune a family on a table and write the folder of the search.

    Three parts of the table are kept apart: trials learn from the first, are judged by the
    second, and the winner is judged again, beside the settings it started from, by the third.
    The folder holds ``report.html``, ``metrics.json``, ``trials.parquet``, ``run.json`` and
    ``fit.toml``, which ``scenara table fit --config`` takes.

    Args:
        settings: Which family on which table.
        out: Output folder; it appears whole or not at all.
        command: What was called, for the record.
        force: Replace an output folder that is there.
        progress: Told after every trial.

    Returns:
        The report and the main figures.

    Raises:
        ConfigError: A setting is wrong, there is nothing to vary, or ``out`` exists and
            ``force`` is not set.
        DataError: The table can't be read or split.
        TrainingError: No trial gave a value.
        MissingExtraError: Optuna is not installed.
    """
    make_table(settings.family, settings.settings)
    space = _space(settings)
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
        rest, last = held_out(table.frame, settings.test_size, seed=settings.seed)
        share = settings.test_size / (1 - settings.test_size)
        train, judges = held_out(rest, share, seed=settings.seed)
        objective = TuningObjective(
            table, train, judges, settings.family, settings.settings, settings.privacy_limit
        )
        with run.stage("tune"):
            found = tune(
                objective,
                space,
                n_trials=settings.trials,
                first=_defaults(settings, space),
                storage=settings.storage,
                random_state=settings.seed,
                progress=progress,
            )
        with run.stage("judge the winner"):
            finals = _finals(settings, objective, last, found)
        report = _report(settings, table, found, finals, run)
        _write(settings, found, report, run)
    return JobResult(Path(out) / "report.html", _summary(found, finals, Path(out)))


def _space(settings: TuneSettings) -> dict[str, Space]:
    found = family_class(settings.family)
    if not settings.vary and not isinstance(found, Tunable):
        raise ConfigError(
            f"{settings.family} does not say what to vary; name it, such as --vary min_leaf=5..50"
        )
    space = read_spaces(settings.vary) or search_space(found)
    known = found._get_param_names()
    for name in space:
        if name not in known:
            raise ConfigError(f"{settings.family} has no setting {name!r} to vary; it has {known}")
    return {name: each for name, each in space.items() if name not in settings.settings}


def _defaults(settings: TuneSettings, space: Mapping[str, Space]) -> list[dict[str, Any]]:
    """Give the family's own settings as the first trial, where they lie within the space."""
    own = make_table(settings.family, settings.settings).get_params(deep=False)
    within = {name: own[name] for name, each in space.items() if own[name] in each}
    return [within] if len(within) == len(space) else []


def _finals(
    settings: TuneSettings, objective: TuningObjective, last: pd.DataFrame, found: Tuning
) -> pd.DataFrame:
    """Judge the winner and the defaults by rows that the search has not seen."""
    fresh = TuningObjective(
        objective.table,
        objective.train,
        last,
        settings.family,
        settings.settings,
        settings.privacy_limit,
    )
    trial = Trial(0, settings.seed, None, lambda step, value: False)
    rows = []
    for name, chosen in (("best found", found.best), ("defaults", {})):
        judged = fresh.judged(chosen, objective.train, trial, name)
        value = worth(judged, limit=settings.privacy_limit)
        rows.append({"settings": name, "worth": value, **judged.row()})
    return pd.DataFrame(rows)


def _report(
    settings: TuneSettings, table: LoadedTable, found: Tuning, finals: pd.DataFrame, run: Run
) -> Report:
    sections = _sections(settings, found, finals)
    sections.append(made_section(run, table, {"Family": settings.family}))
    return Report(
        "Tuning of a generator",
        tuple(sections),
        subtitle=f"{table.name}, {settings.family}",
        opening=_opening(settings, found, finals),
        metrics={
            "family": settings.family,
            "best": dict(found.best),
            "value": found.value,
            "fresh": plain_records(finals),
            "importance": dict(found.importance),
            "trials": plain_records(found.trials),
        },
    )


def _opening(settings: TuneSettings, found: Tuning, finals: pd.DataFrame) -> tuple[Block, ...]:
    best = ", ".join(f"{name} = {value}" for name, value in found.best.items())
    gain = float(finals["worth"].iloc[0] - finals["worth"].iloc[1])
    lead = (
        f"Best found for {settings.family}: {best}. On rows that the search has not seen its worth "
        f"is {finals['worth'].iloc[0]:.3f}, {abs(gain):.3f} {'above' if gain > 0 else 'below'} "
        "that of the defaults."
    )
    figures = KeyFigures(
        (
            KeyFigure("Trials", f"{len(found.trials)}"),
            KeyFigure(
                "Worth in the search", f"{found.value:.3f}", note="the best of many: flattered"
            ),
            KeyFigure("Worth on fresh rows", f"{finals['worth'].iloc[0]:.3f}"),
        )
    )
    return Paragraph(lead, lead=True), figures


def _sections(settings: TuneSettings, found: Tuning, finals: pd.DataFrame) -> list[Section]:
    note = Paragraph(
        "Worth is the detection score against held-out rows (1 is undetectable), less "
        f"{PRICE:g} times what the closest-record share or the membership AUC exceed "
        f"{settings.privacy_limit:g}."
    )
    ranked = found.trials.sort_values("value", ascending=False, na_position="last")
    sections = [
        Section(
            "Is it better on fresh rows?",
            (note, frame_table(finals, caption="Winner and defaults", digits=3)),
        ),
        Section("Trials, the best first", (frame_table(ranked, caption="Trials", digits=3),)),
    ]
    if found.importance:
        shares = pd.DataFrame(found.importance.items(), columns=["setting", "share"])
        shown = frame_table(shares, caption="Importance", digits=2)
        sections.append(Section("Which settings matter", (shown,)))
    return sections


def _write(settings: TuneSettings, found: Tuning, report: Report, run: Run) -> None:
    report.save(run.folder / "report.html")
    run.write_json("metrics.json", report.metrics)
    found.trials.astype({"note": str}).to_parquet(run.folder / "trials.parquet", index=False)
    chosen = {"family": settings.family, "settings": {**settings.settings, **found.best}}
    (run.folder / "fit.toml").write_text(as_toml(chosen), encoding="utf-8")


def _summary(found: Tuning, finals: pd.DataFrame, out: Path) -> dict[str, Any]:
    return {
        **{f"best {name}": value for name, value in found.best.items()},
        "worth in the search": round(found.value, 4),
        "worth on fresh rows": round(float(finals["worth"].iloc[0]), 4),
        "worth of the defaults": round(float(finals["worth"].iloc[1]), 4),
        "trials": len(found.trials),
        "settings": str(out / "fit.toml"),
        "report": str(out / "report.html"),
    }
