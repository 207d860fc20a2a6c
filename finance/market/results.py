"""What the market job hands to its report: plain frames and arrays, checked once.

Nothing here simulates, scores or backtests; the job fills these in and `market_report` reads them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pandas as pd

from scenara.finance.market.certificate import Certificate
from scenara.shared.errors import DataError
from scenara.shared.evaluation.score import Scorecard
from scenara.shared.types import FloatArray

if TYPE_CHECKING:
    from scenara.finance.market.luck_findings import LuckFindings
    from scenara.finance.portfolio.look_ahead import LookAheadReport

__all__ = ["MarketJob", "MarketScores", "Provenance", "StrategyOutcome", "TearSheet"]

HISTORY = "history"
_DESCRIBING = ["group", "meaning", "floor", HISTORY]
_OUTCOMES = ["sharpe", "max_drawdown", "final_wealth"]
_SMALLEST_RATIO = 0.02


@dataclass(frozen=True)
class MarketScores:
    """Judge the worlds of one or more generator families against the later years.

    Args:
        measures: One row a distance, by name; columns `group`, `meaning` (plain words), `floor`
            (the distance between real windows), `history` (of the training years, the baseline)
            and one column of distances for each family.
        headlines: One row a family; columns among `auc` (real or simulated, 0.5 is a guess),
            `path_copy`, `explosions`, `spikes` (shares), `fit_cpu_s`, `sample_cpu_s`. A row
            `history` and a row `later years` give the references where they are known.
        perfect: 10 % quantile, mean and 90 % quantile of the score that fresh real windows get,
            where that was measured.

    Raises:
        DataError: A column is missing, a floor is not positive, or a family has no headline.

    Example:
        >>> measures = pd.DataFrame(
        ...     {"group": ["A"], "meaning": ["tails"], "floor": [0.1], "history": [0.2],
        ...      "bootstrap": [0.15]}, index=["tailq"])
        >>> card = MarketScores(measures, headlines=pd.DataFrame({"auc": [0.7]}, index=["bootstrap"]))
        >>> card.families, round(float(card.scores.loc["ALL", "bootstrap"]), 2)
        (('bootstrap',), 1.5)
    """

    measures: pd.DataFrame
    headlines: pd.DataFrame
    perfect: tuple[float, float, float] | None = None

    def __post_init__(self) -> None:
        _require_columns(self.measures, _DESCRIBING, "scorecard measures")
        if not (self.measures["floor"] > 0).all():
            worst = self.measures["floor"].idxmin()
            raise DataError(f"scorecard measures, row {worst!r}: expected a floor above 0")
        missing = [name for name in self.families if name not in self.headlines.index]
        if missing or not self.families:
            raise DataError(f"scorecard: expected a headline for each family, missing {missing}")

    @classmethod
    def from_cards(
        cls,
        cards: Mapping[str, Scorecard],
        *,
        headlines: pd.DataFrame,
        perfect: tuple[float, float, float] | None = None,
    ) -> Self:
        """Put the scorecards of several families side by side.

        Args:
            cards: Family -> its scorecard; all with the same measures, floors and the baseline
                `history`.
            headlines: As of the class.
            perfect: As of the class.

        Returns:
            The table of scores.

        Raises:
            DataError: There is no card, or a card lacks the baseline.
        """
        if not cards:
            raise DataError("scores: expected at least one scorecard, found none")
        frames = {family: card.to_frame() for family, card in cards.items()}
        first = next(iter(frames.values()))
        _require_columns(first, _DESCRIBING, "scorecard")
        values = {family: frame["value"] for family, frame in frames.items()}
        return cls(pd.DataFrame({**first[_DESCRIBING], **values}), headlines, perfect)

    @property
    def families(self) -> tuple[str, ...]:
        """Names of the families judged, in the order of their columns."""
        return tuple(name for name in self.measures.columns if name not in _DESCRIBING)

    @property
    def ratios(self) -> pd.DataFrame:
        """Distances over the noise floor; rows are measures, columns families and `history`."""
        distances = self.measures[[*self.families, HISTORY]].astype(float)
        return distances.div(self.measures["floor"].astype(float), axis=0)

    @property
    def scores(self) -> pd.DataFrame:
        """Geometric means of the ratios: a row `ALL` over every measure, then one a group."""
        logs = self.ratios.clip(lower=_SMALLEST_RATIO).apply(np.log)
        groups = logs.groupby(self.measures["group"], sort=False).mean()
        total = logs.mean().to_frame("ALL").T
        scores: pd.DataFrame = pd.concat([total, groups]).apply(np.exp)
        return scores

    def headline(self, row: str, column: str) -> float:
        """Look up one headline.

        Args:
            row: A family, `history` or `later years`.
            column: Name of the headline.

        Returns:
            The number, NaN where it was not measured.
        """
        known = row in self.headlines.index and column in self.headlines.columns
        return _number(self.headlines, row, column) if known else float("nan")

    def score(self, name: str, *, group: str = "ALL") -> float:
        """Look up one score.

        Args:
            name: A family or `history`.
            group: A group of measures, or `ALL`.

        Returns:
            The geometric mean of the ratios to the floor.
        """
        return _number(self.scores, group, name)


@dataclass(frozen=True)
class TearSheet:
    """Name one path of a strategy that gets a page of its own.

    Args:
        path: Which path it is, such as ``real days 2015-2022``.
        file: Relative path of the page.
        returns: Simple returns of the strategy on it, by day.
    """

    path: str
    file: str
    returns: "pd.Series[float]"


@dataclass(frozen=True)
class StrategyOutcome:
    """Hold what one strategy earned over the worlds and in the real later years.

    Args:
        worlds: One row a world; columns `sharpe` (a year), `max_drawdown` (a share, 0.2 for a
            fall of 20 %), `final_wealth` (a multiple of the start), and others if wanted.
        windows: The same columns, one row for each real window as long as a world; indexed by the
            first day of the window.
        whole: The same figures over all real later years at once.
        description: What the strategy does, in a sentence.
        tear_sheets: Its tear sheets, of the real later years and of some worlds.
        wealth: Its wealth over the real later years, indexed by day, for a chart.
        paths: Its wealth in some worlds, from 1 on, shape (paths, days + 1), for a chart.
        lived: First day of a real window -> its wealth in it, shape (days + 1,).

    Raises:
        DataError: A column is missing or a drawdown is outside [0, 1].
    """

    worlds: pd.DataFrame
    windows: pd.DataFrame
    whole: Mapping[str, float] = field(default_factory=dict)
    description: str = ""
    tear_sheets: tuple[TearSheet, ...] = ()
    wealth: "pd.Series[float] | None" = None
    paths: FloatArray | None = None
    lived: Mapping[str, FloatArray] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for frame, name in ((self.worlds, "worlds"), (self.windows, "windows")):
            _require_columns(frame, _OUTCOMES, f"strategy outcome, {name}")
            drawdown = frame["max_drawdown"].dropna()
            if not drawdown.between(0, 1).all():
                worst = float(drawdown[~drawdown.between(0, 1)].iloc[0])
                raise DataError(
                    f"strategy outcome, {name}, column 'max_drawdown': expected a share in [0, 1], "
                    f"found {worst:g}"
                )


@dataclass(frozen=True)
class Provenance:
    """Say how the results were made, so that someone else can make them again.

    Args:
        data: Name of the data set.
        file: Name of the file or address it was read from.
        sha256: Checksum of that file, in hexadecimal.
        seed: The seed of the run.
        command: The command line.
        versions: Package -> version.
        durations: Stage -> seconds of wall clock.
        notes: Further facts, name -> text.
    """

    data: str
    file: str
    sha256: str
    seed: int
    command: str = ""
    versions: Mapping[str, str] = field(default_factory=dict)
    durations: Mapping[str, float] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class MarketJob:
    """Hold everything the market report is made of.

    Args:
        title: Name of the report.
        family: The generator whose worlds these are, a column of the scorecard.
        train_period: First and last day of the training years.
        real: Daily log returns of the later years, days by assets.
        worlds: Simulated daily log returns, shape (n_paths, horizon, assets).
        scores: The judgement.
        provenance: How it was made.
        strategies: Name -> outcome; may be empty.
        assumptions: Sentences about costs, rebalancing and the like, shown with the strategies.
        limits: Sentences to add to the limits.
        certificates: Family -> its certificate, where the generator was put to the trial.
        luck: Which of the strategies may be luck, where that was judged.
        look_ahead: What checks for look-ahead found, one report a strategy.
        origin_known: Whether the worlds are known to be learned from the training years alone;
            False for worlds from a file, which may have been learned from any day.

    Raises:
        DataError: Shapes, names or dates contradict each other, or a return is not finite.
    """

    title: str
    family: str
    train_period: tuple[pd.Timestamp, pd.Timestamp]
    real: pd.DataFrame
    worlds: FloatArray
    scores: MarketScores
    provenance: Provenance
    strategies: Mapping[str, StrategyOutcome] = field(default_factory=dict)
    assumptions: Sequence[str] = ()
    limits: Sequence[str] = ()
    certificates: Mapping[str, Certificate] = field(default_factory=dict)
    luck: "LuckFindings | None" = None
    look_ahead: "tuple[LookAheadReport, ...]" = ()
    origin_known: bool = True

    def __post_init__(self) -> None:
        expected = f"(paths, days, {self.real.shape[1]} assets)"
        if self.worlds.ndim != 3 or self.worlds.shape[2] != self.real.shape[1]:
            raise DataError(f"worlds: expected shape {expected}, found {self.worlds.shape}")
        if not (np.isfinite(self.worlds).all() and np.isfinite(self.real.to_numpy(float)).all()):
            raise DataError("worlds and real returns: expected finite numbers, found NaN or inf")
        if self.family not in self.scores.families:
            raise DataError(
                f"family {self.family!r}: expected one of {', '.join(self.scores.families)}"
            )
        if self.real.index[0] <= self.train_period[1]:
            raise DataError(
                f"real returns start on {self.real.index[0]:%Y-%m-%d}, inside the training years, "
                f"which end on {self.train_period[1]:%Y-%m-%d}; judge on days the model never saw"
            )
        self._check_strategies()

    def _check_strategies(self) -> None:
        for name, outcome in self.strategies.items():
            if len(outcome.worlds) != len(self.worlds):
                raise DataError(
                    f"strategy {name!r}: expected one row for each of {len(self.worlds)} worlds, "
                    f"found {len(outcome.worlds)}"
                )
            if not outcome.windows.index.equals(self._windows_of_first()):
                raise DataError(f"strategy {name!r}: its real windows are not those of the others")
            unknown = outcome.windows.index.difference(self.real.index)
            if len(unknown):
                raise DataError(
                    f"strategy {name!r}: its window starts at {unknown[0]!s}, which is no day of "
                    "the real returns; index the windows by their first day"
                )

    def _windows_of_first(self) -> pd.Index:
        return next(iter(self.strategies.values())).windows.index

    @property
    def past_years(self) -> str:
        """What to call the days before the real ones: the worlds need not come from them."""
        return "training years" if self.origin_known else "earlier years"

    @property
    def used_family(self) -> str:
        """The family, with the one that it chose where it chooses."""
        found = self.certificates.get(self.family)
        return found.family if found else self.family

    @property
    def n_paths(self) -> int:
        """Number of worlds."""
        return int(self.worlds.shape[0])

    @property
    def horizon(self) -> int:
        """Days of a world."""
        return int(self.worlds.shape[1])

    @property
    def window_starts(self) -> list[int]:
        """Positions in `real` at which a window as long as a world starts: those of the backtest.

        Without strategies, windows follow each other from the first day.
        """
        if self.strategies:
            positions = self.real.index.get_indexer(self._windows_of_first())
            return [int(position) for position in positions]
        return list(range(0, max(len(self.real) - self.horizon, 0) + 1, self.horizon))


def _number(frame: pd.DataFrame, row: str, column: str) -> float:
    value: Any = frame.at[row, column]
    return float(value)


def _require_columns(frame: pd.DataFrame, columns: Sequence[str], what: str) -> None:
    missing = [name for name in columns if name not in frame.columns]
    if missing:
        raise DataError(
            f"{what}: expected columns {', '.join(columns)}, missing {', '.join(missing)}"
        )
    if frame.empty:
        raise DataError(f"{what}: expected at least one row, found none")
