"""VaR and ES of a sample of shocks or of a law: counted, or with a Pareto law beyond the data."""

from collections.abc import Sequence

import numpy as np
from scipy.stats import t as student

from scenara.finance.market.risk.measures import expected_shortfall, value_at_risk
from scenara.shared.errors import DataError
from scenara.shared.types import FloatArray

__all__ = ["empirical_tail", "pareto_tail", "student_tail"]

THRESHOLD = 0.1
"""Share of the shocks that the Pareto law is fitted to."""

USUAL_SHAPE, USUAL_WEIGHT = 0.1, 50.0
"""Shape that shocks of filtered returns have about, and how many shocks it is believed like."""

FEWEST = 10
"""Fewest shocks beyond the threshold."""


def empirical_tail(
    shocks: FloatArray, tails: Sequence[float], chances: FloatArray | None = None
) -> tuple[FloatArray, FloatArray]:
    """Count VaR and ES off shocks, as `value_at_risk` and `expected_shortfall` define them.

    Args:
        shocks: Shocks, falls below zero, shape ``(shocks,)``.
        tails: Probabilities such as .01.
        chances: Probability of each shock, summing to one; all alike if None.

    Returns:
        VaR and ES as positive losses, each of shape ``(tails,)``.

    Example:
        >>> var, es = empirical_tail(np.arange(-50.0, 51.0), [0.05])
        >>> var.tolist(), es.round(2).tolist()
        ([45.0], [47.97])
    """
    levels = [1 - tail for tail in tails]
    var = [value_at_risk(-shocks, level=level, probabilities=chances) for level in levels]
    es = [expected_shortfall(-shocks, level=level, probabilities=chances) for level in levels]
    return np.array(var), np.array(es)


def pareto_tail(
    shocks: FloatArray, tails: Sequence[float], chances: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Read VaR and ES off a generalised Pareto law fitted to the worst tenth of the shocks.

    With threshold u, share p beyond it, scale b and shape x, the VaR at tail a is
    ``u + b / x ((a / p)**-x - 1)`` and the ES ``VaR + (b + x (VaR - u)) / (1 - x)``. The shape is
    that of probability-weighted moments, drawn towards .1 as if 50 more shocks had said so; the
    scale keeps the mean excess. Tails as wide as the threshold are counted instead.

    Args:
        shocks: Shocks, falls below zero, shape ``(shocks,)``.
        tails: Probabilities such as .01.
        chances: Probability of each shock, summing to one, shape ``(shocks,)``.

    Returns:
        VaR and ES as positive losses, each of shape ``(tails,)``.

    Raises:
        DataError: There are fewer than 10 shocks beyond the threshold.

    Example:
        >>> shocks = -np.random.default_rng(0).pareto(5.0, size=20_000)
        >>> var, es = pareto_tail(shocks, [0.01], np.full(20_000, 1 / 20_000))
        >>> bool(abs(var[0] / (0.01**-0.2 - 1) - 1) < 0.05)
        True

    References:
        McNeil and Frey (2000), Estimation of tail-related risk measures for heteroscedastic
        financial time series, Journal of Empirical Finance 7(3), equations 11 and 13; Hosking and
        Wallis (1987), Parameter and quantile estimation for the generalized Pareto distribution,
        Technometrics 29(3), section 3.2.
    """
    order = np.argsort(-shocks)[::-1]
    losses, weights = -shocks[order], chances[order]
    place = int(np.searchsorted(np.cumsum(weights), THRESHOLD))
    if place < FEWEST:
        raise DataError(f"shocks: expected {FEWEST} beyond the threshold or more, found {place}")
    excess, beyond = losses[:place] - losses[place], weights[:place].sum()
    shape, scale = _pareto(excess, weights[:place] / beyond)
    tail = np.minimum(np.asarray(tails, dtype=float), beyond)
    over = (
        scale / shape * ((tail / beyond) ** -shape - 1) if shape else -scale * np.log(tail / beyond)
    )
    var, es = losses[place] + over, losses[place] + over + (scale + shape * over) / (1 - shape)
    wide = np.asarray(tails) >= beyond
    if wide.any():
        var[wide], es[wide] = empirical_tail(shocks, np.asarray(tails)[wide].tolist(), chances)
    return var, es


def student_tail(degrees: float, tails: Sequence[float]) -> tuple[FloatArray, FloatArray]:
    """Give VaR and ES of a t law of variance one.

    Args:
        degrees: Degrees of freedom, above two.
        tails: Probabilities such as .01.

    Returns:
        VaR and ES as positive losses, each of shape ``(tails,)``.

    Example:
        >>> var, es = student_tail(1e6, [0.05])
        >>> var.round(3).tolist(), es.round(3).tolist()
        ([1.645], [2.063])

    References:
        McNeil, Frey and Embrechts (2005), Quantitative Risk Management, equation 2.26.
    """
    tail, unit = np.asarray(tails), np.sqrt((degrees - 2) / degrees)
    quantile = student.ppf(tail, degrees)
    es = student.pdf(quantile, degrees) / tail * (degrees + quantile**2) / (degrees - 1)
    return -unit * quantile, unit * es


def _pareto(excess: FloatArray, weights: FloatArray) -> tuple[float, float]:
    """Fit shape and scale to excesses, the largest first, whose weights sum to one."""
    mean = float(weights @ excess)
    if not mean > 0:
        return 0.0, 0.0
    exceeded = np.cumsum(weights) - weights / 2
    first = float(weights @ (excess * exceeded))
    found = 2 - mean / (mean - 2 * first)
    worth = 1 / float(weights @ weights)
    shape = (worth * found + USUAL_WEIGHT * USUAL_SHAPE) / (worth + USUAL_WEIGHT)
    shape = float(np.clip(shape, -0.5, 0.5))
    return shape, mean * (1 - shape)
