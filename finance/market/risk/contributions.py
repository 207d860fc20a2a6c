"""Which asset carries the risk: components that add up to VaR and ES, and their marginals."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.special import ndtri

from scenara.finance.market.risk.checks import check_levels, check_probabilities
from scenara.finance.market.risk.measures import tail_weights, unit_losses, value_at_risk
from scenara.shared.types import FloatArray

__all__ = ["risk_contributions"]

FEWEST_NEIGHBOURS = 30


class _Local(NamedTuple):
    """Hold a local linear estimate at the VaR.

    Args:
        means: Loss of one unit of each asset given that the portfolio loses the VaR, ``(assets,)``.
        errors: Their standard errors, with that of the VaR itself.
    """

    means: FloatArray
    errors: FloatArray


def risk_contributions(
    worlds: FloatArray,
    weights: FloatArray,
    *,
    level: float = 0.99,
    horizon: int | None = None,
    probabilities: FloatArray | None = None,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Part the VaR and the ES of a portfolio among its assets.

    The marginal VaR of an asset, the derivative by its weight, is the mean loss of one unit of it
    given that the portfolio loses just its VaR; a component is weight times marginal. The mean is
    a local linear kernel regression on the portfolio's loss (Epanechnikov over the nearest
    worlds, as many as lie beyond the VaR), which gives back the portfolio's loss itself; so
    components add up exactly. Its bands hold the noise of the regression and that of the VaR. The
    marginal ES is the mean loss of a unit over the tail.

    Args:
        worlds: Daily log returns, shape ``(paths, days, assets)``.
        weights: What is held of each asset, as fractions or in money, shape ``(assets,)``.
        level: Such as .99.
        horizon: Days; all days of the worlds if None.
        probabilities: Probability of each world, shape ``(paths,)``; equal if None.
        confidence: Probability of the asymptotic bands.

    Returns:
        One row an asset, with ``marginal_var``, ``component_var``, ``var_low``, ``var_high`` and
        the same of ``es``; the bands are those of the components.

    Raises:
        DataError: The worlds, weights or probabilities don't fit together.
        ConfigError: The level or horizon is out of its range.

    Example:
        >>> worlds = np.random.default_rng(0).normal(0, 0.01, size=(4000, 1, 2))
        >>> parts = risk_contributions(worlds, np.array([0.7, 0.3]), level=0.95)
        >>> bool(parts["component_var"][0] > parts["component_var"][1])
        True

    References:
        Tasche (1999), Risk contributions and performance measurement, sections 4 and 5;
        Gourieroux, Laurent and Scaillet (2000), Sensitivity analysis of values at risk, Journal of
        Empirical Finance 7; Fan and Gijbels (1996), Local polynomial modelling, section 3.1.
    """
    check_levels((level, confidence))
    units = unit_losses(worlds, weights, horizon=horizon)
    chances = check_probabilities(probabilities, len(units))
    holdings = np.asarray(weights, dtype=float)
    losses = units @ holdings
    var = value_at_risk(losses, level=level, probabilities=chances)
    at_var = _local_linear(units, losses, chances, var=var, level=level)
    in_tail = tail_weights(losses, chances, level)
    marginal_es = in_tail @ units
    beyond = (losses > var)[:, None] * (units - at_var.means) / (1 - level)
    influence = at_var.means + beyond - marginal_es
    es_errors = np.sqrt((chances[:, None] ** 2 * influence**2).sum(axis=0))
    z = float(ndtri(0.5 + confidence / 2))
    return pd.DataFrame(
        {
            **_columns("var", at_var.means, at_var.errors * z, holdings),
            **_columns("es", marginal_es, es_errors * z, holdings),
        }
    )


def _columns(
    name: str, marginal: FloatArray, half_band: FloatArray, holdings: FloatArray
) -> dict[str, FloatArray]:
    component = holdings * marginal
    half = np.abs(holdings) * half_band
    return {
        f"marginal_{name}": marginal,
        f"component_{name}": component,
        f"{name}_low": component - half,
        f"{name}_high": component + half,
    }


def _local_linear(
    units: FloatArray, losses: FloatArray, chances: FloatArray, *, var: float, level: float
) -> _Local:
    distance = losses - var
    n_near = min(max(FEWEST_NEIGHBOURS, round((1 - level) * len(losses))), len(losses))
    width = max(float(np.sort(np.abs(distance))[n_near - 1]) * (1 + 1e-9), 1e-300)
    kernel = chances * np.maximum(1 - (distance / width) ** 2, 0)
    density = 0.75 * float(kernel.sum()) / width
    kernel /= kernel.sum()
    mean = kernel @ distance
    variance = kernel @ (distance - mean) ** 2
    tilt = (distance - mean) * (mean / variance) if variance > 0 else 0.0
    equivalent = kernel * (1 - tilt)
    means = equivalent @ units
    slopes = (kernel * (distance - mean)) @ units / variance if variance > 0 else 0 * means
    residuals = units - means - distance[:, None] * slopes
    var_error = np.sqrt((chances**2 * ((losses > var) - (1 - level)) ** 2).sum()) / density
    errors = np.sqrt(
        (equivalent[:, None] ** 2 * residuals**2).sum(axis=0) + (slopes * var_error) ** 2
    )
    return _Local(means, errors)
