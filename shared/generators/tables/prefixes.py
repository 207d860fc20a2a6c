"""Names of saved parts: several sets of arrays or frames in one, each below a prefix."""

from collections.abc import Mapping
from typing import TypeVar

__all__ = ["below", "prefixed"]

Part = TypeVar("Part")


def prefixed(prefix: str, parts: Mapping[str, Part]) -> dict[str, Part]:
    """Put a prefix before the names of parts.

    Args:
        prefix: Such as ``"network."``.
        parts: Part by name.

    Example:
        >>> prefixed("a.", {"x": 1})
        {'a.x': 1}
    """
    return {prefix + name: part for name, part in parts.items()}


def below(prefix: str, parts: Mapping[str, Part]) -> dict[str, Part]:
    """Give the parts whose names begin with a prefix, without it.

    Args:
        prefix: Such as ``"network."``.
        parts: Part by name.

    Example:
        >>> below("a.", {"a.x": 1, "b.x": 2})
        {'x': 1}
    """
    return {name.removeprefix(prefix): x for name, x in parts.items() if name.startswith(prefix)}
