"""The forecast job, from prices to report: fit, forecast, try on past days, write down."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from scenara.finance.forecast_settings import ForecastSettings
from scenara.finance.market.families import make_simulator
from scenara.finance.market.forecasts.augmentation import AugmentedForecasts, augmented_forecasts
from scenara.finance.market.forecasts.base import Forecaster
from scenara.finance.market.forecasts.garch import GarchForecaster
from scenara.finance.market.forecasts.har import HarForecaster
from scenara.finance.market.forecasts.quantities import Quantities
from scenara.finance.market.forecasts.report import forecast_report
from scenara.finance.market.forecasts.results import REFERENCE, ForecastJob
from scenara.finance.market.forecasts.rolling import ForecastScores, Origins, roll_all
from scenara.finance.market.forecasts.tables import compare, coverage
from scenara.finance.market.forecasts.trees import QuantileForecaster
from scenara.finance.market.forecasts.worlds import WorldForecaster
from scenara.finance.market.scenarios.holdings import (
    EQUAL_WEIGHT,
    Holding,
    holding_weights,
    members,
)
from scenara.finance.market.scenarios.sentences import parse_holding
from scenara.finance.market.source import MarketData, read_market
from scenara.finance.study_folder import StudyResult, provenance, write_tables
from scenara.shared.errors import DataError
from scenara.shared.progress import Progress, silent
from scenara.shared.run import Run, run_folder
from scenara.shared.types import FloatArray

__all__ = ["run_forecast"]

TREES, REPEATS, WORLDS = "trees", "trees + repeats", "trees + worlds"
BLOCK_DAYS = 63
FEWEST_FORECASTS = 30


def run_forecast(
    settings: ForecastSettings,
    *,
    out: str | Path,
    command: str,
    force: bool = False,
    csv: bool = False,
    progress: Progress = silent,
) -> StudyResult:
    """Forecast the coming days, and try such forecasts on past ones beside baselines.

    The folder holds ``report.html``, ``metrics.json``, ``run.json``, ``forecast.parquet`` (draws
    of each quantity), ``scores.parquet`` and ``coverage.parquet``.

    Args:
        settings: What to read and forecast.
        out: Output folder; it appears whole or not at all.
        command: What was called, for the record.
        force: Replace an output folder that is there.
        csv: Write the tables as CSV too.
        progress: Told how far the job is.

    Returns:
        The path of the report and the main figures.

    Raises:
        ConfigError: A setting is wrong, or ``out`` exists and ``force`` is not set.
        DataError: The prices are wrong, or too few for the trial.
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
        report = forecast_report(job)
        report.save(run.folder / "report.html")
        run.write_json("metrics.json", report.metrics)
        _write_tables(job, run.folder, csv=csv)
    return StudyResult(Path(out) / "report.html", _summary(job, Path(out)))


def _work(settings: ForecastSettings, run: Run, command: str, progress: Progress) -> ForecastJob:
    with run.stage("read"):
        market = read_market(settings, progress=progress)
        quantities = _quantities(settings, market)
    run.record["inputs"].setdefault(market.file, market.sha256)
    models = _models(settings, quantities)
    origins = Origins(len(market.train) - 1, refit_every=settings.refit_every, every=settings.every)
    _refuse_few(origins.days(market.returns, quantities), market)
    with run.stage("try"):
        scores = roll_all(
            market.returns,
            models,
            origins=origins,
            n_draws=settings.n_draws,
            random_state=settings.seed,
            progress=progress,
        )
    with run.stage("compare"):
        compared = compare(
            scores,
            quantities,
            reference=REFERENCE,
            every=settings.every,
            random_state=settings.seed,
        )
    with run.stage("forecast"):
        paths = _coming(settings, quantities, market.returns)
    return ForecastJob(
        family=settings.family,
        ours=_ours(settings),
        quantities=quantities,
        today=market.returns.index[-1],
        paths=paths,
        scores=scores,
        compared=compared,
        covered=coverage(scores, quantities),
        days=origins.days(market.returns, quantities),
        every=settings.every,
        refit_every=settings.refit_every,
        augmented=_augmented(settings, scores),
        provenance=provenance(market, run, seed=settings.seed, command=command),
    )


