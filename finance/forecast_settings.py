"""Settings of the forecast job, with the defaults that the command line shows."""

from dataclasses import dataclass
from functools import partial

from scenara.finance.settings import PriceSettings, check_least, check_numbers
from scenara.shared.errors import ConfigError

__all__ = ["ForecastSettings"]

_LOWEST = {"n_paths": 100, "n_draws": 20, "refit_every": 1, "every": 1, "seed": 0}


@dataclass(frozen=True, kw_only=True)
class ForecastSettings(PriceSettings):
    """Say what is forecast, by which worlds, and how such forecasts are tried on past days.

    The days after ``until`` (if that is empty, the last quarter) are forecast with models fitted anew
    on all days up to then.

    Args:
        family: Generator whose worlds are the forecast.
        assets: Assets that are forecast beside the portfolio; none for the first five.
        portfolio: What is held, such as ``equal weight`` or ``KO=0.6,XOM=40%``.
        return_days: Days ahead of returns.
        volatility_days: Days ahead of volatilities.
        n_paths: Worlds of the forecast from the last day.
        n_draws: Worlds of each forecast in the trial.
        refit_every: Days between fits in the trial.
        every: Days between forecasts in the trial.
        augment: Whether to try quantile models with and without generated worlds.
        seed: Same seed, same numbers.

    Raises:
        ConfigError: A number is out of its range.
    """

    family: str = "series/fhs"
    assets: tuple[str, ...] = ()
    portfolio: str = "equal weight"
    return_days: tuple[int, ...] = (1, 5, 21)
    volatility_days: tuple[int, ...] = (5, 21)
    n_paths: int = 5_000
    n_draws: int = 500
    refit_every: int = 126
    every: int = 5
    augment: bool = True
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse numbers out of range."""
        check_least(self, **_LOWEST)
        if not self.return_days:
            raise ConfigError("return_days: expected at least one, found none")
        for name, first in (("return_days", 1), ("volatility_days", 2)):
            fits = partial(_is_days, first=first)
            check_numbers(name, getattr(self, name), fits, expected=f"days from {first}")


def _is_days(value: float, *, first: int) -> bool:
    return value >= first and value == int(value)
