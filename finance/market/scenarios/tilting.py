"""Probabilities nearest to given ones under bounds on means: the dual, and whether there are any."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linprog, minimize
from scipy.special import logsumexp

from scenara.shared.types import Array, FloatArray

__all__ = ["MeanBound", "is_feasible", "nearest_probabilities"]

_NEWTON_STEPS = 20
_FLATTEST = 1e-12
_STEEPEST = 1e4


@dataclass(frozen=True)
class MeanBound:
    """Bound a mean over scenarios: ``low <= p @ values <= high``.

    Args:
        values: One for each scenario, (n,).
        low: The least, or minus infinity.
        high: The most, or infinity; the same as ``low`` where the mean is known.
    """

    values: FloatArray
    low: float
    high: float


def nearest_probabilities(rows: Sequence[MeanBound], q: FloatArray) -> tuple[FloatArray, float]:
    """Find the probabilities with the least relative entropy to others under bounds.

    Bounds become ``g <= 0`` or ``g = 0`` in units of the standard deviation under ``q``; the dual
    is minimised by L-BFGS-B and finished by Newton steps on the bounds that bind.

    Args:
        rows: Bounds, at least one.
        q: Probabilities before, above 0 and summing to 1, (n,).

    Returns:
        Probabilities, (n,), and by how many standard deviations they miss the worst bound; more
        than rounding where no probabilities fulfil all bounds.

    Example:
        >>> p, miss = nearest_probabilities(
        ...     [MeanBound(np.array([0.0, 1.0, 2.0]), 1.5, 1.5)], np.full(3, 1 / 3)
        ... )
        >>> p.round(3).tolist(), miss < 1e-9
        ([0.116, 0.268, 0.616], True)
    """
    parts, is_equal = [], []
    for row in rows:
        spread = float(np.sqrt(q @ (row.values - q @ row.values) ** 2)) or 1.0
        sides = [(1.0, row.high), (-1.0, row.low)][: 1 if row.low == row.high else 2]
        for sign, bound in sides:
            if np.isfinite(bound):
                parts.append(sign * (row.values - bound) / spread)
                is_equal.append(row.low == row.high)
    g, equal, log_q = np.array(parts), np.array(is_equal), np.log(q)

    def dual(multipliers: FloatArray) -> tuple[float, FloatArray]:
        weight = log_q - multipliers @ g
        total = float(logsumexp(weight))
        return total, -(g @ np.exp(weight - total))

    bounds = [(-_STEEPEST if same else 0.0, _STEEPEST) for same in is_equal]
    start = np.zeros(len(g))
    options = {"maxiter": 1_000, "ftol": 1e-15, "gtol": 1e-10}
    found = minimize(dual, start, jac=True, method="L-BFGS-B", bounds=bounds, options=options).x
    found = _polished(found, g, equal, log_q)
    p = _tilted(found, g, log_q)
    missed = g @ p
    return p, float(np.max(np.where(equal, np.abs(missed), missed), initial=0.0))


def _polished(
    multipliers: FloatArray, g: FloatArray, equal: Array, log_q: FloatArray
) -> FloatArray:
    """Take Newton steps on the bounds that bind, as long as they come nearer."""
    active = equal | (multipliers > _FLATTEST)
    binding = g[active]
    for _ in range(_NEWTON_STEPS):
        p = _tilted(multipliers, g, log_q)
        missed = binding @ p
        centred = binding - missed[:, None]
        step = np.linalg.lstsq((centred * p) @ centred.T, missed, rcond=None)[0]
        trial = multipliers.copy()
        trial[active] += step
        better = np.abs(binding @ _tilted(trial, g, log_q)).max(initial=0.0)
        is_allowed = bool((trial[~equal] >= 0).all()) and np.isfinite(trial).all()
        if not is_allowed or better >= np.abs(missed).max(initial=0.0):
            return multipliers
        multipliers = trial
    return multipliers


def _tilted(multipliers: FloatArray, g: FloatArray, log_q: FloatArray) -> FloatArray:
    weight = log_q - multipliers @ g
    raw: FloatArray = np.exp(weight - logsumexp(weight))
    p: FloatArray = raw / raw.sum()
    return p


def is_feasible(rows: Sequence[MeanBound]) -> bool:
    """Tell whether any probabilities fulfil all bounds.

    Args:
        rows: Bounds, at least one.

    Example:
        >>> is_feasible([MeanBound(np.array([0.0, 1.0]), 2.0, 2.0)])
        False
    """
    n = len(rows[0].values)
    equal = [row for row in rows if row.low == row.high]
    upper = [(row.values, row.high) for row in rows if row.low < row.high < np.inf]
    upper += [(-row.values, -row.low) for row in rows if -np.inf < row.low < row.high]
    found = linprog(
        np.zeros(n),
        A_eq=np.array([np.ones(n), *(row.values for row in equal)]),
        b_eq=np.array([1.0, *(row.low for row in equal)]),
        A_ub=np.array([values for values, _ in upper]) if upper else None,
        b_ub=np.array([bound for _, bound in upper]) if upper else None,
        method="highs",
    )
    return bool(found.status != 2)
