"""Names of a package that are loaded when they are used, so that importing it stays quick."""

from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from typing import Any

__all__ = ["lazy_names"]


def lazy_names(package: str, homes: Mapping[str, Iterable[str]]) -> Callable[[str], Any]:
    """Give the ``__getattr__`` of a package whose names live in modules below it (PEP 562).

    Args:
        package: Name of the package.
        homes: Module below the package -> names that it defines.

    Returns:
        A function from a name to what it stands for; unknown names raise AttributeError.

    Example:
        >>> find = lazy_names("xml", {"sax.saxutils": ["escape"]})
        >>> find("escape")("<")
        '&lt;'
    """

    def find(name: str) -> Any:  # noqa: ANN401  (any exported object)
        for module, names in homes.items():
            if name in names:
                return getattr(import_module(f"{package}.{module}"), name)
        raise AttributeError(f"module {package!r} has no attribute {name!r}")

    return find
