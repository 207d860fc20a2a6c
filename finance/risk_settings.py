"""Settings of the risk job, with the defaults that the command line shows."""

from dataclasses import dataclass

from scenara.finance.settings import PriceSettings, check_least, check_numbers
from scenara.shared.errors import ConfigError

__all__ = ["RiskSettings"]


@dataclass(frozen=True, kw_only=True)
class RiskSettings(PriceSettings):
    """Say what a risk report reads, simulates and puts to the test.

    Models are put to the test on the days after ``until``; if that is empty, on the last quarter.

    Args:
        family: Generator whose worlds the risk is read off.
        portfolio: What is held, such as ``equal weight`` or ``KO=0.6,XOM=40%``.
        horizons: Days over which the portfolio is held.
        levels: Confidence levels of VaR and ES.
        n_paths: Number of worlds.
        refit: Days between the fits of a model in the backtest.
        try_worlds: Whether the worlds' own one-day forecasts take part in the backtest, their
            family fitted anew once a year.
        seed: Same seed, same numbers.

    Raises:
        ConfigError: A number is out of its range.
    """

    family: str = "series/fhs"
    portfolio: str = "equal weight"
    horizons: tuple[int, ...] = (1, 10, 63)
    levels: tuple[float, ...] = (0.95, 0.975, 0.99)
    n_paths: int = 10_000
    refit: int = 63
    try_worlds: bool = True
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse numbers out of range."""
        check_least(self, n_paths=100, refit=1, seed=0)
        for name in ("horizons", "levels"):
            if not getattr(self, name):
                raise ConfigError(f"{name}: expected at least one, found none")
        check_numbers("horizons", self.horizons, _is_days, expected="days from 1")
        check_numbers("levels", self.levels, _is_level, expected="numbers between 0.5 and 1")


def _is_days(value: float) -> bool:
    return value >= 1 and value == int(value)


def _is_level(value: float) -> bool:
    return 0.5 < value < 1
