"""Forests as a few arrays, and back."""

from collections.abc import Mapping

import numpy as np

from scenara.shared.generators.tables.forests import Forest
from scenara.shared.generators.tables.trees import LeafTree, Splits
from scenara.shared.types import Array

__all__ = ["forest_from_arrays", "forest_to_arrays"]


def forest_to_arrays(forest: Forest) -> dict[str, Array]:
    """Give a forest as arrays.

    Args:
        forest: The forest of one column.
    """
    tree = forest.trees
    return {
        **vars(tree.splits),
        "start": tree.start,
        "count": tree.count,
        "donors": tree.donors,
        "roots": forest.roots,
        "ranks": forest.ranks,
        "is_fine": np.array([forest.is_fine]),
    }


def forest_from_arrays(arrays: Mapping[str, Array]) -> Forest:
    """Make a forest from what ``forest_to_arrays`` gave.

    Args:
        arrays: The arrays.

    Raises:
        ArtifactError: They are no trees.
    """
    splits = Splits(*(arrays[name] for name in ("feature", "threshold", "left", "right")))
    tree = LeafTree(splits, *(arrays[name] for name in ("start", "count", "donors")))
    return Forest(tree, arrays["roots"], arrays["ranks"], bool(arrays["is_fine"][0]))
