"""The risk job, from prices to report: simulate, measure, part among assets, backtest."""

from dataclasses import asdict
from pathlib import Path
from typing import Any, Self

import numpy as np
import pandas as pd
from sklearn.base import clone

from scenara.finance.market.families import make_simulator
from scenara.finance.market.naming import used_family
from scenara.finance.market.risk.contributions import risk_contributions
from scenara.finance.market.risk.measures import portfolio_risk
from scenara.finance.market.risk.models import (
    HistoricalSimulation,
    RiskModel,
    WorldsRisk,
    default_models,
)
from scenara.finance.market.risk.report import RiskJob, risk_report, worlds_name
from scenara.finance.market.risk.rolling import rolling_risk
from scenara.finance.market.scenarios.holdings import holding_weights, named
from scenara.finance.market.scenarios.sentences import parse_holding
from scenara.finance.market.simulator import MarketSimulator
from scenara.finance.market.source import MarketData, read_market
from scenara.finance.risk_settings import RiskSettings
from scenara.finance.study_folder import StudyResult, provenance, write_tables
from scenara.shared.errors import DataError
from scenara.shared.generators.series import SeriesGenerator
from scenara.shared.progress import Progress, silent
from scenara.shared.run import Run, run_folder
from scenara.shared.types import FloatArray, RandomState

__all__ = ["run_risk"]

YEAR = 252
"""Days between the fits of worlds in the backtest."""

FEWEST_DAYS = 500
"""Fewest days before the backtest: what filtered models need."""


def run_risk(
    settings: RiskSettings,
    *,
    out: str | Path,
    command: str,
    force: bool = False,
    csv: bool = False,
    progress: Progress = silent,
) -> StudyResult:
    """Measure the risk of a portfolio from today on, and try such forecasts on past days.

    The folder holds ``report.html``, ``metrics.json``, ``run.json``, ``measures.parquet``,
    ``contributions.parquet``, ``backtest.parquet`` and ``forecasts.parquet``.

    Args:
        settings: What to read, simulate and test.
        out: Output folder; it appears whole or not at all.
        command: What was called, for the record.
        force: Replace an output folder that is there.
        csv: Write the tables as CSV too.
        progress: Told how far the job is.

    Returns:
        The path of the report and the main figures.

    Raises:
        ConfigError: A setting is wrong, an asset is unknown, or ``out`` exists and ``force`` is
            not set.
        DataError: The prices are wrong, or too few for the backtest.
        MissingExtraError: The package ``arch`` is not installed.
    """
    make_simulator(settings.family)
    parse_holding(settings.portfolio)
    with run_folder(
        out,
        command=command,
        arguments=asdict(settings),
        seed=settings.seed,
        inputs=[settings.data] if settings.data else [],
        force=force,
    ) as run:
        job = _work(settings, run, command, progress)
        report = risk_report(job)
        report.save(run.folder / "report.html")
        run.write_json("metrics.json", report.metrics)
        _write_tables(job, run.folder, csv=csv)
    return StudyResult(Path(out) / "report.html", _summary(job, Path(out)))


def _work(settings: RiskSettings, run: Run, command: str, progress: Progress) -> RiskJob:
    with run.stage("read"):
        market = read_market(settings, progress=progress)
    run.record["inputs"].setdefault(market.file, market.sha256)
    assets = [str(name) for name in market.returns.columns]
    weights = holding_weights(parse_holding(settings.portfolio), assets)
    models = _models(market)
    with run.stage("simulate"):
        simulator, worlds = _simulated(settings, market, progress)
    if settings.try_worlds and simulator.keeps_state:
        yearly = _Yearly(simulator.generator_)
        models[worlds_name(settings.family)] = WorldsRisk(
            lambda: yearly, random_state=settings.seed
        )
    with run.stage("measure"):
        measures = portfolio_risk(
            worlds, weights, horizons=settings.horizons, levels=settings.levels
        )
        level, horizon = max(settings.levels), min(settings.horizons)
        parts = risk_contributions(worlds, weights, level=level, horizon=horizon)
    with run.stage("backtest"):
        backtest = rolling_risk(
            market.returns,
            weights,
            start=market.later.index[0],
            models=models,
            refit=settings.refit,
            progress=progress,
        )
        table = backtest.table()
    return RiskJob(
        family=settings.family,
        today=pd.Timestamp(market.returns.index[-1]),
        is_from_today=simulator.keeps_state,
        n_paths=settings.n_paths,
        used_family=used_family(simulator),
        portfolio=named(parse_holding(settings.portfolio)),
        weights=pd.Series(weights, assets),
        measures=measures,
        contributions=parts.set_axis(pd.Index(assets)),
        level=level,
        horizon=horizon,
        backtest=backtest,
        table=table,
        provenance=provenance(
            market, run, seed=settings.seed, command=command, notes=_left_out(market)
        ),
    )


