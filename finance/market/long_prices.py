"""Prices in long form: one row for each day and asset."""

from collections.abc import Sequence

import pandas as pd

from scenara.finance.market.quality import check_prices_sound, to_numbers
from scenara.shared.data.origin import Origin, shown
from scenara.shared.errors import DataError

__all__ = ["long_columns", "widened"]

_ASSET_NAMES = ("asset", "ticker", "symbol", "instrument")
_PRICE_NAMES = ("price", "close", "adj close", "adj_close", "adjusted close", "adjusted_close")


def long_columns(columns: Sequence[str], origin: Origin) -> tuple[str, str] | None:
    """Find the columns of asset and price in a table with one row for each day and asset.

    Args:
        columns: Names of the columns beside the date.
        origin: Origin of the table, for messages.

    Returns:
        Names of the two columns; None if no column is called asset, ticker or the like.

    Raises:
        DataError: If there is a column of assets, but not just one of prices beside it.

    Example:
        >>> long_columns(["Ticker", "Close"], Origin("prices.csv"))
        ('Ticker', 'Close')
    """
    by_name = {str(name).strip().casefold(): name for name in columns}
    assets = [by_name[name] for name in _ASSET_NAMES if name in by_name]
    if not assets:
        return None
    prices = [by_name[name] for name in _PRICE_NAMES if name in by_name]
    if len(columns) != 2 or len(prices) != 1:
        listed = ", ".join(map(str, columns))
        raise DataError(
            f"{origin.place(None, assets[0])}: a table with one row for each day and asset must "
            f"have just the columns date, {assets[0]} and price (or close); beside the date it "
            f"has: {listed}"
        )
    return assets[0], prices[0]


def widened(dated: pd.DataFrame, origin: Origin, asset: str, price: str) -> pd.DataFrame:
    """Give a column to each asset; the rows are checked while they still have their lines.

    Args:
        dated: Shape (days x assets, 2): assets and prices, indexed by day, in any order.
        origin: Origin of the rows.
        asset: Name of the column of assets.
        price: Name of the column of prices.

    Returns:
        Shape (days, assets), float64, sorted by day; NaN where an asset has no price.

    Raises:
        DataError: If an asset has no name or two prices of one day, or a price is unsound.

    Example:
        >>> days = pd.to_datetime(["2020-01-03", "2020-01-02", "2020-01-02"])
        >>> long = pd.DataFrame({"ticker": ["A", "B", "A"], "close": [1, 2, 3]}, index=days)
        >>> widened(long, Origin("prices.csv"), "ticker", "close").to_numpy().tolist()
        [[3.0, 2.0], [1.0, nan]]
    """
    lacks = dated[asset].isna().to_numpy()
    if lacks.any():
        place = origin.place(int(lacks.argmax()), asset)
        raise DataError(f"{place}: the name of the asset is missing; fill it in")
    keys = pd.MultiIndex.from_arrays([dated.index, dated[asset]])
    if not keys.is_unique:
        i = int(keys.duplicated().argmax())
        raise DataError(
            f"{origin.place(i, asset)}: {shown(keys[i][1])} has a price of {keys[i][0]:%Y-%m-%d} "
            f"already in {origin.row(int((keys == keys[i]).argmax()))}; keep one of them"
        )
    prices = to_numbers(dated[[price]], origin)
    check_prices_sound(prices, origin)
    return prices[price].set_axis(keys).unstack().rename_axis(columns=None)
