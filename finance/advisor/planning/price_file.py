"""Read a person's own prices of asset classes: days or months, whatever there is."""

import os

import pandas as pd

from scenara.finance.market.dates import find_date_column, parse_dates
from scenara.finance.market.quality import (
    check_assets,
    check_dates,
    check_prices_sound,
    to_numbers,
)
from scenara.shared.data.options import ReadOptions
from scenara.shared.data.read import read_located

__all__ = ["read_price_levels"]

_MOST_CLASSES = 30


def read_price_levels(
    source: str | os.PathLike[str],
    *,
    query: str | None = None,
    date_column: str | None = None,
    date_format: str | None = None,
) -> pd.DataFrame:
    r"""Read prices of asset classes, one column each beside the dates; gaps in time are allowed.

    Args:
        source: Path, database URL or web address.
        query: The SQL query, for a database.
        date_column: Name of the column of dates, where it is not called so and not the first.
        date_format: Format of dates that are not ISO 8601.

    Returns:
        Shape (days or months, classes), float64, by date.

    Raises:
        DataError: The source can't be read, or a price, date or column is wrong.

    Example:
        >>> import tempfile, pathlib
        >>> path = pathlib.Path(tempfile.mkdtemp()) / "prices.csv"
        >>> _ = path.write_text("date,shares,bonds\n2020-01-31,10,5\n2020-02-29,11,4.5\n")
        >>> read_price_levels(path).shape
        (2, 2)
    """
    frame, origin = read_located(source, options=ReadOptions(query=query))
    date = find_date_column(frame, origin, column=date_column)
    days = parse_dates(frame[date], origin, column=date, date_format=date_format)
    dated = frame.drop(columns=date).set_axis(days, axis=0)
    check_assets(dated.columns, origin, minimum=1, maximum=_MOST_CLASSES)
    check_dates(dated, origin, minimum_rows=2)
    prices = to_numbers(dated, origin)
    check_prices_sound(prices, origin)
    return prices
