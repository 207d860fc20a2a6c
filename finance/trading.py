"""What the settings of a backtest say to the engine, and how a report says it in words."""

import re
from typing import Any

import pandas as pd

from scenara.finance.portfolio import rebalance_steps
from scenara.finance.portfolio.account import Account
from scenara.finance.portfolio.rebalancing import Band
from scenara.finance.settings import StudySettings
from scenara.shared.errors import ConfigError

__all__ = ["describe_trading", "read_rebalancing", "trading_of"]

_BAND = re.compile(r"band\(\s*(?P<width>[^,)]+?)\s*(?:,\s*every\s*=\s*(?P<every>[\w-]+)\s*)?\)")


def read_rebalancing(text: int | str) -> int | str | Band:
    """Read when to trade: steps, a calendar, or ``band(width)`` with ``every=`` if not each day.

    Args:
        text: Days between trades, the name of a calendar, or a band around the targets that is
            left before a path trades back to them.

    Returns:
        What the engine takes.

    Raises:
        ConfigError: It is none of these.

    Example:
        >>> read_rebalancing("band(0.05, every=5)")
        Band(width=0.05, every=5, relative=False, to='target')
    """
    rule: int | str | Band = text
    if isinstance(text, str) and text.startswith("band"):
        found = _BAND.fullmatch(text)
        if found is None or re.fullmatch(r"\d*\.?\d+", found["width"]) is None:
            raise ConfigError(
                f"rebalance: expected band(width) or band(width, every=days), such as band(0.05), "
                f"found {text!r}"
            )
        every = found["every"] or "1"
        rule = Band(float(found["width"]), every=int(every) if every.isdecimal() else every)
    days = pd.bdate_range("2024-01-01", periods=2)
    rebalance_steps(2, rule.every if isinstance(rule, Band) else rule, dates=days)
    return rule


def trading_of(settings: StudySettings) -> dict[str, Any]:
    """Give what the engine takes beside returns and a strategy.

    Args:
        settings: When to trade, at what costs, and what cash and debt mean.

    Returns:
        Keyword arguments of :func:`backtest`; an account only where cash earns or debt costs.

    Raises:
        ConfigError: A setting is wrong.

    Example:
        >>> trading_of(StudySettings())
        {'rebalance': 21, 'costs': 0.0005}
    """
    trading: dict[str, Any] = {
        "rebalance": read_rebalancing(settings.rebalance),
        "costs": settings.costs,
    }
    if settings.cash_rate or settings.borrow_spread or settings.loan_fee:
        trading["account"] = Account(
            cash_rate=settings.cash_rate,
            borrow_spread=settings.borrow_spread,
            loan_fee=settings.loan_fee,
        )
    return trading


def describe_trading(settings: StudySettings) -> tuple[str, ...]:
    """Say when is traded, what it costs and what cash earns.

    Args:
        settings: As for :func:`trading_of`.

    Returns:
        Sentences.

    Example:
        >>> describe_trading(StudySettings(rebalance="month-end"))[1]
        'Cash earns nothing, debt and short positions cost nothing; no taxes, no market impact.'
    """
    when = _when(read_rebalancing(settings.rebalance))
    costs = (
        f"Trades {when}, at costs of {1e4 * settings.costs:g} basis points of the value traded, "
        "the first purchase included."
    )
    if "account" not in trading_of(settings):
        return (
            costs,
            "Cash earns nothing, debt and short positions cost nothing; no taxes, no market impact.",
        )
    cash = (
        f"Cash earns {100 * settings.cash_rate:g} % a year, debt costs "
        f"{100 * settings.borrow_spread:g} points more, borrowed shares {100 * settings.loan_fee:g} "
        "%; no taxes, no market impact. Verdicts on luck are over cash, all other figures are not."
    )
    return costs, cash


def _when(rule: int | str | Band) -> str:
    if isinstance(rule, Band):
        off = f"when a weight is {100 * rule.width:g} points off its target"
        return off if rule.every == 1 else f"{off}, looking {_looking(rule.every)}"
    return _looking(rule)


def _looking(every: int | str) -> str:
    """Say at which steps; a calendar is known by its name."""
    if every == "never":
        return "once, at the start"
    if isinstance(every, str):
        return f"by the calendar ({every})"
    return "every day" if every == 1 else f"every {every} days"
