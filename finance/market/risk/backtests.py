"""Was a forecast of VaR and ES right: tests of exceedances, and a loss to rank forecasts by.

VaR and ES are losses, positive as fractions of the portfolio: a VaR of .02 is exceeded on a day whose
return is below -.02.
"""

from typing import NamedTuple

import numpy as np
from scipy.special import xlogy
from scipy.stats import chi2

from scenara.shared.errors import DataError
from scenara.shared.types import Array, FloatArray, RandomState

__all__ = [
    "RiskTest",
    "TailTest",
    "acerbi_szekely_test",
    "christoffersen_test",
    "conditional_coverage_test",
    "dynamic_quantile_test",
    "exceedances",
    "expected_shortfall_ratio",
    "fz0_loss",
    "kupiec_test",
]


_COLLINEAR = 1e-12
"""Share of the largest squared singular value below which regressors are collinear."""


class RiskTest(NamedTuple):
    """Hold a test's statistic and the chance of one as large if the forecast is right."""

    statistic: float
    p_value: float


class TailTest(NamedTuple):
    """Hold a statistic that falls when losses are worse than forecast.

    Args:
        statistic: Zero on average if the forecast is right.
        p_value: Chance of one as low if it is.
        critical_value: The statistic below which the forecast is refused at 5 %.
    """

    statistic: float
    p_value: float
    critical_value: float


def exceedances(returns: FloatArray, var: FloatArray) -> Array:
    """Mark the days that lose more than the VaR.

    Args:
        returns: Returns, shape ``(days,)``.
        var: VaR of each day, a positive loss, shape ``(days,)``.

    Returns:
        Booleans, shape ``(days,)``.

    Raises:
        DataError: The shapes differ, or a number is not finite.

    Example:
        >>> exceedances(np.array([-0.03, 0.01]), np.array([0.02, 0.02])).tolist()
        [True, False]
    """
    _check_days(returns, var)
    return np.asarray(returns < -np.asarray(var))


def kupiec_test(hits: Array, *, tail: float) -> RiskTest:
    """Test that exceedances are as frequent as the VaR says (proportion of failures).

    Args:
        hits: Whether each day exceeded its VaR, shape ``(days,)``.
        tail: Probability of an exceedance, such as .01.

    Returns:
        Likelihood ratio and its p-value, chi-square with one degree of freedom.

    Raises:
        DataError: There is no day, a hit is no truth value, or ``tail`` is not inside 0 to 1.

    Example:
        >>> hits = np.arange(255) < 6
        >>> round(kupiec_test(hits, tail=0.05).statistic, 2)
        4.64

    References:
        Kupiec (1995), Techniques for verifying the accuracy of risk measurement models,
        Journal of Derivatives 3(2).
    """
    n_hits, n_days = _count(hits, tail)
    share = n_hits / n_days
    ratio = 2 * (_bernoulli(n_hits, n_days, share) - _bernoulli(n_hits, n_days, tail))
    return _chi_square(ratio, 1)


def christoffersen_test(hits: Array) -> RiskTest:
    """Test that an exceedance is no likelier on the day after one (independence).

    The alternative is a Markov chain of first order.

    Args:
        hits: Whether each day exceeded its VaR, shape ``(days,)``.

    Returns:
        Likelihood ratio and its p-value, chi-square with one degree of freedom.

    Raises:
        DataError: There are fewer than two days, or a hit is no truth value.

    Example:
        >>> clustered = np.array([0] * 90 + [1] * 10)
        >>> christoffersen_test(clustered).p_value < 1e-6
        True

    References:
        Christoffersen (1998), Evaluating interval forecasts, International Economic Review 39(4).
    """
    before, after = _as_hits(hits)[:-1], _as_hits(hits)[1:]
    after_calm, after_hit = after[~before], after[before]
    if not len(after):
        raise DataError("hits: expected at least two days")
    apart = sum(
        _bernoulli(int(part.sum()), len(part), float(part.mean()))
        for part in (after_calm, after_hit)
        if len(part)
    )
    pooled = _bernoulli(int(after.sum()), len(after), float(after.mean()))
    return _chi_square(2 * (apart - pooled), 1)


