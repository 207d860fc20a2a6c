"""How tables hang together: a key of one table, repeated in the rows of another that belong to it."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields

import pandas as pd

from scenara.shared.data.column import nearest
from scenara.shared.data.plain import as_objects, check_names, text
from scenara.shared.errors import DataError, SchemaError

__all__ = ["Relation", "check_relations", "parents_first"]


@dataclass(frozen=True)
class Relation:
    """Say that rows of one table belong to rows of another.

    Args:
        parent: Name of the table of owners, such as customers.
        key: Column of the parent that no two rows share.
        child: Name of the table of what is owned, such as loans.
        foreign_key: Column of the child that holds its owner's key.

    Example:
        >>> str(Relation("customers", "id", "loans", "customer"))
        'customers.id -> loans.customer'
    """

    parent: str
    key: str
    child: str
    foreign_key: str

    def __str__(self) -> str:
        return f"{self.parent}.{self.key} -> {self.child}.{self.foreign_key}"


def check_relations(
    tables: Mapping[str, pd.DataFrame], relations: Iterable[Relation]
) -> tuple[str, ...]:
    """Refuse tables that don't hang together as the relations say.

    Args:
        tables: The tables by name.
        relations: How they hang together; each table has at most one parent.

    Returns:
        The names of the tables, parents before their children.

    Raises:
        SchemaError: A table or a column is not there, a table has two parents, or relations go
            round in a circle.
        DataError: A key is missing or there twice, or a row belongs to nobody.

    Example:
        >>> tables = {"loans": pd.DataFrame({"of": [1, 1]}), "customers": pd.DataFrame({"id": [1]})}
        >>> check_relations(tables, [Relation("customers", "id", "loans", "of")])
        ('customers', 'loans')
    """
    relations = list(relations)
    for name, frame in tables.items():
        if not isinstance(frame, pd.DataFrame):
            raise DataError(f"table {name!r}: expected a DataFrame, found {type(frame).__name__}")
        check_names(frame)
    for relation in relations:
        _check_names(tables, relation)
    order = parents_first(list(tables), relations)
    for relation in relations:
        _check_keys(tables, relation)
    return order


def parents_first(names: Sequence[str], relations: Sequence[Relation]) -> tuple[str, ...]:
    """Put tables in an order in which each comes after its parent.

    Args:
        names: The tables.
        relations: How they hang together.

    Raises:
        SchemaError: A table has two parents, or relations go round in a circle.
    """
    owners = Counter(relation.child for relation in relations)
    for name, count in owners.items():
        if count > 1:
            parents = [relation.parent for relation in relations if relation.child == name]
            raise SchemaError(
                f"table {name!r}: expected one parent, found {' and '.join(map(repr, parents))}; "
                "keep the relation that says how many rows there are"
            )
    parent = {relation.child: relation.parent for relation in relations}
    return tuple(sorted(names, key=lambda name: _depth(name, parent)))


def _depth(name: str, parent: Mapping[str, str]) -> int:
    path = [name]
    while path[-1] in parent:
        path.append(parent[path[-1]])
        if path[-1] in path[:-1]:
            raise SchemaError(f"relations go round in a circle: {' -> '.join(path[::-1])}")
    return len(path)


def _check_names(tables: Mapping[str, pd.DataFrame], relation: object) -> None:
    if not isinstance(relation, Relation):
        raise SchemaError(f"relations: expected a Relation, found {relation!r}")
    for field in fields(relation):
        if not isinstance(value := getattr(relation, field.name), str):
            raise SchemaError(f"relation {relation}: expected names, found {value!r}")
    ends = ((relation.parent, relation.key), (relation.child, relation.foreign_key))
    for table, column in ends:
        if table not in tables:
            raise SchemaError(
                f"relation {relation}: no table {table!r}{nearest(table, tuple(tables))}"
            )
        if column not in tables[table].columns:
            raise SchemaError(
                f"relation {relation}: table {table!r} has no column {column!r}"
                f"{nearest(column, list(tables[table].columns))}"
            )


def _check_keys(tables: Mapping[str, pd.DataFrame], relation: Relation) -> None:
    keys = tables[relation.parent][relation.key]
    owners = tables[relation.child][relation.foreign_key]
    ends = ((relation.parent, keys), (relation.child, owners))
    for table, values in ends:
        if values.isna().any():
            row = int(values.isna().to_numpy().argmax())
            raise DataError(
                f"table {table!r}, column {values.name!r}: expected a key, found a missing value "
                f"in row {row}; leave such rows out"
            )
    cells = pd.Series(as_objects(keys), dtype=object)
    if cells.duplicated().any():
        row = int(cells.duplicated().to_numpy().argmax())
        raise DataError(
            f"table {relation.parent!r}, column {relation.key!r}: expected every key once, found "
            f"{text(cells[row])} once more in row {row}"
        )
    dangling = ~pd.Series(as_objects(owners), dtype=object).isin(set(cells)).to_numpy()
    if dangling.any():
        row = int(dangling.argmax())
        raise DataError(
            f"table {relation.child!r}, column {relation.foreign_key!r}: {text(owners.iloc[row])} "
            f"in row {row} is no {relation.key!r} of {relation.parent!r}, nor are "
            f"{int(dangling.sum()) - 1:,} others; leave such rows out, or store both alike"
        )
