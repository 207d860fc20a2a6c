"""When a rebalance is due: the calendar says so, or weights have left their band."""

from dataclasses import dataclass
from datetime import date, timedelta
from difflib import get_close_matches

import pandas as pd

from scenara.finance.portfolio.schedule import CALENDARS
from scenara.shared.errors import ConfigError

__all__ = ["Due", "RebalanceSchedule", "due_dates", "is_due"]

NEVER = "never"


@dataclass(frozen=True)
class RebalanceSchedule:
    """Hold when an account is to be rebalanced.

    Args:
        every: ``"month-end"``, ``"quarter"``, ``"year"`` or ``"week"``, each meaning its last
            day; ``"never"`` for by drift alone.
        drift_band: Largest difference between a weight and its target that waits for the
            calendar, as a fraction of the wealth.

    Raises:
        ConfigError: The calendar is unknown or the band outside [0, 1].

    Example:
        >>> RebalanceSchedule("quarter").drift_band
        0.05
    """

    every: str = "quarter"
    drift_band: float = 0.05

    def __post_init__(self) -> None:
        """Refuse an unknown calendar and a band that no drift can leave or keep."""
        known = [*CALENDARS, NEVER]
        if self.every not in known:
            near = get_close_matches(self.every, known, n=1, cutoff=0.0)[0]
            raise ConfigError(
                f"every: {self.every!r} is not a schedule; did you mean {near!r}? "
                f"Known: {', '.join(known)}"
            )
        if not 0 <= self.drift_band <= 1:
            raise ConfigError(f"drift_band: expected a number in [0, 1], found {self.drift_band}")


@dataclass(frozen=True)
class Due:
    """Hold whether a rebalance is due, and why or why not.

    Args:
        is_due: Whether it is.
        reason: In words.
    """

    is_due: bool
    reason: str


def due_dates(start: date, end: date, every: str) -> list[date]:
    """Give the last days of all weeks, months, quarters or years in a span.

    Args:
        start: First day of the span.
        end: Last day of the span.
        every: Name of the calendar, or ``"never"``.

    Raises:
        ConfigError: The calendar is unknown.

    Example:
        >>> [str(day) for day in due_dates(date(2024, 1, 31), date(2024, 3, 30), "month-end")]
        ['2024-01-31', '2024-02-29']
    """
    calendar = RebalanceSchedule(every).every
    if calendar == NEVER or end < start:
        return []
    days = pd.date_range(start, end + timedelta(days=1))
    period = CALENDARS[calendar](days)
    return [day.date() for day in days[:-1][period[1:] != period[:-1]]]


def is_due(
    last: date | None, today: date, schedule: RebalanceSchedule, *, drift: float = 0.0
) -> Due:
    """Say whether a rebalance is due today; days that were missed ask for one, and only one.

    Args:
        last: Day of the last rebalance; None for none.
        today: The day.
        schedule: Calendar and drift band.
        drift: Largest difference between a weight and its target today.

    Example:
        >>> is_due(date(2024, 3, 31), date(2024, 7, 14), RebalanceSchedule("quarter"))
        Due(is_due=True, reason='2024-06-30 has passed since the last one on 2024-03-31')
    """
    if last is None:
        return Due(True, "there was none before")
    passed = due_dates(last + timedelta(days=1), today, schedule.every)
    if passed:
        return Due(True, f"{passed[-1]} has passed since the last one on {last}")
    if drift > schedule.drift_band:
        band = f"the band of {100 * schedule.drift_band:g}"
        return Due(True, f"a weight is {100 * drift:.1f} points from its target, outside {band}")
    return Due(False, f"the last one was on {last}, and weights are in their band")
