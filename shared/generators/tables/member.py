"""One table among related ones: its rows, their keys, how many children each has and of what kind."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from scenara.shared.data.column import Column, Kind
from scenara.shared.data.constraints import Unique
from scenara.shared.data.relations import Relation
from scenara.shared.data.schema import Schema
from scenara.shared.errors import SchemaError
from scenara.shared.features import TableEncoder
from scenara.shared.features.storage import Storage
from scenara.shared.generators.tables.base import TableGenerator
from scenara.shared.generators.tables.contexts import Context
from scenara.shared.types import Array, IntArray

__all__ = ["CONTEXT", "Member", "Rows", "draw_children", "plan_member"]

CONTEXT = "(context)"
LEAST_POOL = 50
MOST_POOL = 5_000


@dataclass(frozen=True, eq=False)
class Rows:
    """Hold the rows of one table while related tables are written.

    Args:
        content: Columns of the rows, numbers of children among them, (rows, columns).
        about: What children see: the content, and that of the ancestors, (rows, columns).
    """

    content: pd.DataFrame
    about: pd.DataFrame

    @classmethod
    def of(
        cls, name: str, content: pd.DataFrame, above: "Rows | None", owner_of: IntArray | None
    ) -> "Rows":
        """Join the rows of a table to what they see of their ancestors.

        Args:
            name: Name of the table.
            content: Columns of its rows, (rows, columns).
            above: The rows of its parent; None for a root.
            owner_of: Row of each row's parent, (rows,); None for a root.
        """
        content = content.reset_index(drop=True)
        about = content.add_prefix(f"{name}.")
        if above is None or owner_of is None:
            return cls(content, about)
        inherited = above.about.iloc[owner_of].reset_index(drop=True)
        return cls(content, pd.concat([about, inherited], axis=1))


@dataclass(frozen=True, eq=False)
class Member:
    """Describe one of the related tables, and hold what was learned of it.

    Args:
        name: Name of the table.
        schema: All its columns.
        own: The columns to learn: no identifiers, no foreign key, numbers of children included.
        counts: Column of numbers of children, by the child's name.
        relation: To its parent; None for a root.
        generator: Makes the own columns; None before the fit or if there are none.
        keys: Makes the identifiers; None if there are none.
        context: Says in what situation a row is made; None for a root.
        foreign: How the foreign key is stored; None for a root.
        below: To its children.
    """

    name: str
    schema: Schema
    own: tuple[Column, ...]
    counts: Mapping[str, str]
    relation: Relation | None = None
    generator: TableGenerator | None = None
    keys: TableEncoder | None = None
    context: Context | None = None
    foreign: Storage | None = None
    below: tuple[Relation, ...] = ()

    def key_of(self, child: str) -> tuple[str, str]:
        """Give the key, and the column of a child table that holds it."""
        relation = next(relation for relation in self.below if relation.child == child)
        return relation.key, relation.foreign_key

    @property
    def identifiers(self) -> tuple[Column, ...]:
        """Give the columns that are made up afresh for each row."""
        foreign = self.relation.foreign_key if self.relation else None
        return tuple(c for c in self.schema if c.kind is Kind.IDENTIFIER and c.name != foreign)

    @property
    def about(self) -> tuple[Column, ...]:
        """Describe the own columns as children see them."""
        return tuple(replace(c, name=f"{self.name}.{c.name}") for c in self.own)

    def learned(self, levels: Sequence[str]) -> Schema | None:
        """Give the schema to learn, the context first; None if there is nothing.

        Args:
            levels: Situations of the rows; none for a root.
        """
        context = (Column(CONTEXT, Kind.CATEGORY, levels=tuple(levels)),) if levels else ()
        columns = (*context, *self.own)
        if not columns:
            return None
        names = {column.name for column in columns}
        rules = (rule for rule in self.schema.constraints if set(rule.columns) <= names)
        return Schema(columns, tuple(rules))

    def whole(
        self, content: pd.DataFrame, owners: pd.Series | None, rng: np.random.Generator
    ) -> pd.DataFrame:
        """Give rows of the table, with identifiers of their own and the keys of their owners.

        Args:
            content: The own columns, (rows, columns).
            owners: Key of each row's parent, (rows,); None for a root.
            rng: Stream.
        """
        parts = {name: content[name] for name in content if name in self.schema}
        parts |= dict(self._identified(len(content), rng).items())
        if self.relation is not None and owners is not None and self.foreign is not None:
            has_room = not isinstance(self.foreign.dtype, pd.CategoricalDtype)
            keys = owners.reset_index(drop=True)
            parts[self.relation.foreign_key] = keys.astype(self.foreign.dtype) if has_room else keys
        return pd.DataFrame({name: parts[name] for name in self.schema.names})

    def _identified(self, n: int, rng: np.random.Generator) -> pd.DataFrame:
        if self.keys is None:
            return pd.DataFrame(index=range(n))
        # An encoder has no rows to take dtypes from where there are none.
        blank = np.zeros((max(n, 1), self.keys.layout_.width))
        return self.keys.inverse(blank, random_state=rng).iloc[:n]


def plan_member(
    name: str, schema: Schema, relations: Sequence[Relation], taken: Sequence[str]
) -> Member:
    """Say what there is to learn of a table.

    Args:
        name: Name of the table.
        schema: Its columns as declared or inferred.
        relations: How all tables hang together.
        taken: Names of its columns.

    Raises:
        SchemaError: A child's constraint can't be kept from parent to parent.
    """
    above = next((relation for relation in relations if relation.child == name), None)
    below = [relation for relation in relations if relation.parent == name]
    foreign = above.foreign_key if above else None
    keys = {relation.key for relation in below} - {foreign}
    known = Schema(tuple(_as_key(c) if c.name in keys else c for c in schema), schema.constraints)
    counts = {relation.child: _free(f"number of {relation.child}", taken) for relation in below}
    own = [c for c in known if c.kind is not Kind.IDENTIFIER and c.name != foreign]
    own += [Column(count, Kind.INTEGER, minimum=0) for count in counts.values()]
    member = Member(name, known, tuple(own), counts, above, below=tuple(below))
    if above is not None:
        _refuse_unique(member)
    return member


def draw_children(
    member: Member,
    owners: Rows,
    counts: IntArray,
    given: Mapping[str, Any],
    rng: np.random.Generator,
) -> tuple[pd.DataFrame, IntArray]:
    """Write the children of all parents, place by place, each knowing the sibling before.

    Args:
        member: The table of the children, fitted.
        owners: The parents.
        counts: Number of children of each parent.
        given: What all children fulfil.
        rng: Stream.

    Returns:
        The own columns of the children, siblings one below the other; the row of each parent.
    """
    context = member.context
    assert context is not None
    of_owners = context.of_owners(owners.about)
    pools = _Pools(member, given, rng)
    before: Array | None = None
    parts: list[pd.DataFrame] = []
    whose: list[IntArray] = []
    for place in range(int(counts.max(initial=0))):
        who = np.flatnonzero(counts > place)
        places = np.full(len(who), place)
        if before is None:
            before = np.zeros((len(counts), context.width))
        rows = pools.take(context.labels(of_owners[who], before[who], places))
        before[who] = context.of_siblings(rows)
        parts.append(rows)
        whose.append(who)
    if not parts:
        return pools.take(np.array([context.levels[0]], dtype=object)).iloc[:0], counts[:0]
    owner_of = np.concatenate(whose)
    order = np.argsort(owner_of, kind="stable")
    whole = pd.concat(parts, ignore_index=True).iloc[order].reset_index(drop=True)
    return whole, owner_of[order]


class _Pools:
    """Rows drawn ahead for each situation, so that a family is asked seldom and for many."""

    def __init__(self, member: Member, given: Mapping[str, Any], rng: np.random.Generator) -> None:
        self._member, self._given, self._rng = member, given, rng
        self._rows: dict[str, pd.DataFrame] = {}
        self._drawn: dict[str, int] = {}

    def take(self, labels: Array) -> pd.DataFrame:
        """Give one fresh row for each label, in their order."""
        taken = [self._some(level, int(n)) for level, n in _counted(labels)]
        order = np.argsort(np.argsort(labels, kind="stable"), kind="stable")
        whole = pd.concat(taken, ignore_index=True)
        return whole.iloc[order].reset_index(drop=True)

    def _some(self, level: str, n: int) -> pd.DataFrame:
        rows = self._rows.get(level)
        if rows is None or len(rows) < n:
            more = max(n, min(2 * self._drawn.get(level, 0), MOST_POOL), LEAST_POOL)
            fresh = self._draw(level, more)
            self._drawn[level] = self._drawn.get(level, 0) + more
            rows = fresh if rows is None else pd.concat([rows, fresh], ignore_index=True)
        self._rows[level] = rows.iloc[n:]
        return rows.iloc[:n]

    def _draw(self, level: str, n: int) -> pd.DataFrame:
        generator = self._member.generator
        assert generator is not None
        asked = {**self._given, CONTEXT: level}
        return generator.sample(n, given=asked, random_state=self._rng).drop(columns=CONTEXT)


def _counted(labels: Array) -> Iterator[tuple[str, int]]:
    levels, counts = np.unique(labels.astype(str), return_counts=True)
    return zip(levels.tolist(), counts.tolist(), strict=True)


def _as_key(column: Column) -> Column:
    return column.changed({"kind": "identifier", "unique": True, "nullable": False})


def _free(name: str, taken: Sequence[str]) -> str:
    while name in taken:
        name += "'"
    return name


def _refuse_unique(member: Member) -> None:
    identifiers = {column.name for column in member.identifiers}
    rules = [rule for rule in member.schema.constraints if isinstance(rule, Unique)]
    foreign = member.relation.foreign_key if member.relation else ""
    rules += [Unique((c.name,)) for c in member.schema if c.unique and c.name != foreign]
    for rule in rules:
        if not identifiers & set(rule.of):
            raise SchemaError(
                f"table {member.name!r}: {rule.in_words!r} can't be kept for the rows of many "
                "parents; remove the rule, or make one of its columns an identifier"
            )
