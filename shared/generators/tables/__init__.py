"""Generators of tables: borrowers, policies, claims, customers, anything with rows and columns."""

from typing import TYPE_CHECKING

from scenara.shared.generators.tables.base import TableGenerator
from scenara.shared.generators.tables.conditions import Condition, Conditions
from scenara.shared.lazy import lazy_names

if TYPE_CHECKING:
    from scenara.shared.generators.tables.relational import RelationalTables

__all__ = ["Condition", "Conditions", "RelationalTables", "TableGenerator"]

__getattr__ = lazy_names(__name__, {"relational": ("RelationalTables",)})
