"""What can be held: the funds and securities of a person's universe, from a table."""

import math
import os
from dataclasses import dataclass

from scenara.finance.advisor.cells import Cells, read_cells
from scenara.shared.errors import DataError

__all__ = ["Instrument", "read_instruments"]

CASH = "CASH"
_HIGHEST_EXPENSES = 0.1


@dataclass(frozen=True)
class Instrument:
    """Describe what can be bought: its price, what it costs to hold, what it is.

    Args:
        symbol: Unique short name, such as a ticker.
        name: What it is called.
        asset_class: Column of the market history that it moves with, such as ``"us-equity"``.
        price: Currency units a share.
        expense_ratio: Running costs as a share of the value per year, 0.002 for 0.2 %.
        tags: What exclusions may name, such as ``"fossil"`` or ``"single-stock"``; lower case.

    Raises:
        DataError: A field can't be meant.

    Example:
        >>> Instrument("VTI", "US shares", "us-equity", 250.0, tags=frozenset({"fund"})).price
        250.0
    """

    symbol: str
    name: str
    asset_class: str
    price: float
    expense_ratio: float = 0.0
    tags: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        """Refuse what no instrument can have."""
        if not self.symbol or self.symbol == CASH:
            raise DataError(f"symbol: expected a name other than {CASH}, found {self.symbol!r}")
        if not (math.isfinite(self.price) and self.price > 0):
            raise DataError(f"{self.symbol}: expected a price above 0, found {self.price}")
        if not 0 <= self.expense_ratio <= _HIGHEST_EXPENSES:
            raise DataError(
                f"{self.symbol}: expected an expense ratio in [0, {_HIGHEST_EXPENSES}] per year, "
                f"found {self.expense_ratio}"
            )


def read_instruments(path: str | os.PathLike[str]) -> dict[str, Instrument]:
    r"""Read instruments from a table, one a row.

    Args:
        path: File with the columns symbol, name, asset_class, price, expense_ratio (per year, as
            a fraction) and, optional, tags with semicolons between them.

    Returns:
        Symbol -> instrument, in the order of the file.

    Raises:
        DataError: A column is missing or a cell is wrong: one line with file, line and column.

    Example:
        >>> import pathlib, tempfile
        >>> path = pathlib.Path(tempfile.mkdtemp()) / "instruments.csv"
        >>> _ = path.write_text(
        ...     "symbol,name,asset_class,price,expense_ratio,tags\n"
        ...     "VTI,US shares,us-equity,250,0.0003,fund;fossil\n"
        ... )
        >>> sorted(read_instruments(path)["VTI"].tags)
        ['fossil', 'fund']
    """
    columns = ("symbol", "name", "asset_class", "price", "expense_ratio")
    cells = read_cells(path, columns=columns)
    found: dict[str, Instrument] = {}
    for row in range(len(cells)):
        instrument = _instrument(cells, row)
        if instrument.symbol in found:
            first = cells.origin.row(list(found).index(instrument.symbol))
            raise cells.wrong(
                row, "symbol", f"{instrument.symbol!r} stands there already in {first}; keep one"
            )
        found[instrument.symbol] = instrument
    return found


def _instrument(cells: Cells, row: int) -> Instrument:
    symbol = cells.text(row, "symbol")
    if symbol.upper() == CASH:
        raise cells.wrong(row, "symbol", f"{CASH} is money and no instrument; leave the row out")
    tags = cells.text(row, "tags").split(";") if cells.has(row, "tags") else []
    return Instrument(
        symbol=symbol,
        name=cells.text(row, "name"),
        asset_class=cells.text(row, "asset_class"),
        price=cells.number(row, "price", above=0),
        expense_ratio=cells.number(row, "expense_ratio", low=0, high=_HIGHEST_EXPENSES),
        tags=frozenset(tag.strip().casefold() for tag in tags if tag.strip()),
    )
