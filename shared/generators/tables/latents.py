"""Columns as intervals of latent normal variables: contents in order, and whether they miss."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy.special import ndtr, ndtri

from scenara.shared.data.column import BOUNDED, Column
from scenara.shared.generators.tables.conditions import Condition
from scenara.shared.generators.tables.gaussian import Intervals
from scenara.shared.generators.tables.ranked import Contents
from scenara.shared.types import Array, FloatArray, IntArray

__all__ = ["Margin", "intervals_of"]


@dataclass(frozen=True)
class Margin:
    """Say how often each content of a column occurs, and with that where its latents lie.

    A content owns an interval of probability as long as its share of the cells that are there. A
    column in which cells are missing has a second latent, above a threshold where one is.

    Args:
        edges: Ends of the intervals, from 0 to 1; missing cells have one of length 0,
            (contents + 1,).
        missing: Share of missing cells.
    """

    edges: FloatArray
    missing: float

    @classmethod
    def of(cls, contents: Contents, ranks: IntArray) -> "Margin":
        """Count the cells of a column.

        Args:
            contents: Its contents.
            ranks: Places of the cells among them, (rows,).
        """
        counts = np.bincount(ranks, minlength=len(contents))
        present = np.where(np.isnan(contents.numbers), 0, counts)
        edges = np.concatenate([[0], np.cumsum(present)]) / max(int(present.sum()), 1)
        return cls(edges, float(1 - present.sum() / len(ranks)))

    @property
    def width(self) -> int:
        """Count the latents."""
        return 1 + (self.missing > 0)

    def intervals(self, ranks: IntArray, contents: Contents) -> tuple[FloatArray, FloatArray]:
        """Give the probabilities between which the latents of cells lie.

        Args:
            ranks: Places of the cells among the contents, -1 for a cell of which nothing is
                known, (rows,).
            contents: The contents.

        Returns:
            Lower and upper ends, (rows, latents) each.
        """
        absent = (ranks < 0) | np.isnan(contents.numbers)[ranks]
        low = [np.where(absent, 0.0, self.edges[ranks])]
        high = [np.where(absent, 1.0, self.edges[ranks + 1])]
        if self.missing:
            low.append(np.where(absent, 1 - self.missing, 0.0))
            high.append(np.where(absent, 1.0, 1 - self.missing))
        return np.column_stack(low), np.column_stack(high)

    def cells(self, latents: FloatArray) -> tuple[IntArray, FloatArray, Array]:
        """Give the cells that latents stand for.

        Args:
            latents: Normal numbers, (rows, latents).

        Returns:
            The place of the content, how far above its middle the latent lies inside it (-0.5 to
            0.5), and whether the cell is missing, (rows,) each.
        """
        share = ndtr(latents[:, 0])
        place = np.searchsorted(self.edges[1:-1], share, side="right")
        length = np.maximum(self.edges[place + 1] - self.edges[place], 1e-300)
        inside = np.clip((share - self.edges[place]) / length, 0.0, 1.0) - 0.5
        absent = np.zeros(len(latents), dtype=bool)
        if self.missing:
            absent = ndtr(latents[:, 1]) > 1 - self.missing
        return place, inside, absent

    def asked(
        self, condition: Condition, contents: Contents, column: Column
    ) -> Sequence[tuple[FloatArray, FloatArray] | None]:
        """Give the intervals in which the latents have to lie for a condition to hold.

        Args:
            condition: On the column.
            contents: Of the column.
            column: What it is.

        Returns:
            For each latent the ends of its intervals as normal numbers, None where anything
            will do.
        """
        if condition.missing and (condition.is_range or condition.any_of):
            return [None] * self.width  # one latent or the other: no box says that
        threshold = np.array([0.0, 1 - self.missing, 1.0])
        if condition.missing:
            return [None, _scores(threshold[1:2], threshold[2:])][: self.width]
        if column.kind in BOUNDED:
            values = _scores(*self._of_numbers(condition, contents.numbers))
        else:
            good = condition.holds(contents.cells, column)
            values = _scores(*_joined(self.edges[:-1][good], self.edges[1:][good]))
        parts = (values, _scores(threshold[:1], threshold[1:2]))
        return list(parts[: self.width])

    def numbers(self, latents: FloatArray, asked: FloatArray, contents: Contents) -> FloatArray:
        """Give the number, among those asked for, that each latent stands for.

        Args:
            latents: Normal numbers, (rows, latents).
            asked: The numbers, increasing, (numbers,).
            contents: Of the column.
        """
        ends = [self._around(number, contents.numbers) for number in asked]
        between = [(before[1] + after[0]) / 2 for before, after in pairwise(ends)]
        places = np.searchsorted(np.array(between), ndtr(latents[:, 0]))
        return np.asarray(asked[places], dtype=np.float64)

    def _of_numbers(
        self, condition: Condition, numbers: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        if condition.any_of is not None:
            ends = [self._around(number, numbers) for number in sorted(condition.any_of)]
            return _joined(*(np.array(side) for side in zip(*ends, strict=True)))
        good = np.flatnonzero(condition.holds_number(numbers))
        if len(good):
            return self.edges[good[:1]], self.edges[good[-1:] + 1]
        number = condition.low if condition.low is not None else condition.high
        low, high = self._around(float(number or 0.0), numbers)
        return np.array([low]), np.array([high])

    def _around(self, number: float, numbers: FloatArray) -> tuple[float, float]:
        """Give the interval of a number; of one between two contents, about where they meet."""
        n_missing = int(np.isnan(numbers).sum())
        place = n_missing + int(np.searchsorted(numbers[n_missing:], number))
        if place < len(numbers) and numbers[place] == number:
            return float(self.edges[place]), float(self.edges[place + 1])
        place = min(max(place, n_missing + 1), len(numbers) - 1)
        before, here, after = self.edges[place - 1], self.edges[place], self.edges[place + 1]
        return float(here - (here - before) / 4), float(here + (after - here) / 4)


def intervals_of(
    margins: Sequence[Margin], contents: Mapping[str, Contents], ranks: IntArray
) -> Intervals:
    """Give the intervals in which all latents of a table's rows lie.

    Args:
        margins: One for each column.
        contents: By column.
        ranks: Places of the cells among them, (rows, columns).
    """
    pairs = [
        margin.intervals(ranks[:, place], item)
        for place, (margin, item) in enumerate(zip(margins, contents.values(), strict=True))
    ]
    return Intervals(
        np.column_stack([low for low, _ in pairs]), np.column_stack([high for _, high in pairs])
    )


def _joined(low: FloatArray, high: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Join intervals, in order, that touch; leave out those of length 0."""
    low, high = low[high > low], high[high > low]
    apart = low[1:] > high[:-1]
    return low[np.r_[True, apart][: len(low)]], high[np.r_[apart, True][: len(high)]]


def _scores(low: FloatArray, high: FloatArray) -> tuple[FloatArray, FloatArray]:
    return ndtri(low), ndtri(high)
