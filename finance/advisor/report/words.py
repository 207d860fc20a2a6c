"""How the report says amounts, chances and lists."""

from collections.abc import Sequence

from scenara.finance.advisor.planning.chances import Chance
from scenara.shared.report.numbers import count, percent

__all__ = ["amount", "chance_band", "family_name", "listed", "money", "rounded", "whole_years"]

_SPACE = "\N{NO-BREAK SPACE}"
_NAMES = {
    "series/bootstrap": "blocks of history",
    "series/dcc": "GARCH",
    "series/fhs": "GARCH",
    "series/hybrid": "learned regimes",
}


def rounded(amount: float) -> float:
    """Round an amount to three significant digits, and to whole units.

    Args:
        amount: Currency units.

    Returns:
        The rounded amount.

    Example:
        >>> rounded(1_165_213.6), rounded(1_234.5), rounded(12.3)
        (1170000.0, 1230.0, 12.0)
    """
    if abs(amount) < 1_000:
        return float(round(amount))
    return float(f"{amount:.3g}")


def money(amount: float, currency: str) -> str:
    r"""Write an amount with its currency, rounded to what can be known.

    Args:
        amount: Currency units.
        currency: Its name.

    Returns:
        The text.

    Example:
        >>> money(1_165_213.6, "USD")
        '1,170,000\xa0USD'
    """
    return f"{count(rounded(amount))}{_SPACE}{currency}"


def chance_band(chance: Chance) -> str:
    r"""Write the interval of a chance.

    Args:
        chance: With its interval.

    Returns:
        The text.

    Example:
        >>> chance_band(Chance(0.84, 0.81, 0.87, {"a": 0.84}))
        '81 to 87\xa0%'
    """
    low = percent(chance.low).split(_SPACE)[0]
    return f"{low} to {percent(chance.high)}"


def amount(value: float) -> str:
    """Write an amount under a heading that names the currency.

    Args:
        value: Currency units.

    Returns:
        The text.

    Example:
        >>> amount(1_165_213.6)
        '1,170,000'
    """
    return count(rounded(value))


def listed(items: Sequence[str]) -> str:
    """Write items with commas and an and.

    Args:
        items: At least one.

    Returns:
        The text.

    Example:
        >>> listed(["a", "b", "c"])
        'a, b and c'
    """
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}"


def whole_years(n: int) -> str:
    """Write a number of years.

    Args:
        n: The number.

    Returns:
        The text.

    Example:
        >>> whole_years(1), whole_years(5)
        ('1 year', '5 years')
    """
    return "1 year" if n == 1 else f"{n} years"


def family_name(family: str) -> str:
    """Say in words what a generator does.

    Args:
        family: Registered name.

    Returns:
        The name to show.

    Example:
        >>> family_name("series/dcc"), family_name("series/vae")
        ('GARCH', 'series/vae')
    """
    return _NAMES.get(family, family)
