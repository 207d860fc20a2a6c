"""The market job, from prices to report: fit, simulate, judge, trade, write down."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from scenara.finance.luck import judge_luck
from scenara.finance.market.certificate import Certificate
from scenara.finance.market.families import (
    CERTIFICATE,
    Simulated,
    certify_all,
    family_scores,
    make_simulator,
    simulate,
)
from scenara.finance.market.luck_findings import LuckFindings
from scenara.finance.market.luck_section import describe_luck
from scenara.finance.market.report import market_report
from scenara.finance.market.results import MarketJob, MarketScores, StrategyOutcome
from scenara.finance.market.scorecard import WINDOW, load_floor, noise_floor
from scenara.finance.market.source import MarketData, read_market
from scenara.finance.outcomes import sheet_stems, trade, write_tear_sheets
from scenara.finance.portfolio import (
    LookAheadReport,
    Strategy,
    check_look_ahead,
    parse_strategies,
)
from scenara.finance.portfolio.strategies.files import blame_files
from scenara.finance.settings import StudySettings
from scenara.finance.study_folder import StudyResult, provenance, write_tables
from scenara.finance.trading import describe_trading, read_rebalancing, trading_of
from scenara.shared.errors import ConfigError, DataError
from scenara.shared.evaluation import NoiseFloor
from scenara.shared.generators.series import Worlds, read_worlds, write_worlds
from scenara.shared.progress import Progress, silent
from scenara.shared.run import Run, redacted, run_folder

__all__ = ["run_study"]

DAYS_BEFORE = 252
"""Days that are simulated before each world, so that strategies can look back from its start."""

_LOOKING_BACK = (
    "A strategy that looks back estimates from the days before a world or a real window; where a "
    "world has none, it holds equal weights until it has seen enough days."
)

_HIGHEST_EDGE = 20

FILE_WORLDS = "worlds"
"""Name under which worlds of unknown origin are judged."""


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
    ``scores.parquet``, the fitted ``generator``, and with strategies ``outcomes.parquet`` and their
    tear sheets.

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
        DataError: The prices or the worlds are wrong, or a strategy that was to be checked knows
            what it can't.
    """
    strategies = _refuse_unknown(settings)
    with run_folder(
        out,
        command=command,
        arguments=asdict(settings),
        seed=settings.seed,
        inputs=[path for path in (settings.data, settings.worlds) if path],
        force=force,
    ) as run:
        with blame_files():
            job = _work(settings, strategies, run, command, progress)
        report = market_report(job)
        report.save(run.folder / "report.html")
        run.write_json("metrics.json", report.metrics)
        _write_tables(job, run.folder, csv=csv)
    return StudyResult(Path(out) / "report.html", _summary(job, Path(out)))


def _refuse_unknown(settings: StudySettings) -> dict[str, Strategy]:
    """Refuse wrong names before minutes are spent on the right ones; give the strategies."""
    for family in (settings.family, *settings.compare):
        make_simulator(family)
    trading_of(settings)
    if settings.edge > _HIGHEST_EDGE and settings.luck_worlds:
        raise ConfigError(
            f"edge: expected a Sharpe ratio of at most {_HIGHEST_EDGE} a year, which is about what "
            f"the signs of days can hold; found {settings.edge:g}"
        )
    return dict(parse_strategies(",".join(settings.strategy))) if settings.strategy else {}


def _refuse_too_long(settings: StudySettings, market: MarketData) -> None:
    if settings.strategy and settings.worlds is None and settings.horizon > len(market.later):
        raise DataError(
            f"{market.name}: a world of {settings.horizon} days is longer than the "
            f"{len(market.later)} later days; choose a shorter --horizon or an earlier --until"
        )


def _work(
    settings: StudySettings,
    strategies: Mapping[str, Strategy],
    run: Run,
    command: str,
    progress: Progress,
) -> MarketJob:
    with run.stage("read"):
        market = read_market(settings, progress=progress)
        _refuse_too_long(settings, market)
    with run.stage("look-ahead"):
        look_ahead = _check_look_ahead(settings, strategies, market, progress)
    with run.stage("simulate"):
        n_past = max([DAYS_BEFORE, *(strategy.lookback for strategy in strategies.values())])
        simulated = _simulate_all(settings, market, n_past, progress)
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
        outcomes = _trade_all(settings, strategies, market, made, progress)
    with run.stage("luck"):
        luck = _judge_luck(settings, strategies, outcomes, market, made, progress)
    with run.stage("tear sheets"):
        write_tear_sheets(outcomes, run.folder, progress=progress)
    return MarketJob(
        title="Market worlds and backtests" if strategies else "Market worlds",
        family=family,
        train_period=(market.train.index[0], market.train.index[-1]),
        real=market.later,
        worlds=made.worlds.future,
        origin_known=made.generator is not None or "learned_to" in made.worlds.origin,
        scores=scores,
        strategies=outcomes,
        luck=luck,
        look_ahead=look_ahead,
        assumptions=(*describe_trading(settings), _LOOKING_BACK),
        provenance=provenance(
            market, run, seed=settings.seed, command=command, notes=_given_worlds(settings)
        ),
        certificates=certificates,
    )


