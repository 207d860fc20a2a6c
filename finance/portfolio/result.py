"""What a backtest gives: wealth and what moved it, path by path."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from scenara.finance.portfolio.performance import simple_returns
from scenara.shared.types import Array, FloatArray, IntArray

__all__ = ["Backtest"]


@dataclass(frozen=True, eq=False, kw_only=True)
class Backtest:
    """Hold the outcome of one strategy on every path.

    Money is in units of the initial wealth.

    Args:
        wealth: Wealth after k returns and before money comes or goes and before a trade then,
            starting at 1, shape (paths, steps + 1). Once it reaches 0 it stays there.
        turnover: Value bought plus value sold, as a fraction of wealth before the trade, shape
            (paths, rebalances). The first purchase of everything counts 1, a full switch 2.
        costs: Costs paid, shape (paths, rebalances).
        weights: Target weights, shape (paths, rebalances, assets); read-only where they are the
            same throughout.
        steps: Step before whose return each trade happens, or is considered, shape (rebalances,).
        strategy: Name of the strategy.
        assets: Name of each asset.
        dates: Date of each return, where known.
        drifted: Weights just before each trade, where asked for, shape as ``weights``.
        traded: Whether a path was traded then, where a rule decides, shape (paths, rebalances).
        cash: Cash in wealth, negative for debt, shape as ``wealth``; with an account.
        interest: Interest earned less interest and loan fees paid, shape (paths, steps); with an
            account.
        taxes: Taxes paid before each step, shape (paths, steps); with an account that is taxed.
        dividends: Dividends received less those owed, shape (paths, steps); where there are any.
        flows: Money paid in, negative where drawn, before each step, shape (paths, steps); where
            money comes or goes.
    """

    wealth: FloatArray
    turnover: FloatArray
    costs: FloatArray
    weights: FloatArray
    steps: IntArray
    strategy: str
    assets: tuple[str, ...]
    dates: pd.DatetimeIndex | None = None
    drifted: FloatArray | None = None
    traded: Array | None = None
    cash: FloatArray | None = None
    interest: FloatArray | None = None
    taxes: FloatArray | None = None
    dividends: FloatArray | None = None
    flows: FloatArray | None = None

    @property
    def n_paths(self) -> int:
        """Number of paths."""
        return int(self.wealth.shape[0])

    @property
    def returns(self) -> FloatArray:
        """Simple returns of the portfolio after costs, shape (paths, steps).

        Money that comes or goes is part of what a step starts from: these are time-weighted.
        """
        return self._returns(slice(None))

    @property
    def growth(self) -> FloatArray:
        """What one unit became that was in from the start, shape (paths, steps + 1).

        It is wealth, unless money came or went.
        """
        if self.flows is None:
            return self.wealth
        grown = np.cumprod(1 + self.returns, axis=1)
        return np.concatenate([np.ones_like(grown[:, :1]), grown], axis=1)

    def returns_of(self, path: int = 0) -> pd.Series:
        """Give the returns of one path, by date where dates are known.

        Args:
            path: Number of the path.

        Returns:
            Simple returns after costs, shape (steps,), named after the strategy.

        Example:
            >>> from scenara.finance.portfolio import backtest
            >>> backtest(np.full((1, 2, 2), 0.5), "equal-weight").returns_of().tolist()
            [0.5, 0.5]
        """
        values = self._returns(slice(path, path + 1 or None))[0].astype(np.float64)
        return pd.Series(values, index=self.dates, name=self.strategy)

    def _returns(self, paths: slice) -> FloatArray:
        wealth = self.wealth[paths]
        if self.flows is None:
            return simple_returns(wealth)
        start = wealth[:, :-1] + self.flows[paths]
        gain = wealth[:, 1:] - start
        ratio: FloatArray = np.divide(gain, start, out=np.zeros_like(gain), where=start > 0)
        return ratio
