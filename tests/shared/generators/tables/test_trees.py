"""Trees as arrays against scikit-learn's own."""

import numpy as np
import pytest
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from scenara.shared.errors import ArtifactError
from scenara.shared.generators.tables.trees import Growth, LeafTree, Splits, grow

N_ROWS = 500
GROWTH = Growth(min_leaf=7, max_rows=10_000, seed=0)


def data(seed=0):
    rng = np.random.default_rng(seed)
    features = rng.integers(0, 100, (N_ROWS, 3)).astype(np.float32)
    target = (features[:, 0] // 20 + (features[:, 1] > 50)).astype(np.int64)
    return features, target


def grown(**changes):
    features, target = data()
    return grow(features, target, target, **{"is_class": True, "growth": GROWTH, **changes})


@pytest.mark.parametrize("is_class", [True, False])
def test_rows_fall_into_the_leaves_that_scikit_learn_says(is_class):
    features, target = data()
    kind = DecisionTreeClassifier if is_class else DecisionTreeRegressor
    model = kind(min_samples_leaf=7, random_state=0).fit(features, target)
    others, _ = data(seed=1)
    leaves = grown(is_class=is_class).splits.leaves(others)
    assert (leaves == model.apply(others)).all()


def test_every_leaf_has_rows_enough():
    tree = grown()
    assert tree.count[tree.splits.feature == -1].min() >= 7


def test_all_rows_are_donors_once():
    _, target = data()
    assert np.sort(grown().donors).tolist() == np.sort(target).tolist()


def test_a_draw_is_one_of_the_leafs_donors():
    tree, (features, _) = grown(), data(seed=2)
    leaf = tree.splits.leaves(features)
    drawn = tree.draw(leaf, np.random.default_rng(0))
    for node, content in zip(leaf, drawn, strict=True):
        start = tree.start[node]
        assert content in tree.donors[start : start + tree.count[node]]


def test_a_restricted_tree_draws_nothing_else():
    tree, (features, _) = grown().restricted(np.arange(6) == 3), data()
    leaf = tree.splits.leaves(features)
    leaf = leaf[tree.count[leaf] > 0]
    assert len(leaf) > 0
    assert (tree.draw(leaf, np.random.default_rng(0)) == 3).all()


def test_a_tree_without_features_is_one_leaf():
    features, target = data()
    tree = grow(features[:, :0], target, target, is_class=True, growth=GROWTH)
    assert tree.count.tolist() == [N_ROWS]


def test_splits_are_sought_on_some_rows_and_leaves_filled_with_all():
    tree = grown(growth=Growth(min_leaf=7, max_rows=60, seed=0))
    assert (tree.splits.feature == -1).sum() <= 60 // 7
    assert tree.count.sum() == N_ROWS


@pytest.mark.parametrize(
    ("left", "right"), [([0, 0, 0], [2, 0, 0]), ([1, 0, 0], [3, 0, 0]), ([1, -1], [0, 0])]
)
def test_arrays_that_are_no_tree_are_refused(left, right):
    feature = np.array([0, *[-1] * (len(left) - 1)])
    with pytest.raises(ArtifactError, match="expected a tree"):
        Splits(feature, np.zeros(len(left)), np.array(left), np.array(right))


def test_donors_that_are_not_there_are_refused():
    none = np.zeros(1, dtype=np.int64)
    with pytest.raises(ArtifactError, match="whose donors are there"):
        LeafTree(Splits.none(), none, none + 4, np.arange(3))
