"""Stress in reverse: not what a shock costs, but which worlds cost so much, and how likely they are."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import pandas as pd

from scenara.finance.market.scenarios.holdings import (
    EQUAL_WEIGHT,
    Holding,
    holding_returns,
    holding_weights,
)
from scenara.finance.market.scenarios.path_events import PathEvent
from scenara.shared.errors import ConfigError
from scenara.shared.generators.series.conditions import Conditioned, PathCondition
from scenara.shared.types import FloatArray, RandomState

__all__ = ["ReverseStress", "Simulator", "medoid", "reverse_stress", "what_moved"]

_POINTS = 12
_MOST_COMPARED = 2_000
_NORMAL_95 = 1.96


class Simulator(Protocol):
    """Write paths, free or under a condition, as every generator of series does."""

    channels_: list[str]

    def sample(
        self,
        n: int,
        *,
        horizon: int,
        history: pd.DataFrame | None,
        random_state: RandomState,
    ) -> FloatArray:
        """Write free paths, (n, horizon, channels)."""

    def sample_given(
        self,
        n: int,
        given: PathCondition,
        *,
        horizon: int,
        history: pd.DataFrame | None,
        random_state: RandomState,
    ) -> Conditioned:
        """Write paths that fulfil a condition."""


@dataclass(frozen=True)
class ReverseStress:
    """Hold the worlds in which a portfolio loses so much.

    Args:
        event: The loss that was asked for.
        worlds: The worlds with their chance and effective size.
        probability_band: The chance is in this range with 95 % confidence; it holds the noise of
            the simulation, not the model's error.
        typical: The world that is nearest to all others (the medoid), (horizon, channels).
        mean_path: Mean log return of each day, (horizon, channels).
        loss_day: Day on which the loss is first reached, its median.
        moved: A row for each asset: what it did in these worlds beside all worlds.
    """

    event: PathEvent
    worlds: Conditioned
    probability_band: tuple[float, float]
    typical: FloatArray
    mean_path: FloatArray
    loss_day: float
    moved: pd.DataFrame


def reverse_stress(
    simulator: Simulator,
    *,
    loss: float,
    within: int,
    portfolio: Holding = EQUAL_WEIGHT,
    n_paths: int = 1_000,
    history: pd.DataFrame | None = None,
    random_state: RandomState = 0,
) -> ReverseStress:
    """Find the worlds in which a portfolio loses so much, as the model weighs them.

    Worlds are drawn from the model's law given the loss, so that likely ways to lose it come
    often and far-fetched ones seldom.

    Args:
        simulator: A fitted generator of daily log returns.
        loss: Share of the wealth that is lost, such as 0.2.
        within: On any of the first so many days.
        portfolio: What is held, brought back to its shares every day.
        n_paths: Number of worlds.
        history: Last observed days, for worlds that start today.
        random_state: Seed.

    Returns:
        The worlds, their chance, a typical one, and what moved.

    Raises:
        ConfigError: The loss is not between 0 and 1, or an asset is unknown.
        DataError: The model has no such worlds, or too few independent ones are found.
    """
    if not 0 < loss < 1:
        raise ConfigError(f"loss: expected a share between 0 and 1 such as 0.2, found {loss!r}")
    event = PathEvent(portfolio, "return", below=-loss, within=within)
    rng = np.random.default_rng(random_state)
    worlds = simulator.sample_given(
        n_paths, event, horizon=within, history=history, random_state=rng
    )
    free = simulator.sample(n_paths, horizon=within, history=history, random_state=rng)
    wealth = np.cumsum(holding_returns(worlds.paths, portfolio, simulator.channels_), axis=1)
    reached = 1 + (wealth <= np.log1p(-loss) + 1e-12).argmax(axis=1)
    return ReverseStress(
        event=event,
        worlds=worlds,
        probability_band=probability_band(worlds),
        typical=worlds.paths[medoid(worlds.paths)],
        mean_path=worlds.paths.mean(axis=0),
        loss_day=float(np.median(reached)),
        moved=what_moved(worlds.paths, free, portfolio=portfolio, channels=simulator.channels_),
    )


def probability_band(worlds: Conditioned) -> tuple[float, float]:
    """Give a 95 % band of a chance, on a log scale so that it stays above 0.

    Args:
        worlds: With the chance and its standard error.

    Example:
        >>> worlds = Conditioned(np.zeros((1, 1, 1)), 0.01, 0.002, 1.0, 100, "rejection")
        >>> [round(bound, 4) for bound in probability_band(worlds)]
        [0.0068, 0.0148]
    """
    factor = float(np.exp(_NORMAL_95 * worlds.probability_error / worlds.probability))
    return worlds.probability / factor, min(worlds.probability * factor, 1.0)


def medoid(paths: FloatArray) -> int:
    """Find the path that is nearest to all others.

    Paths are compared by where each asset stands at a dozen times, in units of its spread there;
    of very many paths the first two thousand are compared.

    Args:
        paths: Daily log returns, (n, horizon, channels).

    Returns:
        Its number.

    Example:
        >>> medoid(np.array([[[0.0]], [[1.0]], [[5.0]]]))
        1
    """
    levels = np.cumsum(paths[:_MOST_COMPARED], axis=1)
    horizon = levels.shape[1]
    days = np.unique(np.linspace(1, horizon, min(_POINTS, horizon)).astype(int)) - 1
    points = levels[:, days].reshape(len(levels), -1)
    points = (points - points.mean(axis=0)) / (points.std(axis=0) + 1e-12)
    squares = np.einsum("ij,ij->i", points, points)
    far = np.maximum(squares[:, None] + squares - 2 * points @ points.T, 0)
    return int(np.sqrt(far).sum(axis=1).argmin())


def what_moved(
    paths: FloatArray,
    free: FloatArray,
    *,
    portfolio: Holding = EQUAL_WEIGHT,
    channels: Sequence[str],
) -> pd.DataFrame:
    """Compare what each asset does in some worlds with what it does in all.

    Args:
        paths: Daily log returns of the worlds of interest, (n, horizon, channels).
        free: The same of all worlds, (m, horizon, channels).
        portfolio: Whose loss is shared out.
        channels: Name of each channel.

    Returns:
        A row for each channel, largest part of the loss first: ``share`` of the portfolio,
        ``return`` and ``return before`` (means over the worlds), ``shift`` (in standard deviations
        over all worlds), ``volatility`` and ``volatility before`` (per year, medians), and
        ``contribution``, its part of the portfolio's mean return; these sum to it.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> free = rng.normal(0, 0.01, (500, 5, 2))
        >>> table = what_moved(free - [0.02, 0], free, channels=["A", "B"])
        >>> table.index.tolist(), bool(table.loc["A", "shift"] < -3)
        (['A', 'B'], True)
    """
    ends, ends_free = (np.expm1(x.sum(axis=1)) for x in (paths, free))
    shares = holding_weights(portfolio, channels)
    wealth = np.exp(np.cumsum(holding_returns(paths, portfolio, channels), axis=1))
    before = np.concatenate([np.ones((len(paths), 1)), wealth[:, :-1]], axis=1)
    parts = np.einsum("nt,ntk->k", before, np.expm1(paths)) * shares / len(paths)
    year = np.sqrt(252)
    table = pd.DataFrame(
        {
            "share": shares,
            "return": ends.mean(axis=0),
            "return before": ends_free.mean(axis=0),
            "shift": (ends.mean(axis=0) - ends_free.mean(axis=0)) / ends_free.std(axis=0),
            "volatility": np.median(paths.std(axis=1), axis=0) * year,
            "volatility before": np.median(free.std(axis=1), axis=0) * year,
            "contribution": parts,
        },
        index=pd.Index(list(channels), name="asset"),
    )
    return table.sort_values("contribution", kind="stable")
