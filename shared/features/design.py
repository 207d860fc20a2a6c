"""A table of mixed columns as a matrix in which all columns weigh alike, and back."""

from dataclasses import dataclass, replace
from typing import Literal, TypeAlias, get_args

import numpy as np
import pandas as pd

from scenara.shared.data.schema import Kind, Schema
from scenara.shared.errors import ConfigError, DataError
from scenara.shared.features.categories import CategoryEncoder
from scenara.shared.features.layout import BlockKind
from scenara.shared.features.storage import Series
from scenara.shared.features.table import TableEncoder
from scenara.shared.types import FloatArray, RandomState

__all__ = ["TableDesign", "Unknown", "loosened", "plain_matrix", "unusable_columns"]

MAX_LEVELS = 50
Unknown: TypeAlias = Literal["error", "missing"]


def unusable_columns(frame: pd.DataFrame, schema: Schema) -> dict[str, str]:
    """Give the columns that can say nothing about other rows, with the reason.

    Args:
        frame: The table, (rows, columns).
        schema: What each column is.

    Example:
        >>> frame = pd.DataFrame({"age": [30, 41], "country": ["DE", "DE"]})
        >>> unusable_columns(frame, Schema.infer(frame))
        {'country': 'the same in all rows'}
    """
    found = {}
    for column in schema:
        if column.kind is Kind.IDENTIFIER:
            found[column.name] = "an identifier says nothing about other rows"
        elif column.kind is Kind.TEXT:
            found[column.name] = "free text"
        elif frame[column.name].nunique(dropna=False) < 2:
            found[column.name] = "the same in all rows"
    return found


def loosened(frame: pd.DataFrame) -> pd.DataFrame:
    """Store whole numbers and booleans so that a cell may be missing.

    Args:
        frame: The table, (rows, columns); it is not changed.

    Returns:
        The same values in other dtypes.

    Example:
        >>> loosened(pd.DataFrame({"n": [1, 2], "b": [True, False]})).dtypes.astype(str).tolist()
        ['Int64', 'boolean']
    """
    dtypes = {"i": "Int64", "u": "UInt64", "b": "boolean"}
    return frame.astype(
        {
            name: dtypes[dtype.kind]
            for name, dtype in frame.dtypes.items()
            if isinstance(dtype, np.dtype) and dtype.kind in dtypes
        }
    )


