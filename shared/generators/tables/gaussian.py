"""Latent normal variables of which only an interval is known: their correlation, and draws."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.special import log_ndtr, ndtr, ndtri

from scenara.shared.progress import Progress, silent
from scenara.shared.types import Array, FloatArray, IntArray

__all__ = ["Intervals", "draw_given", "fit_correlation", "sweep", "truncated"]

NARROW = 0.002
"""Probability below which an interval is taken for a point."""
RIDGE = 1e-4
CANDIDATES = 8
"""Draws weighed for each row wanted, where several variables are asked for together."""


@dataclass(frozen=True)
class Intervals:
    """Hold what is known of latent normal variables: between which probabilities each lies.

    Args:
        low: (rows, variables), from 0.
        high: (rows, variables), up to 1; 0 to 1 where nothing is known.
    """

    low: FloatArray
    high: FloatArray

    def start(self, rng: np.random.Generator) -> tuple[FloatArray, list[IntArray]]:
        """Give values to begin with, and for each variable the rows in which it is not fixed."""
        wide = self.high - self.low > NARROW
        share = np.where(wide, rng.random(wide.shape), 0.5)
        values = ndtri(self.low + share * (self.high - self.low))
        return values, [np.flatnonzero(column) for column in wide.T]


def fit_correlation(
    known: Intervals,
    *,
    n_sweeps: int,
    rng: np.random.Generator,
    progress: Progress = silent,
) -> FloatArray:
    """Estimate the correlation of latent normal variables from intervals.

    Stochastic EM: draw the variables within their intervals given the others, take the
    correlation of what was drawn, repeat, and average over the second half. For two binary
    variables it tends to the tetrachoric correlation, for ordered ones to the polychoric one,
    and a variable that is not known in a row is integrated out.

    Args:
        known: The intervals, (rows, variables).
        n_sweeps: Rounds, at least 2.
        rng: The stream.
        progress: Told how many rounds are done.

    Returns:
        Correlation, (variables, variables), positive definite.

    References:
        Hoff, 2007, Extending the rank likelihood for semiparametric copula estimation, Annals of
        Applied Statistics 1, https://doi.org/10.1214/07-AOAS107 (the draws); Celeux and Diebolt,
        1985, The SEM algorithm, Computational Statistics Quarterly 2.
    """
    values, loose = known.start(rng)
    bounds = ndtri(known.low), ndtri(known.high)
    correlation = _shrunk(values)
    total = np.zeros_like(correlation)
    for done in range(1, n_sweeps + 1):
        sweep(values, bounds, loose, np.linalg.inv(correlation), rng)
        correlation = _shrunk(values)
        if 2 * done > n_sweeps:
            total += correlation
        progress("sweeps", done, n_sweeps)
    return total / (n_sweeps - n_sweeps // 2)


def sweep(
    values: FloatArray,
    bounds: tuple[FloatArray, FloatArray],
    loose: list[IntArray],
    precision: FloatArray,
    rng: np.random.Generator,
) -> None:
    """Draw each variable anew within its bounds, given the others; changes ``values``.

    Args:
        values: (rows, variables).
        bounds: Least and greatest values allowed, (rows, variables) each.
        loose: The rows in which each variable is drawn.
        precision: Inverse of the correlation, (variables, variables).
        rng: The stream.
    """
    for place, rows in enumerate(loose):
        if len(rows):
            weights = precision[:, place] / precision[place, place]
            mean = values[rows, place] - values[rows] @ weights
            low, high = (bound[rows, place] for bound in bounds)
            spread = precision[place, place] ** -0.5
            values[rows, place] = truncated(mean, spread, low, high, rng)


def truncated(
    mean: FloatArray, spread: float, low: FloatArray, high: FloatArray, rng: np.random.Generator
) -> FloatArray:
    """Draw normal numbers between bounds.

    Args:
        mean: Mean before truncation, (rows,).
        spread: Standard deviation before truncation.
        low: Lower bounds, (rows,).
        high: Upper bounds, (rows,).
        rng: The stream.
    """
    least, most = (low - mean) / spread, (high - mean) / spread
    # Probabilities are exact in the lower tail only, so that the upper one is mirrored.
    side = np.where(least > 0, -1.0, 1.0)
    first, last = np.where(side > 0, least, -most), np.where(side > 0, most, -least)
    chance = ndtr(first) + rng.random(len(mean)) * (ndtr(last) - ndtr(first))
    inside = np.clip(ndtri(np.clip(chance, 1e-300, 1 - 1e-16)), first, last)
    return np.asarray(mean + spread * side * inside, dtype=np.float64)


def draw_given(
    correlation: FloatArray,
    n: int,
    asked: Mapping[int, tuple[FloatArray, FloatArray]],
    rng: np.random.Generator,
) -> FloatArray:
    """Draw normal variables, some of which must lie in unions of intervals.

    What is asked for is drawn one variable after the other, each within its intervals given
    those before. With one variable that is exact; with several the draws are weighed by the
    chance that each had to get there, and the rows are drawn among them by weight. All other
    variables follow given these, exactly.

    Args:
        correlation: (variables, variables).
        n: Rows.
        asked: Lower and upper ends of the intervals of a variable, (intervals,) each.
        rng: The stream.

    Returns:
        (n, variables).

    References:
        Geweke, 1991; Hajivassiliou and McFadden, 1998, The method of simulated scores for the
        estimation of LDV models, Econometrica 66 (the weights).
    """
    n_variables = len(correlation)
    places = sorted(asked, key=lambda place: float(_mass(*asked[place])))
    values = np.zeros((n if len(places) < 2 else CANDIDATES * n + 1_000, len(places)))
    weight = np.zeros(len(values))
    for n_before, place in enumerate(places):
        mean, spread = _conditional(correlation, places[:n_before], [place], values[:, :n_before])
        drawn, chance = _within(mean[:, 0], float(spread[0, 0]), *asked[place], rng)
        values[:, n_before] = drawn
        weight += chance
    if len(places) > 1:
        values = values[_by_weight(weight, n, rng)]
    rest = [place for place in range(n_variables) if place not in asked]
    mean, spread = _conditional(correlation, places, rest, values)
    whole = np.empty((n, n_variables))
    whole[:, places] = values
    whole[:, rest] = mean + rng.standard_normal((n, len(rest))) @ spread.T
    return whole


def _conditional(
    correlation: FloatArray, known: list[int], wanted: list[int], values: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Give the mean of wanted variables given known ones, and a root of their covariance."""
    across = correlation[np.ix_(known, wanted)]
    weights = np.linalg.solve(correlation[np.ix_(known, known)], across)
    covariance = correlation[np.ix_(wanted, wanted)] - across.T @ weights
    return values @ weights, np.linalg.cholesky(covariance + 1e-12 * np.eye(len(wanted)))


