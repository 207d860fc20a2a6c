"""How far generated tables that belong together are from the real ones, beyond each table alone."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from scenara.shared.data.plain import as_objects
from scenara.shared.data.relations import Relation, check_relations
from scenara.shared.data.schema import Kind, Schema
from scenara.shared.evaluation.tables.trend import PairError, trend_error
from scenara.shared.types import IntArray

__all__ = ["RelationError", "relation_errors"]


@dataclass(frozen=True)
class RelationError:
    """Hold how far one relation of generated tables is from the real one.

    Args:
        relation: Which tables hang together.
        cardinality: Kolmogorov-Smirnov distance of the numbers of children per parent.
        real_mean: Mean number of children of a real parent.
        generated_mean: Mean number of children of a generated parent.
        pairs: Trend errors of each column of the parent with each one of the child.
    """

    relation: Relation
    cardinality: float
    real_mean: float
    generated_mean: float
    pairs: tuple[PairError, ...]

    @property
    def trend(self) -> float:
        """Mean trend error over the pairs; 0 where there is none."""
        return float(np.mean([pair.error for pair in self.pairs])) if self.pairs else 0.0

    def worst(self, n: int = 5) -> tuple[PairError, ...]:
        """Give the pairs of largest error, largest first.

        Args:
            n: How many, at most.
        """
        return tuple(sorted(self.pairs, key=lambda pair: -pair.error)[:n])


def relation_errors(
    real: Mapping[str, pd.DataFrame],
    generated: Mapping[str, pd.DataFrame],
    relations: Iterable[Relation],
    *,
    schemas: Mapping[str, Schema] | None = None,
) -> list[RelationError]:
    """Measure numbers of children, and dependence of children on their parents.

    Children are joined to their parents, and the trend error of each column of the one with each
    column of the other is taken, see ``trend_error``; keys and other identifiers are left out,
    columns are named ``table.column``. Compare with the same errors of real tables against other
    real ones.

    Args:
        real: Real tables by name.
        generated: Generated tables by name.
        relations: How they hang together.
        schemas: What the columns are; inferred from the real tables where there is none.

    Returns:
        One result for each relation, in their order.

    Raises:
        DataError: Keys of the real or the generated tables are broken.
        SchemaError: A table or a column is not there.

    Example:
        >>> owners, loans = pd.DataFrame({"id": [1, 2]}), pd.DataFrame({"of": [1, 1]})
        >>> more = pd.DataFrame({"of": [1, 2]})
        >>> relation = Relation("owners", "id", "loans", "of")
        >>> tables = {"owners": owners, "loans": loans}
        >>> relation_errors(tables, {**tables, "loans": more}, [relation])[0].cardinality
        0.5
    """
    relations = list(relations)
    for tables in (real, generated):
        check_relations(tables, relations)
    known = {name: Schema.infer(frame) for name, frame in real.items()} | dict(schemas or {})
    return [_relation_error(real, generated, relation, known) for relation in relations]


def _relation_error(
    real: Mapping[str, pd.DataFrame],
    generated: Mapping[str, pd.DataFrame],
    relation: Relation,
    schemas: Mapping[str, Schema],
) -> RelationError:
    counts = [_counts(tables, relation) for tables in (real, generated)]
    joined = [_joined(tables, relation, schemas) for tables in (real, generated)]
    errors = trend_error(*joined).pairs if _can_be_compared(joined[0], relation) else ()
    start = f"{relation.parent}."
    pairs = (p for p in errors if p.first.startswith(start) != p.second.startswith(start))
    return RelationError(
        relation,
        _distance(*counts),
        float(counts[0].mean()),
        float(counts[1].mean()),
        tuple(pairs),
    )


def _owners(tables: Mapping[str, pd.DataFrame], relation: Relation) -> IntArray:
    keys = pd.Index(as_objects(tables[relation.parent][relation.key]), dtype=object)
    cells = pd.Index(as_objects(tables[relation.child][relation.foreign_key]), dtype=object)
    return keys.get_indexer(cells).astype(np.int64)


def _counts(tables: Mapping[str, pd.DataFrame], relation: Relation) -> IntArray:
    return np.bincount(_owners(tables, relation), minlength=len(tables[relation.parent]))


def _joined(
    tables: Mapping[str, pd.DataFrame], relation: Relation, schemas: Mapping[str, Schema]
) -> pd.DataFrame:
    ends = ((relation.parent, relation.key), (relation.child, relation.foreign_key))
    parts = []
    for table, key in ends:
        columns = [c for c in schemas[table] if c.kind not in (Kind.IDENTIFIER, Kind.TEXT)]
        names = [column.name for column in columns if column.name != key]
        parts.append(tables[table][names].add_prefix(f"{table}."))
    owners = parts[0].iloc[_owners(tables, relation)]
    return pd.concat([part.reset_index(drop=True) for part in (owners, parts[1])], axis=1)


def _can_be_compared(joined: pd.DataFrame, relation: Relation) -> bool:
    sides = {name.startswith(f"{relation.parent}.") for name in joined.columns}
    return len(sides) == 2 and len(joined) > 0


def _distance(first: IntArray, second: IntArray) -> float:
    both = np.union1d(first, second)
    curves = [
        np.searchsorted(np.sort(part), both, side="right") / len(part) for part in (first, second)
    ]
    return float(np.abs(curves[0] - curves[1]).max())
