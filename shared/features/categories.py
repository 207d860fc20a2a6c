"""Columns of levels: categories, ordinals and booleans."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from scenara.shared.errors import DataError
from scenara.shared.features.base import Encoder, Rows
from scenara.shared.features.states import as_objects, pack
from scenara.shared.features.storage import Dtype, Series
from scenara.shared.types import Array, FloatArray, IntArray

__all__ = ["CategoryEncoder", "OrdinalEncoder"]

MAX_RARE = 10
ROWS_PER_RARE = 100


@dataclass(kw_only=True, eq=False)
class CategoryEncoder(Encoder):
    """Code a column of levels, which may be any values that can be hashed.

    Codes are the levels from the most to the least frequent, then one pool of all rare levels,
    then missing. The pool decodes by drawing its levels as often as they were seen, so that rare
    levels still appear, without their ties to other columns.

    Args:
        levels: The levels allowed; None for any.
        rare: A level seen in fewer rows is pooled; 0 pools none, so that decoding is exact; None
            takes a hundredth of the rows, at most 10.
        max_levels: Most levels with a code of their own; the others are pooled; None for any.

    Example:
        >>> colours = pd.Series(["red", "blue", "red", "red"], name="colour")
        >>> encoder = CategoryEncoder().fit(colours)
        >>> encoder.labels_, encoder.transform(colours).codes
        (('red', 'blue'), array([0, 1, 0, 0]))
    """

    levels: tuple[Any, ...] | None = None
    rare: int | None = None
    max_levels: int | None = None
    levels_: tuple[Any, ...] = field(init=False, repr=False)
    pooled_: tuple[Any, ...] = field(init=False, repr=False)
    pooled_counts_: IntArray = field(init=False, repr=False)
    dtype_: Dtype = field(init=False, repr=False)

    def _fit(self, present: Series) -> None:
        codes, found = _factorize(present, self.column_)
        counts = np.bincount(codes, minlength=len(found))
        self._refuse_undeclared(present, codes, found)
        order = self._order(found, counts, present.dtype)
        kept = self._kept(counts[order], len(present))
        pack(tuple(found))
        self.levels_ = tuple(found[place] for place in order[kept])
        self.pooled_ = tuple(found[place] for place in order[~kept])
        self.pooled_counts_ = counts[order[~kept]]
        self.dtype_ = present.dtype

    def _transform(self, present: Series) -> tuple[IntArray, FloatArray]:
        codes, found = _factorize(present, self.column_)
        places = _lookup(found, (*self.levels_, *self.pooled_))
        if (places < 0).any():
            row = int(np.argmax(places[codes] < 0))
            raise DataError(
                f"column {self.column_!r}: level {found[codes[row]]!r} in row {present.index[row]} "
                f"was not seen when fitting; known are {_some(self.levels_)}"
            )
        return np.minimum(places, len(self.levels_))[codes], np.zeros(len(codes))

    def _inverse(self, codes: IntArray, positions: FloatArray, rows: Rows) -> Array | Series:
        places = codes.astype(np.int64)
        pooled = np.flatnonzero(codes == len(self.levels_))
        if len(pooled):
            ranks = rows.rng.integers(self.pooled_counts_.sum(), size=len(pooled))
            drawn = np.searchsorted(np.cumsum(self.pooled_counts_), ranks, side="right")
            places[pooled] += drawn
        levels = pd.Series(as_objects((*self.levels_, *self.pooled_)), dtype=self.dtype_)
        return pd.Series(levels.array.take(places), dtype=self.dtype_)

    def _labels(self) -> tuple[str, ...]:
        pool = (f"{len(self.pooled_)} rare levels",) if self.pooled_ else ()
        return (*map(str, self.levels_), *pool)

    def _n_present(self) -> int:
        return len(self.levels_) + bool(self.pooled_)

    def _kept(self, counts: IntArray, n_rows: int) -> Array:
        least = min(MAX_RARE, n_rows // ROWS_PER_RARE) if self.rare is None else self.rare
        kept = counts >= least
        if self.max_levels is not None:
            by_count = np.argsort(-counts, kind="stable")
            kept[by_count[self.max_levels :]] = False
        # A pool of one level says nothing that the level would not.
        return kept if (~kept).sum() != 1 else np.ones(len(counts), dtype=bool)

    def _order(self, found: Sequence[Any], counts: IntArray, dtype: Dtype) -> IntArray:
        names = [(type(level).__name__, repr(level)) for level in found]
        ranks = sorted(range(len(found)), key=lambda place: (-counts[place], names[place]))
        return np.array(ranks, dtype=np.int64)

    def _refuse_undeclared(self, present: Series, codes: IntArray, found: Sequence[Any]) -> None:
        if self.levels is None or not len(found):
            return
        strange = _lookup(found, self.levels) < 0
        if strange.any():
            row = int(np.argmax(strange[codes]))
            raise DataError(
                f"column {self.column_!r}: level {found[codes[row]]!r} in row {present.index[row]} "
                f"is not declared; declared are {_some(self.levels)}"
            )


@dataclass(kw_only=True, eq=False)
class OrdinalEncoder(CategoryEncoder):
    """Code a column of levels from lowest to highest; none is pooled.

    The order is that of ``levels``, else of an ordered pandas categorical, else of the values.

    Args:
        levels: The levels allowed, from lowest to highest.

    Example:
        >>> sizes = pd.Series(["L", "S", "M"], name="size")
        >>> OrdinalEncoder(levels=("S", "M", "L")).fit(sizes).transform(sizes).codes
        array([2, 0, 1])
    """

    @property
    def ordered(self) -> bool:
        """Say that the codes have an order."""
        return True

    def _order(self, found: Sequence[Any], counts: IntArray, dtype: Dtype) -> IntArray:
        if self.levels is not None:
            return np.argsort(_lookup(found, self.levels))
        if isinstance(dtype, pd.CategoricalDtype) and dtype.ordered:
            return np.argsort(_lookup(found, tuple(dtype.categories)))
        try:
            ranks = sorted(range(len(found)), key=lambda place: found[place])
        except TypeError as error:
            raise DataError(
                f"column {self.column_!r}: levels {_some(found)} have no order; declare them from "
                f"lowest to highest"
            ) from error
        return np.array(ranks, dtype=np.int64)

    def _kept(self, counts: IntArray, n_rows: int) -> Array:
        return np.ones(len(counts), dtype=bool)


def _factorize(present: Series, column: str) -> tuple[IntArray, list[Any]]:
    """Number the distinct values of a column, in order of appearance."""
    plain = isinstance(present.dtype, np.dtype) and present.dtype.kind not in "mM"
    values: Any = present.to_numpy() if plain else present.array
    try:
        codes, found = pd.factorize(values)
    except TypeError as error:
        raise DataError(
            f"column {column!r}: expected plain values as levels, found "
            f"{type(present.iloc[0]).__name__}; unpack or drop the column"
        ) from error
    return codes, list(found.tolist())


def _lookup(values: Sequence[Any], levels: Sequence[Any]) -> IntArray:
    """Give the place of each value among levels, -1 where it is none of them."""
    places = {level: place for place, level in enumerate(levels)}
    return np.array([places.get(value, -1) for value in values], dtype=np.int64)


def _some(levels: Sequence[Any]) -> str:
    shown = ", ".join(map(repr, levels[:10]))
    return shown if len(levels) <= 10 else f"{shown} and {len(levels) - 10} more"
