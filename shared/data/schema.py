"""What each column of a table is, as a value that can be read, changed, saved and checked."""

import dataclasses
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import pandas as pd
import yaml

from scenara.shared.data.column import Column, Kind, nearest
from scenara.shared.data.constraint import Constraint
from scenara.shared.data.constraints import constraint_from_dict
from scenara.shared.errors import SchemaError

__all__ = ["Column", "Kind", "Schema"]

FORMAT = 1


@dataclass(frozen=True)
class Schema:
    """Describe a table, column by column, in the order of its columns.

    Args:
        columns: The columns; their names differ.
        constraints: What the columns owe to each other, see ``scenara.shared.data.constraints``.

    Raises:
        SchemaError: If there is no column, a name occurs twice, or a constraint does not fit the
            columns.

    Example:
        >>> frame = pd.DataFrame({"age": [30, 41], "smoker": ["no", "yes"]})
        >>> schema = Schema.infer(frame)
        >>> schema["smoker"].kind.value, schema["smoker"].levels
        ('boolean', ('no', 'yes'))
        >>> schema.override(age={"minimum": 18})["age"].minimum
        18.0
    """

    columns: tuple[Column, ...]
    constraints: tuple[Constraint, ...] = ()

    def __post_init__(self) -> None:
        """Check that there are columns, that their names differ and that constraints fit them."""
        object.__setattr__(self, "columns", tuple(self.columns))
        object.__setattr__(self, "constraints", tuple(self.constraints))
        if not self.columns:
            raise SchemaError("schema: expected at least one column, found none")
        for position, name in enumerate(self.names):
            if name in self.names[:position]:
                raise SchemaError(f"schema: column {name!r} is there twice; rename one of them")
        for constraint in self.constraints:
            if not isinstance(constraint, Constraint):
                raise SchemaError(f"schema: expected a constraint, found {constraint!r}")
            constraint.check(self.by_name)

    @property
    def by_name(self) -> dict[str, Column]:
        """Give the columns by their names, in order."""
        return {column.name: column for column in self.columns}

    @property
    def names(self) -> tuple[str, ...]:
        """Give the names of the columns, in order."""
        return tuple(column.name for column in self.columns)

    def __len__(self) -> int:
        """Count the columns."""
        return len(self.columns)

    def __iter__(self) -> Iterator[Column]:
        """Go through the columns, in order."""
        return iter(self.columns)

    def __contains__(self, name: object) -> bool:
        """Say whether there is a column of this name."""
        return name in self.names

    def __getitem__(self, name: str) -> Column:
        """Give the column of this name, or raise ``SchemaError`` with the nearest name."""
        for column in self.columns:
            if column.name == name:
                return column
        raise SchemaError(f"schema: no column {name!r}{nearest(name, self.names)}")

    @classmethod
    def infer(cls, frame: pd.DataFrame) -> "Schema":
        """Decide for each column what it is, with the reason in words.

        See ``scenara.shared.data.infer`` for the rules.

        Args:
            frame: The table, (rows, columns).

        Raises:
            SchemaError: If the table has no columns, or a column can't be described.
        """
        from scenara.shared.data.infer import infer_schema

        return infer_schema(frame)

    def override(self, /, **changes: str | Mapping[str, Any]) -> "Schema":
        """Give a schema in which the user's word stands over what was inferred.

        Levels and bounds that make no sense for a new kind are dropped, unless given with it.

        Args:
            **changes: For each column to change, its new kind, or the fields to change. A name
                that is no Python identifier goes in as ``**{"loan amount": "integer"}``.

        Raises:
            SchemaError: If a column or a field is not known, or the result contradicts itself.

        Example:
            >>> schema = Schema((Column("grade", "category", levels=("A", "C", "B")),))
            >>> changed = schema.override(grade={"kind": "ordinal", "levels": ["C", "B", "A"]})
            >>> changed["grade"].levels
            ('C', 'B', 'A')
        """
        for name in changes:
            self[name]
        return dataclasses.replace(
            self,
            columns=tuple(
                column.changed(changes[column.name]) if column.name in changes else column
                for column in self.columns
            ),
        )

    def validate(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Give the frame back if it obeys the schema.

        All failures are collected before anything is raised; ``violations`` in
        ``scenara.shared.data.validate`` gives them as a table.

        Args:
            frame: The table, (rows, columns), columns in any order.

        Raises:
            SchemaError: If it does not; names column, row (from 0), what was found and expected.
        """
        from scenara.shared.data.validate import check

        return check(frame, self)

    def to_frame(self) -> pd.DataFrame:
        """Give one row a column of the table: name, kind, missing, values, reason; for people."""
        return pd.DataFrame(
            {
                "name": list(self.names),
                "kind": [str(column.kind) for column in self.columns],
                "missing": ["allowed" if column.nullable else "no" for column in self.columns],
                "values": [_values_in_words(column) for column in self.columns],
                "reason": [column.reason for column in self.columns],
            }
        )

    def to_dict(self) -> dict[str, Any]:
        """Give the schema as plain values for JSON or YAML."""
        plain = {"format": FORMAT, "columns": [column.to_dict() for column in self.columns]}
        if self.constraints:
            plain["constraints"] = [constraint.to_dict() for constraint in self.constraints]
        return plain

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Make a schema from what ``to_dict`` gave.

        Args:
            values: ``{"format": 1, "columns": [...]}``, perhaps with ``"constraints": [...]``.

        Raises:
            SchemaError: If the form is another, or a newer one.
        """
        if not isinstance(values, Mapping) or not isinstance(values.get("columns"), list):
            raise SchemaError("schema: expected a mapping with a list of columns")
        if unknown := sorted(map(str, values.keys() - {"format", "columns", "constraints"})):
            raise SchemaError(f"schema: key {unknown[0]!r} is not known; remove it")
        if values.get("format", FORMAT) != FORMAT:
            raise SchemaError(
                f"schema: format {values['format']!r} is not known to this version, which reads "
                f"format {FORMAT}; upgrade scenara"
            )
        rules = values.get("constraints", [])
        if not isinstance(rules, list):
            raise SchemaError(f"schema: expected a list of constraints, found {rules!r}")
        return cls(
            tuple(map(Column.from_dict, values["columns"])), tuple(map(constraint_from_dict, rules))
        )

    def save(self, path: str | Path) -> Path:
        """Write the schema as a file that people can read and change.

        Args:
            path: A file ending in ``.json``, ``.yaml`` or ``.yml``; an old one is replaced.

        Returns:
            The path.

        Raises:
            SchemaError: If the suffix is another.
        """
        path = Path(path)
        if _is_json(path):
            text = json.dumps(self.to_dict(), indent=2) + "\n"
        else:
            text = yaml.safe_dump(self.to_dict(), sort_keys=False, width=100)
        path.write_text(text, encoding="utf-8")
        return path

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Read what ``save`` wrote.

        Args:
            path: A file ending in ``.json``, ``.yaml`` or ``.yml``.

        Raises:
            SchemaError: If the file can't be read or is no schema; the message names it.
        """
        path = Path(path)
        parse = json.loads if _is_json(path) else yaml.safe_load
        try:
            values = parse(path.read_text(encoding="utf-8"))
            return cls.from_dict(values)
        except (OSError, ValueError, yaml.YAMLError) as error:
            reason = " ".join(str(error).split())
            raise SchemaError(f"{path}: can't be read as a schema: {reason}") from error


def _is_json(path: Path) -> bool:
    if path.suffix.lower() not in (".json", ".yaml", ".yml"):
        raise SchemaError(f"{path}: expected a schema file ending in .json, .yaml or .yml")
    return path.suffix.lower() == ".json"


def _values_in_words(column: Column) -> str:
    if column.levels is not None:
        shown = ", ".join(str(level) for level in column.levels[:6])
        more = len(column.levels) - 6
        return f"{shown}, and {more:,} more" if more > 0 else shown
    low, high = (column.in_words(bound) for bound in (column.minimum, column.maximum))
    if low and high:
        return f"{low} to {high}"
    return f"from {low}" if low else f"up to {high}" if high else ""
