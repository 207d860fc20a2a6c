"""Judge generated data against real data, the noise floor and the baselines."""

from typing import TYPE_CHECKING, Any

from scenara.shared.evaluation.copying import CopyShare, day_copy_share, path_copy_share
from scenara.shared.evaluation.distances import (
    log_ratio,
    mean_gap,
    quantile_curve,
    quantiles_of_sorted,
    relative_error,
    wasserstein_1,
)
from scenara.shared.evaluation.efficiency import Efficiency, Stopwatch
from scenara.shared.evaluation.floor import NoiseFloor, exchangeable_floor
from scenara.shared.evaluation.score import Score, Scorecard
from scenara.shared.evaluation.two_sample import area_under_curve, classifier_two_sample

if TYPE_CHECKING:
    from scenara.shared.evaluation.tables.evaluate import evaluate as evaluate_table

__all__ = [
    "CopyShare",
    "Efficiency",
    "NoiseFloor",
    "Score",
    "Scorecard",
    "Stopwatch",
    "area_under_curve",
    "classifier_two_sample",
    "day_copy_share",
    "evaluate_table",
    "exchangeable_floor",
    "log_ratio",
    "mean_gap",
    "path_copy_share",
    "quantile_curve",
    "quantiles_of_sorted",
    "relative_error",
    "wasserstein_1",
]


def __getattr__(name: str) -> Any:  # noqa: ANN401  (the type is that of the name asked for)
    """Import the evaluation of tables when it is first asked for; it stands on this package."""
    if name == "evaluate_table":
        from scenara.shared.evaluation.tables.evaluate import evaluate

        return evaluate
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
