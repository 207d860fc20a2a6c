"""Whether to believe the worlds of a market job: gates with rules that were fixed before."""

import math
from dataclasses import dataclass

import numpy as np

from scenara.finance.market.certificate_gates import COPY_LIMIT, EXPLOSION_LIMIT
from scenara.finance.market.results import HISTORY, MarketJob, MarketScores
from scenara.shared.report.numbers import decimal, multiple, percent
from scenara.shared.types import FloatArray

__all__ = [
    "COPY_LIMIT",
    "EXPLOSION_LIMIT",
    "Gate",
    "IndexPaths",
    "describe_distance",
    "gates",
    "index_paths",
    "is_detection_measurable",
]

MOSTLY_COPIED = 0.90
AUC_LIMIT = 0.75
AUC_MARGIN = 0.10
AUC_GUESS = 0.40
SCORE_LIMIT = 1.10
CLEARLY_CLOSER = 0.95
RARE = 0.05
_BAND = (0.05, 0.95)
_DEEPEST = 0.95


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

    @property
    def too_deep(self) -> dict[str, float]:
        """Whole real windows that fall deeper than 95 % of the worlds, with their deepest fall."""
        limit = np.quantile(_deepest_fall(self.worlds), _DEEPEST)
        falls = {name: float(_deepest_fall(path)) for name, path in self.whole_windows.items()}
        return {name: fall for name, fall in falls.items() if fall > limit}

    def share_as_deep(self, fall: float) -> float:
        """Share of the worlds that fall at least as deep.

        Args:
            fall: A fall from a peak, 0.2 for 20 %.

        Returns:
            The share.
        """
        return float(np.mean(_deepest_fall(self.worlds) >= fall))


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


def _deepest_fall(wealth: FloatArray) -> FloatArray:
    falls: FloatArray = 1 - wealth / np.maximum.accumulate(wealth, axis=-1)
    return np.asarray(falls.max(axis=-1))


def is_detection_measurable(auc: float) -> bool:
    """Say whether an AUC can be believed: far below a guess, it comes from too few real quarters.

    Args:
        auc: Area under the curve of the classifier, 0.5 for a guess.

    Returns:
        Whether it was measured and is not far below a guess.

    Example:
        >>> is_detection_measurable(0.69), is_detection_measurable(0.20)
        (True, False)
    """
    return math.isfinite(auc) and auc >= AUC_GUESS


def gates(job: MarketJob, paths: IndexPaths) -> tuple[Gate, ...]:
    """Test the worlds of a job against rules that were fixed before.

    Args:
        job: The job.
        paths: Its index paths.

    Returns:
        The gates: score, copying, detectability, explosions, where the real windows end, how deep
        they fall.
    """
    card, family, past = job.scores, job.family, job.past_years
    return (
        _score_gate(card, family, past),
        _copy_gate(card, family, past),
        _detection_gate(card, family, past),
        _explosion_gate(card, family, past),
        _range_gate(paths),
        _drawdown_gate(paths),
    )


def _score_gate(card: MarketScores, family: str, past: str) -> Gate:
    score, history = (card.score(name) for name in (family, HISTORY))
    limit = max(SCORE_LIMIT, history)
    passed = _at_most(score, limit)
    meaning = (
        f"On average over the measures, the worlds are {describe_distance(score, history, past)}."
    )
    return Gate(
        "Distance from the later years",
        f"{multiple(score)} the noise floor",
        f"at most {multiple(limit)}, the larger of {multiple(SCORE_LIMIT)} and what the {past} "
        "themselves get",
        passed,
        meaning,
    )


def describe_distance(score: float, history: float, past: str) -> str:
    """Say how far the worlds are from the later years, and no better than was measured.

    Args:
        score: Their distance over the noise floor.
        history: The same of the years before the later ones.
        past: What these years are called.

    Returns:
        What follows "the worlds are".

    Example:
        >>> describe_distance(1.08, 1.13, "training years")
        'about as close to the later years as real years are to each other'
        >>> describe_distance(1.30, 1.13, "training years")
        'further from the later years than the training years are, and than real years are from each other'
    """
    if not math.isfinite(score):
        return "at a distance from the later years that was not measured"
    if score <= SCORE_LIMIT:
        return "about as close to the later years as real years are to each other"
    further = "than real years are from each other"
    if score > history:
        return f"further from the later years than the {past} are, and {further}"
    relation = "closer to" if score < CLEARLY_CLOSER * history else "about as close to"
    link = "than" if relation == "closer to" else "as"
    return f"{relation} the later years {link} the {past} are, but further {further}"


