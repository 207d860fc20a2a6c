"""Fit gradient-boosted trees on one table and score them on another: the yardstick of utility."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from scenara.shared.data.schema import Schema
from scenara.shared.errors import DataError
from scenara.shared.evaluation.tables.cells import MISSING
from scenara.shared.evaluation.tables.columns import ComparableTables, column_roles, comparable
from scenara.shared.evaluation.tables.detection import BOOSTING, N_TREES
from scenara.shared.evaluation.tables.encoding import codes
from scenara.shared.evaluation.tables.scoring import class_scores, number_scores
from scenara.shared.types import FloatArray

__all__ = ["Task", "fit_and_predict", "fit_and_score", "prediction_task", "scores_of"]

MOST_CLASSES = 20


@dataclass(frozen=True)
class Task:
    """Say what is predicted: a number, one class against the rest, or each of several classes.

    Args:
        target: Column that is predicted.
        classes: Classes whose probability is scored: none for a number, one against the rest,
            or all of more than two.

    Example:
        >>> Task("default", ("1",)).is_number
        False
    """

    target: str
    classes: tuple[str, ...] = ()

    @property
    def is_number(self) -> bool:
        """Whether the target is a number."""
        return not self.classes

    def defect(self, frame: pd.DataFrame) -> str:
        """Say why nothing can be learnt about the target from a table; "" if something can.

        Args:
            frame: Comparable table.
        """
        values = self.known(frame)[self.target]
        if self.is_number:
            return "" if values.nunique() > 1 else "the target has fewer than two values"
        if len(self.classes) > 1:
            return "" if values.nunique() > 1 else "the target has fewer than two known classes"
        n_ones, level = int((values == self.classes[0]).sum()), self.classes[0]
        if n_ones == 0:
            return f"the target is never {level!r}"
        return f"the target is always {level!r}" if n_ones == len(values) else ""

    def known(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Give the rows whose target says something: that have the number, or a known class.

        Against one class, any other value counts, a missing one too.

        Args:
            frame: Comparable table.
        """
        if len(self.classes) == 1:
            return frame
        values = frame[self.target]
        return frame[values.notna() if self.is_number else values.isin(self.classes)]


def prediction_task(
    tables: Mapping[str, pd.DataFrame],
    *,
    target: str,
    positive: object = None,
    schema: Schema | None = None,
    categories: Collection[str] = (),
) -> tuple[ComparableTables, Task]:
    """Make tables comparable and decide what is predicted.

    The target is a class if its column is a category, or has at most two values. Of two
    classes, the rarer one is scored; of more, all are, unless ``positive`` names one.

    Args:
        tables: Tables by name; the first one is real and leads.
        target: Column to predict.
        positive: The class whose probability is scored against the rest.
        schema: What the columns are; by default their dtypes say it.
        categories: Columns that are categories whatever else is said.

    Returns:
        The tables and the task.

    Raises:
        DataError: If the tables can't be compared, the target is not among their columns or is
            the only one, has one value only or more than twenty classes, or is never
            ``positive``.

    Example:
        >>> frame = pd.DataFrame({"x": [1.0, 2.0, 3.0], "default": [0, 0, 1]})
        >>> prediction_task({"train": frame}, target="default")[1].classes
        ('1',)
    """
    lead_name, lead = next(iter(tables.items()))
    roles = column_roles(lead, schema=schema, categories=categories)
    if target not in roles.names or len(roles.names) == 1:
        raise DataError(
            f"target: found {target!r}, expected one of the compared columns beside others: "
            f"{', '.join(map(str, roles.names))}"
        )
    if lead[target].nunique() <= 2 or positive is not None:
        categories = {*categories, target}
    both = comparable(tables, schema=schema, categories=categories)
    task = Task(target, _classes(both, lead_name, target, positive))
    if defect := task.defect(both[lead_name]):
        raise DataError(f"{lead_name}, column {target!r}: {defect}; nothing can be learnt from it")
    return both, task


def fit_and_score(
    fitted: pd.DataFrame,
    test: pd.DataFrame,
    task: Task,
    *,
    seed: int,
    settings: Mapping[str, Any] | None = None,
) -> dict[str, float]:
    """Fit gradient-boosted trees on one comparable table and score them on another.

    Args:
        fitted: Rows to learn from.
        test: Rows to score on.
        task: What is predicted.
        seed: Seed of the trees.
        settings: Settings of LightGBM that replace the usual ones.

    Returns:
        Scores by name, see ``class_scores`` and ``number_scores``; for several classes the mean
        of each class against the rest.

    Example:
        >>> frame = pd.DataFrame({"x": np.arange(100.0), "y": np.arange(100.0)})
        >>> fit_and_score(frame, frame, Task("y"), seed=0)["r2"] > 0.9
        True
    """
    truth, found = fit_and_predict(fitted, test, task, seed=seed, settings=settings)
    return scores_of(task, truth, found)


