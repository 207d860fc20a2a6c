"""How often a test of skill is wrong where nothing can be earned, and right where something can."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from scipy.special import ndtr

from scenara.finance.market.intervals import wilson_interval
from scenara.finance.portfolio.backtest import backtest
from scenara.finance.portfolio.luck.mirrored_days import mirrored_p_value
from scenara.finance.portfolio.luck.sharpe_ratios import expected_maximum_sharpe
from scenara.finance.portfolio.luck.trials import variance_over_trials
from scenara.finance.portfolio.luck.zero_edge import planted_edge, zero_edge
from scenara.finance.portfolio.performance import moves
from scenara.finance.portfolio.strategies import Strategy
from scenara.shared.errors import DataError
from scenara.shared.types import Array, FloatArray, RandomState

__all__ = [
    "SKILL_TESTS",
    "ErrorRate",
    "SkillTest",
    "best_alone_test",
    "deflated_test",
    "false_discovery_rate",
    "luck_test",
    "mirrored_test",
    "power",
]

SkillTest: TypeAlias = Callable[[FloatArray], FloatArray]
"""Takes returns over cash, shape (worlds, steps, strategies); gives p-values, shape (worlds,)."""

Playable: TypeAlias = Strategy | str | Callable[..., Any]

_N_DRAWS = 499

_COINS = (0, _N_DRAWS)
"""Seed of mirrored days that is no seed of worlds: the same coins would undo their signs."""

_PLANTED = ("rebalance", "dates", "history_dates", "assets", "limits")
"""What the engine takes that an edge depends on."""


@dataclass(frozen=True, kw_only=True)
class ErrorRate:
    """Hold in which share of worlds a test says that the best of some strategies has skill.

    Args:
        test: Name of the test.
        level: Chance of a wrong claim that the test promises at most.
        share: Share of worlds with a claim of skill.
        low: Lower end of its 95 % interval (Wilson).
        high: Upper end.
        n_worlds: Number of worlds.
    """

    test: str
    level: float
    share: float
    low: float
    high: float
    n_worlds: int

    @property
    def keeps_level(self) -> bool:
        """Whether the level is not refuted: the lower end of the interval is not above it."""
        return self.low <= self.level


def best_alone_test(returns: FloatArray) -> FloatArray:
    """Test the best strategy by its probabilistic Sharpe ratio, as if no other had been tried.

    Args:
        returns: Returns over cash, shape (worlds, steps, strategies).

    Returns:
        One less the ratio, shape (worlds,).

    Example:
        >>> best_alone_test(np.random.default_rng(0).normal(0, 1, (3, 50, 1))).shape
        (3,)
    """
    return _sharpe_p_values(returns, deflate=False)


def deflated_test(returns: FloatArray) -> FloatArray:
    """Test the best strategy by its deflated Sharpe ratio.

    Args:
        returns: Returns over cash, shape (worlds, steps, strategies).

    Returns:
        One less the ratio, shape (worlds,).

    Example:
        >>> returns = np.random.default_rng(0).normal(0, 1, (3, 50, 9))
        >>> bool((deflated_test(returns) > best_alone_test(returns)).all())
        True
    """
    return _sharpe_p_values(returns, deflate=True)


def mirrored_test(returns: FloatArray) -> FloatArray:
    """Test the best strategy by mirrored days, see :func:`mirrored_days_test`.

    Args:
        returns: Returns over cash, shape (worlds, steps, strategies).

    Returns:
        p-values, shape (worlds,).

    Example:
        >>> mirrored_test(np.ones((1, 20, 1))).tolist()
        [0.002]
    """
    rng = np.random.default_rng(_COINS)
    found = [mirrored_p_value(world, chosen=None, n_draws=_N_DRAWS, rng=rng) for world in returns]
    return np.array(found)


def luck_test(returns: FloatArray) -> FloatArray:
    """Ask for both, mirrored days and a deflated Sharpe ratio, as the verdict on luck does.

    Args:
        returns: Returns over cash, shape (worlds, steps, strategies).

    Returns:
        The larger of the two p-values, shape (worlds,).

    Example:
        >>> luck_test(np.random.default_rng(0).normal(0, 1, (3, 50, 9))).shape
        (3,)
    """
    return np.maximum(mirrored_test(returns), deflated_test(returns))


SKILL_TESTS: Mapping[str, SkillTest] = {
    "best alone": best_alone_test,
    "deflated Sharpe ratio": deflated_test,
    "mirrored days": mirrored_test,
    "verdict on luck": luck_test,
}
"""Name -> test; the first is the mistake that the others correct."""


def false_discovery_rate(
    strategies: Sequence[Playable],
    worlds: Array,
    *,
    tests: Mapping[str, SkillTest] = SKILL_TESTS,
    levels: Sequence[float] = (0.05,),
    history: Array | None = None,
    cash: float = 0.0,
    random_state: RandomState = 0,
    **trading: Any,  # noqa: ANN401  (what the engine takes)
) -> tuple[ErrorRate, ...]:
    """Count the worlds without any edge in which a test finds that the best strategy has skill.

    Each world gets fair signs first, see :func:`zero_edge`, so that every claim is false. Costs
    make claims rarer; without them, a test that holds its promise claims in a share of worlds of at
    most its level.

    Args:
        strategies: What is tried in each world; the best of them is tested.
        worlds: Simple returns, shape (paths, steps, assets).
        tests: Name -> test.
        levels: Levels at which the tests claim.
        history: Returns before each world, shape (paths, steps, assets); they get signs too.
        cash: What cash earns in one step; returns are tested over it.
        random_state: Seed of the signs.
        **trading: What :func:`backtest` takes, such as ``rebalance`` and ``costs``.

    Returns:
        One rate for each test and level.

    Raises:
        DataError: There is no strategy, or worlds are not finite or of another shape.

    Example:
        >>> worlds = np.random.default_rng(0).normal(0.001, 0.01, (200, 63, 2))
        >>> rates = false_discovery_rate(["equal-weight"], worlds)
        >>> {rate.test: rate.keeps_level for rate in rates}["mirrored days"]
        True
    """
    _check_strategies(strategies)
    rng = np.random.default_rng(random_state)
    fair = zero_edge(worlds, cash=cash, random_state=rng)
    past = None if history is None else zero_edge(history, cash=cash, random_state=rng)
    return _rates(_over_cash(strategies, fair, past, cash, trading), tests, levels)


def power(
    strategies: Sequence[Playable],
    worlds: Array,
    *,
    sharpe: float,
    tests: Mapping[str, SkillTest] = SKILL_TESTS,
    levels: Sequence[float] = (0.05,),
    history: Array | None = None,
    cash: float = 0.0,
    periods_per_year: float = 252,
    random_state: RandomState = 0,
    **trading: Any,  # noqa: ANN401  (what the engine takes)
) -> tuple[ErrorRate, ...]:
    """Count the worlds with an edge for the first strategy in which a test finds skill.

    Args:
        strategies: The one that can earn, see :func:`planted_edge`, and what is tried beside it.
        worlds: Simple returns, shape (paths, steps, assets).
        sharpe: The edge as a Sharpe ratio a year, before costs.
        tests: Name -> test.
        levels: Levels at which the tests claim.
        history: Returns before each world, shape (paths, steps, assets).
        cash: What cash earns in one step; returns are tested over it.
        periods_per_year: Steps in a year.
        random_state: Seed of the signs.
        **trading: What :func:`backtest` takes, such as ``rebalance`` and ``costs``.

    Returns:
        One rate for each test and level; here a high share is good.

    Raises:
        ConfigError: The edge is more than signs can hold.
        DataError: There is no strategy, or worlds are not finite or of another shape.

    Example:
        >>> worlds = np.random.default_rng(0).normal(0, 0.01, (100, 252, 2))
        >>> rates = power(["equal-weight"], worlds, sharpe=5.0)
        >>> min(rate.share for rate in rates) > 0.9
        True
    """
    _check_strategies(strategies)
    rng = np.random.default_rng(random_state)
    past = None if history is None else zero_edge(history, cash=cash, random_state=rng)
    planted = planted_edge(
        worlds,
        strategies[0],
        sharpe=sharpe,
        history=past,
        cash=cash,
        periods_per_year=periods_per_year,
        random_state=rng,
        **{name: trading[name] for name in _PLANTED if name in trading},
    )
    return _rates(_over_cash(strategies, planted, past, cash, trading), tests, levels)


def _check_strategies(strategies: Sequence[Playable]) -> None:
    if not strategies:
        raise DataError("strategies: expected at least one to test, found none")


def _over_cash(
    strategies: Sequence[Playable],
    worlds: FloatArray,
    past: FloatArray | None,
    cash: float,
    trading: Mapping[str, Any],
) -> FloatArray:
    """Trade each strategy in each world; 0 where all is cash; shape (worlds, steps, strategies).

    What is left of the returns of cash is rounding, and rounding has a Sharpe ratio.
    """
    found = [backtest(worlds, strategy, history=past, **trading).returns for strategy in strategies]
    return np.stack([np.where(moves(own)[:, None], own - cash, 0) for own in found], axis=2)


def _rates(
    returns: FloatArray, tests: Mapping[str, SkillTest], levels: Sequence[float]
) -> tuple[ErrorRate, ...]:
    found = []
    for name, test in tests.items():
        p_values = test(returns)
        for level in levels:
            share = float((p_values <= level).mean())
            low, high = wilson_interval(share, len(p_values))
            found.append(
                ErrorRate(
                    test=name, level=level, share=share, low=low, high=high, n_worlds=len(p_values)
                )
            )
    return tuple(found)


def _sharpe_p_values(returns: FloatArray, *, deflate: bool) -> FloatArray:
    """Give one less the (deflated) Sharpe ratio of the best; what never moves has a ratio of 0."""
    n_worlds, n_steps, n_trials = returns.shape
    deviations = returns - returns.mean(axis=1, keepdims=True)
    scale = np.sqrt(np.square(deviations).mean(axis=1))
    safe = np.where(scale > 0, scale, 1)
    ratios = returns.mean(axis=1) / safe * np.sqrt((n_steps - 1) / n_steps)
    best = ratios.argmax(axis=1)
    rows = np.arange(n_worlds)
    value = ratios[rows, best]
    standard = deviations[rows, :, best] / safe[rows, best][:, None]
    skewness, kurtosis = (standard**3).mean(axis=1), (standard**4).mean(axis=1)
    error = np.sqrt((1 - skewness * value + (kurtosis - 1) / 4 * value**2) / (n_steps - 1))
    hurdle = np.zeros(n_worlds)
    if deflate and n_trials > 1:
        unit = expected_maximum_sharpe(n_trials, trial_variance=1.0)
        variance = variance_over_trials(ratios, n_trials=n_trials, n_steps=n_steps)
        hurdle = unit * np.sqrt(variance)
    return np.asarray(ndtr((hurdle - value) / error))