def conditional_coverage_test(hits: Array, *, tail: float) -> RiskTest:
    """Test frequency and independence of exceedances at once.

    Args:
        hits: Whether each day exceeded its VaR, shape ``(days,)``.
        tail: Probability of an exceedance, such as .01.

    Returns:
        Sum of both likelihood ratios and its p-value, chi-square with two degrees of freedom.

    Raises:
        DataError: There are fewer than two days, a hit is no truth value, or ``tail`` is not
            inside 0 to 1.

    Example:
        >>> conditional_coverage_test(np.arange(100) % 20 == 0, tail=0.05).p_value > 0.5
        True

    References:
        Christoffersen (1998), section 3.3.
    """
    ratio = kupiec_test(hits, tail=tail).statistic + christoffersen_test(hits).statistic
    return _chi_square(ratio, 2)


def dynamic_quantile_test(
    hits: Array,
    var: FloatArray,
    *,
    tail: float,
    n_lags: int = 4,
    n_simulations: int = 0,
    random_state: RandomState = 0,
) -> RiskTest:
    """Test that nothing known beforehand foretells an exceedance.

    The hits less their probability are regressed on a constant, their last values and the VaR;
    all coefficients are zero if the VaR is right. Of rare hits the chi-square law refuses a right
    VaR too often; the law under a right forecast can be simulated instead, with independent hits
    beside the VaR as it was.

    Args:
        hits: Whether each day exceeded its VaR, shape ``(days,)``.
        var: VaR of each day, shape ``(days,)``.
        tail: Probability of an exceedance, such as .01.
        n_lags: Number of earlier hits in the regression.
        n_simulations: Number of simulated histories; 0 for the chi-square law.
        random_state: Seed of the simulation.

    Returns:
        Wald statistic and its p-value, simulated or chi-square with ``n_lags + 2`` degrees of
        freedom (fewer where regressors are collinear).

    Raises:
        DataError: The shapes differ, a VaR is not finite, or there are too few days.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> var = rng.uniform(1, 2, size=2000)
        >>> dynamic_quantile_test(rng.random(2000) < 0.05, var, tail=0.05).p_value > 0.01
        True

    References:
        Engle and Manganelli (2004), CAViaR, Journal of Business and Economic Statistics 22(4),
        equation 17 (in sample) and theorem 5 (out of sample); Dufour (2006), Monte Carlo tests
        with nuisance parameters, Journal of Econometrics 133(2), equation 2.
    """
    _count(hits, tail)
    if np.shape(hits) != np.shape(var) or len(hits) <= 2 * n_lags + 2:
        raise DataError(f"expected a VaR for each of more than {2 * n_lags + 2} days")
    if not np.isfinite(var).all():
        raise DataError("VaR: expected finite numbers, found missing ones")
    statistic, rank = _foretold(_as_hits(hits), np.asarray(var), tail, n_lags)
    if not n_simulations:
        return _chi_square(statistic, rank)
    rng = np.random.default_rng(random_state)
    null = np.array(
        [
            _foretold(rng.random(len(hits)) < tail, np.asarray(var), tail, n_lags)[0]
            for _ in range(n_simulations)
        ]
    )
    as_large = (null >= statistic * (1 - 1e-9)).sum()
    return RiskTest(statistic, float((1 + as_large) / (1 + n_simulations)))


def _foretold(hits: Array, var: FloatArray, tail: float, n_lags: int) -> tuple[float, int]:
    """Give the Wald statistic of the dynamic quantile regression and its rank."""
    demeaned = hits - tail
    n_days = len(demeaned) - n_lags
    x = np.empty((n_days, n_lags + 2))
    x[:, 0] = 1
    for lag in range(1, n_lags + 1):
        x[:, lag] = demeaned[n_lags - lag : n_lags - lag + n_days]
    x[:, -1] = var[n_lags:] / max(np.abs(var[n_lags:]).max(), np.finfo(float).tiny)
    sizes, axes = np.linalg.eigh(x.T @ x)
    seen = sizes > _COLLINEAR * sizes[-1]
    along = (demeaned[n_lags:] @ x) @ axes[:, seen]
    return float((along**2 / sizes[seen]).sum()) / (tail * (1 - tail)), int(seen.sum())


