"""``scenara table``: each command reads its options and calls one function."""

from pathlib import Path
from typing import Annotated, Any

import typer

from scenara.shared.config import configured
from scenara.shared.console import (
    Config,
    DataOption,
    Force,
    Json,
    Out,
    Query,
    SampleOption,
    Seed,
    new_app,
    print_result,
    progress_bars,
)

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


@app.command()
def describe(
    data: DataOption = None,
    sample: SampleOption = None,
    query: Query = None,
    schema: SchemaFile = None,
    out: Out = Path("description"),
    config: Config = None,
    force: Force = False,
    as_json: Json = False,
) -> None:
    """Say what each column is and why, what is missing, which rules rows keep; write a schema."""
    from scenara.shared.tables.describe import run_description
    from scenara.shared.tables.settings import DescribeSettings

    settings = configured(
        DescribeSettings, file=config, data=data, sample=sample, query=query, schema=schema
    )
    _run(run_description, settings, "describe", out=out, force=force, as_json=as_json)


@app.command()
def fit(
    data: DataOption = None,
    sample: SampleOption = None,
    query: Query = None,
    schema: SchemaFile = None,
    family: Family = None,
    setting: Setting = None,
    test_size: TestSize = None,
    checkpoint: Annotated[
        str | None, typer.Option(help="Folder that lets the fit go on after a crash.")
    ] = None,
    out: Out = Path("generator"),
    seed: Seed = None,
    config: Config = None,
    force: Force = False,
    as_json: Json = False,
) -> None:
    """Fit a generator on a table and save it."""
    from scenara.shared.tables.fit import run_fit
    from scenara.shared.tables.settings import FitSettings
    from scenara.shared.tables.words import read_settings

    settings = configured(
        FitSettings,
        file=config,
        data=data,
        sample=sample,
        query=query,
        schema=schema,
        family=family,
        settings=read_settings(setting) if setting else None,
        test_size=test_size,
        checkpoint=checkpoint,
        seed=seed,
    )
    _run(run_fit, settings, "fit", out=out, force=force, as_json=as_json)


@app.command()
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
    config: Config = None,
    force: Force = False,
    as_json: Json = False,
) -> None:
    """Write new rows of a fitted generator."""
    from scenara.shared.tables.sample import run_sampling
    from scenara.shared.tables.settings import SampleSettings

    settings = configured(
        SampleSettings,
        file=config,
        generator=generator,
        n=n,
        given=tuple(given) if given else None,
        balance=balance,
        seed=seed,
    )
    with progress_bars() as progress:
        result = run_sampling(settings, out=out, force=force, progress=progress)
    print_result(result.summary, as_json=as_json)


@app.command()
def evaluate(
    data: DataOption = None,
    sample: SampleOption = None,
    query: Query = None,
    schema: SchemaFile = None,
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
    config: Config = None,
    force: Force = False,
    as_json: Json = False,
) -> None:
    """Judge generated rows: faithful, diverse, useful, private, and at what cost."""
    from scenara.shared.tables.evaluate import run_evaluation
    from scenara.shared.tables.settings import EvaluateSettings

    settings = configured(
        EvaluateSettings,
        file=config,
        data=data,
        sample=sample,
        query=query,
        schema=schema,
        train=train,
        test=test,
        generated=generated,
        generator=generator,
        n=n,
        target=target,
        augmentation=augmentation,
        seed=seed,
    )
    _run(run_evaluation, settings, "evaluate", out=out, force=force, as_json=as_json)


@app.command()
def compare(
    data: DataOption = None,
    sample: SampleOption = None,
    query: Query = None,
    schema: SchemaFile = None,
    families: Annotated[str | None, typer.Option(help="Families to fit, with commas.")] = None,
    target: Target = None,
    test_size: TestSize = None,
    out: Out = Path("comparison"),
    seed: Seed = None,
    config: Config = None,
    force: Force = False,
    as_json: Json = False,
) -> None:
    """Fit, sample and judge several families on the same rows: one report."""
    from scenara.shared.tables.compare import run_comparison
    from scenara.shared.tables.settings import CompareSettings

    settings = configured(
        CompareSettings,
        file=config,
        data=data,
        sample=sample,
        query=query,
        schema=schema,
        families=tuple(name.strip() for name in families.split(",")) if families else None,
        target=target,
        test_size=test_size,
        seed=seed,
    )
    _run(run_comparison, settings, "compare", out=out, force=force, as_json=as_json)


@app.command()
def tune(
    data: DataOption = None,
    sample: SampleOption = None,
    query: Query = None,
    schema: SchemaFile = None,
    family: Family = None,
    setting: Setting = None,
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
    config: Config = None,
    force: Force = False,
    as_json: Json = False,
) -> None:
    """Search the settings of a family for undetectable rows within the privacy limit."""
    from scenara.shared.tables.settings import TuneSettings
    from scenara.shared.tables.tune import run_tuning
    from scenara.shared.tables.words import read_settings

    settings = configured(
        TuneSettings,
        file=config,
        data=data,
        sample=sample,
        query=query,
        schema=schema,
        family=family,
        settings=read_settings(setting) if setting else None,
        vary=tuple(vary) if vary else None,
        trials=trials,
        storage=storage,
        privacy_limit=privacy_limit,
        test_size=test_size,
        seed=seed,
    )
    _run(run_tuning, settings, "tune", out=out, force=force, as_json=as_json)


def _run(job: Any, settings: Any, verb: str, *, as_json: bool, **how: Any) -> None:  # noqa: ANN401
    with progress_bars() as progress:
        result = job(settings, command=f"scenara table {verb}", progress=progress, **how)
    print_result(result.summary, as_json=as_json)
