"""Numbers that are stored as text: thousands separators, currencies, per cent, brackets."""

import math
import re
from collections.abc import Sequence

import numpy as np

from scenara.shared.types import FloatArray

__all__ = ["are_numerals", "parse_numerals"]

PLACEHOLDERS = {"", "-", "--", ".", "?", "na", "n/a", "nan", "null", "none", "missing"}
CURRENCY = r"(?:[$€£¥]|USD|EUR|GBP|CHF|JPY|CAD|AUD)?"
NUMERAL = r"""
    (?P<bracket>\()? \s* (?P<sign>[+-])? \s* {currency} \s* (?P<late_sign>(?<=\D)[+-])?
    (?P<whole> [1-9]\d{{0,2}} (?P<mark>[{group}\ \u00a0\u202f'’]) \d{{3}} (?:(?P=mark)\d{{3}})*
             | 0 | [1-9]\d* )?
    (?:{point}(?P<fraction>\d+) (?:[eE](?P<exponent>[+-]?\d{{1,3}}))?)?
    \s* {currency} \s* (?P<percent>%)? \s* (?(bracket)\))
"""
STYLES = tuple(
    re.compile(NUMERAL.format(currency=CURRENCY, group=group, point=point), re.VERBOSE | re.ASCII)
    for group, point in ((",", r"\."), (r"\.", ","))
)
# More digits than a float64 holds are an account or a card, not an amount.
EXACT_DIGITS = 15


def parse_numerals(strings: Sequence[str]) -> FloatArray | None:
    """Give the numbers that strings spell, all in one style of writing.

    Read are signs, brackets for negative amounts, currencies, per cent (12 % is 0.12), thousands
    separators, and a decimal point or, where only that fits all strings, a decimal comma. Leading
    zeros, as in 007, speak for a code and against a number.

    Args:
        strings: The strings, (n,).

    Returns:
        The numbers, (n,), nan for a placeholder such as "n/a"; ``None`` if a string is neither,
        or if fewer than half of the strings are numbers.

    Example:
        >>> parse_numerals(["$1,200.50", "(3)", "n/a"]).tolist()
        [1200.5, -3.0, nan]
        >>> parse_numerals(["007", "008"]) is None
        True
    """
    bare = [string.strip().replace("\N{MINUS SIGN}", "-") for string in strings]
    for style in STYLES:
        numbers = [_number(string, style) for string in bare]
        if None not in numbers:
            found = np.array(numbers, dtype=np.float64)
            return found if 0 < 2 * np.isfinite(found).sum() >= len(found) else None
    return None


def are_numerals(strings: Sequence[str]) -> bool:
    """Say whether ``parse_numerals`` gives numbers for these strings."""
    return parse_numerals(strings) is not None


def _number(string: str, style: re.Pattern[str]) -> float | None:
    if string.casefold() in PLACEHOLDERS:
        return math.nan
    parts = style.fullmatch(string)
    if parts is None or (parts["sign"] and parts["late_sign"]):
        return None
    whole = "".join(filter(str.isdigit, parts["whole"] or ""))
    fraction = parts["fraction"] or ""
    if not 0 < len(whole + fraction) <= EXACT_DIGITS:
        return None
    size = float(f"{whole or 0}.{fraction or 0}e{parts['exponent'] or 0}")
    is_negative = "-" in (parts["sign"], parts["late_sign"]) or parts["bracket"]
    return (-size if is_negative else size) / (100 if parts["percent"] else 1)