def _within(
    mean: FloatArray, spread: float, low: FloatArray, high: FloatArray, rng: np.random.Generator
) -> tuple[FloatArray, FloatArray]:
    """Draw within a union of intervals; give the log of the chance to be there as well."""
    least, most = ((end - mean[:, None]) / spread for end in (low, high))
    side = np.where(least > 0, -1.0, 1.0)
    first, last = np.where(side > 0, least, -most), np.where(side > 0, most, -least)
    # log(ndtr(last) - ndtr(first)) without the loss of far tails
    part = log_ndtr(last) + np.log1p(-np.exp(np.minimum(log_ndtr(first) - log_ndtr(last), -1e-15)))
    greatest = part.max(axis=1, keepdims=True)
    chances = np.cumsum(np.exp(part - greatest), axis=1)
    drawn = rng.random(len(mean)) * chances[:, -1]
    piece = np.minimum((chances < drawn[:, None]).sum(axis=1), len(low) - 1)
    values = truncated(mean, spread, low[piece], high[piece], rng)
    return values, np.log(chances[:, -1]) + greatest[:, 0]


def _by_weight(log_weight: FloatArray, n: int, rng: np.random.Generator) -> IntArray:
    """Draw rows by weight, systematically, in random order."""
    total = np.cumsum(np.exp(log_weight - log_weight.max()))
    places = (np.arange(n) + rng.random()) / n * total[-1]
    return rng.permutation(np.minimum(np.searchsorted(total, places), len(total) - 1))


def _mass(low: FloatArray, high: FloatArray) -> Array:
    return np.asarray((ndtr(high) - ndtr(low)).sum())


def _shrunk(values: FloatArray) -> FloatArray:
    """Give the correlation, drawn to no correlation as far as chance explains it.

    Schäfer and Strimmer, 2005, A shrinkage approach to large-scale covariance matrix estimation,
    Statistical Applications in Genetics and Molecular Biology 4; the variance of a correlation
    is that of normal variables, (1 - r^2)^2 / (n - 1).
    """
    n_rows, n_variables = values.shape
    raw = np.corrcoef(values, rowvar=False).reshape(n_variables, n_variables)
    apart = raw[~np.eye(n_variables, dtype=bool)]
    noise = np.sum((1 - apart**2) ** 2) / max(n_rows - 1, 1)
    share = min(1.0, noise / max(float(np.sum(apart**2)), 1e-12)) if len(apart) else 0.0
    share = max(share, RIDGE)
    return (1 - share) * raw + share * np.eye(n_variables)
