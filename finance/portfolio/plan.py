"""What a backtest does, checked once: strategy, moments, costs, account, and where it is computed."""

from dataclasses import dataclass

import pandas as pd
import torch
from torch import Tensor

from scenara.finance.portfolio.account import Account, Costs
from scenara.finance.portfolio.limits import Limits
from scenara.finance.portfolio.rebalancing import Rule
from scenara.finance.portfolio.schedule import dates_before
from scenara.finance.portfolio.strategies import State, Strategy, strategy_name
from scenara.shared.errors import ConfigError
from scenara.shared.types import IntArray

__all__ = ["Plan"]

# Holdings, goals, prices and what lies between them.
_LEDGER_ROWS = 12


@dataclass(frozen=True, eq=False, kw_only=True)
class Plan:
    """Hold what is the same for all paths.

    Args:
        strategy: What to hold.
        n_steps: Number of returns in each path.
        steps: Steps before whose return the strategy is asked, shape (rebalances,).
        rule: Whether and what to trade then; None for all, back to the targets.
        costs: What trades cost.
        account: Interest, fees, dividends and taxes; None where only gains and costs count.
        limits: Limits on targets.
        dtype: Type of the computation.
        device: Where it happens.
        assets: Name of each asset.
        dates: Date of each return, where known.
        history_dates: Date of each return before the first step, where known.
        has_flows: Whether money comes and goes.
        has_dividends: Whether there are dividends beside price returns.
        keep_drifted: Whether weights before each trade are kept.

    Raises:
        ConfigError: Costs are stated for another number of assets, or account or limits are of
            another kind.
    """

    strategy: Strategy
    n_steps: int
    steps: IntArray
    rule: Rule | None
    costs: Costs
    account: Account | None
    limits: Limits | None
    dtype: torch.dtype
    device: torch.device
    assets: tuple[str, ...]
    dates: pd.DatetimeIndex | None
    history_dates: pd.DatetimeIndex | None = None
    has_flows: bool = False
    has_dividends: bool = False
    keep_drifted: bool = False

    def __post_init__(self) -> None:
        for name, kind in (("account", Account), ("limits", Limits)):
            given = getattr(self, name)
            if not isinstance(given, kind | None):
                raise ConfigError(f"{name}: expected {kind.__name__}(...) or None, found {given!r}")
        self.costs.impact_rates(len(self.assets))

    @property
    def needs_ledger(self) -> bool:
        """Whether wealth must be followed step by step."""
        return (
            self.rule is not None
            or self.account is not None
            or self.has_flows
            or self.has_dividends
            or self.uses_holdings
            or not self.costs.is_proportional
        )

    @property
    def uses_holdings(self) -> bool:
        """Whether the strategy asks what is held."""
        return bool(getattr(self.strategy, "uses_holdings", False))

    @property
    def is_asked_once(self) -> bool:
        """Whether the strategy's targets are the same throughout."""
        takes_state = bool(getattr(self.strategy, "takes_state", False))
        return self.strategy.lookback == 0 and not self.uses_holdings and not takes_state

    @property
    def n_rows(self) -> int:
        """How many steps of a path the engine has at hand at a time, about."""
        if not self.needs_ledger:
            return len(self.steps)
        if self.account is None or self.account.tax is None:
            return _LEDGER_ROWS
        reinvests = self.has_dividends and self.account.dividends == "reinvest"
        n_lots = len(self.steps) + (self.n_steps if reinvests else 0)
        return max(_LEDGER_ROWS, n_lots // 4)

    @property
    def row_bytes(self) -> int:
        """Bytes of one step of one path."""
        return len(self.assets) * self.dtype.itemsize

    def moment(
        self, step: int, *, available: Tensor | None = None, drifted: Tensor | None = None
    ) -> State:
        """Give what a strategy is told about the moment of a trade.

        Args:
            step: Number of returns that are over.
            available: Whether each asset can be held, shape (paths, assets).
            drifted: Weights held, shape (paths, assets).

        Returns:
            The moment.
        """
        date = None if self.dates is None else self.dates[step]
        return State(
            step=step,
            assets=self.assets,
            date=date,
            dates=dates_before(
                step,
                self.strategy.lookback,
                dates=self.dates,
                history_dates=self.history_dates,
            ),
            available=available,
            drifted=drifted,
        )

    def check_reach(self, n_history: int) -> None:
        """Refuse a strategy that never has the returns that it needs.

        Args:
            n_history: Number of returns known before the first step.

        Raises:
            ConfigError: No trade ever has ``lookback`` returns.
        """
        lookback, known = self.strategy.lookback, int(self.steps[-1]) + n_history
        if lookback > known:
            raise ConfigError(
                f"strategy {strategy_name(self.strategy)!r} needs {lookback} returns before a "
                f"trade, but only {known} are known at the last one (step {self.steps[-1]}); pass "
                "history=, longer paths or a shorter lookback"
            )
