"""The way of the data into the core: read, describe, clean, split."""

from scenara.shared.data.clean import Cleaned, CleaningReport, Finding, clean
from scenara.shared.data.column import Column, Kind
from scenara.shared.data.options import ReadOptions
from scenara.shared.data.origin import Origin
from scenara.shared.data.read import read, read_located
from scenara.shared.data.schema import Schema

__all__ = [
    "Cleaned",
    "CleaningReport",
    "Column",
    "Finding",
    "Kind",
    "Origin",
    "ReadOptions",
    "Schema",
    "clean",
    "read",
    "read_located",
]
