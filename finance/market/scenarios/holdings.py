"""What a scenario is about: one asset, several, or a portfolio; its returns on every path."""

import difflib
from collections.abc import Mapping, Sequence

import numpy as np

from scenara.shared.errors import ConfigError
from scenara.shared.types import FloatArray, IntArray

__all__ = [
    "EQUAL_WEIGHT",
    "Holding",
    "check_holding",
    "holding_returns",
    "holding_weights",
    "members",
    "named",
]

EQUAL_WEIGHT = "equal weight"
"""Stands for the portfolio that holds the same share of every asset."""

_MOST_LEVERAGE = 10.0
_RUIN = 1e-12
_MOST_LISTED = 4

Holding = str | Mapping[str, float] | Sequence[str]
"""An asset, shares of assets, names of assets in equal shares, or ``"equal weight"``."""


def check_holding(of: Holding) -> None:
    """Refuse what can be no asset and no portfolio.

    Args:
        of: An asset, shares of assets, or names.

    Raises:
        ConfigError: There is no asset, one is named twice, or the shares are not finite, all zero,
            or amounts of money.
    """
    if not of:
        raise ConfigError("expected an asset or a portfolio, found none")
    if not isinstance(of, Mapping):
        _refuse_twice([of] if isinstance(of, str) else of)
        return
    shares = np.array(list(of.values()), dtype=np.float64)
    total = np.abs(shares).sum()
    if not np.isfinite(total) or total == 0 or total > _MOST_LEVERAGE:
        raise ConfigError(
            f"portfolio {dict(of)!r}: expected shares of the wealth such as 0.6 and 0.4, with "
            f"absolute values that sum to at most {_MOST_LEVERAGE:g}; divide amounts by their total"
        )


def named(of: Holding) -> str:
    """Give a name that a reader understands.

    Args:
        of: An asset, shares of assets, or names.

    Example:
        >>> named({"SPX": 0.6, "TLT": 0.4})
        '60 % SPX + 40 % TLT'
    """
    if isinstance(of, str):
        return "the equal-weight portfolio" if of == EQUAL_WEIGHT else of
    if isinstance(of, Mapping):
        parts = [f"{100 * share:.3g} % {name}" for name, share in of.items()]
        more = len(parts) - _MOST_LISTED
        return " + ".join(parts[:_MOST_LISTED]) + (f" + {more} more" if more > 0 else "")
    return ", ".join(of) if len(of) <= _MOST_LISTED else f"{len(of)} assets in equal shares"


def members(of: Holding, channels: Sequence[str]) -> IntArray:
    """Find the channels that a holding is made of.

    Args:
        of: An asset, shares of assets, names, or ``"equal weight"`` for all channels.
        channels: Name of each channel.

    Returns:
        Numbers of the channels, in the order of the holding.

    Raises:
        ConfigError: An asset is not among the channels, or named twice.

    Example:
        >>> members(["B", "A"], ["A", "B", "C"]).tolist()
        [1, 0]
    """
    if isinstance(of, str) and of == EQUAL_WEIGHT and EQUAL_WEIGHT not in channels:
        return np.arange(len(channels))
    names = [of] if isinstance(of, str) else list(of)
    _refuse_twice(names)
    places = {name: place for place, name in enumerate(channels)}
    for name in names:
        if name not in places:
            raise ConfigError(_unknown(name, channels))
    return np.array([places[name] for name in names])


def holding_weights(of: Holding, channels: Sequence[str]) -> FloatArray:
    """Give the share of every channel in a holding.

    Args:
        of: An asset, shares of assets, names, or ``"equal weight"``.
        channels: Name of each channel.

    Returns:
        Shares of the wealth, (channels,); what is missing to 1 is cash.

    Raises:
        ConfigError: An asset is not among the channels.

    Example:
        >>> holding_weights("equal weight", ["A", "B"]).tolist()
        [0.5, 0.5]
    """
    rows = members(of, channels)
    weights = np.zeros(len(channels))
    weights[rows] = list(of.values()) if isinstance(of, Mapping) else 1 / len(rows)
    return weights


def holding_returns(paths: FloatArray, of: Holding, channels: Sequence[str]) -> FloatArray:
    """Give the daily log returns of a holding on every path.

    A portfolio is brought back to its shares every day, without costs; one that loses more than
    it has ends at nearly nothing.

    Args:
        paths: Daily log returns, (n, horizon, channels).
        of: An asset, shares of assets, names, or ``"equal weight"``.
        channels: Name of each channel.

    Returns:
        Daily log returns, (n, horizon).

    Raises:
        ConfigError: An asset is not among the channels.

    Example:
        >>> day = np.log([[[1.1, 0.9]]])
        >>> holding_returns(day, {"A": 1.0, "B": -0.5}, ["A", "B"]).round(4).tolist()
        [[0.1398]]
    """
    rows = members(of, channels)
    if isinstance(of, str) and len(rows) == 1:
        return paths[:, :, rows[0]]
    weights = holding_weights(of, channels)[rows]
    every = len(rows) == len(channels) and bool((rows == np.arange(len(rows))).all())
    chosen = paths if every else paths[:, :, rows]
    growth: FloatArray = np.maximum(1 + np.expm1(chosen) @ weights, _RUIN)
    return np.log(growth)


def _refuse_twice(names: Sequence[str]) -> None:
    if len(set(names)) < len(names):
        twice = next(name for name in names if list(names).count(name) > 1)
        raise ConfigError(f"portfolio: expected every asset once, found {twice!r} twice")


def _unknown(name: str, channels: Sequence[str]) -> str:
    near = difflib.get_close_matches(name, channels, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(channels[:8])}"
    more = f" and {len(channels) - 8} more" if len(channels) > 8 and not near else ""
    return f"unknown asset {name!r}; {hint}{more}"
