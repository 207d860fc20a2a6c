"""How long the blocks of a bootstrap should be."""

from typing import Literal

import numpy as np

from scenara.shared.errors import MissingExtraError
from scenara.shared.types import FloatArray

__all__ = ["suggested_block"]

_MOST_CHANNELS = 30


def suggested_block(series: FloatArray, *, kind: Literal["stationary", "circular"]) -> float:
    """Choose a block length by the rule of Politis and White, for the size of moves.

    The rule minimises the error of a bootstrapped mean. It is applied to absolute deviations from
    the mean, whose memory is that of volatility (returns themselves have hardly any), and the
    median over at most 30 channels and all series is taken.

    Args:
        series: Observations (series, steps, channels).
        kind: Which bootstrap; the moving block bootstrap takes that of the circular one.

    Returns:
        Steps, between 1 and half the length of a series.

    Raises:
        MissingExtraError: The package ``arch`` is not installed.

    References:
        Patton, A., Politis, D. N. and White, H. (2009). Correction to automatic block-length
        selection for the dependent bootstrap. Econometric Reviews 28, 372-375.
        https://doi.org/10.1080/07474930802459016
    """
    try:
        from arch.bootstrap import optimal_block_length
    except ImportError as error:
        raise MissingExtraError("arch", extra="finance", purpose="automatic blocks") from error
    channels = np.unique(np.linspace(0, series.shape[2] - 1, _MOST_CHANNELS).astype(int))
    moves = np.abs(series - series.mean(axis=1, keepdims=True))[:, :, channels]
    found = [optimal_block_length(steps)[kind].to_numpy() for steps in moves]
    return float(np.clip(np.nanmedian(found), 1, max(1, series.shape[1] // 2)))
