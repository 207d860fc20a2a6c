"""Events on a path: what has to happen in a scenario, exactly and checked before it is asked."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from scenara.finance.market.scenarios.holdings import (
    Holding,
    check_holding,
    members,
    named,
)
from scenara.finance.market.scenarios.measures import (
    path_correlation,
    path_drawdown,
    path_return,
    path_returns,
    path_volatility,
)
from scenara.shared.errors import ConfigError
from scenara.shared.generators.series.conditions import PathCondition
from scenara.shared.types import FloatArray

__all__ = ["AllOf", "Measure", "PathEvent", "as_condition"]

Measure = Literal["return", "volatility", "drawdown", "level", "correlation"]
Change = Literal["log", "difference"]

TOLERANCES: Mapping[str, float] = {
    "return": 0.01,
    "volatility": 0.05,
    "drawdown": 0.01,
    "level": 0.01,
    "correlation": 0.05,
}
"""How far a path may be from ``equals``: in points; of volatility and level, relative to it."""

_LIMITS: Mapping[str, tuple[float, float, str]] = {
    "return": (-1.0, math.inf, "a return is above -1, that is -100 %"),
    "volatility": (0.0, math.inf, "a volatility is above 0"),
    "drawdown": (0.0, 1.0, "a drawdown is a share of the peak between 0 and 1, such as 0.3"),
    "level": (-math.inf, math.inf, ""),
    "correlation": (-1.0, 1.0, "a correlation is between -1 and 1"),
}
_WITHIN = ("return", "level", "drawdown")
_RELATIVE = ("volatility", "level")
_OVER_PATH: Mapping[str, Callable[[FloatArray, Holding, Sequence[str]], FloatArray]] = {
    "return": path_return,
    "volatility": path_volatility,
    "drawdown": path_drawdown,
    "correlation": path_correlation,
}
_FEWEST_DAYS = {"volatility": 2, "correlation": 3}
_TYPICAL_DAY = 0.01
_SMALL_VOLATILITY = 0.01
_WRITTEN: Mapping[str, Callable[[float], str]] = {
    "level": "{:.4g}".format,
    "correlation": "{:.2f}".format,
}


@dataclass(frozen=True)
class PathEvent:
    """Say what happens to an asset or a portfolio on a path.

    ``below`` and ``above`` include the bound; both together make a band.

    Args:
        of: An asset; shares of assets such as ``{"SPX": 0.6, "TLT": 0.4}``; names of assets; or
            ``"equal weight"``. A portfolio is brought back to its shares every day.
        measure: ``return`` (simple, since the start), ``volatility`` (per year, of daily log
            returns), ``drawdown`` (deepest fall from a peak, as a share above 0), ``level`` (of an
            asset at the end), or ``correlation`` (the mean over all pairs of assets).
        below: The most that the measure may be.
        above: The least that it may be.
        equals: What it has to be, give or take the tolerance.
        tolerance: Distance from ``equals`` that still counts; by default 1 point of return,
            drawdown, 5 % of a volatility, 1 % of a level, .05 of a correlation.
        within: For returns, levels and drawdowns: the event happens on any of the first so many
            days.
        day: The measure is taken over the first so many days; by default over the whole path.
        start: For levels: the level before the first day.
        change: For levels: whether the channel holds log changes or differences.
        unit: For levels: what one unit of the channel changes (in the logarithm of) the level by.
        spread: Size of the measure's usual variation, in which shortfalls are counted; it decides
            how events are weighed against each other on the way, not what fulfils them.

    Raises:
        ConfigError: The event is incomplete, contradicts itself or can't happen.

    Example:
        >>> fall = PathEvent("SPX", "return", below=-0.20, within=63)
        >>> str(fall)
        'return of SPX at most -20.0 % on a day within 63 days'
        >>> calm, crash = np.zeros((63, 1)), np.full((63, 1), -0.01)
        >>> fall.shortfall(np.stack([calm, crash]), ["SPX"]).round(2).tolist()
        [2.52, 0.0]
    """

    of: Holding
    measure: Measure
    below: float | None = None
    above: float | None = None
    equals: float | None = None
    tolerance: float | None = None
    within: int | None = None
    day: int | None = None
    start: float = 1.0
    change: Change = "log"
    unit: float = 1.0
    spread: float | None = None

    def __post_init__(self) -> None:
        if self.measure not in get_args(Measure):
            raise ConfigError(
                f"measure: expected one of {', '.join(get_args(Measure))}, found {self.measure!r}"
            )
        check_holding(self.of)
        for name in ("spread", "tolerance"):
            value = getattr(self, name)
            if value is not None and not 0 < value < math.inf:
                raise ConfigError(f"{name}: expected a number above 0, found {value!r}")
        self._check_bounds()
        self._check_days()
        if self.change not in get_args(Change):
            raise ConfigError(f"change: expected 'log' or 'difference', found {self.change!r}")
        self._check_level()

    @property
    def days(self) -> int | None:
        """The days that the event looks at; None for all."""
        return self.within or self.day

    @property
    def bounds(self) -> tuple[float, float]:
        """The least and the most that the measure may be."""
        if self.equals is not None:
            allowed = self._allowed
            return self.equals - allowed, self.equals + allowed
        low = -math.inf if self.above is None else self.above
        return low, math.inf if self.below is None else self.below

    def values(self, paths: FloatArray, channels: Sequence[str]) -> FloatArray:
        """Measure paths.

        Args:
            paths: Daily log returns, (n, horizon, channels).
            channels: Name of each channel.

        Returns:
            The measure, (n,); with ``within`` its value on the day that comes nearest.

        Raises:
            ConfigError: An asset is unknown, a day lies beyond the horizon, or the paths are too
                short for the measure.
        """
        seen = self._seen(paths)
        if self.measure != "level" and self.within is None:
            return _OVER_PATH[self.measure](seen, self.of, channels)
        if self.measure == "drawdown":
            return path_drawdown(seen, self.of, channels)
        running = self._running(seen, channels)
        if self.within is None:
            return running[:, -1]
        nearest = self._distance(running).argmin(axis=1)
        chosen: FloatArray = np.take_along_axis(running, nearest[:, None], axis=1)[:, 0]
        return chosen

    def shortfall(self, paths: FloatArray, channels: Sequence[str]) -> FloatArray:
        """Tell how far paths are from the event.

        Args:
            paths: Daily log returns, (n, horizon, channels).
            channels: Name of each channel.

        Returns:
            0 where the event happens, else the distance in units of the measure's usual variation,
            (n,).

        Raises:
            ConfigError: An asset is unknown, a day lies beyond the horizon, the paths are too short
                for the measure, or so many assets can't have that correlation.
        """
        if self.measure == "correlation":
            self._check_correlation(len(members(self.of, channels)))
        spread = self.spread or self._typical_spread(paths.shape[1])
        short: FloatArray = self._distance(self.values(paths, channels)) / spread
        return short

    def __str__(self) -> str:
        write = _WRITTEN.get(self.measure, _percent)
        bounds = {"at most": self.below, "at least": self.above, "equal to": self.equals}
        text = " and ".join(f"{word} {write(x)}" for word, x in bounds.items() if x is not None)
        if self.equals is not None:
            text += f" (± {write(self._allowed)})"
        when = f" within {self.within} days" if self.within else ""
        when = f" on a day{when}" if self.within and self.measure != "drawdown" else when
        when += f" over the first {self.day} days" if self.day else ""
        if self.measure == "correlation":
            return f"mean correlation of {named(self.of).removesuffix(' in equal shares')} {text}{when}"
        return f"{self.measure} of {named(self.of)} {text}{when}"

    @property
    def _allowed(self) -> float:
        tolerance = TOLERANCES[self.measure] if self.tolerance is None else self.tolerance
        is_relative = self.measure in _RELATIVE
        return tolerance * abs(self.equals or 0.0) if is_relative else tolerance

    def _check_bounds(self) -> None:
        asked = {"below": self.below, "above": self.above, "equals": self.equals}
        given = {name: value for name, value in asked.items() if value is not None}
        if not given or ("equals" in given and len(given) > 1):
            raise ConfigError(
                f"{self.measure} of {named(self.of)}: expected below, above or both, or equals "
                f"alone, found {', '.join(given) or 'none'}"
            )
        lowest, highest, law = _LIMITS[self.measure]
        for name, value in given.items():
            is_outside = value < lowest or value > highest or not math.isfinite(value)
            is_edge = value == {"below": lowest, "above": highest}.get(name)
            if is_outside or is_edge:
                raise ConfigError(
                    f"{self.measure} of {named(self.of)}: {name}={value:g} can't happen; "
                    f"{law or 'expected a finite number'}"
                )
        if self.tolerance is not None and self.equals is None:
            raise ConfigError(
                f"{self.measure} of {named(self.of)}: tolerance belongs to equals, found "
                f"{', '.join(given)}"
            )
        if self.equals is not None and self._allowed == 0:
            raise ConfigError(
                f"{self.measure} of {named(self.of)}: a relative tolerance of 0 allows nothing; "
                "use below and above"
            )
        if self.bounds[0] > self.bounds[1]:
            raise ConfigError(
                f"{self.measure} of {named(self.of)}: no value is above {self.above} and below "
                f"{self.below}; swap them"
            )
        if self.bounds[0] == self.bounds[1]:
            raise ConfigError(
                f"{self.measure} of {named(self.of)}: no path hits {self.above} exactly; use equals "
                "with a tolerance"
            )

    def _check_days(self) -> None:
        for name in ("within", "day"):
            value = getattr(self, name)
            if value is not None and (not isinstance(value, (int, np.integer)) or value < 1):
                raise ConfigError(f"{name}: expected a number of days from 1, found {value!r}")
        self._check_length(self.day, "day")
        if self.within is not None and self.day is not None:
            raise ConfigError("expected within or day, found both")
        if self.within is not None and self.measure not in _WITHIN:
            raise ConfigError(
                f"{self.measure}: 'within' means on any day, which only {', '.join(_WITHIN)} "
                "have; use day to measure the first days"
            )

    def _check_length(self, n_days: int | None, name: str) -> None:
        fewest = _FEWEST_DAYS.get(self.measure, 1)
        if n_days is not None and n_days < fewest:
            raise ConfigError(
                f"{name}: a {self.measure} needs {fewest} days or more, found {n_days}"
            )

    def _check_level(self) -> None:
        if not math.isfinite(self.unit) or self.unit == 0:
            raise ConfigError(f"unit: expected a finite number other than 0, found {self.unit!r}")
        if not math.isfinite(self.start) or (self.change == "log" and self.start == 0):
            raise ConfigError(
                f"start: expected a finite level, other than 0 where changes are logarithmic, "
                f"found {self.start!r}"
            )

    def _check_correlation(self, n_assets: int) -> None:
        lowest = -1 / (n_assets - 1) if n_assets > 1 else -1.0
        if self.bounds[1] <= lowest:
            raise ConfigError(
                f"correlation of {named(self.of)}: the mean correlation of {n_assets} assets is "
                f"never below {lowest:.3f}, asked is {self.bounds[1]:g}"
            )

    def _seen(self, paths: FloatArray) -> FloatArray:
        horizon = paths.shape[1]
        if self.days is not None and self.days > horizon:
            name = "within" if self.within else "day"
            raise ConfigError(
                f"{name}={self.days} lies beyond the horizon of {horizon} days; ask for longer "
                "paths or an earlier day"
            )
        self._check_length(self.days or horizon, "horizon")
        return paths if self.days is None else paths[:, : self.days]

    def _running(self, paths: FloatArray, channels: Sequence[str]) -> FloatArray:
        """Give returns or levels at the end of each day, (n, days)."""
        if self.measure == "return":
            return path_returns(paths, self.of, channels)
        rows = members(self.of, channels)
        if not isinstance(self.of, str) or len(rows) != 1:
            raise ConfigError(f"level: expected one asset, found {named(self.of)}; use return")
        moved = self.unit * np.cumsum(paths[:, :, rows[0]], axis=1)
        return self.start * np.exp(moved) if self.change == "log" else self.start + moved

    def _distance(self, values: FloatArray) -> FloatArray:
        low, high = self.bounds
        return np.asarray(np.maximum(np.maximum(low - values, values - high), 0.0))

    def _typical_spread(self, horizon: int) -> float:
        days = self.days or horizon
        moved = _TYPICAL_DAY * math.sqrt(days)
        if self.measure == "volatility":
            largest = max(abs(bound) for bound in self.bounds if math.isfinite(bound))
            return 0.25 * max(largest, _SMALL_VOLATILITY)
        if self.measure == "correlation":
            return max(0.15, 1 / math.sqrt(days))
        if self.measure == "level":
            return (
                moved * abs(self.unit) * (abs(self.start) or 1.0 if self.change == "log" else 1.0)
            )
        return moved


@dataclass(frozen=True)
class AllOf:
    """Ask for several conditions at once.

    Args:
        events: Conditions on paths, at least one.

    Raises:
        ConfigError: There is no condition, or one of them is none.

    Example:
        >>> both = AllOf((PathEvent("A", "return", below=-0.1),
        ...               PathEvent("A", "volatility", above=0.3)))
        >>> str(both)
        'return of A at most -10.0 % and volatility of A at least 30.0 %'
    """

    events: tuple[PathCondition, ...]

    def __post_init__(self) -> None:
        if not self.events:
            raise ConfigError("expected at least one event, found none")
        for event in self.events:
            if not isinstance(event, PathCondition):
                raise ConfigError(f"expected events such as PathEvent, found {event!r}")

    def shortfall(self, paths: FloatArray, channels: Sequence[str]) -> FloatArray:
        """Tell how far paths are from the event that they miss most.

        Args:
            paths: Daily log returns, (n, horizon, channels).
            channels: Name of each channel.

        Returns:
            0 where all events happen, else the largest shortfall, (n,).
        """
        short = [event.shortfall(paths, channels) for event in self.events]
        return np.asarray(np.max(short, axis=0))

    def __str__(self) -> str:
        return " and ".join(str(event) for event in self.events)


def as_condition(given: PathCondition | Sequence[PathCondition]) -> PathCondition:
    """Make one condition of one or several.

    Args:
        given: A condition, or a sequence of them that all have to hold.

    Raises:
        ConfigError: It is none.

    Example:
        >>> fall = PathEvent("equal weight", "return", below=-0.1)
        >>> as_condition(fall) is fall, len(as_condition([fall, fall]).events)
        (True, 2)
    """
    if isinstance(given, PathCondition):
        return given
    if not isinstance(given, Sequence) or isinstance(given, str):
        raise ConfigError(f"given: expected a PathEvent or several, found {given!r}")
    return AllOf(tuple(given))


def _percent(value: float) -> str:
    return f"{100 * value:.1f} %"
