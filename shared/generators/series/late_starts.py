"""Channels that start later than others: the days before are filled from what they have in common."""

import numpy as np
import pandas as pd

from scenara.shared.errors import DataError
from scenara.shared.types import FloatArray, IntArray

__all__ = ["filled_starts"]

_FEWEST_OBSERVED = 60
_ALIKE = 50
_RIDGE = 0.02
_AROUND = 11


def filled_starts(data: pd.DataFrame | FloatArray) -> pd.DataFrame | FloatArray:
    """Fill the days before a channel starts, so that long and short histories are used in full.

    The latest starters come last; those that start together are filled together. They are
    regressed on the channels that are there before them, on the days they share; before their
    start they get the regression's values and the residuals of a day about which the other channels
    moved as much. Their returns may have another mean and volatility in years that nobody saw:
    what is filled is what the channels in common with others say of these years, no observation.

    Args:
        data: Time x channels; other shapes are given back as they are.

    Returns:
        The data, filled; the same object where no channel starts late.

    Raises:
        DataError: A channel has too few values, one is missing after its start, or no channel is
            there from the first step.

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
    starts: IntArray = np.where(seen.any(axis=0), seen.argmax(axis=0), len(values))
    if not (starts > 0).any():
        return data
    _check(values, starts, names=_names(data))
    rng = np.random.default_rng(0)
    for start in np.unique(starts[starts > 0]):
        young = starts == start
        values[:start, young] = _earlier(values[:, starts < start], values[start:, young], rng)
    if isinstance(data, pd.DataFrame):
        return pd.DataFrame(values, index=data.index, columns=data.columns)
    return values


def _names(data: pd.DataFrame | FloatArray) -> list[str]:
    if isinstance(data, pd.DataFrame):
        return [str(name) for name in data.columns]
    return [f"channel_{i}" for i in range(data.shape[1])]


def _check(values: FloatArray, starts: IntArray, *, names: list[str]) -> None:
    n_steps = len(values)
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
    broken = ~np.isfinite(values) & (np.arange(n_steps)[:, None] >= starts)
    if broken.any():
        step, channel = np.argwhere(broken)[0]
        raise DataError(
            f"channel {names[channel]!r}: missing or infinite value in step {step}, after its "
            f"start in step {starts[channel]}; clean the data first"
        )


def _earlier(known: FloatArray, observed: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Draw the first values of channels that start together, (start, channels).

    Args:
        known: Channels known on all days, (steps, others).
        observed: The young channels from their start on, (steps - start, channels).
        rng: The stream.
    """
    start = len(known) - len(observed)
    shared = known[start:]
    z = (known - shared.mean(axis=0)) / (shared.std(axis=0) + 1e-300)
    before, late = z[:start], z[start:]
    # The more channels there are to explain by, the less each of them is trusted.
    penalty = (_RIDGE * len(late) + late.shape[1]) * np.eye(late.shape[1])
    mean = observed.mean(axis=0)
    weights = np.linalg.solve(late.T @ late + penalty, late.T @ (observed - mean))
    left = observed - mean - late @ weights
    moved = _activity(z)
    day = _alike_days(moved[:start], moved[start:], rng)
    earlier: FloatArray = mean + before @ weights + left[day]
    return earlier


def _activity(z: FloatArray) -> FloatArray:
    """Tell how much channels move about each day: one day alone says little of volatility."""
    size = np.abs(z).mean(axis=1)
    around = min(_AROUND, len(size))
    weights = np.ones(around)
    counts = np.convolve(np.ones_like(size), weights, mode="same")
    about: FloatArray = np.convolve(size, weights, mode="same") / counts
    return about


def _alike_days(activity: FloatArray, among: FloatArray, rng: np.random.Generator) -> IntArray:
    """Choose for each activity one of the days ``among`` which it was about the same."""
    order = np.argsort(among, kind="stable")
    near = np.searchsorted(among[order], activity)
    window = min(_ALIKE, len(order))
    low = np.clip(near - window // 2, 0, len(order) - window)
    chosen: IntArray = order[low + rng.integers(window, size=len(activity))]
    return chosen
