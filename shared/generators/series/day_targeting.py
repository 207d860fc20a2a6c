"""Put the variances of paths right that a model of days writes."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from scenara.shared.generators.series.diffusion_days import DayModel
from scenara.shared.types import FloatArray

__all__ = ["balanced", "targeted", "targeting_noise"]

_RATE = 0.2
_MOST_PATHS, _FEWEST_PATHS, _MOST_SERIES = 400, 100, 40_000
_MOST_STEPS = 252


def targeting_noise(
    n_steps: int, n_channels: int, noise_size: Callable[[int], int]
) -> tuple[FloatArray, int]:
    """Give the noise of paths to set variances by, fewer where there are many channels.

    Args:
        n_steps: Steps that were learned from.
        n_channels: Channels d.
        noise_size: Gives how many numbers make a path of a horizon.

    Returns:
        Noise ``(n, noise size)``, always the same, and the horizon.
    """
    horizon = min(max(n_steps // 4, 1), _MOST_STEPS)
    n_paths = min(max(_MOST_SERIES // n_channels, _FEWEST_PATHS), _MOST_PATHS)
    noise = np.random.default_rng(0).standard_normal((n_paths, noise_size(horizon)))
    return noise, horizon


def balanced(days: DayModel, *, data: FloatArray, paths: FloatArray) -> DayModel:
    """Move the volatilities of common and of own moves towards those of the data.

    Paths answer to a small move by a larger one, since volatility feeds on itself; so a part of
    the difference is enough, and a few rounds are better than one.

    Args:
        days: The day model that wrote the paths.
        data: What was learned from, ``(series, steps, d)``.
        paths: Written with it, ``(n, steps, d)``.
    """
    return days.shifted(_RATE * np.log(days.variances(data) / days.variances(paths)))


def targeted(days: DayModel, *, data: FloatArray, paths: FloatArray) -> DayModel:
    """Move means and units of channels until paths have the means and deviations of the data.

    The feedback of volatility on itself turns small errors of a day into larger ones of the
    variance in the long run, which a fit of single days does not see. A filter reads a path in
    new units as it read the old path, so that one step is enough.

    Args:
        days: The day model that wrote the paths.
        data: What was learned from, ``(series, steps, d)``.
        paths: Written with it, ``(n, steps, d)``.

    Returns:
        The day model to write with.

    References:
        Francq, Horvath and Zakoian (2011), Merits and drawbacks of variance targeting in GARCH
        models, https://doi.org/10.1093/jjfinec/nbr004.
    """
    ratio = data.std(axis=(0, 1)) / paths.std(axis=(0, 1))
    centre = data.mean(axis=(0, 1)) - ratio * (paths.mean(axis=(0, 1)) - days.centre)
    return replace(days, spread=ratio * days.spread, centre=centre)
