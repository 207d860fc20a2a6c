"""How numbers are written in a report: one function a unit, a dash where there is no number."""

import math

__all__ = ["count", "decimal", "multiple", "ordinal", "percent", "seconds"]

_MISSING = "–"
_MINUS = "\N{MINUS SIGN}"
_SPACE = "\N{NO-BREAK SPACE}"


def _signed(text: str) -> str:
    body = text.lstrip("-")
    is_negative = text.startswith("-") and any(digit in body for digit in "123456789")
    return _MINUS + body if is_negative else body


def decimal(value: float, *, digits: int = 2) -> str:
    """Write a plain number with thousands separated and a true minus sign.

    Args:
        value: The number; NaN and infinities become a dash.
        digits: Digits after the point.

    Returns:
        The text.

    Example:
        >>> decimal(1234.5), decimal(-0.001), decimal(float("nan"))
        ('1,234.50', '0.00', '–')
    """
    return _signed(f"{value:,.{digits}f}") if math.isfinite(value) else _MISSING


def count(value: float) -> str:
    """Write a whole number.

    Args:
        value: The number.

    Returns:
        The text.

    Example:
        >>> count(252_000)
        '252,000'
    """
    return decimal(value, digits=0)


def percent(share: float, *, digits: int = 0) -> str:
    r"""Write a share as a percentage; a share that is small but not zero does not read as zero.

    Args:
        share: The share, 1 for all.
        digits: Digits after the point.

    Returns:
        The text.

    Example:
        >>> percent(0.984), percent(0.0004, digits=1), percent(0.0)
        ('98\xa0%', '<0.1\xa0%', '0\xa0%')
    """
    if not math.isfinite(share):
        return _MISSING
    smallest = 10.0**-digits
    if 0 < 100 * share < smallest / 2:
        return f"<{smallest:.{digits}f}{_SPACE}%"
    return decimal(100 * share, digits=digits) + _SPACE + "%"


def multiple(value: float, *, digits: int = 2) -> str:
    """Write a factor, such as final wealth over starting wealth.

    Args:
        value: The factor.
        digits: Digits after the point.

    Returns:
        The text.

    Example:
        >>> multiple(1.0842)
        '1.08×'
    """
    return decimal(value, digits=digits) + "×" if math.isfinite(value) else _MISSING


def ordinal(share: float) -> str:
    """Write a share as a percentile rank, never 0th or 100th.

    Args:
        share: Position in a distribution, from 0 to 1.

    Returns:
        The text.

    Example:
        >>> ordinal(0.5), ordinal(0.22), ordinal(0.999), ordinal(0.0)
        ('50th', '22nd', '99th', '1st')
    """
    if not math.isfinite(share):
        return _MISSING
    rank = min(max(round(100 * share), 1), 99)
    suffix = {1: "st", 2: "nd", 3: "rd"}.get(rank % 10, "th")
    return f"{rank}th" if rank in {11, 12, 13} else f"{rank}{suffix}"


def seconds(duration: float) -> str:
    r"""Write a duration with about two significant digits.

    Args:
        duration: Seconds.

    Returns:
        The text, in milliseconds, seconds or minutes.

    Example:
        >>> seconds(0.034), seconds(4.21), seconds(151.0)
        ('34\xa0ms', '4.2\xa0s', '2\xa0min 31\xa0s')
    """
    if not math.isfinite(duration):
        return _MISSING
    if duration < 0.9995:
        return f"{1000 * duration:.0f}{_SPACE}ms"
    if duration < 9.95:
        return f"{duration:.1f}{_SPACE}s"
    whole = round(duration)
    if whole < 60:
        return f"{whole}{_SPACE}s"
    return f"{whole // 60}{_SPACE}min {whole % 60}{_SPACE}s"
