"""A scorecard: measures in groups, each beside the noise floor and the baselines."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from scenara.shared.errors import DataError

__all__ = ["LEAST_FLOOR", "Score", "Scorecard", "geometric_mean"]

# One lucky measure, such as a detector that fails by chance, must not carry the mean.
LEAST_RATIO = 0.02
LEAST_FLOOR = 1e-9


@dataclass(frozen=True)
class Score:
    """Hold one distance between real and generated data, with what to compare it to.

    Args:
        measure: Short name of the measure.
        group: What kind of property it speaks of.
        value: Distance, not negative; lower is closer.
        floor: The same distance between real data and other real data.
        baselines: The same distance for simpler sources, by name.
        floor_low: Tenth percentile of the floor over its draws; not a number if unknown.
        floor_high: Ninetieth percentile of the floor over its draws; likewise.
        meaning: What the measure says, in one line.

    Raises:
        DataError: If the value or the floor is negative or not a number.

    Example:
        >>> Score("w1", "marginal", 0.75, 0.25, {"history": 0.5}).ratio
        3.0
    """

    measure: str
    group: str
    value: float
    floor: float
    baselines: Mapping[str, float] = field(default_factory=dict)
    floor_low: float = math.nan
    floor_high: float = math.nan
    meaning: str = ""

    def __post_init__(self) -> None:
        """Refuse what is no distance."""
        for name in ("value", "floor"):
            found = getattr(self, name)
            if not (found >= 0 and math.isfinite(found)):
                raise DataError(
                    f"measure {self.measure!r}: found {name} {found}, expected a finite "
                    f"distance of at least 0"
                )

    @property
    def ratio(self) -> float:
        """Value over floor: 1 is as close as real data are to each other."""
        return self.value / max(self.floor, LEAST_FLOOR)

    @property
    def baseline_ratios(self) -> dict[str, float]:
        """Baseline over floor, by name of the baseline."""
        return {k: v / max(self.floor, LEAST_FLOOR) for k, v in self.baselines.items()}


@dataclass(frozen=True)
class Scorecard:
    """Hold the scores of one set of generated data.

    Args:
        scores: The scores, in the order in which they are shown.
        extras: Figures that are shown but not part of the overall score.
        about: How the floor was computed and what was compared.

    Raises:
        DataError: If there is no score.

    Example:
        >>> card = Scorecard((Score("a", "g", 2.0, 1.0), Score("b", "g", 0.5, 1.0)))
        >>> card.overall, card["a"].ratio
        (1.0, 2.0)
    """

    scores: tuple[Score, ...]
    extras: Mapping[str, float] = field(default_factory=dict)
    about: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse an empty card."""
        if not self.scores:
            raise DataError("scorecard: found no score, expected at least one")

    def __getitem__(self, measure: str) -> Score:
        """Give the score of one measure.

        Raises:
            KeyError: If the card has no such measure.
        """
        for score in self.scores:
            if score.measure == measure:
                return score
        raise KeyError(measure)

    @property
    def overall(self) -> float:
        """Geometric mean of value over floor, over all measures; ratios count as at least .02."""
        return geometric_mean(score.ratio for score in self.scores)

    @property
    def groups(self) -> dict[str, float]:
        """Geometric mean of value over floor, by group."""
        return {
            group: geometric_mean(s.ratio for s in self.scores if s.group == group)
            for group in dict.fromkeys(score.group for score in self.scores)
        }

    @property
    def baselines(self) -> dict[str, float]:
        """Geometric mean of baseline over floor, by name of the baseline."""
        return {
            name: geometric_mean(score.baseline_ratios[name] for score in self.scores)
            for name in self.scores[0].baselines
        }

    def to_frame(self) -> pd.DataFrame:
        """Give one row a measure: value, floor with its band, ratios, baselines, meaning.

        Returns:
            Frame indexed by measure; a baseline ``x`` fills the columns ``x`` and ``x_ratio``.
        """
        return pd.DataFrame([_row(score) for score in self.scores]).set_index("measure")

    def to_dict(self) -> dict[str, Any]:
        """Give the card as plain dictionaries, ready for JSON; unknown numbers are ``None``."""
        rows = [
            {k: None if isinstance(v, float) and math.isnan(v) else v for k, v in _row(s).items()}
            for s in self.scores
        ]
        return {
            "overall": self.overall,
            "groups": self.groups,
            "baselines": self.baselines,
            "extras": dict(self.extras),
            "about": dict(self.about),
            "scores": rows,
        }

    def __str__(self) -> str:
        """Give the table as text, the overall score below it."""
        table = self.to_frame().drop(columns="meaning").to_string(float_format="{:.3f}".format)
        beside = "".join(f", {name} {value:.2f}" for name, value in self.baselines.items())
        return f"{table}\noverall {self.overall:.2f}{beside} (1 = real against real)"


def _row(score: Score) -> dict[str, Any]:
    row: dict[str, Any] = {
        "measure": score.measure,
        "group": score.group,
        "value": score.value,
        "floor": score.floor,
        "floor_low": score.floor_low,
        "floor_high": score.floor_high,
        "ratio": score.ratio,
    }
    for name, ratio in score.baseline_ratios.items():
        row |= {name: score.baselines[name], f"{name}_ratio": ratio}
    return row | {"meaning": score.meaning}


def geometric_mean(ratios: Iterable[float]) -> float:
    """Give the geometric mean of ratios to the floor; each counts as at least .02.

    Args:
        ratios: Distances over their floors.

    Example:
        >>> geometric_mean([4.0, 1.0])
        2.0
    """
    return float(np.exp(np.mean([np.log(max(ratio, LEAST_RATIO)) for ratio in ratios])))
