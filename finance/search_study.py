"""The strategy search, from prices to report: simulate, try settings, judge luck, write down."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from scenara.finance.market.families import make_simulator, simulate
from scenara.finance.market.source import MarketData, read_market
from scenara.finance.portfolio.factory import StrategySearch, read_grid, search_strategy
from scenara.finance.portfolio.factory.grid import Values, grid_settings, search_spaces
from scenara.finance.portfolio.factory.job import SearchJob, judge_search
from scenara.finance.portfolio.factory.report import search_report
from scenara.finance.portfolio.factory.result import SIDES
from scenara.finance.portfolio.factory.search import longest_lookback
from scenara.finance.portfolio.factory.wording import write_figure
from scenara.finance.search_settings import SearchSettings
from scenara.finance.study import DAYS_BEFORE
from scenara.finance.study_folder import StudyResult, provenance, write_tables
from scenara.shared.generators.series import Worlds
from scenara.shared.progress import Progress, silent
from scenara.shared.run import Run, run_folder

__all__ = ["run_search"]


def run_search(
    settings: SearchSettings,
    *,
    out: str | Path,
    command: str,
    force: bool = False,
    csv: bool = False,
    progress: Progress = silent,
) -> StudyResult:
    """Try settings of a strategy on real days and in worlds, and write the folder.

    The folder holds ``report.html``, ``metrics.json``, ``run.json``, ``trials.parquet`` (a row each
    setting), ``returns.parquet`` (real returns of each, by day) and ``worlds.parquet`` (the
    objective of each in every world).

    Args:
        settings: What to read, simulate and try.
        out: Output folder; it appears whole or not at all.
        command: What was called, for the record.
        force: Replace an output folder that is there.
        csv: Write the tables as CSV too.
        progress: Told how far the job is.

    Returns:
        The path of the report and the main figures.

    Raises:
        ConfigError: A setting is wrong, or ``out`` exists and ``force`` is not set.
        DataError: The prices are wrong.
        MissingExtraError: Settings are drawn and Optuna is not installed.
    """
    grid = _refuse_unknown(settings)
    with run_folder(
        out,
        command=command,
        arguments=asdict(settings),
        seed=settings.seed,
        inputs=[settings.data] if settings.data else [],
        force=force,
    ) as run:
        job = _work(settings, grid, run, command, progress)
        report = search_report(job)
        report.save(run.folder / "report.html")
        run.write_json("metrics.json", report.metrics)
        _write_tables(job.search, run.folder, csv=csv)
    return StudyResult(Path(out) / "report.html", _summary(job, Path(out)))


def _refuse_unknown(settings: SearchSettings) -> dict[str, Values]:
    """Refuse wrong names and values before minutes are spent; give how settings vary."""
    make_simulator(settings.family)
    grid = read_grid(settings.grid)
    if settings.trials:
        search_spaces(grid)
    else:
        grid_settings(grid)
    longest_lookback(settings.strategy, grid)
    return grid


def _work(
    settings: SearchSettings,
    grid: Mapping[str, Values],
    run: Run,
    command: str,
    progress: Progress,
) -> SearchJob:
    with run.stage("read"):
        market = read_market(settings, progress=progress)
    run.record["inputs"].setdefault(market.file, market.sha256)
    n_past = max(DAYS_BEFORE, longest_lookback(settings.strategy, grid))
    with run.stage("simulate"):
        made = simulate(
            market.train,
            settings.family,
            n_paths=settings.n_paths,
            horizon=settings.horizon,
            seed=settings.seed,
            n_past=n_past,
            progress=progress,
        )
    with run.stage("search"):
        search = _search(settings, grid, market, made.worlds, progress)
    with run.stage("luck"):
        luck = judge_search(search, rebalance=settings.rebalance, seed=settings.seed)
    return SearchJob(
        search=search,
        luck=luck,
        family=settings.family,
        n_paths=settings.n_paths,
        horizon=settings.horizon,
        real_period=(market.later.index[0], market.later.index[-1]),
        train_period=(market.train.index[0], market.train.index[-1]),
        rebalance=settings.rebalance,
        costs=settings.costs,
        drawn=settings.trials > 0,
        provenance=provenance(market, run, seed=settings.seed, command=command),
    )


def _search(
    settings: SearchSettings,
    grid: Mapping[str, Values],
    market: MarketData,
    worlds: Worlds,
    progress: Progress,
) -> StrategySearch:
    simple = np.expm1(worlds.paths)
    return search_strategy(
        settings.strategy,
        grid,
        real=pd.DataFrame(np.expm1(market.later)),
        history=pd.DataFrame(np.expm1(market.train)),
        worlds=simple[:, worlds.n_past :],
        past=simple[:, : worlds.n_past],
        rebalance=settings.rebalance,
        costs=settings.costs,
        objective=settings.objective,
        n_trials=settings.trials or None,
        random_state=settings.seed,
        progress=progress,
    )


def _write_tables(search: StrategySearch, folder: Path, *, csv: bool) -> None:
    trials = search.table.copy()
    for name in search.settings[0]:
        trials[name] = [repr(settings[name]) for settings in search.settings]
    worlds = pd.DataFrame(search.worlds, columns=list(search.real.index))
    tables = {
        "trials": trials.rename_axis("setting").reset_index(),
        "returns": search.returns.rename_axis("date").reset_index(),
        "worlds": worlds.rename_axis("path").reset_index(),
    }
    write_tables(tables, folder, csv=csv)


def _summary(job: SearchJob, out: Path) -> dict[str, Any]:
    search, agreement = job.search, job.search.rank_agreement
    found: dict[str, Any] = {
        "settings tried": search.n_trials,
        "rank agreement": "unknown" if np.isnan(agreement) else round(agreement, 3),
    }
    for side in SIDES:
        pick = search.pick(side)
        real, worlds = (write_figure(search.objective, v) for v in (pick.real, pick.median))
        found[f"pick of {side}"] = (
            f"{pick.setting}: {real} real (rank {pick.real_rank}), {worlds} in worlds "
            f"(rank {pick.worlds_rank})"
        )
    if job.luck is not None:
        found["luck"] = job.luck.verdict.sentence
    return {**found, "report": str(out / "report.html")}
