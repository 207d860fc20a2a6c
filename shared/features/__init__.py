"""Columns for models: reversible encoders, and the selection and reduction of features."""

from typing import TYPE_CHECKING

from scenara.shared.features.base import Coded, Encoder
from scenara.shared.features.categories import CategoryEncoder, OrdinalEncoder
from scenara.shared.features.identifiers import IdentifierEncoder
from scenara.shared.features.layout import Block, BlockKind, Encoded, Layout
from scenara.shared.features.numbers import NumberEncoder
from scenara.shared.features.states import join_state, split_state
from scenara.shared.features.table import TableEncoder
from scenara.shared.features.times import DateTimeEncoder, calendar_features
from scenara.shared.lazy import lazy_names

if TYPE_CHECKING:
    from scenara.shared.features.reduction import FeatureReducer
    from scenara.shared.features.selection import FeatureSelector, Selection, select

__all__ = [
    "Block",
    "BlockKind",
    "CategoryEncoder",
    "Coded",
    "DateTimeEncoder",
    "Encoded",
    "Encoder",
    "FeatureReducer",
    "FeatureSelector",
    "IdentifierEncoder",
    "Layout",
    "NumberEncoder",
    "OrdinalEncoder",
    "Selection",
    "TableEncoder",
    "calendar_features",
    "join_state",
    "select",
    "split_state",
]

# These load scikit-learn, which encoders do not need.
_HOMES = {
    "reduction": ("FeatureReducer",),
    "selection": ("FeatureSelector", "Selection", "select"),
}

__getattr__ = lazy_names(__name__, _HOMES)
