"""How far the columns of a generated table are from the real ones, one by one."""

import math
from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import pandas as pd

from scenara.shared.data.schema import Schema
from scenara.shared.evaluation.tables.cells import MISSING
from scenara.shared.evaluation.tables.columns import comparable
from scenara.shared.types import FloatArray

__all__ = ["ColumnError", "ShapeError", "shape_error"]


@dataclass(frozen=True)
class ColumnError:
    """Hold how far one generated column is from the real one.

    Args:
        name: Name of the column.
        measure: "ks" for numbers, "tv" for categories.
        error: Distance between 0 and 1.
        missing_gap: Share of missing cells, generated minus real. For categories it is part of
            the error; for numbers the error looks at known cells only.
    """

    name: str
    measure: str
    error: float
    missing_gap: float


@dataclass(frozen=True)
class ShapeError:
    """Hold the shape errors of all columns.

    Args:
        columns: The columns, in the order of the table.

    Example:
        >>> ShapeError((ColumnError("x", "ks", 0.1, 0.0), ColumnError("c", "tv", 0.3, 0.0))).value
        0.2
    """

    columns: tuple[ColumnError, ...]

    @property
    def value(self) -> float:
        """Mean error over the columns: 0 is the real table, 1 has nothing in common with it."""
        return math.fsum(column.error for column in self.columns) / len(self.columns)

    @property
    def missing_gap(self) -> float:
        """Mean size of the gaps in the share of missing cells."""
        return math.fsum(abs(column.missing_gap) for column in self.columns) / len(self.columns)

    def worst(self, n: int = 5) -> tuple[ColumnError, ...]:
        """Give the columns of largest error, largest first.

        Args:
            n: How many, at most.
        """
        return tuple(sorted(self.columns, key=lambda column: -column.error)[:n])

    def to_frame(self) -> pd.DataFrame:
        """Give one row a column: name, measure, error, missing_gap; the largest error first."""
        return pd.DataFrame(self.worst(len(self.columns)))


def shape_error(
    real: pd.DataFrame,
    generated: pd.DataFrame,
    *,
    schema: Schema | None = None,
    categories: Collection[str] = (),
) -> ShapeError:
    """Measure how far each generated column is from the real one.

    Numbers: the Kolmogorov-Smirnov distance of the known cells, the largest gap between the two
    distribution functions. Categories: the total variation distance
    ``1/2 sum |p_real - p_generated|``, missing being a level.

    Args:
        real: Real rows, ``n`` of them.
        generated: Generated rows, any number.
        schema: What the columns are; by default their dtypes say it.
        categories: Columns that are categories whatever else is said.

    Returns:
        An error between 0 and 1 for each column, and their mean. A number that is missing
        throughout one table only has error 1, throughout both 0.

    Raises:
        DataError: If the tables can't be compared.

    Example:
        >>> real = pd.DataFrame({"x": [1.0, 2.0], "c": ["a", "b"]})
        >>> drawn = pd.DataFrame({"x": [1.0, 3.0], "c": ["a", "a"]})
        >>> shape_error(real, drawn).value
        0.5

    References:
        The "Column Shapes" score of the library SDMetrics is 1 minus the mean error.
    """
    tables = comparable(
        {"real": real, "generated": generated}, schema=schema, categories=categories
    )
    first, second = tables.frames.values()
    return ShapeError(
        tuple(_column_error(name, first[name], second[name]) for name in tables.roles.names)
    )


def _column_error(name: str, real: "pd.Series", generated: "pd.Series") -> ColumnError:
    if isinstance(real.dtype, pd.CategoricalDtype):
        gap = float((generated == MISSING).mean() - (real == MISSING).mean())
        return ColumnError(name, "tv", _total_variation(real, generated), gap)
    gap = float(generated.isna().mean() - real.isna().mean())
    distance = _kolmogorov_smirnov(real.dropna().to_numpy(), generated.dropna().to_numpy())
    return ColumnError(name, "ks", distance, gap)


def _kolmogorov_smirnov(first: FloatArray, second: FloatArray) -> float:
    if not first.size or not second.size:
        return float(first.size != second.size)
    both = np.concatenate([first, second])
    curves = [
        np.searchsorted(np.sort(part), both, side="right") / part.size for part in (first, second)
    ]
    return float(np.abs(curves[0] - curves[1]).max())


def _total_variation(first: "pd.Series", second: "pd.Series") -> float:
    n_levels = len(first.cat.categories)
    shares = [
        np.bincount(part.cat.codes, minlength=n_levels) / len(part) for part in (first, second)
    ]
    return float(np.abs(shares[0] - shares[1]).sum() / 2)
