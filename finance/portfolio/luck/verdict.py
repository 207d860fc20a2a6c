"""Is a backtest that was chosen among many likely to be luck: the verdict, its reasons and numbers."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from scenara.finance.portfolio.luck.more_trials import chance_of_more
from scenara.finance.portfolio.luck.overfitting import probability_of_backtest_overfitting
from scenara.finance.portfolio.luck.sharpe_ratios import (
    SharpeRatio,
    check_level,
    deflated_sharpe_ratio,
    minimum_track_record_length,
    probabilistic_sharpe_ratio,
)
from scenara.finance.portfolio.luck.trials import read_trials, sharpe_ratios, variance_over_trials
from scenara.shared.errors import ConfigError, DataError
from scenara.shared.report.numbers import count, decimal, percent
from scenara.shared.types import Array, FloatArray, RandomState

__all__ = ["LuckVerdict", "luck_verdict"]

_FEWEST_FOR_OVERFITTING = 10
_BLOCKS = 16


@dataclass(frozen=True, kw_only=True)
class LuckVerdict:
    """Say whether what a backtest earned may be luck.

    Args:
        is_luck: Whether it may be luck at this level.
        sentence: The verdict in plain words.
        reasons: What speaks for luck, a sentence each; none where nothing does.
        chosen: Position of the trial in question.
        n_trials: Number of trials that it was chosen from.
        sharpe: Its Sharpe ratio a year.
        p_value: Chance that the best of as many does as well where nothing can be earned.
        p_value_is_bound: Whether that chance is at most the p-value, and was not counted.
        probabilistic: Its probabilistic Sharpe ratio, as if it had been the only trial.
        deflated: Its deflated Sharpe ratio.
        years_needed: Minimum track record length in years, as if it had been the only trial.
        years: Length of the record in years.
        overfitting: Probability of backtest overfitting, where there are ten trials or more.
        level: Chance of a wrong claim of skill that is accepted.
    """

    is_luck: bool
    sentence: str
    reasons: tuple[str, ...]
    chosen: int
    n_trials: int
    sharpe: float
    p_value: float
    p_value_is_bound: bool
    probabilistic: float
    deflated: float
    years_needed: float
    years: float
    overfitting: float | None
    level: float


def luck_verdict(
    returns: pd.DataFrame | Array,
    *,
    chosen: int | None = None,
    n_trials: int | None = None,
    level: float = 0.05,
    periods_per_year: float = 252,
    n_draws: int = 999,
    random_state: RandomState = 0,
) -> LuckVerdict:
    """Judge the best, or a chosen one, of all trials that were made.

    It is unlikely to be luck if both hold: the best of as many trials does as well in at most
    ``level`` of the histories with mirrored days, in which nothing can be earned; and its deflated
    Sharpe ratio is at least one less ``level``. The probability of backtest overfitting and the
    track record length are given as reasons and decide nothing.

    Trials that were made and are not among the returns count through ``n_trials``. They are taken
    to be independent and as good as the others: the p-value p of m trials becomes
    ``1 - (1 - p) ** (n_trials / m)``, with enough draws to tell it from the level, or a bound that
    holds for every law of the sizes of moves where no draw reaches the record. Where there are others, or
    fewer than ten trials, the ratio is deflated by the variance of Sharpe ratios without skill, else by
    that of the trials.

    Args:
        returns: Returns after costs and over cash of each trial, shape (steps, trials).
        chosen: Position of the trial in question; None for the one with the best Sharpe ratio.
        n_trials: Number of trials in all; None for those given.
        level: Chance of a wrong claim of skill that is accepted.
        periods_per_year: Steps in a year.
        n_draws: Number of mirrored histories; more are drawn where more trials were made.
        random_state: Seed of the mirrored histories.

    Returns:
        The verdict.

    Raises:
        ConfigError: The level is not between 0 and 1, or there are fewer trials than returns.
        DataError: A return is not finite, a trial never moves, or the chosen one is not there.

    Example:
        >>> noise = np.random.default_rng(0).normal(0, 0.01, (1000, 40))
        >>> luck_verdict(noise).is_luck
        True

    References:
        Bailey and Lopez de Prado (2014), The deflated Sharpe ratio, Journal of Portfolio Management
        40(5). https://doi.org/10.3905/jpm.2014.40.5.094
        Bentkus and Dzindzalieta (2015), A tight Gaussian bound for weighted sums of Rademacher
        random variables, Bernoulli 21(2). https://doi.org/10.3150/14-BEJ603
    """
    check_level(level)
    values = read_trials(returns)
    ratios = sharpe_ratios(values)
    pick, total = _choice(ratios, chosen, n_trials)
    chance = chance_of_more(
        values,
        chosen=pick,
        n_trials=total,
        level=level,
        n_draws=n_draws,
        random_state=random_state,
    )
    record = SharpeRatio.of(values[:, pick])
    variance = variance_over_trials(ratios, n_trials=total, n_steps=len(values))
    found = _Numbers(
        n_trials=total,
        p_value=chance.value,
        p_value_is_bound=chance.is_bound,
        deflated=deflated_sharpe_ratio(record, n_trials=total, trial_variance=float(variance)),
        years_needed=minimum_track_record_length(record, level=level) / periods_per_year,
        years=len(values) / periods_per_year,
        overfitting=_overfitting(values),
        level=level,
    )
    return LuckVerdict(
        is_luck=found.is_luck,
        sentence=found.sentence(),
        reasons=found.reasons(),
        chosen=pick,
        sharpe=record.value * float(np.sqrt(periods_per_year)),
        probabilistic=probabilistic_sharpe_ratio(record),
        **vars(found),
    )


@dataclass(frozen=True, kw_only=True)
class _Numbers:
    """The numbers on which the verdict and its words rest, as in ``LuckVerdict``."""

    n_trials: int
    p_value: float
    p_value_is_bound: bool
    deflated: float
    years_needed: float
    years: float
    overfitting: float | None
    level: float

    @property
    def is_luck(self) -> bool:
        return self.p_value > self.level or self.deflated < 1 - self.level

    @property
    def best(self) -> str:
        return "a single trial" if self.n_trials == 1 else f"the best of {count(self.n_trials)}"

    @property
    def cases(self) -> str:
        return f"{'at most ' * self.p_value_is_bound}{percent(self.p_value, digits=1)} of cases"

    def sentence(self) -> str:
        if self.is_luck:
            return (
                f"May be luck: where nothing can be earned, {self.best} does as well in {self.cases}; "
                f"its deflated Sharpe ratio is {percent(self.deflated, digits=1)}."
            )
        return (
            f"Unlikely to be luck: where nothing can be earned, {self.best} does as well in "
            f"{'' if self.p_value_is_bound else 'only '}{self.cases}; its deflated Sharpe ratio is "
            f"{percent(self.deflated, digits=1)}."
        )

    def reasons(self) -> tuple[str, ...]:
        sure = percent(1 - self.level)
        found = []
        if self.p_value > self.level:
            worse = "and not surely in less" if self.p_value_is_bound else "more"
            found.append(
                f"Where nothing can be earned, {self.best} does as well in {self.cases}, {worse} than "
                f"{percent(self.level)}."
            )
        if self.deflated < 1 - self.level:
            found.append(
                f"The confidence that it is better than {self.best} without skill is "
                f"{percent(self.deflated, digits=1)}, less than {sure}."
            )
        if self.overfitting is not None and self.overfitting >= 0.5:
            found.append(
                "Chosen on half of the days, the best trial is below the middle on the other half "
                f"in {percent(self.overfitting)} of cases."
            )
        if self.years_needed > self.years:
            needed = (
                f"it takes {decimal(self.years_needed, digits=1)} years of such returns"
                if np.isfinite(self.years_needed)
                else "no length of such returns suffices"
            )
            found.append(
                f"Even alone, {needed} to be {sure} sure of a Sharpe ratio above zero; there are "
                f"{decimal(self.years, digits=1)}."
            )
        return tuple(found)


def _choice(ratios: FloatArray, chosen: int | None, n_trials: int | None) -> tuple[int, int]:
    """Give the position of the trial in question and the number of trials in all."""
    total = len(ratios) if n_trials is None else n_trials
    if total < len(ratios):
        raise ConfigError(
            f"n_trials: expected at least the {len(ratios)} trials given, found {n_trials!r}"
        )
    pick = int(ratios.argmax()) if chosen is None else chosen
    if not 0 <= pick < len(ratios):
        raise DataError(f"chosen: expected a trial from 0 to {len(ratios) - 1}, found {chosen}")
    return pick, total


def _overfitting(values: FloatArray) -> float | None:
    n_steps, n_trials = values.shape
    if n_trials < _FEWEST_FOR_OVERFITTING or n_steps < 2 * _BLOCKS:
        return None
    return probability_of_backtest_overfitting(values, n_blocks=_BLOCKS).probability
