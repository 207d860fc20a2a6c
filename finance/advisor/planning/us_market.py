"""US asset classes since 1926: shares, small value, corporate bonds and cash from one table."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from scenara.finance.advisor.planning.bonds import bond_returns
from scenara.finance.advisor.planning.markets import CASH, FEWEST_MONTHS, MarketHistory
from scenara.shared.errors import ConfigError, DataError
from scenara.shared.types import FloatArray

__all__ = ["US_CLASSES", "us_history"]

US_CLASSES = ("us-equity", "small-value", "aaa-bonds", "baa-bonds", CASH)
"""Asset classes made of the sample ``us-monthly``."""

_REFERENCE = (1.0, 0.0, 0.5, 0.25, 0.25)
_TILT = 0.5
_PREMIUM_KEPT = 0.42
_SPREAD_KEPT = 0.5
_LOWEST_YIELD, _HIGHEST_YIELD = 0.002, 0.4
_MONTHS = 12

_NOTES = (
    (
        "us-equity is the whole US market with dividends; small-value is the market with half of "
        "the size factor and half of the value factor: no fund, but close to what such funds hold."
    ),
    (
        "Of the mean extra return of small-value 42 % is kept: what McLean and Pontiff (2016) find "
        "to be left of such premia after publication."
    ),
    (
        "Bond returns are made from Moody's yields by repricing a 20-year par bond every month, an "
        "approximation that is smoother than bond prices; half of the spread of baa-bonds is taken "
        "to be lost in defaults (Giesecke and others, 2011)."
    ),
    (
        "Yields and the cash rate start at the client's figures, or at the last ones of the "
        "history where none are given, and drift slowly back to its mean, as autoregressions of "
        "order one (in logarithms for yields)."
    ),
    "The history knows the shares of one country that fared well.",
)


@dataclass(frozen=True)
class _Autoregression:
    """Walk a level on: x' = intercept + slope x + shock."""

    intercept: float
    slope: float
    last: float

    @classmethod
    def fit(cls, values: FloatArray) -> tuple["_Autoregression", FloatArray]:
        """Fit by least squares; give also the shocks."""
        design = np.column_stack([np.ones(len(values) - 1), values[:-1]])
        (intercept, slope), *_ = np.linalg.lstsq(design, values[1:], rcond=None)
        shocks: FloatArray = values[1:] - design @ [intercept, slope]
        return cls(float(intercept), float(slope), float(values[-1])), shocks

    def walk(self, shocks: FloatArray) -> FloatArray:
        """Give levels (n, months + 1), today's first, for shocks (n, months)."""
        levels = np.empty((len(shocks), shocks.shape[1] + 1))
        levels[:, 0] = self.last
        for month in range(shocks.shape[1]):
            levels[:, month + 1] = self.intercept + self.slope * levels[:, month] + shocks[:, month]
        return levels


@dataclass(frozen=True)
class _UsDecoder:
    """Build cash, shares and bonds of one world from excess returns and shocks to rates."""

    cash: _Autoregression
    high_grade: _Autoregression
    spread: _Autoregression

    def __call__(self, channels: FloatArray) -> FloatArray:
        rate = np.maximum(self.cash.walk(channels[..., 2])[:, 1:], 0.0)
        high = np.clip(
            np.exp(self.high_grade.walk(channels[..., 3])), _LOWEST_YIELD, _HIGHEST_YIELD
        )
        spread = np.minimum(np.exp(self.spread.walk(channels[..., 4])), _HIGHEST_YIELD)
        shares = np.log1p(rate) + channels[..., 0]
        return _stacked(
            np.expm1(shares), np.expm1(shares + channels[..., 1]), high, high + spread, rate
        )


