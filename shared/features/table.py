"""A whole table as one matrix of numbers, and back."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

import numpy as np
import pandas as pd

from scenara.shared.data.schema import Column, Kind, Schema
from scenara.shared.errors import ArtifactError, ConfigError, DataError, NotFittedError
from scenara.shared.features.base import Coded, Encoder
from scenara.shared.features.categories import CategoryEncoder, OrdinalEncoder
from scenara.shared.features.identifiers import IdentifierEncoder
from scenara.shared.features.layout import (
    Encoded,
    Layout,
    check_matrix,
    from_matrix,
    make_layout,
    to_matrix,
)
from scenara.shared.features.numbers import NumberEncoder
from scenara.shared.features.states import pack, unpack
from scenara.shared.features.times import CALENDAR, DateTimeEncoder, calendar_features
from scenara.shared.types import FloatArray, RandomState

__all__ = ["TableEncoder"]

DISCRETE = ("one-hot", "codes")
TEXT = ("error", "drop")
MAX_SEED = 2**63


@dataclass(kw_only=True, eq=False)
class TableEncoder:
    """Encode the columns of a table, each by its kind, and decode them to a like table.

    Args:
        schema: What each column is; inferred from the table if None.
        method: How numbers are coded: ``quantile``, ``bins``, ``power`` or ``mixture``, see
            ``NumberEncoder``; times take ``bins`` with it and ``quantile`` otherwise.
        n_bins: Number of bins of the method ``bins``.
        discrete: Layout of codes in the matrix: ``one-hot`` or ``codes``.
        rare: Levels in fewer rows are pooled; 0 pools none; None decides by the number of rows.
        max_levels: Most levels of a category with a code of their own; None for any.
        text: What to do with free text, which is never copied: ``error`` refuses it, ``drop``
            leaves the column out, with the reason in ``dropped_``.
        calendar: Add derived calendar numbers of times to the matrix.
        encoders: Unfitted encoders for some columns, in place of those that the kinds call for.

    Example:
        >>> frame = pd.DataFrame({"age": [31, 45, 62, 19], "smoker": [True, False, False, True]})
        >>> encoder = TableEncoder().fit(frame)
        >>> encoded = encoder.transform(frame)
        >>> [(block.column, block.kind.value) for block in encoded.layout.blocks]
        [('age', 'continuous'), ('smoker', 'one-hot')]
        >>> encoder.inverse(encoded).equals(frame)
        True
    """

    schema: Schema | None = None
    method: str = "quantile"
    n_bins: int = 32
    discrete: str = "one-hot"
    rare: int | None = None
    max_levels: int | None = None
    text: str = "error"
    calendar: bool = False
    encoders: Mapping[str, Encoder] | None = None
    schema_: Schema = field(init=False, repr=False)
    encoders_: dict[str, Encoder] = field(init=False, repr=False)
    dropped_: dict[str, str] = field(init=False, repr=False)

    def fit(self, frame: pd.DataFrame) -> Self:
        """Learn every column.

        Args:
            frame: The table, (rows, columns); it is not changed.

        Returns:
            The encoder.

        Raises:
            DataError: If the table is empty, lacks a column of the schema or holds what can't be
                coded.
            ConfigError: If an option is not known.
        """
        self._check_options()
        _check_frame(frame)
        if not len(frame):
            raise DataError("expected a table with rows, found none")
        schema = self.schema or Schema.infer(frame)
        _check_columns(frame, schema.names)
        dropped: dict[str, str] = {}
        encoders: dict[str, Encoder] = {}
        for column in schema:
            encoder = self._encoder(column)
            if encoder is None:
                dropped[column.name] = self._drop(column)
            else:
                encoders[column.name] = encoder.fit(frame[column.name])
        self.schema_, self.dropped_ = schema, dropped
        self.encoders_ = encoders
        return self

    def code(self, frame: pd.DataFrame) -> dict[str, Coded]:
        """Give codes and positions of each column, for models that need no matrix.

        Args:
            frame: The table, with the columns of the schema in any order; it is not changed.

        Raises:
            NotFittedError: Before ``fit``.
            DataError: If a column is missing or a cell can't be coded.
        """
        self._check_fitted()
        _check_frame(frame)
        _check_columns(frame, self.schema_.names)
        return {name: item.transform(frame[name]) for name, item in self.encoders_.items()}

    def decode(
        self, coded: Mapping[str, Coded], *, random_state: RandomState = None, first_row: int = 0
    ) -> pd.DataFrame:
        """Undo ``code``.

        Args:
            coded: Codes and positions of each column.
            random_state: Seed of what has to be drawn; the same seed gives the same table.
            first_row: Number of the first row, from which identifiers are counted.

        Returns:
            The table, (rows, columns), columns and dtypes as in ``fit``.

        Raises:
            NotFittedError: Before ``fit``.
        """
        self._check_fitted()
        seeds = np.random.default_rng(random_state).integers(MAX_SEED, size=len(self.encoders_))
        columns = {
            name: encoder.inverse(coded[name], random_state=int(seed), first_row=first_row)
            for (name, encoder), seed in zip(self.encoders_.items(), seeds, strict=True)
        }
        return pd.DataFrame(columns)

    def transform(self, frame: pd.DataFrame) -> Encoded:
        """Encode a table as a matrix.

        Args:
            frame: The table, with the columns of the schema in any order; it is not changed.

        Returns:
            The matrix, (rows, width), and its layout.

        Raises:
            NotFittedError: Before ``fit``.
            DataError: If a column is missing or a cell can't be coded.
        """
        coded = self.code(frame)
        derived = {
            name: calendar_features(frame[name]).to_numpy(dtype=np.float64)
            for name in self._derived()
        }
        layout = self.layout_
        return Encoded(to_matrix(coded, layout, n_rows=len(frame), derived=derived), layout)

    def inverse(
        self,
        encoded: Encoded | FloatArray,
        *,
        random_state: RandomState = None,
        first_row: int = 0,
    ) -> pd.DataFrame:
        """Decode a matrix; any finite numbers give a valid table.

        Args:
            encoded: What ``transform`` gave, or a matrix, (rows, width).
            random_state: Seed of what has to be drawn; the same seed gives the same table.
            first_row: Number of the first row, from which identifiers are counted.

        Returns:
            The table, (rows, columns), columns and dtypes as in ``fit``.

        Raises:
            NotFittedError: Before ``fit``.
            DataError: If the matrix has another width or holds NaN or infinity.
        """
        self._check_fitted()
        matrix = encoded.matrix if isinstance(encoded, Encoded) else np.asarray(encoded)
        layout = self.layout_
        check_matrix(matrix, layout)
        coded = {name: from_matrix(matrix, layout, name) for name in self.encoders_}
        return self.decode(coded, random_state=random_state, first_row=first_row)

    @property
    def layout_(self) -> Layout:
        """Describe the matrix.

        Raises:
            NotFittedError: Before ``fit``.
        """
        self._check_fitted()
        return make_layout(
            self.encoders_, one_hot=self.discrete == "one-hot", derived=self._derived()
        )

    def state(self) -> dict[str, Any]:
        """Give settings and what was learned as JSON values with arrays as leaves."""
        packed: dict[str, Any] = pack(self)
        return packed

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Self:
        """Make an encoder from what ``state`` gave.

        Args:
            state: The state, perhaps after a way through the artifact store.

        Raises:
            ArtifactError: If it is no state of a table encoder.
        """
        from scenara.shared.features.registry import TYPES

        made = unpack(state, {**TYPES, cls.__name__: cls})
        if not isinstance(made, cls):
            raise ArtifactError(f"state: expected {cls.__name__}, found {type(made).__name__}")
        return made

    def _encoder(self, column: Column) -> Encoder | None:
        """Give a fresh encoder for a column, None for free text."""
        if self.encoders and column.name in self.encoders:
            return replace(self.encoders[column.name])
        nullable, levels = column.nullable, column.levels
        if column.kind in (Kind.NUMERIC, Kind.INTEGER):
            return NumberEncoder(method=self.method, n_bins=self.n_bins, nullable=nullable)
        if column.kind is Kind.DATETIME:
            method = self.method if self.method == "bins" else "quantile"
            return DateTimeEncoder(method=method, n_bins=self.n_bins, nullable=nullable)
        if column.kind is Kind.ORDINAL:
            return OrdinalEncoder(levels=levels, nullable=nullable)
        if column.kind is Kind.BOOLEAN:
            return CategoryEncoder(levels=levels, rare=0, nullable=nullable)
        if column.kind is Kind.CATEGORY:
            rare, most = self.rare, self.max_levels
            return CategoryEncoder(levels=levels, rare=rare, max_levels=most, nullable=nullable)
        return IdentifierEncoder(nullable=nullable) if column.kind is Kind.IDENTIFIER else None

    def _drop(self, column: Column) -> str:
        reason = "free text can't be generated and is not copied"
        if self.text == "error":
            raise DataError(
                f"column {column.name!r}: {reason}; leave it out with text='drop', or declare it "
                f"a category or an identifier"
            )
        return reason

    def _derived(self) -> dict[str, tuple[str, ...]]:
        times = (name for name, item in self.encoders_.items() if isinstance(item, DateTimeEncoder))
        return {name: CALENDAR for name in times} if self.calendar else {}

    def _check_options(self) -> None:
        for option, known in (("discrete", DISCRETE), ("text", TEXT)):
            if (value := getattr(self, option)) not in known:
                raise ConfigError(f"{option}: {value!r} is not known; expected one of {known}")

    def _check_fitted(self) -> None:
        if not hasattr(self, "encoders_"):
            raise NotFittedError("TableEncoder is not fitted yet; call fit(frame) first")


def _check_frame(frame: pd.DataFrame) -> None:
    if not isinstance(frame, pd.DataFrame):
        raise DataError(f"expected a pandas DataFrame, found {type(frame).__name__}")
    if not frame.columns.is_unique:
        twice = frame.columns[frame.columns.duplicated()][0]
        raise DataError(f"column {twice!r} is there twice; rename one of them")


def _check_columns(frame: pd.DataFrame, expected: tuple[str, ...]) -> None:
    strange = [name for name in frame.columns if name not in expected]
    if strange:
        raise DataError(f"column {strange[0]!r} is not in the schema; drop it or add it there")
    lacking = [name for name in expected if name not in frame.columns]
    if lacking:
        raise DataError(
            f"column {lacking[0]!r} is missing; the table has {list(map(str, frame.columns))[:20]}"
        )
