"""The noise floor: how far real data are from other real data of the same size."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from scenara.shared.errors import DataError
from scenara.shared.evaluation.score import LEAST_FLOOR, geometric_mean
from scenara.shared.progress import Progress, silent
from scenara.shared.types import Array, RandomState

__all__ = ["NoiseFloor", "exchangeable_floor"]

_PARTS = ("mean", "low", "high", "about")

Measure = Callable[[Array, Array], Mapping[str, float]]


@dataclass(frozen=True)
class NoiseFloor:
    """Hold what each measure reads when real data are compared with other real data.

    Args:
        mean: Mean over the draws, by measure.
        low: Tenth percentile over the draws, by measure.
        high: Ninetieth percentile over the draws, by measure.
        about: How the floor was computed: data, sizes, draws, seed.
        overall: Tenth percentile, mean and ninetieth percentile of the overall score that the
            draws themselves get: what a perfect generator would score.

    Example:
        >>> NoiseFloor.from_draws([{"w1": 1.0}, {"w1": 3.0}], about={"draws": 2}).mean
        {'w1': 2.0}
    """

    mean: Mapping[str, float]
    low: Mapping[str, float]
    high: Mapping[str, float]
    about: Mapping[str, Any]
    overall: tuple[float, float, float]

    @classmethod
    def from_draws(
        cls,
        draws: Iterable[Mapping[str, float]],
        *,
        about: Mapping[str, Any],
        scored: Collection[str] | None = None,
    ) -> Self:
        """Summarise repeated comparisons of real data with real data.

        Args:
            draws: Measures of each comparison, all of the same names.
            about: How the draws were made.
            scored: Measures that count for the overall score; by default all.

        Returns:
            Mean, tenth and ninetieth percentile of each measure.
        """
        rows = list(draws)
        table = {name: [row[name] for row in rows] for name in rows[0]}
        mean = {name: float(np.mean(values)) for name, values in table.items()}
        names = [name for name in mean if scored is None or name in scored]
        ratios = ([row[name] / max(mean[name], LEAST_FLOOR) for name in names] for row in rows)
        overall = [geometric_mean(row) for row in ratios]
        low, high = np.quantile(overall, [0.1, 0.9])
        return cls(
            mean=mean,
            low={name: float(np.quantile(values, 0.1)) for name, values in table.items()},
            high={name: float(np.quantile(values, 0.9)) for name, values in table.items()},
            about=about,
            overall=(float(low), float(np.mean(overall)), float(high)),
        )

    def to_dict(self) -> dict[str, Any]:
        """Give the floor as plain dictionaries, ready for JSON."""
        parts: dict[str, Any] = {name: dict(getattr(self, name)) for name in _PARTS}
        return {**parts, "overall": list(self.overall)}

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> Self:
        """Rebuild a floor from ``to_dict``.

        Raises:
            DataError: If a part is missing.
        """
        missing = {*_PARTS, "overall"} - set(content)
        if missing:
            raise DataError(
                f"noise floor: found no {sorted(missing)}, expected mean, low, high, about, overall"
            )
        low, mean, high = content["overall"]
        return cls(**{name: content[name] for name in _PARTS}, overall=(low, mean, high))


def exchangeable_floor(
    units: Array,
    measure: Measure,
    *,
    n_test: int,
    n_draws: int = 60,
    about: Mapping[str, Any] | None = None,
    scored: Collection[str] | None = None,
    random_state: RandomState = 0,
    progress: Progress = silent,
) -> NoiseFloor:
    """Compare random parts of real data with the rest of them, again and again.

    A score at this floor says that the generated data are as close to the real ones as real
    data of that size are to each other; nothing better can be asked for.

    Args:
        units: Real units along the first axis, such as windows of a panel, in order of time.
        measure: Function of (test units, other units) that gives the measures by name.
        n_test: Number of units in the test part of each draw.
        n_draws: Number of draws.
        about: Description to keep with the floor.
        scored: Measures that count for the overall score; by default all.
        random_state: Seed of the draws.
        progress: Told of each draw.

    Returns:
        The floor of every measure.

    Raises:
        DataError: If no unit would be left on one of the sides.

    Example:
        >>> gap = lambda a, b: {"mean": abs(a.mean() - b.mean())}
        >>> floor = exchangeable_floor(np.arange(10.0), gap, n_test=5, random_state=0)
        >>> 0 < floor.low["mean"] < floor.high["mean"] < 5
        True
    """
    if not 0 < n_test < len(units):
        raise DataError(
            f"n_test: found {n_test} of {len(units)} real units, expected at least one on each "
            f"side; give more data, shorter units or a smaller n_test"
        )
    rng = np.random.default_rng(random_state)
    draws = []
    for draw in range(n_draws):
        order = rng.permutation(len(units))
        test, others = np.sort(order[:n_test]), np.sort(order[n_test:])
        draws.append(measure(units[test], units[others]))
        progress("noise floor", draw + 1, n_draws)
    sizes = {"n_units": len(units), "n_test": n_test, "n_draws": n_draws}
    return NoiseFloor.from_draws(draws, about={**(about or {}), **sizes}, scored=scored)
