"""Settings of the strategy search, with the defaults that the command line shows."""

from dataclasses import dataclass

from scenara.finance.settings import PriceSettings, check_costs, check_least
from scenara.shared.errors import ConfigError

__all__ = ["SearchSettings"]

_LOWEST = {"n_paths": 20, "horizon": 21, "trials": 0, "rebalance": 1, "seed": 0}
_OBJECTIVES = ("sharpe", "cagr", "final_wealth", "max_drawdown", "volatility")


@dataclass(frozen=True, kw_only=True)
class SearchSettings(PriceSettings):
    """Say which settings of a strategy are tried, on which real days and in which worlds.

    Worlds are learned from the days up to ``until``, the first three quarters if that is empty; later
    days are traded.

    Args:
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
        check_least(self, **_LOWEST)
        check_costs(self.costs)
        if not self.grid:
            raise ConfigError("grid: expected how a setting varies, such as lookback=63,126")
        if self.objective not in _OBJECTIVES:
            raise ConfigError(
                f"objective: expected one of {list(_OBJECTIVES)}, found {self.objective!r}"
            )
