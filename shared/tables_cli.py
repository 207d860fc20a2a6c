"""``scenara table``: each command has its options and names the function that does its job."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from scenara.shared.commands import Job, SourceOptions, job_command, names
from scenara.shared.console import Out, Seed, new_app

if TYPE_CHECKING:
    from scenara.shared.tables.result import JobResult
    from scenara.shared.tables.settings import SampleSettings

__all__ = ["app"]

app = new_app("Tables: describe, fit generators, sample rows, judge them.")

SchemaFile = Annotated[
    str | None, typer.Option("--schema", help="What columns are: a file of scenara table describe.")
]
Family = Annotated[str | None, typer.Option(help="Generator, such as table/auto or table/cart.")]
Setting = Annotated[
    list[str] | None, typer.Option("--set", help="Setting of the family, name=value; repeatable.")
]
Target = Annotated[str | None, typer.Option(help="Column that models predict.")]
TestSize = Annotated[
    float | None, typer.Option(min=0, max=1, help="Share of the rows kept apart to judge by.")
]
Folder = Annotated[
    str | None, typer.Option("--generator", help="Folder that scenara table fit wrote.")
]


@dataclass(frozen=True)
class _Table(SourceOptions):
    schema: SchemaFile = None


@job_command(app, "scenara table describe", source=_Table)
def describe(out: Out = Path("description")) -> Job:
    """Say what each column is and why, what is missing, which rules rows keep; write a schema."""
    from scenara.shared.tables.describe import run_description
    from scenara.shared.tables.settings import DescribeSettings

    return Job(run_description, DescribeSettings)


@job_command(app, "scenara table fit", source=_Table)
def fit(
    family: Family = None,
    settings: Setting = None,
    test_size: TestSize = None,
    checkpoint: Annotated[
        str | None, typer.Option(help="Folder that lets the fit go on after a crash.")
    ] = None,
    out: Out = Path("generator"),
    seed: Seed = None,
) -> Job:
    """Fit a generator on a table and save it."""
    from scenara.shared.tables.fit import run_fit
    from scenara.shared.tables.settings import FitSettings

    return Job(run_fit, FitSettings, settings=_read(settings))


@job_command(app, "scenara table sample")
def sample(
    generator: Folder = None,
    n: Annotated[int | None, typer.Option("--n", min=1, help="Number of rows.")] = None,
    given: Annotated[
        list[str] | None,
        typer.Option(help='Condition: "age=18..25", "region=north|south", "x="; repeatable.'),
    ] = None,
    balance: Annotated[
        str | None, typer.Option(help='Column to balance, or "default=0:900|1:100".')
    ] = None,
    out: Annotated[
        Path, typer.Option("--out", help="File (.parquet, .csv), or a folder of Parquet parts.")
    ] = Path("rows.parquet"),
    seed: Seed = None,
) -> Job:
    """Write new rows of a fitted generator."""
    from scenara.shared.tables.sample import run_sampling
    from scenara.shared.tables.settings import SampleSettings

    def run(wanted: "SampleSettings", *, command: str, **how: Any) -> "JobResult":  # noqa: ANN401
        return run_sampling(wanted, **how)

    return Job(run, SampleSettings, given=tuple(given) if given else None)


@job_command(app, "scenara table evaluate", source=_Table)
def evaluate(
    train: Annotated[
        str | None, typer.Option(help="Rows that the generator has learnt from.")
    ] = None,
    test: Annotated[str | None, typer.Option(help="Rows that it never saw.")] = None,
    generated: Annotated[str | None, typer.Option(help="Generated rows.")] = None,
    generator: Folder = None,
    n: Annotated[
        int | None, typer.Option("--n", min=20, help="Rows to draw from the generator.")
    ] = None,
    target: Target = None,
    augmentation: Annotated[
        bool | None,
        typer.Option("--augmentation", help="Measure also if added rows make a model better."),
    ] = None,
    out: Out = Path("evaluation"),
    seed: Seed = None,
) -> Job:
    """Judge generated rows: faithful, diverse, useful, private, and at what cost."""
    from scenara.shared.tables.evaluate import run_evaluation
    from scenara.shared.tables.settings import EvaluateSettings

    return Job(run_evaluation, EvaluateSettings)


@job_command(app, "scenara table compare", source=_Table)
def compare(
    families: Annotated[str | None, typer.Option(help="Families to fit, with commas.")] = None,
    target: Target = None,
    test_size: TestSize = None,
    out: Out = Path("comparison"),
    seed: Seed = None,
) -> Job:
    """Fit, sample and judge several families on the same rows: one report."""
    from scenara.shared.tables.compare import run_comparison
    from scenara.shared.tables.settings import CompareSettings

    return Job(run_comparison, CompareSettings, families=names(families or None))


@job_command(app, "scenara table tune", source=_Table)
def tune(
    family: Family = None,
    settings: Setting = None,
    vary: Annotated[
        list[str] | None,
        typer.Option(help='What to vary: "min_leaf=5..50", "rate=1e-4..1e-1:log"; repeatable.'),
    ] = None,
    trials: Annotated[int | None, typer.Option(min=1, help="Trials in all.")] = None,
    storage: Annotated[
        str | None, typer.Option(help="Folder that lets a search go on after a crash.")
    ] = None,
    privacy_limit: Annotated[
        float | None, typer.Option(min=0.5, max=1, help="Exposure beyond which worth is lost.")
    ] = None,
    test_size: TestSize = None,
    out: Out = Path("tuning"),
    seed: Seed = None,
) -> Job:
    """Search the settings of a family for undetectable rows within the privacy limit."""
    from scenara.shared.tables.settings import TuneSettings
    from scenara.shared.tables.tune import run_tuning

    spaces = tuple(vary) if vary else None
    return Job(run_tuning, TuneSettings, settings=_read(settings), vary=spaces)


def _read(words: Sequence[str] | None) -> dict[str, Any] | None:
    from scenara.shared.tables.words import read_settings

    return read_settings(words) if words else None
