"""What counts as a number where a caller may pass anything."""

from math import isfinite
from numbers import Real
from typing import TypeGuard

__all__ = ["is_number", "is_whole"]


def is_number(value: object) -> TypeGuard[float]:
    """Say whether something is a real number, which truth values are not.

    Args:
        value: Anything.

    Returns:
        Whether it is; nan and inf are numbers.

    Example:
        >>> is_number(0.5), is_number("0.5"), is_number(True)
        (True, False, False)
    """
    return isinstance(value, Real) and not isinstance(value, bool)


def is_whole(value: object) -> TypeGuard[int]:
    """Say whether something is a whole number, of whatever type.

    Args:
        value: Anything.

    Returns:
        Whether it is.

    Example:
        >>> is_whole(3.0), is_whole(2.5), is_whole(float("nan"))
        (True, False, False)
    """
    return is_number(value) and isfinite(value) and value == int(value)
