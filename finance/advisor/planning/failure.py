"""Stress in reverse: not what a crisis does to the plan, but which worlds make it fail."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from scenara.finance.advisor.planning.chances import Chance
from scenara.finance.advisor.planning.markets import CASH
from scenara.finance.advisor.planning.model import HouseholdModel
from scenara.finance.advisor.planning.worlds import CapitalMarkets
from scenara.shared.types import Array, FloatArray

__all__ = ["Failure", "effective_number", "failing_worlds", "world_features"]

_YEARS = 10
_NEAREST = 0.2
_FEWEST = 20


@dataclass(frozen=True)
class Failure:
    """Hold the worlds in which a goal is missed.

    Args:
        goal: Name of the goal.
        chance: Chance that it is missed.
        n_worlds: How many of the worlds miss it.
        n_effective: How many independent worlds they are worth: generators draw the same means,
            so that worlds of the same number resemble each other.
        by_family: Generator -> how many of them are its own.
        table: A row for each feature: ``all`` worlds, ``failing`` ones and the ``most likely``
            failing ones (means), and the ``shift`` of the latter in standard deviations.
        n_likely: Number of the most likely ones.
        distance: Mahalanobis distance of the mean of the most likely ones from all worlds' mean.
    """

    goal: str
    chance: Chance
    n_worlds: int
    n_effective: float
    by_family: Mapping[str, int]
    table: pd.DataFrame
    n_likely: int
    distance: float


def failing_worlds(
    model: HouseholdModel,
    markets: CapitalMarkets,
    reached: Array,
    *,
    blend: FloatArray,
    goal: int = 0,
) -> Failure | None:
    """Find the most likely worlds in which a goal is missed.

    Each world is told by a few features (:func:`world_features`); the likelier a world, the nearer
    it is to the mean of all in Mahalanobis distance. Of the worlds that miss the goal, the nearest
    fifth, twenty at least, are the most likely way to miss it.

    Args:
        model: The household in its worlds.
        markets: The worlds of asset classes.
        reached: Whether the goal was reached, (families x n,).
        blend: How much of each portfolio, and of cash, the portfolio is made of whose returns are
            features, (portfolios + 1,).
        goal: Number of the goal.

    Returns:
        The failing worlds; None where fewer than twenty fail.

    References:
        Breuer, T., Jandacka, M., Rheinberger, K. and Summer, M. (2009). How to find plausible,
        severe, and useful stress scenarios. International Journal of Central Banking 5(3),
        205-224 (plausibility by Mahalanobis distance).
    """
    fails = ~np.asarray(reached, dtype=bool)
    if fails.sum() < _FEWEST:
        return None
    features = world_features(model, markets, blend=blend)
    values = features.to_numpy(float)
    centre, spread = values.mean(axis=0), values.std(axis=0)
    away = values - centre
    precision = np.linalg.pinv(np.cov(values, rowvar=False))
    distance = np.sqrt(np.einsum("ij,jk,ik->i", away, precision, away))
    own = np.flatnonzero(fails)
    n_likely = max(int(_NEAREST * len(own)), min(_FEWEST, len(own)))
    likely = own[np.argsort(distance[own], kind="stable")[:n_likely]]
    mean = values[likely].mean(axis=0)
    table = pd.DataFrame(
        {
            "all": centre,
            "failing": values[own].mean(axis=0),
            "most likely": mean,
            "shift": (mean - centre) / spread,
        },
        index=features.columns,
    )
    return Failure(
        model.flows.goals[goal].name,
        model.pooled(fails),
        len(own),
        effective_number(fails, n_families=len(model.families)),
        {name: int(part.sum()) for name, part in model.by_family(fails).items()},
        table,
        n_likely,
        float(np.sqrt((mean - centre) @ precision @ (mean - centre))),
    )


def effective_number(fails: Array, *, n_families: int) -> float:
    """Give how many independent worlds the failing ones are worth, at most their number.

    Worlds of the same number share their means: they are one cluster, and the variance of the
    share that fails is that of the mean of clusters.

    Args:
        fails: Whether each world fails, generators one after the other, (families x n,).
        n_families: Number of generators.

    Returns:
        A number up to that of the failing worlds.

    Example:
        >>> own = np.arange(100) < 30
        >>> round(effective_number(np.concatenate([own, own]), n_families=2))
        30

    References:
        Kish, L. (1965). Survey sampling, Wiley, section 5.4 (design effect of clusters).
    """
    clusters = fails.reshape(n_families, -1).mean(axis=0)
    share = float(clusters.mean())
    spread = float(clusters.var(ddof=1)) / len(clusters)
    alike = share * (1 - share) / len(fails)
    return float(fails.sum()) * (min(alike / spread, 1.0) if spread > 0 else 1.0)


def world_features(
    model: HouseholdModel, markets: CapitalMarkets, *, blend: FloatArray
) -> pd.DataFrame:
    """Tell each world by what matters to a plan.

    Args:
        model: The household in its worlds.
        markets: The worlds of asset classes.
        blend: How much of each portfolio, and of cash, the portfolio is made of.

    Returns:
        A row for each world: real returns per year of the portfolio in the first ten years, in the
        last ten years before the first goal in rank and after it begins; its deepest fall; and the
        real return per year of defensive assets until the goal.
    """
    due = model.flows.goals[0].first_month
    inflation = float(np.log(model.flows.price_level[12])) if model.flows.n_months > 12 else 0.0
    logs = np.log1p(_portfolio(model, blend)[: model.flows.n_months - 1])
    early, first = min(12 * _YEARS, due), max(due - 12 * _YEARS, 0)
    after = logs[due : due + 12 * _YEARS]
    features = {
        f"real return of the portfolio, years 1 to {early / 12:.0f}": _yearly(logs[:early])
        - inflation,
        "deepest fall of the portfolio until the goal": _drawdown(logs[:due]),
        f"real return of {_calm(markets)} until the goal": _yearly(_class_logs(markets, due))
        - inflation,
    }
    if first > 0:
        key = f"real return of the portfolio, {(due - first) / 12:.0f} years before the goal"
        features[key] = _yearly(logs[first:due]) - inflation
    if len(after) >= 12:
        key = f"real return of the portfolio, {len(after) / 12:.0f} years from the goal on"
        features[key] = _yearly(after) - inflation
    return pd.DataFrame(features)


def _portfolio(model: HouseholdModel, blend: FloatArray) -> FloatArray:
    found: FloatArray = np.einsum("p,tpn->tn", blend.astype(np.float32), model.returns).astype(
        np.float64
    )
    return found


def _yearly(logs: FloatArray) -> FloatArray:
    found: FloatArray = 12 * logs.mean(axis=0)
    return found


def _drawdown(logs: FloatArray) -> FloatArray:
    wealth = np.cumsum(logs, axis=0)
    peak = np.maximum.accumulate(np.maximum(wealth, 0.0), axis=0)
    found: FloatArray = np.expm1((wealth - peak).min(axis=0))
    return found


def _calm(markets: CapitalMarkets) -> str:
    history = markets.history
    calm = [name for name in history.classes if name not in history.growth and name != CASH]
    return calm[0] if calm else CASH


def _class_logs(markets: CapitalMarkets, months: int) -> FloatArray:
    place = markets.history.classes.index(_calm(markets))
    worlds = [paths[:, :months, place] for paths in markets.returns.values()]
    logs: FloatArray = np.log1p(np.concatenate(worlds).astype(float)).T
    return logs
