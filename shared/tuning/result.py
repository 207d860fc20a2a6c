"""What a search has found."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

__all__ = ["Tuning"]


@dataclass(frozen=True)
class Tuning:
    """Hold the outcome of a search.

    Args:
        best: The best settings by name.
        value: Their value. It is the best of many noisy values, hence too good: measure the
            winner again on data that the search has not seen.
        trials: One row a trial: ``trial``, ``state`` (complete, pruned, failed or given up),
            ``value`` (of a pruned trial, the last reported), ``seconds``, ``n_reports``,
            ``note`` (why it failed), then ``setting_...`` for each setting.
        importance: Share of each setting in reaching good values, by name, from the greatest;
            empty where too few trials can tell.
        n_interrupted: Runs that were cut off; those were repeated or given up.

    References:
        Watanabe, Bansal and Hutter (2023), PED-ANOVA: efficiently quantifying hyperparameter
        importance in arbitrary subspaces, https://arxiv.org/abs/2304.10255.
    """

    best: Mapping[str, Any]
    value: float
    trials: pd.DataFrame
    importance: Mapping[str, float]
    n_interrupted: int
