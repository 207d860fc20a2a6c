"""Settings of the market job, with the defaults that the command line shows."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from scenara.shared.errors import ConfigError

__all__ = [
    "STRATEGIES",
    "PriceSettings",
    "StudySettings",
    "check_costs",
    "check_least",
    "check_numbers",
]

STRATEGIES = ("equal-weight", "minimum-variance", "momentum")
"""The strategies that a backtest trades when none is named."""


@dataclass(frozen=True, kw_only=True)
class PriceSettings:
    """Say where prices come from, and up to which day a job knows them.

    Args:
        data: Price file, web address or database URL; or None.
        sample: Name of a real sample data set; or None.
        query: SQL, for a database URL.
        date_column: Name of the column of dates, where it is not found.
        date_format: Format of dates that are not ISO 8601, such as ``%d.%m.%Y``.
        until: Last day that a job learns from (ISO 8601); what later days are for is the job's
            matter. Empty: the job's own choice.

    Example:
        >>> PriceSettings(sample="sp500", until="2014-12-31").until
        '2014-12-31'
    """

    data: str | None = None
    sample: str | None = None
    query: str | None = None
    date_column: str | None = None
    date_format: str | None = None
    until: str = ""


@dataclass(frozen=True, kw_only=True)
class StudySettings(PriceSettings):
    """Say what a market study reads, simulates, judges and trades.

    The simulator learns from the days up to ``until``, the first three quarters if that is empty;
    later days judge it.

    Args:
        family: Generator whose worlds are used.
        compare: Further families, judged beside it.
        worlds: File or folder of worlds to use instead of simulating.
        n_paths: Number of worlds.
        horizon: Days of a world.
        strategy: Strategies to trade in the worlds, as ``parse_strategies`` reads them; none for a
            simulation alone.
        rebalance: Days between trades, a calendar such as ``month-end``, or ``band(0.05)``.
        costs: Proportional costs, as a fraction of the value traded.
        cash_rate: Interest on cash a year.
        borrow_spread: What debt costs a year on top of it.
        loan_fee: What borrowed shares cost a year.
        trials: Strategies that were tried before and are not named here; they make luck likelier.
        edge: Sharpe ratio a year of a planted edge, for which it is counted how often it is found.
        luck_worlds: Worlds as long as the real days in which nothing can be earned, and half as many
            with the edge; they cost most where strategies are slow. 0: none.
        tear_sheets: Whether to write tear sheets of the real days and of some worlds.
        check_lookahead: Whether to refuse strategies that know what they can't.
        seed: Same seed, same numbers.

    Raises:
        ConfigError: A number is out of its range.
    """

    family: str = "series/hybrid"
    compare: tuple[str, ...] = ()
    worlds: str | None = None
    n_paths: int = 1_000
    horizon: int = 252
    strategy: tuple[str, ...] = ()
    rebalance: int | str = 21
    costs: float = 0.0005
    cash_rate: float = 0.0
    borrow_spread: float = 0.0
    loan_fee: float = 0.0
    trials: int = 0
    edge: float = 1.0
    luck_worlds: int = 200
    tear_sheets: bool = True
    check_lookahead: bool = False
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse numbers out of range."""
        check_least(self, n_paths=2, horizon=1, trials=0, luck_worlds=0, seed=0)
        if isinstance(self.rebalance, int) and self.rebalance < 1:
            raise ConfigError(f"rebalance: expected at least 1 day, found {self.rebalance}")
        check_costs(self.costs)
        check_numbers(
            "cash_rate, borrow_spread, loan_fee",
            (self.cash_rate, self.borrow_spread, self.loan_fee),
            lambda rate: -0.5 < rate < 1,
            expected="rates a year as fractions (2 % is 0.02)",
        )
        if not 0 < self.edge < float("inf"):
            raise ConfigError(f"edge: expected a Sharpe ratio above 0, found {self.edge!r}")
        for name in ("compare", "strategy"):
            if not all(isinstance(item, str) and item for item in getattr(self, name)):
                raise ConfigError(f"{name}: expected names, found {list(getattr(self, name))}")


def check_least(settings: object, **least: float) -> None:
    """Refuse settings that are too small.

    Args:
        settings: What has them.
        **least: Name of a setting -> its least value.

    Raises:
        ConfigError: One of them is smaller.

    Example:
        >>> check_least(StudySettings(), n_paths=2, horizon=1)
    """
    for name, lowest in least.items():
        if getattr(settings, name) < lowest:
            raise ConfigError(
                f"{name}: expected at least {lowest}, found {getattr(settings, name)}"
            )


def check_costs(costs: float) -> None:
    """Refuse proportional costs that are no fraction of the value traded.

    Args:
        costs: The fraction.

    Raises:
        ConfigError: It is not in [0, 0.5].

    Example:
        >>> check_costs(0.0005)
    """
    if not 0 <= costs <= 0.5:
        raise ConfigError(
            f"costs: expected a fraction of the value traded in [0, 0.5], found {costs!r} "
            "(5 basis points are 0.0005)"
        )


def check_numbers(
    name: str, values: Sequence[object], fits: Callable[[float], bool], *, expected: str
) -> None:
    """Refuse a setting that holds anything but numbers of its range.

    Args:
        name: Name of the setting.
        values: What it holds.
        fits: Says whether a number is in range.
        expected: What it should hold, in words.

    Raises:
        ConfigError: One of them is no such number.

    Example:
        >>> check_numbers("horizons", (1, 0), lambda days: days >= 1, expected="days from 1")
        Traceback (most recent call last):
        ...
        scenara.shared.errors.ConfigError: horizons: expected days from 1, found [1, 0]
    """
    for value in values:
        if not isinstance(value, (int, float)) or isinstance(value, bool) or not fits(value):
            raise ConfigError(f"{name}: expected {expected}, found {list(values)}")
