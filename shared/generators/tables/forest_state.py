"""Forests as a few arrays, and back."""

from collections.abc import Mapping

import numpy as np

from scenara.shared.generators.tables.forests import Forest
from scenara.shared.generators.tables.trees import LeafTree, Splits
from scenara.shared.types import Array

__all__ = ["forest_from_arrays", "forest_to_arrays"]

NODES = ("feature", "threshold", "left", "right", "start", "count")


def forest_to_arrays(forest: Forest) -> dict[str, Array]:
    """Give a forest as arrays, the trees one after the other.

    Args:
        forest: The forest of one column.
    """
    trees = forest.trees
    parts = [(*vars(tree.splits).values(), tree.start, tree.count) for tree in trees]
    joined = [np.concatenate(arrays) for arrays in zip(*parts, strict=True)]
    return {
        **dict(zip(NODES, joined, strict=True)),
        "donors": np.concatenate([tree.donors for tree in trees]),
        "n_nodes": np.array([len(tree.start) for tree in trees]),
        "n_donors": np.array([len(tree.donors) for tree in trees]),
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
    cuts = np.cumsum(arrays["n_nodes"])[:-1]
    nodes = zip(*(np.split(arrays[name], cuts) for name in NODES), strict=True)
    donors = np.split(arrays["donors"], np.cumsum(arrays["n_donors"])[:-1])
    trees = [
        LeafTree(Splits(*four), start, count, of_tree)
        for (*four, start, count), of_tree in zip(nodes, donors, strict=True)
    ]
    return Forest(tuple(trees), arrays["ranks"], bool(arrays["is_fine"][0]))
