"""How sure a Sharpe ratio is, how long a record must be, and what many trials do to the best one.

Sharpe ratios are those of one step (day, month) throughout: a ratio a year of 2 is 2 / sqrt(252) a
day. Kurtosis is that of Pearson: 3 for a normal law.
"""

from dataclasses import dataclass
from math import sqrt
from typing import Self

import numpy as np
import pandas as pd
from scipy.special import ndtr, ndtri

from scenara.finance.portfolio.luck.trials import read_trials, sharpe_ratios
from scenara.shared.errors import ConfigError, DataError
from scenara.shared.types import Array, FloatArray

__all__ = [
    "SharpeRatio",
    "deflated_sharpe_ratio",
    "expected_maximum_sharpe",
    "independent_trials",
    "minimum_track_record_length",
    "probabilistic_sharpe_ratio",
]


@dataclass(frozen=True, kw_only=True)
class SharpeRatio:
    """Hold a Sharpe ratio with what its error depends on.

    Args:
        value: Mean over standard deviation of the returns of one step, over cash.
        n_steps: Number of returns.
        skewness: Skewness of the returns.
        kurtosis: Their kurtosis, 3 for a normal law.

    Raises:
        DataError: There are fewer than two returns, or no law has such moments.

    Example:
        >>> record = SharpeRatio(value=0.458, n_steps=24, skewness=-2.448, kurtosis=10.164)
        >>> round(probabilistic_sharpe_ratio(record), 3)
        0.913
    """

    value: float
    n_steps: int
    skewness: float = 0.0
    kurtosis: float = 3.0

    def __post_init__(self) -> None:
        if self.n_steps < 2:
            raise DataError(f"Sharpe ratio: expected at least 2 returns, found {self.n_steps}")
        if not np.isfinite(self.value) or not self.spread > 0:
            raise DataError(
                f"Sharpe ratio: no law has the ratio {self.value:g}, the skewness "
                f"{self.skewness:g} and the kurtosis {self.kurtosis:g}"
            )

    @classmethod
    def of(cls, returns: "pd.Series[float] | Array") -> Self:
        """Measure a series of returns.

        Args:
            returns: Returns of one step over cash, shape (steps,).

        Returns:
            Its Sharpe ratio and moments.

        Raises:
            DataError: A return is not finite, or all are the same.
        """
        values = read_trials(np.asarray(returns, dtype=np.float64).reshape(-1))
        deviations = values[:, 0] - values.mean()
        scale = sqrt(float(np.square(deviations).mean()))
        return cls(
            value=float(sharpe_ratios(values)[0]),
            n_steps=len(values),
            skewness=float(((deviations / scale) ** 3).mean()),
            kurtosis=float(((deviations / scale) ** 4).mean()),
        )

    @property
    def spread(self) -> float:
        """Variance of the estimate, times n - 1."""
        return 1 - self.skewness * self.value + (self.kurtosis - 1) / 4 * self.value**2

    @property
    def standard_error(self) -> float:
        """Standard error of the value, in one step."""
        return sqrt(self.spread / (self.n_steps - 1))


def probabilistic_sharpe_ratio(record: SharpeRatio, *, benchmark: float = 0.0) -> float:
    r"""Give the confidence that the true Sharpe ratio is above a benchmark.

    .. math:: \Phi\Big((SR - SR^*) \sqrt{n - 1} \Big/
        \sqrt{1 - \gamma_3 SR + \tfrac{\gamma_4 - 1}{4} SR^2}\Big)

    Args:
        record: The Sharpe ratio.
        benchmark: The ratio a step to be above.

    Returns:
        A probability.

    Example:
        >>> round(probabilistic_sharpe_ratio(SharpeRatio(value=0.458, n_steps=24)), 3)
        0.982

    References:
        Bailey and Lopez de Prado (2012), The Sharpe ratio efficient frontier, Journal of Risk
        15(2), equation 9. https://doi.org/10.21314/JOR.2012.255
    """
    return float(ndtr((record.value - benchmark) / record.standard_error))


def minimum_track_record_length(
    record: SharpeRatio, *, benchmark: float = 0.0, level: float = 0.05
) -> float:
    """Give how many returns it takes to believe that a Sharpe ratio is above a benchmark.

    Args:
        record: The Sharpe ratio; its own length plays no part.
        benchmark: The ratio a step to be above.
        level: Chance of a wrong claim that is accepted.

    Returns:
        Number of returns, infinite for a ratio that is not above the benchmark.

    Raises:
        ConfigError: The level is not between 0 and 1.

    Example:
        >>> daily = SharpeRatio(value=2 / 252**0.5, n_steps=252)
        >>> round(minimum_track_record_length(daily, benchmark=1 / 252**0.5) / 252, 2)
        2.73

    References:
        Bailey and Lopez de Prado (2012), The Sharpe ratio efficient frontier, Journal of Risk
        15(2), equation 11. https://doi.org/10.21314/JOR.2012.255
    """
    check_level(level)
    gap = record.value - benchmark
    if gap <= 0:
        return float("inf")
    return 1 + record.spread * (float(ndtri(1 - level)) / gap) ** 2