def us_history(
    months: pd.DataFrame,
    *,
    until: str | None = None,
    cash_rate: float | None = None,
    aaa_yield: float | None = None,
    baa_yield: float | None = None,
) -> MarketHistory:
    """Make asset classes out of the sample ``us-monthly``.

    Generators learn five channels: the log return of the market beyond cash, that of small value
    beyond the market, and the shocks of the cash rate, of the log yield of AAA bonds and of the
    log spread of BAA over AAA. Worlds are put together from them, so that bonds start at today's
    yields and rates remember their level.

    Args:
        months: The sample.
        until: Last month that is known (ISO 8601); None for all.
        cash_rate: Rate of money per year at which worlds begin; None for the history's last one.
        aaa_yield: Yield per year of AAA bonds at which worlds begin; None likewise.
        baa_yield: Yield per year of BAA bonds at which worlds begin, above that of AAA bonds; None
            for the history's last spread.

    Returns:
        The history with its decoder.

    Raises:
        ConfigError: The yield of BAA bonds is not above that of AAA bonds.
        DataError: There are too few months.

    References:
        Fama, E. F. and French, K. R. (1993). Common risk factors in the returns on stocks and
        bonds. Journal of Financial Economics 33, 3-56. McLean, R. D. and Pontiff, J. (2016). Does
        academic research destroy stock return predictability? Journal of Finance 71, 5-32.
        https://doi.org/10.1111/jofi.12365. Giesecke, K., Longstaff, F. A., Schaefer, S. and
        Strebulaev, I. (2011). Corporate bond default risk: a 150-year perspective. Journal of
        Financial Economics 102, 233-250. https://doi.org/10.1016/j.jfineco.2011.01.011.
    """
    known = months.dropna().loc[:until]
    if len(known) <= FEWEST_MONTHS:
        raise DataError(
            f"us-monthly: {max(len(known) - 1, 0)} months up to {until}, expected at least "
            f"{FEWEST_MONTHS} to plan for years"
        )
    columns = {str(name): known[name].to_numpy(float) for name in known.columns}
    rate, high = columns["risk_free"], columns["aaa_yield"]
    spread = columns["baa_yield"] - high
    market, beyond = _shares(columns)
    cash, cash_shocks = _Autoregression.fit(rate)
    high_grade, high_shocks = _Autoregression.fit(np.log(high))
    spreads, spread_shocks = _Autoregression.fit(np.log(spread))
    excess = np.log1p(market) - np.log1p(rate)
    channels = {
        "market beyond cash": excess[1:],
        "small value beyond market": beyond[1:],
        "cash": cash_shocks,
        "AAA yield": high_shocks,
        "BAA spread": spread_shocks,
    }
    small = np.expm1(np.log1p(market) + beyond)
    returns = _stacked(
        market[None, 1:], small[None, 1:], high[None], (high + spread)[None], rate[None, 1:]
    )
    return MarketHistory(
        "us-monthly",
        pd.DataFrame(channels, known.index[1:]),
        pd.DataFrame(returns[0], known.index[1:], list(US_CLASSES)),
        ("us-equity", "small-value"),
        np.array(_REFERENCE),
        _started(cash, high_grade, spreads, cash_rate, aaa_yield, baa_yield),
        _NOTES,
    )


def _shares(columns: Mapping[str, FloatArray]) -> tuple[FloatArray, FloatArray]:
    """Give the market's returns, and the log return of small value beyond it, its mean cut."""
    market = columns["market_excess"] + columns["risk_free"]
    tilted = market + _TILT * (columns["smb"] + columns["hml"])
    beyond = np.log1p(tilted) - np.log1p(market)
    return market, beyond - (1 - _PREMIUM_KEPT) * beyond.mean()


def _stacked(
    shares: FloatArray, small: FloatArray, high: FloatArray, low: FloatArray, rate: FloatArray
) -> FloatArray:
    """Put classes side by side; yields (n, months + 1) become returns."""
    losses = (1 - _SPREAD_KEPT) * (low - high)[:, :-1] / _MONTHS
    bonds = [bond_returns(y[:, :-1], y[:, 1:]) for y in (high, low)]
    return np.stack([shares, small, bonds[0], bonds[1] - losses, rate], axis=2)


def _started(
    cash: _Autoregression,
    high_grade: _Autoregression,
    spread: _Autoregression,
    cash_rate: float | None,
    aaa_yield: float | None,
    baa_yield: float | None,
) -> _UsDecoder:
    """Let worlds begin at the rates that are given."""
    if cash_rate is not None:
        cash = replace(cash, last=cash_rate / _MONTHS)
    if aaa_yield is not None:
        high_grade = replace(high_grade, last=float(np.log(aaa_yield)))
    if baa_yield is not None:
        wide = baa_yield - float(np.exp(high_grade.last))
        if wide <= 0:
            when = "" if aaa_yield else " at the end of the history"
            raise ConfigError(
                f"baa_yield: expected more than the yield of AAA bonds, "
                f"{np.exp(high_grade.last):.2%}{when}, found {baa_yield}"
            )
        spread = replace(spread, last=float(np.log(wide)))
    return _UsDecoder(cash, high_grade, spread)
