"""The scenario job, from prices to report: fit, ask, compare with all worlds, write down."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from scenara.finance.market.families import make_simulator
from scenara.finance.market.naming import used_family
from scenara.finance.market.scenarios.covariates import (
    MacroPanel,
    join_covariates,
    read_covariates,
)
from scenara.finance.market.scenarios.historical import Replay, like_episode, replay
from scenara.finance.market.scenarios.holdings import Holding, members
from scenara.finance.market.scenarios.job import ScenarioJob
from scenara.finance.market.scenarios.path_events import AllOf, PathEvent
from scenara.finance.market.scenarios.report import scenario_report
from scenara.finance.market.scenarios.sentences import parse_event, parse_holding
from scenara.finance.market.source import MarketData, read_market
from scenara.finance.scenario_settings import ScenarioSettings
from scenara.finance.study_folder import StudyResult, provenance, write_tables
from scenara.shared.errors import ConfigError, DataError
from scenara.shared.generators.series import SeriesGenerator, Worlds, write_worlds
from scenara.shared.generators.series.conditions import Conditioned
from scenara.shared.progress import Progress, silent
from scenara.shared.run import Run, redacted, run_folder
from scenara.shared.types import FloatArray

__all__ = ["run_scenario"]

_SHORTEST = 63
_HISTORY = 504


@dataclass(frozen=True)
class _Request:
    """Hold the settings as things of the market."""

    returns: pd.DataFrame
    assets: tuple[str, ...]
    portfolio: Holding
    events: tuple[PathEvent, ...]
    horizon: int
    past: Replay | None
    panel: MacroPanel | None


def run_scenario(
    settings: ScenarioSettings,
    *,
    out: str | Path,
    command: str,
    force: bool = False,
    csv: bool = False,
    progress: Progress = silent,
) -> StudyResult:
    """Run a scenario and write its folder.

    The folder holds ``report.html``, ``metrics.json``, ``run.json``, the fitted ``generator``,
    and, where the request is feasible, ``worlds.parquet`` (the worlds that fulfil it),
    ``assets.parquet`` and ``outcomes.parquet`` (the portfolio's figures by world, in all worlds
    and in the scenario). A request that the model can't fulfil gives a report that says so.

    Args:
        settings: What to read, ask for and simulate.
        out: Output folder; it appears whole or not at all.
        command: What was called, for the record.
        force: Replace an output folder that is there.
        csv: Write the tables as CSV too.
        progress: Told how far it is.

    Returns:
        The path of the report and the main figures.

    Raises:
        ConfigError: A setting is wrong, an event can't be read or can't happen, an asset is
            unknown, or ``out`` exists and ``force`` is not set.
        DataError: The prices or covariates are wrong, or an episode lies outside the data.
    """
    _refuse_stateless(settings)
    for text in settings.event:
        parse_event(text)
    with run_folder(
        out,
        command=command,
        arguments=asdict(settings),
        seed=settings.seed,
        inputs=[path for path in (settings.data, settings.covariates) if path],
        force=force,
    ) as run:
        job = _work(settings, run, command, progress)
        report = scenario_report(job)
        report.save(run.folder / "report.html")
        run.write_json("metrics.json", report.metrics)
        _write_tables(job, run.folder, csv=csv)
    return StudyResult(Path(out) / "report.html", _summary(job, Path(out)))


def _refuse_stateless(settings: ScenarioSettings) -> None:
    """Refuse a start from today by a family that can't, before minutes are spent on a fit."""
    if settings.start == "today" and not make_simulator(settings.family).keeps_state:
        raise ConfigError(
            f"--start today: {settings.family} keeps no state of today; choose --start anywhere, "
            "or a family such as series/fhs"
        )


def _work(settings: ScenarioSettings, run: Run, command: str, progress: Progress) -> ScenarioJob:
    with run.stage("read"):
        market = _market(settings, progress)
        request = _request(settings, market)
        run.record["inputs"].setdefault(market.file, market.sha256)
    with run.stage("fit"):
        generator = _fitted(settings, request, progress)
        generator.save(run.folder / "generator")
    is_from_today = generator.keeps_state and (
        settings.start == "today" or (settings.start == "auto" and not settings.like)
    )
    with run.stage("simulate"):
        history = request.returns.iloc[-_HISTORY:] if is_from_today else None
        free, found, obstacle = _simulated(generator, request, settings, history, progress)
    return ScenarioJob(
        family=used_family(generator),
        portfolio=request.portfolio,
        events=request.events,
        assets=request.assets,
        channels=tuple(generator.channels_),
        free=free,
        found=found,
        obstacle=obstacle,
        period=(request.returns.index[0], request.returns.index[-1]),
        is_from_today=is_from_today,
        provenance=provenance(
            market, run, seed=settings.seed, command=command, notes=_covariates(settings)
        ),
        past=request.past,
        panel=request.panel,
    )


