"""Forests one column after the other: each row asks one tree, and trees know half of the rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from scenara.shared.data.column import BOUNDED
from scenara.shared.data.schema import Schema
from scenara.shared.generators.tables.ranked import Contents, standardised
from scenara.shared.generators.tables.sequential import goal_of
from scenara.shared.generators.tables.trees import LEAF, Growth, LeafTree, Splits, grow
from scenara.shared.progress import Progress, silent
from scenara.shared.types import Array, FloatArray, IntArray

__all__ = ["Bounds", "Forest", "ForestGrowth", "chain_order", "grow_forests", "is_fine"]

TELLING = 0.5
"""Share of the mean strength of relation above which levels are drawn before numbers."""
MANY = 100
"""Distinct contents above which a measured column is drawn finely."""
_ENTRIES_OF_ROW = 64
"""Entries of a table of places, for each row drawn, above which places are searched instead."""


@dataclass(frozen=True)
class ForestGrowth:
    """Say how the forest of a column is grown.

    Args:
        min_leaf: Fewest rows in a leaf where numbers with many values are drawn.
        min_leaf_levels: Fewest rows in a leaf where levels, or numbers with few values, are.
        n_trees: Trees of a column; each row drawn asks one of them.
        share: Share of the rows that a tree is grown on and draws from.
        max_rows: Most rows that a tree is grown on and draws from.
        seed: Draws the rows of each tree.
    """

    min_leaf: int
    min_leaf_levels: int
    n_trees: int
    share: float
    max_rows: int
    seed: int


@dataclass(frozen=True)
class Bounds:
    """Say between which contents each row is to be drawn.

    Args:
        low: First content allowed, (rows,).
        high: Content after the last one allowed, (rows,).
    """

    low: IntArray
    high: IntArray


@dataclass(frozen=True)
class Forest:
    """Hold the trees of one column, one after the other.

    A row asks one tree, chosen at random, so that its law is the mean of the laws of all trees.
    As each tree knows a part of the rows only, no row weighs much on the law near itself.

    Args:
        trees: The trees as one, their nodes and donors joined; donors are contents by number.
        roots: First node of each tree, (trees,).
        ranks: Rows with lesser contents, by content, and the number of rows, (contents + 1,).
        is_fine: Whether a draw moves towards its neighbours in the leaf.
    """

    trees: LeafTree
    roots: IntArray
    ranks: IntArray
    is_fine: bool

    @classmethod
    def of(cls, trees: Sequence[LeafTree], ranks: IntArray, *, is_fine: bool) -> "Forest":
        """Join trees to a forest.

        Args:
            trees: Trees of one column.
            ranks: Rows with lesser contents, and the number of rows, (contents + 1,).
            is_fine: Whether a draw moves towards its neighbours in the leaf.
        """
        sizes = np.array([0, *(len(tree.start) for tree in trees)])
        donors = np.array([0, *(len(tree.donors) for tree in trees)])
        roots, firsts = np.cumsum(sizes)[:-1], np.cumsum(donors)[:-1]
        moved = [
            (
                tree.splits.feature,
                tree.splits.threshold,
                np.where(tree.splits.feature == LEAF, 0, tree.splits.left + root),
                np.where(tree.splits.feature == LEAF, 0, tree.splits.right + root),
                tree.start + first,
                tree.count,
                tree.donors,
            )
            for tree, root, first in zip(trees, roots, firsts, strict=True)
        ]
        joined = [np.concatenate(parts) for parts in zip(*moved, strict=True)]
        feature, threshold, left, right = joined[:4]
        splits = Splits(feature, threshold, left.astype(np.int32), right.astype(np.int32))
        whole = LeafTree(splits, *joined[4:])
        return cls(whole, roots.astype(np.int32), ranks, is_fine)

    def draw(
        self, features: FloatArray, rng: np.random.Generator, bounds: Bounds | None = None
    ) -> IntArray:
        """Draw the contents of rows.

        Args:
            features: The columns, as contents, float32, (rows, columns); those before this one
                are read.
            rng: The stream.
            bounds: Where the contents have to lie; None for anywhere.

        Returns:
            Contents, (rows,).
        """
        tree = self.trees
        asked = self.roots[rng.integers(len(self.roots), size=len(features))]
        leaf = tree.splits.leaves(features, asked)
        start: IntArray = tree.start[leaf]
        stop: IntArray = start + tree.count[leaf]
        if bounds is not None:
            start, stop = _narrowed(tree, leaf, bounds, n_contents=len(self.ranks) - 1)
        place = start + (rng.random(len(leaf)) * (stop - start)).astype(np.int64)
        place = np.minimum(place, len(tree.donors) - 1)
        drawn = self._moved(place, start, stop, rng) if self.is_fine else tree.donors[place]
        some = stop > start
        if some.all() or bounds is None:
            return drawn
        return np.where(some, drawn, self._anywhere(bounds, rng))

    def _moved(
        self, place: IntArray, start: IntArray, stop: IntArray, rng: np.random.Generator
    ) -> IntArray:
        """Move draws towards a neighbour in the leaf, in ranks: values seen often stay."""
        donors = self.trees.donors
        move = 2 * rng.random(len(place)) - 1
        beside = np.clip(place + np.sign(move).astype(np.int64), start, np.maximum(stop - 1, start))
        beside = np.minimum(beside, len(donors) - 1)
        here, there = (self._rank(donors[p], rng) for p in (place, beside))
        return self._content(here + np.abs(move) * (there - here))

    def _anywhere(self, bounds: Bounds, rng: np.random.Generator) -> IntArray:
        return self._content(_between(self.ranks[bounds.low], self.ranks[bounds.high], rng))

    def _rank(self, contents: IntArray, rng: np.random.Generator) -> FloatArray:
        return _between(self.ranks[contents], self.ranks[contents + 1], rng)

    def _content(self, rank: FloatArray) -> IntArray:
        found = np.searchsorted(self.ranks, rank, side="right") - 1
        return np.clip(found, 0, len(self.ranks) - 2)


def _between(low: IntArray, high: IntArray, rng: np.random.Generator) -> FloatArray:
    """Draw a number between two, (rows,)."""
    return np.asarray(low + rng.random(len(low)) * (high - low), dtype=np.float64)


def is_fine(contents: Contents, *, is_measured: bool) -> bool:
    """Say whether a column is drawn finely: a number or time with many distinct values."""
    return is_measured and len(contents) > MANY


def chain_order(
    contents: Mapping[str, Contents], ranks: IntArray, schema: Schema, *, last: Sequence[str] = ()
) -> list[str]:
    """Order columns: those that say much about others come first.

    Trees split the rows on the columns before; weakly related columns, which come late, would
    break them up for nothing and make neighbours of rows that happen to share them.

    Args:
        contents: By column.
        ranks: Places of the cells among them, (rows, columns).
        schema: What the columns are.
        last: Columns to draw at the end.

    Returns:
        The names: levels that are strongly related to other columns, numbers with many values,
        then the others; in each group by the sum of the squared rank correlations with the other
        columns, greatest first.
    """
    scores = standardised(contents, ranks)
    related = (scores.T @ scores / len(scores)) ** 2
    strength = dict(zip(contents, related.sum(axis=0) - 1, strict=True))
    strong = TELLING * float(np.mean(list(strength.values())))

    def place(name: str) -> tuple[bool, int, float]:
        measured = schema[name].kind in BOUNDED
        if is_fine(contents[name], is_measured=measured):
            group = 1
        else:
            group = 0 if strength[name] > strong and not measured else 2
        return name in last, group, -strength[name]

    return sorted(contents, key=place)


def grow_forests(
    contents: Mapping[str, Contents],
    ranks: IntArray,
    schema: Schema,
    growth: ForestGrowth,
    *,
    order: Sequence[str],
    progress: Progress = silent,
) -> dict[str, Forest]:
    """Grow the forest of each column on the columns before it.

    Args:
        contents: By column.
        ranks: Places of the cells among them, (rows, columns).
        schema: What the columns are.
        growth: How far.
        order: The columns in the order in which they are drawn.
        progress: Told how many are grown.

    Returns:
        The forests by column, in that order.
    """
    names = list(contents)
    places = [names.index(name) for name in order]
    features = np.ascontiguousarray(ranks[:, places], dtype=np.float32)
    scores = standardised(contents, ranks)
    rng = np.random.default_rng(growth.seed)
    forests: dict[str, Forest] = {}
    for n_before, (name, place) in enumerate(zip(order, places, strict=True)):
        fine = is_fine(contents[name], is_measured=schema[name].kind in BOUNDED)
        is_class = schema[name].kind not in BOUNDED and len(contents[name]) <= MANY
        target = ranks[:, place]
        goal = target if is_class else goal_of(contents[name], target, scores[:, place])
        before = features[:, :n_before]
        sample = _Sample(growth, growth.min_leaf if fine else growth.min_leaf_levels)
        trees = [
            sample.tree(before, target, goal, is_class=is_class, rng=rng)
            for _ in range(growth.n_trees if n_before else 1)
        ]
        counts = np.bincount(ranks[:, place], minlength=len(contents[name]))
        below = np.concatenate([[0], np.cumsum(counts)])
        forests[name] = Forest.of(trees, below, is_fine=fine)
        progress("columns", n_before + 1, len(order))
    return forests


@dataclass(frozen=True)
class _Sample:
    """Grow a tree on a part of the rows."""

    growth: ForestGrowth
    min_leaf: int

    def tree(
        self,
        features: FloatArray,
        target: IntArray,
        goal: Array,
        *,
        is_class: bool,
        rng: np.random.Generator,
    ) -> LeafTree:
        n_rows = len(target)
        size = min(max(int(self.growth.share * n_rows), 1), self.growth.max_rows)
        rows = rng.permutation(n_rows)[:size] if features.shape[1] else np.arange(n_rows)
        growth = Growth(self.min_leaf, n_rows, int(rng.integers(2**31)))
        return grow(features[rows], target[rows], goal[rows], is_class=is_class, growth=growth)


def _narrowed(
    tree: LeafTree, leaf: IntArray, bounds: Bounds, *, n_contents: int
) -> tuple[IntArray, IntArray]:
    """Give the first donor of each row's leaf within the bounds, and the one after the last."""
    is_edge = np.zeros(n_contents + 1, dtype=bool)
    is_edge[bounds.low], is_edge[bounds.high] = True, True
    run = np.cumsum(is_edge)
    n_runs = int(run[-1]) + 1
    if len(tree.count) * n_runs > _ENTRIES_OF_ROW * len(leaf):
        return _searched(tree, leaf, bounds, wide=n_contents + 1)
    # Donors lie leaf by leaf and in order, so that counting them by leaf and run gives places.
    of_leaf = np.repeat(np.arange(len(tree.count)) * n_runs, tree.count)
    counts = np.bincount(of_leaf + run[tree.donors], minlength=len(tree.count) * n_runs)
    before = np.cumsum(counts) - counts
    first = leaf.astype(np.int64) * n_runs
    return before[first + run[bounds.low]], before[first + run[bounds.high]]


def _searched(
    tree: LeafTree, leaf: IntArray, bounds: Bounds, *, wide: int
) -> tuple[IntArray, IntArray]:
    of_leaf = np.repeat(np.arange(len(tree.count)), tree.count)
    keys = of_leaf.astype(np.int64) * wide + tree.donors
    start = np.searchsorted(keys, leaf.astype(np.int64) * wide + bounds.low)
    stop = np.searchsorted(keys, leaf.astype(np.int64) * wide + bounds.high)
    return start, stop
