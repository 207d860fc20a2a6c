"""Does a strategy know what it can't: later days, or the very days that it is tried on."""

from collections.abc import Callable
from dataclasses import dataclass
from math import exp, lgamma
from typing import Any

import numpy as np
import pandas as pd

from scenara.finance.portfolio.backtest import Backtest
from scenara.finance.portfolio.frame_strategy import FrameStrategy
from scenara.finance.portfolio.look_ahead_trial import MOST, Trial, contest, edge, mean_gain, sharpe
from scenara.finance.portfolio.rebalancing import Rule
from scenara.finance.portfolio.strategies import Strategy, as_strategy, strategy_name
from scenara.shared.report.numbers import count, decimal
from scenara.shared.types import FloatArray, IntArray

__all__ = ["Finding", "LookAheadReport", "check_look_ahead"]

_CUTS = (0.35, 0.6, 0.85)


@dataclass(frozen=True, kw_only=True)
class Finding:
    """Hold what one check found.

    Args:
        check: What was checked, in a few words.
        passed: Whether there is no sign of look-ahead.
        sentence: What was found.
    """

    check: str
    passed: bool
    sentence: str


@dataclass(frozen=True, kw_only=True)
class LookAheadReport:
    """Hold what all checks of one strategy found.

    Args:
        strategy: Name of the strategy.
        findings: One for each check.
    """

    strategy: str
    findings: tuple[Finding, ...]

    @property
    def passed(self) -> bool:
        """Whether no check found a sign of look-ahead."""
        return all(finding.passed for finding in self.findings)

    @property
    def sentence(self) -> str:
        """What was found, in one line."""
        failed = [finding.sentence for finding in self.findings if not finding.passed]
        if not failed:
            return (
                f"strategy {self.strategy!r}: no sign of look-ahead in {len(self.findings)} checks"
            )
        what = "looks ahead" if self.findings[0].passed else "can't be checked for look-ahead"
        return f"strategy {self.strategy!r} {what}: {'; '.join(failed)}"


def check_look_ahead(
    strategy: Strategy | str | Callable[..., Any],
    returns: pd.DataFrame,
    *,
    name: str | None = None,
    n_history: int | None = None,
    rebalance: int | str | Rule = 21,
    seed: int = 0,
) -> LookAheadReport:
    """Put a strategy to four checks that honest ones pass.

    *Same past, same decision*: asked twice, it decides the same; if not, the others tell nothing.

    *Later days*: where only later days are others, decisions up to then stay; for a
    :class:`FrameStrategy`, those over the whole frame.

    *Other labels*: assets change their labels. A strategy whose decisions come from the past that it
    is given earns the same; one that knows which assets will do well earns less. It fails if its
    mean gain over equal weights, or its Sharpe ratio, is higher with the real labels than with all
    of 999 other orders. For fixed weights that were not chosen with hindsight, the chance is 1 in
    1,000 for each of the two.

    *Rearranged days*: the real days are put together anew in blocks of 63 days on average, with
    other labels, and the real dates. Volatility, dependence, the premium of the market and the
    spread among assets stay, while nothing that was learned about these dates is of use. It fails
    if its Sharpe ratio beyond equal weights, held as much as it holds, is higher on the real days
    than in all of 999 such histories.

    All is before costs; the first made-up history that does as well ends a check. An edge that
    lives on an order of days over many months, or a model that learned from these days what holds
    in all of them, is not told apart from an honest one.

    Args:
        strategy: The strategy, its name, or a function.
        returns: Simple returns of the real days, days by assets.
        name: What to call it; by default its own name.
        n_history: First days that are not traded and only estimated from; by default its lookback.
        rebalance: Steps between trades, a calendar, or a rule.
        seed: Seed of the rearranged days.

    Returns:
        What was found.

    Raises:
        DataError: There are too few days, or the strategy gives weights that can't be.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> days = pd.DataFrame(rng.normal(0, 0.01, (400, 5)), columns=list("ABCDE"))
        >>> check_look_ahead("equal-weight", days).passed
        True
        >>> knows = {day.round(9).tobytes(): 1.0 * (nxt > 0) for day, nxt in
        ...          zip(days.to_numpy(), days.to_numpy()[1:])}
        >>> def cheat(past):
        ...     last = past[-1].numpy().round(9)
        ...     return np.stack([knows.get(day.tobytes(), np.ones(5)) / 5 for day in last])
        >>> check_look_ahead(cheat, days, rebalance=1).passed
        False

    References:
        Besag and Clifford (1991), Sequential Monte Carlo p-values, Biometrika 78(2).
        https://doi.org/10.1093/biomet/78.2.301
    """
    made = as_strategy(strategy)
    trial = Trial(
        strategy=made,
        returns=returns,
        n_history=max(made.lookback, 1) if n_history is None else n_history,
        rebalance=rebalance,
        seed=seed,
    )
    real = trial.play(trial.real)
    same = _same_decision(trial, real)
    checks = (_later_days, _other_labels, _rearranged) if same.passed else ()
    return LookAheadReport(
        strategy=name or strategy_name(made),
        findings=(same, *(check(trial, real) for check in checks)),
    )