def _copy_gate(card: MarketScores, family: str, past: str) -> Gate:
    share = card.headline(family, "path_copy")
    text = percent(share, digits=0 if share >= 0.1 else 1)
    passed = _at_most(share, COPY_LIMIT)
    extent = " and hold hardly a month that has not been seen before" * (share >= MOSTLY_COPIED)
    meaning = (
        f"The worlds are new paths, not repeats of the {past}."
        if passed
        else f"{text} of 21-day windows are copies of history: the worlds put stretches of the "
        f"{past} in a new order{extent}."
    )
    return Gate(
        "Copied history",
        f"{text} of 21-day windows",
        f"at most {percent(COPY_LIMIT)}",
        passed,
        meaning,
    )


def _detection_gate(card: MarketScores, family: str, past: str) -> Gate:
    name = "Real or simulated?"
    auc, history = card.headline(family, "auc"), card.headline(HISTORY, "auc")
    limit = max(AUC_LIMIT, history + AUC_MARGIN if math.isfinite(history) else 0.0)
    rule = f"{decimal(AUC_GUESS)} to {decimal(limit)}; 0.50 is a guess"
    if math.isfinite(auc) and not is_detection_measurable(auc):
        value = f"not measurable (AUC {decimal(auc)}, below a guess)"
        return Gate(name, value, rule, None, "There are too few real quarters to train on.")
    passed = _at_most(auc, limit)
    tells = f"tells a simulated quarter from a real one with an AUC of {decimal(auc)}"
    meaning = (
        f"A simple classifier {tells}; with quarters of the {past} in their place it gets "
        f"{decimal(history)}."
        if passed
        else f"A simple classifier {tells}: something about the worlds is visibly artificial."
    )
    return Gate(name, f"AUC {decimal(auc)}", rule, passed, meaning)


def _explosion_gate(card: MarketScores, family: str, past: str) -> Gate:
    share = card.headline(family, "explosions")
    passed = _at_most(share, EXPLOSION_LIMIT)
    meaning = (
        f"Days far beyond anything in the {past} are rare."
        if passed
        else f"Too many worlds hold a day far beyond anything in the {past}."
    )
    return Gate(
        "Impossible days",
        f"{percent(share, digits=1)} of worlds",
        f"at most {percent(EXPLOSION_LIMIT, digits=1)} hold a move over 1.5 times an asset's largest in "
        f"the {past}",
        passed,
        meaning,
    )


def _range_gate(paths: IndexPaths) -> Gate:
    n, inside = len(paths.whole_windows), paths.n_inside
    passed = _is_likely(inside, n, 0.9)
    meaning = (
        "As many real windows end inside the range of the worlds as can be expected."
        if passed
        else "Too many real windows end outside the range of the worlds: the range is too narrow "
        "or in the wrong place."
    )
    return Gate(
        "Where real windows end",
        f"{inside} of {n} end in the 5–95\N{NO-BREAK SPACE}% range of the worlds' final wealth",
        _count_rule("90"),
        passed,
        meaning,
    )


def _drawdown_gate(paths: IndexPaths) -> Gate:
    n, too_deep = len(paths.whole_windows), paths.too_deep
    passed = _is_likely(n - len(too_deep), n, _DEEPEST)
    meaning = (
        "Real windows fall no deeper, and no more often, than the worlds lead one to expect."
        if passed
        else f"{len(too_deep)} of {n} real windows fall deeper from a peak than "
        "95\N{NO-BREAK SPACE}% of the worlds do: the worlds are too calm."
    )
    return Gate(
        "How deep real windows fall",
        f"{n - len(too_deep)} of {n} fall no deeper from a peak than 95\N{NO-BREAK SPACE}% of the "
        "worlds",
        _count_rule("95"),
        passed,
        meaning,
    )


def _is_likely(inside: int, n: int, share: float) -> bool | None:
    """Say whether so few of n have a fair chance, when a share of them is expected."""
    terms = (math.comb(n, k) * share**k * (1 - share) ** (n - k) for k in range(inside + 1))
    return sum(terms) >= RARE if n else None


def _count_rule(expected: str) -> str:
    return (
        f"a count this low or lower has a chance of at least {percent(RARE)} when "
        f"{expected}\N{NO-BREAK SPACE}% are expected"
    )


def _at_most(value: float, limit: float) -> bool | None:
    return value <= limit if math.isfinite(value) else None
