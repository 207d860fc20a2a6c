"""The return of money that comes and goes: the rate at which all flows are worth nothing."""

from collections.abc import Sequence
from datetime import date

import numpy as np
from scipy.optimize import brentq

from scenara.shared.errors import DataError

__all__ = ["money_weighted_return"]

_LOWEST_LOG, _HIGHEST_LOG = -60.0, 60.0


def money_weighted_return(flows: Sequence[tuple[date, float]]) -> float:
    r"""Give the internal rate of return of dated flows, per year of 365 days.

    The rate :math:`r` solves :math:`\sum_i c_i (1 + r)^{-(t_i - t_0) / 365} = 0`. Where several
    rates do, it is the one nearest to zero.

    Args:
        flows: Days and amounts as the investor sees them: paid in negative, received positive,
            the final value last.

    Raises:
        DataError: No flow is positive or none negative, or all are of one day.

    Example:
        >>> flows = [(date(2023, 1, 1), -100.0), (date(2024, 1, 1), 110.0)]
        >>> round(money_weighted_return(flows), 6)
        0.1

    References:
        CFA Institute, Global Investment Performance Standards (GIPS), 2020, "money-weighted
        return", https://www.gipsstandards.org.
    """
    amounts = np.array([amount for _, amount in flows], dtype=np.float64)
    first = min(day for day, _ in flows) if flows else None
    years = np.array([(day - first).days / 365 for day, _ in flows if first is not None])
    if not ((amounts > 0).any() and (amounts < 0).any() and years.any()):
        raise DataError(
            "flows: expected money paid in and money received, on two days at least; there is no "
            "money-weighted return without"
        )

    def worth(log_growth: float) -> float:
        return float(amounts @ np.exp(-log_growth * years))

    grid = np.sort(np.append(np.sinh(np.linspace(-5, 5, 401)) * _HIGHEST_LOG / np.sinh(5), 0.0))
    with np.errstate(over="ignore", invalid="ignore"):
        signs = np.sign([worth(level) for level in grid])
    changes = np.flatnonzero(signs[1:] * signs[:-1] <= 0)
    if not changes.size:
        raise DataError("flows: found no rate at which they are worth nothing")
    near = changes[np.argmin(np.abs(grid[changes] + grid[changes + 1]))]
    return float(np.expm1(brentq(worth, grid[near], grid[near + 1], xtol=1e-14)))
