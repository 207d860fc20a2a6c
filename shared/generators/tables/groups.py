"""Labels drawn so that groups of rows hold as many of each class as real rows of such groups do."""

from dataclasses import asdict, dataclass

import numpy as np

from scenara.shared.types import Array, FloatArray, IntArray

__all__ = ["Groups", "random_groups"]

N_PARTITIONS = 60
ROWS_PER_GROUP = 40
"""Rows that a group would have if all groups of a partition were of one size."""
MOST_QUESTIONS = 9
LEAST_ROWS = 20
"""Rows below which a group tells nothing: neither of chance nor of people."""
STRENGTH = 3.0
"""Mean sum of the weights of a row's groups: how hard deficits pull at its chances, in nats."""


@dataclass(frozen=True)
class Groups:
    """Hold random partitions of rows into groups, and what real labels add to chances there.

    A partition asks each row a few yes-or-no questions, all rows the same; the answers number its
    group. Labels drawn independently by their chances scatter in each group, and a model that is
    learned from them takes the scatter for knowledge. Here each draw is pulled towards the class
    that the row's groups lack so far, so that the totals of groups scatter less. They tend to
    the chances plus what the real rows of the group had beyond theirs.

    Args:
        column: What a question is about, (partitions, questions).
        threshold: The answer is yes above it, (partitions, questions).
        excess: Mean share of a class among the real rows of a group beyond their mean chance, but
            for the first class, (classes - 1, groups).
        weight: How much a group matters; 0 where fewer than ``LEAST_ROWS`` real rows fall into
            it, (groups,).

    References:
        Deville and Tille, 2004, Efficient balanced sampling: the cube method,
        https://doi.org/10.1093/biomet/91.4.893 (draws with given chances and given totals).
        Alweiss, Liu and Sawhney, 2021, Discrepancy minimization via a self-balancing walk,
        https://arxiv.org/abs/2006.14009 (one pass over the rows). Hebert-Johnson, Kim, Reingold
        and Rothblum, 2018, Multicalibration: calibration for the computationally-identifiable
        masses, https://arxiv.org/abs/1711.08513 (chances that are right in every group). Ozuysal,
        Calonder, Lepetit and Fua, 2010, Fast keypoint recognition using random ferns,
        https://doi.org/10.1109/TPAMI.2009.23 (the questions).
    """

    column: IntArray
    threshold: FloatArray
    excess: FloatArray
    weight: FloatArray

    def of_rows(self, features: FloatArray) -> IntArray:
        """Give the groups of rows.

        Args:
            features: What the questions are about, (rows, columns).

        Returns:
            Numbers of groups, (rows, partitions).
        """
        columns = np.ascontiguousarray(features.T)
        groups = np.empty((len(self.column), len(features)), dtype=np.int64)
        for number, (asked, limits) in enumerate(zip(self.column, self.threshold, strict=True)):
            group = np.full(len(features), number)
            for place, limit in zip(asked, limits, strict=True):
                group = 2 * group + (columns[place] > limit)
            groups[number] = group
        return np.ascontiguousarray(groups.T)

    def draw(self, features: FloatArray, chances: FloatArray, rng: np.random.Generator) -> IntArray:
        """Draw the class of each row.

        Args:
            features: What the questions are about, (rows, columns).
            chances: Chance of each class, (rows, classes).
            rng: The stream.

        Returns:
            Classes, (rows,).
        """
        groups, levels = self.of_rows(features), rng.random(len(chances))
        surplus = np.zeros_like(self.excess)
        classes = np.empty(len(chances), dtype=np.int64)
        size = int(np.clip(len(chances) // 200, 8, 64))
        for first in range(0, len(chances), size):
            rows = slice(first, first + size)
            pulled = self._pulled(chances[rows], groups[rows], surplus)
            below = np.cumsum(pulled, axis=1)
            classes[rows] = (levels[rows, None] * below[:, -1:] > below[:, :-1]).sum(axis=1)
            self._count(surplus, groups[rows], chances[rows], classes[rows])
        return classes

    def arrays(self) -> dict[str, Array]:
        """Give what it holds by name."""
        return asdict(self)

    def _pulled(self, chances: FloatArray, groups: IntArray, surplus: FloatArray) -> FloatArray:
        """Give chances, up to a factor, against the surplus of classes in the rows' groups."""
        weight, pulled = self.weight[groups], chances.copy()
        for place, held in enumerate(surplus, start=1):
            pulled[:, place] *= np.exp(-np.clip((weight * held[groups]).sum(axis=1), -30, 30))
        return pulled

    def _count(
        self, surplus: FloatArray, groups: IntArray, chances: FloatArray, classes: IntArray
    ) -> None:
        for place, (held, excess) in enumerate(zip(surplus, self.excess, strict=True), start=1):
            beyond = (classes == place) - chances[:, place]
            np.add.at(held, groups.ravel(), (beyond[:, None] - excess[groups]).ravel())


def random_groups(
    features: FloatArray,
    label: IntArray,
    chances: FloatArray,
    rng: np.random.Generator,
    *,
    importance: FloatArray,
) -> Groups:
    """Draw partitions, and measure what real labels add to their chances.

    Args:
        features: What questions may be about, (rows, columns).
        label: Classes from 0, (rows,).
        chances: Chance of each class, (rows, classes).
        rng: Draws the questions.
        importance: How much each column says about the label, (columns,); every other question is
            about a column drawn by its root, the others about any.

    Returns:
        The groups; thresholds are values of random rows.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> x = rng.random((1_000, 1))
        >>> label, half = (x[:, 0] > 0.5).astype(int), np.full((1_000, 2), 0.5)
        >>> groups = random_groups(x, label, half, rng, importance=np.ones(1))
        >>> drawn = groups.draw(x, half, rng)  # chances that know nothing of the label
        >>> bool(drawn[label == 1].mean() > 0.7 > 0.3 > drawn[label == 0].mean())
        True
    """
    n_rows, n_columns = features.shape
    depth = int(np.clip(np.log2(max(n_rows / ROWS_PER_GROUP, 1)), 2, MOST_QUESTIONS))
    told = np.sqrt(importance)
    law = 0.5 / n_columns + 0.5 * told / (told.sum() or 1.0)
    column = rng.choice(n_columns, size=(N_PARTITIONS, depth), p=law / law.sum())
    threshold = features[rng.integers(n_rows, size=column.shape), column]
    n_groups, n_classes = N_PARTITIONS * 2**depth, chances.shape[1]
    bare = Groups(column, threshold, np.zeros((n_classes - 1, n_groups)), np.zeros(n_groups))
    groups = bare.of_rows(features).ravel()
    counts = np.bincount(groups, minlength=n_groups)
    known, divisor = counts >= LEAST_ROWS, np.maximum(counts, 1)
    excess = np.empty_like(bare.excess)
    for place in range(1, n_classes):
        beyond = np.repeat((label == place) - chances[:, place], N_PARTITIONS)
        excess[place - 1] = np.bincount(groups, beyond, minlength=n_groups) / divisor * known
    weight = known / np.sqrt(divisor)
    total = weight[groups].sum() / n_rows
    return Groups(column, threshold, excess, STRENGTH * weight / (total or 1.0))
