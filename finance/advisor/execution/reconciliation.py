"""Whether the ledger and a statement of the custodian agree; nothing is mended silently."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from scenara.finance.advisor.execution.broker import PaperBroker
from scenara.finance.advisor.execution.event import Draft, Event
from scenara.finance.advisor.holdings import Holdings
from scenara.finance.advisor.instruments import CASH
from scenara.finance.advisor.money import exact, to_cents
from scenara.shared.errors import ConfigError, DataError

__all__ = ["Difference", "Reconciliation", "adjust", "reconcile"]


@dataclass(frozen=True)
class Difference:
    """Hold a symbol, or CASH, of which ledger and statement have not the same.

    Args:
        symbol: Of the instrument, or CASH.
        ledger: Shares or currency units in the ledger.
        statement: The same in the statement.
    """

    symbol: str
    ledger: Decimal
    statement: Decimal

    @property
    def missing(self) -> Decimal:
        """What the ledger lacks; negative for what it has too much."""
        return self.statement - self.ledger


@dataclass(frozen=True)
class Reconciliation:
    """Hold the comparison of a ledger with a statement.

    Args:
        differences: What differs, by symbol, cash last.
        n_compared: Number of symbols compared, cash included.
    """

    differences: tuple[Difference, ...]
    n_compared: int

    @property
    def agrees(self) -> bool:
        """Whether nothing differs."""
        return not self.differences


def reconcile(
    holdings: Holdings, statement: Holdings, *, tolerance: Decimal = Decimal(0)
) -> Reconciliation:
    """Compare what the ledger says is held with a statement, by symbol and in cash.

    Lots are not compared, as statements often have none: only how many shares there are.

    Args:
        holdings: What the ledger says.
        statement: What the custodian says.
        tolerance: Largest difference in cash that is none, in currency units.

    Example:
        >>> ledger, statement = Holdings(cash=Decimal(10)), Holdings(cash=Decimal(12))
        >>> reconcile(ledger, statement).differences[0].missing
        Decimal('2')
    """
    ours, theirs = holdings.quantities(), statement.quantities()
    symbols = sorted({*ours, *theirs})
    pairs = [(s, ours.get(s, Decimal(0)), theirs.get(s, Decimal(0))) for s in symbols]
    found = [Difference(*pair) for pair in pairs if pair[1] != pair[2]]
    if abs(statement.cash - holdings.cash) > tolerance:
        found.append(Difference(CASH, holdings.cash, statement.cash))
    return Reconciliation(tuple(found), len(symbols) + 1)


def adjust(
    broker: PaperBroker,
    found: Reconciliation,
    *,
    reason: str,
    prices: Mapping[str, float],
    on: date,
) -> tuple[Event, ...]:
    """Write down, with a reason, what brings the ledger to the statement; all of it or nothing.

    Shares that the ledger lacks come in as a lot of the day at the price given, those that it
    has too much leave its oldest lots. Performance counts adjustments as money from outside.

    Args:
        broker: Has the account.
        found: Differences of the account as it is now.
        reason: Why, for whoever reads the ledger.
        prices: Symbol -> price of each symbol that differs.
        on: Day of the adjustment.

    Raises:
        ConfigError: There is no reason.
        DataError: A price is missing, the account has changed since the comparison, or a
            rebalance was cut off.
    """
    if not reason.strip():
        raise ConfigError("reason: expected why the ledger is adjusted, found nothing")
    with broker.ledger.transaction():
        broker.refuse_while_rebalancing()
        return tuple(
            broker.ledger.append(_draft(broker, difference, reason, prices, on))
            for difference in found.differences
        )


def _draft(
    broker: PaperBroker,
    difference: Difference,
    reason: str,
    prices: Mapping[str, float],
    on: date,
) -> Draft:
    holdings, symbol = broker.state.holdings, difference.symbol
    held = holdings.cash if symbol == CASH else holdings.quantities().get(symbol, Decimal(0))
    if held != difference.ledger:
        raise DataError(f"{symbol}: the ledger has {held} now; compare it with the statement again")
    if symbol == CASH:
        return Draft("adjust", on, {"reason": reason, "cents": to_cents(difference.missing)})
    if symbol not in prices:
        raise DataError(f"prices: there is none of {symbol!r}, which the adjustment needs")
    share = {"quantity": str(difference.missing), "price": str(exact(prices[symbol]))}
    return Draft("adjust", on, {"reason": reason, "cents": 0, "symbol": symbol, **share})
