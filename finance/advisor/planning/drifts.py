"""What nobody knows for sure: mean returns. Their error, and views on them (Black-Litterman)."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from scenara.finance.advisor.client import MarketView
from scenara.finance.advisor.planning.markets import CASH, MarketHistory
from scenara.shared.errors import ConfigError
from scenara.shared.types import FloatArray

__all__ = ["Drifts", "conflicting_views", "drift_errors", "posterior_drifts"]

_LONGEST_LAG = 240
_SHARE_OF_LAGS = 0.2
_ALIKE = 1e-8


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
    r"""Give the covariance of the error of mean log returns per year: that of a sample mean.

    Rates of money and yields of bonds stay high or low for decades, so that a century holds few
    independent ones. The long-run variance of each class is that of Newey and West,
    :math:`\gamma_0 + 2 \sum_{k \le L} (1 - k / (L + 1)) \gamma_k`, with lags up to a fifth of the
    history and twenty years at most; where that is less than :math:`\gamma_0`, as where shares
    come back to their mean, :math:`\gamma_0` is taken. Errors of classes go together as their
    monthly returns do, but that of cash stands alone: a view on its rate moves no other class.

    Args:
        history: Whose returns they are means of.

    Returns:
        Shape (classes, classes).

    References:
        Newey, W. K. and West, K. D. (1987). A simple, positive semi-definite, heteroskedasticity
        and autocorrelation consistent covariance matrix. Econometrica 55, 703-708.
        https://doi.org/10.2307/1913610, eq. 5.
        Pastor, L. and Stambaugh, R. F. (2012). Are stocks really less volatile in the long run?
        Journal of Finance 67, 431-478. https://doi.org/10.1111/j.1540-6261.2012.01722.x (why the
        error of the mean rules the long run).
    """
    logs = np.log1p(history.returns.to_numpy(float))
    together = np.cov(logs, rowvar=False)
    spread = np.sqrt(np.diag(together))
    factor = 12 / np.sqrt(len(logs)) * np.sqrt(_long_run(logs)) / np.where(spread > 0, spread, 1.0)
    errors: FloatArray = together * np.outer(factor, factor)
    cash = history.classes.index(CASH)
    alone = errors[cash, cash]
    errors[cash], errors[:, cash] = 0.0, 0.0
    errors[cash, cash] = alone
    return errors


def _long_run(logs: FloatArray) -> FloatArray:
    """Give the long-run variance of each column, at least its variance, (classes,)."""
    n = len(logs)
    n_lags = min(_LONGEST_LAG, int(_SHARE_OF_LAGS * n))
    away = logs - logs.mean(axis=0)
    found = (away**2).sum(axis=0) / n
    for lag in range(1, n_lags + 1):
        weight = 2 * (1 - lag / (n_lags + 1))
        found = found + weight * (away[lag:] * away[:-lag]).sum(axis=0) / n
    longest: FloatArray = np.maximum(found, logs.var(axis=0, ddof=1))
    return longest


def conflicting_views(views: Sequence[MarketView]) -> tuple[str, ...]:
    """Name the certain views that can't all hold.

    Args:
        views: What is believed.

    Returns:
        Each view of confidence 1 in words where they contradict each other; else none.

    Example:
        >>> sure = [MarketView(asset=name, return_per_year=r, confidence=1.0, over=over)
        ...         for name, r, over in (("a", 0.05, None), ("b", 0.04, None), ("a", 0.3, "b"))]
        >>> conflicting_views(sure[:2]), conflicting_views(sure)
        ((), ('a 5.0 %', 'b 4.0 %', 'a over b 30.0 %'))
    """
    sure = [view for view in views if view.confidence == 1]
    if not sure:
        return ()
    names = {name for view in sure for name in (view.asset, view.over) if name is not None}
    picks, asked = _picks(sure, sorted(names))
    nearest = picks @ np.linalg.lstsq(picks, asked)[0]
    if np.allclose(nearest, asked, atol=_ALIKE):
        return ()
    return tuple(
        f"{view.asset}{f' over {view.over}' if view.over else ''} "
        f"{100 * view.return_per_year:.1f} %"
        for view in sure
    )


def _picks(views: Sequence[MarketView], classes: Sequence[str]) -> tuple[FloatArray, FloatArray]:
    """Give what views compare, (views, classes), and the log returns they ask for, (views,)."""
    picks = np.zeros((len(views), len(classes)))
    for row, view in zip(picks, views, strict=True):
        row[list(classes).index(view.asset)] = 1
        if view.over is not None:
            row[list(classes).index(view.over)] = -1
    return picks, np.array([np.log1p(view.return_per_year) for view in views])


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

    Raises:
        ConfigError: Views that are certain contradict each other.

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
    conflict = conflicting_views(views)
    if conflict:
        raise ConfigError(
            f"views: {'; '.join(conflict)} can't all be certain; lower a confidence or drop one"
        )
    picks, asked = _picks(views, classes)
    spread = picks @ errors @ picks.T
    doubt = np.diag([1 / view.confidence - 1 for view in views]) * np.diag(spread)
    gain = errors @ picks.T @ np.linalg.pinv(spread + doubt)
    posterior = prior + gain @ (asked - picks @ prior)
    left = errors - gain @ picks @ errors
    return Drifts(tuple(classes), prior, posterior, (left + left.T) / 2)
