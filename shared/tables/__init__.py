"""The jobs of ``scenara table``: describe, fit, sample, evaluate, compare, tune."""

from typing import TYPE_CHECKING

from scenara.shared.lazy import lazy_names

if TYPE_CHECKING:
    from scenara.shared.tables.compare import run_comparison
    from scenara.shared.tables.describe import run_description
    from scenara.shared.tables.evaluate import run_evaluation
    from scenara.shared.tables.fit import run_fit
    from scenara.shared.tables.result import JobResult
    from scenara.shared.tables.sample import run_sampling
    from scenara.shared.tables.tune import run_tuning

__all__ = [
    "JobResult",
    "run_comparison",
    "run_description",
    "run_evaluation",
    "run_fit",
    "run_sampling",
    "run_tuning",
]

_HOMES = {
    "compare": ["run_comparison"],
    "describe": ["run_description"],
    "evaluate": ["run_evaluation"],
    "fit": ["run_fit"],
    "result": ["JobResult"],
    "sample": ["run_sampling"],
    "tune": ["run_tuning"],
}

__getattr__ = lazy_names(__name__, _HOMES)
