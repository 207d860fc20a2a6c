"""Read daily prices, refuse what is wrong with them by file, row and column, make returns."""

import os
from collections.abc import Sequence
from dataclasses import replace
from typing import TypedDict, TypeVar, Unpack, cast

import numpy as np
import pandas as pd

from scenara.finance.market.dates import find_date_column, parse_dates
from scenara.finance.market.long_prices import long_columns, widened
from scenara.finance.market.quality import (
    check_assets,
    check_calendar,
    check_dates,
    check_jumps,
    check_prices_sound,
    to_numbers,
)
from scenara.shared.data.options import ReadOptions
from scenara.shared.data.origin import Origin
from scenara.shared.data.read import read_located
from scenara.shared.data.selection import select
from scenara.shared.errors import DataError
from scenara.shared.types import FloatArray

__all__ = ["PriceLimits", "check_prices", "log_returns", "read_prices", "simple_returns"]

_MAXIMUM_ASSETS = 500

Returns = TypeVar("Returns", pd.DataFrame, FloatArray)


class PriceLimits(TypedDict, total=False):
    """Name the limits that :func:`check_prices` takes, for callers that pass them on."""

    minimum_rows: int
    minimum_assets: int
    maximum_assets: int
    maximum_gap_days: int
    maximum_jump: float


def check_prices(
    frame: pd.DataFrame,
    *,
    where: str | Origin = "prices",
    minimum_rows: int = 2,
    minimum_assets: int = 2,
    maximum_assets: int = _MAXIMUM_ASSETS,
    maximum_gap_days: int = 12,
    maximum_jump: float = 100.0,
) -> pd.DataFrame:
    """Check a table of daily prices and give it in the one form that all models take.

    Args:
        frame: Shape (days, assets), indexed by day.
        where: Name of the table, or the origin of its rows, for messages.
        minimum_rows: Fewest days, such as the model needs.
        minimum_assets: Fewest assets; 1 where a single one makes sense.
        maximum_assets: Most assets.
        maximum_gap_days: Longest time between two rows, in calendar days; the longest holidays of
            today's markets are 11, the New York Stock Exchange of September 2001 was closed for 7.
        maximum_jump: Largest factor between two prices in a row, up or down.

    Returns:
        Shape (days, assets), float64, by a DatetimeIndex of midnights called ``"date"``.

    Raises:
        DataError: At the first price, date or column that is wrong: one line with its place.

    Example:
        >>> days = pd.to_datetime(["2020-01-02", "2020-01-03"])
        >>> check_prices(pd.DataFrame({"A": [1, 2], "B": [3, 0]}, index=days))
        Traceback (most recent call last):
        ...
        scenara.shared.errors.DataError: prices, row 2, column 'B' (2020-01-03): expected a price \
above 0, found 0.0; mend the cell, or leave out the row or the column
    """
    origin = where if isinstance(where, Origin) else Origin(where)
    if isinstance(frame.index, pd.RangeIndex):
        raise DataError(f"{origin.place()}: expected dates in the index; use set_index('date')")
    check_assets(frame.columns, origin, minimum=minimum_assets, maximum=maximum_assets)
    dated = frame.set_axis(parse_dates(frame.index, origin, column="date"), axis=0)
    check_dates(dated, origin, minimum_rows=minimum_rows)
    prices = to_numbers(dated, origin)
    check_prices_sound(prices, origin)
    check_calendar(prices, origin, maximum_gap_days=maximum_gap_days)
    check_jumps(prices, origin, maximum_jump=maximum_jump)
    return prices


def _dated(
    frame: pd.DataFrame,
    origin: Origin,
    *,
    date_column: str | None,
    date_format: str | None,
    assets: Sequence[str] | None,
) -> tuple[pd.DataFrame, Origin]:
    date = find_date_column(frame, origin, column=date_column)
    days = parse_dates(frame[date], origin, column=date, date_format=date_format)
    dated = frame.drop(columns=date).set_axis(days, axis=0)
    long = long_columns(list(dated.columns), origin)
    if long is not None:
        dated = widened(dated, origin, *long)
        origin = replace(origin, numbered=False)
    return select(dated, ReadOptions(columns=assets), origin.place()), origin


def read_prices(
    source: str | os.PathLike[str],
    *,
    query: str | None = None,
    date_column: str | None = None,
    date_format: str | None = None,
    assets: Sequence[str] | None = None,
    options: ReadOptions | None = None,
    **limits: Unpack[PriceLimits],
) -> pd.DataFrame:
    r"""Read daily prices from anywhere, and refuse them with one line if anything is wrong.

    The table is wide, a column of dates and one of prices for each asset; or long, with exactly
    the columns date, asset (or ticker, symbol) and price (or close), whose rows may stand in any
    order.

    Args:
        source: Path, database URL or web address, as for ``scenara.shared.data.read``.
        query: The SQL query, for a database.
        date_column: Name of the column of dates, where it is not called so and not the first.
        date_format: Format of dates that are not ISO 8601, such as ``"%d.%m.%Y"``.
        assets: The assets to keep, in this order; None for all.
        options: How to read the source, where that can't be found out.
        **limits: Limits of :func:`check_prices`, such as ``minimum_rows``.

    Returns:
        Shape (days, assets), float64, by a DatetimeIndex of midnights called ``"date"``.

    Raises:
        DataError: If the source can't be read or a price, date or column is wrong: one line that
            names the file, the line and the column, and says what to do.
        ConfigError: If the options don't fit the source.

    Example:
        >>> import tempfile, pathlib
        >>> path = pathlib.Path(tempfile.mkdtemp()) / "prices.csv"
        >>> _ = path.write_text("date,A,B\n2020-01-02,10,5\n2020-01-03,11,4.5\n")
        >>> read_prices(path).shape
        (2, 2)
    """
    maximum = limits.get("maximum_assets", _MAXIMUM_ASSETS)
    asked = replace(
        options or ReadOptions(),
        query=query or (options.query if options else None),
        maximum_columns=None if assets else maximum + 1,
    )
    frame, origin = read_located(source, options=asked)
    dated, origin = _dated(
        frame, origin, date_column=date_column, date_format=date_format, assets=assets
    )
    return check_prices(dated, where=origin, **limits)


def log_returns(prices: pd.DataFrame) -> pd.DataFrame:
    r"""Give daily log returns, :math:`r_t = \log P_t - \log P_{t-1}`.

    Args:
        prices: Shape (days, assets), positive, indexed by day.

    Returns:
        Shape (days - 1, assets), by the later day of each pair.

    Raises:
        DataError: If a price is missing, infinite, zero or negative.

    Example:
        >>> days = pd.to_datetime(["2020-01-02", "2020-01-03"])
        >>> log_returns(pd.DataFrame({"A": [1.0, np.e]}, index=days))["A"].tolist()
        [1.0]
    """
    values = prices.to_numpy(dtype=np.float64)
    if not (np.isfinite(values) & (values > 0)).all():
        raise DataError("prices: expected finite prices above 0; see check_prices(prices)")
    moves = np.diff(np.log(values), axis=0)
    return pd.DataFrame(moves, index=prices.index[1:], columns=prices.columns)


def simple_returns(log_returns: Returns) -> Returns:
    r"""Give simple returns from log returns, :math:`R_t = e^{r_t} - 1`.

    Args:
        log_returns: Any shape; a table or an array.

    Returns:
        The same shape and type.

    Example:
        >>> simple_returns(np.log(np.array([1.5, 0.5])))
        array([ 0.5, -0.5])
    """
    return cast(Returns, np.expm1(log_returns))
