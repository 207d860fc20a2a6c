"""Families that compete for the same data: their settings, and fits that survive interruption."""

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from scenara.shared.errors import ConfigError
from scenara.shared.generators.base import Generator
from scenara.shared.generators.registry import family_class, load
from scenara.shared.store import canonical_json, sha256

__all__ = ["candidate_settings", "fit_folder", "fit_once", "seeded"]

Made = TypeVar("Made", bound=Generator)

Wanted = Sequence[str] | Mapping[str, Mapping[str, Any]] | None


def candidate_settings(
    wanted: Wanted,
    *,
    promise: Mapping[str, Mapping[str, Any]],
    yardstick: str,
    itself: str,
    make: Callable[[str, Mapping[str, Any]], Generator],
) -> dict[str, Mapping[str, Any]]:
    """Give the settings of each candidate, after checking its name and their names.

    Args:
        wanted: Families in order of promise, or family -> settings; None for all.
        promise: All, the most promising first.
        yardstick: Family that copies; judged, never chosen.
        itself: The family that chooses.
        make: Makes an unfitted generator, or says what is wrong.

    Returns:
        Family -> settings, in order of promise.

    Raises:
        ConfigError: A family or setting is not known, or there is nothing to choose from.
    """
    if wanted is None:
        wanted = {**promise, yardstick: {}}
    if isinstance(wanted, str):
        raise ConfigError(f"candidates: expected a list of families, found the text {wanted!r}")
    settings = dict(wanted) if isinstance(wanted, Mapping) else {name: {} for name in wanted}
    if not set(settings) - {yardstick}:
        raise ConfigError(
            f"candidates: {yardstick} copies rows and is a yardstick; expected another family too"
            if settings
            else "candidates: expected at least one family, found none"
        )
    for family, its in settings.items():
        if family == itself:
            raise ConfigError(f"candidates: {family} can't be a candidate of itself")
        make(family, its)
    return settings


def seeded(family: str, settings: Mapping[str, Any], *, seed: int) -> dict[str, Any]:
    """Give settings with a seed, for a family that takes one and was given none.

    Args:
        family: ``kind/name``.
        settings: Constructor arguments of the family.
        seed: What ``random_state`` shall be.

    Example:
        >>> seeded("table/bootstrap", {}, seed=3), seeded("table/auto", {}, seed=3)
        ({}, {'random_state': 3})
    """
    takes_one = "random_state" in family_class(family)._get_param_names()
    return {"random_state": seed, **settings} if takes_one else dict(settings)


def fit_folder(
    checkpoint: Path | None,
    stage: str,
    family: str,
    *,
    settings: Mapping[str, Any],
    content: bytes,
) -> Path | None:
    """Give a place of its own to each family, its settings and the data it learns from.

    Args:
        checkpoint: Folder in which the whole contest keeps its state; None for none.
        stage: Short name of what is fitted.
        family: ``kind/name``.
        settings: Its constructor arguments.
        content: The data.
    """
    if checkpoint is None:
        return None
    described = canonical_json({"family": family, "settings": dict(settings)})
    name = family.replace("/", "-")
    return checkpoint / f"{stage}-{name}-{sha256(described + content)[:16]}"


def fit_once(
    kind: type[Made], folder: Path | None, fit: Callable[[Path | None], Made]
) -> tuple[Made, float]:
    """Fit a family, or load what an interrupted call has fitted there.

    Args:
        kind: What is expected in the folder.
        folder: Where the fitted generator is kept; None for nowhere.
        fit: Fits, with a folder for what the fit itself keeps on its way.

    Returns:
        The fitted generator and the CPU seconds of its fit.
    """
    if folder is not None and (folder / "generator").exists():
        done = load(folder / "generator")
        assert isinstance(done, kind)
        return done, float((folder / "cpu_seconds").read_text())
    start = time.process_time()
    generator = fit(folder / "fit" if folder else None)
    seconds = time.process_time() - start
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "cpu_seconds").write_text(repr(seconds))
        generator.save(folder / "generator")
    return generator, seconds
