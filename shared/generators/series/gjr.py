"""The GJR-GARCH(1,1) volatility of several channels at once: fit, filter, recursion."""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.signal import lfilter
from scipy.special import digamma, gammaln

from scenara.shared.errors import DataError
from scenara.shared.generators.series.stale import live_days
from scenara.shared.progress import Progress, silent
from scenara.shared.types import FloatArray

__all__ = ["GJR", "filter_variance", "fit_gjr"]


@dataclass(frozen=True)
class GJR:
    """Hold one GJR-GARCH(1,1) for each channel; every field has the shape (channels,).

    ``variance_t = omega + (alpha + gamma [e_{t-1} < 0]) e_{t-1}^2 + beta variance_{t-1}`` with
    ``e_t = r_t - mean``.

    Args:
        mean: Expected return per step.
        omega: Constant of the variance.
        alpha: Response to a squared shock.
        gamma: Additional response to a squared negative shock (the leverage effect).
        beta: Memory of the variance.

    References:
        Glosten, L. R., Jagannathan, R. and Runkle, D. E. (1993). On the relation between the
        expected value and the volatility of the nominal excess return on stocks. Journal of
        Finance 48, 1779-1801. https://doi.org/10.1111/j.1540-6261.1993.tb05128.x
    """

    mean: FloatArray
    omega: FloatArray
    alpha: FloatArray
    gamma: FloatArray
    beta: FloatArray

    def next_variance(self, shock: FloatArray, variance: FloatArray) -> FloatArray:
        """Give the variance of the next step from shocks and variances (..., channels)."""
        response = self.alpha + self.gamma * (shock < 0)
        return self.omega + response * shock**2 + self.beta * variance


def fit_gjr(
    returns: FloatArray,
    *,
    variance_targeting: bool = True,
    maximum_persistence: float = 0.99,
    progress: Progress = silent,
) -> GJR:
    """Fit a GJR-GARCH(1,1) with Student-t shocks to each channel by maximum likelihood.

    A free fit tends to a persistence of one and more, and its simulated volatility then drifts
    far from all that was seen. So the responses are scaled down to ``maximum_persistence``, and
    ``omega`` is set so that the stationary variance is the observed one. Runs of unchanged prices
    are left out (:func:`live_days`), and other returns of exactly zero count as a tenth of the
    channel's standard deviation: the likelihood would otherwise grow without bound on them.

    Args:
        returns: Observed returns (steps, channels).
        variance_targeting: Match the observed variance; without it the fit is taken as it is,
            with ``omega`` kept and persistence free.
        maximum_persistence: Largest ``alpha + gamma P + beta`` under targeting, where ``P`` is
            the share of squared standardised shocks that is negative.
        progress: Told after every channel.

    Returns:
        The parameters.

    Raises:
        DataError: A channel's likelihood could not be maximised.

    References:
        Francq, C., Horvath, L. and Zakoian, J.-M. (2011). Merits and drawbacks of variance
        targeting in GARCH models. Journal of Financial Econometrics 9, 619-656.
        https://doi.org/10.1093/jjfinec/nbr004
    """
    scale = returns.std(axis=0)
    fits = []
    for i, channel in enumerate((returns / scale).T):
        fits.append(_fit_channel(channel[live_days(channel)], number=i))
        progress("fit", i + 1, len(scale))
    mean, omega, alpha, gamma, beta = np.array(fits).T
    free = GJR(mean * scale, omega * scale**2, alpha, gamma, beta)
    if not variance_targeting:
        return free
    return _targeted(free, returns, maximum_persistence=maximum_persistence)


# The optimiser's numbers are the mean, omega, the response to a rise, the response to a fall,
# beta, and the inverse of the degrees of freedom, for returns of unit variance.
_BOUNDS = ((None, None), (1e-8, 10), (0, 1), (0, 2), (0, 1), (1 / 500, 1 / 2.05))
_PERSISTENCE = np.array([0.0, 0.0, 0.5, 0.5, 1.0, 0.0])
_STATIONARY = {
    "type": "ineq",
    "fun": lambda x: 1 - x @ _PERSISTENCE,
    "jac": lambda x: -_PERSISTENCE,
}
_STARTS = [
    (0.0, 1 - persistence, rise, 3 * rise, persistence - 2 * rise, tail)
    for persistence in (0.90, 0.97, 0.99)
    for rise in (0.015, 0.04, 0.08)
    for tail in (0.08, 0.2)
]
_ZERO_COUNTS_AS = 0.1


def _fit_channel(scaled: FloatArray, *, number: int) -> tuple[float, ...]:
    loss = _Loss(scaled)
    start = min(_STARTS, key=lambda x: loss(np.array(x))[0])
    found = minimize(
        loss,
        np.array(start),
        jac=True,
        bounds=_BOUNDS,
        constraints=_STATIONARY,
        method="SLSQP",
        options={"ftol": 1e-11, "maxiter": 300},
    )
    if not np.isfinite([*found.x, found.fun]).all():
        raise DataError(f"channel {number}: the GJR-GARCH likelihood has no maximum; leave it out")
    mean, omega, rise, fall, beta, _ = (float(x) for x in found.x)
    return mean, omega, rise, fall - rise, beta


