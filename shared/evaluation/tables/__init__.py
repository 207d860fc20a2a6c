"""Judge a generated table: is it faithful, is it diverse, is it private, is it useful."""

from scenara.shared.evaluation.tables.augmentation import (
    Augmentation,
    PairedDifference,
    augmentation_of_given_rows,
    augmentation_with_refits,
    paired_difference,
)
from scenara.shared.evaluation.tables.canary import (
    Canaries,
    CanaryExposure,
    canary_exposure,
    plant_canaries,
)
from scenara.shared.evaluation.tables.columns import (
    ColumnRoles,
    ComparableTables,
    column_roles,
    comparable,
)
from scenara.shared.evaluation.tables.comparison import (
    Champion,
    choose_champion,
    comparison_report,
    front_of,
)
from scenara.shared.evaluation.tables.coverage import (
    Coverage,
    LevelCoverage,
    PairCoverage,
    category_coverage,
)
from scenara.shared.evaluation.tables.detection import (
    Detection,
    boosted_detection,
    logistic_detection,
    xgboost_detection,
)
from scenara.shared.evaluation.tables.distance import (
    ClosestRecords,
    CopyRates,
    closest_records,
    copy_rates,
)
from scenara.shared.evaluation.tables.evaluate import TableEvaluation, evaluate
from scenara.shared.evaluation.tables.inference import InferenceRisks, inference
from scenara.shared.evaluation.tables.linkability import linkability
from scenara.shared.evaluation.tables.manifold import ManifoldScores, manifold_scores
from scenara.shared.evaluation.tables.membership import MembershipAttack, membership_attacks
from scenara.shared.evaluation.tables.novelty import Novelty, novelty
from scenara.shared.evaluation.tables.readings import MEASURES, Measure, Reading
from scenara.shared.evaluation.tables.relations import RelationError, relation_errors
from scenara.shared.evaluation.tables.report import evaluation_report
from scenara.shared.evaluation.tables.risk import AttackRisk, wilson_interval
from scenara.shared.evaluation.tables.scoring import calibration_error, class_scores, number_scores
from scenara.shared.evaluation.tables.shape import ColumnError, ShapeError, shape_error
from scenara.shared.evaluation.tables.singling_out import singling_out
from scenara.shared.evaluation.tables.trend import PairError, TrendError, trend_error
from scenara.shared.evaluation.tables.utility import Utility, train_on_generated
from scenara.shared.evaluation.tables.verdicts import LIMITS, Check, Verdict, Verdicts

__all__ = [
    "LIMITS",
    "MEASURES",
    "AttackRisk",
    "Augmentation",
    "Canaries",
    "CanaryExposure",
    "Champion",
    "Check",
    "ClosestRecords",
    "ColumnError",
    "ColumnRoles",
    "ComparableTables",
    "CopyRates",
    "Coverage",
    "Detection",
    "InferenceRisks",
    "LevelCoverage",
    "ManifoldScores",
    "Measure",
    "MembershipAttack",
    "Novelty",
    "PairCoverage",
    "PairError",
    "PairedDifference",
    "Reading",
    "RelationError",
    "ShapeError",
    "TableEvaluation",
    "TrendError",
    "Utility",
    "Verdict",
    "Verdicts",
    "augmentation_of_given_rows",
    "augmentation_with_refits",
    "boosted_detection",
    "calibration_error",
    "canary_exposure",
    "category_coverage",
    "choose_champion",
    "class_scores",
    "closest_records",
    "column_roles",
    "comparable",
    "comparison_report",
    "copy_rates",
    "evaluate",
    "evaluation_report",
    "front_of",
    "inference",
    "linkability",
    "logistic_detection",
    "manifold_scores",
    "membership_attacks",
    "novelty",
    "number_scores",
    "paired_difference",
    "plant_canaries",
    "relation_errors",
    "shape_error",
    "singling_out",
    "train_on_generated",
    "trend_error",
    "wilson_interval",
    "xgboost_detection",
]
