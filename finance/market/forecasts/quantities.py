"""What is forecast: returns and volatilities of a portfolio and of assets, over coming days."""

from dataclasses import dataclass
from functools import cached_property
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd

from scenara.finance.market.scenarios.holdings import check_holding
from scenara.shared.errors import ConfigError, DataError
from scenara.shared.types import FloatArray

__all__ = ["PORTFOLIO", "Cell", "Quantities"]

PORTFOLIO = "portfolio"
DAYS_A_YEAR = 252


class Cell(NamedTuple):
    """Name one forecast: a quantity over the coming days."""

    quantity: Literal["return", "volatility"]
    days: int

    def __str__(self) -> str:
        return f"{self.quantity}, {self.days} day{'s' if self.days > 1 else ''}"


@dataclass(frozen=True)
class Quantities:
    """Say what is forecast, and compute it from paths and from what happened.

    A return is the log return over the coming days; a volatility is the root of the mean squared
    daily log return over them, a year (there are no intraday data here to measure it better). The
    portfolio is rebalanced daily.

    Args:
        assets: Assets that are forecast beside the portfolio.
        weights: Asset -> weight in the portfolio; empty for equal weights of all columns.
        return_days: Days ahead of returns.
        volatility_days: Days ahead of volatilities; one day alone has none.

    Raises:
        ConfigError: No assets, weights that are no shares of wealth, days out of range, or anything
            given twice.

    Example:
        >>> asked = Quantities(("A",), return_days=(1, 5), volatility_days=(5,))
        >>> asked.targets, asked.horizon, [str(cell) for cell in asked.cells]
        (('portfolio', 'A'), 5, ['return, 1 day', 'return, 5 days', 'volatility, 5 days'])
    """

    assets: tuple[str, ...]
    weights: tuple[tuple[str, float], ...] = ()
    return_days: tuple[int, ...] = (1, 5, 21)
    volatility_days: tuple[int, ...] = (5, 21)

    def __post_init__(self) -> None:
        if not self.assets or PORTFOLIO in self.assets:
            raise ConfigError(
                f"assets: expected names other than {PORTFOLIO!r}, found {self.assets}"
            )
        if not self.return_days or min(self.return_days) < 1:
            raise ConfigError(f"return_days: expected days from 1, found {self.return_days}")
        if min(self.volatility_days, default=2) < 2:
            raise ConfigError(
                f"volatility_days: expected days from 2, found {self.volatility_days}"
            )

        self._check_repeats()
        if self.weights:
            check_holding(dict(self.weights))

    def _check_repeats(self) -> None:
        names = tuple(name for name, _ in self.weights)
        for argument, given in (
            ("assets", self.assets),
            ("weights", names),
            ("return_days", self.return_days),
            ("volatility_days", self.volatility_days),
        ):
            if len(set(given)) < len(given):
                raise ConfigError(f"{argument}: expected each once, found {given}")

    @cached_property
    def cells(self) -> tuple[Cell, ...]:
        """Each quantity and number of days."""
        returns = [Cell("return", days) for days in self.return_days]
        return (*returns, *(Cell("volatility", days) for days in self.volatility_days))

    @property
    def targets(self) -> tuple[str, ...]:
        """The portfolio, then the assets."""
        return (PORTFOLIO, *self.assets)

    @property
    def horizon(self) -> int:
        """The most days ahead."""
        return max(cell.days for cell in self.cells)

    def series(self, returns: pd.DataFrame) -> pd.DataFrame:
        """Give the daily log returns of the targets.

        Args:
            returns: Daily log returns, days by assets.

        Returns:
            Days by targets.

        Raises:
            DataError: An asset is not among the columns.
        """
        columns = [str(name) for name in returns.columns]
        values = self.target_returns(returns.to_numpy(np.float64), columns)
        return pd.DataFrame(values, index=returns.index, columns=list(self.targets))

    def target_returns(self, paths: FloatArray, channels: list[str]) -> FloatArray:
        """Give the daily log returns of the targets in paths of all assets.

        Args:
            paths: Daily log returns, shape (..., assets).
            channels: Names of the assets.

        Returns:
            Shape (..., targets).

        Raises:
            DataError: An asset is not among the channels.
        """
        asked = {*self.assets, *(name for name, _ in self.weights)}
        if missing := sorted(asked - set(channels)):
            raise DataError(f"asset {missing[0]!r}: expected one of {channels}")
        chosen = paths[..., [channels.index(name) for name in self.assets]]
        portfolio = np.log1p(np.expm1(paths) @ self._weight_vector(channels))
        return np.concatenate([portfolio[..., None], chosen], axis=-1)

    def _weight_vector(self, channels: list[str]) -> FloatArray:
        if not self.weights:
            return np.full(len(channels), 1 / len(channels))
        given = dict(self.weights)
        return np.array([given.get(name, 0.0) for name in channels])

    def from_paths(self, paths: FloatArray) -> FloatArray:
        """Compute the quantities in paths that begin on the first coming day.

        Args:
            paths: Daily log returns of the targets, shape (n, days, targets).

        Returns:
            Shape (n, cells, targets).
        """
        sums, squares = np.cumsum(paths, axis=1), np.cumsum(paths**2, axis=1)
        found = [_quantity(cell, sums, squares) for cell in self.cells]
        return np.stack(found, axis=1)

    def realised(self, series: FloatArray) -> FloatArray:
        """Give what happened after each day.

        Args:
            series: Daily log returns of the targets, shape (..., days, targets).

        Returns:
            Shape (..., days, cells, targets); NaN where the coming days are not all known.
        """
        start = np.zeros_like(series[..., :1, :])
        sums = np.concatenate([start, np.cumsum(series, axis=-2)], axis=-2)
        squares = np.concatenate([start, np.cumsum(series**2, axis=-2)], axis=-2)
        n_days = series.shape[-2]
        out = np.full((*series.shape[:-1], len(self.cells), series.shape[-1]), np.nan)
        for number, (quantity, days) in enumerate(self.cells):
            known = max(n_days - days, 0)
            total = sums if quantity == "return" else squares
            change = total[..., 1 + days :, :] - total[..., 1 : 1 + known, :]
            out[..., :known, number, :] = (
                change
                if quantity == "return"
                else np.sqrt(np.maximum(DAYS_A_YEAR / days * change, 0))
            )
        return out


def _quantity(cell: Cell, sums: FloatArray, squares: FloatArray) -> FloatArray:
    if cell.quantity == "return":
        return np.asarray(sums[:, cell.days - 1])
    return np.asarray(np.sqrt(DAYS_A_YEAR / cell.days * squares[:, cell.days - 1]))
