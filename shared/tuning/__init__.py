"""Search for good settings: a space as plain data, and trials that survive interruption."""

from scenara.shared.tuning.result import Tuning
from scenara.shared.tuning.space import Choice, Space, Tunable, Uniform, Whole, search_space
from scenara.shared.tuning.trial import Objective, Trial
from scenara.shared.tuning.tune import tune

__all__ = [
    "Choice",
    "Objective",
    "Space",
    "Trial",
    "Tunable",
    "Tuning",
    "Uniform",
    "Whole",
    "search_space",
    "tune",
]
