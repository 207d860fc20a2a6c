"""The distance between rows of mixed columns, block by block, so that memory stays flat."""

from collections.abc import Iterator

import numpy as np
from scipy.spatial.distance import cdist

from scenara.shared.evaluation.tables.rows import Rows
from scenara.shared.types import FloatArray, IntArray

__all__ = ["all_distances", "distance_blocks", "nearest_rows"]

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
    for start in range(0, len(queries), size):
        block = slice(start, start + size)
        yield block, all_distances(queries.take(block), rows)


def all_distances(queries: Rows, rows: Rows) -> FloatArray:
    """Give the distances of all queries to all rows at once.

    Args:
        queries: Rows to measure from, ``q`` of them.
        rows: Rows to measure to, ``n`` of them.

    Returns:
        Distances, shape ``(q, n)``.

    Example:
        >>> rows = Rows(np.array([[0.0], [0.5]]), np.array([[1], [1]]), ("x",), ("c",))
        >>> all_distances(rows, rows).tolist()
        [[0.0, 0.5], [0.5, 0.0]]
    """
    mismatches = np.zeros((len(queries), len(rows)), dtype=np.uint16)
    for mine, theirs in zip(queries.codes.T, rows.codes.T, strict=True):
        mismatches += mine[:, None] != theirs
    if not rows.number_names:
        return 2.0 * mismatches
    distance: FloatArray = cdist(queries.numbers, rows.numbers, metric="cityblock")
    if rows.code_names:
        distance += 2.0 * mismatches
    return distance


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
