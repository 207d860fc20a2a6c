"""In what situation a child row is made: leaves of a tree over its parent and the sibling before.

Any family of tables can learn a category and be asked for one of its levels. So what a parent
says about its children is put into one category: the leaf of a regression tree that is grown to
predict the children's columns from their parent's, from the child before and from the place
among the siblings. Leaves that don't help to predict children held out are not made.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from scenara.shared.data.column import Column
from scenara.shared.data.schema import Schema
from scenara.shared.features import TableEncoder
from scenara.shared.features.states import pack, unpack
from scenara.shared.types import Array, FloatArray, IntArray

__all__ = ["Context", "LeafSplits", "fit_context"]

MAX_ROWS = 20_000
MIN_LEAF = 25
MAX_OUTPUTS = 20
MAX_LEVELS = 30


@dataclass(frozen=True, eq=False)
class LeafSplits:
    """Send rows to leaves.

    Args:
        features: Feature that a node looks at, -1 in a leaf, (nodes,).
        thresholds: Numbers up to this go left, (nodes,).
        left: Node on the left, (nodes,).
        right: Node on the right, (nodes,).
    """

    features: IntArray
    thresholds: FloatArray
    left: IntArray
    right: IntArray

    @property
    def leaves(self) -> IntArray:
        """Give the nodes that are leaves."""
        return np.flatnonzero(self.features < 0)

    def leaf(self, matrix: FloatArray) -> IntArray:
        """Give the leaf of each row.

        Args:
            matrix: Features, (rows, features).

        Returns:
            (rows,) numbers of nodes.

        Example:
            >>> splits = LeafSplits(np.array([0, -1, -1]), np.array([0.5, 0, 0]),
            ...                     np.array([1, -1, -1]), np.array([2, -1, -1]))
            >>> splits.leaf(np.array([[0.1], [0.9]]))
            array([1, 2])
        """
        nodes = np.zeros(len(matrix), dtype=np.int64)
        while (inner := np.flatnonzero(self.features[nodes] >= 0)).size:
            at = nodes[inner]
            is_left = matrix[inner, self.features[at]] <= self.thresholds[at]
            nodes[inner] = np.where(is_left, self.left[at], self.right[at])
        return nodes


@dataclass(frozen=True, eq=False)
class Context:
    """Know in what situation each child row is made.

    Args:
        owner: Codes the columns of parents and their ancestors; None if there are none.
        sibling: Codes the columns of children; None if there are none.
        splits: The tree.
    """

    owner: TableEncoder | None
    sibling: TableEncoder | None
    splits: LeafSplits

    @property
    def width(self) -> int:
        """Count the codes of a sibling."""
        return 0 if self.sibling is None else self.sibling.layout_.width

    def of_owners(self, frame: pd.DataFrame) -> FloatArray:
        """Code parents.

        Args:
            frame: Columns of the parents and their ancestors, (parents, columns).
        """
        return _coded(self.owner, frame)

    def of_siblings(self, frame: pd.DataFrame) -> FloatArray:
        """Code children, for those that follow them.

        Args:
            frame: Columns of the children, (children, columns).
        """
        return _coded(self.sibling, frame)

    def labels(self, owners: FloatArray, before: FloatArray, places: IntArray) -> Array:
        """Give the situation of children as a level of a category.

        Args:
            owners: Codes of their parents, (children, ...).
            before: Codes of the siblings before them, zeros for none, (children, ...).
            places: Number among the siblings, from 0, (children,).
        """
        return self.splits.leaf(_features(owners, before, places)).astype(str).astype(object)

    @property
    def levels(self) -> tuple[str, ...]:
        """Give all situations."""
        return tuple(map(str, self.splits.leaves.tolist()))

    def state(self) -> object:
        """Give what was learned as JSON values with arrays as leaves."""
        splits = self.splits
        nodes = (splits.features, splits.thresholds, splits.left, splits.right)
        return {
            "owner": None if self.owner is None else self.owner.state(),
            "sibling": None if self.sibling is None else self.sibling.state(),
            "nodes": [pack(part) for part in nodes],
        }

    @classmethod
    def from_state(cls, state: dict[str, object]) -> "Context":
        """Make a context from what :meth:`state` gave.

        Args:
            state: The state, perhaps after a way through the artifact store.
        """
        owner, sibling = (
            None if state[name] is None else TableEncoder.from_state(state[name])  # type: ignore[arg-type]  # nested state
            for name in ("owner", "sibling")
        )
        nodes = state["nodes"]
        assert isinstance(nodes, list)
        return cls(owner, sibling, LeafSplits(*(unpack(part, {}) for part in nodes)))


def fit_context(
    owners: pd.DataFrame,
    children: pd.DataFrame,
    owner_of: IntArray,
    places: IntArray,
    *,
    columns: tuple[Sequence[Column], Sequence[Column]],
    max_leaves: int,
    random_state: int,
) -> tuple[Context, Array]:
    """Learn which situations of children differ.

    Args:
        owners: Columns of the parents and their ancestors, (parents, columns).
        children: Columns of the children, siblings one below the other in their order.
        owner_of: Row of the parent of each child, (children,).
        places: Number among the siblings, from 0, (children,).
        columns: What the columns of the parents are, and of the children.
        max_leaves: Most situations.
        random_state: Seed of the parents held out.

    Returns:
        What was learned, and the situation of each child.
    """
    owner, sibling = _encoder(owners, columns[0]), _encoder(children, columns[1])
    of_owners = _coded(owner, owners)[owner_of]
    own = _coded(sibling, children)
    before = np.zeros_like(own)
    follows = np.flatnonzero(places > 0)
    before[follows] = own[follows - 1]
    matrix = _features(of_owners, before, places)
    splits = _grown(matrix, _targets(own), owner_of, max_leaves=max_leaves, seed=random_state)
    context = Context(owner, sibling, splits)
    return context, context.labels(of_owners, before, places)


def _grown(
    matrix: FloatArray, targets: FloatArray, owner_of: IntArray, *, max_leaves: int, seed: int
) -> LeafSplits:
    """Grow the tree whose number of leaves predicts the children of held-out parents best."""
    rng = np.random.default_rng(seed)
    rows = np.arange(len(matrix))
    if len(rows) > MAX_ROWS:
        rows = np.sort(rng.choice(rows, MAX_ROWS, replace=False))
    held = (rng.random(int(owner_of.max()) + 1) < 0.3)[owner_of[rows]]
    best = 1
    if targets.shape[1] and held.any() and (~held).sum() >= 2 * MIN_LEAF:
        learn, judge = rows[~held], rows[held]
        sizes = [2**power for power in range(int(np.log2(max(max_leaves, 1))) + 1)]
        errors = [
            _error(matrix[learn], targets[learn], matrix[judge], targets[judge], size, seed)
            for size in sizes
        ]
        best = sizes[int(np.argmin(errors))]
    return _tree(matrix[rows], targets[rows], best, seed)[0]


def _error(
    matrix: FloatArray,
    targets: FloatArray,
    other: FloatArray,
    truth: FloatArray,
    n_leaves: int,
    seed: int,
) -> float:
    splits, means = _tree(matrix, targets, n_leaves, seed)
    return float(((truth - means[splits.leaf(other)]) ** 2).sum())


def _tree(
    matrix: FloatArray, targets: FloatArray, n_leaves: int, seed: int
) -> tuple[LeafSplits, FloatArray]:
    from sklearn.tree import DecisionTreeRegressor

    single = LeafSplits(np.array([-1]), np.zeros(1), np.array([-1]), np.array([-1]))
    if n_leaves < 2 or not targets.shape[1] or len(matrix) < 2 * MIN_LEAF:
        mean = targets.mean(axis=0, keepdims=True) if len(targets) else targets
        return single, mean
    grown = DecisionTreeRegressor(
        max_leaf_nodes=n_leaves, min_samples_leaf=MIN_LEAF, random_state=seed
    ).fit(matrix.astype(np.float32), targets)
    tree = grown.tree_
    features = np.where(tree.children_left < 0, -1, tree.feature).astype(np.int64)
    splits = LeafSplits(
        features,
        tree.threshold.astype(np.float64),
        tree.children_left.astype(np.int64),
        tree.children_right.astype(np.int64),
    )
    return splits, tree.value[:, :, 0]


def _targets(own: FloatArray) -> FloatArray:
    """Give the children's codes as few columns of unit variance or less, the widest first."""
    centred = own - own.mean(axis=0) if len(own) else own
    spread = centred.std(axis=0) if len(own) else np.zeros(own.shape[1])
    scaled: FloatArray = centred[:, spread > 0] / spread[spread > 0]
    if scaled.shape[1] <= MAX_OUTPUTS:
        return scaled
    few = scaled[: 2 * MAX_ROWS]
    axes = np.linalg.eigh(few.T @ few)[1][:, ::-1]
    reduced: FloatArray = scaled @ axes[:, :MAX_OUTPUTS]
    return reduced


def _features(owners: FloatArray, before: FloatArray, places: IntArray) -> FloatArray:
    matrix = np.column_stack([owners, before, places.astype(np.float64)])
    # Rows grow the tree and go down it in the same precision.
    return matrix.astype(np.float32).astype(np.float64)


def _encoder(frame: pd.DataFrame, columns: Sequence[Column]) -> TableEncoder | None:
    if not columns:
        return None
    return TableEncoder(schema=Schema(tuple(columns)), max_levels=MAX_LEVELS).fit(frame)


def _coded(encoder: TableEncoder | None, frame: pd.DataFrame) -> FloatArray:
    return np.zeros((len(frame), 0)) if encoder is None else encoder.transform(frame).matrix
