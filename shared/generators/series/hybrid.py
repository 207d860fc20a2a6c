"""Regimes of history, volatility that goes on, shocks of days alike: worlds that are no copies."""

from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from scenara.shared.errors import ConfigError
from scenara.shared.generators.series.base import SeriesGenerator
from scenara.shared.generators.series.hybrid_drift import Drift
from scenara.shared.generators.series.hybrid_volatility import (
    FastVariance,
    FastVariances,
    Memory,
    Moves,
    slow_levels,
)
from scenara.shared.generators.series.noise import uniform_rows
from scenara.shared.generators.series.regimes import Regimes
from scenara.shared.progress import Progress
from scenara.shared.store import State
from scenara.shared.types import FloatArray, IntArray

__all__ = ["HybridSeries"]

_REACH = 1.4
"""No move is larger than this many times the largest one observed of its channel."""
_N_ALIKE = 200
"""Days of history, at most, from whose regimes paths may go on."""
_FORGOTTEN = 4.0
"""What today is wilder than a day alike is forgotten in this many bandwidths."""
_MOST_STARTS = 2_000
_CALIBRATED = 4_000_000
_TOGETHER = 500
"""Paths that are made together, few enough for a processor's cache."""


@dataclass(frozen=True)
class _Axis:
    """Take channels apart into a common move and own moves, and put them together again."""

    centre: FloatArray
    unit: FloatArray
    loadings: FloatArray
    projection: FloatArray

    def parts(self, returns: FloatArray) -> Moves:
        y = (returns - self.centre) / self.unit
        common = y @ self.projection
        own = y - common[..., None] * self.loadings
        return Moves(common, own * (len(self.loadings) > 1))

    def whole(self, moves: Moves) -> FloatArray:
        y = moves.common[..., None] * self.loadings + moves.own
        returns: FloatArray = self.centre + self.unit * y
        return returns

    @classmethod
    def of(cls, days: FloatArray) -> "_Axis":
        centre, unit = days.mean(axis=0), days.std(axis=0)
        y = (days - centre) / unit
        sizes, vectors = np.linalg.eigh(y.T @ y / len(y))
        axis = np.ascontiguousarray(vectors[:, -1]) * np.sign(vectors[:, -1].sum() or 1.0)
        return cls(centre, unit, axis * np.sqrt(sizes[-1]), axis / np.sqrt(sizes[-1]))


@dataclass(frozen=True)
class _Place:
    """Where paths are: days of history, past news and moves, log factors of slow levels."""

    day: IntArray
    memory: Memory
    past: Moves
    excess: Moves


