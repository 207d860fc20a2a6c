"""What every column encoder is: a column as a code and a position inside the code, and back."""

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
import pandas as pd

from scenara.shared.errors import ArtifactError, ConfigError, DataError, NotFittedError
from scenara.shared.features.states import pack, unpack
from scenara.shared.features.storage import Series, Storage
from scenara.shared.types import Array, FloatArray, IntArray, RandomState

__all__ = ["Coded", "Encoder", "Rows"]


@dataclass(frozen=True)
class Coded:
    """Hold a column as generators see it.

    Args:
        codes: What each cell is, (rows,): a level, a spike, a component, missing.
        positions: Where inside its code each cell lies, (rows,); 0 where the code is all there
            is to say.

    Raises:
        DataError: If the lengths differ, codes are no integers or a position is not finite.
    """

    codes: IntArray
    positions: FloatArray

    def __post_init__(self) -> None:
        """Check shapes and values."""
        if self.codes.shape != self.positions.shape or self.codes.ndim != 1:
            raise DataError(
                f"codes and positions: expected two arrays of one length, found shapes "
                f"{self.codes.shape} and {self.positions.shape}"
            )
        if self.codes.dtype.kind not in "iu":
            raise DataError(f"codes: expected integers, found {self.codes.dtype}")
        if not np.isfinite(self.positions).all():
            row = int(np.argmin(np.isfinite(self.positions)))
            raise DataError(f"positions: expected finite numbers, found others, first in row {row}")

    def __len__(self) -> int:
        """Count the rows."""
        return len(self.codes)


@dataclass(frozen=True)
class Rows:
    """Tell a decoder which rows it makes and where its randomness comes from.

    Args:
        numbers: The row numbers, (rows,); identifiers are counted by them.
        rng: The stream that draws come from.
    """

    numbers: IntArray
    rng: np.random.Generator


