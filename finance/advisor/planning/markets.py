"""The history that plans learn from: monthly returns of asset classes, and what drives them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import pandas as pd

from scenara.shared.errors import ConfigError, DataError
from scenara.shared.types import FloatArray

__all__ = ["CASH", "Decoder", "MarketHistory", "price_history"]

CASH = "cash"
"""Name of the asset class of money."""

FEWEST_MONTHS = 120
_DAYS_A_MONTH = 4
_HOLIDAYS = 3


class Decoder(Protocol):
    """Turn what a generator writes into returns of asset classes."""

    def __call__(self, channels: FloatArray) -> FloatArray:
        """Give simple returns (n, months, classes) for channels (n, months, channels)."""


@dataclass(frozen=True)
class MarketHistory:
    """Hold a history of asset classes in two forms: their returns, and what generators learn.

    Args:
        name: What it is called.
        channels: What generators learn, months x channels.
        returns: Simple total returns per month, months x asset classes; ``"cash"`` is among them.
        growth: Asset classes that count as equity.
        reference: Plain weights within the growth classes, and within the others, (classes,);
            both sum to 1.
        decode: Turns generated channels into returns, from today's yields on where there are any.
        notes: What a reader must know of how returns were made.

    Raises:
        ConfigError: There is no growth class, or one that is not in the returns.
        DataError: There are too few months, or a number is missing.
    """

    name: str
    channels: pd.DataFrame
    returns: pd.DataFrame
    growth: tuple[str, ...]
    reference: FloatArray
    decode: Decoder
    notes: tuple[str, ...] = field(default=())

    def __post_init__(self) -> None:
        """Refuse a history that nothing can be planned with."""
        unknown = [name for name in self.growth if name not in self.classes]
        if unknown or not self.growth:
            raise ConfigError(
                f"growth classes: expected some of {', '.join(self.classes)}, found "
                f"{', '.join(unknown) or 'none'}"
            )
        if len(self.channels) < FEWEST_MONTHS:
            raise DataError(
                f"{self.name}: {len(self.channels)} months, expected at least {FEWEST_MONTHS} to "
                "plan for years"
            )
        for frame in (self.channels, self.returns):
            if not np.isfinite(frame.to_numpy(float)).all():
                raise DataError(f"{self.name}: expected finite numbers, found a missing one")

    @property
    def classes(self) -> list[str]:
        """Names of the asset classes."""
        return [str(name) for name in self.returns.columns]

    @property
    def period(self) -> str:
        """First and last month, in words."""
        index = pd.DatetimeIndex(self.returns.index)
        return f"{index[0]:%Y-%m} to {index[-1]:%Y-%m}"


@dataclass(frozen=True)
class _Exponent:
    """Decode log returns; money earns nothing where it has no channel."""

    has_cash: bool

    def __call__(self, channels: FloatArray) -> FloatArray:
        found: FloatArray = np.expm1(channels)
        if self.has_cash:
            return found
        return np.concatenate([found, np.zeros((*found.shape[:2], 1))], axis=2)


def price_history(
    prices: pd.DataFrame, *, defensive: Sequence[str], name: str = "prices"
) -> MarketHistory:
    """Make a history out of a person's own prices, at the last price of each month.

    Where prices are of days and end within a month, that month is left out.

    Args:
        prices: Days or months by asset classes, total-return prices.
        defensive: Asset classes that are no equity, such as bonds; ``"cash"`` always is one.
        name: What the history is called.

    Returns:
        The history; where no column is called ``"cash"``, money earns nothing.

    Raises:
        ConfigError: A defensive class is unknown, or all are defensive.
        DataError: There are too few months.

    Example:
        >>> days = pd.date_range("2010-01-31", periods=130, freq="ME")
        >>> rng = np.random.default_rng(0)
        >>> walk = np.exp(rng.normal(0.005, 0.03, (130, 2)).cumsum(axis=0))
        >>> prices = pd.DataFrame(walk, days, ["shares", "bonds"])
        >>> history = price_history(prices, defensive=["bonds"])
        >>> history.classes, history.growth
        (['shares', 'bonds', 'cash'], ('shares',))
    """
    unknown = [asset for asset in defensive if asset not in prices.columns and asset != CASH]
    if unknown:
        raise ConfigError(
            f"defensive: {name} has no column {unknown[0]!r}; it has {', '.join(prices.columns)}"
        )
    monthly = _whole_months(prices).resample("ME").last()
    returns = monthly.pct_change().iloc[1:]
    has_cash = CASH in returns.columns
    channels = returns.apply(np.log1p)
    if not has_cash:
        returns = returns.assign(**{CASH: 0.0})
    growth = tuple(n for n in map(str, prices.columns) if n not in (*defensive, CASH))
    notes: tuple[str, ...] = (
        "Asset classes are the columns of the price file, at the last price of each month.",
    )
    notes += (
        "Mean returns are those of the file's years; what survived looks better than it was.",
    )
    if not has_cash:
        notes += ("The file has no column cash: money is taken to earn nothing.",)
    names = [str(column) for column in returns.columns]
    return MarketHistory(
        name, channels, returns, growth, _equal(names, growth), _Exponent(has_cash), notes
    )


def _whole_months(prices: pd.DataFrame) -> pd.DataFrame:
    """Leave out the last month where days of it are missing, holidays aside."""
    index = pd.DatetimeIndex(prices.index)
    n_months = len(index.to_period("M").unique())
    if len(index) < _DAYS_A_MONTH * n_months:
        return prices
    last = index[-1]
    if (last + pd.offsets.BDay(_HOLIDAYS)).to_period("M") != last.to_period("M"):
        return prices
    return prices[index < last.replace(day=1).normalize()]


def _equal(classes: Sequence[str], growth: Sequence[str]) -> FloatArray:
    """Weigh classes equally within growth and within the rest; money only where it is the rest."""
    is_growth = np.array([name in growth for name in classes])
    is_safe = ~is_growth & np.array([name != CASH for name in classes])
    if not is_safe.any():
        is_safe = ~is_growth
    weights: FloatArray = is_growth / max(is_growth.sum(), 1) + is_safe / is_safe.sum()
    return weights
