"""``scenara finance``: each command reads its options and calls one function."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from scenara.finance.settings import STRATEGIES, StudySettings
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
    one_source,
    print_result,
    progress_bars,
)
from scenara.shared.errors import ConfigError

__all__ = ["app"]

app = new_app("Simulate markets, judge the worlds, backtest strategies in them.")

_DEFAULT = StudySettings()


def _default(text: str, value: object) -> str:
    return f"{text} (default {value})"


Until = Annotated[str | None, typer.Option(help="Last day to learn from; later days judge.")]
DateColumn = Annotated[str | None, typer.Option(help="Column of dates, where it is not found.")]
DateFormat = Annotated[str | None, typer.Option(help="Format of dates, such as %d.%m.%Y.")]
Family = Annotated[str | None, typer.Option(help=_default("Generator", _DEFAULT.family))]
Compare = Annotated[str | None, typer.Option(help="Further families to judge, with commas.")]
NPaths = Annotated[
    int | None,
    typer.Option("--n-paths", min=2, help=_default("Number of worlds", _DEFAULT.n_paths)),
]
Horizon = Annotated[
    int | None, typer.Option(min=1, help=_default("Days of a world", _DEFAULT.horizon))
]
Csv = Annotated[bool, typer.Option("--csv", help="Write tables as CSV too.")]


@app.command()
def simulate(
    data: DataOption = None,
    sample: SampleOption = None,
    query: Query = None,
    date_column: DateColumn = None,
    date_format: DateFormat = None,
    until: Until = None,
    family: Family = None,
    compare: Compare = None,
    n_paths: NPaths = None,
    horizon: Horizon = None,
    out: Out = Path("simulation"),
    seed: Seed = None,
    config: Config = None,
    force: Force = False,
    csv: Csv = False,
    as_json: Json = False,
) -> None:
    """Fit a market simulator on real prices, write worlds, judge them against later days."""
    settings = configured(
        StudySettings,
        file=config,
        data=data,
        sample=sample,
        query=query,
        date_column=date_column,
        date_format=date_format,
        until=until,
        family=family,
        compare=_names(compare),
        n_paths=n_paths,
        horizon=horizon,
        seed=seed,
    )
    _study(settings, "simulate", out=out, force=force, csv=csv, as_json=as_json)


@app.command()
def backtest(
    data: DataOption = None,
    sample: SampleOption = None,
    query: Query = None,
    date_column: DateColumn = None,
    date_format: DateFormat = None,
    until: Until = None,
    strategy: Annotated[
        str | None,
        typer.Option(help=_default("Strategies, with commas", ",".join(STRATEGIES))),
    ] = None,
    worlds: Annotated[
        str | None, typer.Option(help="Worlds to trade in, from scenara finance simulate.")
    ] = None,
    n_simulated: Annotated[
        int | None, typer.Option("--simulate", min=2, help="Simulate this many worlds instead.")
    ] = None,
    family: Family = None,
    compare: Compare = None,
    horizon: Horizon = None,
    rebalance: Annotated[
        int | None, typer.Option(min=1, help=_default("Days between trades", _DEFAULT.rebalance))
    ] = None,
    costs: Annotated[
        float | None,
        typer.Option(min=0, help=_default("Costs, a fraction of the value traded", _DEFAULT.costs)),
    ] = None,
    out: Out = Path("backtest"),
    seed: Seed = None,
    config: Config = None,
    force: Force = False,
    csv: Csv = False,
    as_json: Json = False,
) -> None:
    """Trade strategies on the real later days and in every world."""
    simulating = {"--simulate": n_simulated, "--family": family, "--compare": compare}
    _refuse_beside_worlds(worlds, {**simulating, "--horizon": horizon})
    settings = configured(
        StudySettings,
        file=config,
        data=data,
        sample=sample,
        query=query,
        date_column=date_column,
        date_format=date_format,
        until=until,
        strategy=_names(strategy),
        worlds=worlds,
        n_paths=n_simulated,
        family=family,
        compare=_names(compare),
        horizon=horizon,
        rebalance=rebalance,
        costs=costs,
        seed=seed,
    )
    if not settings.strategy:
        settings = replace(settings, strategy=STRATEGIES)
    _study(settings, "backtest", out=out, force=force, csv=csv, as_json=as_json)


def _refuse_beside_worlds(worlds: str | None, given: Mapping[str, object]) -> None:
    idle = [name for name, value in given.items() if value is not None]
    if worlds is not None and idle:
        raise ConfigError(f"{idle[0]} means nothing beside --worlds; leave one of them out")


def _names(text: str | None) -> tuple[str, ...] | None:
    return None if text is None else tuple(name.strip() for name in text.split(","))


def _study(settings: StudySettings, verb: str, **how: Any) -> None:  # noqa: ANN401
    from scenara.finance.study import run_study

    one_source(settings.data, settings.sample)
    as_json = how.pop("as_json")
    with progress_bars() as progress:
        result = run_study(settings, command=f"scenara finance {verb}", progress=progress, **how)
    print_result(result.summary, as_json=as_json)
