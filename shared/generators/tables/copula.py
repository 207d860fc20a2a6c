"""A Gaussian copula over empirical margins: the baseline that knows every margin and no more."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import numpy as np
import pandas as pd
from scipy.special import ndtri

from scenara.shared.data.column import BOUNDED, Column
from scenara.shared.data.schema import Schema
from scenara.shared.errors import ConfigError
from scenara.shared.features import Coded, TableEncoder, join_state, split_state
from scenara.shared.features.storage import Series
from scenara.shared.generators.tables.base import TableGenerator
from scenara.shared.generators.tables.conditions import Conditions
from scenara.shared.generators.tables.gaussian import draw_given, fit_correlation, sweep
from scenara.shared.generators.tables.latents import Margin, intervals_of
from scenara.shared.generators.tables.ranked import Contents, cells_of, rank_columns
from scenara.shared.progress import Progress
from scenara.shared.store import State
from scenara.shared.types import FloatArray, IntArray

__all__ = ["CopulaTable"]

IMPUTING_SWEEPS = 20


class CopulaTable(TableGenerator):
    """Tie the empirical margins of all columns together by one correlation matrix.

    Behind each column stands a normal variable, z ~ N(0, R); the cell is the quantile of the
    column's margin at the probability of z. A level, a spike or a rounded number owns an interval
    of z; levels of a category are put in the order in which their rows are alike. A second
    variable says whether the cell is missing. R is estimated from the intervals (polychoric where
    columns have levels), so that coarse columns don't look less dependent than they are.

    Given any columns, the law of the others is exact for one condition and weighed draws for
    several; any number can be asked for, seen or not. Missing cells are filled from their law
    given the row. What can't be said by pairs and in one direction is lost: interactions, and
    ties that rise and fall.

    Args:
        n_sweeps: Rounds of the estimation.
        max_rows: Rows that the correlation is estimated on; margins are counted on all.
        random_state: Seed of the estimation.

    Example:
        >>> frame = pd.DataFrame({"age": range(20, 60), "smoker": [False] * 20 + [True] * 20})
        >>> rows = CopulaTable().fit(frame).sample(100, given={"smoker": True}, random_state=0)
        >>> bool(rows["age"].mean() > 45)
        True

    References:
        Hoff, 2007, Extending the rank likelihood for semiparametric copula estimation, Annals of
        Applied Statistics 1, https://doi.org/10.1214/07-AOAS107.
    """

    family: ClassVar[str] = "table/copula"
    can_impute: ClassVar[bool] = True

    def __init__(
        self, *, n_sweeps: int = 30, max_rows: int = 20_000, random_state: int = 0
    ) -> None:
        self.n_sweeps = n_sweeps
        self.max_rows = max_rows
        self.random_state = random_state

    def _fit(
        self, frame: pd.DataFrame, schema: Schema, *, progress: Progress, checkpoint: Path | None
    ) -> None:
        self._check_settings()
        rng = np.random.default_rng(self.random_state)
        self._encoder = TableEncoder(schema=schema, rare=0).fit(frame)
        self._contents, ranks = rank_columns(frame, schema, self._encoder)
        self._margins = [
            Margin.of(contents, ranks[:, place])
            for place, contents in enumerate(self._contents.values())
        ]
        if len(ranks) > self.max_rows:
            ranks = ranks[rng.choice(len(ranks), self.max_rows, replace=False)]
        known = intervals_of(self._margins, self._contents, ranks)
        self._correlation = fit_correlation(
            known, n_sweeps=self.n_sweeps, rng=rng, progress=progress
        )

    def _sample(self, n: int, given: Conditions, rng: np.random.Generator) -> pd.DataFrame:
        asked: dict[int, tuple[FloatArray, FloatArray]] = {}
        for column, start, margin in self._columns():
            if column.name in given:
                parts = margin.asked(given[column.name], self._contents[column.name], column)
                asked |= {start + k: part for k, part in enumerate(parts) if part is not None}
        latents = draw_given(self._correlation, n, asked, rng)
        return pd.DataFrame(
            {
                column.name: self._cells(
                    column, margin, latents[:, start : start + margin.width], given
                )
                for column, start, margin in self._columns()
            }
        )

    def _cells(
        self, column: Column, margin: Margin, latents: FloatArray, given: Conditions
    ) -> Series:
        """Decode a column; what is asked for by value is taken over and not decoded."""
        contents, encoder = self._contents[column.name], self._encoder.encoders_[column.name]
        place, inside, absent = margin.cells(latents)
        condition = given.get(column.name)
        by_value = condition is not None and condition.any_of and not condition.missing
        if condition is not None and by_value and column.kind in BOUNDED:
            numbers = margin.numbers(latents, np.array(sorted(condition.any_of or ())), contents)
            return cells_of(numbers, column, like=contents.cells)
        coded = contents.moved(np.where(absent, 0, place), inside, encoder.n_positioned_)
        return encoder.inverse(coded)

    def _impute(self, frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
        known = intervals_of(self._margins, self._contents, self._ranks(frame))
        values, loose = known.start(rng)
        bounds, precision = (ndtri(known.low), ndtri(known.high)), np.linalg.inv(self._correlation)
        for _ in range(IMPUTING_SWEEPS):
            sweep(values, bounds, loose, precision, rng)
        filled = {}
        for column, start, margin in self._columns():
            value = replace(margin, missing=0.0)
            latents = values[:, start : start + 1]
            filled[column.name] = self._cells(column, value, latents, Conditions())
        return pd.DataFrame(filled, index=frame.index)

    def _ranks(self, frame: pd.DataFrame) -> IntArray:
        return np.column_stack(
            [
                self._contents[column.name].places(frame[column.name], column)
                for column in self._encoder.schema_
            ]
        )

    def _columns(self) -> Iterator[tuple[Column, int, Margin]]:
        """Give each column with its first latent and its margin."""
        start = 0
        for column, margin in zip(self._encoder.schema_, self._margins, strict=True):
            yield column, start, margin
            start += margin.width

    def _check_settings(self) -> None:
        for name, least in (("n_sweeps", 2), ("max_rows", 20), ("random_state", 0)):
            value = getattr(self, name)
            if not isinstance(value, (int, np.integer)) or isinstance(value, bool) or value < least:
                raise ConfigError(f"{name}: expected a whole number from {least}, found {value!r}")

    def _state(self) -> State:
        values, kept = split_state(self._encoder.state())
        arrays = {f"encoder.{name}": array for name, array in kept.items()}
        arrays["correlation"] = self._correlation
        for place, (contents, margin) in enumerate(
            zip(self._contents.values(), self._margins, strict=True)
        ):
            arrays[f"column.{place}.codes"] = contents.coded.codes
            arrays[f"column.{place}.positions"] = contents.coded.positions
            arrays[f"column.{place}.edges"] = margin.edges
        missing = [margin.missing for margin in self._margins]
        return State({"encoder": values, "missing": missing}, arrays)

    def _restore(self, state: State) -> None:
        arrays, start = state.arrays, "encoder."
        kept = {k.removeprefix(start): v for k, v in arrays.items() if k.startswith(start)}
        self._encoder = TableEncoder.from_state(join_state(state.values["encoder"], kept))
        self._contents, self._margins = {}, []
        for place, column in enumerate(self._encoder.schema_):
            codes, positions, edges = (
                arrays[f"column.{place}.{part}"] for part in ("codes", "positions", "edges")
            )
            encoder = self._encoder.encoders_[column.name]
            self._contents[column.name] = Contents.of(Coded(codes, positions), encoder, column)
            self._margins.append(Margin(edges, state.values["missing"][place]))
        self._correlation = arrays["correlation"]
