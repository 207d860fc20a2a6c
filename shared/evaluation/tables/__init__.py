"""Judge a generated table: is it faithful, is it diverse, is it private, is it useful."""

from scenara.shared.evaluation.tables.columns import (
    ColumnRoles,
    ComparableTables,
    column_roles,
    comparable,
)

__all__ = ["ColumnRoles", "ComparableTables", "column_roles", "comparable"]