@dataclass(kw_only=True, eq=False)
class Encoder(ABC):
    """Turn one column into codes and positions, and back into a column of the same dtype.

    A cell is one of ``n_codes_`` things; the first ``n_positioned_`` of them have a position
    inside. A missing cell is the last code, so that missingness is learned like any level. A
    subclass writes ``_fit``, ``_transform`` and ``_inverse`` on the cells that are present.

    Args:
        nullable: Keep a code for missing cells even if no cell is missing in ``fit``.
    """

    nullable: bool = False
    column_: str = field(init=False, repr=False)
    storage_: Storage = field(init=False, repr=False)
    has_missing_: bool = field(init=False, repr=False)

    def fit(self, values: Series) -> Self:
        """Learn the column.

        Args:
            values: The column, (rows,); it is not changed.

        Returns:
            The encoder.

        Raises:
            DataError: If the column is empty or can't be coded this way.
        """
        name = _column_name(values)
        if not len(values):
            raise DataError(f"column {name!r}: expected at least one row, found none")
        storage = Storage.of(values)
        pack(storage)  # a dtype that could not be saved is refused here, not after training
        missing = values.isna().to_numpy(dtype=bool)
        self.column_ = name
        self._fit(values[~missing])
        self.has_missing_ = bool(missing.any()) or (self.nullable and storage.holds_missing)
        self.storage_ = storage
        return self

    def transform(self, values: Series) -> Coded:
        """Code a column.

        Args:
            values: A column of the same kind, (rows,); it is not changed.

        Returns:
            Codes and positions, (rows,) each.

        Raises:
            NotFittedError: Before ``fit``.
            DataError: If a cell can't be coded, with the row and what it holds.
        """
        self._check_fitted()
        _column_name(values)
        missing = values.isna().to_numpy(dtype=bool)
        codes = np.full(len(values), self.n_codes_ - 1, dtype=np.int64)
        positions = np.zeros(len(values))
        if missing.any() and not self.has_missing_:
            row = values.index[int(np.argmax(missing))]
            raise DataError(
                f"column {self.column_!r}: found a missing value in row {row}, but none when "
                f"fitting; fill it, or fit with nullable=True"
            )
        if not missing.all():
            self._refuse_if_all_missing(values, missing)
            codes[~missing], positions[~missing] = self._transform(values[~missing])
        return Coded(codes, positions)

    def inverse(
        self, coded: Coded, *, random_state: RandomState = None, first_row: int = 0
    ) -> Series:
        """Decode a column.

        Any codes and any finite positions decode to valid cells: codes are clipped to those that
        exist and positions to the support.

        Args:
            coded: Codes and positions, (rows,) each.
            random_state: Seed of what has to be drawn, such as a level out of a pool.
            first_row: Number of the first row; shards that start at different rows get
                different identifiers.

        Returns:
            The column, (rows,), of the dtype seen in ``fit``.

        Raises:
            NotFittedError: Before ``fit``.
        """
        self._check_fitted()
        codes = np.clip(coded.codes, 0, self.n_codes_ - 1)
        missing = codes == (self.n_codes_ - 1 if self.has_missing_ else -1)
        numbers = first_row + np.flatnonzero(~missing)
        rows = Rows(numbers, np.random.default_rng(random_state))
        present = self._inverse(codes[~missing], coded.positions[~missing], rows)
        return self.storage_.rebuild(present, missing, name=self.column_)

    @property
    def labels_(self) -> tuple[str, ...]:
        """Give a name to each code, for people.

        Raises:
            NotFittedError: Before ``fit``.
        """
        self._check_fitted()
        return (*self._labels(), *(("missing",) if self.has_missing_ else ()))

    @property
    def n_codes_(self) -> int:
        """Count the codes, that for missing cells included."""
        self._check_fitted()
        return self._n_present() + self.has_missing_

    @property
    def n_positioned_(self) -> int:
        """Count the codes, from the first one on, that have a position inside."""
        self._check_fitted()
        return self._n_positioned()

    @property
    def law(self) -> str:
        """Say how positions are spread: normal, uniform or standardised; "" without positions."""
        return ""

    @property
    def ordered(self) -> bool:
        """Say whether the codes have an order that means something."""
        return False

    def state(self) -> dict[str, Any]:
        """Give settings and what was learned as JSON values with arrays as leaves.

        ``split_state`` parts the two for the artifact store.
        """
        packed: dict[str, Any] = pack(self)
        return packed

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Self:
        """Make an encoder from what ``state`` gave.

        Args:
            state: The state, perhaps after a way through the artifact store.

        Raises:
            ArtifactError: If it is no state of such an encoder.
        """
        from scenara.shared.features.registry import TYPES

        made = unpack(state, TYPES)
        if not isinstance(made, cls):
            raise ArtifactError(f"state: expected {cls.__name__}, found {type(made).__name__}")
        return made

    @abstractmethod
    def _fit(self, present: Series) -> None:
        """Learn from the cells that are not missing, perhaps none."""

    @abstractmethod
    def _transform(self, present: Series) -> tuple[IntArray, FloatArray]:
        """Code the cells that are not missing."""

    @abstractmethod
    def _inverse(self, codes: IntArray, positions: FloatArray, rows: Rows) -> Array | Series:
        """Decode cells that are not missing."""

    @abstractmethod
    def _labels(self) -> tuple[str, ...]:
        """Name the codes of cells that are not missing."""

    def _n_present(self) -> int:
        return len(self._labels())

    def _n_positioned(self) -> int:
        return 0

    def _refuse_if_all_missing(self, values: Series, missing: Array) -> None:
        if not self._n_present():
            row = values.index[int(np.argmin(missing))]
            raise DataError(
                f"column {self.column_!r}: found a value in row {row}, but "
                f"only missing values when fitting; fit with rows that have values"
            )

    def _check_fitted(self) -> None:
        if not hasattr(self, "storage_"):
            raise NotFittedError(f"{type(self).__name__} is not fitted yet; call fit(column) first")

    def _check_option(self, option: str, known: tuple[str, ...]) -> None:
        if (value := getattr(self, option)) not in known:
            raise ConfigError(f"{option}: {value!r} is not known; expected one of {known}")


def _column_name(values: Series) -> str:
    if not isinstance(values, pd.Series):
        raise DataError(f"expected one column as a pandas Series, found {type(values).__name__}")
    return str(values.name) if values.name is not None else ""
