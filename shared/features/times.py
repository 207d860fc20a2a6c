"""Columns of dates and times: their resolution and their time zone are kept."""

import datetime
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from scenara.shared.errors import DataError
from scenara.shared.features.base import Rows
from scenara.shared.features.lattice import Lattice
from scenara.shared.features.numbers import MeasuredEncoder
from scenara.shared.features.storage import Dtype, Series
from scenara.shared.types import Array, FloatArray, IntArray

__all__ = ["CALENDAR", "DateTimeEncoder", "TimeScale", "calendar_features"]

NANOSECONDS = {"s": 10**9, "ms": 10**6, "us": 10**3, "ns": 1}
CALENDAR = (
    "decades",
    *(f"{part}_{wave}" for part in ("month", "day", "weekday", "hour") for wave in ("sin", "cos")),
)
"""Names of what ``calendar_features`` gives."""
RESOLUTIONS = (86_400 * 10**9, 3_600 * 10**9, 60 * 10**9, 10**9, 10**6, 10**3, 1)


@dataclass(frozen=True)
class TimeScale:
    """Map times to whole units of the coarsest resolution they have, and back without loss.

    Args:
        unit: Unit that the column is stored in: s, ms, us or ns.
        zone: Time zone, None without one.
        wall: Whether units count the time on the wall (whole local days), not in UTC.
        lattice: Days, hours, ... or nanoseconds, counted from the first time seen.
        low: First time seen, in the stored unit.
        high: Last time seen.
        as_date: Whether the cells are ``datetime.date``.
    """

    unit: str
    zone: str | None
    wall: bool
    lattice: Lattice
    low: int
    high: int
    as_date: bool

    @classmethod
    def of(cls, times: Series, *, as_date: bool = False) -> "TimeScale":
        """Find unit, zone and resolution.

        Args:
            times: Times, none missing, (values,).
            as_date: Whether they came as ``datetime.date``.
        """
        unit = _unit(times.dtype)
        zone = str(times.dt.tz) if times.dt.tz is not None else None
        steps = tuple(
            step // NANOSECONDS[unit] for step in RESOLUTIONS if step >= NANOSECONDS[unit]
        )
        scales = []
        for wall in (False, True) if zone else (False,):
            counts = np.unique(_counts(times, unit, wall=wall))
            lattice = Lattice.of(counts, steps=steps) if len(counts) else Lattice(0, 1)
            low, high = (int(counts[0]), int(counts[-1])) if len(counts) else (0, 0)
            scales.append(cls(unit, zone, wall, lattice, low, high, as_date))
        return scales[-1] if scales[-1]._is_better(scales[0], times) else scales[0]

    def to_units(self, times: Series) -> IntArray:
        """Give the units; times outside the range seen are drawn to its ends."""
        counts = _counts(times, self.unit, wall=self.wall)
        return self.lattice.to_units(np.clip(counts, self.low, self.high))

    def to_values(self, units: IntArray) -> Series:
        """Give the times; a local time that a change of clocks skips moves to the next there is."""
        counts = self.lattice.to_values(units)
        times = pd.Series(counts.view(f"datetime64[{self.unit}]"))
        if self.zone is None:
            return times.dt.date if self.as_date else times
        if not self.wall:
            return times.dt.tz_localize("UTC").dt.tz_convert(self.zone)
        first = np.ones(len(times), dtype=bool)
        return times.dt.tz_localize(self.zone, ambiguous=first, nonexistent="shift_forward")

    def _is_better(self, other: "TimeScale", times: Series) -> bool:
        if self.lattice.step <= other.lattice.step:
            return False
        back = _counts(self.to_values(self.to_units(times)), self.unit, wall=False)
        return bool((back == _counts(times, self.unit, wall=False)).all())


