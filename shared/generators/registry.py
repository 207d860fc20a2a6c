"""Families by name: the built-in ones, and those that other packages bring."""

import difflib
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from scenara.shared.errors import ArtifactError, ConfigError
from scenara.shared.generators.base import Generator
from scenara.shared.store import read_artifact

__all__ = ["ENTRY_POINTS", "families", "family_class", "load", "make"]

ENTRY_POINTS = "scenara.generators"

_BUILT_IN = {
    "series/auto": "scenara.shared.generators.series.auto:AutoSeries",
    "series/autoregressive": "scenara.shared.generators.series.autoregressive:AutoregressiveSeries",
    "series/bootstrap": "scenara.shared.generators.series.bootstrap:StationaryBootstrap",
    "series/copula": "scenara.shared.generators.series.copula:CopulaSeries",
    "series/dcc": "scenara.shared.generators.series.dcc:DynamicCorrelation",
    "series/diffusion": "scenara.shared.generators.series.diffusion:DiffusionSeries",
    "series/fhs": "scenara.shared.generators.series.fhs:FilteredHistoricalSimulation",
    "series/gan": "scenara.shared.generators.series.gan:GanSeries",
    "series/gaussian": "scenara.shared.generators.series.gaussian:GaussianSeries",
    "series/hybrid": "scenara.shared.generators.series.hybrid:HybridSeries",
    "series/moving-block": "scenara.shared.generators.series.moving_block:MovingBlockBootstrap",
    "series/student": "scenara.shared.generators.series.student:StudentSeries",
    "series/vae": "scenara.shared.generators.series.vae:VaeSeries",
    "table/auto": "scenara.shared.generators.tables.auto:AutoTable",
    "table/autoregressive": "scenara.shared.generators.tables.autoregressive:AutoregressiveTable",
    "table/bootstrap": "scenara.shared.generators.tables.bootstrap:BootstrapTable",
    "table/cart": "scenara.shared.generators.tables.cart:CartTable",
    "table/copula": "scenara.shared.generators.tables.copula:CopulaTable",
    "table/diffusion": "scenara.shared.generators.tables.diffusion:DiffusionTable",
    "table/gan": "scenara.shared.generators.tables.gan:GanTable",
    "table/vae": "scenara.shared.generators.tables.vae:VaeTable",
}

# Made of several families, with an interface of their own; not listed, but loaded like others.
_COMPOSED = {"tables/relational": "scenara.shared.generators.tables.relational:RelationalTables"}


def families(kind: str = "") -> list[str]:
    """List the registered families.

    Args:
        kind: ``table``, ``series`` or ``interactions`` to list that kind alone.

    Example:
        >>> "series/bootstrap" in families("series")
        True
    """
    names = {*_BUILT_IN, *(point.name for point in entry_points(group=ENTRY_POINTS))}
    return sorted(name for name in names if name.startswith(kind))


def family_class(family: str) -> type[Generator]:
    """Give the class that is registered under a name.

    Args:
        family: ``kind/name``.

    Raises:
        ConfigError: No family has that name, or what is registered is not a generator.
    """
    if own := {**_BUILT_IN, **_COMPOSED}.get(family):
        module, _, name = own.partition(":")
        found = getattr(import_module(module), name)
    else:
        found = _from_other_packages(family)
    if not (isinstance(found, type) and issubclass(found, Generator)):
        raise ConfigError(f"{family}: expected a subclass of Generator, found {found!r}")
    return found


def _from_other_packages(family: str) -> object:
    points = {point.name: point for point in entry_points(group=ENTRY_POINTS)}
    if family not in points:
        close = difflib.get_close_matches(family, families(), n=1)
        hint = f"did you mean {close[0]!r}?" if close else f"there are {families()}"
        raise ConfigError(f"no generator is called {family!r}; {hint}")
    return points[family].load()


def make(family: str, **settings: Any) -> Generator:  # noqa: ANN401  (each family's own settings)
    """Make an unfitted generator.

    Args:
        family: ``kind/name``, one of :func:`families`.
        **settings: Constructor arguments of the family.

    Raises:
        ConfigError: The family or one of the settings is not known.

    Example:
        >>> make("series/bootstrap", mean_block=21)
        StationaryBootstrap(mean_block=21)
    """
    found = family_class(family)
    for name in settings:
        _refuse_unknown(name, family, known=found._get_param_names())
    return found(**settings)


def _refuse_unknown(name: str, family: str, *, known: list[str]) -> None:
    if name in known:
        return
    close = difflib.get_close_matches(name, known, n=1)
    hint = f"did you mean {close[0]!r}?" if close else f"it has {', '.join(known) or 'none'}"
    raise ConfigError(f"{family} has no setting {name!r}; {hint}")


def load(folder: str | Path) -> Generator:
    """Load a fitted generator of any family.

    Args:
        folder: What ``Generator.save`` wrote.

    Returns:
        The generator; with the same arguments it samples the same bits as before it was saved.

    Raises:
        ArtifactError: The folder is damaged, unsafe, or not a generator.
        ConfigError: Its family is not installed.
    """
    artifact = read_artifact(folder)
    if artifact.kind != "generator":
        raise ArtifactError(f"{folder}: expected a generator, found a {artifact.kind}")
    generator = make(artifact.family, **artifact.settings)
    try:
        return generator.restore(artifact.state)
    except (KeyError, TypeError) as error:
        raise ArtifactError(f"{folder}: not a state of {artifact.family}: {error}") from error
