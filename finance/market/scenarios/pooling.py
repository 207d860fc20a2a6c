"""Entropy pooling: the probabilities nearest to those of the model under which views hold."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from scenara.finance.market.scenarios.tilting import (
    MeanBound,
    is_feasible,
    nearest_probabilities,
)
from scenara.finance.market.scenarios.views import Scenarios, View
from scenara.shared.errors import ConfigError, DataError
from scenara.shared.generators.series.worlds import Worlds
from scenara.shared.types import FloatArray, IntArray, RandomState

__all__ = [
    "Pooled",
    "effective_scenarios",
    "entropy_pooling",
    "relative_entropy",
    "weighted_quantile",
]

_STAGES = (("mean", "quantile", "var", "probability"), ("volatility",), ("correlation",))
_CLOSE_ENOUGH = 1e-6
_HAIR = 1e-6
"""How far inside its bound a chance is held, so that a quantile falls on the side asked for."""


@dataclass(frozen=True)
class Pooled:
    """Hold probabilities of worlds under views.

    Args:
        probabilities: One for each world, summing to 1, (n,).
        prior: Those before the views, (n,).
        effective_scenarios: How many equally likely worlds these are worth.
        relative_entropy: Distance from the prior, in nats; 0 where the views say nothing new.
        table: A row for each view: what was asked, the figure before and after.
    """

    probabilities: FloatArray
    prior: FloatArray
    effective_scenarios: float
    relative_entropy: float
    table: pd.DataFrame = field(repr=False)

    def mean(self, values: FloatArray) -> float:
        """Give the mean of a figure under the views.

        Args:
            values: One value for each world, (n,).
        """
        return float(self.probabilities @ values)

    def quantile(self, values: FloatArray, level: float) -> float:
        """Give a quantile of a figure under the views.

        Args:
            values: One value for each world, (n,).
            level: Between 0 and 1.
        """
        return weighted_quantile(values, self.probabilities, level)

    def rows(self, n: int, *, random_state: RandomState = None) -> IntArray:
        """Draw numbers of worlds by their probability, for work that takes no probabilities.

        Args:
            n: How many; the same world may come more than once.
            random_state: Seed.

        Returns:
            Numbers of worlds in rising order, (n,); each comes as often as its probability says,
            give or take one.

        References:
            Carpenter, Clifford and Fearnhead (1999), An improved particle filter for non-linear
            problems, https://doi.org/10.1049/ip-rsn:19990255 (systematic resampling).
        """
        place = (np.arange(n) + np.random.default_rng(random_state).random()) / n
        cumulated = np.cumsum(self.probabilities)
        rows: IntArray = np.minimum(np.searchsorted(cumulated, place), len(cumulated) - 1)
        return rows


def entropy_pooling(
    views: Sequence[View],
    worlds: Worlds | pd.DataFrame,
    *,
    prior: FloatArray | None = None,
    confidence: float = 1.0,
    minimum_effective_scenarios: float = 50.0,
) -> Pooled:
    r"""Reweight worlds so that views hold, and change as little else as possible.

    Among all probabilities under which the views hold, gives the ones with the smallest relative
    entropy to the prior, :math:`\sum_i p_i \log(p_i / q_i)`; they have the form
    :math:`p_i \propto q_i \exp(-\lambda^\top g_i)`, and the few multipliers come from the dual. A
    volatility needs the mean, a correlation also the volatilities: views are therefore taken in
    three steps, each of which holds the means, then the volatilities, where the step before has
    brought them; all views hold exactly in the end, one on what a quantile equals up to the distance
    from one world to the next.

    Args:
        views: What is believed, at least one view.
        worlds: Generated paths, or a table with one scenario a row and one asset a column.
        prior: Probabilities before the views, (n,); by default all equal.
        confidence: Weight of the views against the prior, above 0 and at most 1.
        minimum_effective_scenarios: Fewest equally likely worlds that the result may be worth.

    Returns:
        The probabilities, and what the views cost.

    Raises:
        ConfigError: There is no view, or an asset is unknown.
        DataError: No probabilities make a view hold (the message names it), or too few worlds
            would carry nearly all of the probability.

    Example:
        >>> table = pd.DataFrame(np.random.default_rng(0).normal(size=(2_000, 2)), columns=["A", "B"])
        >>> pooled = entropy_pooling([View("A", "mean", equals=0.5)], table)
        >>> round(pooled.mean(table["A"].to_numpy()), 6), pooled.effective_scenarios > 1_500
        (0.5, True)

    References:
        Meucci, A. (2008). Fully flexible views: theory and practice. Risk 21(10), 97-102.
        https://ssrn.com/abstract=1213325. Vorobets, A. (2021). Sequential entropy pooling
        heuristics. https://ssrn.com/abstract=3936392 (views in steps).
    """
    scenarios = Scenarios(worlds)
    q = _checked_prior(prior, len(scenarios))
    if not views:
        raise ConfigError("expected at least one view, found none")
    if not 0 < confidence <= 1:
        raise ConfigError(f"confidence: expected a number above 0, at most 1, found {confidence!r}")
    p = q
    for last in range(len(_STAGES)):
        kinds = [kind for stage in _STAGES[: last + 1] for kind in stage]
        if last and not any(view.statistic in _STAGES[last] for view in views):
            continue
        taken = [view for view in views if view.statistic in kinds]
        if taken:
            p = _pooled(taken, scenarios, q, p)
    p = confidence * p + (1 - confidence) * q
    worth = effective_scenarios(p)
    if worth < minimum_effective_scenarios:
        raise DataError(
            f"views: {len(p):,} worlds are worth {worth:.0f} under the views, expected at least "
            f"{minimum_effective_scenarios:g}; weaken the views, lower the confidence, or give "
            "more worlds"
        )
    table = _compared(views, scenarios, q, p)
    return Pooled(p, q, worth, relative_entropy(p, q), table)


def effective_scenarios(probabilities: FloatArray) -> float:
    """Tell how many equally likely scenarios some probabilities are worth.

    Args:
        probabilities: Summing to 1, (n,).

    Returns:
        The exponential of their entropy, from 1 to n.

    References:
        Meucci, A. (2012). Effective number of scenarios in fully flexible probabilities. GARP Risk
        Professional, 32-35. https://ssrn.com/abstract=1971808

    Example:
        >>> round(effective_scenarios(np.array([0.5, 0.5, 0.0])), 12)
        2.0
    """
    some = probabilities[probabilities > 0]
    return float(np.exp(-np.sum(some * np.log(some))))


def relative_entropy(probabilities: FloatArray, prior: FloatArray) -> float:
    """Tell how far probabilities are from others.

    Args:
        probabilities: Summing to 1, (n,).
        prior: Summing to 1, above 0 where the others are, (n,).

    Returns:
        Kullback-Leibler divergence in nats, at least 0.

    Example:
        >>> round(relative_entropy(np.array([1.0, 0.0]), np.array([0.5, 0.5])), 4)
        0.6931
    """
    some = probabilities > 0
    ratio = np.log(probabilities[some] / prior[some])
    return max(float(probabilities[some] @ ratio), 0.0)


def weighted_quantile(values: FloatArray, probabilities: FloatArray, level: float) -> float:
    """Give the smallest value that is not exceeded with at least the chance ``level``.

    Args:
        values: (n,).
        probabilities: Summing to 1, (n,).
        level: Between 0 and 1.

    Example:
        >>> weighted_quantile(np.array([3.0, 1.0, 2.0]), np.array([0.2, 0.5, 0.3]), 0.6)
        2.0
    """
    order = np.argsort(values, kind="stable")
    cumulated = np.cumsum(probabilities[order])
    place = int(np.searchsorted(cumulated, level * (1 - 1e-9)))
    return float(values[order[min(place, len(order) - 1)]])


def _checked_prior(prior: FloatArray | None, n: int) -> FloatArray:
    if prior is None:
        return np.full(n, 1 / n)
    values = np.asarray(prior, dtype=np.float64)
    if values.shape != (n,) or not (values > 0).all() or abs(values.sum() - 1) > 1e-6:
        raise DataError(
            f"prior: expected {n} probabilities above 0 that sum to 1, found shape {values.shape} "
            f"with sum {values.sum():g}"
        )
    normalised: FloatArray = values / values.sum()
    return normalised


def _pooled(
    views: Sequence[View], scenarios: Scenarios, q: FloatArray, before: FloatArray
) -> FloatArray:
    rows = [_rows(view, scenarios, before) for view in views]
    p, miss = nearest_probabilities([row for own in rows for row in own], q)
    if miss > _CLOSE_ENOUGH:
        raise DataError(_infeasible(views, rows, miss))
    return p


def _rows(view: View, scenarios: Scenarios, before: FloatArray) -> list[MeanBound]:
    """Write a view as bounds on means; what they hold fixed is where ``before`` has it."""
    low, high = view.bounds
    if view.statistic == "probability":
        return [MeanBound(scenarios.happens(view.event), low, high)]
    x = scenarios.values(view.holding, view.measure)
    if view.statistic in ("quantile", "var"):
        return _quantile_rows(view, x)
    if view.statistic == "mean":
        return [MeanBound(x, low, high)]
    mean = float(before @ x)
    rows, x = [MeanBound(x, mean, mean)], x - mean
    if view.statistic == "volatility":
        return [*rows, MeanBound(x * x, low * abs(low), high * high)]
    assert view.other is not None
    y = scenarios.values(view.other, view.measure)
    mean = float(before @ y)
    rows, y = [*rows, MeanBound(y, mean, mean)], y - mean
    squares = [float(before @ (z * z)) for z in (x, y)]
    rows += [MeanBound(z * z, square, square) for z, square in zip((x, y), squares, strict=True)]
    scale = float(np.sqrt(np.prod(squares)))
    return [*rows, MeanBound(x * y, low * scale, high * scale)]


def _quantile_rows(view: View, x: FloatArray) -> list[MeanBound]:
    """Bound the chance of values up to the quantile; a loss has the other sign and tail."""
    assert view.level is not None
    low, high = view.bounds
    level = view.level
    if view.statistic == "var":
        low, high, level = -high, -low, 1 - view.level
    if low == high:
        return [MeanBound((x <= low).astype(np.float64), level + _HAIR, level + _HAIR)]
    rows = []
    if np.isfinite(high):
        rows.append(MeanBound((x <= high).astype(np.float64), level + _HAIR, np.inf))
    if np.isfinite(low):
        rows.append(MeanBound((x < low).astype(np.float64), -np.inf, level - _HAIR))
    return rows


def _infeasible(views: Sequence[View], rows: Sequence[list[MeanBound]], miss: float) -> str:
    """Name the first view that can't hold, alone or beside those before it."""
    for view, own in zip(views, rows, strict=True):
        if not is_feasible(own[-1:]):
            low, high = own[-1].values.min(), own[-1].values.max()
            seen = f"; the worlds lie between {low:.4g} and {high:.4g}"
            return f"view {view}: no world is like that{seen if view.statistic == 'mean' else ''}"
    for last in range(len(views)):
        if not is_feasible([row for own in rows[: last + 1] for row in own]):
            kept = "; ".join(str(view) for view in views[:last]) or "the means that it keeps"
            return f"view {views[last]}: it can't hold beside {kept}"
    return (
        f"views: they can only nearly hold (missed by {miss:.1g} standard deviations); move them "
        "away from the edge of what the worlds show"
    )


def _compared(
    views: Sequence[View], scenarios: Scenarios, q: FloatArray, p: FloatArray
) -> pd.DataFrame:
    figures = [[_figure(view, scenarios, weights) for weights in (q, p)] for view in views]
    table = pd.DataFrame(figures, columns=["before", "after"])
    table.insert(0, "view", [str(view) for view in views])
    return table


def _figure(view: View, scenarios: Scenarios, p: FloatArray) -> float:
    if view.statistic == "probability":
        return float(p @ scenarios.happens(view.event))
    x = scenarios.values(view.holding, view.measure)
    if view.level is not None:
        is_loss = view.statistic == "var"
        quantile = weighted_quantile(x, p, 1 - view.level if is_loss else view.level)
        return -quantile if is_loss else quantile
    mean = float(p @ x)
    if view.statistic == "mean":
        return mean
    deviation = np.sqrt(p @ (x - mean) ** 2)
    if view.statistic == "volatility":
        return float(deviation)
    assert view.other is not None
    y = scenarios.values(view.other, view.measure)
    y = y - float(p @ y)
    return float(np.sum(p * (x - mean) * y) / (deviation * np.sqrt(np.sum(p * y * y))))
