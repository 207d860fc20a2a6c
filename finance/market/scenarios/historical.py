"""Episodes of history: replayed for today's portfolio, and asked of the model's worlds."""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from scenara.finance.market.scenarios.holdings import (
    EQUAL_WEIGHT,
    Holding,
    holding_returns,
    holding_weights,
    members,
    named,
)
from scenara.finance.market.scenarios.measures import (
    path_correlation,
    path_drawdown,
    path_volatility,
)
from scenara.finance.market.scenarios.path_events import TOLERANCES, AllOf, PathEvent
from scenara.shared.errors import ConfigError, DataError
from scenara.shared.types import FloatArray

__all__ = [
    "EPISODES",
    "Episode",
    "Replay",
    "episode_days",
    "episodes_within",
    "find_episode",
    "like_episode",
    "replay",
]

_FEWEST_COMMON_DAYS = 250
_NEAR = 0.8
_TOO_SHORT = 2
"""Days whose correlations are always 1 or -1."""

Proxies = Mapping[str, Mapping[str, float]] | Literal["market"]


@dataclass(frozen=True)
class Episode:
    """Name a stretch of history.

    Args:
        name: Short name.
        title: What happened.
        peak: Last day before it, whose close is the start (ISO 8601).
        end: Last day (ISO 8601).
    """

    name: str
    title: str
    peak: str
    end: str


EPISODES: Mapping[str, Episode] = {
    episode.name: episode
    for episode in (
        Episode("1998", "Russian default and LTCM", "1998-07-17", "1998-08-31"),
        Episode("dot-com", "The end of the dot-com boom", "2000-03-24", "2002-10-09"),
        Episode("2008", "The financial crisis, from Lehman", "2008-08-29", "2009-03-09"),
        Episode("2011", "The euro crisis and the US downgrade", "2011-07-22", "2011-10-03"),
        Episode("2018", "The fourth quarter of 2018", "2018-09-20", "2018-12-24"),
        Episode("2020", "The pandemic crash", "2020-02-19", "2020-03-23"),
        Episode("2022", "The year of rising rates", "2022-01-03", "2022-10-12"),
    )
}
"""The episodes known by name: from a peak of the S&P 500, or from Lehman, to the trough."""


@dataclass(frozen=True)
class Replay:
    """Hold what an episode would have done to a portfolio.

    Args:
        episode: The episode.
        portfolio: What was held.
        wealth: Wealth by day, 1 before the first.
        total_return: Simple return over the episode.
        volatility: Per year, of daily log returns.
        drawdown: Deepest fall from a peak, as a share above 0.
        correlation: Mean correlation of the assets held; missing for a single one.
        assets: A row for each asset held: ``share``, ``return``, ``contribution`` (these sum to
            the portfolio's return) and ``proxy``, what stood in for it.
    """

    episode: Episode
    portfolio: Holding
    wealth: pd.Series
    total_return: float
    volatility: float
    drawdown: float
    correlation: float
    assets: pd.DataFrame


def find_episode(name: str) -> Episode:
    """Find an episode by name.

    Args:
        name: Such as ``"2008"``; or ``"2015-08-10..2015-08-25"``, the day whose close is the
            start and the last day.

    Raises:
        ConfigError: There is no such episode.

    Example:
        >>> find_episode("2020").end
        '2020-03-23'
    """
    if name in EPISODES:
        return EPISODES[name]
    peak, dots, end = name.partition("..")
    if dots:
        days = pd.to_datetime([peak, end], errors="coerce", format="%Y-%m-%d")
        if not days.hasnans and days[0] < days[1]:
            return Episode(name, f"From {peak} to {end}", peak, end)
    near = difflib.get_close_matches(name, EPISODES, n=1, cutoff=_NEAR)
    hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(EPISODES)}."
    raise ConfigError(
        f"unknown episode {name!r}; {hint} Or give two days such as 2015-08-10..2015-08-25"
    )


def episodes_within(returns: pd.DataFrame) -> list[Episode]:
    """List the named episodes that lie within some data.

    Args:
        returns: Daily log returns, days by assets.

    Example:
        >>> days = pd.bdate_range("2018-01-01", "2021-01-01")
        >>> [e.name for e in episodes_within(pd.DataFrame({"A": 0.0}, index=days))]
        ['2018', '2020']
    """
    first, last = (f"{day:%Y-%m-%d}" for day in (returns.index[0], returns.index[-1]))
    return [e for e in EPISODES.values() if first <= e.peak and e.end <= last]