@dataclass(kw_only=True, eq=False)
class DateTimeEncoder(MeasuredEncoder):
    """Code a column of times along a curve, with spikes of their own.

    Times come back exactly, in the stored unit and zone. Days decode to days and seconds to
    seconds; in a time zone, local midnights decode to local midnights.

    Args:
        method: The curve, see ``MeasuredEncoder`` for it and the other arguments.

    Example:
        >>> days = pd.Series(pd.to_datetime(["2024-01-01", "2024-03-05"]), name="day")
        >>> encoder = DateTimeEncoder().fit(days)
        >>> bool((encoder.inverse(encoder.transform(days)) == days).all())
        True
    """

    scale_: TimeScale = field(init=False, repr=False)

    def _fit(self, present: Series) -> None:
        times, as_date = _times(present, self.column_)
        self.scale_ = TimeScale.of(times, as_date=as_date)
        self._fit_units(self.scale_.to_units(times))

    def _transform(self, present: Series) -> tuple[IntArray, FloatArray]:
        times, _ = _times(present, self.column_)
        if (times.dt.tz is None) != (self.scale_.zone is None):
            raise DataError(
                f"column {self.column_!r}: expected times "
                f"{'in a' if self.scale_.zone else 'without'} time zone, found {present.dtype}"
            )
        return self._code_units(self.scale_.to_units(times))

    def _inverse(self, codes: IntArray, positions: FloatArray, rows: Rows) -> Array | Series:
        return self.scale_.to_values(self._decode_units(codes, positions))

    def _show(self, units: Array) -> list[str]:
        return [str(time) for time in self.scale_.to_values(units)]


def calendar_features(times: Series) -> pd.DataFrame:
    """Describe times by the calendar: year, month, day, weekday and hour.

    What comes round is given as sine and cosine of its phase, so that December is beside
    January. Missing times give 0 everywhere.

    Args:
        times: Times, (rows,).

    Returns:
        ``decades`` (since 2000), ``month_sin``, ``month_cos``, ... for month, day of the month,
        weekday and hour, (rows, 9).

    Raises:
        DataError: If the column holds no times.

    Example:
        >>> calendar_features(pd.Series(pd.to_datetime(["2024-01-01"])))["weekday_cos"].tolist()
        [1.0]
    """
    name = str(times.name)
    parsed, _ = _times(times[times.notna()], name)
    there = parsed.dt
    years = there.year + (there.day_of_year - 1) / 366
    phases = {
        "month": (there.month - 1) / 12,
        "day": (there.day - 1) / there.days_in_month,
        "weekday": there.day_of_week / 7,
        "hour": (there.hour + there.minute / 60) / 24,
    }
    columns = [((years - 2000) / 10).to_numpy(dtype=np.float64)]
    for phase in phases.values():
        angle = 2 * np.pi * phase.to_numpy(dtype=np.float64)
        columns += [np.sin(angle), np.cos(angle)]
    features = pd.DataFrame(np.column_stack(columns), columns=list(CALENDAR))
    return features.set_axis(np.flatnonzero(times.notna())).reindex(
        range(len(times)), fill_value=0.0
    )


def _counts(times: Series, unit: str, *, wall: bool) -> IntArray:
    if times.dt.tz is not None:
        times = (
            times.dt.tz_localize(None) if wall else times.dt.tz_convert("UTC").dt.tz_localize(None)
        )
    return times.to_numpy().astype(f"datetime64[{unit}]").view(np.int64)


def _times(present: Series, column: str) -> tuple[Series, bool]:
    """Give present cells as datetime64, and whether they are plain dates."""
    if pd.api.types.is_datetime64_any_dtype(present.dtype) and not _is_arrow(present.dtype):
        return present, False
    as_date = present.dtype == object and all(type(cell) is datetime.date for cell in present)
    stamps = present.dtype == object and all(
        isinstance(cell, datetime.datetime) for cell in present
    )
    if not (as_date or stamps or _is_arrow(present.dtype)):
        raise DataError(
            f"column {column!r}: expected times, found dtype {present.dtype}; parse it with "
            f"pandas.to_datetime"
        )
    try:
        times: Series = pd.to_datetime(present)
    except (ValueError, TypeError) as error:
        raise DataError(
            f"column {column!r}: times can't be put on one scale ({error}); give all of them the "
            f"same time zone"
        ) from error
    return times, bool(as_date)


def _unit(dtype: Dtype) -> str:
    return dtype.unit if isinstance(dtype, pd.DatetimeTZDtype) else str(dtype)[11:-1]


def _is_arrow(dtype: Dtype) -> bool:
    return isinstance(dtype, pd.ArrowDtype) and dtype.kind == "M"
