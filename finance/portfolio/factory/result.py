"""What a search over settings has found, on real history beside worlds."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
import pandas as pd

from scenara.finance.portfolio.factory.ground import OBJECTIVES, check_objective
from scenara.shared.errors import DataError
from scenara.shared.types import FloatArray

__all__ = ["SIDES", "Pick", "Side", "StrategySearch"]

Side: TypeAlias = Literal["real", "worlds"]
SIDES: tuple[Side, ...] = ("real", "worlds")
"""The two sides of a search."""

_TAIL = 0.05


@dataclass(frozen=True, kw_only=True)
class Pick:
    """Hold the best setting of one side, and what it earns on both.

    Args:
        trial: Its position among the trials.
        setting: The setting in words.
        real: Its figure on real history.
        median: The median of its figure over worlds.
        beats_baseline: Share of worlds in which it did better than the best baseline.
        real_rank: Its rank on real history, from 1.
        worlds_rank: Its rank by the median over worlds, from 1.
    """

    trial: int
    setting: str
    real: float
    median: float
    beats_baseline: float
    real_rank: int
    worlds_rank: int


@dataclass(frozen=True, eq=False, kw_only=True)
class StrategySearch:
    """Hold what every setting did on real history and in worlds.

    Args:
        strategy: Name of the strategy.
        objective: Figure that settings are compared by, a name in ``OBJECTIVES``.
        settings: Settings that were tried, by name.
        real: Figures of each on real history, one row a trial, as of ``summarise``.
        returns: Daily returns of each on real history, shape (steps, trials); what tests of luck
            take.
        worlds: Objective of each in every world, shape (paths, trials).
        baselines_real: Objective of each baseline on real history, by name.
        baseline_returns: Daily returns of each baseline on real history, shape (steps, baselines).
        baselines: Objective of each baseline in every world, shape (paths, baselines).

    Raises:
        DataError: The parts are not of the same trials.
    """

    strategy: str
    objective: str
    settings: tuple[Mapping[str, Any], ...]
    real: pd.DataFrame
    returns: pd.DataFrame
    worlds: FloatArray
    baselines_real: "pd.Series[float]"
    baseline_returns: pd.DataFrame
    baselines: pd.DataFrame

    def __post_init__(self) -> None:
        check_objective(self.objective)
        counts = {len(self.settings), len(self.real), self.returns.shape[1], self.worlds.shape[1]}
        if len(counts) > 1 or not self.settings:
            raise DataError(
                f"search: expected the same trials in each part, found {counts} of them"
            )
        if self.baselines.empty:
            raise DataError("search: expected a baseline to compare with, found none")

    @property
    def n_trials(self) -> int:
        """Number of settings tried."""
        return len(self.settings)

    @property
    def best_baseline(self) -> str:
        """Name of the baseline whose median over worlds is best."""
        return str((self._sign * self.baselines.median()).idxmax())

    @property
    def table(self) -> pd.DataFrame:
        """Put each setting's real figure beside its law over worlds.

        Returns:
            One row a trial: each setting; ``real``; over worlds ``median``, ``low`` and ``high``
            (5 and 95 %) and ``beats_baseline``, the share of worlds in which it did better than
            the best baseline; ``real_rank`` and ``worlds_rank`` from 1, the best.
        """
        low, median, high = np.quantile(self.worlds, [_TAIL, 0.5, 1 - _TAIL], axis=0)
        baseline = self.baselines[self.best_baseline].to_numpy()[:, None]
        better = self._sign * (self.worlds - baseline) > 0
        found = pd.DataFrame(
            {
                "real": self.real[self.objective].to_numpy(),
                "median": median,
                "low": low,
                "high": high,
                "beats_baseline": better.mean(axis=0),
            }
        )
        found["real_rank"] = (-self._sign * found["real"]).rank(method="min").astype(int)
        found["worlds_rank"] = (-self._sign * found["median"]).rank(method="min").astype(int)
        varied = pd.DataFrame([dict(row) for row in self.settings], dtype=object)
        return pd.concat([varied, found], axis=1).set_index(self.real.index)

    @property
    def rank_agreement(self) -> float:
        """Spearman correlation of the real figures with the medians over worlds.

        It is nan where either is the same for all settings.
        """
        table = self.table
        ranks = table[["real", "median"]].rank()
        if (ranks.nunique() < 2).any():
            return float("nan")
        return float(np.corrcoef(ranks.to_numpy(), rowvar=False)[0, 1])

    @property
    def picks(self) -> pd.DataFrame:
        """Tell which setting each side picks, and what that earns on the other.

        Returns:
            Rows ``real`` and ``worlds``, the side that picks, with the fields of ``Pick``.
        """
        rows = {side: asdict(self.pick(side)) for side in SIDES}
        return pd.DataFrame.from_dict(rows, orient="index").rename_axis("picked_by")

    def pick(self, side: Side) -> Pick:
        """Give the best setting by real history, or by the median over worlds.

        Args:
            side: The side that picks.

        Returns:
            The pick and what it earns on both sides.
        """
        table = self.table
        column = {"real": "real", "worlds": "median"}[side]
        trial = int((self._sign * table[column]).to_numpy().argmax())
        real, median, share, real_rank, worlds_rank = (
            table[name].to_numpy()[trial]
            for name in ("real", "median", "beats_baseline", "real_rank", "worlds_rank")
        )
        return Pick(
            trial=trial,
            setting=str(table.index[trial]),
            real=float(real),
            median=float(median),
            beats_baseline=float(share),
            real_rank=int(real_rank),
            worlds_rank=int(worlds_rank),
        )

    @property
    def _sign(self) -> int:
        return OBJECTIVES[self.objective]
