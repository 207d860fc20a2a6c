"""Reversible encoders: columns as codes and positions, tables as matrices, and back."""

from scenara.shared.features.base import Coded, Encoder
from scenara.shared.features.categories import CategoryEncoder, OrdinalEncoder
from scenara.shared.features.identifiers import IdentifierEncoder
from scenara.shared.features.layout import Block, BlockKind, Encoded, Layout
from scenara.shared.features.numbers import NumberEncoder
from scenara.shared.features.states import join_state, split_state
from scenara.shared.features.table import TableEncoder
from scenara.shared.features.times import DateTimeEncoder, calendar_features

__all__ = [
    "Block",
    "BlockKind",
    "CategoryEncoder",
    "Coded",
    "DateTimeEncoder",
    "Encoded",
    "Encoder",
    "IdentifierEncoder",
    "Layout",
    "NumberEncoder",
    "OrdinalEncoder",
    "TableEncoder",
    "calendar_features",
    "join_state",
    "split_state",
]
