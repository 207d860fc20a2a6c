"""``scenara finance``: each command has its options and names the function that does its job."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from scenara.finance.advisor.cli import add_advice_commands
from scenara.finance.advisor.execution.cli import add_account_commands
from scenara.finance.forecast_settings import ForecastSettings
from scenara.finance.options import (
    BorrowSpread,
    CashRate,
    CheckLookahead,
    Compare,
    Costs,
    Edge,
    LoanFee,
    LuckWorlds,
    Portfolio,
    PriceOptions,
    Rebalance,
    StudyOptions,
    StudyPriceOptions,
    TearSheets,
    Trials,
    defaulted,
)
from scenara.finance.risk_settings import RiskSettings
from scenara.finance.scenario_settings import ScenarioSettings
from scenara.finance.search_command import add_search_command
from scenara.finance.settings import STRATEGIES, StudySettings
from scenara.shared.commands import Job, job_command, names, numbers
from scenara.shared.console import Out, Seed, new_app, one_source
from scenara.shared.errors import ConfigError

if TYPE_CHECKING:
    from scenara.finance.study_folder import StudyResult

__all__ = ["app"]

app = new_app("Simulate markets, ask what if, measure risk, forecast, backtest strategies.")

_STUDY, _RISK, _FORECAST = StudySettings(), RiskSettings(), ForecastSettings()
_SCENARIO = ScenarioSettings(loss=0.5)

Family = Annotated[str | None, typer.Option(help=defaulted("Generator", _STUDY.family))]
Horizon = Annotated[
    int | None, typer.Option(min=1, help=defaulted("Days of a world", _STUDY.horizon))
]


@job_command(app, "scenara finance simulate", source=StudyPriceOptions, running=StudyOptions)
def simulate(
    family: Family = None,
    compare: Compare = None,
    n_paths: Annotated[
        int | None, typer.Option(min=2, help=defaulted("Number of worlds", _STUDY.n_paths))
    ] = None,
    horizon: Horizon = None,
    out: Out = Path("simulation"),
    seed: Seed = None,
) -> Job:
    """Fit a market simulator on real prices, write worlds, judge them against later days."""
    return Job(_study, StudySettings, compare=names(compare))


@job_command(app, "scenara finance backtest", source=StudyPriceOptions, running=StudyOptions)
def backtest(
    strategy: Annotated[
        str | None,
        typer.Option(
            help="Strategies, with commas: a name, name(setting=value), my_rules.py:name "
            f"(default {','.join(STRATEGIES)})"
        ),
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
    rebalance: Rebalance = None,
    costs: Costs = None,
    cash_rate: CashRate = None,
    borrow_spread: BorrowSpread = None,
    loan_fee: LoanFee = None,
    trials: Trials = None,
    edge: Edge = None,
    luck_worlds: LuckWorlds = None,
    tear_sheets: TearSheets = None,
    check_lookahead: CheckLookahead = None,
    out: Out = Path("backtest"),
    seed: Seed = None,
) -> Job:
    """Trade strategies on the real later days and in every world."""
    simulating = {"--simulate": n_paths, "--family": family, "--compare": compare}
    _refuse_beside_worlds(worlds, {**simulating, "--horizon": horizon})
    return Job(
        _backtest,
        StudySettings,
        strategy=None if strategy is None else (strategy,),
        compare=names(compare),
        rebalance=int(rebalance) if rebalance and rebalance.isdecimal() else rebalance,
    )


@job_command(app, "scenara finance scenario", source=PriceOptions, running=StudyOptions)
def scenario(
    until: Annotated[
        str | None, typer.Option(help="Last day that is known; worlds begin after it.")
    ] = None,
    event: Annotated[
        list[str] | None,
        typer.Option(
            help="What happens, such as 'SPX return below -20% within 63'; say it again for "
            "several at once."
        ),
    ] = None,
    like: Annotated[
        str | None,
        typer.Option(
            help="An episode that worlds are like, such as 2008, or 2015-08-10..2015-08-25."
        ),
    ] = None,
    severity: Annotated[
        float | None, typer.Option(help="Factor of the episode's log return and volatility.")
    ] = None,
    loss: Annotated[
        float | None, typer.Option(help="Share of its value that the portfolio loses, such as 0.2.")
    ] = None,
    portfolio: Portfolio = None,
    covariates: Annotated[
        str | None, typer.Option(help="File of levels by date (VIX, rates) that events may name.")
    ] = None,
    family: Annotated[
        str | None, typer.Option(help=defaulted("Generator", _SCENARIO.family))
    ] = None,
    start: Annotated[
        str | None,
        typer.Option(
            help="today, anywhere in the law, or auto: anywhere for --like, else today if possible."
        ),
    ] = None,
    n_paths: Annotated[
        int | None, typer.Option(min=100, help=defaulted("Number of worlds", _SCENARIO.n_paths))
    ] = None,
    horizon: Annotated[
        int | None, typer.Option(min=1, help="Days of a world (default what is asked, at least 63)")
    ] = None,
    out: Out = Path("scenario"),
    seed: Seed = None,
) -> Job:
    """Ask for worlds in which something happens: how likely it is, and what it does."""
    return Job(_scenario, ScenarioSettings, event=tuple(event) if event else None)


@job_command(app, "scenara finance risk", source=PriceOptions, running=StudyOptions)
def risk(
    until: Annotated[
        str | None, typer.Option(help="Last day before the backtest; later days judge.")
    ] = None,
    portfolio: Portfolio = None,
    horizons: Annotated[
        str | None, typer.Option(help=defaulted("Days held, with commas", _RISK.horizons))
    ] = None,
    levels: Annotated[
        str | None, typer.Option(help=defaulted("Confidence, with commas", _RISK.levels))
    ] = None,
    family: Annotated[str | None, typer.Option(help=defaulted("Generator", _RISK.family))] = None,
    n_paths: Annotated[
        int | None, typer.Option(min=100, help=defaulted("Number of worlds", _RISK.n_paths))
    ] = None,
    refit: Annotated[
        int | None,
        typer.Option(min=1, help=defaulted("Days between fits in the backtest", _RISK.refit)),
    ] = None,
    try_worlds: Annotated[
        bool | None, typer.Option(help="Put the worlds' own forecasts to the backtest as well.")
    ] = None,
    out: Out = Path("risk"),
    seed: Seed = None,
) -> Job:
    """Measure what a portfolio can lose from today on, and try such figures on past days."""
    days = numbers(horizons, int, option="--horizons")
    return Job(_risk, RiskSettings, horizons=days, levels=numbers(levels, float, option="--levels"))


@job_command(app, "scenara finance forecast", source=PriceOptions, running=StudyOptions)
def forecast(
    until: Annotated[
        str | None, typer.Option(help="Last day before the trial; later days judge.")
    ] = None,
    portfolio: Portfolio = None,
    assets: Annotated[
        str | None, typer.Option(help="Assets beside the portfolio (default the first five)")
    ] = None,
    return_days: Annotated[
        str | None, typer.Option(help=defaulted("Days ahead of returns", _FORECAST.return_days))
    ] = None,
    volatility_days: Annotated[
        str | None,
        typer.Option(help=defaulted("Days ahead of volatilities", _FORECAST.volatility_days)),
    ] = None,
    family: Annotated[
        str | None, typer.Option(help=defaulted("Generator", _FORECAST.family))
    ] = None,
    n_paths: Annotated[
        int | None, typer.Option(min=100, help=defaulted("Number of worlds", _FORECAST.n_paths))
    ] = None,
    refit_every: Annotated[
        int | None,
        typer.Option(
            min=1, help=defaulted("Days between fits, in the trial", _FORECAST.refit_every)
        ),
    ] = None,
    every: Annotated[
        int | None,
        typer.Option(
            min=1, help=defaulted("Days between forecasts, in the trial", _FORECAST.every)
        ),
    ] = None,
    augment: Annotated[
        bool | None, typer.Option(help="Try whether worlds make a learner's forecasts better.")
    ] = None,
    out: Out = Path("forecast"),
    seed: Seed = None,
) -> Job:
    """Forecast the law of the coming days, and try such forecasts on past ones."""
    return Job(
        _forecast,
        ForecastSettings,
        assets=names(assets),
        return_days=numbers(return_days, int, option="--return-days"),
        volatility_days=numbers(volatility_days, int, option="--volatility-days"),
    )


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


def _scenario(settings: ScenarioSettings, **how: Any) -> "StudyResult":  # noqa: ANN401
    from scenara.finance.scenario_study import run_scenario

    one_source(settings.data, settings.sample)
    return run_scenario(settings, **how)


def _risk(settings: RiskSettings, **how: Any) -> "StudyResult":  # noqa: ANN401
    from scenara.finance.risk_study import run_risk

    one_source(settings.data, settings.sample)
    return run_risk(settings, **how)


def _forecast(settings: ForecastSettings, **how: Any) -> "StudyResult":  # noqa: ANN401
    from scenara.finance.forecast_study import run_forecast

    one_source(settings.data, settings.sample)
    return run_forecast(settings, **how)


add_search_command(app)
add_advice_commands(app)
add_account_commands(app)
