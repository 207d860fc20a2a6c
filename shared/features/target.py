"""What is to be predicted: classes or numbers, checked against its table."""

from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

import numpy as np
import pandas as pd

from scenara.shared.data.infer import infer_column
from scenara.shared.data.schema import Kind
from scenara.shared.errors import ConfigError, DataError
from scenara.shared.features.storage import Series
from scenara.shared.types import Array, FloatArray

__all__ = ["Target", "Task", "read_target"]

Task: TypeAlias = Literal["auto", "classification", "regression"]
_CLASSES = (Kind.BOOLEAN, Kind.CATEGORY, Kind.ORDINAL)
_NUMBERS = (Kind.NUMERIC, Kind.INTEGER)


@dataclass(frozen=True)
class Target:
    """Hold a target.

    Args:
        values: Class codes from 0 (int64), or numbers (float64), (rows,).
        n_classes: Number of classes; 0 of a regression.
    """

    values: Array
    n_classes: int

    @property
    def is_classes(self) -> bool:
        """Say whether classes are to be told apart."""
        return self.n_classes > 0

    def indicators(self) -> FloatArray:
        """Give one column a class, (rows, classes), or the numbers, (rows, 1)."""
        if not self.is_classes:
            return self.values[:, None].astype(np.float64)
        return np.eye(self.n_classes)[self.values]


def read_target(frame: pd.DataFrame, target: Series, *, task: Task = "auto") -> Target:
    """Check a target and decide what it asks for.

    Args:
        frame: The columns it goes with, (rows, columns).
        target: The target, (rows,), with the index of the table.
        task: "classification", "regression", or "auto": by the kind of the column, by which
            whole numbers with few values are classes.

    Returns:
        The target.

    Raises:
        DataError: If lengths or indices differ, cells are missing or not finite, the target is
            one of the columns, or there is only one class or number.
        ConfigError: If the task is not known.

    Example:
        >>> frame = pd.DataFrame({"age": [30, 41, 25]})
        >>> read_target(frame, pd.Series(["no", "yes", "no"], name="late")).values
        array([0, 1, 0])
    """
    if task not in get_args(Task):
        raise ConfigError(f"task: expected one of {get_args(Task)}, found {task!r}")
    _check(frame, target)
    if task == "classification" or (task == "auto" and _is_classes(target)):
        codes, levels = pd.factorize(target, sort=not _is_mixed(target))
        return Target(codes.astype(np.int64), len(levels))
    return Target(_as_numbers(target), 0)


def _check(frame: pd.DataFrame, target: Series) -> None:
    if not isinstance(frame, pd.DataFrame):
        raise DataError(f"expected the columns as a DataFrame, found {type(frame).__name__}")
    if not isinstance(target, pd.Series):
        raise DataError(f"expected the target as a pandas Series, found {type(target).__name__}")
    name = target.name
    if name in frame.columns and target.equals(frame[name]):
        raise DataError(f"the target {name!r} is among the columns; leave it out of them")
    if not target.index.equals(frame.index):
        raise DataError(
            f"target {name!r}: expected the index of the table with {len(frame)} rows, found "
            f"another with {len(target)}"
        )
    missing = target.isna().to_numpy(dtype=bool)
    if missing.any():
        row = target.index[int(np.argmax(missing))]
        raise DataError(f"target {name!r}: found a missing value in row {row}; leave such rows out")
    if target.nunique() < 2:
        raise DataError(f"target {name!r}: expected two or more values, found {target.nunique()}")


def _is_classes(target: Series) -> bool:
    kind = infer_column(target.rename(str(target.name))).kind
    if kind not in (*_CLASSES, *_NUMBERS):
        raise DataError(
            f"target {target.name!r}: expected classes or numbers, found {kind}; pass task= if "
            f"that is wrong"
        )
    return kind in _CLASSES


def _is_mixed(target: Series) -> bool:
    return target.dtype == object and len({type(cell) for cell in target}) > 1


def _as_numbers(target: Series) -> FloatArray:
    try:
        numbers = target.to_numpy(dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise DataError(f"target {target.name!r}: expected numbers: {error}") from error
    if not np.isfinite(numbers).all():
        row = target.index[int(np.argmin(np.isfinite(numbers)))]
        raise DataError(
            f"target {target.name!r}: expected finite numbers, found others in row {row}"
        )
    return numbers
