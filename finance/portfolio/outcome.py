"""Room for the outcome of all paths, filled chunk by chunk."""

from dataclasses import dataclass, fields, replace

import numpy as np
import torch
from torch import Tensor

from scenara.finance.portfolio.ledger import Records
from scenara.finance.portfolio.panel import Panel
from scenara.finance.portfolio.plan import Plan
from scenara.finance.portfolio.result import Backtest
from scenara.finance.portfolio.segments import Segments, join
from scenara.finance.portfolio.strategies import strategy_name
from scenara.shared.types import Array

__all__ = ["Outcome"]


@dataclass(frozen=True, eq=False, kw_only=True)
class Outcome:
    """Hold what ``Backtest`` holds, time first so that chunks are written in long runs."""

    wealth: Tensor
    turnover: Tensor
    costs: Tensor
    weights: Tensor
    drifted: Tensor | None = None
    traded: Tensor | None = None
    cash: Tensor | None = None
    interest: Tensor | None = None
    taxes: Tensor | None = None
    dividends: Tensor | None = None
    flows: Tensor | None = None

    @classmethod
    def empty(cls, panel: Panel, plan: Plan) -> "Outcome":
        """Make room.

        Args:
            panel: The returns.
            plan: What to do.

        Returns:
            Room to be filled.
        """
        n_steps, n_paths, n_assets = panel.n_steps, panel.n_paths, len(panel.assets)
        n_trades = len(plan.steps)

        def room(*shape: int, dtype: torch.dtype = plan.dtype) -> Tensor:
            return torch.empty(shape, dtype=dtype)

        # One row of targets stands for all of them where they are the same throughout.
        n_targets = 1 if plan.is_asked_once and not plan.needs_ledger else n_trades
        wealth = room(n_steps + 1, n_paths)
        wealth[0] = 1
        has_account = plan.account is not None
        is_taxed = plan.account is not None and plan.account.tax is not None
        return cls(
            wealth=wealth,
            turnover=room(n_trades, n_paths),
            costs=room(n_trades, n_paths),
            weights=room(n_targets, n_paths, n_assets),
            drifted=room(n_trades, n_paths, n_assets) if plan.keep_drifted else None,
            traded=room(n_trades, n_paths, dtype=torch.bool) if plan.rule is not None else None,
            cash=room(n_steps + 1, n_paths) if has_account else None,
            interest=room(n_steps, n_paths) if has_account else None,
            taxes=room(n_steps, n_paths) if is_taxed else None,
            dividends=room(n_steps, n_paths) if plan.has_dividends else None,
            flows=room(n_steps, n_paths) if plan.has_flows else None,
        )

    def put(self, start: int, end: int, part: Segments, plan: Plan) -> None:
        """Write what the fast engine found.

        Args:
            start: First path.
            end: Path after the last one.
            part: Outcome of these paths.
            plan: What was done.
        """
        join(part, plan.steps, self.wealth[1:, start:end])
        self.turnover[:, start:end] = part.turnover
        self.costs[:, start:end] = part.costs
        self.weights[:, start:end] = part.weights if len(self.weights) > 1 else part.weights[:1]
        if self.drifted is not None:
            self.drifted[:, start:end] = part.brought / part.scale[..., None]

    def put_records(self, start: int, end: int, part: Records) -> "Outcome":
        """Write what the ledger found.

        Args:
            start: First path.
            end: Path after the last one.
            part: Outcome of these paths.

        Returns:
            The room written to: a wider one, if targets turn out not to be the same throughout.
        """
        room = self
        if len(self.weights) != len(part.weights):
            room = replace(self, weights=self.weights.expand(part.weights.shape[0], -1, -1).clone())
        for field in fields(self):
            place = getattr(room, field.name)
            if place is not None:
                place[:, start:end] = getattr(part, field.name)
        return room

    def freeze(self, panel: Panel, plan: Plan) -> Backtest:
        """Give the outcome as its user gets it.

        Args:
            panel: The returns.
            plan: What was done.

        Returns:
            The outcome, paths first.
        """
        found = {field.name: _paths_first(getattr(self, field.name)) for field in fields(self)}
        weights = found.pop("weights")
        assert weights is not None
        if weights.shape[1] != len(plan.steps):
            weights = np.broadcast_to(weights, (len(weights), len(plan.steps), weights.shape[2]))
        return Backtest(
            weights=weights,
            steps=plan.steps,
            strategy=strategy_name(plan.strategy),
            assets=panel.assets,
            dates=panel.dates,
            **found,  # type: ignore[arg-type]
        )


def _paths_first(values: Tensor | None) -> Array | None:
    return None if values is None else values.numpy().swapaxes(0, 1)
