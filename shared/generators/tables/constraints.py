"""Constraints between columns, kept by construction where they can be and by rejection elsewhere.

Combinations, and what levels determine, become one column that the family learns; sums, and what
numbers determine, are computed afterwards; the rest is checked row by row within a budget.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pandas as pd

from scenara.shared.data import constraints as rules
from scenara.shared.data.column import BOUNDED, LEVELLED, Column, Kind
from scenara.shared.data.constraint import Constraint
from scenara.shared.data.constraints import Combinations, Dependency, Total, Unique
from scenara.shared.data.schema import Schema
from scenara.shared.data.validate import is_possible
from scenara.shared.features.states import pack, unpack
from scenara.shared.features.storage import Storage
from scenara.shared.generators.tables.computing import Lookup, Sum, fit_lookup, fit_sum
from scenara.shared.generators.tables.conditions import Condition, Conditions
from scenara.shared.generators.tables.merging import Cells, Merged, merge
from scenara.shared.types import Array

__all__ = ["Rules", "fit_rules"]

TRIES, TRIED_ROWS = 10, 2_000
NOTHING = Cells((), (), (), ())


@dataclass(frozen=True, eq=False)
class Rules:
    """Know how to leave constraints out of what a family learns, and how to bring them back.

    Args:
        schema: The table, with its constraints.
        constants: One row of the columns under constraints that never change.
        merged: Columns learned as one.
        computed: Columns computed from others, in an order in which it can be done.
        lookups: Dependencies that are checked, not computed.
        checks: Other constraints that are checked row by row.
        unique: Columns that are unique, alone or together.
    """

    schema: Schema
    constants: Cells = NOTHING
    merged: tuple[Merged, ...] = ()
    computed: tuple[Sum | Lookup, ...] = ()
    lookups: tuple[Lookup, ...] = ()
    checks: tuple[Constraint, ...] = ()
    unique: tuple[Unique, ...] = ()

    @property
    def made(self) -> tuple[str, ...]:
        """Give the columns that the family does not learn as they are."""
        parts = (name for item in self.merged for name in item.parts)
        return (*parts, *(item.makes for item in self.computed))

    @property
    def columns(self) -> tuple[Column, ...]:
        """Describe what there is to learn: no identifiers, merged columns in place of parts."""
        first = {item.parts[0]: item.column for item in self.merged}
        kept = (first.get(c.name, None if c.name in self.made else c) for c in self.schema)
        return tuple(c for c in kept if c is not None and c.kind is not Kind.IDENTIFIER)

    def reduce(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Give the columns that there is something to learn of.

        Args:
            frame: Rows of the table, (rows, columns); not changed.
        """
        if not self.made:
            return frame[[column.name for column in self.columns]]
        merged = {item.name: item.reduce(frame).set_axis(frame.index) for item in self.merged}
        return pd.DataFrame(
            {c.name: merged.get(c.name, frame.get(c.name)) for c in self.columns},
            index=frame.index,
        )

    def translate(self, asked: Conditions, core: Schema | None) -> Conditions:
        """Say what is asked of the table as something asked of the columns learned.

        Args:
            asked: What is asked of the columns of the table.
            core: The columns learned.

        Raises:
            ConfigError: No combination seen does what is asked.
        """
        found = {item.name: item.translate(asked) for item in self.merged}
        if not self.made or core is None:
            return asked
        of: dict[str, Condition] = {k: v for k, v in asked.items() if k not in self.made}
        of |= {name: condition for name, condition in found.items() if condition is not None}
        for item in self.computed:
            hint = item.hint(asked.get(item.makes), self.schema.by_name)
            if hint is not None and hint.column in core and hint.column not in of:
                of[hint.column] = hint
        return Conditions({name: of[name] for name in of if name in core}, core)

    def complete(
        self,
        frame: pd.DataFrame,
        asked: Conditions,
        rng: np.random.Generator,
        *,
        gaps: bool = True,
    ) -> pd.DataFrame:
        """Give rows of the table from rows of the columns learned.

        Args:
            frame: Rows that a family made, (rows, columns learned).
            asked: What is asked of the columns of the table.
            rng: Stream.
            gaps: Whether computed cells are missing as often as they were.

        Returns:
            The rows without identifiers and without constants that no constraint names.
        """
        whole = frame.reset_index(drop=True)
        for item in self.merged:
            if item.name in whole:
                parts = item.complete(whole[item.name])
                whole = pd.concat([whole.drop(columns=item.name), parts], axis=1)
        whole = self._with_constants(whole)
        for computed in self.computed:
            whole = computed.complete(whole, asked.get(computed.makes), rng, gaps=gaps)
        return whole

    def drop_constants(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Leave out the constants that :meth:`complete` put in."""
        return frame.drop(columns=list(self.constants.names)) if self.constants.names else frame

    def hold(self, frame: pd.DataFrame) -> Array:
        """Say for each row whether it keeps what can be seen in the row itself.

        Args:
            frame: Rows of the table, (rows, columns); identifiers may be missing.
        """
        good = np.ones(len(frame), dtype=bool)
        for _, holds in self.tests(frame):
            good &= holds
        return good

    def tests(self, frame: pd.DataFrame) -> Iterator[tuple[str, Array]]:
        """Go through what can be seen in a row itself, in words, with the rows that keep it.

        Args:
            frame: Rows of the table, (rows, columns); identifiers may be missing.
        """
        columns = self.schema.by_name
        for rule in self.checks:
            yield rule.in_words, rule.holds(frame, columns)
        for lookup in self.lookups:
            yield lookup.rule.in_words, lookup.holds(frame)
        for computed in self.computed:
            values, column = frame[computed.makes], columns[computed.makes]
            if column.kind in BOUNDED:
                absent = values.isna().to_numpy(dtype=bool)
                where = f"{computed.rule.in_words} within the bounds of {computed.makes}"
                yield where, is_possible(values, column) | absent
            if isinstance(computed, Sum):
                yield computed.rule.in_words, computed.rule.holds(frame, columns)

    def impute(
        self,
        frame: pd.DataFrame,
        draw: Callable[[pd.DataFrame], pd.DataFrame],
        rng: np.random.Generator,
    ) -> pd.DataFrame:
        """Fill missing cells so that constraints hold, where the cells that are there let them.

        Args:
            frame: Rows of the table without identifiers, (rows, columns); not changed.
            draw: Fills rows of the columns learned.
            rng: Stream.

        Returns:
            The rows, with the index of ``frame``.
        """
        rows = frame.reset_index(drop=True)
        filled = self._imputed(rows, draw, rng)
        incomplete = rows.isna().any(axis=1).to_numpy()
        for _ in range(TRIES):
            bad = np.flatnonzero(incomplete & ~self.hold(filled))
            if not len(bad):
                break
            tried = np.repeat(bad, max(1, TRIED_ROWS // len(bad)))
            again = self._imputed(rows.iloc[tried].reset_index(drop=True), draw, rng)
            good = np.flatnonzero(self.hold(again))
            mended, first = np.unique(tried[good], return_index=True)
            better = again.iloc[good[first]].set_axis(mended)
            filled = pd.concat([filled.drop(index=pd.Index(mended)), better]).sort_index()
        return filled.set_axis(frame.index)

    def scorable(self, frame: pd.DataFrame) -> tuple[pd.DataFrame, Array]:
        """Give rows of the columns learned, and which rows keep the constraints.

        Args:
            frame: Rows of the table, (rows, columns).

        Returns:
            The rows, with some known combination where theirs is not; (rows,) booleans.
        """
        core, possible = self.reduce(frame), self.hold(frame)
        for item in self.merged:
            known = core[item.name].notna().to_numpy(dtype=bool)
            core[item.name] = core[item.name].where(known, "0")
            possible &= known
        return core, possible

    def state(self) -> Any:  # noqa: ANN401  (nested lists with arrays as leaves)
        """Give what was learned as JSON values with arrays as leaves."""
        return pack(tuple(getattr(self, name) for name in _KEPT))

    @classmethod
    def from_state(cls, schema: Schema, state: Any) -> Self:  # noqa: ANN401  (what state gave)
        """Make the rules from what :meth:`state` gave.

        Args:
            schema: The table, with its constraints.
            state: The state, perhaps after a way through the artifact store.
        """
        return cls(schema, *unpack(state, _types()))

    def _imputed(
        self,
        rows: pd.DataFrame,
        draw: Callable[[pd.DataFrame], pd.DataFrame],
        rng: np.random.Generator,
    ) -> pd.DataFrame:
        narrowed = rows
        for item in (*self.computed[::-1], *self.merged):
            narrowed = item.fill(narrowed, rng)
        drawn = draw(self.reduce(narrowed)).reset_index(drop=True)
        whole = self.complete(drawn, Conditions(), rng, gaps=False)
        filled = {name: rows[name].where(rows[name].notna(), whole.get(name)) for name in rows}
        return pd.DataFrame(filled)

    def _with_constants(self, frame: pd.DataFrame) -> pd.DataFrame:
        if not self.constants.names:
            return frame
        rows = np.zeros(len(frame), dtype=np.int64)
        return pd.concat([frame, self.constants.frame.iloc[rows].reset_index(drop=True)], axis=1)


_KEPT = ("constants", "merged", "computed", "lookups", "checks", "unique")


def fit_rules(schema: Schema, frame: pd.DataFrame, *, constant: Iterable[str] = ()) -> Rules:
    """Decide how each constraint is kept, and learn what that needs.

    Args:
        schema: The table, with its constraints.
        frame: The rows learned from, which keep them.
        constant: Columns with one content.
    """
    unique = _unique_rules(schema)
    if not schema.constraints:
        return Rules(schema, unique=unique)
    named = {name for rule in schema.constraints for name in rule.columns}
    still = [name for name in schema.names if name in named and name in set(constant)]
    merged = _merged(schema, frame, still)
    fixed = {*still, *(name for item in merged for name in item.parts)}
    computing, checking = _plan(schema, merged, fixed)
    free = set(schema.names) - fixed - {item.columns[0] for item in computing}
    made = tuple(
        fit_sum(rule, frame, schema.by_name, movable=sorted(free))
        if isinstance(rule, Total)
        else fit_lookup(rule, frame, schema.by_name)
        for rule in computing
    )
    dependencies = [rule for rule in checking if isinstance(rule, Dependency)]
    return Rules(
        schema,
        constants=Cells.of(frame[still].iloc[:1].reset_index(drop=True)) if still else NOTHING,
        merged=merged,
        computed=made,
        lookups=tuple(fit_lookup(rule, frame, schema.by_name) for rule in dependencies),
        checks=tuple(rule for rule in checking if not isinstance(rule, Dependency)),
        unique=unique,
    )


def _merged(schema: Schema, frame: pd.DataFrame, still: Sequence[str]) -> tuple[Merged, ...]:
    """Join the columns of all constraints that are kept by learning them as one."""
    groups: list[set[str]] = []
    for rule in schema.constraints:
        if not _is_kept_by_merging(rule, schema, still):
            continue
        group = set(rule.columns) - set(still)
        touching = [other for other in groups if other & group]
        groups = [other for other in groups if not other & group]
        groups.append(group.union(*touching))
    found: list[Merged] = []
    taken = [*schema.names]
    for group in groups:
        parts = [name for name in schema.names if name in group]
        if parts:
            found.append(merge(frame, parts, taken=taken))
            taken.append(found[-1].name)
    return tuple(found)


def _is_kept_by_merging(rule: Constraint, schema: Schema, still: Sequence[str]) -> bool:
    if isinstance(rule, Combinations):
        return True
    if not isinstance(rule, Dependency):
        return False
    names = [name for name in rule.determinants if name not in still]
    return all(schema[name].kind in LEVELLED for name in names)


def _plan(
    schema: Schema, merged: Sequence[Merged], fixed: set[str]
) -> tuple[list[Total | Dependency], list[Constraint]]:
    """Say which constraints compute a column, in order, and which are checked.

    A column that is fixed or computed already, or would be computed from itself, is checked.
    """
    groups = [set(item.parts) for item in merged]
    computing: list[Total | Dependency] = []
    checking: list[Constraint] = []
    needs: dict[str, set[str]] = {}
    for rule in schema.constraints:
        if isinstance(rule, (Combinations, Unique)):
            continue
        if isinstance(rule, Dependency) and any(set(rule.columns) <= group for group in groups):
            continue
        is_computing = isinstance(rule, (Total, Dependency)) and not (
            rule.columns[0] in fixed
            or rule.columns[0] in needs
            or rule.columns[0] in _ancestors(rule.columns[1:], needs)
        )
        if is_computing and isinstance(rule, (Total, Dependency)):
            computing.append(rule)
            needs[rule.columns[0]] = set(rule.columns[1:])
        else:
            checking.append(rule)
    return _ordered(computing, needs), checking


def _ancestors(names: Iterable[str], needs: dict[str, set[str]]) -> set[str]:
    found: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting.extend(needs.get(name, ()))
    return found


def _ordered(
    computing: Sequence[Total | Dependency], needs: dict[str, set[str]]
) -> list[Total | Dependency]:
    """Put what is computed before what is computed from it."""
    depth = {rule: len(_ancestors(rule.columns[1:], needs) & needs.keys()) for rule in computing}
    return sorted(computing, key=lambda rule: depth[rule])


def _unique_rules(schema: Schema) -> tuple[Unique, ...]:
    """Give the keys to watch; those with an identifier are unique as they are made."""
    rules = [rule for rule in schema.constraints if isinstance(rule, Unique)]
    rules += [Unique((column.name,)) for column in schema if column.unique]
    own = {column.name for column in schema if column.kind is Kind.IDENTIFIER}
    return tuple(dict.fromkeys(rule for rule in rules if not own & set(rule.of)))


def _types() -> dict[str, type]:
    kept = (Cells, Merged, Sum, Lookup, Storage)
    named = (getattr(rules, name) for name in rules.__all__)
    return {
        **{cls.__name__: cls for cls in kept},
        **{cls.__name__: cls for cls in named if isinstance(cls, type)},
    }
