"""Returns at the door: checked once, cut into windows, and laid out for fast statistics."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pandas as pd

from scenara.shared.errors import ConfigError, DataError
from scenara.shared.types import FloatArray

__all__ = ["N_QUARTERS", "QUARTER", "SHORTEST", "Panel", "Returns", "cut", "windows"]

Returns = pd.DataFrame | FloatArray

QUARTER = 63
"""Trading days in a quarter, the window of volatility, correlation and detection."""

SHORTEST = QUARTER + 10
"""Shortest window in days: a quarter of history and one ten-day profit after it."""

N_QUARTERS = 5
"""Fewest quarters of a panel: the detector is tested on five blocks of them."""

LARGEST_RETURN = 100.0


@dataclass(frozen=True)
class Panel:
    """Hold the windows of a panel or the paths of a generator, in the layouts statistics need.

    Args:
        windows: Daily log returns, shape ``(windows, days, assets)``.
        mean: Mean return of each asset over all days, shape ``(assets,)``.
        columns: Demeaned returns, one asset after another, shape ``(assets, windows, days)``.
        index: Equal-weighted mean of the log returns, shape ``(windows, days)``.
    """

    windows: FloatArray
    mean: FloatArray
    columns: FloatArray
    index: FloatArray

    @classmethod
    def of(cls, returns: Returns, *, length: int) -> Self:
        """Check daily log returns and cut them into windows of ``length`` days.

        Args:
            returns: Panel ``(days, assets)`` or paths ``(paths, days, assets)``.
            length: Days in a window.

        Returns:
            The panel.

        Raises:
            DataError: If a value is not a finite log return, an asset never moves, there is one
                asset only, or there are too few days.
            ConfigError: If ``length`` is shorter than ``SHORTEST``.
        """
        cut_returns = np.ascontiguousarray(windows(returns, length=length))
        _check_quarters(cut_returns)
        _check_movement(cut_returns, _names(returns))
        mean = cut_returns.reshape(-1, cut_returns.shape[2]).mean(axis=0)
        by_asset = cut_returns.transpose(2, 0, 1)
        columns = np.subtract(by_asset, mean[:, None, None], out=np.empty(by_asset.shape))
        return cls(cut_returns, mean, columns, cut_returns.mean(axis=2))

    @property
    def n_windows(self) -> int:
        """Number of windows."""
        return len(self.windows)

    @property
    def length(self) -> int:
        """Days in a window."""
        return len(self.index[0])

    @property
    def n_assets(self) -> int:
        """Number of assets."""
        return len(self.mean)


def windows(returns: Returns, *, length: int) -> FloatArray:
    """Cut a panel into windows without overlap, or paths to their first days.

    Args:
        returns: Panel of daily log returns ``(days, assets)``, or paths
            ``(paths, days, assets)``, which need not follow each other.
        length: Days in a window; days that fill no whole window are left out at the end.

    Returns:
        Windows, shape ``(windows, length, assets)``.

    Raises:
        DataError: If a value is not a finite log return, there is one asset only, or there are
            too few days.
        ConfigError: If ``length`` is shorter than ``SHORTEST``.

    Example:
        >>> windows(np.random.default_rng(0).normal(size=(520, 3)), length=252).shape
        (2, 252, 3)
    """
    if length < SHORTEST:
        raise ConfigError(f"length: found {length} days, expected at least {SHORTEST}")
    values = np.asarray(returns, dtype=float)
    _check_shape(values, length)
    _check_values(values, returns)
    return values[:, :length] if values.ndim == 3 else cut(values[None], length)


def cut(paths: FloatArray, length: int) -> FloatArray:
    """Cut each path into pieces without overlap, shape ``(pieces, length, ...)``."""
    n_pieces = paths.shape[1] // length
    return paths[:, : n_pieces * length].reshape(-1, length, *paths.shape[2:])


def _check_shape(values: FloatArray, length: int) -> None:
    if values.ndim not in (2, 3):
        raise DataError(
            f"returns: found shape {values.shape}, expected (days, assets) or (paths, days, assets)"
        )
    if values.shape[-1] < 2:
        raise DataError(
            f"returns: found {values.shape[-1]} asset, expected at least 2, because the measures "
            f"between assets need a pair; add an asset, such as an index"
        )
    if values.shape[-2] < length or not len(values):
        raise DataError(
            f"returns: found {values.shape[-2]} days in {len(values)} paths, expected at least "
            f"one window of {length}; give more days or a smaller length"
            if values.ndim == 3
            else f"returns: found {len(values)} days, expected at least one window of {length}; "
            f"give more days or a smaller length"
        )


def _check_values(values: FloatArray, returns: Returns) -> None:
    bad = ~(np.abs(values) <= LARGEST_RETURN)
    if not bad.any():
        return
    where = tuple(int(i) for i in np.argwhere(bad)[0])
    name = _names(returns)[where[-1]]
    path = f"path {where[0]}, " if values.ndim == 3 else ""
    day = returns.index[where[-2]] if isinstance(returns, pd.DataFrame) else where[-2]
    raise DataError(
        f"returns, asset {name!r}, {path}day {day}: found {values[where]}, expected a finite daily "
        f"log return; clean the data, or turn prices into log returns"
    )


def _check_quarters(cut_returns: FloatArray) -> None:
    n_windows, length = cut_returns.shape[:2]
    found = n_windows * (length // QUARTER)
    if found < N_QUARTERS:
        raise DataError(
            f"returns: found {found} whole quarters of {QUARTER} days in {n_windows} windows of "
            f"{length} days, expected at least {N_QUARTERS}; give more days"
        )


def _check_movement(cut_returns: FloatArray, names: list[Any]) -> None:
    days = cut_returns.reshape(-1, cut_returns.shape[2])
    still = (days == days[0]).all(axis=0)
    if still.any():
        asset = int(np.argmax(still))
        raise DataError(
            f"returns, asset {names[asset]!r}: found {days[0, asset]} on all {len(days)} days, "
            f"expected an asset that moves; leave it out"
        )


def _names(returns: Returns) -> list[Any]:
    if isinstance(returns, pd.DataFrame):
        return list(returns.columns)
    return list(range(np.shape(returns)[-1]))
