"""What a person tells an advisor: frozen parts that each check their own numbers."""

from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from scenara.shared.errors import ConfigError

__all__ = [
    "PRIORITIES",
    "Assumptions",
    "Constraints",
    "Debt",
    "Fees",
    "Goal",
    "Household",
    "JobStability",
    "MarketView",
    "Person",
    "Priority",
    "Saving",
    "Tax",
]

Priority = Literal["essential", "important", "wish"]
JobStability = Literal["secure", "stable", "variable", "uncertain"]

PRIORITIES: tuple[Priority, ...] = ("essential", "important", "wish")
"""Priorities of goals, the highest first."""


_MOST_MONEY = 1e13
_LOWEST_YIELD = 0.002
_LONGEST_SHOWN = 24


def _within(owner: object, low: float, high: float, *names: str) -> None:
    """Refuse numbers out of their range, by name."""
    for name in names:
        value: Any = getattr(owner, name)
        if not low <= value <= high:
            raise ConfigError(
                f"{name}: expected a number in [{low:g}, {high:g}], found {_brief(value)}"
            )


def _brief(value: object) -> str:
    text = str(value)
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:12]}... of {len(text)} characters"


def _named(owner: object, name: str) -> None:
    if not getattr(owner, name).strip():
        raise ConfigError(f"{name}: expected a name, found none")


def _one_of(owner: object, name: str, known: tuple[str, ...]) -> None:
    found = getattr(owner, name)
    if found not in known:
        raise ConfigError(f"{name}: expected one of {', '.join(known)}, found {found!r}")


@dataclass(frozen=True, kw_only=True)
class Person:
    """Say who is advised, and when.

    Args:
        as_of: Day of the plan (ISO 8601), on which holdings and prices are taken.
        age: Years, fractions allowed.
        currency: Name of the currency of all amounts.
        retirement_age: Age at which saving stops; None where it stops with the last goal.
        life_horizon: Age up to which the plan must last.

    Raises:
        ConfigError: A date or a number can't be meant.

    Example:
        >>> Person(as_of="2026-11-01", age=35, life_horizon=90).day.year
        2026
    """

    as_of: str
    age: float
    currency: str = "USD"
    retirement_age: float | None = None
    life_horizon: float = 92

    def __post_init__(self) -> None:
        """Refuse ages that nobody has, and days that are none."""
        _within(self, 18, 110, "age")
        _within(self, 30, 120, "life_horizon")
        if self.retirement_age is not None:
            _within(self, 30, 100, "retirement_age")
        _named(self, "currency")
        _day(self.as_of, "as_of")

    @property
    def day(self) -> date:
        """Day of the plan."""
        return _day(self.as_of, "as_of")


@dataclass(frozen=True, kw_only=True)
class Debt:
    """Describe one debt.

    Args:
        name: What it is.
        amount: Currency units owed.
        rate_per_year: Interest, 0.05 for 5 %.
        payment_per_year: Currency units paid per year, interest and principal.

    Raises:
        ConfigError: A number is out of its range.
    """

    name: str
    amount: float
    rate_per_year: float
    payment_per_year: float

    def __post_init__(self) -> None:
        """Refuse numbers out of range."""
        _named(self, "name")
        _within(self, 0, _MOST_MONEY, "amount", "payment_per_year")
        _within(self, 0, 0.5, "rate_per_year")


@dataclass(frozen=True, kw_only=True)
class Household:
    """Describe a household's income, spending and reserves.

    Args:
        income_per_year: Currency units after tax.
        expenses_per_year: Currency units spent, without saving and without payments on debts.
        emergency_cash: Currency units kept for emergencies; they take no part in the plan.
        dependants: Persons who live on the income beside the client.
        job_stability: How safe the income is.
        debts: What is owed.

    Raises:
        ConfigError: A number is out of its range.
    """

    income_per_year: float
    expenses_per_year: float
    emergency_cash: float
    dependants: int = 0
    job_stability: JobStability = "stable"
    debts: tuple[Debt, ...] = ()

    def __post_init__(self) -> None:
        """Refuse numbers out of range."""
        _within(self, 0, _MOST_MONEY, "income_per_year", "expenses_per_year", "emergency_cash")
        _within(self, 0, 20, "dependants")
        _one_of(self, "job_stability", ("secure", "stable", "variable", "uncertain"))

    @property
    def debt_payments(self) -> float:
        """Currency units paid on debts per year."""
        return sum(debt.payment_per_year for debt in self.debts)

    @property
    def surplus(self) -> float:
        """Currency units per year that are left after expenses and payments on debts."""
        return self.income_per_year - self.expenses_per_year - self.debt_payments


@dataclass(frozen=True, kw_only=True)
class Saving:
    """Say what is put aside.

    Args:
        per_month: Currency units, now.
        growth_per_year: By how much that grows, 0.02 for 2 %; what is left of the income is taken
            to grow with inflation.

    Raises:
        ConfigError: A number is out of its range.
    """

    per_month: float
    growth_per_year: float = 0.0

    def __post_init__(self) -> None:
        """Refuse numbers out of range."""
        _within(self, 0, _MOST_MONEY, "per_month")
        _within(self, -0.1, 0.15, "growth_per_year")


