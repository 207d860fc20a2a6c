"""``scenara finance account``: open an account, rebalance it, reconcile it, look at it."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scenara.finance.advisor.execution.settings import AccountSettings
from scenara.finance.options import defaulted
from scenara.shared.config import configured
from scenara.shared.console import Config, Json, new_app, print_result
from scenara.shared.errors import ConfigError

if TYPE_CHECKING:
    from scenara.finance.advisor.execution.answers import Answer

__all__ = ["add_account_commands"]

_ACCOUNT = AccountSettings()

Ledger = Annotated[Path, typer.Option("--ledger", help="File that holds the account.")]
Instruments = Annotated[
    Path, typer.Option("--instruments", help="Table of instruments with their prices.")
]
On = Annotated[str | None, typer.Option("--on", help="Day, such as 2024-06-28 (default today).")]

Amount = Annotated[str, typer.Option("--amount", help="Currency units.")]

account = new_app("An account on paper: open it, rebalance it, book, reconcile, show.")


def add_account_commands(app: typer.Typer) -> None:
    """Add the commands of an account to finance's app, as ``account``.

    Args:
        app: Gets them.
    """
    app.add_typer(account, name="account")


def _day(text: str | None) -> date:
    try:
        return date.today() if text is None else date.fromisoformat(text)
    except ValueError:
        raise ConfigError(f"--on: expected a day such as 2024-06-28, found {text!r}") from None


def _say(answer: "Answer", *, as_json: bool) -> None:
    if as_json:
        print_result(answer.facts, as_json=True)
        return
    for line in answer.lines:
        typer.echo(line)


@account.command("open")
def open_command(
    ledger: Ledger,
    holdings: Annotated[Path, typer.Option(help="Table of tax lots and cash.")],
    instruments: Instruments,
    currency: Annotated[str, typer.Option(help="Currency of all amounts.")] = "USD",
    on: On = None,
    as_json: Json = False,
) -> None:
    """Open an account with what is held."""
    from scenara.finance.advisor.execution.commands import open_account

    answer = open_account(ledger, holdings, instruments, on=_day(on), currency=currency)
    _say(answer, as_json=as_json)


@account.command("deposit")
def deposit_command(
    ledger: Ledger,
    amount: Annotated[str, typer.Option(help="Currency units; negative to take money out.")],
    on: On = None,
    as_json: Json = False,
) -> None:
    """Bring money in or take it out."""
    from scenara.finance.advisor.execution.commands import book_money

    _say(book_money(ledger, "deposit", amount=amount, on=_day(on)), as_json=as_json)


@account.command("dividend")
def dividend_command(
    ledger: Ledger,
    symbol: Annotated[str, typer.Option(help="What pays it.")],
    amount: Amount,
    on: On = None,
    as_json: Json = False,
) -> None:
    """Receive a dividend in cash."""
    from scenara.finance.advisor.execution.commands import book_money

    answer = book_money(ledger, "dividend", amount=amount, on=_day(on), what=symbol)
    _say(answer, as_json=as_json)


@account.command("fee")
def fee_command(
    ledger: Ledger,
    what: Annotated[str, typer.Option("--for", help="What it is for, such as advice.")],
    amount: Amount,
    on: On = None,
    as_json: Json = False,
) -> None:
    """Pay a fee that is none of an order."""
    from scenara.finance.advisor.execution.commands import book_money

    answer = book_money(ledger, "fee", amount=amount, on=_day(on), what=what)
    _say(answer, as_json=as_json)


@account.command("rebalance")
def rebalance_command(
    ledger: Ledger,
    targets: Annotated[Path, typer.Option(help="Table of target weights, as advise writes it.")],
    instruments: Instruments,
    on: On = None,
    every: Annotated[
        str | None,
        typer.Option(
            help=defaulted("Calendar: week, month-end, quarter, year, never", _ACCOUNT.every)
        ),
    ] = None,
    drift_band: Annotated[
        float | None,
        typer.Option(help=defaulted("Drift that does not wait for it", _ACCOUNT.drift_band)),
    ] = None,
    minimum_trade: Annotated[
        float | None, typer.Option(help=defaulted("Least value of an order", 0))
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would be done.")
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Rebalance even if it is not due.")
    ] = False,
    orders: Annotated[Path | None, typer.Option(help="Write the orders there as CSV.")] = None,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Trade to the targets if that is due; once a day, whatever happens in between.

    Fees, spread, taxes and the choice of lots stand in the file of --config.
    """
    from scenara.finance.advisor.execution.commands import rebalance_account

    settings = configured(
        AccountSettings,
        file=config,
        every=every,
        drift_band=drift_band,
        minimum_trade=minimum_trade,
    )
    answer = rebalance_account(
        ledger,
        targets,
        instruments,
        on=_day(on),
        settings=settings,
        dry_run=dry_run,
        force=force,
        orders=orders,
    )
    _say(answer, as_json=as_json)


@account.command("reconcile")
def reconcile_command(
    ledger: Ledger,
    statement: Annotated[Path, typer.Option(help="What the custodian says, as a holdings table.")],
    instruments: Annotated[
        Path | None, typer.Option(help="Table of prices, needed to adjust shares.")
    ] = None,
    adjust: Annotated[
        str | None, typer.Option(help="Adjust the ledger to the statement, for this reason.")
    ] = None,
    on: On = None,
    as_json: Json = False,
) -> None:
    """Compare the ledger with a statement; nothing is changed without a reason."""
    from scenara.finance.advisor.execution.commands import reconcile_account

    answer = reconcile_account(
        ledger, statement, on=_day(on), instruments=instruments, reason=adjust
    )
    _say(answer, as_json=as_json)


@account.command("show")
def show_command(
    ledger: Ledger,
    prices: Annotated[
        Path | None, typer.Option(help="Table of daily prices (default those in the ledger).")
    ] = None,
    on: Annotated[
        str | None, typer.Option("--on", help="Last day (default the last one known).")
    ] = None,
    kept: Annotated[
        str | None, typer.Option(help="Digest shown earlier, to find that nothing is missing.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Say what is held and what it has earned since the first day."""
    from scenara.finance.advisor.execution.commands import show_account

    day = None if on is None else _day(on)
    answer = show_account(ledger, prices=prices, on=day, kept=kept)
    _say(answer, as_json=as_json)