def expected_maximum_sharpe(n_trials: float, *, trial_variance: float) -> float:
    r"""Give the Sharpe ratio that the best of many trials reaches though none has any skill.

    .. math:: \sqrt{V} \, \big((1 - \gamma) \Phi^{-1}(1 - 1 / N)
        + \gamma \Phi^{-1}(1 - 1 / (N e))\big)

    with Euler's constant :math:`\gamma`: the false strategy theorem.

    Args:
        n_trials: Number of independent trials N, at least 1.
        trial_variance: Variance V of the Sharpe ratios a step over the trials.

    Returns:
        The expected maximum, a step; 0 for one trial.

    Raises:
        ConfigError: There is less than one trial, or the variance is negative.

    Example:
        >>> round(expected_maximum_sharpe(100, trial_variance=0.5 / 250), 4)
        0.1132

    References:
        Bailey and Lopez de Prado (2014), The deflated Sharpe ratio, Journal of Portfolio Management
        40(5), equation 1. https://doi.org/10.3905/jpm.2014.40.5.094
    """
    if not n_trials >= 1 or not trial_variance >= 0:
        raise ConfigError(
            "trials: expected at least one and a variance from 0, found "
            f"{n_trials!r} and {trial_variance!r}"
        )
    if n_trials == 1:
        return 0.0
    euler = float(np.euler_gamma)
    first, second = (float(ndtri(1 - 1 / (n_trials * factor))) for factor in (1, np.e))
    # The formula is below zero for less than 1.3 trials, and the expected maximum is not.
    return sqrt(trial_variance) * max((1 - euler) * first + euler * second, 0.0)


def deflated_sharpe_ratio(record: SharpeRatio, *, n_trials: float, trial_variance: float) -> float:
    """Give the confidence that the best of many trials has a true Sharpe ratio above zero.

    It is the probabilistic Sharpe ratio against what the best of as many trials without skill is
    expected to reach.

    Args:
        record: The Sharpe ratio of the chosen trial.
        n_trials: Number of independent trials.
        trial_variance: Variance of the Sharpe ratios a step over the trials.

    Returns:
        A probability.

    Raises:
        ConfigError: There is less than one trial, or the variance is negative.

    Example:
        >>> best = SharpeRatio(value=2.5 / 250**0.5, n_steps=1250, skewness=-3, kurtosis=10)
        >>> round(deflated_sharpe_ratio(best, n_trials=100, trial_variance=0.5 / 250), 4)
        0.9004

    References:
        Bailey and Lopez de Prado (2014), The deflated Sharpe ratio, Journal of Portfolio Management
        40(5), equation 2. https://doi.org/10.3905/jpm.2014.40.5.094
    """
    hurdle = expected_maximum_sharpe(n_trials, trial_variance=trial_variance)
    return probabilistic_sharpe_ratio(record, benchmark=hurdle)


def independent_trials(returns: pd.DataFrame | Array) -> float:
    r"""Give how many independent trials correlated ones are worth.

    With mean correlation :math:`\bar\rho` of the M trials it is
    :math:`\bar\rho + (1 - \bar\rho) M`.

    Args:
        returns: Returns of each trial, shape (steps, trials).

    Returns:
        A number from 1 to M.

    Raises:
        DataError: A return is not finite, or a trial never moves.

    Example:
        >>> one = np.array([0.1, -0.2, 0.3])
        >>> round(independent_trials(np.stack([one, one], axis=1)), 6)
        1.0

    References:
        Bailey and Lopez de Prado (2014), The deflated Sharpe ratio, Journal of Portfolio Management
        40(5), appendix A.3. https://doi.org/10.3905/jpm.2014.40.5.094
    """
    values = read_trials(returns)
    n_trials = values.shape[1]
    if n_trials == 1:
        return 1.0
    standard: FloatArray = (values - values.mean(axis=0)) / values.std(axis=0)
    # The sum of all correlations is the variance of the sum of standardised returns.
    total = float(np.square(standard.sum(axis=1)).mean())
    mean = min(max((total - n_trials) / (n_trials * (n_trials - 1)), 0.0), 1.0)
    return float(mean + (1 - mean) * n_trials)


def check_level(level: float) -> None:
    """Refuse a chance of a wrong claim that is no chance.

    Args:
        level: The chance.

    Raises:
        ConfigError: It is not between 0 and 1.

    Example:
        >>> check_level(0.05)
    """
    if not 0 < level < 1:
        raise ConfigError(f"level: expected a chance between 0 and 1, found {level!r}")
