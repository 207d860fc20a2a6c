"""What an account has earned since its first day: by time, by money, after fees and taxes."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import groupby

import numpy as np
import pandas as pd

from scenara.finance.advisor.execution.cash_flows import money_weighted_return
from scenara.finance.advisor.execution.event import Event
from scenara.finance.advisor.execution.state import AccountState, applied
from scenara.finance.advisor.money import from_cents
from scenara.shared.errors import DataError

__all__ = ["AccountPerformance", "account_performance"]

_DAYS_PER_YEAR = 365


@dataclass(frozen=True)
class AccountPerformance:
    """Hold the performance of an account since its first day; amounts in currency units.

    Args:
        daily: By day, shape (days, 3): ``value`` at the end of the day, ``flow`` of money and
            shares from outside, and the time-weighted ``return`` of the day.
        positions: By symbol, shape (symbols, 4): ``quantity``, ``price``, ``value`` and ``cost``
            of what is held on the last day, to the cent.
        time_weighted: Return of the whole time, flows left out.
        time_weighted_per_year: The same per year; None for less than a year.
        money_weighted: Return of the whole time by its internal rate; None where there is none.
        money_weighted_per_year: Internal rate of return per year; None for less than a year.
        fees: Fees paid.
        taxes: Taxes paid.
        dividends: Dividends received.
        realised: Gains of sales.
        unrealised: Value of what is held less its cost.
        turnover: Lesser of purchases and sales over the mean value, for the whole time.
    """

    daily: pd.DataFrame
    positions: pd.DataFrame
    time_weighted: float
    time_weighted_per_year: float | None
    money_weighted: float | None
    money_weighted_per_year: float | None
    fees: Decimal
    taxes: Decimal
    dividends: Decimal
    realised: Decimal
    unrealised: Decimal
    turnover: float


@dataclass
class _Book:
    """Follow an account through its events: value before and after each flow links the return."""

    state: AccountState = field(default_factory=AccountState)
    quoted: dict[str, float] = field(default_factory=dict)
    base: float = 0.0
    growth: float = 1.0
    flow: float = 0.0

    def value(self) -> float:
        held = self.state.holdings.quantities()
        missing = [symbol for symbol in held if symbol not in self.quoted]
        if missing:
            raise DataError(f"prices: there is none of {missing[0]!r} while it is held; add it")
        return self.state.holdings.total(self.quoted)

    def happen(self, event: Event, fixed: Mapping[str, float]) -> None:
        """Book an event; prices of the history, which are fixed, beat those it brings."""
        before = self.value()
        self.state = applied(self.state, event)
        self._quote(event, fixed)
        flow = self._flow_of(event)
        if flow:
            self._link(before)
            self.base = before + flow
            self.flow += flow

    def end_day(self) -> tuple[float, float, float]:
        """Give value, flow and return of the day, and begin the next one."""
        value = self.value()
        self._link(value)
        figures = value, self.flow, self.growth - 1
        self.base, self.growth, self.flow = value, 1.0, 0.0
        return figures

    def _link(self, value: float) -> None:
        if self.base > 0:
            self.growth *= value / self.base

    def _quote(self, event: Event, fixed: Mapping[str, float]) -> None:
        new = {s: float(price) for s, price in event.payload.get("prices", {}).items()}
        if event.kind == "fill":
            order = event.payload["order"]
            new = {} if order["symbol"] in self.quoted else {order["symbol"]: float(order["price"])}
        if event.kind == "adjust" and "symbol" in event.payload:
            new = {event.payload["symbol"]: float(event.payload["price"])}
        self.quoted.update({symbol: p for symbol, p in new.items() if symbol not in fixed})

    def _flow_of(self, event: Event) -> float:
        payload = event.payload
        if event.kind == "deposit":
            return float(from_cents(payload["cents"]))
        if event.kind == "transfer":
            return sum(float(lot[1]) * self.quoted[lot[0]] for lot in payload["lots"])
        if event.kind == "adjust":
            price = self.quoted[payload["symbol"]] if "symbol" in payload else 0.0
            shares = float(payload.get("quantity", 0)) * price
            return float(from_cents(payload["cents"])) + shares
        return 0.0


def account_performance(
    events: Iterable[Event], prices: pd.DataFrame | None = None, *, until: date | None = None
) -> AccountPerformance:
    r"""Measure an account from its events and a history of prices.

    The time-weighted return links the growth between flows,
    :math:`\prod_k V_k^- / V_{k-1}^+ - 1`, with the value just before and just after each flow;
    days are linked alike. The money-weighted return is the internal rate of return of the flows
    and of the final value. Neither is put on a year where the time is shorter than one.

    Args:
        events: All events of the account, in their order.
        prices: Daily prices, shape (days, symbols), by day; days without a price keep the last
            one, and prices written in the ledger count where the history has none. None for
            those of the ledger alone.
        until: Last day; None for the last one of the history or the ledger.

    Raises:
        DataError: There are no events, or no price of something held.

    References:
        CFA Institute, Global Investment Performance Standards (GIPS), 2020, "time-weighted
        return", https://www.gipsstandards.org.
    """
    told = [event for event in events if until is None or event.on <= until]
    if not told:
        raise DataError("events: expected those of an account, found none in the time asked for")
    history = _by_day(prices, first=told[0].on, until=until)
    happened = {day: list(group) for day, group in groupby(told, key=lambda event: event.on)}
    book, rows = _Book(), {}
    for day in sorted({*history, *happened, *([] if until is None else [until])}):
        fixed = history.get(day, {})
        book.quoted.update(fixed)
        for event in happened.get(day, []):
            book.happen(event, fixed)
        rows[day] = book.end_day()
    daily = pd.DataFrame.from_dict(rows, orient="index", columns=["value", "flow", "return"])
    daily.index = pd.DatetimeIndex(daily.index, name="date")
    return _summed_up(book, daily)


def _by_day(
    prices: pd.DataFrame | None, *, first: date, until: date | None
) -> dict[date, dict[str, float]]:
    if prices is None:
        return {}
    spans = prices.loc[pd.Timestamp(first) : None if until is None else pd.Timestamp(until)]
    return dict(_rows(spans))


def _rows(prices: pd.DataFrame) -> Iterator[tuple[date, dict[str, float]]]:
    names = [str(name) for name in prices.columns]
    for day, row in zip(prices.index, prices.to_numpy(dtype=np.float64), strict=True):
        known = np.isfinite(row)
        yield day.date(), {s: float(row[i]) for i, s in enumerate(names) if known[i]}


def _summed_up(book: _Book, daily: pd.DataFrame) -> AccountPerformance:
    state, days = book.state, daily.index
    total = float(np.prod(1 + daily["return"].to_numpy())) - 1
    n_days = (days[-1] - days[0]).days
    is_long = n_days >= _DAYS_PER_YEAR
    gains = [lot.quantity * Decimal(str(book.quoted[lot.symbol])) - lot.cost for lot in state.lots]
    traded = min(state.bought_cents, state.sold_cents) / 100
    mean = float(daily["value"].mean())
    rate = _money_weighted(daily)
    return AccountPerformance(
        daily=daily,
        positions=_positions(book),
        time_weighted=total,
        time_weighted_per_year=(1 + total) ** (_DAYS_PER_YEAR / n_days) - 1 if is_long else None,
        money_weighted=None if rate is None else (1 + rate) ** (n_days / _DAYS_PER_YEAR) - 1,
        money_weighted_per_year=rate if is_long else None,
        fees=from_cents(state.fees_cents),
        taxes=from_cents(state.taxes_cents),
        dividends=from_cents(state.dividends_cents),
        realised=from_cents(state.gains_cents),
        unrealised=sum(gains, start=Decimal(0)),
        turnover=traded / mean if mean > 0 else 0.0,
    )


def _positions(book: _Book) -> pd.DataFrame:
    lots = book.state.lots
    rows = {
        symbol: {
            "quantity": float(quantity),
            "price": book.quoted[symbol],
            "value": round(float(quantity) * book.quoted[symbol], 2),
            "cost": round(float(sum(lot.cost for lot in lots if lot.symbol == symbol)), 2),
        }
        for symbol, quantity in book.state.holdings.quantities().items()
    }
    columns = ["quantity", "price", "value", "cost"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns, dtype=np.float64)


def _money_weighted(daily: pd.DataFrame) -> float | None:
    """Give the internal rate of return per year, however short the time."""
    days = [day.date() for day in pd.DatetimeIndex(daily.index)]
    paid = zip(days, daily["flow"].tolist(), strict=True)
    flows = [(day, -flow) for day, flow in paid if flow]
    final = float(daily["value"].iloc[-1])
    if final > 0:
        flows.append((days[-1], final))
    try:
        return money_weighted_return(flows)
    except DataError:
        return None
