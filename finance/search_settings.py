"""Settings of the strategy search, with the defaults that the command line shows."""

from dataclasses import dataclass

from scenara.finance.settings import StudySettings
from scenara.shared.errors import ConfigError

__all__ = ["SearchSettings"]

_LOWEST = {"n_paths": 20, "horizon": 21, "trials": 0, "rebalance": 1, "seed": 0}
_OBJECTIVES = ("sharpe", "cagr", "final_wealth", "max_drawdown", "volatility")


@dataclass(frozen=True, kw_only=True)
class SearchSettings:
    """Say which settings of a strategy are tried, on which real days and in which worlds.

    Args:
        data: Price file, web address or database URL; or None.
        sample: Name of a real sample data set; or None.
        query: SQL, for a database URL.
        date_column: Name of the column of dates, where it is not found.
        date_format: Format of dates that are not ISO 8601, such as ``%d.%m.%Y``.
        until: Last day that worlds are learned from (ISO 8601); later days are traded. Empty: the
            first three quarters of the days.
        strategy: The strategy whose settings vary, with those that stay the same in brackets.
        grid: How settings vary, each ``setting=value,value`` or ``setting=low..high``.
        trials: Settings that are drawn; 0 tries every combination, which ranges can't be.
        objective: Figure by which settings are compared.
        family: Generator whose worlds are traded.
        n_paths: Number of worlds.
        horizon: Days of a world.
        rebalance: Days between trades.
        costs: Proportional costs, as a fraction of the value traded.
        seed: Same seed, same numbers.

    Raises:
        ConfigError: A number is out of its range, or nothing varies.
    """

    data: str | None = None
    sample: str | None = None
    query: str | None = None
    date_column: str | None = None
    date_format: str | None = None
    until: str = ""
    strategy: str = "momentum"
    grid: tuple[str, ...] = ("lookback=63,126,252", "short=false,true")
    trials: int = 0
    objective: str = "sharpe"
    family: str = "series/hybrid"
    n_paths: int = 500
    horizon: int = 252
    rebalance: int = 21
    costs: float = 0.0005
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse numbers out of range."""
        for name, lowest in _LOWEST.items():
            if getattr(self, name) < lowest:
                raise ConfigError(
                    f"{name}: expected at least {lowest}, found {getattr(self, name)}"
                )
        if not 0 <= self.costs <= 0.5:
            raise ConfigError(
                f"costs: expected a fraction of the value traded in [0, 0.5], found {self.costs!r} "
                "(5 basis points are 0.0005)"
            )
        if not self.grid:
            raise ConfigError("grid: expected how a setting varies, such as lookback=63,126")
        if self.objective not in _OBJECTIVES:
            raise ConfigError(
                f"objective: expected one of {list(_OBJECTIVES)}, found {self.objective!r}"
            )

    @property
    def source(self) -> StudySettings:
        """Where prices come from, as `read_market` takes it."""
        return StudySettings(
            data=self.data,
            sample=self.sample,
            query=self.query,
            date_column=self.date_column,
            date_format=self.date_format,
            until=self.until,
        )
