"""What is kept of a table beside what its family learns: constant columns, identifiers, rules."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pandas as pd

from scenara.shared.data.schema import Column, Kind, Schema
from scenara.shared.engine import Shard, cut
from scenara.shared.errors import DataError
from scenara.shared.features import TableEncoder, join_state, split_state
from scenara.shared.generators.tables.balance import allotted
from scenara.shared.generators.tables.conditions import Conditions, Seen, observe, read_conditions
from scenara.shared.generators.tables.constraints import Rules, fit_rules
from scenara.shared.generators.tables.keeping import portioned
from scenara.shared.generators.tables.prefixes import below, prefixed
from scenara.shared.store import State

__all__ = ["Balance", "Outline"]

_OUTER, _RULES = "outer.", "rules."
Balance = str | Mapping[str, Mapping[Any, float]] | None


@dataclass(frozen=True, eq=False)
class Outline:
    """Hold what a generator knows of a table beside what its family learns.

    Args:
        schema: What each column is.
        seen: Contents of each column but identifiers.
        rules: The constraints, and the columns that they leave to learn.
        core: The columns that the family learns; None if no column varies.
        fixed: Writes identifiers and columns with one single content; None if there are none.
    """

    schema: Schema
    seen: Mapping[str, Seen]
    rules: Rules
    core: Schema | None
    fixed: TableEncoder | None

    @classmethod
    def of(cls, frame: pd.DataFrame, schema: Schema) -> Self:
        """Part what there is something to learn of from the rest.

        Args:
            frame: The table, (rows, columns).
            schema: What each column is.
        """
        seen = {c.name: observe(frame[c.name], c) for c in schema if c.kind is not Kind.IDENTIFIER}
        constant = [name for name in seen if not _varies(seen[name])]
        fixed = [c for c in schema if c.name not in seen or c.name in constant]
        rules = fit_rules(schema, frame, constant=constant)
        core = _core(rules, [c.name for c in rules.columns if c.name not in constant])
        return cls(schema, seen, rules, core, _fitted_fixed(frame, fixed))

    @property
    def core_names(self) -> list[str]:
        """Name the columns that the family learns."""
        return [] if self.core is None else list(self.core.names)

    def known_columns(self, data: object) -> pd.DataFrame:
        """Give the columns learned from, identifiers left out.

        Args:
            data: Rows to fill or to score, (rows, columns).

        Raises:
            DataError: It is no table, or lacks a column.
        """
        if not isinstance(data, pd.DataFrame):
            raise DataError(f"expected a pandas DataFrame, found {type(data).__name__}")
        lacking = [name for name in self.schema.names if name not in data.columns]
        if lacking:
            raise DataError(f"column {lacking[0]!r} is missing; it was there when fitting")
        return data[[c.name for c in self.schema if c.kind is not Kind.IDENTIFIER]]

    def pieces(
        self, n: int, given: Mapping[str, Any] | None, balance: Balance, *, entropy: int, size: int
    ) -> list[tuple[Shard, Conditions]]:
        """Cut a request into shards, each with the conditions of its rows.

        Args:
            n: Number of rows.
            given: What every row fulfils.
            balance: Which values are to occur how often.
            entropy: Seed of the request.
            size: Rows of a shard.

        Raises:
            ConfigError: An argument is not known, or a condition was never seen when fitting.
        """
        pieces: list[tuple[Shard, Conditions]] = []
        start = 0
        for count, wanted in allotted(n, given, balance, self.schema, self.seen):
            asked = read_conditions(wanted, self.schema, self.seen)
            for shard in cut(count, size=size, random_state=entropy):
                number, first = len(pieces), start + shard.start
                pieces.append((Shard(number, first, shard.size, entropy), asked))
            start += count
            self.rules.translate(asked, self.core)
        return portioned(pieces) if self.rules.unique else pieces

    def fixed_rows(self, shard: Shard, rng: np.random.Generator) -> pd.DataFrame:
        """Write identifiers and columns with one single content.

        Args:
            shard: Which rows; identifiers hang on their numbers.
            rng: Stream of the shard.

        Returns:
            (rows, columns not learned).
        """
        if self.fixed is None:
            return pd.DataFrame(index=range(shard.size))
        blank = np.zeros((shard.size, self.fixed.layout_.width))
        return self.fixed.inverse(blank, random_state=rng, first_row=shard.start)

    def state(self) -> State:
        """Give the outline as plain values and arrays, named apart from those of a family."""
        fixed, kept = (None, {}) if self.fixed is None else split_state(self.fixed.state())
        outer = {
            "schema": self.schema.to_dict(),
            "core": self.core_names,
            "seen": {name: _seen_to_plain(seen) for name, seen in self.seen.items()},
            "fixed": fixed,
        }
        outer["rules"], held = split_state(self.rules.state())
        return State(
            values={"outer": outer}, arrays={**prefixed(_OUTER, kept), **prefixed(_RULES, held)}
        )

    @classmethod
    def from_state(cls, state: State) -> Self:
        """Take up an outline again.

        Args:
            state: Holds, among what a family learned, what ``state`` gave.
        """
        outer, fixed = state.values["outer"], state.values["outer"]["fixed"]
        schema = Schema.from_dict(outer["schema"])
        rules = Rules.from_state(schema, join_state(outer["rules"], below(_RULES, state.arrays)))
        if fixed is not None:
            fixed = TableEncoder.from_state(join_state(fixed, below(_OUTER, state.arrays)))
        seen = {name: _seen_from_plain(value) for name, value in outer["seen"].items()}
        return cls(schema, seen, rules, _core(rules, outer["core"]), fixed)


def _varies(seen: Seen) -> bool:
    contents = len(seen.levels) + seen.missing
    if seen.low is not None:
        contents += 1 + (seen.high != seen.low)
    return contents > 1


def _core(rules: Rules, names: list[str]) -> Schema | None:
    columns = tuple(c for c in rules.columns if c.name in names)
    return Schema(columns) if columns else None


def _fitted_fixed(frame: pd.DataFrame, columns: list[Column]) -> TableEncoder | None:
    if not columns:
        return None
    schema = Schema(tuple(columns))
    return TableEncoder(schema=schema, rare=0).fit(frame[list(schema.names)])


def _seen_to_plain(seen: Seen) -> dict[str, Any]:
    plain = {"levels": list(seen.levels), "low": seen.low, "high": seen.high}
    return {**plain, "missing": seen.missing}


def _seen_from_plain(value: Mapping[str, Any]) -> Seen:
    return Seen(tuple(value["levels"]), value["low"], value["high"], value["missing"])