def fit_and_predict(
    fitted: pd.DataFrame,
    test: pd.DataFrame,
    task: Task,
    *,
    seed: int,
    settings: Mapping[str, Any] | None = None,
) -> tuple[FloatArray, FloatArray]:
    """Fit gradient-boosted trees on one comparable table and predict the rows of another.

    Args:
        fitted: Rows to learn from.
        test: Rows to predict; those whose target is not known are left out.
        task: What is predicted.
        seed: Seed of the trees.
        settings: Settings of LightGBM that replace the usual ones.

    Returns:
        Truth and prediction, both of shape ``(n, k)``: ones and zeros beside probabilities, a
        column a class, or one column of numbers.

    Example:
        >>> frame = pd.DataFrame({"x": np.arange(100.0), "y": np.arange(100.0)})
        >>> fit_and_predict(frame, frame, Task("y"), seed=0)[1].shape
        (100, 1)
    """
    fitted, test = task.known(fitted), task.known(test)
    columns = [name for name in fitted.columns if name != task.target]
    matrix, levelled = codes([fitted[columns], test[columns]])
    known, asked = matrix[: len(fitted)], matrix[len(fitted) :]
    options = {**BOOSTING, "num_trees": N_TREES, "seed": seed, **(settings or {})}
    label, truth = _labels(fitted, task), _labels(test, task)
    if task.is_number:
        options["objective"] = "regression"
    elif len(task.classes) > 1:
        label = label.argmax(axis=1, keepdims=True).astype(float)
        options |= {"objective": "multiclass", "num_class": len(task.classes)}
    found = _boost(known, label[:, 0], asked, levelled, options)
    return truth, found.reshape(len(truth), -1)


def scores_of(task: Task, truth: FloatArray, found: FloatArray) -> dict[str, float]:
    """Score predictions.

    Args:
        task: What was predicted.
        truth: What ``fit_and_predict`` gave as truth, shape ``(n, k)``, or some of its rows.
        found: The predictions of the same rows.

    Returns:
        Scores by name, as ``fit_and_score`` gives them.

    Example:
        >>> scores_of(Task("y"), np.array([[1.0], [3.0]]), np.array([[2.0], [2.0]]))["mae"]
        1.0
    """
    if task.is_number:
        return number_scores(truth[:, 0], found[:, 0])
    return _mean_scores(truth, found)


def _classes(tables: ComparableTables, lead: str, target: str, positive: object) -> tuple[str, ...]:
    if target in tables.roles.numbers:
        return ()
    values = tables[lead][target]
    counts = values[values != MISSING].value_counts()
    counts = counts[counts > 0]
    if positive is not None:
        return (_known_class(positive, list(counts.index), target),)
    if len(counts) > MOST_CLASSES:
        raise DataError(
            f"{lead}, column {target!r}: found {len(counts)} classes, expected at most "
            f"{MOST_CLASSES}; name the one that matters with positive="
        )
    if len(counts) > 2:
        return tuple(sorted(counts.index))
    return (min(sorted(counts.index, reverse=True), key=counts.__getitem__, default=MISSING),)


def _known_class(positive: object, levels: list[str], target: str) -> str:
    spellings = [str(positive)]
    if isinstance(positive, int | float | np.number) and float(positive).is_integer():
        spellings.append(str(int(positive)))
    for spelling in spellings:
        if spelling in levels:
            return spelling
    raise DataError(
        f"positive: found {positive!r}, expected a value of column {target!r}: "
        f"{', '.join(levels[:10])}"
    )


def _labels(frame: pd.DataFrame, task: Task) -> FloatArray:
    """Give one column of ones and zeros a class, or the numbers."""
    if task.is_number:
        return frame[[task.target]].to_numpy(float)
    values = frame[task.target].to_numpy()
    return np.column_stack([(values == level).astype(float) for level in task.classes])


def _mean_scores(labels: FloatArray, found: FloatArray) -> dict[str, float]:
    """Average over the classes that the test rows can score."""
    scored = [
        class_scores(label, probability)
        for label, probability in zip(labels.T, found.T, strict=True)
        if 0 < label.sum() < len(label)
    ]
    return {name: float(np.mean([scores[name] for scores in scored])) for name in scored[0]}


def _boost(
    train: FloatArray,
    label: FloatArray,
    test: FloatArray,
    levelled: list[int],
    options: Mapping[str, Any],
) -> FloatArray:
    import lightgbm

    settings = dict(options)
    n_trees = settings.pop("num_trees")
    data = lightgbm.Dataset(train, label, categorical_feature=levelled, params={"verbose": -1})
    return np.asarray(lightgbm.train(settings, data, num_boost_round=n_trees).predict(test))
