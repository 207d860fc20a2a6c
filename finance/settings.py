"""Settings of the market job, with the defaults that the command line shows."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from scenara.shared.errors import ConfigError

__all__ = ["STRATEGIES", "StudySettings", "check_numbers"]

STRATEGIES = ("equal-weight", "minimum-variance", "momentum")
"""The strategies that a backtest trades when none is named."""


@dataclass(frozen=True, kw_only=True)
class StudySettings:
    """Say what a market study reads, simulates, judges and trades.

    Args:
        data: Price file, web address or database URL; or None.
        sample: Name of a real sample data set; or None.
        query: SQL, for a database URL.
        date_column: Name of the column of dates, where it is not found.
        date_format: Format of dates that are not ISO 8601, such as ``%d.%m.%Y``.
        until: Last day that the simulator learns from (ISO 8601); later days judge it. Empty:
            the first three quarters of the days.
        family: Generator whose worlds are used.
        compare: Further families, judged beside it.
        worlds: File or folder of worlds to use instead of simulating.
        n_paths: Number of worlds.
        horizon: Days of a world.
        strategy: Names of strategies to trade in the worlds; none for a simulation alone.
        rebalance: Days between trades.
        costs: Proportional costs, as a fraction of the value traded.
        seed: Same seed, same numbers.

    Raises:
        ConfigError: A number is out of its range.
    """

    data: str | None = None
    sample: str | None = None
    query: str | None = None
    date_column: str | None = None
    date_format: str | None = None
    until: str = ""
    family: str = "series/hybrid"
    compare: tuple[str, ...] = ()
    worlds: str | None = None
    n_paths: int = 1_000
    horizon: int = 252
    strategy: tuple[str, ...] = ()
    rebalance: int = 21
    costs: float = 0.0005
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse numbers out of range."""
        for name, lowest in (("n_paths", 2), ("horizon", 1), ("rebalance", 1), ("seed", 0)):
            if getattr(self, name) < lowest:
                raise ConfigError(
                    f"{name}: expected at least {lowest}, found {getattr(self, name)}"
                )
        for name in ("compare", "strategy"):
            if not all(isinstance(item, str) and item for item in getattr(self, name)):
                raise ConfigError(f"{name}: expected names, found {list(getattr(self, name))}")


def check_numbers(
    name: str, values: Sequence[object], fits: Callable[[float], bool], *, expected: str
) -> None:
    """Refuse a setting that holds anything but numbers of its range.

    Args:
        name: Name of the setting.
        values: What it holds.
        fits: Says whether a number is in range.
        expected: What it should hold, in words.

    Raises:
        ConfigError: One of them is no such number.

    Example:
        >>> check_numbers("horizons", (1, 0), lambda days: days >= 1, expected="days from 1")
        Traceback (most recent call last):
        ...
        scenara.shared.errors.ConfigError: horizons: expected days from 1, found [1, 0]
    """
    for value in values:
        if not isinstance(value, (int, float)) or isinstance(value, bool) or not fits(value):
            raise ConfigError(f"{name}: expected {expected}, found {list(values)}")
