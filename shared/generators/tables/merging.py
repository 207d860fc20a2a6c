"""Columns whose contents come together only as they were seen, learned as one column."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from scenara.shared.data.column import Column, Kind
from scenara.shared.data.plain import as_objects
from scenara.shared.errors import ConfigError
from scenara.shared.features.storage import Storage
from scenara.shared.generators.tables.conditions import Condition, Conditions
from scenara.shared.types import Array, FloatArray, IntArray

__all__ = ["Cells", "Merged", "content_codes", "merge"]


@dataclass(frozen=True, eq=False)
class Cells:
    """Hold a small table as plain values, so that an artifact can keep it.

    Args:
        names: Names of the columns.
        storages: How each column is stored.
        present: The cells of each column that are there.
        missing: Whether a cell is missing, (rows,) for each column.
    """

    names: tuple[str, ...]
    storages: tuple[Storage, ...]
    present: tuple[tuple[object, ...], ...]
    missing: tuple[Array, ...]

    @classmethod
    def of(cls, frame: pd.DataFrame) -> "Cells":
        """Take a table.

        Args:
            frame: The table, (rows, columns).
        """
        missing = [frame[name].isna().to_numpy(dtype=bool) for name in frame]
        return cls(
            tuple(frame.columns),
            tuple(Storage.of(frame[name]) for name in frame),
            tuple(
                tuple(as_objects(frame[name])[~gone].tolist())
                for name, gone in zip(frame, missing, strict=True)
            ),
            tuple(missing),
        )

    @cached_property
    def frame(self) -> pd.DataFrame:
        """Give the table back, index from 0."""
        parts = zip(self.names, self.storages, self.present, self.missing, strict=True)
        return pd.DataFrame(
            {
                name: storage.rebuild(_objects(present), missing)
                for name, storage, present, missing in parts
            }
        )


@dataclass(frozen=True, eq=False)
class Merged:
    """Stand for several columns by the number of the combination that a row has.

    Args:
        name: Name of the one column.
        cells: The combinations seen.
        counts: How often each was seen, (combinations,).
    """

    name: str
    cells: Cells
    counts: IntArray

    @property
    def parts(self) -> tuple[str, ...]:
        """Give the columns that it stands for."""
        return self.cells.names

    @property
    def column(self) -> Column:
        """Describe the one column: a category whose levels are numbers of combinations."""
        levels = tuple(map(str, range(len(self.counts))))
        return Column(self.name, Kind.CATEGORY, levels=levels)

    def codes(self, frame: pd.DataFrame) -> IntArray:
        """Give the number of each row's combination, -1 where it was not seen.

        Args:
            frame: Rows with the parts, (rows, columns).
        """
        known = self.cells.frame
        joint = content_codes([known, frame[list(self.parts)]])
        places = np.full(int(joint.max(initial=-1)) + 1, -1, dtype=np.int64)
        places[joint[: len(known)]] = np.arange(len(known))
        return places[joint[len(known) :]]

    def reduce(self, frame: pd.DataFrame) -> pd.Series:
        """Give the one column; missing where the combination was not seen.

        Args:
            frame: Rows with the parts, (rows, columns).
        """
        codes = self.codes(frame)
        labels = np.array([*map(str, range(len(self.counts))), None], dtype=object)
        return pd.Series(labels[codes], dtype="str", name=self.name)

    def complete(self, values: pd.Series) -> pd.DataFrame:
        """Give the parts.

        Args:
            values: The one column, (rows,), nothing missing.

        Returns:
            The parts, (rows, parts), in their dtypes.
        """
        codes = as_objects(values).astype(np.int64)
        return self.cells.frame.iloc[codes].reset_index(drop=True)

    def translate(self, asked: Conditions) -> Condition | None:
        """Say what is asked of the parts as a choice of combinations.

        Args:
            asked: What is asked of the columns of the table.

        Returns:
            The condition on the one column; None if nothing is asked of the parts.

        Raises:
            ConfigError: No combination seen does what is asked.
        """
        names = [name for name in self.parts if name in asked]
        if not names:
            return None
        good = np.flatnonzero(asked.hold(self.cells.frame))
        if not len(good):
            raise ConfigError(
                f"given: no combination of {', '.join(map(repr, self.parts))} that was there when "
                f"fitting does what is asked of {', '.join(map(repr, names))}"
            )
        return Condition(self.name, any_of=tuple(map(str, good)))

    def fill(self, frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
        """Fill rows of which some parts are there with combinations that agree with these.

        Args:
            frame: Rows with the parts, (rows, columns); not changed.
            rng: Stream.

        Returns:
            The rows; those with none or all of the parts there, or that no combination agrees
            with, stay as they are.
        """
        absent = frame[list(self.parts)].isna().to_numpy(dtype=bool)
        partly = np.flatnonzero(absent.any(axis=1) & ~absent.all(axis=1))
        filled, known = frame.copy(), self.cells.frame
        for pattern in np.unique(absent[partly], axis=0):
            rows = partly[(absent[partly] == pattern).all(axis=1)]
            there = [name for name, gone in zip(self.parts, pattern, strict=True) if not gone]
            whole = known.notna().to_numpy(dtype=bool)[:, pattern].all(axis=1)
            chosen = _matching(known[there], frame[there].iloc[rows], self.counts * whole, rng)
            for name in set(self.parts) - set(there):
                cells = filled[name].to_numpy(dtype=object, copy=True)
                cells[rows[chosen >= 0]] = as_objects(known[name])[chosen[chosen >= 0]]
                filled[name] = pd.Series(cells, index=filled.index).astype(known[name].dtype)
        return filled


def merge(frame: pd.DataFrame, parts: Sequence[str], *, taken: Sequence[str]) -> Merged:
    """Learn which combinations of columns there are.

    Args:
        frame: The table, (rows, columns).
        parts: The columns.
        taken: Names that the one column must not have.
    """
    part = frame[list(parts)]
    codes = content_codes([part])
    _, first, counts = np.unique(codes, return_index=True, return_counts=True)
    order = np.argsort(first)
    name = " x ".join(parts)
    while name in taken:
        name += "'"
    table = part.iloc[first[order]].reset_index(drop=True)
    return Merged(name, Cells.of(table), counts[order])


def content_codes(frames: Sequence[pd.DataFrame]) -> IntArray:
    """Number the contents of rows, a missing cell being a content like others.

    Args:
        frames: Tables with the same columns, one below the other.

    Returns:
        (rows of all,) numbers from 0, the same for the same content.
    """
    joint = np.zeros(sum(map(len, frames)), dtype=np.int64)
    for name in frames[0]:
        cells = np.concatenate([as_objects(frame[name]) for frame in frames])
        part = pd.factorize(cells)[0] + 1
        joint = np.unique(joint * (int(part.max(initial=0)) + 1) + part, return_inverse=True)[1]
    return joint


def _matching(
    known: pd.DataFrame, rows: pd.DataFrame, weights: IntArray, rng: np.random.Generator
) -> IntArray:
    """Draw for each row a known one of the same content, as often as weighted; -1 for none."""
    joint = content_codes([known, rows])
    of_known, of_rows = joint[: len(known)], joint[len(known) :]
    chosen = np.full(len(rows), -1, dtype=np.int64)
    for code in np.unique(of_rows):
        fits = np.flatnonzero((of_known == code) & (weights > 0))
        if len(fits):
            share: FloatArray = weights[fits] / weights[fits].sum()
            here = of_rows == code
            chosen[here] = rng.choice(fits, size=int(here.sum()), p=share)
    return chosen


def _objects(values: Sequence[object]) -> Array:
    array = np.empty(len(values), dtype=object)
    for place, value in enumerate(values):
        array[place] = value
    return array