def _refuse_few(days: pd.DatetimeIndex, market: MarketData) -> None:
    if len(days) < FEWEST_FORECASTS:
        raise DataError(
            f"{market.name}: {len(days)} forecasts to judge by, expected at least "
            f"{FEWEST_FORECASTS}; choose an earlier --until, a smaller --every, or fewer days ahead"
        )


def _quantities(settings: ForecastSettings, market: MarketData) -> Quantities:
    names = tuple(str(name) for name in market.train.columns)
    quantities = Quantities(
        settings.assets or names[:5],
        weights=_weights(parse_holding(settings.portfolio), market),
        return_days=settings.return_days,
        volatility_days=settings.volatility_days,
    )
    quantities.series(market.train[:1])
    return quantities


def _weights(of: Holding, market: MarketData) -> tuple[tuple[str, float], ...]:
    """Give the weight of each asset that is held; none stands for equal weights of all."""
    if of == EQUAL_WEIGHT:
        return ()
    assets = [str(name) for name in market.train.columns]
    weights = holding_weights(of, assets)
    return tuple((assets[place], float(weights[place])) for place in members(of, assets))


def _ours(settings: ForecastSettings) -> str:
    return f"worlds ({settings.family})"


def _models(settings: ForecastSettings, quantities: Quantities) -> dict[str, Forecaster]:
    ours = WorldForecaster(quantities, family=settings.family)
    models: dict[str, Forecaster] = {
        _ours(settings): ours,
        REFERENCE: GarchForecaster(quantities),
        "HAR": HarForecaster(quantities),
        "bootstrap": WorldForecaster(quantities, family="series/bootstrap"),
    }
    if settings.augment:
        models[TREES] = QuantileForecaster(quantities)
        models[REPEATS] = QuantileForecaster(quantities, extra="repeats")
        models[WORLDS] = QuantileForecaster(quantities, extra="worlds", source=ours)
    return models


def _coming(
    settings: ForecastSettings, quantities: Quantities, returns: pd.DataFrame
) -> FloatArray:
    model = WorldForecaster(quantities, family=settings.family)
    model.fit(returns, random_state=settings.seed)
    rng = np.random.default_rng(settings.seed)
    return model.paths(returns, n_paths=settings.n_paths, horizon=quantities.horizon, rng=rng)


def _augmented(
    settings: ForecastSettings, scores: Mapping[str, ForecastScores]
) -> AugmentedForecasts | None:
    if not settings.augment:
        return None
    block = max(1, BLOCK_DAYS // settings.every)
    return augmented_forecasts(scores, alone=TREES, augmented=WORLDS, repeated=REPEATS, block=block)


def _write_tables(job: ForecastJob, folder: Path, *, csv: bool) -> None:
    draws = {
        (target, str(cell)): job.draws(cell, target)
        for target in job.quantities.targets
        for cell in job.quantities.cells
    }
    wide = pd.DataFrame(draws).rename_axis(index="path", columns=["target", "quantity"])
    forecast = wide.melt(ignore_index=False).reset_index()
    covered = job.covered.set_axis([str(name) for name in job.covered.columns], axis=1)
    tables = {"forecast": forecast, "scores": job.compared, "coverage": covered}
    write_tables(tables, folder, csv=csv)


def _summary(job: ForecastJob, out: Path) -> dict[str, Any]:
    cell = job.quantities.cells[0]
    low, high = np.quantile(job.draws(cell, "portfolio"), (0.1, 0.9))
    row = job.row(model=job.ours, cell=cell, group="portfolio")
    return {
        f"portfolio {cell}, 80 %": f"{100 * low:.2f} to {100 * high:.2f} %",
        f"CRPS beside {REFERENCE}": round(float(row["against"]), 3),
        "worlds for a learner": job.augmented.verdict if job.augmented else "not tried",
        "report": str(out / "report.html"),
    }
