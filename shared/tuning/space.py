"""What may be varied, as plain data that needs no search library."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias, runtime_checkable

from scenara.shared.errors import ConfigError

__all__ = ["Choice", "Space", "Tunable", "Uniform", "Whole", "check_settings", "search_space"]


@dataclass(frozen=True)
class Uniform:
    """Vary a real number between two bounds.

    Args:
        low: Least value.
        high: Greatest value.
        log: Whether the logarithm is spread evenly, and not the number.

    Raises:
        ConfigError: If the bounds are not finite or out of order, or not above 0 with ``log``.

    Example:
        >>> 0.01 in Uniform(1e-4, 1e-1, log=True)
        True
    """

    low: float
    high: float
    log: bool = field(default=False, kw_only=True)

    def __post_init__(self) -> None:
        """Check the bounds."""
        _check_bounds(self)

    def __contains__(self, value: object) -> bool:
        """Say whether the value can be drawn."""
        return _is_number(value, (int, float)) and self.low <= value <= self.high  # type: ignore[operator]  # checked just before


@dataclass(frozen=True)
class Whole:
    """Vary a whole number between two bounds, both included.

    Args:
        low: Least value.
        high: Greatest value.
        log: Whether the logarithm is spread evenly, and not the number.

    Raises:
        ConfigError: If the bounds are not whole or out of order, or not above 0 with ``log``.

    Example:
        >>> 3 in Whole(1, 8), 2.5 in Whole(1, 8)
        (True, False)
    """

    low: int
    high: int
    log: bool = field(default=False, kw_only=True)

    def __post_init__(self) -> None:
        """Check the bounds."""
        _check_bounds(self)
        for bound in (self.low, self.high):
            if not isinstance(bound, int):
                raise ConfigError(f"Whole: expected whole bounds, found {bound!r}")

    def __contains__(self, value: object) -> bool:
        """Say whether the value can be drawn."""
        return _is_number(value, int) and self.low <= value <= self.high  # type: ignore[operator]  # checked just before


@dataclass(frozen=True)
class Choice:
    """Vary among a few values of any kind, without an order.

    Args:
        options: The values; their ``repr`` must tell them apart.

    Raises:
        ConfigError: If there is no option or two look the same.

    Example:
        >>> Choice([(64, 64), (128, 128)]).options
        ((64, 64), (128, 128))
    """

    options: tuple[Any, ...]

    def __post_init__(self) -> None:
        """Check that options can be told apart."""
        object.__setattr__(self, "options", tuple(self.options))
        if not self.options:
            raise ConfigError("Choice: expected at least one option, found none")
        if len(set(self.labels)) < len(self.labels):
            raise ConfigError(f"Choice: expected options that differ, found {self.options!r}")

    @property
    def labels(self) -> tuple[str, ...]:
        """Give each option as text, in order."""
        return tuple(map(repr, self.options))

    def __contains__(self, value: object) -> bool:
        """Say whether the value is an option."""
        return repr(value) in self.labels


Space: TypeAlias = Uniform | Whole | Choice
"""How one setting may vary."""


@runtime_checkable
class Tunable(Protocol):
    """What a class offers that knows which of its settings are worth varying."""

    @classmethod
    def search_space(cls) -> Mapping[str, Space]:
        """Give how each setting varies, by its name in the constructor."""


def search_space(kind: type) -> dict[str, Space]:
    """Give the search space that a class declares.

    Args:
        kind: A class, such as that of a family of generators.

    Returns:
        How each setting varies, by name.

    Raises:
        ConfigError: If the class declares none.

    Example:
        >>> class Ridge:
        ...     @classmethod
        ...     def search_space(cls):
        ...         return {"penalty": Uniform(1e-3, 1e3, log=True)}
        >>> search_space(Ridge)
        {'penalty': Uniform(low=0.001, high=1000.0, log=True)}
    """
    if not isinstance(kind, Tunable):
        name = getattr(kind, "__name__", repr(kind))
        raise ConfigError(f"{name} declares no search_space(); give the space yourself")
    return dict(kind.search_space())


def check_settings(settings: Mapping[str, Any], space: Mapping[str, Space]) -> None:
    """Refuse settings that lie outside a space; some may be left out.

    Args:
        settings: Values by name.
        space: How each setting may vary.

    Raises:
        ConfigError: If a name is not known or a value can't be drawn.

    Example:
        >>> check_settings({"width": 64}, {"width": Whole(8, 256), "depth": Whole(1, 4)})
    """
    for name, value in settings.items():
        if name not in space:
            raise ConfigError(f"setting {name!r} is not in the space; it has {sorted(space)}")
        if value not in space[name]:
            raise ConfigError(f"setting {name!r}: {value!r} is outside {space[name]!r}")


def _is_number(value: object, types: type | tuple[type, ...]) -> bool:
    return isinstance(value, types) and not isinstance(value, bool)


def _check_bounds(space: Uniform | Whole) -> None:
    name, bounds = type(space).__name__, (space.low, space.high)
    for bound in bounds:
        if not _is_number(bound, (int, float)) or not math.isfinite(bound):
            raise ConfigError(f"{name}: expected finite numbers as bounds, found {bound!r}")
    if space.low > space.high:
        raise ConfigError(f"{name}: expected low <= high, found {bounds}")
    if space.log and space.low <= 0:
        raise ConfigError(f"{name}: expected bounds above 0 with log=True, found {bounds}")
