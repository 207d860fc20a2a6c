"""Put the variances of paths right that a model of days writes."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from scenara.shared.generators.series.diffusion_days import DayModel
from scenara.shared.progress import Progress
from scenara.shared.types import FloatArray

__all__ = ["targeted"]

_N_ROUNDS = 3
_RATE = 0.1


def targeted(
    days: DayModel,
    data: FloatArray,
    draw: Callable[[DayModel], FloatArray],
    *,
    progress: Progress,
) -> DayModel:
    """Move volatilities, then units, until paths have the means and deviations of the data.

    The feedback of volatility on itself turns small errors of a day into larger ones of the
    variance in the long run, which a fit of single days does not see.

    Args:
        days: The day model of the fit.
        data: What was learned from, ``(series, steps, d)``.
        draw: Writes paths ``(n, steps, d)`` with a day model, always from the same noise.
        progress: Told of each round.

    Returns:
        The day model to write with.

    References:
        Francq, Horvath and Zakoian (2011), Merits and drawbacks of variance targeting in GARCH
        models, https://doi.org/10.1093/jjfinec/nbr004.
    """
    wanted = days.variances(data)
    for round_ in range(_N_ROUNDS):
        progress("calibration", round_, _N_ROUNDS + 1)
        days = days.shifted(_RATE * np.log(wanted / days.variances(draw(days))))
    paths = draw(days)
    ratio = data.std(axis=(0, 1)) / paths.std(axis=(0, 1))
    centre = data.mean(axis=(0, 1)) - ratio * (paths.mean(axis=(0, 1)) - days.centre)
    progress("calibration", _N_ROUNDS + 1, _N_ROUNDS + 1)
    return replace(days, spread=ratio * days.spread, centre=centre)
