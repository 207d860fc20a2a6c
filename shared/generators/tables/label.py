"""The label of a table, drawn last from a calibrated classifier."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from scenara.shared.data.column import nearest
from scenara.shared.errors import ConfigError
from scenara.shared.generators.tables.groups import Groups, random_groups
from scenara.shared.types import Array, FloatArray, IntArray

if TYPE_CHECKING:
    from lightgbm import Booster

__all__ = ["LabelHead", "check_label", "fit_label"]

SETTINGS = {
    "learning_rate": 0.08,
    "num_leaves": 8,
    "min_data_in_leaf": 20,
    "feature_fraction": 0.6,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "lambda_l2": 2.0,
    "num_threads": 1,
    "deterministic": True,
    "force_row_wise": True,
    "verbosity": -1,
}
MAX_ROUNDS = 300
PATIENCE = 25
N_FOLDS = 5
MAX_CLASSES = 32
MAX_ROWS = 100_000
"""Rows that the head is learned from; more say little more about few classes."""


@dataclass(frozen=True)
class LabelHead:
    """Hold the chance of each class given the other columns.

    Args:
        text: The boosted trees, in LightGBM's text format.
        groups: Groups of rows in which drawn classes are to come up as often as real ones.
    """

    text: str
    groups: Groups

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, Array]) -> "LabelHead":
        """Undo :meth:`arrays`."""
        groups = {name: array for name, array in arrays.items() if name != "trees"}
        return cls(arrays["trees"].tobytes().decode(), Groups(**groups))

    def arrays(self) -> dict[str, Array]:
        """Give what it holds by name."""
        trees = np.frombuffer(self.text.encode(), dtype=np.uint8)
        return {"trees": trees, **self.groups.arrays()}

    def draw(self, features: FloatArray, rng: np.random.Generator) -> IntArray:
        """Draw a class for each row: by its chances, and so that groups get what they should.

        Args:
            features: The other columns as in the fit, (rows, columns).
            rng: The stream.

        Returns:
            Classes, (rows,).
        """
        return self.groups.draw(features, self.chances(features), rng)

    def chances(self, features: FloatArray) -> FloatArray:
        """Give the chance of each class, (rows, classes)."""
        from lightgbm import Booster

        return _chances(Booster(model_str=self.text), features)


def check_label(target: str, known: Mapping[str, int]) -> None:
    """Check that a column can be a label.

    Args:
        target: Its name.
        known: Number of distinct values of each column that varies.

    Raises:
        ConfigError: It is not among them, or has too many values.

    Example:
        >>> check_label("default", {"age": 60, "default": 2})
    """
    if target not in known:
        raise ConfigError(f"target: no column {target!r} that varies{nearest(target, list(known))}")
    if known[target] > MAX_CLASSES:
        raise ConfigError(
            f"target: column {target!r} has {known[target]:,} distinct values; expected a label "
            f"with at most {MAX_CLASSES} classes"
        )


def fit_label(features: FloatArray, label: IntArray, *, n_classes: int, seed: int) -> LabelHead:
    """Learn the chance of each class by shallow boosted trees on the log loss.

    The number of trees is the one that cross-validation finds best, so that chances are not
    sharper than the data warrant.

    Args:
        features: The other columns, (rows, columns); nan where missing.
        label: Classes from 0, (rows,).
        n_classes: Number of classes, at least 2.
        seed: Draws rows, columns and folds.

    Returns:
        The head.

    References:
        Ke et al., 2017, LightGBM: a highly efficient gradient boosting decision tree, NeurIPS.
    """
    import lightgbm as lgb

    rng = np.random.default_rng(seed)
    if len(label) > MAX_ROWS:
        rows = rng.choice(len(label), MAX_ROWS, replace=False)
        features, label = features[rows], label[rows]
    goal = {"objective": "binary"} if n_classes == 2 else {"objective": "multiclass"}
    settings = {**SETTINGS, **goal, "seed": int(rng.integers(2**31))}
    if n_classes > 2:
        settings["num_class"] = n_classes
    folds = _folds(label, rng)
    data = lgb.Dataset(features, label, free_raw_data=False)
    found = lgb.cv(
        settings,
        data,
        num_boost_round=MAX_ROUNDS,
        folds=folds,
        callbacks=[lgb.early_stopping(PATIENCE, verbose=False)],
    )
    n_rounds = max(len(np.asarray(next(iter(found.values())))), 1)
    booster: Booster = lgb.train(settings, lgb.Dataset(features, label), num_boost_round=n_rounds)
    gain = booster.feature_importance("gain")
    chances = _chances(booster, features)
    groups = random_groups(features, label, chances, rng, importance=gain)
    return LabelHead(booster.model_to_string(), groups)


def _folds(label: IntArray, rng: np.random.Generator) -> list[tuple[IntArray, IntArray]]:
    """Deal the rows of each class to the folds in turn."""
    order = np.lexsort((rng.random(len(label)), label))
    fold = np.empty(len(label), dtype=np.int64)
    fold[order] = np.arange(len(label)) % N_FOLDS
    return [(np.flatnonzero(fold != k), np.flatnonzero(fold == k)) for k in range(N_FOLDS)]


def _chances(booster: "Booster", features: FloatArray) -> FloatArray:
    raw = np.asarray(booster.predict(features, num_threads=1), dtype=np.float64)
    return np.column_stack([1 - raw, raw]) if raw.ndim == 1 else raw
