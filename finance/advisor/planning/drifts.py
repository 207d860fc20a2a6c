"""What nobody knows for sure: mean returns. Their error, and views on them (Black-Litterman)."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from scenara.finance.advisor.client import MarketView
from scenara.finance.advisor.planning.markets import MarketHistory
from scenara.shared.types import FloatArray

__all__ = ["Drifts", "drift_errors", "posterior_drifts"]


@dataclass(frozen=True)
class Drifts:
    """Hold mean log returns per year with what is not known about them.

    Args:
        classes: Asset classes.
        prior: Means before the views, (classes,).
        posterior: Means under the views, (classes,).
        covariance: Of the error of the posterior means, (classes, classes).
    """

    classes: tuple[str, ...]
    prior: FloatArray
    posterior: FloatArray
    covariance: FloatArray

    def shifts(self, n: int, *, seed: int, uncertain: bool = True) -> FloatArray:
        """Draw by how much each world's log returns per year are shifted.

        The draws are centred, so that their mean is the posterior's, and the same seed gives the
        same ones for every generator.

        Args:
            n: Number of worlds.
            seed: Seed.
            uncertain: Whether means are drawn from their error, or all the posterior's.

        Returns:
            Shape (n, classes).
        """
        moved = self.posterior - self.prior
        if not uncertain:
            return np.tile(moved, (n, 1))
        sizes, vectors = np.linalg.eigh(self.covariance)
        root = vectors * np.sqrt(np.maximum(sizes, 0))
        draws = np.random.default_rng([seed, 77]).standard_normal((n, len(moved)))
        shifts: FloatArray = moved + (draws - draws.mean(axis=0)) @ root.T
        return shifts


def drift_errors(history: MarketHistory) -> FloatArray:
    """Give the covariance of the error of mean log returns per year: that of a sample mean.

    Args:
        history: Whose returns they are means of.

    Returns:
        Shape (classes, classes): the covariance of yearly returns over the number of years.

    References:
        Pastor, L. and Stambaugh, R. F. (2012). Are stocks really less volatile in the long run?
        Journal of Finance 67, 431-478. https://doi.org/10.1111/j.1540-6261.2012.01722.x (why the
        error of the mean rules the long run).
    """
    logs = np.log1p(history.returns.to_numpy(float))
    yearly: FloatArray = 12 * np.cov(logs, rowvar=False) / (len(logs) / 12)
    return yearly


def posterior_drifts(
    prior: FloatArray,
    errors: FloatArray,
    views: Sequence[MarketView],
    *,
    classes: Sequence[str],
) -> Drifts:
    r"""Combine mean returns with views, each as sure as the client says.

    The means are :math:`\mu \sim N(\pi, \Sigma)` with the error :math:`\Sigma` of the sample mean,
    which takes the place of :math:`\tau \Sigma`; a view is :math:`p^\top \mu = q + \epsilon` with
    :math:`\mathrm{var}\,\epsilon = (1/c - 1)\, p^\top \Sigma p` for confidence :math:`c`. One of
    confidence 1 holds exactly, one of confidence 0 is left out.

    Args:
        prior: Mean log returns per year, (classes,).
        errors: Covariance of their error, (classes, classes).
        views: What is believed.
        classes: Names of the asset classes.

    Returns:
        The means before and after, with the error that is left.

    Example:
        >>> view = MarketView(asset="shares", return_per_year=0.0, confidence=0.5)
        >>> drifts = posterior_drifts(np.array([0.08]), np.array([[0.0004]]), [view],
        ...                           classes=["shares"])
        >>> drifts.posterior.round(4), drifts.covariance.round(6)
        (array([0.04]), array([[0.0002]]))

    References:
        Black, F. and Litterman, R. (1992). Global portfolio optimization. Financial Analysts
        Journal 48(5), 28-43. Meucci, A. (2010). The Black-Litterman approach: original model and
        extensions. https://ssrn.com/abstract=1117574, eq. 24 (confidence).
    """
    views = [view for view in views if view.confidence > 0]
    if not views:
        return Drifts(tuple(classes), prior, prior, errors)
    picks = np.zeros((len(views), len(classes)))
    for row, view in zip(picks, views, strict=True):
        row[list(classes).index(view.asset)] = 1
        if view.over is not None:
            row[list(classes).index(view.over)] = -1
    asked = np.array([np.log1p(view.return_per_year) for view in views])
    spread = picks @ errors @ picks.T
    doubt = np.diag([1 / view.confidence - 1 for view in views]) * np.diag(spread)
    gain = errors @ picks.T @ np.linalg.pinv(spread + doubt)
    posterior = prior + gain @ (asked - picks @ prior)
    left = errors - gain @ picks @ errors
    return Drifts(tuple(classes), prior, posterior, (left + left.T) / 2)
