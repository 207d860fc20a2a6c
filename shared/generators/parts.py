"""A request for generated data as a folder: what was asked, and numbered Parquet parts."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from scenara.shared.engine import Shard, entropy_of
from scenara.shared.errors import ConfigError
from scenara.shared.store import canonical_json
from scenara.shared.types import RandomState

__all__ = ["claim", "is_there", "part", "read_request", "write_part"]

_REQUEST = "_request.json"
"""Readers of a folder of Parquet files pass over names that begin with an underscore."""


def claim(folder: Path, request: Mapping[str, Any], random_state: RandomState) -> dict[str, Any]:
    """Make a folder the place of a request, or find that it is already.

    Args:
        folder: The folder.
        request: JSON-able description of what is asked.
        random_state: Seed; None takes the one in the folder, or draws one.

    Returns:
        The request with its seed as ``random_state``.

    Raises:
        ConfigError: The folder holds the parts of another request, or something else.
    """
    known = read_request(folder)
    if known is None:
        wanted = {**request, "random_state": entropy_of(random_state)}
        folder.mkdir(parents=True, exist_ok=True)
        partial = folder / f"{_REQUEST}.partial"
        partial.write_bytes(canonical_json(wanted))
        os.replace(partial, folder / _REQUEST)
        return wanted
    seed = known.get("random_state") if random_state is None else entropy_of(random_state)
    if {**request, "random_state": seed} != known:
        raise ConfigError(
            f"{folder}: holds the data of another request; choose another folder, or repeat the "
            "call with the same generator, arguments and seed"
        )
    return known


def read_request(folder: Path) -> dict[str, Any] | None:
    """Give the request that a folder was claimed for, None if there is nothing.

    Raises:
        ConfigError: Something else is there.
    """
    if (folder / _REQUEST).is_file():
        found: dict[str, Any] = json.loads((folder / _REQUEST).read_bytes())
        return found
    if folder.exists() and (folder.is_file() or any(folder.iterdir())):
        raise ConfigError(f"{folder}: expected an empty folder or parts; choose another folder")
    return None


def part(folder: Path, shard: Shard) -> Path:
    """Give the file of a shard."""
    return folder / f"part-{shard.number:06d}.parquet"


def is_there(folder: Path, shard: Shard) -> bool:
    """Say whether a shard's part is written."""
    return part(folder, shard).exists()


def write_part(folder: Path, shard: Shard, frame: pd.DataFrame) -> None:
    """Write a shard's rows; the file appears whole or not at all."""
    partial = part(folder, shard).with_suffix(".partial")
    frame.to_parquet(partial, index=False)
    os.replace(partial, part(folder, shard))
