"""A table one column after the other, each by a tree on the columns before it."""

from collections.abc import Mapping, Sequence

import numpy as np

from scenara.shared.data.column import BOUNDED
from scenara.shared.data.schema import Schema
from scenara.shared.errors import DataError
from scenara.shared.generators.tables.ranked import Contents, standardised
from scenara.shared.generators.tables.trees import Growth, LeafTree, grow
from scenara.shared.progress import Progress, silent
from scenara.shared.types import Array, FloatArray, IntArray

__all__ = ["draw_in_turn", "goal_of", "grow_in_turn"]

MAX_CLASSES = 32
"""Levels above which a tree explains the rank of a level and not the level itself."""


def grow_in_turn(
    contents: Mapping[str, Contents],
    ranks: IntArray,
    schema: Schema,
    growth: Growth,
    *,
    first: Sequence[str] = (),
    progress: Progress = silent,
) -> dict[str, LeafTree]:
    """Grow the tree of each column on the columns before it.

    Args:
        contents: By column.
        ranks: Places of the cells among them, (rows, columns).
        schema: What the columns are.
        growth: How far trees are grown.
        first: Columns that come before the others, which keep the order of the table.
        progress: Told how many are grown.

    Returns:
        The trees by column, in the order in which columns are to be drawn.
    """
    names = list(contents)
    order = [names.index(name) for name in dict.fromkeys((*first, *names))]
    features = np.ascontiguousarray(ranks[:, order], dtype=np.float32)
    scores = standardised(contents, ranks)
    trees: dict[str, LeafTree] = {}
    for n_before, place in enumerate(order):
        name, target = names[place], ranks[:, place]
        is_class = schema[name].kind not in BOUNDED and len(contents[name]) <= MAX_CLASSES
        goal = target if is_class else goal_of(contents[name], target, scores[:, place])
        before = features[:, :n_before]
        trees[name] = grow(before, target, goal, is_class=is_class, growth=growth)
        progress("columns", n_before + 1, len(order))
    return trees


def draw_in_turn(
    trees: Mapping[str, LeafTree],
    n: int,
    allowed: Mapping[str, Array],
    rng: np.random.Generator,
) -> dict[str, IntArray]:
    """Draw columns in turn; under conditions, draw only what they allow.

    A row comes to a condition with a leaf, and its leaf gives what is allowed with some chance.
    The row is kept with that chance, over the greatest that any leaf has, and then draws among
    what is allowed: rows come out as if whole rows had been drawn and most thrown away.

    Args:
        trees: By column, in the order of drawing.
        n: Rows begun.
        allowed: For columns with a condition, whether each content will do, (contents,).
        rng: The stream.

    Returns:
        Contents by column, (rows,) each: ``n`` rows, or fewer under conditions.

    Raises:
        DataError: No leaf gives anything that is allowed.
    """
    features = np.empty((n, len(trees)), dtype=np.float32)
    for place, (name, tree) in enumerate(trees.items()):
        leaf = tree.splits.leaves(features)
        if name in allowed:
            kept, tree = _thinned(tree, leaf, allowed[name], name, rng)
            features, leaf = features[kept], leaf[kept]
        features[:, place] = tree.draw(leaf, rng)
    return {name: features[:, place].astype(np.int32) for place, name in enumerate(trees)}


def _thinned(
    tree: LeafTree, leaf: IntArray, allowed: Array, name: str, rng: np.random.Generator
) -> tuple[Array, LeafTree]:
    rest = tree.restricted(allowed)
    chance = rest.count / np.maximum(tree.count, 1)
    greatest = chance.max()
    if not greatest:
        raise DataError(
            f"given: column {name!r}: no row learned from holds what is asked of it; "
            "ask for a range around it"
        )
    return rng.random(len(leaf)) * greatest < chance[leaf], rest


def goal_of(contents: Contents, target: IntArray, scores: FloatArray) -> FloatArray:
    """Give what a tree is to explain: the standardised rank, and whether the cell is missing."""
    missing = np.isnan(contents.numbers)[target]
    if not missing.any() or missing.all():
        return scores
    return np.column_stack([scores, (missing - missing.mean()) / missing.std()])
