"""The GJR-GARCH(1,1) volatility of several channels at once: fit, filter, recursion."""

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.signal import lfilter

from scenara.shared.errors import DataError, MissingExtraError
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
    ``omega`` is set so that the stationary variance is the observed one. Long runs of unchanged
    prices make the likelihood degenerate and the responses large: clean such prices first.

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
        MissingExtraError: The package ``arch`` is not installed.
        DataError: A channel's likelihood could not be maximised.

    References:
        Francq, C., Horvath, L. and Zakoian, J.-M. (2011). Merits and drawbacks of variance
        targeting in GARCH models. Journal of Financial Econometrics 9, 619-656.
        https://doi.org/10.1093/jjfinec/nbr004
    """
    scale = returns.std(axis=0)
    fits = []
    for i, channel in enumerate((returns / scale).T):
        fits.append(_fit_channel(channel, number=i))
        progress("fit", i + 1, len(scale))
    mean, omega, alpha, gamma, beta = np.array(fits).T
    free = GJR(mean * scale, omega * scale**2, alpha, gamma, beta)
    if not variance_targeting:
        return free
    return _targeted(free, returns, maximum_persistence=maximum_persistence)


# Mean, omega, alpha, gamma, beta and degrees of freedom, for returns of unit variance. A run of
# unchanged prices gives the likelihood several peaks; of two starts the higher one is taken.
_START = (0.0, 0.05, 0.1, 0.1, 0.8, 5.0)


def _fit_channel(scaled: FloatArray, *, number: int) -> tuple[float, ...]:
    model = _arch_model()(
        scaled, mean="Constant", vol="GARCH", p=1, o=1, q=1, dist="t", rescale=False
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fits = [
            model.fit(disp="off", show_warning=False, starting_values=start)
            for start in (None, np.array(_START))
        ]
    fits = [fit for fit in fits if np.isfinite([*fit.params, fit.loglikelihood]).all()]
    if not fits:
        raise DataError(f"channel {number}: the GJR-GARCH likelihood has no maximum; leave it out")
    found = max(fits, key=lambda fit: fit.loglikelihood).params
    names = ("mu", "omega", "alpha[1]", "gamma[1]", "beta[1]")
    return tuple(float(found[name]) for name in names)


def _arch_model() -> Any:  # noqa: ANN401  (arch ships no types for it)
    try:
        from arch import arch_model
    except ImportError as error:
        raise MissingExtraError("arch", extra="finance", purpose="GJR-GARCH") from error
    return arch_model


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
    variance[0] = start
    for i, beta in enumerate(model.beta):
        variance[1:, i], _ = lfilter([1.0], [1.0, -beta], drive[:, i], zi=[beta * start[i]])
    return variance
