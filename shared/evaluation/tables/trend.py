"""How far the dependence between columns is from the real one, pair by pair."""

import math
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd

from scenara.shared.data.schema import Schema
from scenara.shared.errors import DataError
from scenara.shared.evaluation.tables.columns import ColumnRoles, comparable
from scenara.shared.evaluation.tables.encoding import pair_counts
from scenara.shared.types import FloatArray, IntArray

__all__ = ["PairError", "TrendError", "trend_error"]

N_BINS = 10

Coded = tuple[IntArray, IntArray, int]


@dataclass(frozen=True)
class PairError:
    """Hold how far the dependence of two generated columns is from the real one.

    Args:
        first: Name of one column.
        second: Name of the other.
        measure: "pearson" for two numbers, else "contingency".
        error: Distance between 0 and 1.
        real: Real correlation; not a number for a contingency.
        generated: Generated correlation; not a number for a contingency or a constant column.
    """

    first: str
    second: str
    measure: str
    error: float
    real: float = math.nan
    generated: float = math.nan


@dataclass(frozen=True)
class TrendError:
    """Hold the trend errors of all pairs of columns.

    Args:
        pairs: The pairs that are defined, in the order of the table.
        undefined: Pairs of numbers of which one is constant in the real rows: nothing to learn.

    Example:
        >>> TrendError((PairError("a", "b", "pearson", 0.1), PairError("a", "c", "pearson", 0.3)))[
        ...     "c", "a"
        ... ].error
        0.3
    """

    pairs: tuple[PairError, ...]
    undefined: tuple[tuple[str, str], ...] = ()

    @property
    def value(self) -> float:
        """Mean error over the pairs; 0 where no pair is defined."""
        return math.fsum(pair.error for pair in self.pairs) / max(len(self.pairs), 1)

    def __getitem__(self, names: tuple[str, str]) -> PairError:
        """Give the error of two columns, named in any order.

        Raises:
            KeyError: If there is no such pair.
        """
        for pair in self.pairs:
            if {pair.first, pair.second} == set(names):
                return pair
        raise KeyError(names)

    def worst(self, n: int = 5) -> tuple[PairError, ...]:
        """Give the pairs of largest error, largest first.

        Args:
            n: How many, at most.
        """
        return tuple(sorted(self.pairs, key=lambda pair: -pair.error)[:n])

    def to_frame(self) -> pd.DataFrame:
        """Give one row a pair: first, second, measure, error, real, generated; worst first."""
        return pd.DataFrame(self.worst(len(self.pairs)))


def trend_error(
    real: pd.DataFrame,
    generated: pd.DataFrame,
    *,
    schema: Schema | None = None,
    categories: Collection[str] = (),
) -> TrendError:
    """Measure how far the dependence of each pair of generated columns is from the real one.

    Two numbers: half the gap of their Pearson correlations, over the rows that know both. Else
    the total variation distance of their contingency tables; a number is cut into ten bins of
    equal width over its real range, and what lies beyond the range or is missing has bins of
    its own. All pairs count, weakly related ones too.

    Args:
        real: Real rows, ``n`` of them.
        generated: Generated rows, any number.
        schema: What the columns are; by default their dtypes say it.
        categories: Columns that are categories whatever else is said.

    Returns:
        An error between 0 and 1 for each pair, and their mean. A pair with a generated constant
        has error 1.

    Raises:
        DataError: If the tables can't be compared or have a single column.

    Example:
        >>> real = pd.DataFrame({"x": [1.0, 2.0, 3.0], "y": [1.0, 2.0, 3.0]})
        >>> trend_error(real, real.assign(y=[3.0, 2.0, 1.0])).value
        1.0

    References:
        The "Column Pair Trends" score of the library SDMetrics, without its threshold, is 1
        minus the mean error.
    """
    tables = comparable(
        {"real": real, "generated": generated}, schema=schema, categories=categories
    )
    if len(tables.roles.names) < 2:
        raise DataError("real: found one column to compare, expected at least two for a trend")
    first, second = tables.frames.values()
    numbers = list(_correlation_errors(first, second, tables.roles.numbers))
    pairs = {(pair.first, pair.second): pair for pair in numbers}
    pairs |= _contingency_errors(first, second, tables.roles)
    order = list(combinations(tables.roles.names, 2))
    return TrendError(
        tuple(pairs[names] for names in order if not math.isnan(pairs[names].error)),
        tuple(names for names in order if math.isnan(pairs[names].error)),
    )


def _correlation_errors(
    real: pd.DataFrame, generated: pd.DataFrame, numbers: tuple[str, ...]
) -> Iterator[PairError]:
    """Give the pairs of numbers; the error is not a number where the real correlation is not."""
    before, after = (frame[list(numbers)].corr().to_numpy() for frame in (real, generated))
    for i, j in combinations(range(len(numbers)), 2):
        gap = 1.0 if np.isnan(after[i, j]) else abs(before[i, j] - after[i, j]) / 2
        error = math.nan if np.isnan(before[i, j]) else float(gap)
        yield PairError(
            numbers[i], numbers[j], "pearson", error, float(before[i, j]), float(after[i, j])
        )


def _contingency_errors(
    real: pd.DataFrame, generated: pd.DataFrame, roles: ColumnRoles
) -> dict[tuple[str, str], PairError]:
    mixed = [pair for pair in combinations(roles.names, 2) if not set(pair) <= set(roles.numbers)]
    needed = {name for pair in mixed for name in pair}
    coded = {name: _coded(real[name], generated[name]) for name in sorted(needed)}
    return {
        (a, b): PairError(a, b, "contingency", _contingency_error(coded[a], coded[b]))
        for a, b in mixed
    }


def _coded(real: "pd.Series", generated: "pd.Series") -> Coded:
    """Give the codes of both tables and how many codes there may be."""
    if isinstance(real.dtype, pd.CategoricalDtype):
        codes = [part.cat.codes.to_numpy().astype(np.int64) for part in (real, generated)]
        return codes[0], codes[1], len(real.cat.categories)
    known = real.dropna()
    edges = np.linspace(known.min(), known.max(), N_BINS + 1) if len(known) else np.zeros(0)
    binned = [_binned(part.to_numpy(), edges) for part in (real, generated)]
    return binned[0], binned[1], N_BINS + 3


def _binned(values: FloatArray, edges: FloatArray) -> IntArray:
    """Give 0 below the range, 1 to 10 inside, 11 from its end on, 12 where missing."""
    codes: IntArray = np.where(np.isnan(values), N_BINS + 2, np.digitize(values, edges))
    return codes


def _contingency_error(first: Coded, second: Coded) -> float:
    counts = pair_counts(first[:2], second[:2], n_codes=(first[2], second[2]))
    shares = [count / count.sum() for count in counts]
    return float(np.abs(shares[0] - shares[1]).sum() / 2)
