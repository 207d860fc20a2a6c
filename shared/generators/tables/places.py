"""Where the cells of other rows lie among the contents that a generator has seen."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from scenara.shared.data.column import BOUNDED, Column
from scenara.shared.data.plain import as_objects
from scenara.shared.data.schema import Schema
from scenara.shared.generators.tables.conditions import measures
from scenara.shared.generators.tables.ranked import Contents
from scenara.shared.types import Array, FloatArray, IntArray

__all__ = ["places_of"]


def places_of(
    frame: pd.DataFrame, contents: Mapping[str, Contents], schema: Schema
) -> tuple[IntArray, Array]:
    """Give the nearest content of each cell, and whether the cell is unlike all of them.

    Args:
        frame: Rows, (rows, columns).
        contents: By column, in order; a missing cell is the first one.
        schema: What the columns are.

    Returns:
        Places among the contents, (rows, columns), and booleans of the same shape: a level that
        is new, a number outside the range, a missing cell where none was seen.
    """
    places = np.zeros((len(frame), len(contents)), dtype=np.int64)
    strange = np.zeros(places.shape, dtype=bool)
    for k, (name, known) in enumerate(contents.items()):
        find = _number_places if schema[name].kind in BOUNDED else _level_places
        places[:, k], strange[:, k] = find(frame[name], known, schema[name])
    return places, strange


def _number_places(values: pd.Series, known: Contents, column: Column) -> tuple[IntArray, Array]:
    first = int(np.isnan(known.numbers[0]))
    seen = known.numbers[first:]
    numbers = measures(values, column)
    absent = np.isnan(numbers)
    if not len(seen):
        return np.zeros(len(numbers), dtype=np.int64), ~absent
    places = first + _nearest(seen, np.where(absent, seen[0], numbers))
    outside = (numbers < seen[0]) | (numbers > seen[-1])
    return np.where(absent, 0, places), np.where(absent, not first, outside)


def _nearest(seen: FloatArray, numbers: FloatArray) -> IntArray:
    middles = seen[:-1] / 2 + seen[1:] / 2
    return np.searchsorted(middles, numbers, side="left")


def _level_places(values: pd.Series, known: Contents, column: Column) -> tuple[IntArray, Array]:
    levels = pd.Index(as_objects(known.cells[known.cells.notna()]), dtype=object)
    first = int(known.cells.isna().any())
    found = levels.get_indexer(pd.Index(as_objects(values), dtype=object))
    absent = values.isna().to_numpy(dtype=bool)
    places = np.where(found < 0, 0, found + first)
    return np.where(absent, 0, places), np.where(absent, not first, found < 0)
