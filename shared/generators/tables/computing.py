"""Columns that are not learned but computed from others: sums, and what others determine."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from scenara.shared.data.column import BOUNDED
from scenara.shared.data.constraint import Columns, measured
from scenara.shared.data.constraints import Dependency, Total
from scenara.shared.data.plain import as_numbers, as_objects, as_seconds, family
from scenara.shared.features.lattice import decimal_places
from scenara.shared.features.storage import Storage
from scenara.shared.generators.tables.conditions import Condition
from scenara.shared.generators.tables.merging import Cells, content_codes
from scenara.shared.types import Array, FloatArray, IntArray

__all__ = ["Lookup", "Sum", "fit_lookup", "fit_sum"]

FAR = 1e6
"""Distance between levels, far above that between any two numbers."""
WINDOW = 0.02
"""Distance over which a row may be moved to a sum asked for, as a share of the sums' spread."""


@dataclass(frozen=True, eq=False)
class Sum:
    """Compute a total from its parts.

    Args:
        rule: The constraint.
        storage: How the total is stored.
        places: Decimals that totals are rounded to; None for real numbers.
        missing: Share of missing totals in rows whose parts are all there, and in others.
        window: Farthest that a row is moved to reach a total asked for.
        mover: The part that is moved, "" for none.
        range: Least and greatest value of that part.
        whole: Whether that part is a whole number.
    """

    rule: Total
    storage: Storage
    places: int | None
    missing: tuple[float, float]
    window: float
    mover: str
    range: tuple[float, float]
    whole: bool

    @property
    def makes(self) -> str:
        """Give the column computed."""
        return self.rule.total

    @property
    def needs(self) -> tuple[str, ...]:
        """Give the columns that it is computed from."""
        return self.rule.parts

    def complete(
        self,
        frame: pd.DataFrame,
        asked: Condition | None,
        rng: np.random.Generator,
        *,
        gaps: bool = True,
    ) -> pd.DataFrame:
        """Give the rows with the total; rows near a total asked for are moved to it.

        Args:
            frame: Rows with the parts, (rows, columns).
            asked: What is asked of the total.
            rng: Stream.
            gaps: Whether totals are missing as often as they were.
        """
        if asked is not None and asked.any_of and self.mover:
            frame = self._moved(frame, np.asarray(asked.any_of, dtype=np.float64))
        parts = np.column_stack([as_numbers(frame[name]) for name in self.rule.parts])
        incomplete = np.isnan(parts).any(axis=1)
        total = np.nansum(parts, axis=1)
        if self.places is not None:
            total = np.round(total, self.places)
        share = np.where(incomplete, self.missing[1], self.missing[0]) * gaps
        absent = rng.random(len(frame)) < share
        return frame.assign(**{self.makes: _stored(total, absent, self.storage)})

    def hint(self, asked: Condition | None, columns: Columns) -> Condition | None:
        """Say nothing: no single part of a sum follows from it."""
        return None

    def fill(self, frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
        """Fill the one part that is missing where the total and the other parts are there.

        Args:
            frame: Rows with total and parts, (rows, columns); not changed.
            rng: Not used.
        """
        parts = pd.DataFrame({name: as_numbers(frame[name]) for name in self.needs})
        rest = as_numbers(frame[self.makes]) - parts.sum(axis=1).to_numpy()
        if self.places is not None:
            rest = np.round(rest, self.places)
        alone = parts.isna().sum(axis=1).to_numpy() == 1
        filled = {}
        for name in self.needs:
            numbers = parts[name].to_numpy()
            solved = np.where(np.isnan(numbers) & alone, rest, numbers)
            if not np.array_equal(solved, numbers, equal_nan=True):
                filled[name] = _stored(solved, np.isnan(solved), Storage.of(frame[name]))
        return frame.assign(**filled)

    def _moved(self, frame: pd.DataFrame, targets: FloatArray) -> pd.DataFrame:
        numbers = {name: as_numbers(frame[name]) for name in self.rule.parts}
        total = np.sum(list(numbers.values()), axis=0)
        nearest = targets[np.abs(total[:, None] - targets[None, :]).argmin(axis=1)]
        gap = nearest - total
        moved = numbers[self.mover] + gap
        if self.places is not None:
            moved = np.round(moved, self.places)
        good = (np.abs(gap) <= self.window) & (moved >= self.range[0]) & (moved <= self.range[1])
        if self.whole:
            good &= np.mod(np.where(good, moved, 0.0), 1) == 0
        values = np.where(good, moved, numbers[self.mover])
        absent = np.isnan(values)
        storage = Storage.of(frame[self.mover])
        return frame.assign(**{self.mover: _stored(values, absent, storage)})


@dataclass(frozen=True, eq=False)
class Lookup:
    """Look a column up by the columns that determine it, at the nearest content seen.

    Args:
        rule: The constraint.
        cells: Each content of the determinants that was seen, with the dependent column.
        levelled: The determinants that are not measured.
        spread: Scale of each determinant that is measured, in order.
        absent: Cells of the dependent column in rows that miss a determinant.
        missing: Share of missing cells of the dependent column elsewhere.
    """

    rule: Dependency
    cells: Cells
    levelled: tuple[str, ...]
    spread: tuple[float, ...]
    absent: Cells
    missing: float

    @property
    def makes(self) -> str:
        """Give the column computed."""
        return self.rule.dependent

    @property
    def needs(self) -> tuple[str, ...]:
        """Give the columns that it is computed from."""
        return self.rule.determinants

    def complete(
        self,
        frame: pd.DataFrame,
        asked: Condition | None,
        rng: np.random.Generator,
        *,
        gaps: bool = True,
    ) -> pd.DataFrame:
        """Give the rows with the dependent column.

        Args:
            frame: Rows with the determinants, (rows, columns).
            asked: Not used; rows that don't do what is asked are rejected by the caller.
            rng: Stream.
            gaps: Whether cells are missing as often as they were.
        """
        known, spare = self.cells.frame[self.makes], self.absent.frame[self.makes]
        places = self._places(frame)
        lost = places < 0
        cells = as_objects(known)[np.where(lost, 0, places)]
        if lost.any() and len(spare):
            cells[lost] = as_objects(spare)[rng.integers(len(spare), size=int(lost.sum()))]
        gone = pd.isna(cells) | (~lost & (rng.random(len(frame)) < self.missing * gaps))
        storage = self.cells.storages[self.cells.names.index(self.makes)]
        return frame.assign(**{self.makes: storage.rebuild(cells[~gone], gone)})

    def holds(self, frame: pd.DataFrame) -> Array:
        """Say for each row whether its dependent cell is the one that was seen.

        Args:
            frame: Rows with all columns of the rule, (rows, columns).
        """
        places = self._places(frame)
        seen = self.cells.frame[[self.makes]].iloc[np.maximum(places, 0)]
        both = content_codes([seen, frame[[self.makes]]])
        same: Array = both[: len(frame)] == both[len(frame) :]
        return same | (places < 0) | frame[self.makes].isna().to_numpy(dtype=bool)

    def fill(self, frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
        """Give the rows as they are: what is missing is looked up when they are complete."""
        return frame

    def hint(self, asked: Condition | None, columns: Columns) -> Condition | None:
        """Say within which numbers a single determinant has to lie for what is asked.

        Args:
            asked: What is asked of the dependent column.
            columns: What the columns are.

        Returns:
            A range that holds all contents seen that lead to what is asked; None if unknown.
        """
        if asked is None or len(self.needs) > 1 or self.levelled:
            return None
        good = asked.holds(self.cells.frame[self.makes], columns[self.makes])
        if not good.any() or asked.missing:
            return None
        numbers = measured(self.cells.frame[self.needs[0]], columns[self.needs[0]])[good]
        return Condition(self.needs[0], low=float(numbers.min()), high=float(numbers.max()))

    def _places(self, frame: pd.DataFrame) -> IntArray:
        """Give the nearest content seen of each row, -1 where a determinant is missing."""
        points = self._points(frame)
        places = np.full(len(frame), -1, dtype=np.int64)
        there = np.isfinite(points).all(axis=1)
        places[there] = self._tree.query(points[there])[1]
        return places

    @cached_property
    def _tree(self) -> cKDTree:
        return cKDTree(self._points(self.cells.frame))

    def _points(self, frame: pd.DataFrame) -> FloatArray:
        """Place rows in a space in which the same level counts before any nearness of numbers."""
        axes, spread = [], iter(self.spread)
        for name in self.needs:
            if name in self.levelled:
                levels = pd.Index(pd.unique(as_objects(self.cells.frame[name])))
                codes = levels.get_indexer(pd.Index(as_objects(frame[name]))) * FAR
                axes.append(np.where(frame[name].isna().to_numpy(dtype=bool), np.nan, codes))
            else:
                axes.append(_plain_numbers(frame[name]) / next(spread))
        return np.column_stack(axes)


def fit_sum(rule: Total, frame: pd.DataFrame, columns: Columns, *, movable: Sequence[str]) -> Sum:
    """Learn how totals are rounded and when they are missing.

    Args:
        rule: The constraint.
        frame: The table, (rows, columns).
        columns: What the columns are.
        movable: Parts that may be changed to reach a total asked for.
    """
    numbers = as_numbers(frame[rule.total])
    parts = {name: as_numbers(frame[name]) for name in rule.parts}
    incomplete = np.isnan(np.column_stack(list(parts.values()))).any(axis=1)
    gone = np.isnan(numbers)
    known = numbers[~gone]
    spreads = {name: float(np.nanstd(parts[name])) for name in rule.parts if name in movable}
    mover = max(spreads, key=lambda name: spreads[name]) if spreads else ""
    moved = parts.get(mover, np.zeros(1))
    return Sum(
        rule=rule,
        storage=Storage.of(frame[rule.total]),
        places=decimal_places(np.unique(known)) if len(known) else None,
        missing=(_share(gone[~incomplete]), _share(gone[incomplete])),
        window=WINDOW * float(np.std(known)) if len(known) else 0.0,
        mover=mover,
        range=(float(np.nanmin(moved)), float(np.nanmax(moved))),
        whole=bool(mover) and str(columns[mover].kind) == "integer",
    )


def fit_lookup(rule: Dependency, frame: pd.DataFrame, columns: Columns) -> Lookup:
    """Learn what determines what.

    Args:
        rule: The constraint.
        frame: The table, (rows, columns).
        columns: What the columns are.
    """
    determinants = list(rule.determinants)
    lost = frame[determinants].isna().any(axis=1).to_numpy(dtype=bool)
    gone = frame[rule.dependent].isna().to_numpy(dtype=bool)
    seen = frame.loc[~lost, [*determinants, rule.dependent]]
    # Rows with a dependent cell come first, so that each content keeps one if there is any.
    order = np.argsort(gone[~lost], kind="stable")
    codes = content_codes([seen[determinants]])[order]
    first = order[np.sort(np.unique(codes, return_index=True)[1])]
    measures = [name for name in determinants if columns[name].kind in BOUNDED]
    return Lookup(
        rule=rule,
        cells=Cells.of(seen.iloc[first].reset_index(drop=True)),
        levelled=tuple(name for name in determinants if name not in measures),
        spread=tuple(float(np.ptp(_plain_numbers(seen[name]))) or 1.0 for name in measures),
        absent=Cells.of(frame.loc[lost, [rule.dependent]].reset_index(drop=True)),
        missing=_share(gone[~lost]),
    )


def _plain_numbers(values: pd.Series) -> FloatArray:
    return as_seconds(values) if family(values) in ("date-time", "string") else as_numbers(values)


def _share(flags: Array) -> float:
    return float(flags.mean()) if len(flags) else 0.0


def _stored(numbers: FloatArray, absent: Array, storage: Storage) -> pd.Series:
    kept: Array = numbers[~absent]
    dtype = getattr(storage.dtype, "numpy_dtype", storage.dtype)
    if isinstance(dtype, np.dtype) and dtype.kind in "iu":
        limits = np.iinfo(dtype)
        kept = np.clip(np.rint(kept), float(limits.min), float(limits.max)).astype(dtype)
    return storage.rebuild(kept, absent)
