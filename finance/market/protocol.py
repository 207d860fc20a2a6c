"""The two protocols by which a market generator is judged: the later years, and four eras."""

import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any, Protocol

import numpy as np
import pandas as pd

from scenara.finance.market.scorecard import HISTORY, WINDOW, noise_floor, score_paths
from scenara.shared.errors import ConfigError, DataError
from scenara.shared.evaluation import NoiseFloor, Scorecard
from scenara.shared.progress import Progress, silent
from scenara.shared.types import FloatArray, RandomState

__all__ = ["Fold", "FoldJudgement", "Judgement", "MarketProtocol", "PathModel", "judge"]

TIME = "time"


class PathModel(Protocol):
    """Describe what a generator must do to be judged; every ``SeriesGenerator`` does it."""

    def fit(self, data: pd.DataFrame, /) -> object:
        """Learn from daily log returns."""

    def sample(self, n: int, /, *, horizon: int, random_state: RandomState) -> FloatArray:
        """Write ``n`` paths, shape ``(n, horizon, assets)``."""


@dataclass(frozen=True)
class Fold:
    """Hold one split of the history.

    Args:
        name: ``time``, or ``era1`` and so on.
        train: Days the generator may see.
        test: Days it is judged by.
    """

    name: str
    train: pd.DataFrame
    test: pd.DataFrame


