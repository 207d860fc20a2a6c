"""Whether to believe the worlds of a market job: gates with rules that were fixed before."""

import math
from dataclasses import dataclass

import numpy as np

from scenara.finance.market.results import HISTORY, MarketJob, MarketScores
from scenara.shared.report.numbers import decimal, multiple, percent
from scenara.shared.types import FloatArray

__all__ = [
    "Gate",
    "IndexPaths",
    "gates",
    "index_paths",
]

COPY_LIMIT = 0.02
EXPLOSION_LIMIT = 0.05
AUC_LIMIT = 0.75
AUC_MARGIN = 0.10
SCORE_LIMIT = 1.10
RARE = 0.05
_BAND = (0.05, 0.95)


@dataclass(frozen=True)
class IndexPaths:
    """Wealth of the equal-weight index, rebalanced daily without costs, 1 at the start.

    Args:
        worlds: Shape (n_paths, horizon + 1).
        windows: Name -> real window, shape (horizon + 1,) or shorter.
    """

    worlds: FloatArray
    windows: dict[str, FloatArray]

    @property
    def whole_windows(self) -> dict[str, FloatArray]:
        """The real windows that are as long as a world."""
        length = self.worlds.shape[1]
        return {name: path for name, path in self.windows.items() if len(path) == length}

    @property
    def n_inside(self) -> int:
        """How many whole real windows end between the 5 and 95 % quantiles of the worlds."""
        low, high = np.quantile(self.worlds[:, -1], _BAND)
        return sum(bool(low <= path[-1] <= high) for path in self.whole_windows.values())


@dataclass(frozen=True)
class Gate:
    """Say whether the worlds pass one test that has a rule.

    Args:
        name: What is tested.
        value: The figure as text.
        rule: When it passes.
        passed: Whether it does; None where the figure was not measured.
        meaning: What the reader should take from it.
    """

    name: str
    value: str
    rule: str
    passed: bool | None
    meaning: str


def index_paths(job: MarketJob) -> IndexPaths:
    """Compound the equal-weight index over the worlds and over the real windows.

    Args:
        job: The job.

    Returns:
        The wealth paths.
    """
    real = job.real.to_numpy(float)
    windows = {}
    for start in job.window_starts:
        part = real[start : start + job.horizon]
        dates = job.real.index[[start, start + len(part) - 1]]
        windows[f"{dates[0]:%Y-%m-%d} to {dates[1]:%Y-%m-%d}"] = _wealth(part)
    return IndexPaths(_wealth(job.worlds), windows)


def _wealth(log_returns: FloatArray) -> FloatArray:
    growth = np.exp(log_returns).mean(axis=-1, dtype=float).cumprod(axis=-1)
    wealth: FloatArray = np.insert(growth, 0, 1.0, axis=-1)
    return wealth


def gates(job: MarketJob, paths: IndexPaths) -> tuple[Gate, ...]:
    """Test the worlds of a job against rules that were fixed before.

    Args:
        job: The job.
        paths: Its index paths.

    Returns:
        The gates: score, copying, detectability, explosions, range of the real windows.
    """
    card, family = job.scores, job.family
    return (
        _score_gate(card, family),
        _copy_gate(card, family),
        _detection_gate(card, family),
        _explosion_gate(card, family),
        _range_gate(paths),
    )


def _score_gate(card: MarketScores, family: str) -> Gate:
    score, history = (card.score(name) for name in (family, HISTORY))
    limit = max(SCORE_LIMIT, card.perfect[2] if card.perfect else 0.0, history)
    passed = score <= limit
    meaning = (
        "The worlds are as close to the later years as real data can be expected to be."
        if passed
        else "The worlds differ from the later years by more than real years differ from each "
        "other and by more than the training history does."
    )
    return Gate(
        "Distance from the later years",
        f"{multiple(score)} the noise floor",
        f"at most {multiple(limit)}, the larger of real-against-real noise and history itself",
        passed,
        meaning,
    )


def _copy_gate(card: MarketScores, family: str) -> Gate:
    share = card.headline(family, "path_copy")
    text = percent(share, digits=0 if share >= 0.1 else 1)
    passed = _at_most(share, COPY_LIMIT)
    meaning = (
        "The worlds are new paths, not repeats of the training years."
        if passed
        else f"{text} of 21-day windows are copies of history: the worlds put stretches of the "
        "training years in a new order and hold no month that has not been seen before."
    )
    return Gate(
        "Copied history",
        f"{text} of 21-day windows",
        f"at most {percent(COPY_LIMIT)}",
        passed,
        meaning,
    )


def _detection_gate(card: MarketScores, family: str) -> Gate:
    auc, history = card.headline(family, "auc"), card.headline(HISTORY, "auc")
    limit = max(AUC_LIMIT, history + AUC_MARGIN if math.isfinite(history) else 0.0)
    passed = _at_most(auc, limit)
    meaning = (
        "A classifier tells a simulated quarter from a real one hardly better than it tells the "
        "training years from the later ones."
        if passed
        else "A simple classifier tells a simulated quarter from a real one: something about the "
        "worlds is visibly artificial."
    )
    return Gate(
        "Real or simulated?",
        f"AUC {decimal(auc)}",
        f"at most {decimal(limit)}; 0.50 is a guess",
        passed,
        meaning,
    )


def _explosion_gate(card: MarketScores, family: str) -> Gate:
    share = card.headline(family, "explosions")
    passed = _at_most(share, EXPLOSION_LIMIT)
    meaning = (
        "Days beyond anything in the training years are rare."
        if passed
        else "Too many worlds hold a day far beyond anything in the training years."
    )
    return Gate(
        "Impossible days",
        f"{percent(share, digits=1)} of worlds",
        f"at most {percent(EXPLOSION_LIMIT)} hold a move over 1.5 times an asset's largest in "
        "the training years",
        passed,
        meaning,
    )


def _range_gate(paths: IndexPaths) -> Gate:
    n, inside = len(paths.whole_windows), paths.n_inside
    chance = sum(math.comb(n, k) * 0.9**k * 0.1 ** (n - k) for k in range(inside + 1))
    passed = chance >= RARE if n else None
    meaning = (
        "The range of the worlds holds as many real windows as it should."
        if passed
        else "Too many real windows end outside the range of the worlds: the range is too narrow "
        "or in the wrong place."
    )
    return Gate(
        "Real windows in the 5–95\N{NO-BREAK SPACE}% range",
        f"{inside} of {n}",
        "a count this low or lower has a chance of at least "
        f"{percent(RARE)} when 90\N{NO-BREAK SPACE}% are expected",
        passed,
        meaning,
    )


def _at_most(value: float, limit: float) -> bool | None:
    return value <= limit if math.isfinite(value) else None
