"""Names of a package that are loaded when they are used, so that importing it stays quick."""

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

__all__ = ["lazy_names"]


def lazy_names(package: str, homes: Mapping[str, str]) -> Callable[[str], Any]:
    """Give the ``__getattr__`` of a package whose names live in modules below it (PEP 562).

    Args:
        package: Name of the package.
        homes: Exported name -> module that defines it, as a full name.

    Returns:
        A function from a name to what it stands for; unknown names raise AttributeError.

    Example:
        >>> find = lazy_names("example", {"sqrt": "math"})
        >>> find("sqrt")(9.0)
        3.0
    """

    def find(name: str) -> Any:  # noqa: ANN401  (any exported object)
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return getattr(import_module(homes[name]), name)

    return find
