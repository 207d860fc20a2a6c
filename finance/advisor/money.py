"""Amounts of money without rounding errors: decimal numbers, and whole cents where they are kept."""

from decimal import ROUND_HALF_EVEN, Decimal

from scenara.shared.errors import DataError

__all__ = ["exact", "from_cents", "to_cents"]

_CENT = Decimal("0.01")
_MOST_DIGITS = 15


def exact(number: float | Decimal) -> Decimal:
    """Give a number as it was typed: the shortest text that means this float.

    Args:
        number: A float, a whole number or a decimal number.

    Example:
        >>> exact(0.1)
        Decimal('0.1')
    """
    return number if isinstance(number, Decimal) else Decimal(repr(number))


def to_cents(amount: Decimal) -> int:
    """Round an amount to whole cents, halves to even.

    Args:
        amount: Currency units of a hundred cents.

    Raises:
        DataError: The amount is no number, or has over fifteen digits before the point.

    Example:
        >>> to_cents(Decimal("10.125")), to_cents(Decimal("-0.01"))
        (1012, -1)
    """
    if not amount.is_finite() or amount.adjusted() >= _MOST_DIGITS:
        raise DataError(f"amount: expected at most {_MOST_DIGITS} digits, found {amount}")
    return int(amount.quantize(_CENT, rounding=ROUND_HALF_EVEN).scaleb(2))


def from_cents(cents: int) -> Decimal:
    """Give cents as currency units, with two decimals.

    Args:
        cents: Hundredths of a currency unit.

    Example:
        >>> from_cents(1012)
        Decimal('10.12')
    """
    return Decimal(cents).scaleb(-2)