def episode_days(returns: pd.DataFrame, episode: str | Episode) -> pd.DataFrame:
    """Cut the days of an episode out of some data.

    Args:
        returns: Daily log returns, days by assets; missing before an asset exists.
        episode: The episode or its name.

    Returns:
        Its days, from the one after the peak.

    Raises:
        ConfigError: The episode is unknown.
        DataError: It does not lie within the data.

    Example:
        >>> days = pd.bdate_range("2018-01-01", "2021-01-01")
        >>> len(episode_days(pd.DataFrame({"A": 0.0}, index=days), "2020"))
        23
    """
    found = find_episode(episode) if isinstance(episode, str) else episode
    index = pd.DatetimeIndex(returns.index).tz_localize(None)
    if not (index[0] <= pd.Timestamp(found.peak) and pd.Timestamp(found.end) <= index[-1]):
        known = ", ".join(e.name for e in episodes_within(returns)) or "none"
        raise DataError(
            f"episode {found.name!r}: expected data from {found.peak} to {found.end}, found "
            f"{index[0]:%Y-%m-%d} to {index[-1]:%Y-%m-%d}; episodes within the data: {known}"
        )
    days = returns[(index > pd.Timestamp(found.peak)) & (index <= pd.Timestamp(found.end))]
    if len(days) < 2:
        raise DataError(f"episode {found.name!r}: expected two days or more, found {len(days)}")
    return days


def replay(
    returns: pd.DataFrame,
    episode: str | Episode,
    *,
    portfolio: Holding = EQUAL_WEIGHT,
    proxies: Proxies | None = None,
) -> Replay:
    """Tell what an episode would have done to a portfolio that is held today.

    Args:
        returns: Daily log returns, days by assets; missing before an asset exists.
        episode: The episode or its name.
        portfolio: What is held, brought back to its shares every day.
        proxies: What stands in for assets that did not exist yet: shares of other assets for
            each, or ``"market"`` for the equal-weight market times the asset's beta in the days
            that both have. A proxy has no moves of its own, so the asset looks too calm.

    Returns:
        The outcome.

    Raises:
        ConfigError: The episode or an asset is unknown.
        DataError: The episode does not lie within the data, or an asset did not exist and has no
            proxy.

    Example:
        >>> days = pd.bdate_range("2020-01-01", "2020-06-30")
        >>> falls = pd.DataFrame({"A": -0.01, "B": 0.0}, index=days)
        >>> round(replay(falls, "2020", portfolio={"A": 1.0}).total_return, 4)
        -0.2055
    """
    found = find_episode(episode) if isinstance(episode, str) else episode
    names = [str(name) for name in returns.columns]
    held = [names[place] for place in members(portfolio, names)]
    days, used = _with_proxies(returns, found, held, proxies)
    paths, channels = days[held].to_numpy(dtype=np.float64)[None], held
    holding = _narrowed(portfolio, held)
    daily = holding_returns(paths, holding, channels)[0]
    wealth = np.exp(np.concatenate([[0.0], np.cumsum(daily)]))
    shares = holding_weights(holding, channels)
    first = pd.DatetimeIndex([found.peak]).as_unit(pd.DatetimeIndex(days.index).unit)
    index = first.tz_localize(pd.DatetimeIndex(days.index).tz).append(pd.DatetimeIndex(days.index))
    return Replay(
        episode=found,
        portfolio=portfolio,
        wealth=pd.Series(wealth, index=index, name=named(portfolio)),
        total_return=float(wealth[-1] - 1),
        volatility=float(path_volatility(paths, holding, channels)[0]),
        drawdown=float(path_drawdown(paths, holding, channels)[0]),
        correlation=_correlation(paths, held),
        assets=pd.DataFrame(
            {
                "share": shares,
                "return": np.expm1(paths[0].sum(axis=0)),
                "contribution": wealth[:-1] @ (np.expm1(paths[0]) * shares),
                "proxy": [used.get(name, "") for name in held],
            },
            index=pd.Index(held, name="asset"),
        ),
    )


