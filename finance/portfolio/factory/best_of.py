"""The choice of the best among strategies, as something that is learned and can be tested."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from scenara.finance.portfolio.backtest import backtest
from scenara.finance.portfolio.performance import sharpe
from scenara.finance.portfolio.strategies import Strategy
from scenara.shared.errors import ConfigError, DataError
from scenara.shared.types import FloatArray

__all__ = ["BestOf"]


@dataclass(frozen=True, kw_only=True)
class BestOf:
    """Choose the strategy with the best Sharpe ratio on the training days.

    Args:
        strategies: Name -> strategy to choose from.
        rebalance: Steps between trades.
        costs: Costs as a fraction of the value traded.

    Raises:
        ConfigError: There is nothing to choose from.

    Example:
        >>> from scenara.finance.portfolio import BuyAndHold, Mix
        >>> days = pd.DataFrame({"up": [0.01, 0.02] * 20, "down": [-0.01, -0.02] * 20})
        >>> choice = BestOf(strategies={"up": Mix(targets={"up": 1.0}), "even": BuyAndHold()})
        >>> choice.fit([days])
        Mix(targets={'up': 1.0})
    """

    strategies: Mapping[str, Strategy]
    rebalance: int = 21
    costs: float = 0.0005

    def __post_init__(self) -> None:
        if not self.strategies:
            raise ConfigError("strategies: expected some to choose from, found none")

    def fit(self, blocks: Sequence[pd.DataFrame]) -> Strategy:
        """Choose by the returns on all blocks together.

        In each block a strategy trades the days after those that any of them looks back at, so
        that all are judged by the same days.

        Args:
            blocks: Simple returns, each of days that follow each other, steps by assets.

        Returns:
            The best strategy.

        Raises:
            DataError: No block has two days more than the longest lookback.
        """
        longest = max(strategy.lookback for strategy in self.strategies.values())
        usable = [block for block in blocks if len(block) > longest + 1]
        if not usable:
            raise DataError(
                f"blocks: expected one of more than {longest + 1} days, found "
                f"{max(map(len, blocks), default=0)}; take fewer folds or shorter lookbacks"
            )
        names = list(self.strategies)
        ratios = [self._sharpe(self.strategies[name], usable, longest) for name in names]
        return self.strategies[names[int(np.argmax(ratios))]]

    def _sharpe(self, strategy: Strategy, blocks: Sequence[pd.DataFrame], start: int) -> float:
        pieces: list[FloatArray] = [
            backtest(
                block.iloc[start:],
                strategy,
                history=block.iloc[:start] if start else None,
                rebalance=self.rebalance,
                costs=self.costs,
            ).returns[0]
            for block in blocks
        ]
        wealth = np.cumprod(1 + np.concatenate(pieces))
        return float(sharpe(np.concatenate([[1.0], wealth])))
