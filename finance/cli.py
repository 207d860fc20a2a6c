"""``scenara finance``: each command has its options and names the function that does its job."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from scenara.finance.settings import STRATEGIES, StudySettings
from scenara.shared.commands import Job, SourceOptions, job_command, names
from scenara.shared.console import Config, Force, Json, Out, Seed, new_app, one_source
from scenara.shared.errors import ConfigError

if TYPE_CHECKING:
    from scenara.finance.study import StudyResult

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


@dataclass(frozen=True)
class _Prices(SourceOptions):
    date_column: DateColumn = None
    date_format: DateFormat = None
    until: Until = None


@dataclass(frozen=True)
class _StudyOptions:
    config: Config = None
    force: Force = False
    csv: Csv = False
    as_json: Json = False


@job_command(app, "scenara finance simulate", source=_Prices, running=_StudyOptions)
def simulate(
    family: Family = None,
    compare: Compare = None,
    n_paths: NPaths = None,
    horizon: Horizon = None,
    out: Out = Path("simulation"),
    seed: Seed = None,
) -> Job:
    """Fit a market simulator on real prices, write worlds, judge them against later days."""
    return Job(_study, StudySettings, compare=names(compare))


@job_command(app, "scenara finance backtest", source=_Prices, running=_StudyOptions)
def backtest(
    strategy: Annotated[
        str | None,
        typer.Option(help=_default("Strategies, with commas", ",".join(STRATEGIES))),
    ] = None,
    worlds: Annotated[
        str | None, typer.Option(help="Worlds to trade in, from scenara finance simulate.")
    ] = None,
    n_paths: Annotated[
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
) -> Job:
    """Trade strategies on the real later days and in every world."""
    simulating = {"--simulate": n_paths, "--family": family, "--compare": compare}
    _refuse_beside_worlds(worlds, {**simulating, "--horizon": horizon})
    return Job(_backtest, StudySettings, strategy=names(strategy), compare=names(compare))


def _refuse_beside_worlds(worlds: str | None, given: Mapping[str, object]) -> None:
    idle = [name for name, value in given.items() if value is not None]
    if worlds is not None and idle:
        raise ConfigError(f"{idle[0]} means nothing beside --worlds; leave one of them out")


def _backtest(settings: StudySettings, **how: Any) -> "StudyResult":  # noqa: ANN401
    return _study(replace(settings, strategy=settings.strategy or STRATEGIES), **how)


def _study(settings: StudySettings, **how: Any) -> "StudyResult":  # noqa: ANN401
    from scenara.finance.study import run_study

    one_source(settings.data, settings.sample)
    return run_study(settings, **how)