@dataclass(frozen=True)
class MarketProtocol:
    """Set how a generator is judged.

    Args:
        cut: First day held out by the time split: a date, or a number of days before it; by
            default the last quarter is held out.
        n_eras: Number of contiguous test eras, each with the rest for training; 0 for none.
        n_paths: Paths to be written for each fold.
        horizon: Days of a path.
        length: Days in a window of the scorecard, not more than ``horizon``.

    Raises:
        ConfigError: If a number is impossible.

    Example:
        >>> MarketProtocol(cut="2015-01-01").n_eras
        4
    """

    cut: str | pd.Timestamp | int | None = None
    n_eras: int = 4
    n_paths: int = 1000
    horizon: int = 252
    length: int = WINDOW

    def __post_init__(self) -> None:
        """Refuse impossible numbers."""
        if self.length > self.horizon:
            raise ConfigError(
                f"length: found {self.length} days, expected at most the horizon {self.horizon}"
            )
        if self.n_paths < 1 or self.n_eras < 0 or self.n_eras == 1:
            raise ConfigError(
                f"protocol: found {self.n_paths} paths and {self.n_eras} eras, expected at least "
                f"one path, and no eras or at least two"
            )

    def folds(self, returns: pd.DataFrame) -> tuple[Fold, ...]:
        """Split a history by time and into eras.

        An era's training days are those before and after it, joined: the few windows that
        straddle the seam are left in.

        Args:
            returns: Daily log returns in the order of time, shape ``(days, assets)``.

        Returns:
            The time split, then one fold an era.

        Raises:
            DataError: If the days are out of order, or a part would be shorter than a window.

        Example:
            >>> days = pd.date_range("2020-01-01", periods=2000, name="date")
            >>> frame = pd.DataFrame(np.zeros((2000, 2)), index=days)
            >>> [fold.name for fold in MarketProtocol(n_eras=2).folds(frame)]
            ['time', 'era1', 'era2']
        """
        if not returns.index.is_monotonic_increasing:
            raise DataError("returns: found days out of order, expected rising dates; sort them")
        cut = self._n_days_before_cut(returns)
        folds = [Fold(TIME, returns.iloc[:cut], returns.iloc[cut:])]
        edges = [len(returns) * era // self.n_eras for era in range(self.n_eras)] + [len(returns)]
        for era, (start, stop) in enumerate(pairwise(edges), start=1):
            rest = pd.concat([returns.iloc[:start], returns.iloc[stop:]])
            folds.append(Fold(f"era{era}", rest, returns.iloc[start:stop]))
        for fold in folds:
            _check_fold(fold, self.length)
        return tuple(folds)

    def _n_days_before_cut(self, returns: pd.DataFrame) -> int:
        if self.cut is None:
            return 3 * len(returns) // 4
        if isinstance(self.cut, int):
            return self.cut
        return int((returns.index < pd.Timestamp(self.cut)).sum())


@dataclass(frozen=True)
class FoldJudgement:
    """Hold the judgement of one fold.

    Args:
        card: Scores beside floor and history; extras hold copies, explosions and spikes.
        fit_cpu_s: CPU seconds to fit.
        sample_cpu_s: CPU seconds to write the paths.
        score_cpu_s: CPU seconds to score them.
    """

    card: Scorecard
    fit_cpu_s: float
    sample_cpu_s: float
    score_cpu_s: float


@dataclass(frozen=True)
class Judgement:
    """Hold the judgement of a generator over all folds.

    Args:
        folds: Judgement of each fold, by name.
        protocol: How it was judged.
    """

    folds: Mapping[str, FoldJudgement]
    protocol: MarketProtocol

    @property
    def time(self) -> float:
        """Overall score on the later years; 1 is as close as real data are to each other."""
        return self.folds[TIME].card.overall

    @property
    def era(self) -> float:
        """Geometric mean of the overall scores of the eras; not a number without eras."""
        return _era_mean({name: fold.card.overall for name, fold in self.folds.items()})

    @property
    def history(self) -> dict[str, float]:
        """What the training years themselves score in both protocols."""
        overall = {name: fold.card.baselines[HISTORY] for name, fold in self.folds.items()}
        return {"time": overall[TIME], "era": _era_mean(overall)}

    @property
    def path_copy(self) -> float:
        """Share of generated months that replay the history, mean over folds."""
        return float(np.mean([fold.card.extras["path_copy"] for fold in self.folds.values()]))

    def to_frame(self) -> pd.DataFrame:
        """Give one row a fold: overall score, history, groups, alarms and CPU seconds."""
        rows = {
            name: {
                "overall": fold.card.overall,
                HISTORY: fold.card.baselines[HISTORY],
                **fold.card.groups,
                **fold.card.extras,
                "fit_cpu_s": fold.fit_cpu_s,
                "sample_cpu_s": fold.sample_cpu_s,
                "score_cpu_s": fold.score_cpu_s,
            }
            for name, fold in self.folds.items()
        }
        return pd.DataFrame.from_dict(rows, orient="index").rename_axis("fold")

    def to_dict(self) -> dict[str, Any]:
        """Give headline figures and all cards as plain dictionaries, ready for JSON."""
        settings = asdict(self.protocol)
        if isinstance(self.protocol.cut, pd.Timestamp):
            settings["cut"] = self.protocol.cut.isoformat()
        return {
            "time": self.time,
            "era": None if np.isnan(self.era) else self.era,
            "path_copy": self.path_copy,
            "protocol": settings,
            "folds": {
                name: {
                    "fit_cpu_s": fold.fit_cpu_s,
                    "sample_cpu_s": fold.sample_cpu_s,
                    "score_cpu_s": fold.score_cpu_s,
                    **fold.card.to_dict(),
                }
                for name, fold in self.folds.items()
            },
        }


def judge(
    returns: pd.DataFrame,
    make_generator: Callable[[], PathModel],
    *,
    protocol: MarketProtocol | None = None,
    floor: NoiseFloor | None = None,
    random_state: RandomState = 0,
    progress: Progress = silent,
) -> Judgement:
    """Fit a generator on each fold's training days and score its paths by the days held out.

    Args:
        returns: Daily log returns in the order of time, shape ``(days, assets)``.
        make_generator: Gives a fresh generator for each fold.
        protocol: How to judge; by default ``MarketProtocol()``.
        floor: Noise floor; by default computed from ``returns``.
        random_state: Seed of the paths; a whole number starts every fold with the same stream.
        progress: Told of each fold.

    Returns:
        The judgement of every fold and the headline figures.

    Raises:
        DataError: If returns are not finite or too short, or the generator writes paths that
            are not finite or of another shape.

    Example:
        >>> class Still:
        ...     def fit(self, data):
        ...         self.law = data.mean(), data.std()
        ...     def sample(self, n, *, horizon, random_state):
        ...         mean, deviation = (np.asarray(part) for part in self.law)
        ...         return random_state.normal(mean, deviation, (n, horizon, len(mean)))
        >>> noise = np.random.default_rng(0).normal(0, 0.01, size=(1600, 3))
        >>> days = pd.date_range("2020-01-01", periods=1600, name="date")
        >>> protocol = MarketProtocol(n_eras=0, n_paths=50, horizon=126, length=126)
        >>> returns = pd.DataFrame(noise, index=days)
        >>> floor = noise_floor(returns, length=126, n_draws=5)
        >>> judgement = judge(returns, Still, protocol=protocol, floor=floor)
        >>> 0.3 < judgement.time < 2
        True
    """
    protocol = protocol or MarketProtocol()
    folds = protocol.folds(returns)
    if floor is None:
        floor = noise_floor(returns, length=protocol.length, progress=progress)
    judged = {}
    for done, fold in enumerate(folds):
        progress("judge", done, len(folds), fold.name)
        judged[fold.name] = _judge_fold(fold, make_generator(), protocol, floor, random_state)
    progress("judge", len(folds), len(folds))
    return Judgement(judged, protocol)


def _judge_fold(
    fold: Fold,
    generator: PathModel,
    protocol: MarketProtocol,
    floor: NoiseFloor,
    random_state: RandomState,
) -> FoldJudgement:
    clock = [time.process_time()]
    generator.fit(fold.train)
    clock.append(time.process_time())
    rng = np.random.default_rng(random_state)
    paths = generator.sample(protocol.n_paths, horizon=protocol.horizon, random_state=rng)
    clock.append(time.process_time())
    _check_paths(paths, (protocol.n_paths, protocol.horizon, fold.train.shape[1]))
    card = score_paths(fold.test, paths, length=protocol.length, train=fold.train, floor=floor)
    clock.append(time.process_time())
    return FoldJudgement(card, *np.diff(clock).tolist())


def _check_fold(fold: Fold, length: int) -> None:
    for part, days in (("train", fold.train), ("test", fold.test)):
        if len(days) < length:
            raise DataError(
                f"fold {fold.name!r}: found {len(days)} {part} days, expected at least one window "
                f"of {length}; move the cut, take fewer eras or a smaller length"
            )


def _check_paths(paths: FloatArray, expected: tuple[int, int, int]) -> None:
    if np.shape(paths) != expected:
        raise DataError(
            f"generator: found paths of shape {np.shape(paths)}, expected {expected} "
            f"(paths, days, assets)"
        )


def _era_mean(overall: Mapping[str, float]) -> float:
    eras = [value for name, value in overall.items() if name != TIME]
    return float(np.exp(np.mean(np.log(eras)))) if eras else float("nan")