class _Loss:
    """Give the mean negative log-likelihood of one channel, and its gradient.

    The variance before the first step is an exponentially weighted one of the first 75 steps.
    The gradient runs the recursion of the variance backwards once (the adjoint method).
    """

    def __init__(self, returns: FloatArray) -> None:
        self.returns = returns
        first = (returns - returns.mean())[:75] ** 2
        self.before = float(np.average(first, weights=0.94 ** np.arange(len(first))))
        self.moved = returns != 0
        self.floor = np.where(self.moved, 0.0, _ZERO_COUNTS_AS**2)

    def __call__(self, x: FloatArray) -> tuple[float, FloatArray]:
        mean, omega, rise, fall, beta, tail = x
        shock = self.returns - mean
        response = np.where(shock < 0, fall, rise)
        drive = np.empty_like(shock)
        drive[0] = omega + (rise + fall) / 2 * self.before
        drive[1:] = omega + (response * shock**2)[:-1]
        variance, _ = lfilter([1.0], [1.0, -beta], drive, zi=[beta * self.before])
        size = np.maximum(shock**2, self.floor)
        value, pull, by_tail = _student_terms(size / variance, 1 / tail)
        value -= np.log(variance).mean() / 2

        n_steps = len(shock)
        slope = (pull - 1) / (2 * n_steps * variance)
        adjoint = lfilter([1.0], [1.0, -beta], slope[::-1])[::-1]
        moved = self.moved & (shock != 0)
        of_mean = (pull[moved] / shock[moved]).sum() / n_steps
        of_mean -= 2 * adjoint[1:] @ (response * shock)[:-1]
        gradient = [of_mean, adjoint.sum(), *self._responses(adjoint, shock, variance), by_tail]
        return -value, -np.array(gradient)

    def _responses(
        self, adjoint: FloatArray, shock: FloatArray, variance: FloatArray
    ) -> tuple[float, float, float]:
        """Give the derivatives by the response to a rise, to a fall, and by beta."""
        square = adjoint[1:] * shock[:-1] ** 2
        by_fall = square @ (shock[:-1] < 0)
        first = adjoint[0] * self.before
        by_beta = adjoint[1:] @ variance[:-1] + first
        return float(square.sum() - by_fall + first / 2), float(by_fall + first / 2), float(by_beta)


def _student_terms(ratio: FloatArray, nu: float) -> tuple[float, FloatArray, float]:
    """Give the likelihood of a t law of unit variance, and how it changes.

    Args:
        ratio: Squared standardised shocks, (steps,).
        nu: Degrees of freedom.

    Returns:
        Mean log-density, minus twice the derivative of each by the log of its ratio, (steps,),
        and the derivative of the mean by ``1 / nu``.
    """
    logs = np.log1p(ratio / (nu - 2)).mean()
    pull: FloatArray = (nu + 1) * ratio / (nu - 2 + ratio)
    constant = gammaln((nu + 1) / 2) - gammaln(nu / 2) - np.log(np.pi * (nu - 2)) / 2
    by_nu = (digamma((nu + 1) / 2) - digamma(nu / 2) - logs + (pull.mean() - 1) / (nu - 2)) / 2
    return float(constant - (nu + 1) / 2 * logs), pull, float(-by_nu * nu**2)


def _targeted(free: GJR, returns: FloatArray, *, maximum_persistence: float) -> GJR:
    shocks = returns - free.mean
    standard = shocks / np.sqrt(filter_variance(returns, free)[:-1])
    negative = (standard**2 * (standard < 0)).sum(axis=0) / (standard**2).sum(axis=0)
    persistence = free.alpha + free.gamma * negative + free.beta
    shrink = np.minimum(1, maximum_persistence / persistence)
    variance = (shocks**2).mean(axis=0)
    return GJR(
        mean=free.mean,
        omega=variance * (1 - persistence * shrink),
        alpha=free.alpha * shrink,
        gamma=free.gamma * shrink,
        beta=free.beta * shrink,
    )


def filter_variance(returns: FloatArray, model: GJR) -> FloatArray:
    """Give the conditional variance of each observed step, known one step before.

    Through a run of unchanged prices (:func:`live_days`) it stays as it is.

    Args:
        returns: Observed returns (steps, channels).
        model: The volatility model.

    Returns:
        Variances (steps + 1, channels); the last row is that of the step to come. The first row
        is the sample variance.

    Example:
        >>> one = np.ones(1)
        >>> model = GJR(0 * one, 0.1 * one, 0.1 * one, 0 * one, 0.8 * one)
        >>> filter_variance(np.array([[1.0], [2.0]]), model).ravel().round(2)
        array([2.5 , 2.2 , 2.26])
    """
    shocks = returns - model.mean
    start = (shocks**2).mean(axis=0)
    drive = model.omega + (model.alpha + model.gamma * (shocks < 0)) * shocks**2
    variance = np.empty((len(returns) + 1, returns.shape[1]))
    for i, beta in enumerate(model.beta):
        live = live_days(returns[:, i])
        after, _ = lfilter([1.0], [1.0, -beta], drive[live, i], zi=[beta * start[i]])
        n_live_before = np.concatenate([[0], np.cumsum(live)])
        variance[:, i] = np.concatenate([start[i : i + 1], after])[n_live_before]
    return variance
