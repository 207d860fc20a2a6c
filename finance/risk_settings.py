"""Settings of the risk job, with the defaults that the command line shows."""

from dataclasses import dataclass, field

from scenara.finance.settings import StudySettings
from scenara.shared.errors import ConfigError

__all__ = ["RiskSettings"]


@dataclass(frozen=True, kw_only=True)
class RiskSettings:
    """Say what a risk report reads, simulates and puts to the test.

    Args:
        data: Price file, web address or database URL; or None.
        sample: Name of a real sample data set; or None.
        query: SQL, for a database URL.
        date_column: Name of the column of dates, where it is not found.
        date_format: Format of dates that are not ISO 8601, such as ``%d.%m.%Y``.
        until: Last day before the backtest (ISO 8601); later days judge the models. Empty: the
            first three quarters of the days.
        family: Generator whose worlds the risk is read off.
        weights: Asset -> share of the portfolio; equal shares of all assets if empty.
        horizons: Days over which the portfolio is held.
        levels: Confidence levels of VaR and ES.
        n_paths: Number of worlds.
        refit: Days between the fits of a model in the backtest.
        seed: Same seed, same numbers.

    Raises:
        ConfigError: A number is out of its range.
    """

    data: str | None = None
    sample: str | None = None
    query: str | None = None
    date_column: str | None = None
    date_format: str | None = None
    until: str = ""
    family: str = "series/fhs"
    weights: dict[str, float] = field(default_factory=dict)
    horizons: tuple[int, ...] = (1, 10, 63)
    levels: tuple[float, ...] = (0.95, 0.975, 0.99)
    n_paths: int = 10_000
    refit: int = 63
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse numbers out of range."""
        for name, lowest in (("n_paths", 100), ("refit", 1), ("seed", 0)):
            if getattr(self, name) < lowest:
                raise ConfigError(
                    f"{name}: expected at least {lowest}, found {getattr(self, name)}"
                )
        if not self.horizons or min(self.horizons) < 1:
            raise ConfigError(f"horizons: expected days from 1, found {list(self.horizons)}")
        if not self.levels or not all(0.5 < level < 1 for level in self.levels):
            raise ConfigError(
                f"levels: expected numbers between 0.5 and 1, found {list(self.levels)}"
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
