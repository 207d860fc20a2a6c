"""What a person holds: tax lots and cash, from a table."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from scenara.finance.advisor.cells import Cells, nearest, read_cells
from scenara.finance.advisor.instruments import CASH
from scenara.finance.advisor.money import exact
from scenara.shared.errors import DataError

__all__ = ["Holdings", "Lot", "read_holdings"]


@dataclass(frozen=True)
class Lot:
    """Hold shares of one instrument that were bought together; numbers are exact.

    Args:
        symbol: Of the instrument.
        quantity: Shares, above 0.
        purchase_date: Day of the purchase.
        cost_per_share: Currency units paid for a share, fees included; at least 0.

    Raises:
        DataError: A field can't be meant.

    Example:
        >>> Lot("VTI", Decimal("10.5"), date(2020, 3, 2), Decimal("200")).cost
        Decimal('2100.0')
    """

    symbol: str
    quantity: Decimal
    purchase_date: date
    cost_per_share: Decimal

    def __post_init__(self) -> None:
        """Refuse a quantity or a cost that no lot can have."""
        if not (self.quantity.is_finite() and self.quantity > 0):
            raise DataError(f"{self.symbol}: expected a quantity above 0, found {self.quantity}")
        if not (self.cost_per_share.is_finite() and self.cost_per_share >= 0):
            raise DataError(
                f"{self.symbol}: expected a cost per share of at least 0, "
                f"found {self.cost_per_share}"
            )

    @property
    def cost(self) -> Decimal:
        """What the lot has cost, in currency units."""
        return self.quantity * self.cost_per_share


@dataclass(frozen=True)
class Holdings:
    """Hold tax lots and cash.

    Args:
        lots: Tax lots; several may be of one symbol.
        cash: Currency units, at least 0.

    Raises:
        DataError: The cash is negative or no number.

    Example:
        >>> lot = Lot("VTI", Decimal(10), date(2020, 3, 2), Decimal(200))
        >>> holdings = Holdings((lot, lot), cash=Decimal("12.50"))
        >>> holdings.quantities(), holdings.total({"VTI": 250.0})
        ({'VTI': Decimal('20')}, 5012.5)
    """

    lots: tuple[Lot, ...] = ()
    cash: Decimal = Decimal(0)

    def __post_init__(self) -> None:
        """Refuse a debt, or no number."""
        if not (self.cash.is_finite() and self.cash >= 0):
            raise DataError(f"cash: expected at least 0, found {self.cash}")

    def quantities(self) -> dict[str, Decimal]:
        """Give the shares of each symbol, all its lots together."""
        held: dict[str, Decimal] = {}
        for lot in self.lots:
            held[lot.symbol] = held.get(lot.symbol, Decimal(0)) + lot.quantity
        return held

    def values(self, prices: Mapping[str, float]) -> dict[str, float]:
        """Give the value of each symbol held, without cash.

        Args:
            prices: Symbol -> price of a share; those held must be there.
        """
        return {symbol: float(held) * prices[symbol] for symbol, held in self.quantities().items()}

    def total(self, prices: Mapping[str, float]) -> float:
        """Give the value of everything, cash included.

        Args:
            prices: Symbol -> price of a share; those held must be there.
        """
        return sum(self.values(prices).values(), start=float(self.cash))


def read_holdings(
    path: str | os.PathLike[str],
    *,
    instruments: Iterable[str] | None = None,
    on: date | None = None,
) -> Holdings:
    r"""Read what is held, one tax lot a row; money is the row whose symbol is CASH.

    Args:
        path: File with the columns symbol, quantity, purchase_date and cost_per_share. A row of
            CASH has the amount as its quantity and needs no date and no cost.
        instruments: Symbols that are known, such as the instruments by symbol; None for any.
        on: Day of the holdings, after which no purchase can lie; None for today.

    Raises:
        DataError: A column is missing or a cell is wrong: one line with file, line and column.

    Example:
        >>> import pathlib, tempfile
        >>> path = pathlib.Path(tempfile.mkdtemp()) / "holdings.csv"
        >>> _ = path.write_text(
        ...     "symbol,quantity,purchase_date,cost_per_share\n"
        ...     "VTI,10,2020-03-02,200\nVTI,5.5,2021-06-01,210.25\nCASH,1500,,\n"
        ... )
        >>> holdings = read_holdings(path)
        >>> holdings.cash, holdings.quantities()
        (Decimal('1500.0'), {'VTI': Decimal('15.5')})
    """
    columns = ("symbol", "quantity", "purchase_date", "cost_per_share")
    cells = read_cells(path, columns=columns, if_empty="who holds nothing writes CASH,0,,")
    known = None if instruments is None else list(instruments)
    latest = on or date.today()
    lots, cash = [], Decimal(0)
    for row in range(len(cells)):
        if cells.text(row, "symbol").upper() == CASH:
            cash += exact(cells.number(row, "quantity", low=0))
        else:
            lots.append(_lot(cells, row, known=known, latest=latest))
    return Holdings(tuple(lots), cash)


def _lot(cells: Cells, row: int, *, known: list[str] | None, latest: date) -> Lot:
    symbol = cells.text(row, "symbol")
    if known is not None and symbol not in known:
        advice = nearest(symbol, [*known, CASH])
        raise cells.wrong(row, "symbol", f"{symbol!r} is not among the instruments; {advice}")
    return Lot(
        symbol=symbol,
        quantity=exact(cells.number(row, "quantity", above=0)),
        purchase_date=cells.day(row, "purchase_date", latest=latest),
        cost_per_share=exact(cells.number(row, "cost_per_share", low=0)),
    )
