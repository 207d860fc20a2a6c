"""The section of a search's report that says how much of the pick may be luck."""

from typing import Any

import numpy as np

from scenara.finance.portfolio.cross_validation import CrossValidatedPaths
from scenara.finance.portfolio.factory.job import SearchJob, SearchLuck
from scenara.finance.portfolio.luck import LuckVerdict
from scenara.shared.report import Block, Bullets, Facts, Paragraph
from scenara.shared.report.numbers import count, decimal, percent

__all__ = ["luck_blocks", "luck_metrics"]


def luck_blocks(job: SearchJob) -> tuple[Block, ...]:
    """Show what tests of luck say about the pick of real history.

    Args:
        job: The trials and what tests say.

    Returns:
        The blocks of the section.
    """
    luck = job.luck
    if luck is None:
        return (Paragraph("The pick never held anything, or days are too few: nothing to judge."),)
    facts = _of_the_pick(luck.verdict) | _of_the_choice(luck, job.search.best_baseline)
    blocks: list[Block] = [Paragraph(luck.verdict.sentence), Facts(tuple(facts.items()))]
    if luck.verdict.reasons:
        blocks.append(Bullets(luck.verdict.reasons))
    return tuple(blocks)


def luck_metrics(luck: SearchLuck) -> dict[str, Any]:
    """Give the numbers of the section, ready for JSON.

    Args:
        luck: What tests say.

    Returns:
        Name -> number; None where there is none.
    """
    verdict = luck.verdict
    numbers = {
        "sharpe": verdict.sharpe,
        "p_value": verdict.p_value,
        "deflated": verdict.deflated,
        "probabilistic": verdict.probabilistic,
        "years_needed": verdict.years_needed,
        "overfitting": luck.overfitting.probability if luck.overfitting else np.nan,
        "choice_sharpe": float(np.median(luck.choice.sharpe)) if luck.choice else np.nan,
        "superior_ability": luck.ability.consistent if luck.ability else np.nan,
    }
    finite = {name: value if np.isfinite(value) else None for name, value in numbers.items()}
    return {"is_luck": verdict.is_luck, **finite}


def _of_the_pick(verdict: LuckVerdict) -> dict[str, str]:
    needed = verdict.years_needed
    years = "never" if needed == np.inf else decimal(needed, digits=1) if needed < 1e3 else ">1,000"
    at_most = "at most " if verdict.p_value_is_bound else ""
    return {
        "Sharpe ratio of the pick, a year": decimal(verdict.sharpe),
        "Confidence that it is above 0, had it been the only trial": percent(
            verdict.probabilistic, digits=1
        ),
        f"The same, deflated for {count(verdict.n_trials)} trials": percent(
            verdict.deflated, digits=1
        ),
        "Chance to do as well where nothing can be earned": at_most
        + percent(verdict.p_value, digits=1),
        "Years that such a record needs, had it been the only trial": years,
        "Years there are": decimal(verdict.years, digits=1),
    }


def _of_the_choice(luck: SearchLuck, baseline: str) -> dict[str, str]:
    found: dict[str, str] = {}
    if luck.overfitting is not None:
        chance = luck.overfitting
        found["Probability of backtest overfitting"] = percent(chance.probability, digits=1)
        found["Chance that the pick of one half loses on the other"] = percent(
            chance.probability_of_loss, digits=1
        )
    if luck.choice is not None:
        label = "Sharpe ratio of choosing on other days (cross-validation), middle and range"
        found[label] = _spread(luck.choice)
    if luck.ability is not None:
        label = f"No setting is better than {baseline} (Hansen's test, p-value)"
        found[label] = decimal(luck.ability.consistent)
    return found


def _spread(choice: CrossValidatedPaths) -> str:
    low, middle, high = (decimal(value) for value in np.quantile(choice.sharpe, [0, 0.5, 1]))
    return f"{middle} ({low} to {high}, {count(choice.n_paths)} paths)"