def like_episode(
    returns: pd.DataFrame,
    episode: str | Episode,
    *,
    portfolio: Holding = EQUAL_WEIGHT,
    severity: float = 1.0,
    days: int | None = None,
    looseness: float = 3.0,
) -> AllOf:
    """Ask for worlds like an episode, for sampling with ``given``.

    The worlds have about the episode's return, volatility and mean correlation of the portfolio:
    within 3 points, 15 % and .15 by default. The way there, and all else, is the model's.

    Args:
        returns: Daily log returns, days by assets.
        episode: The episode or its name.
        portfolio: Whose return and volatility are asked for; it is made of the assets whose
            correlation is asked for.
        severity: Factor of the log return and the volatility; 1.5 for half as much again.
        days: Days over which it happens; by default as many as the episode had.
        looseness: Factor of the tolerances of :class:`PathEvent`; worlds that are to be the same
            as an extreme of history, not only like it, are hard to find.

    Returns:
        The events; the paths need a horizon of at least that many days. Two days have no
        correlation to ask for.

    Raises:
        ConfigError: The episode is unknown, or the severity is not above 0.
        DataError: The episode does not lie within the data, or an asset did not exist.

    Example:
        >>> index = pd.bdate_range("2020-01-01", "2020-06-30")
        >>> moves = np.random.default_rng(0).normal(-0.01, 0.02, (len(index), 2))
        >>> asked = like_episode(pd.DataFrame(moves, index=index, columns=["A", "B"]), "2020")
        >>> [event.measure for event in asked.events]
        ['return', 'volatility', 'correlation']
    """
    if not 0 < severity < np.inf:
        raise ConfigError(f"severity: expected a number above 0, found {severity!r}")
    if not 0 < looseness < np.inf:
        raise ConfigError(f"looseness: expected a number above 0, found {looseness!r}")
    past = replay(returns, episode, portfolio=portfolio)
    length = days or len(past.wealth) - 1
    asked = float(np.expm1(severity * np.log1p(past.total_return)))
    held = [str(name) for name in past.assets.index]
    wildness = severity * past.volatility
    give = {measure: looseness * usual for measure, usual in TOLERANCES.items()}
    events = [
        PathEvent(portfolio, "return", equals=asked, tolerance=give["return"], day=length),
        PathEvent(
            portfolio, "volatility", equals=wildness, tolerance=give["volatility"], day=length
        ),
    ]
    if len(held) > 1 and min(length, len(past.wealth) - 1) > _TOO_SHORT:
        near = give["correlation"]
        events.append(
            PathEvent(held, "correlation", equals=past.correlation, tolerance=near, day=length)
        )
    return AllOf(tuple(events))


def _narrowed(portfolio: Holding, held: list[str]) -> Holding:
    """Name the assets of a portfolio that was called by one word."""
    return held if isinstance(portfolio, str) and len(held) > 1 else portfolio


def _correlation(paths: FloatArray, held: list[str]) -> float:
    return float(path_correlation(paths, held, held)[0]) if len(held) > 1 else float("nan")


def _with_proxies(
    returns: pd.DataFrame, episode: Episode, held: list[str], proxies: Proxies | None
) -> tuple[pd.DataFrame, dict[str, str]]:
    returns = returns.set_axis([str(name) for name in returns.columns], axis=1)
    days, used = episode_days(returns, episode).copy(), {}
    absent = days.columns[days.isna().any()]
    present = [name for name in days.columns if name not in set(absent)]
    for name in held:
        if name not in absent:
            continue
        weights = _proxy(returns, name, present, proxies)
        if weights is None or not set(weights) <= set(present):
            raise DataError(
                f"asset {name!r}: no returns for all of episode {episode.name!r} "
                f"({episode.peak} to {episode.end}); give a proxy such as "
                f"proxies={{{name!r}: {{{present[0] if present else 'SPX'!r}: 1.0}}}}, or "
                "proxies='market'"
            )
        simple = np.expm1(days[list(weights)].to_numpy(dtype=np.float64))
        days[name] = np.log1p(np.maximum(simple @ list(weights.values()), -0.99))
        beta = sum(weights.values())
        used[name] = f"market x {beta:.2f}" if proxies == "market" else named(dict(weights))
    return days, used


def _proxy(
    returns: pd.DataFrame, name: str, present: list[str], proxies: Proxies | None
) -> Mapping[str, float] | None:
    if proxies is None or not present:
        return None
    if not isinstance(proxies, str):
        return proxies.get(name)
    market = returns[present].mean(axis=1, skipna=False)
    both = pd.concat([returns[name], market], axis=1).dropna().to_numpy(dtype=np.float64)
    if len(both) < _FEWEST_COMMON_DAYS:
        raise DataError(
            f"asset {name!r}: expected {_FEWEST_COMMON_DAYS} days in common with the market to "
            f"measure its beta, found {len(both)}; give its proxy by name"
        )
    covariance = np.cov(both.T)
    beta = float(covariance[0, 1] / covariance[1, 1])
    return dict.fromkeys(present, beta / len(present))
