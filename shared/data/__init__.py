"""The way of the data into the core: read, describe, clean, split."""

from scenara.shared.data.clean import Cleaned, CleaningReport, Finding, clean
from scenara.shared.data.column import Column, Kind
from scenara.shared.data.constraint import Constraint
from scenara.shared.data.constraints import (
    Combinations,
    Dependency,
    Inequality,
    Positive,
    Total,
    Unique,
)
from scenara.shared.data.options import ReadOptions
from scenara.shared.data.origin import Origin
from scenara.shared.data.read import read, read_located
from scenara.shared.data.relations import Relation, check_relations
from scenara.shared.data.schema import Schema
from scenara.shared.data.split import (
    Split,
    split,
    split_by_group,
    split_by_time,
    split_random,
    split_stratified,
)
from scenara.shared.data.suggest import suggest_constraints

__all__ = [
    "Cleaned",
    "CleaningReport",
    "Column",
    "Combinations",
    "Constraint",
    "Dependency",
    "Finding",
    "Inequality",
    "Kind",
    "Origin",
    "Positive",
    "ReadOptions",
    "Relation",
    "Schema",
    "Split",
    "Total",
    "Unique",
    "check_relations",
    "clean",
    "read",
    "read_located",
    "split",
    "split_by_group",
    "split_by_time",
    "split_random",
    "split_stratified",
    "suggest_constraints",
]
