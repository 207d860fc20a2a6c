"""Contents of a column as a few codes, each a run of neighbouring contents."""

from dataclasses import dataclass

import numpy as np

from scenara.shared.generators.tables.forests import Bounds
from scenara.shared.generators.tables.ranked import Contents
from scenara.shared.types import Array, FloatArray, IntArray

__all__ = ["CodeBook"]


@dataclass(frozen=True)
class CodeBook:
    """Map the contents of a column to codes and say what lies in each.

    A content that many rows hold, and a missing cell, has a code of its own; the others share
    codes of about equal mass.

    Args:
        starts: First content of each code, from 0 on, increasing, (codes,).
        ranks: Rows with lesser contents, by content, and the number of rows, (contents + 1,).
        lengths: What a code spans in the column's unit, (codes,); 0 where it is one point or the
            column has no unit.
    """

    starts: IntArray
    ranks: IntArray
    lengths: FloatArray

    @classmethod
    def of(cls, contents: Contents, ranks: IntArray, *, n_codes: int, measured: bool) -> "CodeBook":
        """Make the codes of a column.

        Args:
            contents: Its contents, in order.
            ranks: Rows with lesser contents, and the number of rows, (contents + 1,).
            n_codes: About how many codes to make, where there are more contents.
            measured: Whether contents are numbers or times.

        Example:
            >>> from scenara.shared.features import Coded
            >>> import pandas as pd
            >>> cells = pd.Series([0.0, 1.0, 2.0, 3.0])
            >>> none = Coded(np.zeros(4, dtype=int), np.zeros(4))
            >>> contents = Contents(none, cells, cells.to_numpy())
            >>> book = CodeBook.of(contents, np.array([0, 50, 51, 52, 53]), n_codes=1, measured=True)
            >>> book.starts.tolist(), book.lengths.tolist()
            ([0, 1], [0.0, 2.5])
        """
        counts = np.diff(ranks)
        starts = np.arange(len(counts))
        if len(counts) > 2 * n_codes:
            mass = ranks[-1] / n_codes
            alone = (counts > mass / 2) | np.isnan(contents.numbers)
            group = np.floor((ranks[:-1] + counts / 2) / mass)
            fresh = np.ones(len(counts), dtype=bool)
            fresh[1:] = (np.diff(group) != 0) | alone[1:] | alone[:-1]
            starts = np.flatnonzero(fresh)
        lengths = _lengths(contents.numbers, starts) if measured else np.zeros(len(starts))
        return cls(starts, ranks, lengths)

    def __len__(self) -> int:
        """Count the codes."""
        return len(self.starts)

    def code(self, contents: IntArray) -> IntArray:
        """Give the codes of contents."""
        return np.searchsorted(self.starts, contents, side="right") - 1

    def bounds(self, codes: IntArray) -> Bounds:
        """Give the contents that lie in codes."""
        ends = np.append(self.starts[1:], len(self.ranks) - 1)
        return Bounds(self.starts[codes], ends[codes])

    def allowed(self, contents: Array) -> FloatArray:
        """Give the share of each code's rows whose content is allowed.

        Args:
            contents: Whether each content is, (contents,) booleans.

        Returns:
            Shares, (codes,).
        """
        counts = np.diff(self.ranks)
        total = np.add.reduceat(counts, self.starts)
        kept = np.add.reduceat(counts * contents, self.starts)
        return np.asarray(kept / total, dtype=np.float64)

    def log_density(self, contents: IntArray) -> FloatArray:
        """Give the log density of contents inside their codes.

        Args:
            contents: Contents, (rows,).

        Returns:
            Log of one over the code's span, in the column's unit, or of the content's share of
            the code's rows, (rows,).
        """
        codes = self.code(contents)
        counts = np.diff(self.ranks)
        total = np.add.reduceat(counts, self.starts)
        share = counts[contents] / total[codes]
        length = self.lengths[codes]
        return np.where(length > 0, -np.log(np.where(length > 0, length, 1.0)), np.log(share))


def _lengths(numbers: FloatArray, starts: IntArray) -> FloatArray:
    """Give how far each code reaches: half-way to its neighbours, and no further than was seen."""
    ends = np.append(starts[1:], len(numbers)) - 1
    middles = np.append((numbers[1:] + numbers[:-1]) / 2, numbers[-1])
    low = np.where(starts > 0, middles[starts - 1], numbers[0])
    low = np.where(np.isnan(low), numbers[starts], low)
    spans = middles[ends] - low
    single = ends == starts
    return np.where(single | np.isnan(spans), 0.0, spans)
