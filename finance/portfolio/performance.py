"""What became of the money: one number for each path, for many paths at once."""

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from scenara.shared.types import FloatArray

if TYPE_CHECKING:
    from scenara.finance.portfolio.result import Backtest

__all__ = [
    "cagr",
    "final_wealth",
    "max_drawdown",
    "moves",
    "sharpe",
    "simple_returns",
    "summarise",
    "volatility",
]

_BLOCK = 4096
_ROUNDING = 8
"""Returns that differ by fewer units of rounding than this are the same return."""


def simple_returns(wealth: FloatArray) -> FloatArray:
    """Give the return of each step; 0 once everything is lost.

    Args:
        wealth: Wealth, shape (..., steps + 1).

    Returns:
        Simple returns, shape (..., steps).

    Example:
        >>> simple_returns(np.array([1.0, 1.5, 0.0, 0.0])).tolist()
        [0.5, -1.0, 0.0]
    """
    before = wealth[..., :-1]
    gain = wealth[..., 1:] - before
    ratio: FloatArray = np.divide(gain, before, out=gain, where=before != 0)
    return ratio


def final_wealth(wealth: FloatArray) -> FloatArray:
    """Give wealth at the end.

    Args:
        wealth: Wealth, shape (..., steps + 1).

    Returns:
        Final wealth, shape (...), in units of wealth.

    Example:
        >>> float(final_wealth(np.array([1.0, 1.5])))
        1.5
    """
    return np.asarray(wealth[..., -1], dtype=np.float64)


def cagr(wealth: FloatArray, *, periods_per_year: float = 252) -> FloatArray:
    """Give the compound annual growth rate.

    Args:
        wealth: Wealth, shape (..., steps + 1).
        periods_per_year: Steps in a year.

    Returns:
        Growth per year as a fraction, shape (...).

    Example:
        >>> float(cagr(np.array([1.0, 1.2, 1.44]), periods_per_year=1).round(12))
        0.2
    """
    years = (wealth.shape[-1] - 1) / periods_per_year
    growth: FloatArray = (final_wealth(wealth) / wealth[..., 0]) ** (1 / years) - 1
    return growth


def moves(returns: FloatArray) -> npt.NDArray[np.bool_]:
    """Say whether returns change by more than rounding, as those of cash never do.

    Args:
        returns: Simple returns, nothing taken off, shape (..., steps).

    Returns:
        Whether they do, shape (...).

    Example:
        >>> moves(simple_returns(np.stack([1.01 ** np.arange(9), [1.0] * 8 + [1.1]]))).tolist()
        [False, True]
    """
    return _deviation(returns) > _rounding(returns, returns.mean(axis=-1, dtype=np.float64))


def volatility(wealth: FloatArray, *, periods_per_year: float = 252) -> FloatArray:
    """Give the annualised standard deviation of simple returns, with divisor n - 1.

    Args:
        wealth: Wealth, shape (..., steps + 1), of two steps or more.
        periods_per_year: Steps in a year.

    Returns:
        Volatility per year as a fraction, shape (...).

    Example:
        >>> float(volatility(np.array([1.0, 1.1, 1.1]), periods_per_year=2).round(12))
        0.1
    """
    return np.asarray(_deviation(simple_returns(wealth)) * np.sqrt(periods_per_year))


def sharpe(wealth: FloatArray, *, periods_per_year: float = 252) -> FloatArray:
    """Give the annualised Sharpe ratio of simple returns over cash that earns nothing.

    Args:
        wealth: Wealth, shape (..., steps + 1), of two steps or more.
        periods_per_year: Steps in a year.

    Returns:
        Mean over standard deviation, times the root of a year's steps, shape (...); 0 where there
        is no deviation but rounding: wealth never changes, or grows at a constant rate.

    References:
        Sharpe (1994), The Sharpe ratio, Journal of Portfolio Management 21(1).
        https://doi.org/10.3905/jpm.1994.409501

    Example:
        >>> float(sharpe(np.array([1.0, 1.0, 1.1]), periods_per_year=2).round(12))
        1.0
    """
    return np.asarray(_ratio(simple_returns(wealth)) * np.sqrt(periods_per_year))


def max_drawdown(wealth: FloatArray) -> FloatArray:
    """Give the deepest fall below an earlier peak.

    Args:
        wealth: Wealth, shape (..., steps + 1).

    Returns:
        The fall as a share of the peak, in [0, 1], shape (...).

    Example:
        >>> float(max_drawdown(np.array([1.0, 2.0, 1.0, 1.8])))
        0.5
    """
    peak = np.maximum.accumulate(wealth, axis=-1)
    return 1 - np.asarray((wealth / peak).min(axis=-1), dtype=np.float64)


def summarise(backtest: "Backtest", *, periods_per_year: float = 252) -> pd.DataFrame:
    """Put the figures of every path in one table.

    Args:
        backtest: The outcome of a backtest.
        periods_per_year: Steps in a year.

    Returns:
        One row for each path: ``sharpe``, ``max_drawdown``, ``final_wealth``, ``cagr`` and
        ``volatility`` (per year), ``turnover`` (bought plus sold per year, in units of the wealth
        at each trade) and ``costs`` (all that was paid, in units of the initial wealth). Where they
        are accounted for, also all of ``interest``, ``taxes``, ``dividends`` and ``flows``. Where
        money comes or goes, all but the last figures and the final wealth are time-weighted.

    Example:
        >>> from scenara.finance.portfolio import backtest
        >>> table = summarise(backtest(np.full((2, 252, 3), 0.001), "equal-weight"))
        >>> table["cagr"].round(4).tolist()
        [0.2864, 0.2864]
    """
    n_paths, n_points = backtest.wealth.shape
    growth = backtest.growth
    blocks = [growth[i : i + _BLOCK] for i in range(0, n_paths, _BLOCK)]
    rows = pd.concat([_figures(block, periods_per_year) for block in blocks], ignore_index=True)
    years = (n_points - 1) / periods_per_year
    rows["turnover"] = backtest.turnover.sum(axis=1, dtype=np.float64) / years
    rows["costs"] = backtest.costs.sum(axis=1, dtype=np.float64)
    rows["final_wealth"] = final_wealth(backtest.wealth)
    for name in ("interest", "taxes", "dividends", "flows"):
        amounts = getattr(backtest, name)
        if amounts is not None:
            rows[name] = amounts.sum(axis=1, dtype=np.float64)
    return rows.rename_axis("path")


def _figures(wealth: FloatArray, periods_per_year: float) -> pd.DataFrame:
    returns = simple_returns(wealth)
    year = np.sqrt(periods_per_year)
    return pd.DataFrame(
        {
            "sharpe": _ratio(returns) * year,
            "max_drawdown": max_drawdown(wealth),
            "final_wealth": final_wealth(wealth),
            "cagr": cagr(wealth, periods_per_year=periods_per_year),
            "volatility": _deviation(returns) * year,
        }
    )


def _deviation(returns: FloatArray) -> FloatArray:
    if returns.shape[-1] < 2:
        return np.zeros(returns.shape[:-1])
    return np.asarray(returns.std(axis=-1, ddof=1, dtype=np.float64))


def _rounding(returns: FloatArray, mean: FloatArray) -> FloatArray:
    return np.asarray(_ROUNDING * np.finfo(returns.dtype).eps * (1 + np.abs(mean)))


def _ratio(returns: FloatArray) -> FloatArray:
    mean, deviation = returns.mean(axis=-1, dtype=np.float64), _deviation(returns)
    moving = deviation > _rounding(returns, mean)
    return np.asarray(np.divide(mean, deviation, out=np.zeros_like(deviation), where=moving))
