"""Whether one forecaster's losses are lower than another's by more than luck."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import stdtr

from scenara.shared.errors import ConfigError, DataError, MissingExtraError
from scenara.shared.types import FloatArray

__all__ = ["DieboldMariano", "ModelConfidenceSet", "confidence_set", "diebold_mariano"]

_STARS = ((0.01, "***"), (0.05, "**"), (0.10, "*"))
_FEWEST = 30


@dataclass(frozen=True)
class DieboldMariano:
    """Hold a test that two forecasters are equally good.

    Args:
        mean: Mean loss of the first minus that of the second; negative if the first is better.
        statistic: Student's statistic; huge if the losses always differ by the same.
        p_value: Two-sided.
        n_lags: Lags of the long-run variance.
    """

    mean: float
    statistic: float
    p_value: float
    n_lags: int

    @property
    def stars(self) -> str:
        """One star at 10 %, two at 5 %, three at 1 %."""
        return next((stars for level, stars in _STARS if self.p_value < level), "")


@dataclass(frozen=True)
class ModelConfidenceSet:
    """Hold which models may be the best.

    Args:
        p_values: Of each model; those of at least ``size`` are in the set.
        size: Chance that the set misses the best model.
    """

    p_values: pd.Series
    size: float

    @property
    def members(self) -> tuple[str, ...]:
        """The models in the set."""
        return tuple(str(name) for name in self.p_values.index[self.p_values >= self.size])


def diebold_mariano(
    first: FloatArray, second: FloatArray, *, days_ahead: int = 1
) -> DieboldMariano:
    """Test whether two forecasters have the same expected loss.

    The long-run variance is that of Newey and West with twice the lags over which forecasts
    overlap, at least ``4 (n / 100)^(2/9)``; the statistic is scaled down for small samples as
    Harvey, Leybourne and Newbold do and compared with Student's law of n - 1 degrees of freedom.

    Args:
        first: Losses of the first forecaster in order of time, shape (n,).
        second: Losses of the second on the same days, shape (n,).
        days_ahead: Steps (between losses) that a forecast looks ahead.

    Returns:
        The test.

    Raises:
        DataError: Losses are not finite, not of one length, or fewer than 30 or than four times
            the lags.
        ConfigError: ``days_ahead`` is below 1.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> diebold_mariano(rng.normal(1.0, 1, 400), rng.normal(0.0, 1, 400)).stars
        '***'

    References:
        Diebold, F. X. and Mariano, R. S. (1995). Comparing predictive accuracy. Journal of
        Business and Economic Statistics 13, 253-263.
        Newey, W. K. and West, K. D. (1987). A simple, positive semi-definite, heteroskedasticity
        and autocorrelation consistent covariance matrix. Econometrica 55, equation 5.
        Harvey, D., Leybourne, S. and Newbold, P. (1997). Testing the equality of prediction mean
        squared errors. International Journal of Forecasting 13, equation 9.
    """
    if days_ahead < 1:
        raise ConfigError(f"days_ahead: expected at least 1, found {days_ahead}")
    gap = _paired(first, second)
    n = len(gap)
    n_lags = max(2 * (days_ahead - 1), int(4 * (n / 100) ** (2 / 9)))
    if n < max(_FEWEST, 4 * n_lags):
        raise DataError(
            f"losses: found {n}, expected at least {max(_FEWEST, 4 * n_lags)} for forecasts "
            f"{days_ahead} steps ahead"
        )
    mean = float(gap.mean())
    # A gap that never varies is no luck: the floor keeps its statistic finite, for reports.
    variance = max(_long_run_variance(gap - mean, n_lags) / n, np.finfo(float).tiny)
    h = days_ahead
    correction = np.sqrt((n + 1 - 2 * h + h * (h - 1) / n) / n)
    statistic = float(correction * mean / np.sqrt(variance))
    p_value = float(2 * stdtr(n - 1, -abs(statistic)))
    return DieboldMariano(mean, statistic, p_value, n_lags)


def _paired(first: FloatArray, second: FloatArray) -> FloatArray:
    if np.ndim(first) != 1 or np.shape(first) != np.shape(second):
        raise DataError(
            f"losses: expected two of one length, found {np.shape(first)} and {np.shape(second)}"
        )
    gap: FloatArray = np.asarray(first, np.float64) - second
    if not np.isfinite(gap).all():
        raise DataError(f"losses: found no number in row {int(np.argmin(np.isfinite(gap)))}")
    return gap


def _long_run_variance(centred: FloatArray, n_lags: int) -> float:
    n = len(centred)
    covariances = [centred[lag:] @ centred[: n - lag] / n for lag in range(n_lags + 1)]
    weights = 1 - np.arange(1, n_lags + 1) / (n_lags + 1)
    return float(covariances[0] + 2 * weights @ covariances[1:])


def confidence_set(
    losses: pd.DataFrame,
    *,
    size: float = 0.10,
    days_ahead: int = 1,
    n_repetitions: int = 1_000,
    random_state: int = 0,
) -> ModelConfidenceSet:
    """Give the models that can't be told from the best one.

    A stationary bootstrap of the losses; its blocks are at least twice as long as forecasts
    overlap.

    Args:
        losses: Losses, days by models.
        size: Chance that the set misses the best model.
        days_ahead: Steps that a forecast looks ahead.
        n_repetitions: Bootstrap samples.
        random_state: Seed.

    Returns:
        The set.

    Raises:
        DataError: Fewer than two models, fewer than 30 days, or losses that are not finite.
        ConfigError: The size is not between 0 and 1.
        MissingExtraError: The package ``arch`` is not installed.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> losses = pd.DataFrame({"good": rng.normal(0, 1, 300), "bad": rng.normal(1, 1, 300)})
        >>> confidence_set(losses, n_repetitions=200).members
        ('good',)

    References:
        Hansen, P. R., Lunde, A. and Nason, J. M. (2011). The model confidence set. Econometrica
        79, 453-497.
    """
    if not 0 < size < 1:
        raise ConfigError(f"size: expected a number between 0 and 1, found {size!r}")
    values = losses.to_numpy(np.float64)
    if values.shape[0] < _FEWEST or values.shape[1] < 2 or not np.isfinite(values).all():
        raise DataError(
            f"losses: expected at least {_FEWEST} finite rows of two models or more, "
            f"found shape {values.shape}"
        )
    unit = values.std() or 1.0
    found = _mcs()(
        losses / unit,
        size=size,
        reps=n_repetitions,
        block_size=max(2 * days_ahead, round(len(values) ** (1 / 3))),
        seed=random_state,
    )
    found.compute()
    p_values = found.pvalues["Pvalue"].reindex(losses.columns).astype(np.float64)
    return ModelConfidenceSet(p_values, size)


def _mcs() -> Any:  # noqa: ANN401  (arch ships no types for it)
    try:
        from arch.bootstrap import MCS
    except ImportError as error:
        raise MissingExtraError("arch", extra="finance", purpose="model confidence sets") from error
    return MCS
