"""When the rows of a table are: dates, times, or numbers such as years."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
from pandas.api import types as dtypes

from scenara.shared.data.column import nearest
from scenara.shared.data.plain import as_dates, as_numbers, family, text
from scenara.shared.errors import ConfigError, DataError

__all__ = ["check_column", "check_present", "length_of", "moment_of", "shown", "times_of"]

Time = str | date | np.datetime64 | float
Gap = str | timedelta | np.timedelta64 | float


def check_column(frame: pd.DataFrame, name: str) -> None:
    """Raise ``DataError`` unless there is one column of this name."""
    n_found = list(frame.columns).count(name)
    if n_found != 1:
        near = nearest(name, list(map(str, frame.columns))) if n_found == 0 else ""
        raise DataError(f"split: expected one column {name!r}, found {n_found}{near}")


def check_present(values: pd.Series) -> None:
    """Raise ``DataError`` that names the first row without a value, if there is one."""
    missing = np.flatnonzero(values.isna())
    if len(missing):
        where = f"column {values.name!r}" if values.name else "index"
        raise DataError(
            f"{where}: expected a value in each row to split by, found none that can be read in "
            f"row {missing[0]}; mend or drop the row"
        )


def times_of(frame: pd.DataFrame, by: str) -> pd.Series:
    """Give when each row is, as UTC times, or as numbers where they are numbers.

    Args:
        frame: The table.
        by: Column with the times, "" for the index.

    Returns:
        (rows,), numbered from 0, none missing.

    Raises:
        DataError: If there are no times, or one is missing or can't be read.
    """
    if by:
        check_column(frame, by)
        values = frame[by].reset_index(drop=True)
    elif isinstance(frame.index, pd.DatetimeIndex):
        values = pd.Series(frame.index)
    else:
        raise DataError("split by time: expected an index of dates; name a column with the times")
    is_number = family(values) == "number"
    times = pd.Series(as_numbers(values)) if is_number else as_dates(values)
    check_present(times.rename(by))
    return times


def shown(moment: pd.Timestamp | float) -> str:
    """Show a moment without the clock where it is midnight."""
    if isinstance(moment, pd.Timestamp):
        return str(moment.tz_localize(None)).removesuffix(" 00:00:00")
    return f"{moment:,.15g}"


def moment_of(at: Time, frame: pd.DataFrame, by: str) -> pd.Timestamp | float:
    """Give a moment in the form of ``times_of``; one without a zone is in the table's own.

    Args:
        at: What the user gave.
        frame: The table.
        by: Column with the times, "" for the index.

    Raises:
        ConfigError: If it is no moment, or a number where times are dates.
    """
    values = frame[by] if by else pd.Series(frame.index)
    if isinstance(at, int | float) != (family(values) == "number"):
        raise ConfigError(f"at: expected a value like {text(values.iloc[0])}, found {at!r}")
    if isinstance(at, int | float):
        return float(at)
    try:
        moment = pd.Timestamp(str(at))
        zone = getattr(values.dtype, "tz", None) or "UTC"
        return (moment.tz_localize(zone) if moment.tz is None else moment).tz_convert("UTC")
    except (ValueError, TypeError) as error:
        raise ConfigError(f"at: expected a date such as '2015-01-01', found {at!r}") from error


def length_of(gap: Gap, times: pd.Series) -> pd.Timedelta | float:
    """Give a length of time that can be taken from ``times``.

    Args:
        gap: What the user gave; 0 is no time whatever the form of the times.
        times: What ``times_of`` gave.

    Raises:
        ConfigError: If it is no length, or a number where times are dates.
    """
    of_numbers = dtypes.is_numeric_dtype(times.dtype)
    if of_numbers and isinstance(gap, int | float) and gap >= 0:
        return float(gap)
    if not of_numbers and not isinstance(gap, int | float):
        length = pd.to_timedelta(str(gap), errors="coerce")
        if not pd.isna(length) and length >= pd.Timedelta(0):
            return length
    if not of_numbers and gap == 0:
        return pd.Timedelta(0)
    like = "a number from 0" if of_numbers else "a length of time such as '21D'"
    raise ConfigError(f"gap: expected {like}, found {gap!r}")
