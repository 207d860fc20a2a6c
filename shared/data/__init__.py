"""The way of the data into the core: read, describe, clean, split."""

from scenara.shared.data.clean import Cleaned, CleaningReport, Finding, clean
from scenara.shared.data.column import Column, Kind
from scenara.shared.data.options import ReadOptions
from scenara.shared.data.origin import Origin
from scenara.shared.data.read import read, read_located
from scenara.shared.data.schema import Schema
from scenara.shared.data.split import (
    Split,
    split,
    split_by_group,
    split_by_time,
    split_random,
    split_stratified,
)

__all__ = [
    "Cleaned",
    "CleaningReport",
    "Column",
    "Finding",
    "Kind",
    "Origin",
    "ReadOptions",
    "Schema",
    "Split",
    "clean",
    "read",
    "read_located",
    "split",
    "split_by_group",
    "split_by_time",
    "split_random",
    "split_stratified",
]
