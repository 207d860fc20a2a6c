"""Labels are drawn by their chances, and their totals in groups of rows scatter less for it."""

import numpy as np
import pytest

from scenara.shared.generators.tables.groups import LEAST_ROWS, random_groups
from scenara.shared.generators.tables.label import fit_label

N_ROWS, N_DRAWS = 4_000, 30


@pytest.fixture(scope="module")
def rows():
    return np.random.default_rng(0).random((N_ROWS, 3)).astype(np.float32)


def chances_of(x):
    """Give the chances of three classes, which the first column moves."""
    middle = 0.1 + 0.4 * x[:, 0]
    return np.column_stack([0.7 - 0.4 * x[:, 0], middle, np.full(len(x), 0.2)])


def labels_by(chances, rng):
    return (rng.random((len(chances), 1)) > chances.cumsum(axis=1)[:, :-1]).sum(axis=1)


@pytest.fixture(scope="module")
def drawn(rows):
    """Give labels drawn many times by groups whose real labels were drawn by the same chances."""
    rng, chances = np.random.default_rng(1), chances_of(rows)
    groups = random_groups(rows, labels_by(chances, rng), chances, rng, importance=np.ones(3))
    flat = type(groups)(groups.column, groups.threshold, 0 * groups.excess, groups.weight)
    return np.array([flat.draw(rows, chances, rng) for _ in range(N_DRAWS)])


@pytest.mark.parametrize("label", [0, 1, 2])
def test_every_class_comes_up_by_its_chance(rows, drawn, label):
    chance = chances_of(rows)[:, label]
    share = (drawn == label).mean(axis=0)
    for low in (0.0, 0.25, 0.5, 0.75):
        some = (rows[:, 0] >= low) & (rows[:, 0] < low + 0.25)
        # Independent draws would err by this much three times in a thousand; ours err less.
        error = np.sqrt(0.25 / (some.sum() * N_DRAWS))
        assert share[some].mean() == pytest.approx(chance[some].mean(), abs=3 * error)


def test_totals_of_groups_scatter_less_than_those_of_independent_draws(rows, drawn):
    chances, rng = chances_of(rows), np.random.default_rng(2)
    free = np.array([labels_by(chances, rng) for _ in range(N_DRAWS)])
    some = (rows[:, 0] > 0.5) & (rows[:, 1] > 0.5)
    ours, theirs = ((labels[:, some] == 1).sum(axis=1).var() for labels in (drawn, free))
    # The ratio of variances of 30 draws of one law exceeds 2.4 once in a hundred times.
    assert ours < theirs / 2.4


def test_totals_follow_real_rows_where_chances_are_wrong(rows):
    rng, half = np.random.default_rng(3), np.full((N_ROWS, 2), 0.5)
    label = (rng.random(N_ROWS) < np.where(rows[:, 0] > 0.5, 0.8, 0.2)).astype(int)
    groups = random_groups(rows, label, half, rng, importance=np.array([1.0, 0.0, 0.0]))
    found = groups.draw(rows, half, rng)
    assert found[rows[:, 0] > 0.5].mean() > 0.65
    assert found[rows[:, 0] < 0.5].mean() < 0.35


def test_few_rows_tell_nothing(rows):
    few = rows[: LEAST_ROWS - 1]
    rng, half = np.random.default_rng(4), np.full((len(few), 2), 0.5)
    groups = random_groups(few, np.ones(len(few), int), half, rng, importance=np.ones(3))
    assert not groups.excess.any()
    assert not groups.weight.any()


def test_the_same_stream_gives_the_same_labels(rows):
    label = labels_by(chances_of(rows), np.random.default_rng(5))
    head = fit_label(rows, label, n_classes=3, seed=0)
    first, second = (head.draw(rows, np.random.default_rng(6)) for _ in range(2))
    assert (first == second).all()
