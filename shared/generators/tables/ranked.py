"""Every column of a table as ranks of its distinct contents, whatever the column holds."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import ndtr, ndtri

from scenara.shared.data.column import BOUNDED, Kind
from scenara.shared.data.plain import as_objects
from scenara.shared.data.schema import Column, Schema
from scenara.shared.errors import DataError
from scenara.shared.features import Coded, Encoder, TableEncoder
from scenara.shared.features.storage import Series
from scenara.shared.generators.tables.conditions import measures
from scenara.shared.types import FloatArray, IntArray

__all__ = ["Contents", "cells_of", "rank_columns", "standardised"]

SHRINKAGE = 5.0
"""Rows of the whole table that a level's mean is mixed with when levels are put in order."""


@dataclass(frozen=True)
class Contents:
    """Hold the distinct contents of a column, in order; a missing cell comes first.

    Args:
        coded: The contents as codes and positions, (contents,).
        cells: The contents as the column has them, (contents,).
        numbers: What is measured, nan where it is missing; the rank, of a column of levels.
    """

    coded: Coded
    cells: Series
    numbers: FloatArray

    @classmethod
    def of(cls, coded: Coded, encoder: Encoder, column: Column) -> "Contents":
        """Decode contents that are in order already.

        Args:
            coded: Codes and positions, (contents,).
            encoder: What coded them.
            column: What the column is.
        """
        cells = encoder.inverse(coded)
        if column.kind in BOUNDED:
            return cls(coded, cells, measures(cells, column))
        numbers = np.where(cells.isna(), np.nan, np.arange(len(cells), dtype=np.float64))
        return cls(coded, cells, numbers)

    def __len__(self) -> int:
        """Count the contents."""
        return len(self.cells)

    def moved(self, ranks: IntArray, shift: FloatArray, n_positioned: int) -> Coded:
        """Move cells that have a normal score to ranks nearby; others stay where they are.

        Args:
            ranks: Places of the cells, (rows,).
            shift: How many of the distinct scores to move up, (rows,).
            n_positioned: Codes that have a score.
        """
        codes, scores = self.coded.codes[ranks], self.coded.positions[ranks]
        n_scores = max(int((self.coded.codes < n_positioned).sum()), 1)
        least = 0.5 / n_scores
        share = np.clip(ndtr(scores) + shift / n_scores, least, 1 - least)
        return Coded(codes, np.where(codes < n_positioned, ndtri(share), scores))

    def places(self, values: Series, column: Column) -> IntArray:
        """Find the places of a column's cells among the contents.

        Args:
            values: The cells, (rows,).
            column: What the column is.

        Returns:
            (rows,): of a number between two contents that of the one below, of a missing cell -1
            where none was missing before.

        Raises:
            DataError: A level is not among the contents.
        """
        absent = values.isna().to_numpy(dtype=bool)
        n_missing = int(np.isnan(self.numbers).sum())
        places = np.full(len(values), n_missing - 1)
        if column.kind in BOUNDED:
            known, numbers = self.numbers[n_missing:], measures(values, column)[~absent]
            below = np.searchsorted(known, numbers, side="right") - 1
            places[~absent] = n_missing + np.clip(below, 0, len(known) - 1)
            return places
        order = {level: place for place, level in enumerate(as_objects(self.cells))}
        found = np.array([order.get(level, -2) for level in as_objects(values)], dtype=np.int64)
        strange = np.flatnonzero(~absent & (found == -2))
        if len(strange):
            raise DataError(
                f"column {column.name!r}, row {strange[0]}: {values.iloc[strange[0]]!r} was not "
                "there when fitting"
            )
        places[~absent] = found[~absent]
        return places


def cells_of(numbers: FloatArray, column: Column, *, like: Series) -> Series:
    """Give numbers as cells of a measured column.

    Args:
        numbers: Numbers, or seconds since 1970, (rows,).
        column: What the column is.
        like: Cells of the dtype wanted.
    """
    if column.kind is not Kind.DATETIME:
        return pd.Series(numbers).astype(like.dtype)
    times = pd.Series(np.rint(numbers * 1e6).astype("datetime64[us]"))
    if like.dtype == object:
        return times.dt.date.astype(object)
    zone = getattr(like.dtype, "tz", None)
    zoned = times if zone is None else times.dt.tz_localize("UTC").dt.tz_convert(zone)
    return zoned.astype(like.dtype)


