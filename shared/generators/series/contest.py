"""Which family of series wins: the nearest to eras it never saw, of those that pass every gate."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from scenara.shared.generators.series.era_trial import (
    COPY_LENGTH,
    EraFigures,
    copy_limit,
    explosion_factor,
    explosion_limit,
)
from scenara.shared.types import FloatArray

__all__ = ["WARNING", "Entry", "Judged", "champion_among", "selection_table"]

WARNING = "WARNING: "
"""How the reason of a champion begins that does not pass every gate."""
VARIANCE_LIMIT = 1.5


@dataclass(frozen=True)
class Judged:
    """Hold what all eras say of a family.

    Args:
        eras: Figures of each era.
        n_steps: Steps of history that it learned from for the first.
        n_pieces: Pieces that were looked at for copies, in all eras together.
    """

    eras: tuple[EraFigures, ...]
    n_steps: int
    n_pieces: int

    @property
    def log_scores(self) -> FloatArray:
        """Logarithm of the score in each era, (eras,)."""
        return np.log([era.score for era in self.eras])

    @property
    def score(self) -> float:
        """Geometric mean over eras; 1 is as near to each as the rest of history is."""
        return float(np.exp(self.log_scores.mean()))

    @property
    def standard_error(self) -> float:
        """Standard error of the score over eras."""
        return self.score * _standard_error(self.log_scores)

    @property
    def is_finite(self) -> bool:
        """Whether all numbers of all paths are finite."""
        return not any(era.n_broken for era in self.eras)

    @property
    def copies(self) -> float:
        """Share of pieces that replay history."""
        return float(np.mean([era.copies for era in self.eras]))

    @property
    def explosions(self) -> float:
        """Share of paths with an impossible move."""
        return sum(era.n_exploded for era in self.eras) / self.n_paths

    @property
    def n_paths(self) -> int:
        """Paths in all eras."""
        return sum(era.n_paths for era in self.eras)

    @property
    def variance_ratio(self) -> float:
        """Variance over that of history, of the channel where that is farthest from 1."""
        logs = np.mean([era.log_variance for era in self.eras], axis=0)
        return float(np.exp(logs[np.abs(logs).argmax()]))

    def failures(self) -> list[str]:
        """Give the gates that are not passed, in words."""
        if not self.is_finite:
            return ["some numbers are infinite or missing"]
        copies, explosions = copy_limit(self.n_steps, self.n_pieces), explosion_limit(self.n_paths)
        ratio, factor = self.variance_ratio, explosion_factor(self.n_steps)
        gates = {
            f"{self.copies:.1%} of {COPY_LENGTH}-step pieces are copies of history (at most "
            f"{copies:.1%})": self.copies <= copies,
            f"{self.explosions:.1%} of paths hold a move over {factor:.2g} times the "
            f"largest in history (at most {explosions:.2%})": self.explosions <= explosions,
            f"the variance of a channel is {ratio:.2f} times that of history (at most "
            f"{VARIANCE_LIMIT:g}, either way)": max(ratio, 1 / ratio) <= VARIANCE_LIMIT,
        }
        return [words for words, passed in gates.items() if not passed]

    def row(self) -> dict[str, float]:
        """Give the figures by the names of their columns."""
        figures = (self.score, self.standard_error, self.copies, self.explosions)
        return dict(zip(_FIGURES, (*figures, self.variance_ratio), strict=True))


_FIGURES = ("score", "standard_error", "path_copy", "explosions", "variance_ratio")


def _standard_error(values: FloatArray) -> float:
    return float(values.std(ddof=1) / np.sqrt(len(values)))


@dataclass(frozen=True)
class Entry:
    """Hold one line of the table that says why a family was chosen.

    Args:
        family: Its name.
        estimated_s: CPU seconds of fitting it for all eras, estimated.
        cpu_s: CPU seconds of its fits, measured; not a number if it was not fitted.
        judged: Its figures; None if it was not fitted or could not be judged.
        competes: Whether it may be the champion.
        why: Why it was not judged, or is no candidate; "" for one that competes.
    """

    family: str
    estimated_s: float
    cpu_s: float = float("nan")
    judged: Judged | None = None
    competes: bool = True
    why: str = ""


def champion_among(entries: Sequence[Entry]) -> Entry | None:
    """Give the most promising entry that is as near to held-out eras as the nearest.

    Those that pass every gate compete; if none does, all with finite numbers. An entry is as near
    as the nearest if its log score is above the other's by at most one standard error of their
    difference over eras.

    Args:
        entries: Families in order of promise.

    Returns:
        The champion; None if no entry was judged.

    References:
        Breiman, Friedman, Olshen and Stone (1984), Classification and regression trees, section
        3.4.3 (the rule of one standard error).
    """
    judged = [
        (entry, entry.judged)
        for entry in entries
        if entry.competes and entry.judged is not None and entry.judged.is_finite
    ]
    pool = [pair for pair in judged if not pair[1].failures()] or judged
    if not pool:
        return None
    nearest = min(pool, key=lambda pair: pair[1].score)[1]
    return next(entry for entry, figures in pool if _is_as_near(figures, nearest))


def _is_as_near(judged: Judged, nearest: Judged) -> bool:
    farther = judged.log_scores - nearest.log_scores
    return bool(farther.mean() <= _standard_error(farther))


def selection_table(entries: Sequence[Entry], champion: Entry) -> pd.DataFrame:
    """Give the table that says which family was chosen and why.

    Args:
        entries: The families, in order of promise.
        champion: The one chosen.

    Returns:
        One row a family: its name, what its fits cost, the figures, whether it passes every gate,
        whether it was chosen, and why.
    """
    passing = [e.judged for e in entries if e.competes and e.judged and not e.judged.failures()]
    nearest = min((judged.score for judged in passing), default=float("nan"))
    return pd.DataFrame([_row(entry, champion, nearest) for entry in entries])


def _row(entry: Entry, champion: Entry, nearest: float) -> Mapping[str, object]:
    judged = entry.judged
    figures = judged.row() if judged else dict.fromkeys(_FIGURES, float("nan"))
    return {
        "family": entry.family,
        "fit_cpu_s": entry.cpu_s,
        "estimated_cpu_s": entry.estimated_s,
        **figures,
        "passes": judged is not None and not judged.failures(),
        "chosen": entry.family == champion.family,
        "why": _why(entry, champion, nearest),
    }


def _why(entry: Entry, champion: Entry, nearest: float) -> str:
    judged, best = entry.judged, champion.judged
    if entry.why or judged is None or best is None:
        return entry.why
    failures = "; ".join(judged.failures())
    if entry.family == champion.family:
        return _why_chosen(judged, failures, nearest)
    if failures:
        return f"refused: {failures}"
    if judged.score < best.score:
        return (
            f"passes every gate and is nearer than {champion.family}, but by less than one "
            "standard error, and promises less"
        )
    return f"passes every gate, but is farther from held-out eras than {champion.family}"


def _why_chosen(judged: Judged, failures: str, nearest: float) -> str:
    distance = (
        f"{judged.score:.2f} ± {judged.standard_error:.2f} times as far from eras that it never "
        "saw as history itself"
    )
    again = "figures are of the eras, then fitted again on all steps"
    if failures:
        return f"{WARNING}no family passes every gate; this is the nearest: {failures}; {again}"
    if judged.score > nearest:
        return (
            f"champion: {distance}, within one standard error of the nearest ({nearest:.2f}), and "
            f"the most promising of those; passes every gate; {again}"
        )
    return f"champion: {distance}, the nearest of those that pass every gate; {again}"
