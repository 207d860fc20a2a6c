"""What the scenario job hands to its report: the request, worlds with and without it, the figures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from scenara.finance.market.results import Provenance
from scenara.finance.market.scenarios.covariates import MacroPanel
from scenara.finance.market.scenarios.historical import Replay
from scenara.finance.market.scenarios.holdings import Holding, holding_returns
from scenara.finance.market.scenarios.measures import (
    path_correlation,
    path_drawdown,
    path_return,
    path_volatility,
)
from scenara.finance.market.scenarios.path_events import PathEvent
from scenara.finance.market.scenarios.reversal import medoid, probability_band, what_moved
from scenara.shared.generators.series.conditions import Conditioned
from scenara.shared.types import FloatArray

__all__ = ["ScenarioJob"]


@dataclass(frozen=True)
class ScenarioJob:
    """Hold everything the scenario report is made of.

    Args:
        family: Generator that wrote the worlds.
        portfolio: What is held.
        events: What was asked for.
        assets: Names of the assets.
        channels: Names of all channels, assets and covariates.
        free: Worlds without the request, (m, horizon, channels).
        found: Worlds that fulfil it; None where the model has none.
        obstacle: Why there are none.
        period: First and last day that the model knows.
        is_from_today: Whether worlds go on from the last day.
        provenance: How it was made.
        past: The episode that the worlds are like, where one was named.
        panel: Covariates, where some take part.
    """

    family: str
    portfolio: Holding
    events: tuple[PathEvent, ...]
    assets: tuple[str, ...]
    channels: tuple[str, ...]
    free: FloatArray
    found: Conditioned | None
    obstacle: str
    period: tuple[pd.Timestamp, pd.Timestamp]
    is_from_today: bool
    provenance: Provenance
    past: Replay | None = None
    panel: MacroPanel | None = None

    @property
    def horizon(self) -> int:
        """Days of a world."""
        return int(self.free.shape[1])

    @property
    def band(self) -> tuple[float, float]:
        """Range of the chance of the request, with 95 % confidence."""
        assert self.found is not None
        return probability_band(self.found)

    @cached_property
    def figures(self) -> Mapping[str, pd.DataFrame]:
        """Give return, volatility, drawdown and correlation by world, ``free`` and ``scenario``."""
        sets = {"free": self.free}
        if self.found is not None:
            sets["scenario"] = self.found.paths
        return {name: self._figures(paths) for name, paths in sets.items()}

    @cached_property
    def moved(self) -> pd.DataFrame:
        """Give a row for each asset: what it does in the scenario beside all worlds."""
        assert self.found is not None
        table = what_moved(
            self.found.paths, self.free, portfolio=self.portfolio, channels=self.channels
        )
        return table.loc[[name for name in table.index if name in self.assets]]

    @cached_property
    def typical(self) -> int:
        """Number of the world of the scenario that is nearest to all others."""
        assert self.found is not None
        return medoid(self.found.paths)

    def wealth(self, paths: FloatArray) -> FloatArray:
        """Give the portfolio's wealth by day, 1 at the start.

        Args:
            paths: Daily log returns, (n, horizon, channels).

        Returns:
            Wealth, (n, horizon + 1).
        """
        daily = holding_returns(paths, self.portfolio, self.channels)
        return np.exp(np.pad(np.cumsum(daily, axis=1), ((0, 0), (1, 0))))

    def event_table(self) -> pd.DataFrame:
        """Give a row for each event: its chance alone, and its measure in all and in these worlds.

        Returns:
            Columns ``event``, ``chance``, ``free`` and ``scenario`` (medians of the measure),
            ``nearest``, the measure of the free world that falls least short, and ``short``, by
            how much, in usual variations of the measure.
        """
        return pd.DataFrame([self._event_row(event) for event in self.events])

    def _event_row(self, event: PathEvent) -> dict[str, Any]:
        values = event.values(self.free, self.channels)
        short = event.shortfall(self.free, self.channels)
        found = None if self.found is None else event.values(self.found.paths, self.channels)
        return {
            "event": str(event),
            "measure": event.measure,
            "chance": float((short <= 0).mean()),
            "free": float(np.median(values)),
            "scenario": float("nan") if found is None else float(np.median(found)),
            "nearest": float(values[short.argmin()]),
            "short": float(short.min()),
        }

    def _figures(self, paths: FloatArray) -> pd.DataFrame:
        of, names = self.portfolio, self.channels
        table = {
            "return": path_return(paths, of, names),
            "volatility": path_volatility(paths, of, names),
            "drawdown": path_drawdown(paths, of, names),
        }
        if len(self.assets) > 1:
            table["correlation"] = path_correlation(paths, self.assets, names)
        return pd.DataFrame(table).rename_axis("path")

    def quantiles(self, figure: str, levels: Sequence[float] = (0.05, 0.5, 0.95)) -> pd.DataFrame:
        """Give quantiles of a figure over all worlds and those of the scenario.

        Args:
            figure: ``return``, ``volatility``, ``drawdown`` or ``correlation``.
            levels: Between 0 and 1.
        """
        return pd.DataFrame(
            {name: table[figure].quantile(list(levels)) for name, table in self.figures.items()}
        )