def _simulated(
    settings: RiskSettings, market: MarketData, progress: Progress
) -> tuple[MarketSimulator, FloatArray]:
    simulator = MarketSimulator(settings.family, random_state=settings.seed)
    simulator.fit(market.returns, progress=progress)
    worlds = simulator.sample(
        settings.n_paths,
        horizon=max(settings.horizons),
        history="today" if simulator.keeps_state else None,
        random_state=settings.seed,
    )
    return simulator, worlds


def _models(market: MarketData) -> dict[str, RiskModel]:
    """Give the models that have enough days before the backtest."""
    n_days = len(market.train)
    if n_days < FEWEST_DAYS:
        raise DataError(
            f"{market.name}: {n_days} days before the backtest, expected at least {FEWEST_DAYS}; "
            "choose a later --until or give more days"
        )
    return {
        name: model
        for name, model in default_models().items()
        if not isinstance(model, HistoricalSimulation) or model.window <= n_days
    }


class _Yearly:
    """Fit a generator anew when a year has passed since the last fit.

    One that chooses among families is stood in for by the family that it chose.
    """

    def __init__(self, generator: SeriesGenerator) -> None:
        self.generator: SeriesGenerator = clone(getattr(generator, "champion_", generator))
        self.n_days = -YEAR

    def fit(self, data: FloatArray) -> Self:
        if len(data) >= self.n_days + YEAR:
            self.generator.fit(data)
            self.n_days = len(data)
        return self

    def sample(
        self, n: int, *, horizon: int, history: FloatArray, random_state: RandomState
    ) -> FloatArray:
        return self.generator.sample(n, horizon=horizon, history=history, random_state=random_state)


def _left_out(market: MarketData) -> dict[str, str]:
    n_days = len(market.train)
    missing = ", ".join(
        name
        for name, model in default_models().items()
        if isinstance(model, HistoricalSimulation) and model.window > n_days
    )
    return {"Left out": f"{missing}: only {n_days} days before the backtest"} if missing else {}


def _write_tables(job: RiskJob, folder: Path, *, csv: bool) -> None:
    tables = {
        "measures": job.measures.reset_index(),
        "contributions": job.contributions.rename_axis("asset").reset_index(),
        "backtest": job.table.reset_index(),
        "forecasts": job.backtest.daily(),
    }
    write_tables(tables, folder, csv=csv)


def _summary(job: RiskJob, out: Path) -> dict[str, Any]:
    found = job.measures["estimate"].loc[job.horizon]
    days = "1 day" if job.horizon == 1 else f"{job.horizon} days"
    verdicts = {
        f"backtest of {model}": "; ".join(
            f"{100 * float(str(tail)):g} % {word}"
            for tail, word in job.table.xs(model, level="model")["verdict"].items()
        )
        for model in job.tested
    }
    return {
        **{
            f"{measure} {100 * job.level:g} %, {days}": f"{100 * found[measure, job.level]:.2f} %"
            for measure in ("VaR", "ES")
        },
        **verdicts,
        "largest component": str(
            np.asarray(job.contributions.index)[int(job.contributions["component_es"].argmax())]
        ),
        "report": str(out / "report.html"),
    }
