"""The market job, from prices to report: fit, simulate, judge, trade, write down."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from scenara.finance.market.certificate import Certificate
from scenara.finance.market.families import (
    CERTIFICATE,
    Simulated,
    certify_all,
    family_scores,
    make_simulator,
    simulate,
)
from scenara.finance.market.report import market_report
from scenara.finance.market.results import MarketJob, MarketScores, Provenance, StrategyOutcome
from scenara.finance.market.scorecard import WINDOW, load_floor, noise_floor
from scenara.finance.market.source import MarketData, read_market, weekdays_without_prices
from scenara.finance.outcomes import trade, write_tear_sheets
from scenara.finance.portfolio import make_strategy
from scenara.finance.settings import StudySettings
from scenara.shared.errors import DataError
from scenara.shared.evaluation import NoiseFloor
from scenara.shared.generators.series import Worlds, read_worlds, write_worlds
from scenara.shared.progress import Progress, silent
from scenara.shared.run import Run, redacted, run_folder

__all__ = ["StudyResult", "run_study"]

DAYS_BEFORE = 252
"""Days that are simulated before each world, so that strategies can look back from its start."""

FILE_WORLDS = "worlds"
"""Name under which worlds of unknown origin are judged."""


@dataclass(frozen=True)
class StudyResult:
    """Hold where a study's report stands, and its main figures.

    Args:
        report: Path of the report.
        summary: Name -> figure, ready for JSON.
    """

    report: Path
    summary: Mapping[str, Any]


def run_study(
    settings: StudySettings,
    *,
    out: str | Path,
    command: str,
    force: bool = False,
    csv: bool = False,
    progress: Progress = silent,
) -> StudyResult:
    """Run a market study and write its folder.

    The folder holds ``report.html``, ``metrics.json``, ``run.json``, ``worlds.parquet``,
    ``scores.parquet``, the fitted ``generator``, and with strategies ``outcomes.parquet`` and one
    tear sheet each.

    Args:
        settings: What to read, simulate, judge and trade.
        out: Output folder; it appears whole or not at all.
        command: What was called, for the record.
        force: Replace an output folder that is there.
        csv: Write the tables as CSV too.
        progress: Told how far the study is.

    Returns:
        The path of the report and the main figures.

    Raises:
        ConfigError: A setting is wrong, or ``out`` exists and ``force`` is not set.
        DataError: The prices or the worlds are wrong.
    """
    _refuse_unknown(settings)
    with run_folder(
        out,
        command=command,
        arguments=asdict(settings),
        seed=settings.seed,
        inputs=[path for path in (settings.data, settings.worlds) if path],
        force=force,
    ) as run:
        job = _work(settings, run, command, progress)
        report = market_report(job)
        report.save(run.folder / "report.html")
        run.write_json("metrics.json", report.metrics)
        _write_tables(job, run.folder, csv=csv)
    return StudyResult(Path(out) / "report.html", _summary(job, Path(out)))


def _refuse_unknown(settings: StudySettings) -> None:
    """Refuse wrong names before minutes are spent on the right ones."""
    for family in (settings.family, *settings.compare):
        make_simulator(family)
    for name in settings.strategy:
        make_strategy(name)


def _refuse_too_long(settings: StudySettings, market: MarketData) -> None:
    if settings.strategy and settings.worlds is None and settings.horizon > len(market.later):
        raise DataError(
            f"{market.name}: a world of {settings.horizon} days is longer than the "
            f"{len(market.later)} later days; choose a shorter --horizon or an earlier --until"
        )


def _work(settings: StudySettings, run: Run, command: str, progress: Progress) -> MarketJob:
    with run.stage("read"):
        market = read_market(settings, progress=progress)
        _refuse_too_long(settings, market)
    with run.stage("simulate"):
        simulated = _simulate_all(settings, market, progress)
    with run.stage("certify"):
        certificates = certify_all(market, simulated, seed=settings.seed, progress=progress)
    family, made = next(iter(simulated.items()))
    if made.generator is not None:
        made.generator.save(run.folder / "generator")
    run.record["inputs"].setdefault(market.file, market.sha256)
    _write_worlds(run.folder, market, made, certificates.get(family))
    with run.stage("judge"):
        scores = _judge(settings, market, simulated, progress)
    with run.stage("backtest"):
        strategies = _trade_all(settings, market, made, progress)
    with run.stage("tear sheets"):
        write_tear_sheets(strategies, run.folder, progress=progress)
    return MarketJob(
        title="Market worlds and backtests" if strategies else "Market worlds",
        family=family,
        train_period=(market.train.index[0], market.train.index[-1]),
        real=market.later,
        worlds=made.worlds.future,
        origin_known=made.generator is not None or "learned_to" in made.worlds.origin,
        scores=scores,
        strategies=strategies,
        assumptions=_assumptions(settings),
        provenance=_provenance(settings, market, run, command),
        certificates=certificates,
    )


def _write_worlds(
    folder: Path, market: MarketData, made: Simulated, certificate: Certificate | None
) -> None:
    learned = {"data": market.sha256, "learned_to": f"{market.train.index[-1]:%Y-%m-%d}"}
    known = {CERTIFICATE: certificate.to_json()} if certificate else {}
    origin = {**made.worlds.origin, **(learned if made.generator else {}), **known}
    write_worlds(folder / "worlds.parquet", replace(made.worlds, origin=origin))


def _simulate_all(
    settings: StudySettings, market: MarketData, progress: Progress
) -> dict[str, Simulated]:
    if settings.worlds is not None:
        worlds = _read_worlds(settings, market)
        return {worlds.origin.get("family", FILE_WORLDS): Simulated(worlds)}
    n_past = max([DAYS_BEFORE, *(make_strategy(name).lookback for name in settings.strategy)])
    return {
        family: simulate(
            market.train,
            family,
            n_paths=settings.n_paths,
            horizon=settings.horizon,
            seed=settings.seed,
            n_past=n_past,
            progress=progress,
        )
        for family in dict.fromkeys((settings.family, *settings.compare))
    }


def _read_worlds(settings: StudySettings, market: MarketData) -> Worlds:
    assert settings.worlds is not None
    worlds = read_worlds(settings.worlds)
    assets = [str(name) for name in market.later.columns]
    if worlds.channels != assets:
        raise DataError(
            f"{settings.worlds}: expected worlds of the assets {assets}, found "
            f"{worlds.channels}; simulate them from the same prices"
        )
    learned_to = worlds.origin.get("learned_to")
    if learned_to and pd.Timestamp(learned_to) >= market.later.index[0].tz_localize(None):
        raise DataError(
            f"{settings.worlds}: these worlds were learned from days up to {learned_to}, so the "
            f"days from {market.later.index[0]:%Y-%m-%d} on can't judge them; pass "
            f"--until {learned_to}"
        )
    return worlds


def _judge(
    settings: StudySettings,
    market: MarketData,
    simulated: Mapping[str, Simulated],
    progress: Progress,
) -> MarketScores:
    n_days = min(made.worlds.paths.shape[1] for made in simulated.values())
    length = min(WINDOW, n_days, len(market.later) // 2)
    floor = _floor(settings, market, length, progress)
    return family_scores(market, simulated, length=length, floor=floor, progress=progress)


def _floor(
    settings: StudySettings, market: MarketData, length: int, progress: Progress
) -> NoiseFloor:
    if settings.sample == "sp500" and length == WINDOW:
        return load_floor("sp500")
    return noise_floor(market.returns, length=length, progress=progress)


def _trade_all(
    settings: StudySettings, market: MarketData, made: Simulated, progress: Progress
) -> dict[str, StrategyOutcome]:
    def report(stage: str, done: int, total: int, note: str = "") -> None:
        progress(f"{stage} {name}", done, total, note)

    simple = np.expm1(made.worlds.paths) if settings.strategy else made.worlds.paths
    n_past, real = made.worlds.n_past, pd.DataFrame(np.expm1(market.returns))
    outcomes = {}
    for name in settings.strategy:
        outcomes[name] = trade(
            name,
            simple[:, n_past:],
            real,
            past=simple[:, :n_past] if n_past else None,
            first_day=market.later.index[0],
            rebalance=settings.rebalance,
            costs=settings.costs,
            tear_sheet=f"tear-sheet-{name}.html",
            progress=report,
        )
    return outcomes


def _assumptions(settings: StudySettings) -> tuple[str, ...]:
    return (
        (
            f"Trades every {settings.rebalance} days, at costs of {1e4 * settings.costs:g} basis "
            "points of the value traded, the first purchase included."
        ),
        "Cash earns nothing; no taxes, no market impact.",
        (
            "A strategy that looks back estimates from the days before a world or a real window; "
            "where a world has none, it holds equal weights until it has seen enough days."
        ),
    )


def _provenance(settings: StudySettings, market: MarketData, run: Run, command: str) -> Provenance:
    return Provenance(
        data=market.name,
        file=market.file,
        sha256=market.sha256,
        seed=settings.seed,
        command=command,
        versions=run.record["versions"],
        durations=run.durations,
        notes={
            "Weekdays without prices": weekdays_without_prices(market.returns.index),
            **({"Worlds": redacted(settings.worlds)} if settings.worlds else {}),
        },
    )


def _write_tables(job: MarketJob, folder: Path, *, csv: bool) -> None:
    tables = {"scores": job.scores.measures.rename_axis("measure").reset_index()}
    if job.strategies:
        outcomes = {name: outcome.worlds for name, outcome in job.strategies.items()}
        tables["outcomes"] = pd.concat(outcomes, names=["strategy", "path"]).reset_index()
    for name, table in tables.items():
        table.to_parquet(folder / f"{name}.parquet", index=False)
        if csv:
            table.to_csv(folder / f"{name}.csv", index=False)


def _summary(job: MarketJob, out: Path) -> dict[str, Any]:
    totals = job.scores.scores.loc["ALL"]
    medians = {
        f"median sharpe {name}": round(float(outcome.worlds["sharpe"].median()), 3)
        for name, outcome in job.strategies.items()
    }
    verdicts = {
        "certificate" if family == job.family else f"certificate {family}": found.sentence
        for family, found in job.certificates.items()
    }
    return {
        "family": job.used_family,
        **verdicts,
        "worlds": f"{job.n_paths:,} x {job.horizon} days x {job.real.shape[1]} assets",
        **{f"score {name}": round(job.scores.score(str(name)), 3) for name in totals.index},
        **medians,
        "report": str(out / "report.html"),
    }
