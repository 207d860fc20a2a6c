"""Numbers as normal scores, through a monotone curve that is exactly invertible."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import ClassVar

import numpy as np
from scipy.special import ndtri

from scenara.shared.types import Array, FloatArray, IntArray

__all__ = ["BinnedCurve", "QuantileCurve", "fit_bins", "fit_quantiles"]

SNAP = 1e-4
"""Half width of the plateau of a value that occurs once, in units of its own share of rows: so
narrow that next to no draw falls on it, and wide enough that rounding does not miss it."""
REPEATS = 5
TOLERANCE = 1e-9
ROUNDING = 4e-15
MAX_PASSES = 4


@dataclass(frozen=True)
class QuantileCurve:
    """Map values to scores along knots; every knot has a plateau of scores.

    The plateau of a value covers its share of the rows, so ties come back exactly and as often
    as they were seen; between plateaus the curve is linear. Values outside the knots are drawn
    to the nearest one.

    Args:
        knots: Distinct values, increasing, int64 or float64, (knots,).
        low: Score at which the plateau of each knot begins, (knots,).
        high: Score at which it ends, (knots,).
        stepped: Decode to the nearest knot and never between two: values are few and often seen.

    References:
        Beasley, Erickson and Allison, 2009, Rank-based inverse normal transformations are
        increasingly used, but are they merited? Behavior Genetics 39,
        https://doi.org/10.1007/s10519-009-9281-0 (the score of rank r of n is
        ``ndtri((r - 1/2) / n)``).
    """

    law: ClassVar[str] = "normal"

    knots: Array
    low: FloatArray
    high: FloatArray
    stepped: bool

    @property
    def n_components(self) -> int:
        """Count the codes: one."""
        return 1

    def labels(self, show: Callable[[Array], Sequence[str]]) -> tuple[str, ...]:
        """Name the code."""
        return ("body",)

    def score(self, values: Array) -> FloatArray:
        """Give the scores of values, (values,)."""
        values = np.clip(values, self.knots[0], self.knots[-1])
        place = np.searchsorted(self.knots, values, side="right") - 1
        after = np.minimum(place + 1, len(self.knots) - 1)
        share = _share(values, self.knots[place], self.knots[after])
        middle = (self.low[place] + self.high[place]) / 2
        between = self.high[place] * (1 - share) + self.low[after] * share
        return np.where(share > 0, between, middle)

    def value(self, scores: FloatArray) -> Array:
        """Give the values at scores, (scores,)."""
        place = np.maximum(np.searchsorted(self.low, scores, side="right") - 1, 0)
        after = np.minimum(place + 1, len(self.knots) - 1)
        inside = (scores <= self.high[place]) | (after == place)
        gap = np.where(inside, 1.0, self.low[after] - self.high[place])
        share = np.where(inside, 0.0, (scores - self.high[place]) / gap)
        if self.stepped:
            share = np.rint(share)
        return _between(self.knots[place], self.knots[after], share)

    def transform(self, values: Array) -> tuple[IntArray, FloatArray]:
        """Give codes, all 0, and scores."""
        return np.zeros(len(values), dtype=np.int64), self.score(values)

    def inverse(self, codes: IntArray, positions: FloatArray) -> Array:
        """Give the values at positions."""
        return self.value(positions)


@dataclass(frozen=True)
class BinnedCurve:
    """Map values to bins of equal mass and to the position, in [0, 1], inside the bin.

    Args:
        curve: The values as ranks in [0, 1].
        edges: Edges of the bins in ranks, from 0 to 1, (bins + 1,).
    """

    law: ClassVar[str] = "uniform"

    curve: QuantileCurve
    edges: FloatArray

    @property
    def n_components(self) -> int:
        """Count the bins."""
        return len(self.edges) - 1

    def labels(self, show: Callable[[Array], Sequence[str]]) -> tuple[str, ...]:
        """Name the bins by the values at their edges."""
        ends = show(self.curve.value(self.edges))
        return tuple(f"{low} to {high}" for low, high in pairwise(ends))

    def transform(self, values: Array) -> tuple[IntArray, FloatArray]:
        """Give bins and positions inside."""
        ranks = self.curve.score(values)
        codes = np.searchsorted(self.edges[1:-1], ranks, side="right")
        low, high = self.edges[codes], self.edges[codes + 1]
        return codes, (ranks - low) / (high - low)

    def inverse(self, codes: IntArray, positions: FloatArray) -> Array:
        """Give the values at positions in bins; positions outside [0, 1] are clipped."""
        share = np.clip(positions, 0.0, 1.0)
        low, high = self.edges[codes], self.edges[codes + 1]
        return self.curve.value(low * (1 - share) + high * share)


def fit_quantiles(
    values: Array, counts: IntArray, *, n_knots: int = 1_000, law: str = "normal"
) -> QuantileCurve:
    """Fit a curve that gives every value seen back: integers exactly, floats to 1e-9 of themselves.

    The knots are ``n_knots`` quantiles, and any value that would not come back without a knot.

    Args:
        values: Distinct values, increasing, int64 or float64, (values,).
        counts: Rows that hold each, (values,).
        n_knots: Number of quantiles.
        law: Scores are ``normal`` or ``uniform`` (ranks).

    Example:
        >>> curve = fit_quantiles(np.array([1.0, 2.0, 50.0]), np.array([1, 2, 1]))
        >>> curve.score(np.array([1.0, 2.0, 50.0])).round(2)
        array([-1.15,  0.  ,  1.15])
        >>> curve.value(np.array([-9.0, 0.3, 9.0])).round(2)
        array([ 1.,  2., 50.])
    """
    last = np.cumsum(counts)
    n_rows = int(last[-1])
    low = (last - counts + 0.5 - SNAP) / n_rows
    high = (last - 0.5 + SNAP) / n_rows
    if law == "normal":
        low, high = ndtri(low), ndtri(high)
    stepped = len(values) <= n_knots and n_rows >= REPEATS * len(values)
    chosen = np.full(len(values), len(values) <= n_knots)
    chosen[quantile_places(counts, n_knots)] = True
    for _ in range(MAX_PASSES):
        curve = QuantileCurve(values[chosen], low[chosen], high[chosen], stepped)
        lost = ~chosen & ~_kept(values, curve)
        if not lost.any():
            return curve
        chosen |= lost
    return QuantileCurve(values, low, high, stepped)


def fit_bins(
    values: Array, counts: IntArray, *, n_bins: int = 32, n_knots: int = 1_000
) -> BinnedCurve:
    """Fit bins of equal mass; a bin that no value falls into is joined with the one before.

    Args:
        values: Distinct values, increasing, (values,).
        counts: Rows that hold each, (values,).
        n_bins: Number of bins wanted.
        n_knots: Number of knots of the curve inside.

    Example:
        >>> curve = fit_bins(np.arange(100.0), np.ones(100, dtype=int), n_bins=4)
        >>> curve.transform(np.array([0.0, 99.0]))[0]
        array([0, 3])
    """
    curve = fit_quantiles(values, counts, n_knots=n_knots, law="uniform")
    bins = np.floor(curve.score(values) * n_bins)
    # An edge lies where the rows of one value end, so that a bin is as wide as it has rows.
    ends = np.cumsum(counts)[:-1][np.diff(bins) > 0] / counts.sum()
    return BinnedCurve(curve, np.concatenate([[0.0], ends, [1.0]]))


def quantile_places(counts: IntArray, n_quantiles: int) -> IntArray:
    """Give the places, among distinct values, of equally spaced quantiles of all rows.

    Args:
        counts: Rows that hold each value, values in increasing order, (values,).
        n_quantiles: How many quantiles, the least and the greatest value included.

    Example:
        >>> quantile_places(np.array([1, 5, 1]), 3)
        array([0, 1, 2])
    """
    last = np.cumsum(counts)
    n_rows = int(last[-1])
    ranks = np.rint(np.linspace(0, n_rows - 1, min(n_quantiles, n_rows))).astype(np.int64)
    return np.searchsorted(last, ranks, side="right")


def _share(values: Array, low: Array, high: Array) -> FloatArray:
    """Give how far values lie between two bounds, 0 to 1, without overflow."""
    if values.dtype.kind == "i":
        part, whole = _gap(low, values), _gap(low, high)
    else:
        # Halving keeps the difference of two huge numbers finite; tiny ones are left whole.
        huge = np.maximum(np.abs(low), np.abs(high)) > 1e300
        scale = np.where(huge, 0.5, 1.0)
        part, whole = values * scale - low * scale, high * scale - low * scale
    return np.divide(part, whole, out=np.zeros(len(values)), where=whole > 0)


def _gap(low: IntArray, high: IntArray) -> FloatArray:
    return (high.view(np.uint64) - low.view(np.uint64)).astype(np.float64)


def _between(low: Array, high: Array, share: FloatArray) -> Array:
    if low.dtype.kind == "f":
        return np.clip(low * (1 - share) + high * share, low, high)
    whole = high.view(np.uint64) - low.view(np.uint64)
    part = np.minimum(np.rint(share * whole.astype(np.float64)), 2.0**64 - 4096)
    step = np.minimum(part.astype(np.uint64), whole)
    return np.where(share >= 1, high, (low.view(np.uint64) + step).view(np.int64))


def _kept(values: Array, curve: QuantileCurve) -> Array:
    """Say which values come back, even from scores that are off by a few roundings."""
    scores = curve.score(values)
    slack = ROUNDING * np.maximum(np.abs(scores), 1.0)
    kept = np.ones(len(values), dtype=bool)
    for shifted in (scores - slack, scores, scores + slack):
        back = curve.value(shifted)
        if values.dtype.kind == "i":
            kept &= values == back
        else:
            kept &= np.abs(values / 2 - back / 2) <= TOLERANCE / 2 * np.abs(values)
    return kept
