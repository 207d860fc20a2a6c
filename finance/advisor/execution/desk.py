"""What a set of trades does to a portfolio: its orders, its cash, how near it comes to targets."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property

import numpy as np

from scenara.finance.advisor.execution.lots import gains_tax
from scenara.finance.advisor.execution.plan import Order, make_order
from scenara.finance.advisor.execution.rules import TradingRules
from scenara.finance.advisor.holdings import Holdings
from scenara.finance.advisor.money import from_cents, to_cents
from scenara.shared.types import FloatArray, IntArray

__all__ = ["Desk"]


@dataclass(frozen=True)
class Desk:
    """Answer what trades of so many steps of each symbol lead to, exactly as they are booked.

    Args:
        holdings: What is held.
        weights: Symbol -> target weight; what they leave of one is cash.
        prices: Symbol -> quoted price of all that is held or wanted; their order is that of
            all arrays.
        on: Day of the trades.
        rules: Costs, taxes and steps.
        losses: Symbol -> day on which it was last sold at a loss.
    """

    holdings: Holdings
    weights: Mapping[str, float]
    prices: Mapping[str, Decimal]
    on: date
    rules: TradingRules
    losses: Mapping[str, date] = field(default_factory=dict)
    _known: dict[tuple[str, int], Order] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    @cached_property
    def symbols(self) -> tuple[str, ...]:
        """All that is held or wanted."""
        return tuple(self.prices)

    @cached_property
    def targets(self) -> FloatArray:
        """Target weights and, last, the weight of cash, shape (symbols + 1,)."""
        weights = np.array([self.weights.get(symbol, 0.0) for symbol in self.symbols])
        return np.append(weights, 1 - weights.sum())

    @cached_property
    def step_values(self) -> FloatArray:
        """Value of the smallest quantity traded, shape (symbols,)."""
        return np.array([float(self.rules.step * price) for price in self.prices.values()])

    @cached_property
    def held_values(self) -> FloatArray:
        """Value of what is held, shape (symbols,)."""
        held = self.holdings.quantities()
        pairs = self.prices.items()
        return np.array([float(held.get(symbol, Decimal(0)) * price) for symbol, price in pairs])

    @cached_property
    def sellable(self) -> IntArray:
        """Whole steps that are held, shape (symbols,)."""
        held = self.holdings.quantities()
        steps = [held.get(symbol, Decimal(0)) // self.rules.step for symbol in self.symbols]
        return np.array(steps, dtype=np.int64)

    @cached_property
    def wealth(self) -> float:
        """Value of everything before the trades, cash included."""
        return float(self.held_values.sum()) + float(self.holdings.cash)

    def orders(self, steps: IntArray) -> tuple[Order, ...]:
        """Give the orders of trades, sales first.

        Args:
            steps: Steps to buy, or to sell if negative, shape (symbols,).
        """
        traded = [(name, int(n)) for name, n in zip(self.symbols, steps, strict=True) if n]
        found = [self._order(symbol, n_steps) for symbol, n_steps in traded]
        return tuple(sorted(found, key=lambda order: order.side, reverse=True))

    def tax(self, steps: IntArray) -> Decimal:
        """Give the estimated tax on the gains of trades, in currency units.

        Args:
            steps: Steps to buy, or to sell if negative, shape (symbols,).
        """
        sales = [order for order in self.orders(steps) if order.sales]
        short = sum((order.gain_of_term(is_long=False) for order in sales), start=Decimal(0))
        long = sum((order.gain_of_term(is_long=True) for order in sales), start=Decimal(0))
        return from_cents(to_cents(gains_tax(short, long, self.rules)))

    def cash_after(self, steps: IntArray) -> float:
        """Give the cash after trades, fees and tax, in currency units.

        Args:
            steps: Steps to buy, or to sell if negative, shape (symbols,).
        """
        change = sum((order.cash_change for order in self.orders(steps)), start=Decimal(0))
        return float(self.holdings.cash + change - self.tax(steps))

    def deviations(self, steps: IntArray) -> tuple[FloatArray, float]:
        """Give what is held above target after trades, and the wealth that is left.

        Args:
            steps: Steps to buy, or to sell if negative, shape (symbols,).

        Returns:
            Value less target value of each symbol and, last, of cash, shape (symbols + 1,); and
            the wealth after fees and tax.
        """
        values = self._values(steps)
        wealth = float(values.sum())
        return values - self.targets * wealth, wealth

    def is_solvent(self, steps: IntArray) -> bool:
        """Say whether trades leave the buffer in cash, or at least as much as there was.

        Args:
            steps: Steps to buy, or to sell if negative, shape (symbols,).
        """
        least = min(self.rules.cash_buffer, float(self.holdings.cash))
        return self.cash_after(steps) >= least

    def is_allowed(self, steps: IntArray) -> bool:
        """Say whether trades are solvent, sell what is held and are no smaller than allowed.

        Args:
            steps: Steps to buy, or to sell if negative, shape (symbols,).
        """
        values = np.abs(steps) * self.step_values
        is_small = (steps != 0) & (values < self.rules.minimum_trade)
        is_held = steps >= -self.sellable
        return bool(is_held.all()) and not is_small.any() and self.is_solvent(steps)

    def error(self, steps: IntArray) -> float:
        """Give the tracking error after trades; infinite if they leave less than the cash buffer.

        Args:
            steps: Steps to buy, or to sell if negative, shape (symbols,).

        Returns:
            Root of the sum of squared deviations of weights, cash being one of them.
        """
        values = self._values(steps)
        if values[-1] < self.rules.cash_buffer:
            return np.inf
        wealth = float(values.sum())
        return float(np.linalg.norm(values - self.targets * wealth)) / wealth

    def _values(self, steps: IntArray) -> FloatArray:
        return np.append(self.held_values + steps * self.step_values, self.cash_after(steps))

    def _order(self, symbol: str, n_steps: int) -> Order:
        if (symbol, n_steps) not in self._known:
            self._known[symbol, n_steps] = make_order(
                symbol,
                n_steps * self.rules.step,
                price=self.prices[symbol],
                lots=tuple(lot for lot in self.holdings.lots if lot.symbol == symbol),
                on=self.on,
                rules=self.rules,
                last_loss=self.losses.get(symbol),
            )
        return self._known[symbol, n_steps]
