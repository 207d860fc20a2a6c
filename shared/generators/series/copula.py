"""GJR-GARCH margins under a t copula: shocks of one day that no day of history had."""

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import gammaln, stdtrit

from scenara.shared.generators.series.fhs import FilteredHistoricalSimulation
from scenara.shared.generators.series.gaussian import shrunk_covariance
from scenara.shared.generators.series.student import StudentLaw, student_mixing
from scenara.shared.store import State
from scenara.shared.types import FloatArray, IntArray

__all__ = ["CopulaSeries", "fit_student_copula"]

_TAILS = (1 / 200, 1 / 2.1)


def fit_student_copula(values: FloatArray) -> StudentLaw:
    """Fit a t copula to the ranks of joint observations.

    The correlations are those of normal scores, shrunk; the degrees of freedom are of the highest
    likelihood under these.

    Args:
        values: Observations (steps, channels); only their order in each channel matters.

    Returns:
        The law whose copula it is, with mean zero and correlations as its scatter.

    References:
        Demarta, S. and McNeil, A. J. (2005). The t copula and related copulas. International
        Statistical Review 73, 111-129. https://doi.org/10.1111/j.1751-5823.2005.tb00254.x
    """
    n_steps, n_channels = values.shape
    ranks = values.argsort(axis=0, kind="stable").argsort(axis=0, kind="stable")
    scores = _scores(np.inf, n_steps)[ranks]
    correlation = shrunk_covariance(scores)
    spread = np.sqrt(np.diag(correlation))
    correlation /= np.outer(spread, spread)
    found = minimize_scalar(
        lambda tail: -_log_likelihood(correlation, 1 / tail, ranks),
        bounds=_TAILS,
        method="bounded",
        options={"xatol": 1e-4},
    )
    return StudentLaw(np.zeros(n_channels), correlation, float(1 / found.x))


def _scores(freedom: float, n_steps: int) -> FloatArray:
    """Give the quantiles of a t law at the levels of ``n_steps`` ranks."""
    scores: FloatArray = stdtrit(freedom, (np.arange(n_steps) + 0.5) / n_steps)
    return scores


def _log_likelihood(correlation: FloatArray, freedom: float, ranks: IntArray) -> float:
    """Give the mean log-likelihood of a t copula, apart from the determinant."""
    n_steps, n_channels = ranks.shape
    scores = _scores(freedom, n_steps)
    law = StudentLaw(np.zeros(n_channels), correlation, freedom)
    joint = (freedom + n_channels) / 2 * np.log1p(law.distances(scores[ranks]) / freedom).mean()
    margin = (freedom + 1) / 2 * np.log1p(scores**2 / freedom).mean()
    constant = gammaln((freedom + n_channels) / 2) - gammaln(freedom / 2)
    constant -= n_channels * (gammaln((freedom + 1) / 2) - gammaln(freedom / 2))
    return float(constant - joint + n_channels * margin)


class CopulaSeries(FilteredHistoricalSimulation):
    """Join the shocks of GJR-GARCH volatilities by a t copula in place of resampling whole days.

    Each channel's shocks keep their observed distribution; which shocks come on one day is drawn
    anew, so that no day of history comes back.

    Args:
        variance_targeting: Hold the stationary variance at the observed one.
        maximum_persistence: Largest persistence of a volatility under targeting.

    Example:
        >>> returns = np.random.default_rng(0).standard_t(5, (600, 2)) * 0.01
        >>> CopulaSeries().fit(returns).sample(3, horizon=5, random_state=1).shape
        (3, 5, 2)

    References:
        Jondeau, E. and Rockinger, M. (2006). The Copula-GARCH model of conditional dependencies.
        Journal of International Money and Finance 25, 827-853.
        https://doi.org/10.1016/j.jimonfin.2006.04.007
    """

    family = "series/copula"

    def _fit_shocks(self, shocks: FloatArray) -> None:
        super()._fit_shocks(shocks)
        self.shocks_ = np.sort(self.shocks_, axis=0)
        self._set_law(fit_student_copula(shocks.reshape(-1, shocks.shape[2])))

    def _set_law(self, law: StudentLaw) -> None:
        self.law_ = law
        self.root_ = np.linalg.cholesky(law.scatter)
        self.scores_ = _scores(law.freedom, len(self.shocks_))

    def _noise_size(self, horizon: int) -> int:
        return 1 + horizon * (1 + len(self.root_))

    def _shocks(self, noise: FloatArray, horizon: int, history: FloatArray | None) -> FloatArray:
        mixing = student_mixing(noise[:, 1 : 1 + horizon], self.law_.freedom)
        normal = noise[:, 1 + horizon :].reshape(len(noise), horizon, -1)
        values = (normal.transpose(1, 0, 2) @ self.root_.T) * mixing.T[..., None]
        for channel, observed in enumerate(self.shocks_.T):
            values[..., channel] = np.interp(values[..., channel], self.scores_, observed)
        return values

    def _state(self) -> State:
        state = super()._state()
        arrays = {**state.arrays, "correlation": self.law_.scatter}
        return State(values={"freedom": self.law_.freedom}, arrays=arrays)

    def _restore(self, state: State) -> None:
        super()._restore(state)
        correlation = state.arrays["correlation"]
        mean = np.zeros(len(correlation))
        self._set_law(StudentLaw(mean, correlation, float(state.values["freedom"])))