def acerbi_szekely_test(
    returns: FloatArray,
    var: FloatArray,
    es: FloatArray,
    *,
    tail: float,
    kind: str = "Z2",
    tail_shape: float = 0.1,
    n_simulations: int = 2_000,
    random_state: RandomState = 0,
) -> TailTest:
    """Test that losses beyond the VaR are no worse than the ES says.

    ``Z1`` is one less the mean of loss over ES among the exceedances; ``Z2`` is one less the sum
    of those ratios over their expected number, so that it judges VaR and ES together. The law of
    both under a right forecast is simulated: exceedances with probability ``tail``, and beyond the
    VaR a generalised Pareto law whose mean gives the ES.

    Args:
        returns: Returns, shape ``(days,)``.
        var: VaR of each day, a positive loss, shape ``(days,)``.
        es: ES of each day, above the VaR, shape ``(days,)``.
        tail: Probability of an exceedance, such as .025.
        kind: ``"Z1"`` or ``"Z2"``.
        tail_shape: Shape of the Pareto law, the inverse of the degrees of freedom of a t law.
        n_simulations: Number of simulated histories.
        random_state: Seed.

    Returns:
        The statistic, its p-value and its critical value at 5 %. Without any exceedance, ``Z1`` is
        0 and its p-value 1.

    Raises:
        DataError: The shapes differ, an ES is not above its VaR, ``tail`` or ``tail_shape`` is not
            inside 0 to 1, or ``kind`` is not known.

    Example:
        >>> rng = np.random.default_rng(1)
        >>> day = rng.normal(size=250)
        >>> es, var = np.full(250, 2.338), np.full(250, 1.960)
        >>> acerbi_szekely_test(1.5 * day, var, es, tail=0.025).p_value < 0.05
        True

    References:
        Acerbi and Szekely (2014), Backtesting expected shortfall, Risk; tests 1 and 2.
    """
    hits = exceedances(returns, var)
    _check_tail_forecast(var, es)
    _check_tail(tail)
    if not 0 < tail_shape < 1:
        raise DataError(f"tail_shape: expected a number between 0 and 1, found {tail_shape}")
    if kind not in ("Z1", "Z2"):
        raise DataError(f"kind: expected 'Z1' or 'Z2', found {kind!r}")
    n_expected = tail * len(hits)
    observed = _tail_statistic(np.where(hits, -returns / es, 0.0), hits, kind, n_expected)
    rng = np.random.default_rng(random_state)
    null = np.empty(n_simulations)
    for number in range(n_simulations):
        drawn = rng.random(len(hits)) < tail
        beyond = rng.uniform(size=len(hits)) ** -tail_shape - 1
        loss = var + (es - var) * (1 - tail_shape) / tail_shape * beyond
        null[number] = _tail_statistic(np.where(drawn, loss / es, 0.0), drawn, kind, n_expected)
    p_value = float((1 + (null <= observed).sum()) / (1 + n_simulations))
    return TailTest(observed, p_value, float(np.quantile(null, 0.05)))


def _tail_statistic(ratios: FloatArray, hits: Array, kind: str, n_expected: float) -> float:
    n_hits = int(hits.sum())
    if kind == "Z1":
        return 1 - float(ratios.sum()) / n_hits if n_hits else 0.0
    return 1 - float(ratios.sum()) / n_expected


