"""A robo-advisor: what a person owns and wants, a plan, and its execution."""

from typing import TYPE_CHECKING

from scenara.shared.lazy import lazy_names

if TYPE_CHECKING:
    from scenara.finance.advisor.holdings import Holdings, Lot, read_holdings
    from scenara.finance.advisor.instruments import Instrument, read_instruments

__all__ = [
    "Holdings",
    "Instrument",
    "Lot",
    "read_holdings",
    "read_instruments",
]

_HOMES = {
    "holdings": ["Holdings", "Lot", "read_holdings"],
    "instruments": ["Instrument", "read_instruments"],
}

__getattr__ = lazy_names(__name__, _HOMES)