def _simulated(
    generator: SeriesGenerator,
    request: _Request,
    settings: ScenarioSettings,
    history: pd.DataFrame | None,
    progress: Progress,
) -> tuple[FloatArray, Conditioned | None, str]:
    """Give worlds without the request, worlds that fulfil it, and why there are none."""
    n, seed, horizon = settings.n_paths, settings.seed, request.horizon
    given = AllOf(request.events)
    progress("worlds", 0, 2, "all")
    free = generator.sample(n, horizon=horizon, history=history, random_state=seed)
    given.shortfall(free, generator.channels_)
    progress("worlds", 1, 2, "under the request")
    try:
        found = generator.sample_given(
            n, given, horizon=horizon, history=history, random_state=seed + 1
        )
    except DataError as error:
        return free, None, str(error)
    finally:
        progress("worlds", 2, 2)
    return free, found, ""


def _market(settings: ScenarioSettings, progress: Progress) -> MarketData:
    return read_market(replace(settings, until=""), progress=progress)


def _request(settings: ScenarioSettings, market: MarketData) -> _Request:
    returns = _until(market.returns, settings.until)
    assets = tuple(str(name) for name in returns.columns)
    panel = None
    if settings.covariates is not None:
        levels = read_covariates(settings.covariates)
        panel = join_covariates(returns, levels.loc[: returns.index[-1]])
    portfolio = _held(parse_holding(settings.portfolio), panel)
    members(portfolio, assets)
    events = [_event(parse_event(text), panel) for text in settings.event]
    past = None
    if settings.like:
        past = replay(returns, settings.like, portfolio=portfolio)
        asked = like_episode(
            returns, settings.like, portfolio=portfolio, severity=settings.severity
        )
        events += [event for event in asked.events if isinstance(event, PathEvent)]
    horizon = settings.horizon or max([_SHORTEST, *(event.days or 0 for event in events)])
    if settings.loss is not None:
        events.append(PathEvent(portfolio, "return", below=-settings.loss, within=horizon))
    frame = returns if panel is None else panel.frame
    return _Request(frame, assets, portfolio, tuple(events), horizon, past, panel)


def _until(returns: pd.DataFrame, until: str) -> pd.DataFrame:
    if not until:
        return returns
    day = pd.to_datetime(until, errors="coerce")
    if pd.isna(day):
        raise ConfigError(f"--until: expected a date such as 2014-12-31, found {until!r}")
    known = returns[returns.index <= day.tz_localize(pd.DatetimeIndex(returns.index).tz)]
    if day.tz_localize(None) > returns.index[-1].tz_localize(None):
        raise DataError(
            f"--until {until}: the prices end on {returns.index[-1]:%Y-%m-%d}; leave it out to "
            "use all days"
        )
    if known.empty:
        raise DataError(f"--until {until}: the prices begin on {returns.index[0]:%Y-%m-%d}")
    return known


def _held(of: Holding, panel: MacroPanel | None) -> Holding:
    """Leave covariates out of what is held."""
    return of if panel is None else panel.portfolio(of)


def _event(event: PathEvent, panel: MacroPanel | None) -> PathEvent:
    """Take the level of a covariate from its last day, and leave covariates out of the rest."""
    if panel is not None and isinstance(event.of, str) and event.of in panel.changes:
        if event.measure != "level":
            raise ConfigError(f"{event}: ask for the level of a covariate")
        return panel.event(
            event.of,
            below=event.below,
            above=event.above,
            equals=event.equals,
            day=event.day,
            within=event.within,
        )
    return replace(event, of=_held(event.of, panel))


def _fitted(settings: ScenarioSettings, request: _Request, progress: Progress) -> SeriesGenerator:
    generator = make_simulator(settings.family)
    if "random_state" in generator.get_params():
        generator.set_params(random_state=settings.seed)
    return generator.fit(request.returns, progress=progress)


def _covariates(settings: ScenarioSettings) -> dict[str, str]:
    return {"Covariates": redacted(settings.covariates)} if settings.covariates else {}


def _write_tables(job: ScenarioJob, folder: Path, *, csv: bool) -> None:
    if job.found is None:
        return
    origin = {
        "family": job.family,
        "given": str(AllOf(job.events)),
        "seed": str(job.provenance.seed),
    }
    write_worlds(
        folder / "worlds.parquet",
        Worlds(job.found.paths, list(job.channels), 0, {**origin, "data": job.provenance.sha256}),
    )
    tables = {
        "assets": job.moved.reset_index(),
        "outcomes": pd.concat(job.figures, names=["worlds", "path"]).reset_index(),
    }
    write_tables(tables, folder, csv=csv)


def _summary(job: ScenarioJob, out: Path) -> Mapping[str, Any]:
    asked = {"asked": str(AllOf(job.events)), "report": str(out / "report.html")}
    if job.found is None:
        return {"feasible": False, "obstacle": job.obstacle, **asked}
    middle = {name: float(table["return"].median()) for name, table in job.figures.items()}
    return {
        "worlds": f"{len(job.found.paths):,} x {job.horizon} days x {len(job.assets)} assets",
        "chance": float(f"{job.found.probability:.3g}"),
        "effective size": round(job.found.effective_size),
        "median return": round(middle["scenario"], 4),
        "median return of all worlds": round(middle["free"], 4),
        **asked,
    }