def fz0_loss(returns: FloatArray, var: FloatArray, es: FloatArray, *, tail: float) -> FloatArray:
    """Give the loss that the right VaR and ES minimise together, one number a day.

    With the quantile v = -VaR and e = -ES it is ``1{y <= v} (y - v) / (tail e) + v / e +
    log(-e) - 1``; the mean of it ranks forecasts, lower is better.

    Args:
        returns: Returns, shape ``(days,)``.
        var: VaR of each day, a positive loss, shape ``(days,)``.
        es: ES of each day, shape ``(days,)``.
        tail: Probability of an exceedance, such as .01.

    Returns:
        Losses, shape ``(days,)``.

    Raises:
        DataError: The shapes differ, an ES is below its VaR or not positive, or ``tail`` is not
            inside 0 to 1.

    Example:
        >>> day = np.random.default_rng(0).normal(size=100_000)
        >>> right = fz0_loss(day, np.full(100_000, 1.645), np.full(100_000, 2.063), tail=0.05)
        >>> wrong = fz0_loss(day, np.full(100_000, 1.500), np.full(100_000, 1.900), tail=0.05)
        >>> bool(right.mean() < wrong.mean())
        True

    References:
        Patton, Ziegel and Chen (2019), Dynamic semiparametric models for expected shortfall (and
        value-at-risk), Journal of Econometrics 211(2), equation 6.
    """
    _check_days(returns, var)
    _check_tail_forecast(var, es)
    _check_tail(tail)
    quantile, shortfall = -np.asarray(var), -np.asarray(es)
    beyond = np.where(returns <= quantile, quantile - returns, 0.0)
    loss: FloatArray = -beyond / (tail * shortfall) + quantile / shortfall + np.log(es) - 1
    return loss


def expected_shortfall_ratio(returns: FloatArray, var: FloatArray, es: FloatArray) -> float:
    """Average realised loss over predicted ES on the days beyond the VaR.

    Args:
        returns: Returns, shape ``(days,)``.
        var: VaR of each day, a positive loss, shape ``(days,)``.
        es: ES of each day, shape ``(days,)``.

    Returns:
        One if the ES is right, above one if losses were worse; NaN without exceedance.

    Raises:
        DataError: The shapes differ, or a number is not finite.

    Example:
        >>> expected_shortfall_ratio(np.array([-3.0, 0.0]), np.full(2, 2.0), np.full(2, 2.5))
        1.2
    """
    hits = exceedances(returns, var)
    if np.shape(es) != np.shape(var) or not np.isfinite(es).all():
        raise DataError("es: expected a finite number for each VaR")
    return float(np.mean(-returns[hits] / es[hits])) if hits.any() else float("nan")


def _as_hits(hits: Array) -> Array:
    flags = np.asarray(hits)
    wrong = np.flatnonzero((flags != 0) & (flags != 1))
    if len(wrong):
        raise DataError(f"hits: expected True or False, found {flags[wrong[0]]} on day {wrong[0]}")
    return flags.astype(bool)


def _check_tail(tail: float) -> None:
    if not 0 < tail < 1:
        raise DataError(f"tail: expected a probability between 0 and 1, found {tail}")


def _count(hits: Array, tail: float) -> tuple[int, int]:
    _check_tail(tail)
    if np.ndim(hits) != 1 or not len(hits):
        raise DataError(f"hits: expected one flag a day, found shape {np.shape(hits)}")
    return int(_as_hits(hits).sum()), len(hits)


def _bernoulli(n_hits: int, n_days: int, probability: float) -> float:
    """Give the log likelihood of ``n_hits`` in ``n_days``, with 0 log 0 = 0."""
    return float(xlogy(n_hits, probability) + xlogy(n_days - n_hits, 1 - probability))


def _chi_square(statistic: float, degrees: int) -> RiskTest:
    positive = max(statistic, 0.0)
    return RiskTest(positive, float(chi2.sf(positive, degrees)))


def _check_days(returns: FloatArray, var: FloatArray) -> None:
    if np.ndim(returns) != 1 or np.shape(returns) != np.shape(var):
        raise DataError(
            f"expected returns and VaR of the same days, found shapes {np.shape(returns)} and "
            f"{np.shape(var)}"
        )
    if not (np.isfinite(returns).all() and np.isfinite(var).all()):
        raise DataError("returns and VaR: expected finite numbers, found missing ones")


def _check_tail_forecast(var: FloatArray, es: FloatArray) -> None:
    if np.shape(var) != np.shape(es) or not (np.asarray(es) > 0).all():
        raise DataError("es: expected a positive number for each VaR")
    if not (np.asarray(es) >= np.asarray(var)).all():
        raise DataError("es: expected no ES below its VaR")
