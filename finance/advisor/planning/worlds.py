"""Capital-market worlds: joint monthly paths of asset classes from generators that disagree."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from scenara.finance.advisor.client import MarketView
from scenara.finance.advisor.planning.drifts import Drifts, drift_errors, posterior_drifts
from scenara.finance.advisor.planning.markets import CASH, MarketHistory
from scenara.finance.market.families import make_simulator
from scenara.shared.errors import DataError
from scenara.shared.progress import Progress, silent
from scenara.shared.types import FloatArray

__all__ = ["CapitalMarkets", "FamilyCheck", "calibrated", "late_spread", "simulate_markets"]

_MONTHLY: Final[Mapping[str, Mapping[str, Any]]] = {
    "series/bootstrap": {"mean_block": 36.0},
    "series/hybrid": {"bandwidth": 24.0, "reach": 18, "mean_stay": 120.0},
    "series/moving-block": {"block": 36},
    "series/autoregressive": {"half_lives": (1.0, 3.0, 6.0, 12.0, 36.0)},
}
"""Settings in months of families whose own defaults count days."""

_COUNT_DAYS = {"half_lives", "window", "mean_block", "block", "mean_stay"}
_REACH = 1.5
_MOST_DRIFT_OF_SPREAD = 1.5
_YEARS_COMPARED = 5


@dataclass(frozen=True)
class FamilyCheck:
    """Hold how one generator behaves over the whole horizon.

    Args:
        family: The generator.
        bounded: Share of moves held at one and a half times the largest one of the history.
        late_spread: Largest ratio over the channels of the spread in the last years of the worlds
            to that in the first ones; far above 1 it would explode.
        in_days: Whether it has settings that count days and none of ours that count months.
    """

    family: str
    bounded: float
    late_spread: float
    in_days: bool = False


@dataclass(frozen=True)
class CapitalMarkets:
    """Hold the worlds that plans are judged in.

    Args:
        history: What they were learned from.
        returns: Family -> simple returns per month, (n, months, classes).
        drifts: Mean returns, with views and their error.
        checks: One for each family.
    """

    history: MarketHistory
    returns: Mapping[str, FloatArray]
    drifts: Drifts
    checks: tuple[FamilyCheck, ...]

    @property
    def families(self) -> list[str]:
        """Names of the generators."""
        return list(self.returns)

    @property
    def n_paths(self) -> int:
        """Worlds of each generator."""
        return len(next(iter(self.returns.values())))

    def pooled(self) -> FloatArray:
        """Give the worlds of all generators, one after the other, (families x n, months, classes).

        Returns:
            Simple returns per month.
        """
        return np.concatenate(list(self.returns.values()))


def simulate_markets(
    history: MarketHistory,
    families: Sequence[str],
    *,
    n_paths: int,
    n_months: int,
    views: Sequence[MarketView] = (),
    uncertain_means: bool = True,
    seed: int = 0,
    progress: Progress = silent,
) -> CapitalMarkets:
    """Write worlds of several generators that have the history's means and spreads in common.

    What they disagree about is how volatility, dependence and rates move: blocks of history, a
    multivariate GARCH model, learned regimes. The means are the same for all, because no generator
    knows more of them than the sample mean; in each world they are drawn from its error.

    Args:
        history: What is learned from.
        families: Names of generators of series.
        n_paths: Worlds of each.
        n_months: Months of a world.
        views: Opinions on asset classes.
        uncertain_means: Whether each world has means of its own.
        seed: Same seed, same worlds.
        progress: Told of each generator.

    Returns:
        The worlds.

    Raises:
        ConfigError: A family is unknown.
        DataError: A generator can't learn from this history, or its worlds explode.
    """
    made, checks = {}, []
    for number, family in enumerate(families):
        progress("worlds", number, len(families), family)
        channels, check = _channels(history, family, n_paths=n_paths, n_months=n_months, seed=seed)
        checks.append(check)
        made[family] = np.log1p(history.decode(channels)).astype(np.float32)
    progress("worlds", len(families), len(families))
    prior = 12 * np.mean([logs.mean(axis=(0, 1), dtype=float) for logs in made.values()], axis=0)
    drifts = posterior_drifts(prior, drift_errors(history), views, classes=history.classes)
    shifts = drifts.shifts(n_paths, seed=seed, uncertain=uncertain_means) / 12
    returns = {family: _shifted(logs, shifts, history) for family, logs in made.items()}
    return CapitalMarkets(history, returns, drifts, tuple(checks))


def _shifted(logs: FloatArray, shifts: FloatArray, history: MarketHistory) -> FloatArray:
    """Give simple returns with other means; cash never earns less than before it was shifted."""
    cash = history.classes.index(CASH)
    least = logs[..., cash].min()
    moved = logs + shifts[:, None].astype(np.float32)
    moved[..., cash] = np.maximum(moved[..., cash], least)
    found: FloatArray = np.expm1(moved)
    return found


def _channels(
    history: MarketHistory, family: str, *, n_paths: int, n_months: int, seed: int
) -> tuple[FloatArray, FamilyCheck]:
    known = history.channels.to_numpy(float)
    unit = known.std(axis=0)
    generator = make_simulator(family, **_MONTHLY.get(family, {}))
    if "random_state" in generator.get_params():
        generator.set_params(random_state=seed)
    generator.fit(known / unit)
    paths = generator.sample(n_paths, horizon=n_months, random_state=seed) * unit
    paths, bounded = calibrated(paths, known)
    in_days = family not in _MONTHLY and bool(_COUNT_DAYS & set(generator.get_params()))
    return paths, FamilyCheck(family, bounded, late_spread(paths, family=family), in_days)


def late_spread(paths: FloatArray, *, family: str) -> float:
    """Compare the spread of the last five years of worlds with that of the first ones.

    Args:
        paths: Moves, (n, months, channels).
        family: The generator, for the message.

    Returns:
        The largest ratio over the channels.

    Raises:
        DataError: Worlds of over ten years spread much more at their end than at their beginning.

    Example:
        >>> late_spread(np.random.default_rng(0).normal(size=(200, 240, 1)), family="a") < 1.1
        True
    """
    n_months = paths.shape[1]
    window = min(12 * _YEARS_COMPARED, n_months // 2)
    late, early = paths[:, -window:].std(axis=(0, 1)), paths[:, :window].std(axis=(0, 1))
    ratio = float((late / early).max())
    if n_months > 24 * _YEARS_COMPARED and ratio > _MOST_DRIFT_OF_SPREAD:
        raise DataError(
            f"{family}: its worlds spread {ratio:.1f} times as much at their end as at their "
            f"beginning, at most {_MOST_DRIFT_OF_SPREAD:g} is believed; leave it out"
        )
    return ratio


def calibrated(paths: FloatArray, known: FloatArray) -> tuple[FloatArray, float]:
    """Give paths the means and spreads of history, and bound their largest moves.

    Args:
        paths: Generated, (n, months, channels).
        known: Observed, (months, channels).

    Returns:
        Paths of the same shape, and the share of moves that were bounded.

    Example:
        >>> known = np.array([[1.0], [3.0]])
        >>> calibrated(np.array([[[0.0], [2.0], [0.0], [2.0]]]), known)[0].ravel()
        array([1., 3., 1., 3.])
    """
    centre, spread = known.mean(axis=0), known.std(axis=0)
    moves = (paths - paths.mean(axis=(0, 1))) * (spread / paths.std(axis=(0, 1)))
    largest = _REACH * np.abs(known - centre).max(axis=0)
    bounded = float((np.abs(moves) > largest).mean())
    moves = np.clip(moves, -largest, largest)
    moves -= moves.mean(axis=(0, 1))
    return centre + moves, bounded
