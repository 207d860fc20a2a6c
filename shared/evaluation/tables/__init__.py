"""Judge a generated table: is it faithful, is it diverse, is it private, is it useful."""

from scenara.shared.evaluation.tables.columns import (
    ColumnRoles,
    ComparableTables,
    column_roles,
    comparable,
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
from scenara.shared.evaluation.tables.manifold import ManifoldScores, manifold_scores
from scenara.shared.evaluation.tables.novelty import Novelty, novelty
from scenara.shared.evaluation.tables.shape import ColumnError, ShapeError, shape_error
from scenara.shared.evaluation.tables.trend import PairError, TrendError, trend_error

__all__ = [
    "ColumnError",
    "ColumnRoles",
    "ComparableTables",
    "Coverage",
    "Detection",
    "LevelCoverage",
    "ManifoldScores",
    "Novelty",
    "PairCoverage",
    "PairError",
    "ShapeError",
    "TrendError",
    "boosted_detection",
    "category_coverage",
    "column_roles",
    "comparable",
    "logistic_detection",
    "manifold_scores",
    "novelty",
    "shape_error",
    "trend_error",
    "xgboost_detection",
]
