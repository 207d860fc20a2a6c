"""Decision trees as plain arrays: grown by scikit-learn, kept and read without it."""

from dataclasses import dataclass

import numpy as np

from scenara.shared.errors import ArtifactError
from scenara.shared.types import Array, FloatArray, IntArray

__all__ = ["LEAF", "Growth", "LeafTree", "Splits", "grow"]

LEAF = -1


@dataclass(frozen=True)
class Growth:
    """Say how a tree is grown.

    Args:
        min_leaf: Fewest rows in a leaf.
        max_rows: Most rows that splits are sought on; the others only fill the leaves.
        seed: Draws those rows and breaks ties between equal splits.
    """

    min_leaf: int
    max_rows: int
    seed: int


@dataclass(frozen=True)
class Splits:
    """Hold the questions of a tree, node by node; the root is node 0.

    Args:
        feature: Feature that a node asks for, -1 in a leaf, (nodes,).
        threshold: A row goes left where its feature is at most this, (nodes,).
        left: Left child, after its parent, (nodes,).
        right: Right child, after its parent, (nodes,).

    Raises:
        ArtifactError: The arrays are no tree.
    """

    feature: IntArray
    threshold: FloatArray
    left: IntArray
    right: IntArray

    def __post_init__(self) -> None:
        """Check that every path ends."""
        nodes = np.arange(len(self.feature))
        below = (self.left > nodes) & (self.right > nodes)
        below &= np.maximum(self.left, self.right) < len(nodes)
        if not len(nodes) or not (below | (self.feature == LEAF)).all():
            raise ArtifactError("state: expected a tree in which children come after parents")

    @classmethod
    def none(cls) -> "Splits":
        """Give the tree that is one leaf."""
        none = np.zeros(1, dtype=np.int32)
        return cls(none + LEAF, none.astype(np.float32), none, none)

    def leaves(self, features: FloatArray, roots: IntArray | None = None) -> IntArray:
        """Give the leaf that each row falls into.

        Args:
            features: float32, (rows, features).
            roots: The node at which each row begins, (rows,); None for node 0.

        Returns:
            Numbers of nodes, (rows,).
        """
        node = np.zeros(len(features), dtype=np.int32) if roots is None else roots.copy()
        rows, here, asked = np.arange(len(features)), node, self.feature[node]
        wide, flat = features.shape[1], features.ravel()
        while len(rows := rows[asked != LEAF]):
            here, asked = here[asked != LEAF], asked[asked != LEAF]
            low = flat[rows * wide + asked] <= self.threshold[here]
            here = np.where(low, self.left[here], self.right[here])
            node[rows], asked = here, self.feature[here]
        return node


@dataclass(frozen=True)
class LeafTree:
    """Hold a tree whose leaves keep what the rows that fell into them contain.

    Args:
        splits: The questions.
        start: Place of a leaf's first donor, (nodes,).
        count: Donors of a leaf, 0 in other nodes, (nodes,).
        donors: Contents of the target, leaf by leaf and in order inside, (rows,).

    Raises:
        ArtifactError: A leaf has donors that are not there.
    """

    splits: Splits
    start: IntArray
    count: IntArray
    donors: IntArray

    def __post_init__(self) -> None:
        """Check that donors are there."""
        there = (self.start >= 0) & (self.count >= 0)
        there &= self.start + self.count <= len(self.donors)
        if len(self.start) != len(self.splits.feature) or not there.all():
            raise ArtifactError("state: expected leaves of a tree whose donors are there")

    def draw(self, leaf: IntArray, rng: np.random.Generator) -> IntArray:
        """Draw one donor for each row.

        Args:
            leaf: The leaf of each row, (rows,).
            rng: The stream.

        Returns:
            Contents of the target, (rows,).
        """
        place = (rng.random(len(leaf)) * self.count[leaf]).astype(np.int64)
        return np.asarray(self.donors[self.start[leaf] + place])

    def restricted(self, allowed: Array) -> "LeafTree":
        """Give the tree with only some donors.

        Args:
            allowed: Whether each content of the target is kept, (contents,).

        Returns:
            A tree with leaves that may be empty; ``count`` over that of the whole tree is the
            chance that a draw would have been kept.
        """
        kept = allowed[self.donors]
        before = np.concatenate([[0], np.cumsum(kept)])
        start = before[self.start]
        count = before[self.start + self.count] - start
        return LeafTree(self.splits, start, count, self.donors[kept])


def grow(
    features: FloatArray, target: IntArray, goal: Array, *, is_class: bool, growth: Growth
) -> LeafTree:
    """Grow a tree that splits rows until their targets are alike or too few.

    Args:
        features: float32, (rows, features); without features the root is the only leaf.
        target: Contents of the target by number, which become donors, (rows,).
        goal: What splits are to explain: classes, (rows,), or numbers, (rows,) or
            (rows, outputs).
        is_class: Whether the goal is classes.
        growth: How far.

    Returns:
        The tree.

    Example:
        >>> age = np.arange(20, dtype=np.float32)[:, None]
        >>> smokes = (np.arange(20) >= 10).astype(np.int64)
        >>> growth = Growth(min_leaf=5, max_rows=100, seed=0)
        >>> tree = grow(age, smokes, smokes, is_class=True, growth=growth)
        >>> tree.splits.threshold[0].item(), tree.count.tolist()
        (9.5, [0, 10, 10])
    """
    splits = _splits(features, goal, is_class, growth) if features.shape[1] else Splits.none()
    leaf = splits.leaves(features)
    count = np.bincount(leaf, minlength=len(splits.feature))
    donors = target[np.lexsort((target, leaf))].astype(np.int32)
    return LeafTree(splits, np.cumsum(count) - count, count, donors)


def _splits(features: FloatArray, goal: Array, is_class: bool, growth: Growth) -> Splits:
    from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

    if len(features) > growth.max_rows:
        rng = np.random.default_rng(growth.seed)
        rows = rng.choice(len(features), growth.max_rows, replace=False)
        features, goal = features[rows], goal[rows]
    kind = DecisionTreeClassifier if is_class else DecisionTreeRegressor
    model = kind(min_samples_leaf=growth.min_leaf, random_state=growth.seed)
    tree = model.fit(features, goal).tree_
    is_leaf = tree.children_left == LEAF
    feature = np.where(is_leaf, LEAF, tree.feature).astype(np.int32)
    sides = (tree.children_left, tree.children_right)
    left, right = (np.where(is_leaf, 0, side).astype(np.int32) for side in sides)
    # Features are ranks, whole numbers or halves, so that float32 holds the thresholds exactly.
    return Splits(feature, tree.threshold.astype(np.float32), left, right)
