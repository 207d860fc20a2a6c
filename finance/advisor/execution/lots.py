"""Which tax lots a sale takes, what it gains on each, and what tax the gains cost."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from scenara.finance.advisor.execution.rules import TradingRules
from scenara.finance.advisor.holdings import Lot
from scenara.shared.errors import DataError

__all__ = [
    "LotSale",
    "buy_lot",
    "gains_tax",
    "is_soon_after",
    "is_wash_sale",
    "remaining_lots",
    "sell_lots",
]

_LONG_TERM_DAYS = 365
_WASH_SALE_DAYS = 30
_COST_STEP = Decimal("0.00000001")


@dataclass(frozen=True)
class LotSale:
    """Hold what a sale takes from one lot.

    Args:
        lot: The lot as it was before the sale.
        quantity: Shares taken from it.
        gain: Proceeds after the fee less cost, in currency units; negative for a loss.
        is_long_term: Whether the lot was held for more than 365 days.
    """

    lot: Lot
    quantity: Decimal
    gain: Decimal
    is_long_term: bool


def _is_long_term(lot: Lot, on: date) -> bool:
    return (on - lot.purchase_date).days > _LONG_TERM_DAYS


def sell_lots(
    lots: Iterable[Lot], quantity: Decimal, *, net_price: Decimal, on: date, rules: TradingRules
) -> tuple[LotSale, ...]:
    """Choose the lots that a sale takes: the oldest first, or those that cost the least tax.

    The tax of a share is the rate of its lot times its gain, negative for a loss; taking the
    lots by it minimises the sum over the shares sold, in which a loss saves tax on gains.

    Args:
        lots: Lots of the symbol.
        quantity: Shares to sell.
        net_price: Proceeds of a share, after the fee.
        on: Day of the sale.
        rules: Say how lots are chosen, and the tax rates.

    Returns:
        What is taken from each lot, in the order of the choice.

    Raises:
        DataError: More is to be sold than is held.

    Example:
        >>> old = Lot("VTI", Decimal(10), date(2020, 3, 2), Decimal(100))
        >>> new = Lot("VTI", Decimal(10), date(2024, 3, 1), Decimal(190))
        >>> rules = TradingRules(short_term_tax=0.4, long_term_tax=0.2, lots="tax")
        >>> sales = sell_lots(
        ...     [old, new], Decimal(12), net_price=Decimal(200), on=date(2024, 6, 3), rules=rules
        ... )
        >>> [(str(sale.quantity), str(sale.gain)) for sale in sales]
        [('10', '100'), ('2', '200')]
    """

    def tax_a_share(lot: Lot) -> float:
        rate = rules.long_term_tax if _is_long_term(lot, on) else rules.short_term_tax
        return rate * float(net_price - lot.cost_per_share) if rules.lots == "tax" else 0.0

    left, sales = quantity, []
    for lot in sorted(lots, key=lambda lot: (tax_a_share(lot), lot.purchase_date)):
        taken = min(left, lot.quantity)
        if taken > 0:
            gain = taken * (net_price - lot.cost_per_share)
            sales.append(LotSale(lot, taken, gain, _is_long_term(lot, on)))
            left -= taken
    if left > 0:
        raise DataError(f"expected to sell at most {quantity - left} shares held, found {quantity}")
    return tuple(sales)


def remaining_lots(lots: Iterable[Lot], sales: Iterable[LotSale]) -> tuple[Lot, ...]:
    """Give the lots that are left after a sale, in their order.

    Args:
        lots: Lots before the sale.
        sales: What is taken from some of them.

    Raises:
        DataError: A sale takes more of a lot than there is.
    """
    taken: dict[tuple[str, date, Decimal], Decimal] = {}
    for sale in sales:
        identity = _identity(sale.lot)
        taken[identity] = taken.get(identity, Decimal(0)) + sale.quantity
    left = []
    for lot in lots:
        sold = min(lot.quantity, taken.get(_identity(lot), Decimal(0)))
        if sold:
            taken[_identity(lot)] -= sold
        if lot.quantity > sold:
            left.append(Lot(lot.symbol, lot.quantity - sold, lot.purchase_date, lot.cost_per_share))
    for (symbol, day, _), quantity in taken.items():
        if quantity:
            raise DataError(f"{symbol}: {quantity} shares of {day} are sold that are not held")
    return tuple(left)


def _identity(lot: Lot) -> tuple[str, date, Decimal]:
    return lot.symbol, lot.purchase_date, lot.cost_per_share


def buy_lot(symbol: str, quantity: Decimal, *, paid: Decimal, on: date) -> Lot:
    """Give the lot that a purchase makes; its cost a share includes the fee, to 8 decimals.

    Args:
        symbol: Of the instrument.
        quantity: Shares bought.
        paid: What they cost together, fee included, in currency units.
        on: Day of the purchase.

    Example:
        >>> buy_lot("VTI", Decimal(3), paid=Decimal("10.00"), on=date(2024, 6, 3)).cost_per_share
        Decimal('3.33333333')
    """
    return Lot(symbol, quantity, on, (paid / quantity).quantize(_COST_STEP))


def gains_tax(short_gain: Decimal, long_gain: Decimal, rules: TradingRules) -> Decimal:
    """Give the tax on gains; a loss of one term is first set off against a gain of the other.

    What remains of a loss is not carried over.

    Args:
        short_gain: Sum of gains and losses of lots held for up to 365 days, in currency units.
        long_gain: The same of lots held longer.
        rules: Have the two rates.

    Example:
        >>> rules = TradingRules(short_term_tax=0.4, long_term_tax=0.2)
        >>> gains_tax(Decimal(100), Decimal(-40), rules), gains_tax(Decimal(-1), Decimal(1), rules)
        (Decimal('24.0'), Decimal('0.0'))
    """
    short_rate, long_rate = Decimal(str(rules.short_term_tax)), Decimal(str(rules.long_term_tax))
    if short_gain >= 0 and long_gain >= 0:
        return short_rate * short_gain + long_rate * long_gain
    left = max(Decimal(0), short_gain + long_gain)
    return left * (short_rate if short_gain > long_gain else long_rate)


def is_soon_after(loss: date | None, *, on: date) -> bool:
    """Say whether a day is within the 30 days after a loss, when a purchase undoes it for tax.

    Args:
        loss: Day of the last sale at a loss; None for none.
        on: Day of the purchase.
    """
    return loss is not None and timedelta(0) <= on - loss <= timedelta(days=_WASH_SALE_DAYS)


def is_wash_sale(lots: Sequence[Lot], sales: Sequence[LotSale], *, on: date) -> bool:
    """Say whether a sale at a loss leaves shares bought in the 30 days before it.

    Such a loss may not count for tax; purchases in the 30 days after it do the same.

    Args:
        lots: Lots of the symbol before the sale.
        sales: What is sold.
        on: Day of the sale.
    """
    if not any(sale.gain < 0 for sale in sales):
        return False
    earliest = on - timedelta(days=_WASH_SALE_DAYS)
    return any(earliest <= lot.purchase_date <= on for lot in remaining_lots(lots, sales))
