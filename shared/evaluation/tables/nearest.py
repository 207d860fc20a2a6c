"""The distance between rows of mixed columns, block by block, so that memory stays flat."""

from collections.abc import Iterator

import numpy as np
from scipy.spatial.distance import cdist

from scenara.shared.evaluation.tables.rows import Rows
from scenara.shared.types import FloatArray, IntArray

__all__ = ["distance_blocks", "nearest_rows"]

# A block of this many cells stays in the processor's cache through its few passes.
CELLS_PER_BLOCK = 500_000


def distance_blocks(queries: Rows, rows: Rows) -> Iterator[tuple[slice, FloatArray]]:
    """Give the distances of queries to all rows: absolute gaps, and 2 for another category.

    It is the Manhattan distance of the numbers beside one-hot categories, without the one-hot
    columns.

    Args:
        queries: Rows to measure from, ``q`` of them.
        rows: Rows to measure to, ``n`` of them.

    Yields:
        A slice of the queries and their distances, shape ``(queries in the slice, n)``.

    Example:
        >>> rows = Rows(np.array([[0.0], [0.5]]), np.array([[1], [2]]), ("x",), ("c",))
        >>> next(distance_blocks(rows, rows))[1].tolist()
        [[0.0, 2.5], [2.5, 0.0]]
    """
    size = max(1, CELLS_PER_BLOCK // max(len(rows), 1))
    to_numbers = np.ascontiguousarray(rows.numbers)
    from_codes, to_codes = _narrow(queries.codes, rows.codes)
    for start in range(0, len(queries), size):
        block = slice(start, start + size)
        distance = _number_distance(queries.numbers[block], to_numbers)
        distance += 2.0 * _n_mismatches(from_codes[block], to_codes)
        yield block, distance


def nearest_rows(queries: Rows, rows: Rows, *, n_nearest: int = 1) -> tuple[FloatArray, IntArray]:
    """Find the nearest rows of each query; of equals, the one that comes first.

    Args:
        queries: Rows to measure from, ``q`` of them.
        rows: Rows to measure to, at least ``n_nearest``.
        n_nearest: How many of the nearest.

    Returns:
        Distances in rising order and positions, each of shape ``(q, n_nearest)``.

    Example:
        >>> rows = Rows(np.array([[0.0], [0.5], [0.7]]), np.zeros((3, 0), int), ("x",), ())
        >>> distance, position = nearest_rows(rows.take(slice(1)), rows, n_nearest=2)
        >>> distance.tolist(), position.tolist()
        ([[0.0, 0.5]], [[0, 1]])
    """
    found = np.empty((len(queries), n_nearest))
    position = np.empty((len(queries), n_nearest), dtype=int)
    for block, distance in distance_blocks(queries, rows):
        each = np.arange(len(distance))
        for rank in range(n_nearest):
            nearest = distance.argmin(axis=1)
            found[block, rank] = distance[each, nearest]
            position[block, rank] = nearest
            distance[each, nearest] = np.inf
    return found, position


def _number_distance(queries: FloatArray, rows: FloatArray) -> FloatArray:
    if queries.shape[1] == 0:
        return np.zeros((len(queries), len(rows)))
    distance: FloatArray = cdist(queries, rows, metric="cityblock")
    return distance


def _n_mismatches(queries: IntArray, rows: IntArray) -> IntArray:
    count = np.zeros((len(queries), rows.shape[1]), dtype=np.uint16)
    for column in range(len(rows)):
        count += queries[:, column, None] != rows[column]
    return count


def _narrow(queries: IntArray, rows: IntArray) -> tuple[IntArray, IntArray]:
    """Pack codes in the fewest bytes; the rows' codes lie column by column."""
    highest = max((int(codes.max()) for codes in (queries, rows) if codes.size), default=0)
    dtype = np.min_scalar_type(highest)
    return queries.astype(dtype), np.ascontiguousarray(rows.T.astype(dtype))
