"""Generators of tables: borrowers, policies, claims, customers, anything with rows and columns."""

from scenara.shared.generators.tables.base import TableGenerator
from scenara.shared.generators.tables.conditions import Condition, Conditions

__all__ = ["Condition", "Conditions", "TableGenerator"]