def _write_worlds(
    folder: Path, market: MarketData, made: Simulated, certificate: Certificate | None
) -> None:
    learned = {"data": market.sha256, "learned_to": f"{market.train.index[-1]:%Y-%m-%d}"}
    known = {CERTIFICATE: certificate.to_json()} if certificate else {}
    origin = {**made.worlds.origin, **(learned if made.generator else {}), **known}
    write_worlds(folder / "worlds.parquet", replace(made.worlds, origin=origin))


def _check_look_ahead(
    settings: StudySettings,
    strategies: Mapping[str, Strategy],
    market: MarketData,
    progress: Progress,
) -> tuple[LookAheadReport, ...]:
    """Check each strategy over the later days, and refuse those that know too much."""
    if not settings.check_lookahead:
        return ()
    real, found = _simple(market.returns), []
    for done, (name, strategy) in enumerate(strategies.items(), start=1):
        start = max(len(market.train) - max(strategy.lookback, 1), 0)
        found.append(
            check_look_ahead(
                strategy,
                real.iloc[start:],
                name=name,
                n_history=len(market.train) - start,
                rebalance=read_rebalancing(settings.rebalance),
                seed=settings.seed,
            )
        )
        progress("look-ahead", done, len(strategies), name)
    failed = [report.sentence for report in found if not report.passed]
    if failed:
        raise DataError("; ".join(failed))
    return tuple(found)


def _simple(log_returns: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(np.expm1(log_returns))


def _simulate_all(
    settings: StudySettings, market: MarketData, n_past: int, progress: Progress
) -> dict[str, Simulated]:
    if settings.worlds is not None:
        worlds = _read_worlds(settings, market)
        return {worlds.origin.get("family", FILE_WORLDS): Simulated(worlds)}
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
    settings: StudySettings,
    strategies: Mapping[str, Strategy],
    market: MarketData,
    made: Simulated,
    progress: Progress,
) -> dict[str, StrategyOutcome]:
    if not strategies:
        return {}

    def report(stage: str, done: int, total: int, note: str = "") -> None:
        progress(f"{stage} {name}", done, total, note)

    n_past, outcomes = made.worlds.n_past, {}
    stems = sheet_stems(strategies) if settings.tear_sheets else {}
    simple, real = np.expm1(made.worlds.paths), _simple(market.returns)
    for name, strategy in strategies.items():
        outcomes[name] = trade(
            name,
            strategy,
            simple[:, n_past:],
            real,
            past=simple[:, :n_past] if n_past else None,
            first_day=market.later.index[0],
            tear_sheets=stems.get(name, ""),
            progress=report,
            **trading_of(settings),
        )
    return outcomes


def _judge_luck(
    settings: StudySettings,
    strategies: Mapping[str, Strategy],
    outcomes: Mapping[str, StrategyOutcome],
    market: MarketData,
    made: Simulated,
    progress: Progress,
) -> LuckFindings | None:
    if not strategies:
        return None
    return judge_luck(
        strategies,
        outcomes,
        np.expm1(made.worlds.paths),
        _simple(market.later),
        n_tried_before=settings.trials,
        edge=settings.edge,
        n_worlds=settings.luck_worlds,
        seed=settings.seed,
        progress=progress,
        cash=settings.cash_rate / 252,
        **trading_of(settings),
    )


def _given_worlds(settings: StudySettings) -> dict[str, str]:
    return {"Worlds": redacted(settings.worlds)} if settings.worlds else {}


def _write_tables(job: MarketJob, folder: Path, *, csv: bool) -> None:
    tables = {"scores": job.scores.measures.rename_axis("measure").reset_index()}
    if job.strategies:
        outcomes = {name: outcome.worlds for name, outcome in job.strategies.items()}
        tables["outcomes"] = pd.concat(outcomes, names=["strategy", "path"]).reset_index()
    write_tables(tables, folder, csv=csv)


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
    luck = {} if job.luck is None else {"luck": describe_luck(job.luck)}
    honest = {"look-ahead": "no sign in any strategy"} if job.look_ahead else {}
    return {
        "family": job.used_family,
        **verdicts,
        "worlds": f"{job.n_paths:,} x {job.horizon} days x {job.real.shape[1]} assets",
        **{f"score {name}": round(job.scores.score(str(name)), 3) for name in totals.index},
        **medians,
        **luck,
        **honest,
        "report": str(out / "report.html"),
    }
