"""The chance of a goal, with an interval for the simulation's noise and the generators' dispute."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from scenara.shared.errors import DataError
from scenara.shared.types import Array

__all__ = ["Chance", "pooled_chance", "wilson_interval"]


@dataclass(frozen=True)
class Chance:
    """Hold a chance as several generators see it.

    Args:
        estimate: Mean of the generators.
        low: Lower end of the interval.
        high: Upper end.
        by_family: Generator -> its chance.

    Raises:
        DataError: The estimate lies outside of the interval.
    """

    estimate: float
    low: float
    high: float
    by_family: Mapping[str, float]

    def __post_init__(self) -> None:
        """Refuse an interval without its estimate."""
        if not 0 <= self.low <= self.estimate <= self.high <= 1:
            raise DataError(
                f"chance: expected low <= estimate <= high within 0 and 1, found {self.low}, "
                f"{self.estimate}, {self.high}"
            )

    @property
    def disagreement(self) -> float:
        """Largest difference between two generators."""
        return max(self.by_family.values()) - min(self.by_family.values())


def wilson_interval(successes: float, n: int, *, level: float = 0.95) -> tuple[float, float]:
    """Give the score interval of a share.

    Args:
        successes: How many of ``n``.
        n: Trials.
        level: Confidence.

    Returns:
        Lower and upper end, within 0 and 1.

    Example:
        >>> tuple(round(bound, 3) for bound in wilson_interval(81, 263))
        (0.255, 0.366)

    References:
        Wilson, E. B. (1927). Probable inference, the law of succession, and statistical inference.
        Journal of the American Statistical Association 22, 209-212. Newcombe, R. G. (1998),
        Two-sided confidence intervals for the single proportion, Statistics in Medicine 17,
        857-872, table I (81 of 263).
    """
    z = float(ndtri(0.5 + level / 2))
    share = successes / n
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * np.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return max(float(centre - half), 0.0), min(float(centre + half), 1.0)


def pooled_chance(reached: Mapping[str, Array], *, level: float = 0.95) -> Chance:
    """Pool a chance over generators.

    The estimate is the mean over generators, each counting alike. The interval reaches from the
    lowest to the highest end of their score intervals: nobody knows which generator is right, so it
    holds what any of them holds. Three generators are too few to estimate a variance between them;
    their envelope needs no such estimate.

    Args:
        reached: Generator -> whether the goal was reached, (worlds,).
        level: Confidence of each generator's interval.

    Returns:
        The chance with its interval.

    Example:
        >>> seen = {"a": np.repeat([1, 0], [80, 20]), "b": np.repeat([1, 0], [60, 40])}
        >>> chance = pooled_chance(seen)
        >>> round(chance.estimate, 2), round(chance.low, 2), round(chance.high, 2)
        (0.7, 0.5, 0.87)
    """
    shares = {name: float(np.mean(found)) for name, found in reached.items()}
    ends = [
        wilson_interval(float(np.sum(found)), len(found), level=level) for found in reached.values()
    ]
    estimate = float(np.mean(list(shares.values())))
    # A share of 0 or 1 is an end of its own interval, up to a rounding error.
    low = min(estimate, *(low for low, _ in ends))
    high = max(estimate, *(high for _, high in ends))
    return Chance(estimate, low, high, shares)