@dataclass(frozen=True, kw_only=True)
class Goal:
    """Describe what money is for: a sum on a day, or one every year from that day on.

    Args:
        name: What it is.
        amount: Currency units in today's money; of each year, where there are several.
        priority: How much it matters.
        date: Day of the first payment (ISO 8601); this or ``age``.
        age: Age of the client at the first payment.
        years: Number of yearly payments.

    Raises:
        ConfigError: A field can't be meant.

    Example:
        >>> Goal(name="study", amount=15_000, priority="important", age=50, years=4).total
        60000
    """

    name: str
    amount: float
    priority: Priority
    date: str | None = None
    age: float | None = None
    years: int = 1

    def __post_init__(self) -> None:
        """Refuse a goal without a time, and numbers out of range."""
        _one_of(self, "priority", PRIORITIES)
        _named(self, "name")
        _within(self, 1e-9, _MOST_MONEY, "amount")
        _within(self, 1, 60, "years")
        if (self.date is None) == (self.age is None):
            found = "neither" if self.date is None else "both"
            raise ConfigError(f"expected one of date and age, found {found}")
        if self.age is not None:
            _within(self, 0, 150, "age")
        if self.date is not None:
            _day(self.date, "date")

    @property
    def total(self) -> float:
        """Currency units in today's money, all payments together."""
        return self.amount * self.years

    def first_month(self, person: Person) -> int:
        """Give the month of the first payment, counted from the day of the plan.

        Args:
            person: Whose goal it is.

        Returns:
            Months, below 1 where the goal is past.
        """
        if self.age is not None:
            return round(12 * (self.age - person.age))
        due = _day(self.date or "", "date")
        return 12 * (due.year - person.day.year) + due.month - person.day.month


@dataclass(frozen=True, kw_only=True)
class Constraints:
    """Say what may be held.

    Args:
        maximum_weight: Largest share of one instrument; cash is not bound by it.
        exclude: Tags of instruments that are not wanted, such as ``"tobacco"``.
        minimum_cash: Currency units of the holdings that stay in cash, in today's money; they count
            for the goals.

    Raises:
        ConfigError: A number is out of its range.
    """

    maximum_weight: float = 1.0
    exclude: tuple[str, ...] = ()
    minimum_cash: float = 0.0

    def __post_init__(self) -> None:
        """Refuse numbers out of range."""
        _within(self, 0.01, 1, "maximum_weight")
        _within(self, 0, _MOST_MONEY, "minimum_cash")


@dataclass(frozen=True, kw_only=True)
class Tax:
    """Give the rates of tax on realised gains.

    Args:
        long_term: On gains of lots held over a year; the projection uses it for all gains.
        short_term: On gains of other lots; orders use it.

    Raises:
        ConfigError: A rate is out of its range.
    """

    long_term: float = 0.0
    short_term: float = 0.0

    def __post_init__(self) -> None:
        """Refuse rates out of range."""
        _within(self, 0, 0.9, "long_term", "short_term")


@dataclass(frozen=True, kw_only=True)
class Fees:
    """Give what advice and trades cost; instruments bring their own running costs.

    Args:
        advice_per_year: Share of the wealth per year.
        trading: Share of the value traded.

    Raises:
        ConfigError: A fee is out of its range.
    """

    advice_per_year: float = 0.0
    trading: float = 0.001

    def __post_init__(self) -> None:
        """Refuse fees out of range."""
        _within(self, 0, 0.05, "advice_per_year", "trading")


@dataclass(frozen=True, kw_only=True)
class MarketView:
    """Hold an opinion on what an asset class will return (Black-Litterman).

    Args:
        asset: Column of the market history.
        return_per_year: Expected compound return per year; beyond ``over``, where that is given.
        confidence: From 0 (worth nothing) to 1 (certain).
        over: Asset class that ``asset`` is compared with; None for an absolute view.

    Raises:
        ConfigError: A number is out of its range.
    """

    asset: str
    return_per_year: float
    confidence: float = 0.5
    over: str | None = None

    def __post_init__(self) -> None:
        """Refuse numbers out of range."""
        _within(self, -0.5, 0.5, "return_per_year")
        _within(self, 0, 1, "confidence")


@dataclass(frozen=True, kw_only=True)
class Assumptions:
    """Hold what no history tells.

    Args:
        inflation_per_year: By which goals grow, 0.025 for 2.5 %.
        cash_rate: Today's rate of money per year; None for the last one of the market history.
        aaa_yield: Today's yield of long AAA corporate bonds per year; None likewise.
        baa_yield: Today's yield of long BAA corporate bonds per year; None likewise.

    Raises:
        ConfigError: A number is out of its range.
    """

    inflation_per_year: float
    cash_rate: float | None = None
    aaa_yield: float | None = None
    baa_yield: float | None = None

    def __post_init__(self) -> None:
        """Refuse numbers out of range."""
        _within(self, -0.02, 0.2, "inflation_per_year")
        for name, rate in self.rates.items():
            if rate is not None:
                _within(self, 0 if name == "cash_rate" else _LOWEST_YIELD, 0.3, name)
        high = self.aaa_yield or 0.0
        if self.baa_yield is not None and self.baa_yield <= high:
            raise ConfigError(
                f"baa_yield: expected more than the aaa_yield {high}, found {self.baa_yield}"
            )

    @property
    def rates(self) -> dict[str, float | None]:
        """Today's rates by name, None where the history's last one is taken."""
        return {
            "cash_rate": self.cash_rate,
            "aaa_yield": self.aaa_yield,
            "baa_yield": self.baa_yield,
        }


def _day(text: str, name: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ConfigError(f"{name}: expected a date such as 2026-11-01, found {text!r}") from None
