"""What is learned of one table among related ones."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from scenara.shared.data.column import Column
from scenara.shared.data.plain import as_objects
from scenara.shared.data.relations import Relation
from scenara.shared.data.schema import Schema
from scenara.shared.errors import DataError, SchemaError
from scenara.shared.features import TableEncoder
from scenara.shared.features.storage import Storage
from scenara.shared.generators.tables.base import TableGenerator
from scenara.shared.generators.tables.contexts import Context, fit_context
from scenara.shared.generators.tables.member import CONTEXT, Member, Rows
from scenara.shared.types import Array, IntArray

__all__ = ["Learned", "checked_schema", "learn_member"]


@dataclass(frozen=True, eq=False)
class Learned:
    """Hold a fitted table with the rows that its children's fit needs.

    Args:
        member: The fitted table.
        frame: Its rows, siblings one below the other.
        rows: The same rows as children see them.
        about: What the columns are that children see.
    """

    member: Member
    frame: pd.DataFrame
    rows: Rows
    about: tuple[Column, ...]


def checked_schema(name: str, frame: pd.DataFrame, schema: Schema | None) -> Schema:
    """Give the schema of a table, checked against it or inferred from it.

    Args:
        name: Name of the table.
        frame: Its rows, (rows, columns).
        schema: As declared; None to infer it.

    Raises:
        SchemaError: It does not fit the table.
    """
    try:
        if schema is None:
            return Schema.infer(frame)
        schema.validate(frame)
    except SchemaError as error:
        raise SchemaError(f"table {name!r}: {error}") from error
    return schema


def learn_member(
    plan: Member,
    tables: Mapping[str, pd.DataFrame],
    learned: Mapping[str, Learned],
    *,
    generator: TableGenerator,
    max_leaves: int,
    checkpoint: Path | None = None,
) -> Learned:
    """Learn one table, given that its parent is learned.

    Args:
        plan: What there is to learn.
        tables: All tables.
        learned: Those learned so far.
        generator: Unfitted, of the family wanted.
        max_leaves: Most situations of the rows.
        checkpoint: Folder in which a long fit keeps its state.

    Raises:
        DataError: The table can't be learned from.
        SchemaError: Its cells contradict the schema.
    """
    frame = tables[plan.name][list(plan.schema.names)].reset_index(drop=True)
    above = learned[plan.relation.parent] if plan.relation is not None else None
    owner_of = None
    if plan.relation is not None and above is not None:
        owners = _owners(frame, above.frame, plan.relation)
        order = np.argsort(owners, kind="stable")
        frame, owner_of = frame.iloc[order].reset_index(drop=True), owners[order]
    content = _content(plan, frame, tables)
    rows = Rows.of(plan.name, content, above.rows if above else None, owner_of)
    about = (*plan.about, *(above.about if above else ()))
    try:
        context, labels = _situations(plan, content, above, owner_of, max_leaves=max_leaves)
        known = plan.learned(context.levels if context else ())
        if known is not None:
            data = content if labels is None else content.assign(**{CONTEXT: labels})
            generator.fit(data[list(known.names)], schema=known, checkpoint=checkpoint)
        keys = _fitted_keys(plan, frame)
    except DataError as error:
        raise type(error)(f"table {plan.name!r}: {error}") from error
    foreign = None if plan.relation is None else Storage.of(frame[plan.relation.foreign_key])
    fitted = None if known is None else generator
    member = replace(plan, generator=fitted, keys=keys, context=context, foreign=foreign)
    return Learned(member, frame, rows, about)


def _owners(frame: pd.DataFrame, parents: pd.DataFrame, relation: Relation) -> IntArray:
    keys = pd.Index(as_objects(parents[relation.key]), dtype=object)
    cells = pd.Index(as_objects(frame[relation.foreign_key]), dtype=object)
    return keys.get_indexer(cells).astype(np.int64)


def _content(plan: Member, frame: pd.DataFrame, tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Give the own columns, with the number of rows of each child table that belong to a row."""
    counts = set(plan.counts.values())
    content = frame[[column.name for column in plan.own if column.name not in counts]].copy()
    for child, column in plan.counts.items():
        key, foreign = plan.key_of(child)
        owners = _owners(tables[child], frame, Relation(plan.name, key, child, foreign))
        content[column] = np.bincount(owners, minlength=len(frame)).astype(np.int64)
    return content


def _situations(
    plan: Member,
    content: pd.DataFrame,
    above: Learned | None,
    owner_of: IntArray | None,
    *,
    max_leaves: int,
) -> tuple[Context | None, Array | None]:
    if above is None or owner_of is None:
        return None, None
    places = pd.Series(owner_of).groupby(owner_of).cumcount().to_numpy(dtype=np.int64)
    return fit_context(
        above.rows.about,
        content,
        owner_of,
        places,
        columns=(above.about, plan.own),
        max_leaves=max_leaves,
        random_state=0,
    )


def _fitted_keys(plan: Member, frame: pd.DataFrame) -> TableEncoder | None:
    if not plan.identifiers:
        return None
    schema = Schema(plan.identifiers)
    return TableEncoder(schema=schema, rare=0).fit(frame[list(schema.names)])