def _same_decision(trial: Trial, real: Backtest) -> Finding:
    again = trial.play(trial.real)
    same = bool(np.array_equal(again.weights, real.weights))
    told = (
        "it decides the same when it is asked again"
        if same
        else (
            "asked again with the same past, it decides otherwise: it remembers or draws at random, so "
            "that its backtest can't be repeated"
        )
    )
    return Finding(check="Same past, same decision", passed=same, sentence=told)


def _later_days(trial: Trial, real: Backtest) -> Finding:
    check = "Later days change, earlier decisions stay"
    for share in _CUTS:
        cut = trial.n_history + int(share * (len(trial.returns) - trial.n_history))
        changed = trial.changed_after(cut)
        place = _first_change(trial, real, changed, cut)
        if place is not None:
            told = (
                f"its weights of {trial.day(place)} change when only returns from "
                f"{trial.day(cut)} on are others"
            )
            return Finding(check=check, passed=False, sentence=told)
    return Finding(check=check, passed=True, sentence="no decision changes when only later days do")


def _first_change(trial: Trial, real: Backtest, changed: FloatArray, cut: int) -> int | None:
    """Give the position of the first decision that the days from a cut on change, if any."""
    if isinstance(trial.strategy, FrameStrategy):
        frame = pd.DataFrame(changed, trial.returns.index, trial.returns.columns)
        before, after = (
            trial.strategy.whole(days).to_numpy(np.float64)[:cut] for days in (trial.returns, frame)
        )
        places: IntArray = np.arange(cut)
    else:
        known = real.steps + trial.n_history <= cut
        before = real.weights[0, known]
        after = trial.play(changed[None]).weights[0, known]
        places = real.steps[known] + trial.n_history
    differs = ~np.isclose(before, after, rtol=1e-9, atol=1e-12, equal_nan=True).all(axis=1)
    return int(places[differs.argmax()]) if differs.any() else None


def _other_labels(trial: Trial, real: Backtest) -> Finding:
    check = "The same days with other labels"
    found = contest(trial, real, trial.relabelled, (mean_gain, sharpe))
    ways = _orders(real)
    if ways < 2:
        told = "it holds all assets alike, so that labels make no difference"
        return Finding(check=check, passed=True, sentence=told)
    if found.beaten and ways <= MOST:
        told = (
            f"only {count(ways)} orders of labels tell what it holds apart: too few to find "
            "hindsight about assets"
        )
        return Finding(check=check, passed=True, sentence=told)
    if found.beaten:
        told = f"the best of {count(found.n)} orders of labels does as well as the real one"
        return Finding(check=check, passed=True, sentence=told)
    told = (
        f"it does better with the real labels than with any of {count(found.n)} other orders of "
        f"them: {_explain(real, found.same, 'which of these assets do well')}"
    )
    return Finding(check=check, passed=False, sentence=told)


def _orders(real: Backtest) -> float:
    """Count the orders of labels that make a difference; for fixed weights, those of its values."""
    n_assets = real.weights.shape[2]
    alike = [1]
    if _is_fixed(real):
        alike = np.unique(real.weights[0, 0].round(9), return_counts=True)[1].tolist()
    return exp(lgamma(n_assets + 1) - sum(lgamma(n + 1) for n in alike))


def _is_fixed(real: Backtest) -> bool:
    return bool(np.allclose(real.weights, real.weights[:, :1], atol=1e-9))


def _rearranged(trial: Trial, real: Backtest) -> Finding:
    check = "Rearranged days with the same dates"
    found = contest(trial, real, trial.rearranged, (edge,))
    reached, best = decimal(float(found.reached[0])), decimal(float(found.best[0]))
    n = count(found.n)
    if found.beaten:
        told = (
            f"beyond equal weights its Sharpe ratio is {reached} on the real days, and up to {best} "
            f"in {n} histories of the same days rearranged"
        )
        return Finding(check=check, passed=True, sentence=told)
    told = (
        f"beyond equal weights its Sharpe ratio is {reached} on the real days, and at most {best} in "
        f"{n} histories of the same days rearranged: {_explain(real, found.same, 'these days')}"
    )
    return Finding(check=check, passed=False, sentence=told)


def _explain(real: Backtest, same: float, what: str) -> str:
    if same < 0.99:
        return f"it knows {what} from elsewhere than the past that it is given"
    if _is_fixed(real):
        return "it holds the same assets whatever happens, and they were chosen with hindsight"
    return "it decides by the date and not by the past that it is given, and knows these dates"
