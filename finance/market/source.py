"""Where a study's prices come from, and the day that parts what is learned from what judges."""

import os
from dataclasses import dataclass

import pandas as pd

from scenara.finance.market.prices import check_prices, log_returns, read_prices
from scenara.finance.settings import PriceSettings
from scenara.shared.data.samples import find_sample, load_sample
from scenara.shared.errors import ConfigError, DataError
from scenara.shared.progress import Progress, silent
from scenara.shared.run import file_sha256, redacted

__all__ = ["MarketData", "read_market", "weekdays_without_prices"]

FEWEST_DAYS = 378
"""Fewest days on each side of the cut: six quarters, which is what the detector needs."""


@dataclass(frozen=True)
class MarketData:
    """Hold daily log returns, cut in two at a day.

    Args:
        train: What simulators learn from, days by assets.
        later: The days after, which judge.
        name: What the data are called.
        file: File or address that they came from, without a password.
        sha256: Checksum of the file; empty where there is none.

    Raises:
        DataError: The later days do not come after the training days.
    """

    train: pd.DataFrame
    later: pd.DataFrame
    name: str
    file: str
    sha256: str

    def __post_init__(self) -> None:
        if not self.train.index[-1] < self.later.index[0]:
            raise DataError("expected the later days to come after the training days")

    @property
    def returns(self) -> pd.DataFrame:
        """All days in one frame."""
        return pd.concat([self.train, self.later])


def weekdays_without_prices(days: pd.Index) -> str:
    """Count the weekdays between the first and the last day that have no price.

    One missing day can't be told from a holiday without the exchange's calendar, so the reader is
    given the count to compare.

    Args:
        days: The days that have a price, in order.

    Example:
        >>> weekdays_without_prices(pd.DatetimeIndex(["2024-01-01", "2024-01-03"]))
        '1 (130 a year; exchanges close on about 9 weekdays a year)'
    """
    known = pd.DatetimeIndex(days).tz_localize(None).normalize()
    missing = pd.bdate_range(known[0], known[-1]).difference(known)
    rate = 261 * len(missing) / max(len(missing) + len(known) - 1, 1)
    return f"{len(missing)} ({rate:.3g} a year; exchanges close on about 9 weekdays a year)"


def read_market(settings: PriceSettings, *, progress: Progress = silent) -> MarketData:
    """Read the prices that the settings name and cut their returns in two.

    Args:
        settings: Source, query and last training day.
        progress: Told the steps of fetching a sample.

    Returns:
        The returns.

    Raises:
        DataError: The prices are wrong, or too few on one side of the cut.
        ConfigError: The day is no date.
    """
    if settings.sample is not None:
        sample = find_sample(settings.sample)
        raw = load_sample(sample, progress=progress)
        prices = check_prices(raw, where=f"sample {sample.name}")
        name = f"sample {sample.name}"
        file, sha256 = next(iter(sample.sources.items()))
        file = f"{sample.package}: {file}"
    elif settings.data is not None:
        prices = read_prices(
            settings.data,
            query=settings.query,
            date_column=settings.date_column,
            date_format=settings.date_format,
            minimum_rows=2 * FEWEST_DAYS + 1,
        )
        is_file = os.path.isfile(settings.data)
        name = os.path.basename(settings.data) if is_file else "prices"
        file, sha256 = redacted(settings.data), file_sha256(settings.data) if is_file else ""
    else:
        raise ConfigError("expected data or a sample to read prices from, found neither")
    returns = log_returns(prices)
    _refuse_useless(returns, name)
    train, later = _cut(returns, settings.until, name)
    return MarketData(train, later, name=name, file=file, sha256=sha256)


def _refuse_useless(returns: pd.DataFrame, name: str) -> None:
    """Refuse columns that no scorecard of a market can take."""
    for column in returns.columns:
        if column in ("path", "step"):
            raise DataError(f"{name}: column {column!r}: worlds keep that name; rename it")
        if (returns[column] >= 0).all():
            raise DataError(
                f"{name}: column {column!r}: the price never falls; leave such a column out"
            )
    copies = returns.columns[returns.T.duplicated()]
    if len(copies):
        raise DataError(f"{name}: column {copies[0]!r}: the same as another column; leave it out")


def _cut(returns: pd.DataFrame, until: str, name: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    last = _last_training_day(returns, until)
    train, later = returns[returns.index <= last], returns[returns.index > last]
    for purpose, part, side in (("learn from", train, "up to"), ("judge by", later, "after")):
        if len(part) < FEWEST_DAYS:
            raise DataError(
                f"{name}: {len(part)} days to {purpose} {side} {last:%Y-%m-%d}, expected at least "
                f"{FEWEST_DAYS}; choose another --until or give more days"
            )
    return train, later


def _last_training_day(returns: pd.DataFrame, until: str) -> pd.Timestamp:
    if not until:
        last = max(min(3 * len(returns) // 4, len(returns) - FEWEST_DAYS), FEWEST_DAYS) - 1
        return pd.Timestamp(returns.index[last])
    day = pd.to_datetime(until, errors="coerce")
    if pd.isna(day):
        raise ConfigError(f"--until: expected a date such as 2014-12-31, found {until!r}")
    return day.tz_localize(pd.DatetimeIndex(returns.index).tz)
