"""Judge generated data against real data, the noise floor and the baselines."""

from scenara.shared.evaluation.copying import CopyShare, day_copy_share, path_copy_share
from scenara.shared.evaluation.distances import (
    log_ratio,
    mean_gap,
    quantile_curve,
    quantiles_of_sorted,
    relative_error,
    wasserstein_1,
)
from scenara.shared.evaluation.floor import NoiseFloor, exchangeable_floor
from scenara.shared.evaluation.score import Score, Scorecard
from scenara.shared.evaluation.two_sample import area_under_curve, classifier_two_sample

__all__ = [
    "CopyShare",
    "NoiseFloor",
    "Score",
    "Scorecard",
    "area_under_curve",
    "classifier_two_sample",
    "day_copy_share",
    "exchangeable_floor",
    "log_ratio",
    "mean_gap",
    "path_copy_share",
    "quantile_curve",
    "quantiles_of_sorted",
    "relative_error",
    "wasserstein_1",
]
