"""Channels that start later than others: the days before are filled from what they have in common."""

import numpy as np
import pandas as pd

from scenara.shared.errors import DataError
from scenara.shared.types import FloatArray

__all__ = ["filled_starts"]

_FEWEST_OBSERVED = 60
_ALIKE = 50
_RIDGE = 0.02


def filled_starts(data: pd.DataFrame | FloatArray) -> pd.DataFrame | FloatArray:
    """Fill the days before a channel starts, so that long and short histories are used in full.

    The latest starters come last. Each is regressed on the channels that are there before it, on
    the days they share; before its start it gets the regression's value and the residual of a day
    on which the other channels moved as much. Nothing else that is missing is filled.

    Args:
        data: Time x channels; other shapes are given back as they are.

    Returns:
        The data, filled; the same object where no channel starts late.

    Raises:
        DataError: A channel has too few values, or none of the channels is there from the start.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> market = rng.normal(size=300)
        >>> young = market + 0.1 * rng.normal(size=300)
        >>> young[:100] = np.nan
        >>> filled = filled_starts(np.column_stack([market, young]))
        >>> bool(np.corrcoef(filled[:100].T)[0, 1] > 0.95)
        True

    References:
        Stambaugh (1997), Analyzing investments whose histories differ in length,
        https://doi.org/10.1016/S0304-405X(97)00020-2. Page (2013), How to combine long and short
        return histories efficiently, https://doi.org/10.2469/faj.v69.n1.3 (residuals).
    """
    if np.ndim(data) != 2:
        return data
    try:
        values = np.array(data, dtype=np.float64)
    except (TypeError, ValueError):
        return data
    seen = ~np.isnan(values)
    starts = np.where(seen.any(axis=0), seen.argmax(axis=0), len(values))
    if not (starts > 0).any():
        return data
    _check_starts(data, starts, len(values))
    rng = np.random.default_rng(0)
    order = np.argsort(starts, kind="stable")
    for place, channel in enumerate(order):
        if start := starts[channel]:
            before = np.ascontiguousarray(values[:, order[:place]])
            values[:start, channel] = _earlier(before, values[start:, channel], start, rng)
    if isinstance(data, pd.DataFrame):
        return pd.DataFrame(values, index=data.index, columns=data.columns)
    return values


def _check_starts(data: pd.DataFrame | FloatArray, starts: FloatArray, n_steps: int) -> None:
    names = list(data.columns) if isinstance(data, pd.DataFrame) else list(range(len(starts)))
    if starts.min() > 0:
        raise DataError(
            f"no channel has a value in step 0; leave out the first {starts.min():,} steps"
        )
    latest = int(starts.argmax())
    if n_steps - starts[latest] < _FEWEST_OBSERVED:
        raise DataError(
            f"channel {names[latest]!r}: found {n_steps - starts[latest]} steps with values, "
            f"expected at least {_FEWEST_OBSERVED}; leave the channel out"
        )


def _earlier(
    known: FloatArray, observed: FloatArray, start: int, rng: np.random.Generator
) -> FloatArray:
    """Draw the first values of a channel from the channels known on all days, (start,)."""
    shared = known[start:]
    if not (np.isfinite(shared).all() and np.isfinite(observed).all()):
        return np.full(start, np.nan)
    centre, spread = shared.mean(axis=0), shared.std(axis=0) + 1e-300
    z = (known - centre) / spread
    late = z[start:]
    penalty = _RIDGE * len(late) * np.eye(late.shape[1])
    weights = np.linalg.solve(late.T @ late + penalty, late.T @ (observed - observed.mean()))
    left = observed - observed.mean() - late @ weights
    activity = np.abs(z).mean(axis=1)
    order = np.argsort(activity[start:], kind="stable")
    near = np.searchsorted(activity[start:][order], activity[:start])
    window = min(_ALIKE, len(order))
    low = np.clip(near - window // 2, 0, len(order) - window)
    day = order[low + rng.integers(window, size=start)]
    earlier: FloatArray = observed.mean() + z[:start] @ weights + left[day]
    return earlier
