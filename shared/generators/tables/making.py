"""Generators of tables made by name, with a seed where the family takes one."""

from collections.abc import Mapping
from typing import Any

from scenara.shared.errors import ConfigError
from scenara.shared.generators.candidates import seeded
from scenara.shared.generators.registry import make
from scenara.shared.generators.tables.base import TableGenerator

__all__ = ["make_table", "seeded"]


def make_table(family: str, settings: Mapping[str, Any] | None = None) -> TableGenerator:
    """Make an unfitted generator of tables.

    Args:
        family: ``table/name``.
        settings: Constructor arguments of the family.

    Raises:
        ConfigError: The family or a setting is not known, or the family is not one of tables.

    Example:
        >>> make_table("table/bootstrap")
        BootstrapTable()
    """
    generator = make(family, **(settings or {}))
    if not isinstance(generator, TableGenerator):
        raise ConfigError(f"{family}: expected a family of tables, such as table/cart")
    return generator
