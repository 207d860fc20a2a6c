"""From asset classes to what can be bought: caps, exclusions, and the cheapest instruments."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from scenara.finance.advisor.client import Constraints
from scenara.finance.advisor.instruments import CASH as MONEY
from scenara.finance.advisor.instruments import Instrument
from scenara.finance.advisor.planning.markets import CASH
from scenara.shared.errors import DataError
from scenara.shared.types import FloatArray

__all__ = ["Universe"]


@dataclass(frozen=True)
class Universe:
    """Hold what may be bought, by asset class.

    Args:
        instruments: Symbol -> instrument, all that were considered.
        constraints: What may be held.
        classes: Asset classes of the market history; money is ``"cash"``.

    Example:
        >>> fund = Instrument("VTI", "US shares", "us-equity", 250.0, 0.0003)
        >>> half = Constraints(maximum_weight=0.5)
        >>> universe = Universe({"VTI": fund}, half, ("us-equity", "cash"))
        >>> universe.caps().tolist(), universe.spread({"us-equity": 0.4, "cash": 0.6})
        ([0.5, 1.0], {'VTI': 0.4, 'CASH': 0.6})
    """

    instruments: Mapping[str, Instrument]
    constraints: Constraints
    classes: Sequence[str]

    def allowed(self, asset_class: str | None = None) -> list[Instrument]:
        """Give the instruments that may be bought, the cheapest to hold first.

        Args:
            asset_class: Only those of this class; None for all.

        Returns:
            Instruments by rising running costs.
        """
        unwanted = set(self.constraints.exclude)
        found = (
            item
            for item in self.instruments.values()
            if not unwanted & item.tags and asset_class in (None, item.asset_class)
        )
        return sorted(found, key=lambda item: (item.expense_ratio, item.symbol))

    def caps(self) -> FloatArray:
        """Give the largest weight of each class, (classes,): money is not bound.

        Returns:
            Weights from 0 to 1.
        """
        most = self.constraints.maximum_weight
        return np.array(
            [
                1.0 if name == CASH else min(1.0, most * len(self.allowed(name)))
                for name in self.classes
            ]
        )

    def spread(self, weights: Mapping[str, float]) -> dict[str, float]:
        """Give the weight of each symbol, filling the cheapest of each class first.

        Args:
            weights: Asset class -> weight, within the caps.

        Returns:
            Symbol -> weight above 0; money is ``"CASH"``.

        Raises:
            DataError: A class has less room than its weight.
        """
        found: dict[str, float] = {}
        for name, weight in weights.items():
            left = float(weight)
            for item in self.allowed(name):
                part = min(left, self.constraints.maximum_weight)
                if part > 1e-9:
                    found[item.symbol] = part
                left -= part
            if name == CASH:
                if left > 1e-9:
                    found[MONEY] = left
            elif left > 1e-6:
                raise DataError(
                    f"{name}: {weight:.0%} is more than its instruments may hold; raise "
                    "maximum_weight or add an instrument"
                )
        return found

    def expenses(self, weights: FloatArray) -> float:
        """Give the running costs per year of a portfolio of asset classes.

        Args:
            weights: (classes,).

        Returns:
            Share of the value per year.
        """
        symbols = self.spread(dict(zip(self.classes, weights, strict=True)))
        return sum(
            weight * self.instruments[symbol].expense_ratio
            for symbol, weight in symbols.items()
            if symbol != MONEY
        )
