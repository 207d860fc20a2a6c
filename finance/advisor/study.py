"""The advice job, from a client's file to a folder with plan, targets and orders."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from scenara.finance.advisor.client_file import (
    AdviceRefusedError,
    Client,
    read_client,
    table_paths,
)
from scenara.finance.advisor.contradictions import check_client, find_contradictions
from scenara.finance.advisor.execution.settings import AccountSettings, write_account_settings
from scenara.finance.advisor.planning.checks import check_plan
from scenara.finance.advisor.planning.markets import MarketHistory, price_history
from scenara.finance.advisor.planning.plan import Plan, make_plan
from scenara.finance.advisor.planning.price_file import read_price_levels
from scenara.finance.advisor.planning.us_market import US_CLASSES, us_history
from scenara.finance.advisor.report import AdviceJob, advice_report
from scenara.finance.advisor.report.words import chance_band, money
from scenara.finance.advisor.settings import AdviceSettings
from scenara.finance.market.families import make_simulator
from scenara.finance.market.prices import check_prices
from scenara.finance.study_folder import StudyResult
from scenara.shared.data.samples import load_sample
from scenara.shared.errors import ConfigError
from scenara.shared.progress import Progress, silent
from scenara.shared.report.numbers import percent
from scenara.shared.run import Run, run_folder

if TYPE_CHECKING:
    from scenara.finance.advisor.execution.plan import OrderPlan

__all__ = ["account_settings", "client_history", "client_orders", "run_advice"]

DEFAULT_SAMPLE = "us-monthly"


def run_advice(
    settings: AdviceSettings,
    *,
    out: str | Path,
    command: str,
    force: bool = False,
    progress: Progress = silent,
) -> StudyResult:
    """Make a plan for a client and write its folder.

    The folder holds ``report.html``, ``metrics.json``, ``run.json``, ``targets.csv`` (symbol and
    weight of today), ``account.toml`` (how to trade to them), ``glide.csv``, ``orders.csv``,
    ``fan.parquet`` and ``alternatives.parquet``.

    Args:
        settings: Which client, which history, how many worlds.
        out: Output folder; it appears whole or not at all.
        command: What was called, for the record.
        force: Replace an output folder that is there.
        progress: Told how far the job is.

    Returns:
        The path of the report and the main figures.

    Raises:
        AdviceRefusedError: The client's data are incomplete or contradict each other.
        ConfigError: A setting is wrong, or ``out`` exists and ``force`` is not set.
        DataError: The history is wrong or too short.
    """
    for family in settings.families:
        make_simulator(family)
    client = read_client(settings.client)
    with run_folder(
        out,
        command=command,
        arguments=asdict(settings),
        seed=settings.seed,
        inputs=_inputs(settings),
        force=force,
    ) as run:
        with run.stage("read"):
            history = client_history(client, settings)
            check_client(client, history.classes, where=settings.client)
        job = _work(client, history, settings, run, command, progress)
        with run.stage("report"):
            report = advice_report(job)
            report.save(run.folder / "report.html")
        run.write_json("metrics.json", report.metrics)
        _write_tables(job, run.folder)
    return StudyResult(Path(out) / "report.html", _summary(job, Path(out)))


def client_history(client: Client, settings: AdviceSettings) -> MarketHistory:
    """Read the market history that a client's plan learns from, up to the day of the plan.

    Args:
        client: Whose day it is, and whose rates of today are taken where they are given.
        settings: Where the history is.

    Returns:
        Asset classes of ``us-monthly``, or the columns of the client's own prices.

    Raises:
        AdviceRefusedError: The client's rates do not fit the history; with all other reasons.
        ConfigError: The settings do not fit the history.
        DataError: The prices are wrong.
    """
    until = client.person.as_of
    sample = settings.sample or (None if settings.data else DEFAULT_SAMPLE)
    if sample == DEFAULT_SAMPLE:
        months = load_sample(DEFAULT_SAMPLE)
        assert isinstance(months, pd.DataFrame)
        try:
            return us_history(months, until=until, **client.assumptions.rates)
        except ConfigError as error:
            reasons = [f"[assumptions]: {error}", *find_contradictions(client, US_CLASSES)]
            raise AdviceRefusedError(settings.client, reasons) from error
    given = [name for name, rate in client.assumptions.rates.items() if rate is not None]
    if given:
        raise ConfigError(
            f"[assumptions]: {given[0]} means nothing beside prices; only {DEFAULT_SAMPLE} has "
            "rates"
        )
    if sample is not None:
        prices = check_prices(load_sample(sample), where=sample)
        return price_history(prices.loc[:until], defensive=settings.defensive, name=sample)
    assert settings.data is not None
    prices = read_price_levels(
        settings.data,
        query=settings.query,
        date_column=settings.date_column,
        date_format=settings.date_format,
    )
    known = prices.loc[:until]
    return price_history(known, defensive=settings.defensive, name=Path(settings.data).name)


def client_orders(plan: Plan) -> "OrderPlan | None":
    """Give the orders that bring a client's holdings to the plan's targets.

    Args:
        plan: The plan.

    Returns:
        The orders; None where there is nothing to invest yet.
    """
    from scenara.finance.advisor.execution.orders import make_orders

    client = plan.client
    if client.wealth <= 0:
        return None
    rules = account_settings(client).rules
    return make_orders(
        plan.targets(), client.holdings, client.prices, on=client.person.day, rules=rules
    )


def account_settings(client: Client) -> AccountSettings:
    """Give the rules by which a client's account is rebalanced.

    Args:
        client: Whose fees, taxes and cash they keep to.

    Returns:
        What ``account rebalance --config`` reads from ``account.toml``.
    """
    return AccountSettings(
        fee_rate=client.fees.trading,
        short_term_tax=client.tax.short_term,
        long_term_tax=client.tax.long_term,
        cash_buffer=client.constraints.minimum_cash,
        lots="tax",
    )


def _inputs(settings: AdviceSettings) -> list[str | Path]:
    """Give the files whose checksums belong into the record."""
    tables = table_paths(settings.client)
    return [settings.client, *tables, *([settings.data] if settings.data else [])]


def _work(
    client: Client,
    history: MarketHistory,
    settings: AdviceSettings,
    run: Run,
    command: str,
    progress: Progress,
) -> AdviceJob:
    with run.stage("plan"):
        plan = make_plan(client, history, settings, progress=progress)
    with run.stage("ask the plan"):
        checks = check_plan(plan, wanted=settings.wanted, progress=progress)
    with run.stage("orders"):
        orders = client_orders(plan)
    return AdviceJob(
        plan,
        checks,
        settings,
        orders,
        versions=run.record["versions"],
        sources=run.record["inputs"],
        command=command,
        made_on=str(run.record["started"])[:10],
    )


def _write_tables(job: AdviceJob, folder: Path) -> None:
    from scenara.finance.advisor.execution.plan import write_orders

    targets = pd.DataFrame(job.plan.targets().items(), columns=["symbol", "weight"])
    targets.to_csv(folder / "targets.csv", index=False, lineterminator="\n")
    write_account_settings(account_settings(job.plan.client), folder / "account.toml")
    job.plan.glide().to_csv(folder / "glide.csv", index=False, lineterminator="\n")
    job.checks.fan.to_parquet(folder / "fan.parquet", index=False)
    job.plan.compared_table().to_parquet(folder / "alternatives.parquet", index=False)
    if job.orders is not None:
        write_orders(job.orders, folder / "orders.csv")


def _summary(job: AdviceJob, out: Path) -> dict[str, Any]:
    plan = job.plan
    chances = {
        f"chance of {name}": f"{percent(chance.estimate)} ({chance_band(chance)})"
        for name, chance in plan.chances.items()
    }
    extra = {
        f"extra saving for {remedy.goal}": "not enough"
        if remedy.extra_saving is None
        else f"{money(remedy.extra_saving, job.currency)} a month"
        + " (more than is left over)" * job.is_beyond_means(remedy.extra_saving)
        for remedy in job.checks.remedies
        if remedy.extra_saving != 0
    }
    return {
        "shares": percent(plan.equity_now),
        "binding": plan.profile.binding,
        **chances,
        **extra,
        "orders": len(job.orders.orders) if job.orders is not None else 0,
        "report": str(out / "report.html"),
        "next": _next(job, out),
    }


def _next(job: AdviceJob, out: Path) -> str:
    """Say how to trade to the targets by the client's own rules."""
    holdings, instruments = table_paths(job.settings.client)
    account = "scenara finance account"
    return (
        f"{account} open --ledger account.db --holdings {holdings} --instruments {instruments}, "
        f"then: {account} rebalance --ledger account.db --targets {out / 'targets.csv'} "
        f"--instruments {instruments} --config {out / 'account.toml'}"
    )
