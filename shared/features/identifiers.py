"""Columns of identifiers: regenerated in the shape that was seen, never copied."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from scenara.shared.errors import DataError
from scenara.shared.features.base import Encoder, Rows
from scenara.shared.features.patterns import (
    CharPattern,
    FreeNumbers,
    NumberPattern,
    free_above,
    learn_pattern,
)
from scenara.shared.features.storage import Series
from scenara.shared.types import Array, FloatArray, IntArray

__all__ = ["IdentifierEncoder"]


@dataclass(kw_only=True, eq=False)
class IdentifierEncoder(Encoder):
    """Keep nothing of a column of identifiers but its shape.

    An identifier says nothing about its row, so there is nothing to learn: ``transform`` gives
    one code and no position. ``inverse`` counts: row number ``first_row + i`` gets an identifier
    of its own, in the shape seen, that no row seen had. The same row number always gets the same
    one, so rows made in shards have to start at different numbers.

    Whole numbers go on after the greatest; text follows its pattern, see ``learn_pattern``.

    Example:
        >>> customers = pd.Series(["C-0041", "C-0007", "C-0008"], name="customer")
        >>> encoder = IdentifierEncoder().fit(customers)
        >>> encoder.inverse(encoder.transform(customers), first_row=100).tolist()
        ['C-0142', 'C-0143', 'C-0144']
    """

    pattern_: NumberPattern | CharPattern | FreeNumbers | None = field(init=False, repr=False)

    def _fit(self, present: Series) -> None:
        if isinstance(present.dtype, pd.CategoricalDtype):
            raise DataError(
                f"column {self.column_!r}: a categorical column has no room for new identifiers; "
                f"convert it, for example with astype(str)"
            )
        if present.empty:
            self.pattern_ = None
        elif all(isinstance(cell, str) for cell in present):
            self.pattern_ = learn_pattern([str(text) for text in present], column=self.column_)
        else:
            self.pattern_ = self._numbers(present)

    def _transform(self, present: Series) -> tuple[IntArray, FloatArray]:
        return np.zeros(len(present), dtype=np.int64), np.zeros(len(present))

    def _inverse(self, codes: IntArray, positions: FloatArray, rows: Rows) -> Array | Series:
        pattern, numbers = self.pattern_, rows.numbers
        if pattern is None:
            return np.zeros(0)
        if isinstance(pattern, CharPattern):
            return pattern.render(numbers)
        free = pattern.free if isinstance(pattern, NumberPattern) else pattern
        if numbers.max(initial=-1) >= free.total:
            raise DataError(
                f"column {self.column_!r}: only {free.total:,} new identifiers are left in dtype "
                f"{self.storage_.dtype}, but {int(numbers.max()) + 1:,} are needed; widen the dtype"
            )
        if isinstance(pattern, NumberPattern):
            return pattern.render(numbers)
        return free.take(numbers)

    def _labels(self) -> tuple[str, ...]:
        return () if self.pattern_ is None else ("identifier",)

    def _numbers(self, present: Series) -> FreeNumbers:
        numbers = pd.to_numeric(present, errors="coerce")
        whole = (
            pd.api.types.is_numeric_dtype(numbers.dtype)
            and not pd.api.types.is_bool_dtype(numbers.dtype)
            and bool((numbers.notna() & (numbers % 1 == 0) & (numbers.abs() < 2**63)).all())
        )
        if not whole:
            raise DataError(
                f"column {self.column_!r}: expected identifiers that are text or whole numbers, "
                f"found {str(present.iloc[0])[:40]!r}; convert them, for example with astype(str)"
            )
        used = np.unique(numbers.to_numpy(dtype=np.int64))
        floor, ceiling = _room(present.dtype)
        return free_above(used, floor=floor, ceiling=ceiling)


def _room(dtype: object) -> tuple[int, int]:
    """Give the least and the greatest whole number that a dtype holds exactly, from 0 up."""
    width = getattr(dtype, "itemsize", 8)
    if getattr(dtype, "kind", "O") == "f":
        return 0, {2: 2**11, 4: 2**24}.get(width, 2**53)
    bits = 8 * width - (getattr(dtype, "kind", "i") != "u")
    return 0, min(2**bits - 1, 2**63 - 1)
