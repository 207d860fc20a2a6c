"""Trees one column after the other: the classical baseline that holds neural families to account."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import ClassVar

import numpy as np
import pandas as pd

from scenara.shared.data.column import nearest
from scenara.shared.data.schema import Schema
from scenara.shared.errors import ConfigError
from scenara.shared.features import Coded, TableEncoder, join_state, split_state
from scenara.shared.features.storage import Series
from scenara.shared.generators.tables.base import TableGenerator
from scenara.shared.generators.tables.conditions import Conditions
from scenara.shared.generators.tables.ranked import Contents, rank_columns
from scenara.shared.generators.tables.sequential import draw_in_turn, grow_in_turn
from scenara.shared.generators.tables.trees import Growth, LeafTree, Splits
from scenara.shared.progress import Progress
from scenara.shared.store import State
from scenara.shared.tuning import Choice, Space, Whole
from scenara.shared.types import Array, IntArray

__all__ = ["CartTable"]


class CartTable(TableGenerator):
    """Draw each column from the rows that a decision tree finds alike in the columns before.

    The first column is drawn from its margin. Each other one has a tree on the columns before
    it; a new row falls into a leaf and takes the content of one of the training rows in it.
    Conditions are exact: a row is dropped with the chance that its leaf would have drawn something
    else, before the columns after it are drawn. On the column that comes first they cost nothing.

    What is kept are trees and, leaf by leaf, sorted contents, no rows; yet numbers are copied
    cell by cell, and small leaves copy people. ``min_leaf`` is the privacy dial, ``jitter`` makes
    numbers new.

    Args:
        min_leaf: Fewest training rows in a leaf: 5 is faithful, 40 and more is private.
        first: Columns to draw before the others, which keep the order of the table; name those
            that conditions will be put on.
        jitter: Ranks by which a drawn number is moved at most, up or down; 0 copies it.
        max_rows: Rows that trees are grown on; the others fill the leaves.
        random_state: Seed that breaks ties between equally good splits.

    Example:
        >>> frame = pd.DataFrame({"age": range(20, 60), "smoker": [False] * 20 + [True] * 20})
        >>> rows = CartTable().fit(frame).sample(50, given={"smoker": True}, random_state=0)
        >>> int(rows["age"].min())
        40

    References:
        Reiter, 2005, Using CART to generate partially synthetic public use microdata, Journal of
        Official Statistics 21. Nowok, Raab and Dibben, 2016, synthpop: bespoke creation of
        synthetic data in R, Journal of Statistical Software 74,
        https://doi.org/10.18637/jss.v074.i11.
    """

    family: ClassVar[str] = "table/cart"

    def __init__(
        self,
        *,
        min_leaf: int = 5,
        first: Sequence[str] = (),
        jitter: float = 0.0,
        max_rows: int = 100_000,
        random_state: int = 0,
    ) -> None:
        self.min_leaf = min_leaf
        self.first = first
        self.jitter = jitter
        self.max_rows = max_rows
        self.random_state = random_state

    @classmethod
    def search_space(cls) -> Mapping[str, Space]:
        """Give how the dial of privacy and the jitter may vary."""
        return {
            "min_leaf": Whole(5, 100, log=True),
            "jitter": Choice((0.0, 1.0, 2.0, 5.0)),
        }

    def _fit(
        self, frame: pd.DataFrame, schema: Schema, *, progress: Progress, checkpoint: Path | None
    ) -> None:
        growth = self._growth()
        self._check_first(schema)
        self._encoder = TableEncoder(schema=schema, rare=0).fit(frame)
        self._contents, ranks = rank_columns(frame, schema, self._encoder)
        self._trees = grow_in_turn(
            self._contents, ranks, schema, growth, first=self.first, progress=progress
        )

    def _sample(self, n: int, given: Conditions, rng: np.random.Generator) -> pd.DataFrame:
        schema = self._encoder.schema_
        allowed = {
            name: given[name].holds(contents.cells, schema[name])
            for name, contents in self._contents.items()
            if name in given
        }
        ranks = draw_in_turn(self._trees, n, allowed, rng)
        return pd.DataFrame({name: self._cells(name, ranks[name], rng) for name in self._contents})

    def _cells(
        self, name: str, ranks: IntArray, rng: np.random.Generator
    ) -> "pd.api.extensions.ExtensionArray | Series":
        contents, encoder = self._contents[name], self._encoder.encoders_[name]
        if not self.jitter or encoder.law != "normal":
            return contents.cells.array.take(ranks)
        shift = self.jitter * (2 * rng.random(len(ranks)) - 1)
        return encoder.inverse(contents.moved(ranks, shift, encoder.n_positioned_))

    def _growth(self) -> Growth:
        for name, least in (("min_leaf", 1), ("max_rows", 2), ("random_state", 0)):
            value = getattr(self, name)
            if not isinstance(value, (int, np.integer)) or isinstance(value, bool) or value < least:
                raise ConfigError(f"{name}: expected a whole number from {least}, found {value!r}")
        if not isinstance(self.jitter, (int, float)) or not 0 <= self.jitter < np.inf:
            raise ConfigError(f"jitter: expected a number of ranks from 0, found {self.jitter!r}")
        return Growth(int(self.min_leaf), int(self.max_rows), int(self.random_state))

    def _check_first(self, schema: Schema) -> None:
        if isinstance(self.first, str):
            raise ConfigError(f"first: expected a list of columns, found {self.first!r}")
        for name in self.first:
            if name not in schema:
                raise ConfigError(
                    f"first: no column {name!r} that varies{nearest(str(name), schema.names)}"
                )

    def _state(self) -> State:
        values, arrays = split_state(self._encoder.state())
        arrays = {f"encoder.{name}": array for name, array in arrays.items()}
        for place, name in enumerate(self._contents):
            coded, tree = self._contents[name].coded, self._trees[name]
            parts = {"codes": coded.codes, "positions": coded.positions, **asdict(tree.splits)}
            parts |= {"start": tree.start, "count": tree.count, "donors": tree.donors}
            arrays |= {f"column.{place}.{part}": array for part, array in parts.items()}
        return State({"encoder": values, "order": list(self._trees)}, arrays)

    def _restore(self, state: State) -> None:
        start = "encoder."
        kept = {k.removeprefix(start): v for k, v in state.arrays.items() if k.startswith(start)}
        self._encoder = TableEncoder.from_state(join_state(state.values["encoder"], kept))
        schema, trees = self._encoder.schema_, {}
        self._contents = {}
        for place, column in enumerate(schema):
            coded, trees[column.name] = _column_from(state.arrays, f"column.{place}.")
            encoder = self._encoder.encoders_[column.name]
            self._contents[column.name] = Contents.of(coded, encoder, column)
        self._trees = {name: trees[name] for name in state.values["order"]}


def _column_from(arrays: Mapping[str, Array], start: str) -> tuple[Coded, LeafTree]:
    part = {k.removeprefix(start): v for k, v in arrays.items() if k.startswith(start)}
    splits = Splits(*(part[name] for name in ("feature", "threshold", "left", "right")))
    tree = LeafTree(splits, *(part[name] for name in ("start", "count", "donors")))
    return Coded(part["codes"], part["positions"]), tree
