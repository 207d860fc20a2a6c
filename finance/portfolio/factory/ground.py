"""What strategies are tried on: one real history and many worlds, by the same rules."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from scenara.finance.portfolio.backtest import Backtest, backtest
from scenara.finance.portfolio.performance import summarise
from scenara.finance.portfolio.strategies import Strategy
from scenara.shared.errors import ConfigError, DataError
from scenara.shared.types import FloatArray

__all__ = ["OBJECTIVES", "Ground", "Tried", "check_objective"]

OBJECTIVES: Mapping[str, int] = {
    "sharpe": 1,
    "cagr": 1,
    "final_wealth": 1,
    "max_drawdown": -1,
    "volatility": -1,
}
"""Figures that settings can be chosen by: name -> 1 if more is better, -1 if less is."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Tried:
    """Hold what one strategy did.

    Args:
        real: Figures on real history, one row as of ``summarise``.
        returns: Daily returns on real history, shape (steps,).
        worlds: Figures in each world, as of ``summarise``.
    """

    real: "pd.Series[float]"
    returns: "pd.Series[float]"
    worlds: pd.DataFrame


@dataclass(frozen=True, eq=False, kw_only=True)
class Ground:
    """Hold what strategies are tried on, and how they trade there.

    Args:
        real: Simple returns that are traded, steps by assets.
        worlds: Simple returns of worlds, shape (paths, steps, assets).
        history: Real returns before the first step, for estimation only.
        past: Returns before each world, shape (paths, days, assets).
        rebalance: Steps between trades, or a calendar where dates are known.
        costs: Costs as a fraction of the value traded.

    Raises:
        DataError: Worlds have other assets than the real returns.
    """

    real: pd.DataFrame
    worlds: FloatArray
    history: pd.DataFrame | None = None
    past: FloatArray | None = None
    rebalance: int = 21
    costs: float = 0.0005

    def __post_init__(self) -> None:
        n_assets = self.real.shape[1]
        if self.worlds.ndim != 3 or self.worlds.shape[2] != n_assets:
            raise DataError(
                f"worlds: expected shape (paths, steps, {n_assets}) as the real returns have "
                f"{n_assets} assets, found {self.worlds.shape}"
            )

    def trade(self, strategy: Strategy, *, name: str) -> Tried:
        """Walk through real history once, and trade in every world.

        Args:
            strategy: The strategy.
            name: Name of its returns.

        Returns:
            What it did.

        Raises:
            ConfigError: It looks back further than anything is known.
            DataError: It gives no proper weights.

        Example:
            >>> import numpy as np
            >>> from scenara.finance.portfolio import EqualWeight
            >>> real = pd.DataFrame({"a": [0.1, 0.0], "b": [0.0, 0.1]})
            >>> ground = Ground(real=real, worlds=np.zeros((3, 2, 2)), costs=0.0)
            >>> ground.trade(EqualWeight(), name="even").returns.round(4).tolist()
            [0.05, 0.0476]
        """
        real = self._run(strategy, self.real, self.history)
        worlds = self._run(strategy, self.worlds, self.past)
        return Tried(
            real=summarise(real).iloc[0].rename(name),
            returns=real.returns_of(0).rename(name),
            worlds=summarise(worlds),
        )

    def _run(
        self,
        strategy: Strategy,
        returns: pd.DataFrame | FloatArray,
        history: pd.DataFrame | FloatArray | None,
    ) -> Backtest:
        return backtest(
            returns,
            strategy,
            history=history,
            rebalance=self.rebalance,
            costs=self.costs,
            assets=None if isinstance(returns, pd.DataFrame) else [str(c) for c in self.real],
        )


def check_objective(objective: str) -> int:
    """Give the sign of an objective, or refuse it.

    Args:
        objective: A name in ``OBJECTIVES``.

    Returns:
        1 if more is better, -1 if less is.

    Raises:
        ConfigError: The name is not known.

    Example:
        >>> check_objective("max_drawdown")
        -1
    """
    if objective not in OBJECTIVES:
        raise ConfigError(f"objective: expected one of {list(OBJECTIVES)}, found {objective!r}")
    return OBJECTIVES[objective]
