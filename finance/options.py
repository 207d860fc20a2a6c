"""Options that the commands of ``scenara finance`` share, with the defaults of their settings."""

from dataclasses import dataclass
from typing import Annotated

import typer

from scenara.finance.settings import StudySettings
from scenara.shared.commands import SourceOptions
from scenara.shared.console import Config, Force, Json

__all__ = [
    "BorrowSpread",
    "CashRate",
    "CheckLookahead",
    "Compare",
    "Costs",
    "Edge",
    "LoanFee",
    "LuckWorlds",
    "Portfolio",
    "PriceOptions",
    "Rebalance",
    "StudyOptions",
    "StudyPriceOptions",
    "TearSheets",
    "Trials",
    "defaulted",
]

_STUDY = StudySettings()


def defaulted(text: str, value: object) -> str:
    """Give the help of an option with its default.

    Args:
        text: What the option means.
        value: The default, from the settings.

    Example:
        >>> defaulted("Number of worlds", 1_000)
        'Number of worlds (default 1000)'
    """
    listed = ",".join(str(item) for item in value) if isinstance(value, tuple) else value
    return f"{text} (default {listed})"


Compare = Annotated[str | None, typer.Option(help="Further families to judge, with commas.")]
Portfolio = Annotated[
    str | None,
    typer.Option(
        help="What is held: an asset, assets with commas, or shares such as KO=0.6,XOM=40% "
        "(default equal weight)"
    ),
]
Rebalance = Annotated[
    str | None,
    typer.Option(
        help=defaulted(
            "Days between trades; week, month-end, quarter, year, never; band(0.05)",
            _STUDY.rebalance,
        )
    ),
]
Costs = Annotated[
    float | None,
    typer.Option(min=0, help=defaulted("Costs, a fraction of the value traded", _STUDY.costs)),
]
CashRate = Annotated[
    float | None, typer.Option(help=defaulted("Interest on cash a year", _STUDY.cash_rate))
]
BorrowSpread = Annotated[
    float | None,
    typer.Option(min=0, help=defaulted("What debt costs a year beyond", _STUDY.borrow_spread)),
]
LoanFee = Annotated[
    float | None,
    typer.Option(min=0, help=defaulted("What borrowed shares cost a year", _STUDY.loan_fee)),
]
Trials = Annotated[
    int | None,
    typer.Option(
        min=0,
        help=defaulted("Strategies tried before: they make luck likelier", _STUDY.trials),
    ),
]
Edge = Annotated[
    float | None,
    typer.Option(
        help=defaulted("Sharpe ratio a year that the test of luck should find", _STUDY.edge)
    ),
]
LuckWorlds = Annotated[
    int | None,
    typer.Option(
        min=0,
        help=defaulted(
            "Worlds that test the test of luck; fewer for slow rules", _STUDY.luck_worlds
        ),
    ),
]
TearSheets = Annotated[
    bool | None,
    typer.Option(help="Write tear sheets of the real days and of three worlds (the default)."),
]
CheckLookahead = Annotated[
    bool | None,
    typer.Option(
        "--check-lookahead", help="Refuse strategies that know later days, or these days at all."
    ),
]
Until = Annotated[str | None, typer.Option(help="Last day to learn from; later days judge.")]
DateColumn = Annotated[str | None, typer.Option(help="Column of dates, where it is not found.")]
DateFormat = Annotated[str | None, typer.Option(help="Format of dates, such as %d.%m.%Y.")]
Csv = Annotated[bool, typer.Option("--csv", help="Write tables as CSV too.")]


@dataclass(frozen=True)
class PriceOptions(SourceOptions):
    """Options that say which prices a command reads."""

    date_column: DateColumn = None
    date_format: DateFormat = None


@dataclass(frozen=True)
class StudyPriceOptions(PriceOptions):
    """The same, for commands that judge what they learned by later days."""

    until: Until = None


@dataclass(frozen=True)
class StudyOptions:
    """Options that every study has behind its own."""

    config: Config = None
    force: Force = False
    csv: Csv = False
    as_json: Json = False
