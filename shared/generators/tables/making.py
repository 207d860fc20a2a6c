"""Generators of tables made by name, with a seed where the family takes one."""

from collections.abc import Mapping
from typing import Any

from scenara.shared.errors import ConfigError
from scenara.shared.generators.registry import family_class, make
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


def seeded(family: str, settings: Mapping[str, Any], *, seed: int) -> dict[str, Any]:
    """Give settings with a seed, for a family that takes one and was given none.

    Args:
        family: ``table/name``.
        settings: Constructor arguments of the family.
        seed: What ``random_state`` shall be.

    Example:
        >>> seeded("table/bootstrap", {}, seed=3), seeded("table/auto", {}, seed=3)
        ({}, {'random_state': 3})
    """
    takes_one = "random_state" in family_class(family)._get_param_names()
    return {"random_state": seed, **settings} if takes_one else dict(settings)