class HybridSeries(SeriesGenerator):
    """Let paths live through regimes of history with shocks and volatilities of their own.

    Each day is taken apart into a common move f and own moves u of the channels, and each of
    these has a volatility with a slow level and a fast variance around one,

        f = S (m + sqrt(q) z),    u_i = s_i (m_i + sqrt(g_i) e_i).

    Slow levels S and s are those of the weeks around a day of history. A path walks through them
    day by day and jumps now and then to another time, which keeps regimes: calm and wild years,
    years in which all channels move together, years of one sector. Fast variances q and g answer
    to the path's own moves, to falls more than to rises; means m take a part of the last week's
    moves back, as history did. Shocks z and e are those of one of the
    2 ``reach`` + 1 days around, which are sorted by z and whose mean is taken away. So no month of
    a path repeats a month of history, while moments, tails and dependence are history's.

    Volatility can't explode: slow levels were observed, news are capped, and the pull to the slow
    level is above 0. From ``history``, paths go on through the regimes of the days most alike to
    today, and what today is wilder or calmer than these fades.

    Args:
        bandwidth: Deviation of the normal weights that make a slow level, in steps.
        reach: Days on either side that lend their shocks; the fewer, the more of history's own
            months can come again.
        mean_stay: Expected steps until a path jumps to another time of history.

    Example:
        >>> returns = np.random.default_rng(0).standard_t(5, (600, 2)) * 0.01
        >>> HybridSeries().fit(returns).sample(3, horizon=30, random_state=1).shape
        (3, 30, 2)

    References:
        Engle, Ghysels and Sohn (2013), Stock market volatility and macroeconomic fundamentals,
        https://doi.org/10.1162/REST_a_00300 (slow and fast volatility). Barone-Adesi,
        Giannopoulos and Vosper (1999), VaR without correlations for portfolios of derivative
        securities (filtered shocks). Paparoditis and Politis (2002), Local block bootstrap,
        https://doi.org/10.1016/S1631-073X(02)02578-5 (days from around a day). Politis and Romano
        (1994), The stationary bootstrap, https://doi.org/10.1080/01621459.1994.10476870 (jumps).
    """

    family = "series/hybrid"
    minimum_steps = 250

    def __init__(
        self,
        *,
        bandwidth: float = 70.0,
        reach: int = 42,
        mean_stay: float = 252.0,
    ) -> None:
        self.bandwidth = bandwidth
        self.reach = reach
        self.mean_stay = mean_stay

    def _fit(self, data: FloatArray, *, progress: Progress, checkpoint: object) -> None:
        self._check_settings()
        n_steps, n_channels = data.shape[1:]
        days = data.reshape(-1, n_channels)
        self.axis_ = _Axis.of(days)
        self.largest_ = np.abs(days - self.axis_.centre).max(axis=0)
        moves = self.axis_.parts(data)
        slow = slow_levels(moves, bandwidth=min(self.bandwidth, n_steps / 8))
        moves = moves.over(slow)
        progress("fit", 1, 3)
        self.variances_ = FastVariances.fit(_flat(moves))
        memories = [self.variances_.run(moves.at(k)).at(slice(-1)) for k in range(len(data))]
        fast = _stacked([self.variances_.of(memory) for memory in memories])
        progress("fit", 2, 3)
        self.drift_ = Drift.fit(_flat(moves))
        shocks = _less(moves, self._expected(moves)).over(fast.root())
        self.regimes_, spread = Regimes.around(
            shocks.common, shocks.own, reach=self.reach, mean_stay=self.mean_stay
        )
        self.slow_ = _flat(Moves(slow.common * spread[0], slow.own * spread[1]))
        self._choose_starts(memories, n_steps)
        self._calibrate(data)
        progress("fit", 3, 3)

    def _check_settings(self) -> None:
        if not self.bandwidth > 0:
            raise ConfigError(f"bandwidth: expected a number above 0, found {self.bandwidth!r}")
        if not isinstance(self.reach, int) or self.reach < 1:
            raise ConfigError(f"reach: expected a whole number from 1, found {self.reach!r}")
        if not self.mean_stay > 1:
            raise ConfigError(f"mean_stay: expected more than 1 step, found {self.mean_stay!r}")

    def _expected(self, moves: Moves) -> Moves:
        """Give what was expected of observed moves (series, steps)."""
        runs = [self.drift_.of(self.drift_.run(moves.at(k))) for k in range(len(moves.common))]
        return _stacked([run.at(slice(-1)) for run in runs])

    def _choose_starts(self, memories: list[Memory], n_steps: int) -> None:
        """Keep what is remembered on days spread over the data; paths start there."""
        n_days = len(memories) * n_steps
        self.starts_ = np.linspace(0, n_days - 1, min(_MOST_STARTS, n_days)).astype(np.int64)
        kept = [
            memory.at(self.starts_[self.starts_ // n_steps == k] % n_steps)
            for k, memory in enumerate(memories)
        ]
        self.memory_ = _joined(kept)

    def _calibrate(self, data: FloatArray) -> None:
        """Set units and centre so that paths have the variances and means of the data."""
        horizon = min(data.shape[1], 252)
        n_paths = int(np.clip(_CALIBRATED // (horizon * data.shape[2]), 60, 400))
        noise = np.random.default_rng(0).standard_normal((n_paths, self._noise_size(horizon)))
        paths = self._paths(noise, horizon, None)
        ratio = data.std(axis=(0, 1)) / paths.std(axis=(0, 1))
        centre = data.mean(axis=(0, 1)) - ratio * (paths.mean(axis=(0, 1)) - self.axis_.centre)
        self.axis_ = replace(self.axis_, unit=ratio * self.axis_.unit, centre=centre)

    def _noise_size(self, horizon: int) -> int:
        return 1 + 2 * horizon

    def _paths(self, noise: FloatArray, horizon: int, history: FloatArray | None) -> FloatArray:
        paths = np.empty((len(noise), horizon, len(self.largest_)))
        for first in range(0, len(noise), _TOGETHER):
            rows = slice(first, first + _TOGETHER)
            self._walk(noise[rows], history, paths[rows])
        return paths

    def _walk(self, noise: FloatArray, history: FloatArray | None, paths: FloatArray) -> None:
        """Write paths (n, horizon, channels)."""
        place = self._start(noise[:, 0], history)
        numbers = noise[:, 1:].reshape(len(noise), -1, 2)
        fade = 0.5 ** (1 / (_FORGOTTEN * self.bandwidth))
        for step in range(paths.shape[1]):
            day, jumps = self.regimes_.next_day(place.day, numbers[:, step, 0])
            fast = self.variances_.of(place.memory)
            shocks = Moves(*self.regimes_.shocks(day, numbers[:, step, 1]))
            expected = self.drift_.of(place.past)
            moves = shocks.times(fast.root())
            moves = Moves(moves.common + expected.common, moves.own + expected.own)
            kept = np.where(jumps, 0.0, fade)
            excess = Moves(place.excess.common * kept, place.excess.own * kept[:, None])
            level = self.slow_.at(day).times(Moves(np.exp(excess.common), np.exp(excess.own)))
            days = self.axis_.whole(moves.times(level))
            paths[:, step] = _bent(days, self.axis_.centre, self.largest_)
            place = _Place(
                day,
                self.variances_.after(moves, place.memory),
                self.drift_.after(moves, place.past),
                excess,
            )

    def _start(self, noise: FloatArray, history: FloatArray | None) -> _Place:
        if history is None:
            row = uniform_rows(noise, len(self.starts_))
            none = Moves(np.zeros(len(row)), np.zeros((len(row), 1)))
            past = self.drift_.none(len(row), len(self.largest_))
            return _Place(self.starts_[row], self.memory_.at(row), past, none)
        today, past = self._known_after(history)
        slow = self.slow_.at(self.starts_)
        then = slow.times(slow).times(self.variances_.of(self.memory_))
        alike = _most_alike(today, then)
        row = alike[uniform_rows(noise, len(alike))]
        ratio = today.over(then.at(row))
        own = np.log(np.where(ratio.own > 0, ratio.own, 1.0)) / 2
        excess = Moves(np.log(ratio.common) / 2, own)
        past = past.at(np.zeros(len(row), dtype=np.int64))
        return _Place(self.starts_[row], self.memory_.at(row), past, excess)

    def _known_after(self, history: FloatArray) -> tuple[Moves, Moves]:
        """Give variances and averages of past moves after an observed window, from it alone."""
        moves = self.axis_.parts(history)
        forgets = 1 / self.bandwidth
        mean = self.slow_.times(self.slow_)
        parts = []
        for values, before in ((moves.common, mean.common), (moves.own, mean.own)):
            ages = np.arange(len(values))[::-1]
            weights = forgets * (1 - forgets) ** ages
            first = (1 - forgets) ** len(values) * before.mean(axis=0)
            parts.append(first + np.tensordot(weights, values**2, axes=1))
        slow = Moves(*parts)
        moves = moves.over(slow.root())
        memory = self.variances_.run(moves).at(-1)
        return slow.times(self.variances_.of(memory)), self.drift_.run(moves).at(slice(-1, None))

    def _state(self) -> State:
        groups = {
            "axis": asdict(self.axis_),
            "slow": asdict(self.slow_),
            "of_common": asdict(self.variances_.of_common),
            "of_own": asdict(self.variances_.of_own),
            "drift": asdict(self.drift_),
            "regimes": {"common": self.regimes_.common, "own": self.regimes_.own},
            "remembered": _numbered(self.memory_),
        }
        arrays = {
            f"{group}.{name}": np.asarray(value)
            for group, values in groups.items()
            for name, value in values.items()
        }
        n_steps = int(np.argmax(self.regimes_.ends)) + 1
        own = {"largest": self.largest_, "starts": self.starts_}
        return State(values={"n_steps": n_steps}, arrays=arrays | own)

    def _restore(self, state: State) -> None:
        groups: dict[str, dict[str, Any]] = {}
        for key, array in state.arrays.items():
            group, _, name = key.partition(".")
            groups.setdefault(group, {})[name] = array
        self.axis_, self.slow_ = _Axis(**groups["axis"]), Moves(**groups["slow"])
        self.variances_ = FastVariances(
            FastVariance(**groups["of_common"]), FastVariance(**groups["of_own"])
        )
        self.drift_ = Drift(**groups["drift"])
        n_steps, drawn = int(state.values["n_steps"]), groups["regimes"]
        self.regimes_ = Regimes.of(
            drawn["common"].reshape(-1, n_steps),
            drawn["own"].reshape(-1, n_steps, drawn["own"].shape[1]),
            reach=self.reach,
            mean_stay=self.mean_stay,
        )
        self.memory_ = _unnumbered(groups["remembered"])
        self.largest_, self.starts_ = state.arrays["largest"], state.arrays["starts"]


def _numbered(memory: Memory) -> dict[str, FloatArray]:
    parts = {"common": memory.of_common, "own": memory.of_own}
    return {f"{part}{k}": kind for part, kinds in parts.items() for k, kind in enumerate(kinds)}


def _unnumbered(arrays: dict[str, FloatArray]) -> Memory:
    common, own = (
        tuple(arrays[name] for name in sorted(arrays) if name.startswith(part))
        for part in ("common", "own")
    )
    return Memory(common, own)


def _joined(memories: list[Memory]) -> Memory:
    """Put rows below each other."""
    common, own = (
        tuple(np.concatenate(kinds) for kinds in zip(*parts, strict=True))
        for parts in ([m.of_common for m in memories], [m.of_own for m in memories])
    )
    return Memory(common, own)


def _stacked(runs: list[Moves]) -> Moves:
    return Moves(np.stack([run.common for run in runs]), np.stack([run.own for run in runs]))


def _less(moves: Moves, other: Moves) -> Moves:
    return Moves(moves.common - other.common, moves.own - other.own)


def _flat(moves: Moves) -> Moves:
    """Put all steps of all series below each other."""
    return Moves(moves.common.ravel(), moves.own.reshape(-1, moves.own.shape[2]).astype(np.float32))


def _most_alike(today: Moves, then: Moves) -> IntArray:
    """Give the days of history whose volatilities, common and own, were most like today's."""
    marks = [np.log(x) for x in (then.common, then.own.mean(axis=1) + 1e-12)]
    now = [np.log(today.common), np.log(today.own.mean() + 1e-12)]
    distance = sum(
        ((mark - here) / (mark.std() + 1e-9)) ** 2 for mark, here in zip(marks, now, strict=True)
    )
    n_alike = min(_N_ALIKE, max(len(then.common) // 10, 1))
    alike: IntArray = np.sort(np.argpartition(distance, n_alike - 1)[:n_alike])
    return alike


def _bent(returns: FloatArray, centre: FloatArray, largest: FloatArray) -> FloatArray:
    """Bend moves beyond the largest ones in place; none passes ``_REACH`` times that."""
    rows, channels = np.nonzero(np.abs(returns - centre) > largest)
    if rows.size:
        far, most, room = returns[rows, channels] - centre[channels], largest[channels], _REACH - 1
        size = 1 + room * np.tanh((np.abs(far) / most - 1) / room)
        returns[rows, channels] = centre[channels] + np.sign(far) * size * most
    return returns
