"""Which settings are tried: lists of values, ranges, and how they are typed."""

import itertools
import re
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from scenara.finance.portfolio.strategies.specs import read_specs
from scenara.shared.errors import ConfigError
from scenara.shared.tuning.space import Choice, Space, Uniform, Whole

__all__ = ["Values", "grid_settings", "read_grid", "search_spaces"]

Values: TypeAlias = Sequence[Any] | Space
"""How one setting varies: the values to try, or a space to draw from."""

_NUMBER = r"[+-]?(?:\d+(?:\.\d+)?|\.\d+)(?:e[+-]?\d+)?"
_RANGE = re.compile(rf"(?P<low>{_NUMBER})\.\.(?P<high>{_NUMBER})", re.IGNORECASE)


def grid_settings(grid: Mapping[str, Values]) -> list[dict[str, Any]]:
    """Give every combination of the values in a grid.

    Args:
        grid: Name of a setting -> the values to try.

    Returns:
        Settings by name, the last setting varying fastest.

    Raises:
        ConfigError: The grid is empty, a setting has no values or one twice, or a range.

    Example:
        >>> grid_settings({"lookback": [63, 126], "short": [True]})
        [{'lookback': 63, 'short': True}, {'lookback': 126, 'short': True}]
    """
    if not grid:
        raise ConfigError("grid: expected values of some setting, such as lookback=63,126")
    for name, values in grid.items():
        _check_values(name, values)
    lists = [list(values) for values in grid.values() if not isinstance(values, Space)]
    return [dict(zip(grid, row, strict=True)) for row in itertools.product(*lists)]


def search_spaces(grid: Mapping[str, Values]) -> dict[str, Space]:
    """Take lists of values as choices, for a search that draws.

    Args:
        grid: Name of a setting -> how it varies.

    Returns:
        Name -> space.

    Raises:
        ConfigError: The grid is empty, or a setting has no values or one twice.

    Example:
        >>> search_spaces({"lookback": Whole(21, 252), "short": [True, False]})["short"]
        Choice(options=(True, False))
    """
    if not grid:
        raise ConfigError("grid: expected a range of some setting, such as lookback=21..252")
    return {
        name: values if isinstance(values, Space) else Choice(tuple(values))
        for name, values in grid.items()
    }


def read_grid(texts: Sequence[str]) -> dict[str, Values]:
    """Read how settings vary, as it is typed.

    Args:
        texts: Each ``setting=value,value`` with values as in TOML, or ``setting=low..high``.

    Returns:
        Name -> values, or the space of a range: of whole numbers if both ends are.

    Raises:
        ConfigError: A text is not of this form, or a setting is there twice.

    Example:
        >>> read_grid(["lookback=63,126", "volatility_target=0.1..0.4"])
        {'lookback': (63, 126), 'volatility_target': Uniform(low=0.1, high=0.4, log=False)}
    """
    grid: dict[str, Values] = {}
    for text in texts:
        name, equals, values = (part.strip() for part in text.partition("="))
        if not (name.isidentifier() and equals and values):
            raise ConfigError(f"grid: expected setting=value,value or low..high, found {text!r}")
        if name in grid:
            raise ConfigError(f"grid: setting {name!r} is there twice")
        grid[name] = _range(name, values) if ".." in values else _list(name, values)
    return grid


def _range(name: str, text: str) -> Space:
    ends = _RANGE.fullmatch(text)
    if ends is None:
        raise ConfigError(f"grid: {name!r}: expected a range such as 21..252, found {text!r}")
    low, high = ends["low"], ends["high"]
    try:
        if all(re.fullmatch(r"[+-]?\d+", end) for end in (low, high)):
            return Whole(int(low), int(high))
        return Uniform(float(low), float(high))
    except ConfigError as error:
        raise ConfigError(
            f"grid: {name!r}: expected low..high with low below high: {error}"
        ) from error


def _list(name: str, text: str) -> tuple[Any, ...]:
    """Read values through the syntax of settings, so that both are the same."""
    listed = read_specs(f"grid({name}=[{text}])")[0].settings
    assert listed is not None
    values = listed[name]
    assert isinstance(values, list)
    return tuple(values)


def _check_values(name: str, values: Values) -> None:
    if isinstance(values, Space):
        raise ConfigError(f"grid: {name!r} is a range; say how many trials are drawn (n_trials)")
    if isinstance(values, str) or len(values) == 0:
        raise ConfigError(f"grid: expected values of {name!r}, found {values!r}")
    if len(set(map(repr, values))) < len(values):
        raise ConfigError(f"grid: expected values of {name!r} that differ, found {list(values)}")
