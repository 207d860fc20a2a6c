"""Rows of comparable tables in the one geometry in which all attacks on privacy measure."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from scenara.shared.data.schema import Schema
from scenara.shared.errors import DataError
from scenara.shared.evaluation.tables.columns import ColumnRoles, ComparableTables, comparable
from scenara.shared.types import Array, FloatArray, IntArray

__all__ = ["Rows", "drawn_frames", "drawn_rows", "encode_rows", "three_tables"]

# Fewer rows than this carry no measure of privacy worth printing.
LEAST_ROWS = 20


@dataclass(frozen=True)
class Rows:
    """Hold rows as scaled numbers and category codes.

    Args:
        numbers: Numbers over their range, shape ``(n, k)``; where a number can be missing, the
            next column says with 1 that it is.
        codes: Codes of the categories, shape ``(n, c)``.
        number_names: Column of the table behind each of the ``k``.
        code_names: Column of the table behind each of the ``c``.

    Example:
        >>> rows = Rows(np.zeros((3, 1)), np.zeros((3, 2), int), ("age",), ("sex", "city"))
        >>> len(rows), rows.only(["city"]).codes.shape
        (3, (3, 1))
    """

    numbers: FloatArray
    codes: IntArray
    number_names: tuple[str, ...]
    code_names: tuple[str, ...]

    def __len__(self) -> int:
        """Count the rows."""
        return len(self.numbers)

    @property
    def names(self) -> tuple[str, ...]:
        """Give the columns of the table, each once."""
        return tuple(dict.fromkeys((*self.number_names, *self.code_names)))

    def take(self, index: Array | slice) -> "Rows":
        """Give some of the rows, by their positions.

        Args:
            index: Positions of the rows.
        """
        return Rows(self.numbers[index], self.codes[index], self.number_names, self.code_names)

    def only(self, names: Collection[str]) -> "Rows":
        """Give the rows seen through some of the columns.

        Args:
            names: Columns to keep.
        """
        numbers = [i for i, name in enumerate(self.number_names) if name in names]
        codes = [i for i, name in enumerate(self.code_names) if name in names]
        return Rows(
            self.numbers[:, numbers],
            self.codes[:, codes],
            tuple(self.number_names[i] for i in numbers),
            tuple(self.code_names[i] for i in codes),
        )


def encode_rows(frames: Sequence[pd.DataFrame], roles: ColumnRoles) -> list[Rows]:
    """Scale numbers by the range of the first table and read the codes of categories.

    A missing number becomes the first table's median, with a column that says so where the
    first table has missing ones. Numbers are rounded to single precision, as is usual for
    distances, and kept in double.

    Args:
        frames: Comparable tables.
        roles: How each column is compared.

    Returns:
        The rows of each table.

    Example:
        >>> real, drawn = pd.DataFrame({"x": [0.0, 4.0]}), pd.DataFrame({"x": [5.0]})
        >>> encode_rows([real, drawn], ColumnRoles(("x",)))[1].numbers
        array([[1.25]])
    """
    scales = {name: _Scale.of(frames[0][name]) for name in roles.numbers}
    number_names = tuple(
        name for name, scale in scales.items() for _ in range(1 + scale.tells_missing)
    )
    return [
        Rows(
            _numbers(frame, scales),
            _codes(frame, roles.categories),
            number_names,
            roles.categories,
        )
        for frame in frames
    ]


def three_tables(
    train: pd.DataFrame,
    test: pd.DataFrame,
    generated: pd.DataFrame,
    *,
    schema: Schema | None,
    categories: Collection[str],
) -> ComparableTables:
    """Make the three tables comparable, or say why privacy can't be measured on them.

    Args:
        train: Real rows that the generator has learnt from.
        test: Real rows that it never saw.
        generated: Generated rows.
        schema: What the columns are.
        categories: Columns that are categories whatever else is said.

    Returns:
        Tables ``train``, ``test`` and ``generated``.

    Raises:
        DataError: If the tables can't be compared, or one has fewer than 20 rows.
    """
    tables = comparable(
        {"train": train, "test": test, "generated": generated},
        schema=schema,
        categories=categories,
    )
    for name, frame in tables.frames.items():
        if len(frame) < LEAST_ROWS:
            raise DataError(
                f"{name}: found {len(frame)} rows, too few to measure; expected at least "
                f"{LEAST_ROWS}"
            )
    return tables


def drawn_frames(
    tables: ComparableTables, *, sizes: Mapping[str, int], seed: int
) -> list[pd.DataFrame]:
    """Draw rows of each table without replacement.

    The draws are those of ``DataFrame.sample(n, random_state=seed)``.

    Args:
        tables: The tables.
        sizes: Number of rows to draw, by name of the table.
        seed: Seed of the draw of each table.

    Returns:
        Rows of each table, in the order of ``sizes``.
    """
    return [
        tables[name].iloc[
            np.random.RandomState(seed).choice(len(tables[name]), size, replace=False)
        ]
        for name, size in sizes.items()
    ]


def drawn_rows(tables: ComparableTables, *, sizes: Mapping[str, int], seed: int) -> list[Rows]:
    """Draw rows of each table without replacement and encode them by the first one's scale.

    Args:
        tables: The tables.
        sizes: Number of rows to draw, by name of the table.
        seed: Seed of the draw of each table.

    Returns:
        Rows of each table, in the order of ``sizes``.
    """
    return encode_rows(drawn_frames(tables, sizes=sizes, seed=seed), tables.roles)


@dataclass(frozen=True)
class _Scale:
    low: float
    width: float
    median: float
    tells_missing: bool

    @classmethod
    def of(cls, values: "pd.Series") -> "_Scale":
        known = values.dropna()
        if known.empty:
            return cls(0.0, 1.0, 0.0, tells_missing=True)
        low, high = float(known.min()), float(known.max())
        return cls(low, (high - low) or 1.0, float(known.median()), len(known) < len(values))

    def apply(self, values: "pd.Series") -> list[FloatArray]:
        scaled = (values.fillna(self.median).to_numpy(float) - self.low) / self.width
        columns: list[FloatArray] = [scaled.astype(np.float32).astype(float)]
        return [*columns, np.asarray(values.isna(), dtype=float)] if self.tells_missing else columns


def _codes(frame: pd.DataFrame, names: Sequence[str]) -> IntArray:
    """Lay codes column by column, in the fewest bytes that pandas found to hold them."""
    codes = [frame[name].cat.codes.to_numpy() for name in names]
    return np.stack(codes).T if codes else np.zeros((len(frame), 0), np.int8)


def _numbers(frame: pd.DataFrame, scales: Mapping[str, _Scale]) -> FloatArray:
    columns = [values for name, scale in scales.items() for values in scale.apply(frame[name])]
    return np.column_stack(columns) if columns else np.zeros((len(frame), 0))
