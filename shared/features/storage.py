"""How a column is stored: its dtype, and what a missing cell of it looks like."""

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pandas as pd

from scenara.shared.types import Array

if TYPE_CHECKING:
    Series: TypeAlias = "pd.Series[Any]"
else:
    Series = pd.Series
Dtype: TypeAlias = "np.dtype[Any] | pd.api.extensions.ExtensionDtype"

__all__ = ["Dtype", "Series", "Storage"]

MARKERS = {"None": None, "nan": np.nan, "NA": pd.NA, "NaT": pd.NaT}


@dataclass(frozen=True)
class Storage:
    """Know the dtype of a column and its missing cell, and build such a column again.

    Args:
        dtype: The pandas or numpy dtype.
        marker: For cells of dtype object what a missing one holds: ``None``, ``nan``, ``NA`` or
            ``NaT``; the most common one where several are mixed. Other dtypes know their own.

    Example:
        >>> storage = Storage.of(pd.Series(["a", None], dtype=object))
        >>> storage.rebuild(np.array(["b", "c"], dtype=object), np.array([False, True, False]))
        0       b
        1    None
        2       c
        dtype: object
    """

    dtype: Dtype
    marker: str

    @classmethod
    def of(cls, values: Series) -> "Storage":
        """Look at a column.

        Args:
            values: The column, (rows,).
        """
        return cls(values.dtype, _marker(values) if values.dtype == object else "")

    @property
    def holds_missing(self) -> bool:
        """Say whether a column of this dtype can have a missing cell."""
        return not (isinstance(self.dtype, np.dtype) and self.dtype.kind in "biu")

    def rebuild(self, present: Array | Series, missing: Array, *, name: str = "") -> Series:
        """Build a column of this dtype.

        Args:
            present: The values that are there, in order.
            missing: Whether a cell is missing, (rows,).
            name: Name of the column, "" for none.

        Returns:
            The column, (rows,), with a fresh index.
        """
        column = pd.Series(present, dtype=self.dtype)
        if missing.any():
            rows = np.where(missing, -1, np.cumsum(~missing) - 1)
            column = pd.Series(self._taken(column, rows), dtype=self.dtype)
        column.name = name or None
        return column.reset_index(drop=True)

    def _taken(self, column: Series, rows: Array) -> "Array | pd.api.extensions.ExtensionArray":
        if self.dtype == object:
            cells = np.append(column.to_numpy(), [None])
            cells[-1] = MARKERS[self.marker]
            return cells[rows]
        return column.array.take(rows, allow_fill=True)


def _marker(values: Series) -> str:
    missing = values[values.isna().to_numpy()]
    if missing.empty:
        return "None"
    names = {id(marker): name for name, marker in MARKERS.items()}
    found = Counter(names.get(id(cell), "nan") for cell in missing)
    return found.most_common(1)[0][0]
