"""How a person trades: when, in which steps, at what cost, and which lots are sold first."""

import math
from dataclasses import dataclass, fields
from decimal import Decimal

from scenara.finance.advisor.money import exact, from_cents, to_cents
from scenara.shared.errors import ConfigError

__all__ = ["LOT_CHOICES", "TradingRules"]

LOT_CHOICES = ("fifo", "tax")
"""Which lots a sale takes: the oldest ones, or those that cost the least tax."""

_RATES = ("drift_band", "fee_rate", "half_spread", "short_term_tax", "long_term_tax")
_FRACTION = Decimal("0.000001")


@dataclass(frozen=True)
class TradingRules:
    """Hold the rules by which target weights become orders.

    Args:
        whole_shares: Trade whole shares; else millionths.
        minimum_trade: Least value of an order, in currency units.
        drift_band: Largest difference between a weight and its target that calls for no trade, as
            a fraction of the wealth: 0.05 for five points.
        fee_fixed: Fee of each order, in currency units.
        fee_rate: Fee as a fraction of the value traded.
        half_spread: How much dearer a purchase and cheaper a sale is than the price, a fraction.
        short_term_tax: Tax rate of gains on lots held for up to 365 days.
        long_term_tax: Tax rate of gains on lots held longer.
        cash_buffer: Cash that purchases leave untouched, in currency units.
        lots: One of ``LOT_CHOICES``.
        cash_first: Sell nothing where purchases from cash alone bring all weights into the band.

    Raises:
        ConfigError: A setting can't be meant.

    Example:
        >>> rules = TradingRules(fee_fixed=1.0, fee_rate=0.001)
        >>> rules.fee(Decimal(2500))
        Decimal('3.50')
    """

    whole_shares: bool = True
    minimum_trade: float = 0.0
    drift_band: float = 0.05
    fee_fixed: float = 0.0
    fee_rate: float = 0.0
    half_spread: float = 0.0
    short_term_tax: float = 0.0
    long_term_tax: float = 0.0
    cash_buffer: float = 0.0
    lots: str = "fifo"
    cash_first: bool = True

    def __post_init__(self) -> None:
        """Refuse amounts below 0, rates outside [0, 1) and an unknown choice of lots."""
        for field in fields(self):
            value = getattr(self, field.name)
            highest = 1.0 if field.name in _RATES else math.inf
            if isinstance(value, float | int) and not 0 <= value < highest and value is not True:
                bounds = "[0, 1)" if field.name in _RATES else "[0, inf)"
                raise ConfigError(f"{field.name}: expected a number in {bounds}, found {value}")
        if self.lots not in LOT_CHOICES:
            known = ", ".join(LOT_CHOICES)
            raise ConfigError(f"lots={self.lots!r} is not known; choose of {known}")

    @property
    def step(self) -> Decimal:
        """The smallest quantity traded, in shares."""
        return Decimal(1) if self.whole_shares else _FRACTION

    def fill_price(self, price: Decimal, *, is_buy: bool) -> Decimal:
        """Give the price that an order is filled at, half a spread away from the quoted one.

        Args:
            price: Quoted price of a share.
            is_buy: Whether it is a purchase.
        """
        spread = exact(self.half_spread)
        return price * (1 + spread if is_buy else 1 - spread)

    def fee(self, value: Decimal) -> Decimal:
        """Give the fee of one order, in whole cents.

        Args:
            value: Quantity times price, in currency units.
        """
        return from_cents(to_cents(exact(self.fee_fixed) + exact(self.fee_rate) * value))