@dataclass(frozen=True)
class TableDesign:
    """Hold how a table becomes a matrix of centred columns of like weight, and back.

    Numbers become normal scores of variance one, with spikes and missing cells as levels; the
    indicator of a level that a share p of the rows has is centred and divided by sqrt(p), as in
    factor analysis of mixed data, so that a rare level does not outweigh a number.

    Args:
        encoder: The fitted encoder.
        mean: Means of the encoded columns, (width,).
        scale: What they are divided by, (width,).
        dtypes: Dtypes of the columns as they came.

    References:
        Pages (2004), Analyse factorielle de donnees mixtes, Revue de statistique appliquee 52,
        http://www.numdam.org/item/RSA_2004__52_4_93_0/.
    """

    encoder: TableEncoder
    mean: FloatArray
    scale: FloatArray
    dtypes: dict[str, str]

    @classmethod
    def of(cls, frame: pd.DataFrame, schema: Schema) -> "TableDesign":
        """Learn from training rows.

        Args:
            frame: The table, (rows, columns).
            schema: What each column is; every column is in both.
        """
        nullable = Schema(tuple(replace(column, nullable=True) for column in schema))
        encoder = TableEncoder(schema=nullable, max_levels=MAX_LEVELS)
        encoded = encoder.fit(loosened(frame)).transform(loosened(frame))
        mean, scale = encoded.matrix.mean(axis=0), encoded.matrix.std(axis=0)
        for block in encoded.layout.select(BlockKind.ONE_HOT):
            scale[block.columns] = np.sqrt(mean[block.columns])
        dtypes = {str(name): str(dtype) for name, dtype in frame.dtypes.items()}
        return cls(encoder, mean, np.where(scale > 0, scale, 1.0), dtypes)

    def matrix(self, frame: pd.DataFrame, *, unknown: Unknown = "error") -> FloatArray:
        """Give the matrix of a table, (rows, width).

        Args:
            frame: The table, (rows, columns).
            unknown: What to do with a level not seen in training: refuse it, or take it for a
                missing cell.

        Raises:
            DataError: If a column is missing or a cell can't be coded.
            ConfigError: If ``unknown`` is not known.
        """
        if unknown not in get_args(Unknown):
            raise ConfigError(f"unknown: expected one of {get_args(Unknown)}, found {unknown!r}")
        frame = loosened(frame)
        if unknown == "missing":
            frame = self._without_unknown(frame)
        return (self.encoder.transform(frame).matrix - self.mean) / self.scale

    def frame(self, matrix: FloatArray, *, random_state: RandomState = None) -> pd.DataFrame:
        """Give the table of a matrix, in the dtypes of the training rows where they can hold it.

        Args:
            matrix: Finite numbers, (rows, width).
            random_state: Seed of the levels drawn for pooled ones.
        """
        decoded = self.encoder.inverse(matrix * self.scale + self.mean, random_state=random_state)
        fitting = {
            name: dtype for name, dtype in self.dtypes.items() if not decoded[name].isna().any()
        }
        return decoded.astype(fitting)

    def places(self) -> dict[str, list[int]]:
        """Give the columns of the matrix that each column of the table became."""
        found: dict[str, list[int]] = {name: [] for name in self.encoder.schema_.names}
        for block in self.encoder.layout_.blocks:
            found[block.column] += range(block.start, block.stop)
        return found

    def _without_unknown(self, frame: pd.DataFrame) -> pd.DataFrame:
        known = {
            name: frame[name].isin([*encoder.levels_, *encoder.pooled_])
            for name, encoder in self.encoder.encoders_.items()
            if isinstance(encoder, CategoryEncoder) and name in frame
        }
        return frame.assign(**{name: frame[name].where(kept) for name, kept in known.items()})


def plain_matrix(frame: pd.DataFrame, schema: Schema) -> FloatArray:
    """Give one number a cell, NaN where it is missing, for models of trees.

    Levels are numbered by their frequency (ordered ones in their order), times are days.

    Args:
        frame: The table, (rows, columns).
        schema: What each column is, none of them an identifier or text.

    Returns:
        The matrix, (rows, columns).

    Raises:
        DataError: If a number is infinite or a cell is none.
    """
    columns = [_plain(frame[column.name], column.kind) for column in schema]
    return np.column_stack(columns)


def _plain(values: Series, kind: Kind) -> FloatArray:
    missing = values.isna().to_numpy(dtype=bool)
    numbers = np.full(len(values), np.nan)
    present = values[~missing]
    if kind in (Kind.NUMERIC, Kind.INTEGER):
        numbers[~missing] = _finite(present)
    elif kind is Kind.DATETIME:
        times = pd.to_datetime(present, utc=True)
        numbers[~missing] = (times - pd.Timestamp(0, tz="UTC")) / pd.Timedelta(days=1)
    elif isinstance(values.dtype, pd.CategoricalDtype) and values.dtype.ordered:
        numbers[~missing] = present.cat.codes
    elif len(present):
        numbers[~missing] = CategoryEncoder(rare=0).fit(present).transform(present).codes
    return numbers


def _finite(present: Series) -> FloatArray:
    numbers = pd.to_numeric(present).to_numpy(dtype=np.float64)
    if not np.isfinite(numbers).all():
        row = present.index[int(np.argmin(np.isfinite(numbers)))]
        raise DataError(
            f"column {present.name!r}: expected finite numbers, found others in row {row}; clean "
            f"it or mark it as missing"
        )
    return numbers
