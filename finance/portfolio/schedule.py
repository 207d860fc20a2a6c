"""When a portfolio is traded back to its targets: every n steps, or by the calendar."""

from collections.abc import Callable
from difflib import get_close_matches

import numpy as np
import pandas as pd

from scenara.finance.portfolio.checks import is_whole
from scenara.shared.errors import ConfigError, DataError
from scenara.shared.types import IntArray

__all__ = ["CALENDARS", "dates_before", "rebalance_steps"]


def _weeks(dates: pd.DatetimeIndex) -> IntArray:
    calendar = dates.isocalendar()
    return np.asarray(calendar["year"] * 100 + calendar["week"], dtype=np.int64)


def _months(dates: pd.DatetimeIndex) -> IntArray:
    return np.asarray(dates.year * 12 + dates.month, dtype=np.int64)


def _quarters(dates: pd.DatetimeIndex) -> IntArray:
    return np.asarray(dates.year * 4 + dates.quarter, dtype=np.int64)


def _years(dates: pd.DatetimeIndex) -> IntArray:
    return np.asarray(dates.year, dtype=np.int64)


CALENDARS: dict[str, Callable[[pd.DatetimeIndex], IntArray]] = {
    "week": _weeks,
    "month-end": _months,
    "quarter": _quarters,
    "year": _years,
}
"""Calendar schedules: name -> the number of the period in which each date lies."""


def rebalance_steps(
    n_steps: int, every: int | str, *, dates: pd.DatetimeIndex | None = None
) -> IntArray:
    """Give the steps before whose return a portfolio is traded.

    Step 0 is always among them: that is the first purchase. A calendar schedule trades at the
    close of the last day of each week, month, quarter or year, hence before the return of the
    first day of the next one.

    Args:
        n_steps: Number of returns in the path.
        every: Number of steps between two trades, a name in ``CALENDARS``, or ``"never"`` (buy
            and hold).
        dates: Date of each return, increasing, shape (n_steps,). Only calendars need them.

    Returns:
        Increasing step numbers, shape (n_rebalances,).

    Raises:
        ConfigError: ``every`` is below 1 or an unknown name, or a calendar has no dates.
        DataError: The dates are not increasing, or not one for each step.

    Example:
        >>> rebalance_steps(10, 4).tolist()
        [0, 4, 8]
        >>> days = pd.bdate_range("2024-01-30", periods=5)
        >>> rebalance_steps(5, "month-end", dates=days).tolist()
        [0, 2]
    """
    if every == "never":
        return np.zeros(1, dtype=np.int64)
    if isinstance(every, str):
        return _calendar_steps(n_steps, every, dates)
    if not is_whole(every) or every < 1:
        raise ConfigError(
            "rebalance: expected a whole number of steps between trades, at least 1 step, found "
            f"{every!r}"
        )
    return np.arange(0, n_steps, int(every), dtype=np.int64)


def dates_before(
    step: int,
    n: int,
    *,
    dates: pd.DatetimeIndex | None,
    history_dates: pd.DatetimeIndex | None,
) -> pd.DatetimeIndex | None:
    """Give the dates of the last returns before a step.

    Args:
        step: Number of returns that are over.
        n: How many dates.
        dates: Date of each return.
        history_dates: Date of each return before the first step.

    Returns:
        Dates, shape (n,); None where not all are known.

    Example:
        >>> days = pd.bdate_range("2024-01-01", periods=4)
        >>> dates_before(1, 2, dates=days[2:], history_dates=days[:2]).day.tolist()
        [2, 3]
    """
    first = step - n
    if dates is None or first >= 0:
        return None if dates is None else dates[first:step]
    if history_dates is None or len(history_dates) < -first:
        return None
    return pd.DatetimeIndex(history_dates[first:].append(dates[:step]))


def _calendar_steps(n_steps: int, name: str, dates: pd.DatetimeIndex | None) -> IntArray:
    if name not in CALENDARS:
        names = [*CALENDARS, "never"]
        near = get_close_matches(name, names, n=1, cutoff=0.0)[0]
        raise ConfigError(
            f"rebalance: {name!r} is not a schedule; did you mean {near!r}? "
            f"Known: a number of steps, {', '.join(names)}"
        )
    if dates is None:
        raise ConfigError(
            f"rebalance={name!r} needs the date of each return; pass dates=, a DataFrame indexed "
            "by date, or a number of steps"
        )
    _check_dates(dates, n_steps)
    period = CALENDARS[name](dates)
    return np.flatnonzero(np.diff(period, prepend=period[0] - 1)).astype(np.int64)


def _check_dates(dates: pd.DatetimeIndex, n_steps: int) -> None:
    if len(dates) != n_steps:
        raise DataError(f"dates: expected one for each of the {n_steps} steps, found {len(dates)}")
    if dates.hasnans or not (dates.is_monotonic_increasing and dates.is_unique):
        raise DataError("dates: expected strictly increasing dates; sort and deduplicate the rows")