def rank_columns(
    frame: pd.DataFrame, schema: Schema, encoder: TableEncoder
) -> tuple[dict[str, Contents], IntArray]:
    """Put the contents of each column in order and give each cell its place.

    Numbers, times, ordinals and booleans have an order. Levels of a category are put in the
    order of the first principal axis of the means that the other columns have among their rows,
    so that levels with like rows are neighbours.

    Args:
        frame: The table, (rows, columns).
        schema: What the columns are.
        encoder: Fitted on the table, with no level pooled.

    Returns:
        The contents by column, and the ranks, (rows, columns).

    Example:
        >>> frame = pd.DataFrame({"age": [40, 20, 40], "smoker": [True, False, False]})
        >>> encoder = TableEncoder(rare=0).fit(frame)
        >>> contents, ranks = rank_columns(frame, encoder.schema_, encoder)
        >>> contents["age"].cells.tolist(), ranks.tolist()
        ([20, 40], [[1, 1], [0, 0], [1, 0]])
    """
    contents: dict[str, Contents] = {}
    ranks = np.empty(frame.shape, dtype=np.int32)
    for place, (name, coded) in enumerate(encoder.code(frame).items()):
        distinct, inverse = _distinct(coded)
        found = Contents.of(distinct, encoder.encoders_[name], schema[name])
        contents[name], ranks[:, place] = _reordered(
            found, inverse, np.argsort(found.numbers, kind="stable"), encoder, schema[name]
        )
    scores = standardised(contents, ranks)
    for place, column in enumerate(schema):
        if column.kind is Kind.CATEGORY and frame.shape[1] > 1:
            others = np.delete(scores, place, axis=1)
            order = _by_likeness(ranks[:, place], others, len(contents[column.name]))
            contents[column.name], ranks[:, place] = _reordered(
                contents[column.name], ranks[:, place], order, encoder, column
            )
    return contents, ranks


def standardised(contents: Mapping[str, Contents], ranks: IntArray) -> FloatArray:
    """Give each cell's mid-rank among its column's rows, standardised; 0 where it is missing.

    Args:
        contents: By column.
        ranks: Places of the cells among them, (rows, columns).

    Returns:
        (rows, columns); every column has mean 0 and variance 1 over the cells that are there.
    """
    return np.column_stack(
        [_standard(item, ranks[:, place]) for place, item in enumerate(contents.values())]
    )


def _standard(contents: Contents, ranks: IntArray) -> FloatArray:
    present = ~np.isnan(contents.numbers)
    counts = np.bincount(ranks, minlength=len(contents)) * present
    middles = np.cumsum(counts) - counts / 2
    share = counts / max(counts.sum(), 1)
    centred = np.where(present, middles - share @ middles, 0.0)
    spread = np.sqrt(share @ centred**2)
    return np.asarray((centred / (spread or 1.0))[ranks], dtype=np.float64)


def _distinct(coded: Coded) -> tuple[Coded, IntArray]:
    order = np.lexsort((coded.positions, coded.codes))
    codes, positions = coded.codes[order], coded.positions[order]
    fresh = np.ones(len(order), dtype=bool)
    fresh[1:] = (np.diff(codes) != 0) | (np.diff(positions) != 0)
    inverse = np.empty(len(order), dtype=np.int64)
    inverse[order] = np.cumsum(fresh) - 1
    return Coded(codes[fresh], positions[fresh]), inverse


def _reordered(
    contents: Contents, ranks: IntArray, order: IntArray, encoder: TableEncoder, column: Column
) -> tuple[Contents, IntArray]:
    """Put contents in an order, but for the missing cell, which always comes first."""
    missing = np.isnan(contents.numbers[order])
    order = np.concatenate([order[missing], order[~missing]])
    places = np.empty(len(order), dtype=np.int64)
    places[order] = np.arange(len(order))
    coded = Coded(contents.coded.codes[order], contents.coded.positions[order])
    return Contents.of(coded, encoder.encoders_[column.name], column), places[ranks]


def _by_likeness(levels: IntArray, others: FloatArray, n_levels: int) -> IntArray:
    """Order levels along the first principal axis of their means, the rare ones shrunk to 0."""
    counts = np.bincount(levels, minlength=n_levels)
    sums = np.zeros((n_levels, others.shape[1]))
    np.add.at(sums, levels, others)
    means = sums / (counts + SHRINKAGE)[:, None]
    weighted = np.sqrt(counts)[:, None] * means
    _, axes = np.linalg.eigh(weighted.T @ weighted)
    axis = axes[:, -1] * np.sign(axes[np.argmax(np.abs(axes[:, -1])), -1])
    return np.argsort(means @ axis, kind="stable")
