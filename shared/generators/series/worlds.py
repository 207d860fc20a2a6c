"""Generated paths on disk: numbered Parquet parts that an interrupted run can be continued from."""

import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from scenara.shared.engine import Engine, Shard, cut, entropy_of
from scenara.shared.errors import ConfigError, DataError
from scenara.shared.progress import Progress
from scenara.shared.store import canonical_json
from scenara.shared.types import FloatArray, RandomState

__all__ = ["Worlds", "read_worlds", "stream_worlds", "worlds_frame", "write_worlds"]

_REQUEST = "request.json"


@dataclass(frozen=True)
class Worlds:
    """Hold generated paths with the names of their channels.

    Args:
        paths: Array (paths, steps, channels).
        channels: Name of each channel.
    """

    paths: FloatArray
    channels: list[str]

    def __post_init__(self) -> None:
        if self.paths.ndim != 3 or self.paths.shape[2] != len(self.channels):
            raise DataError(
                f"worlds: expected (paths, steps, {len(self.channels)} channels), "
                f"found shape {self.paths.shape}"
            )


def worlds_frame(
    paths: FloatArray, channels: Sequence[str], *, first_path: int = 0
) -> pd.DataFrame:
    """Lay paths out as a long frame.

    Args:
        paths: Array (paths, steps, channels).
        channels: Name of each channel.
        first_path: Number of the first path.

    Returns:
        Frame with the columns ``path``, ``step`` and one for each channel.

    Example:
        >>> worlds_frame(np.zeros((1, 2, 1)), ["SPX"])
           path  step  SPX
        0     0     0  0.0
        1     0     1  0.0
    """
    n_paths, n_steps, n_channels = paths.shape
    frame = pd.DataFrame(paths.reshape(-1, n_channels), columns=list(channels))
    frame.insert(0, "path", np.repeat(np.arange(first_path, first_path + n_paths), n_steps))
    frame.insert(1, "step", np.tile(np.arange(n_steps), n_paths))
    return frame


def write_worlds(path: str | Path, worlds: Worlds) -> Path:
    """Write paths to one Parquet file.

    Args:
        path: The file.
        worlds: What to write.

    Returns:
        The file.
    """
    path = Path(path)
    worlds_frame(worlds.paths, worlds.channels).to_parquet(path, index=False)
    return path


def read_worlds(path: str | Path) -> Worlds:
    """Read paths from a Parquet file, or from the folder that ``sample_to`` wrote.

    Args:
        path: File or folder.

    Returns:
        The paths in their order.

    Raises:
        DataError: Nothing is there, the layout is another one, or paths differ in length.
    """
    path = Path(path)
    if path.is_dir():
        _refuse_unfinished(path)
    try:
        table = pa.concat_tables([pq.read_table(part) for part in _parts(path)])
    except (OSError, pa.ArrowInvalid) as error:
        raise DataError(f"{path}: can't be read as Parquet: {error}") from error
    return _from_table(table, where=path)


def stream_worlds(
    folder: Path,
    request: Mapping[str, Any],
    draw: Callable[[Shard], FloatArray],
    *,
    channels: Sequence[str],
    shard_size: int,
    random_state: RandomState,
    engine: Engine,
    progress: Progress,
) -> Path:
    """Write the parts of a request that are not there yet.

    Args:
        folder: Where the parts stand; made where it is missing.
        request: JSON-able description with ``n``, the number of paths; it is kept in the folder
            and must be the same when the run is continued.
        draw: Gives the paths of one shard.
        channels: Name of each channel.
        shard_size: Paths in a part.
        random_state: Seed; None takes the one in the folder, or draws one.
        engine: Runs ``draw`` over the shards.
        progress: Told how many parts are there.

    Returns:
        The folder.

    Raises:
        ConfigError: The folder holds the parts of another request, or something else.
    """
    request = _claim(folder, request, random_state)
    shards = cut(request["n"], size=shard_size, random_state=request["random_state"])
    missing = [shard for shard in shards if not _part(folder, shard).exists()]
    done = len(shards) - len(missing)
    for shard, paths in zip(missing, engine.map(draw, missing), strict=True):
        frame = worlds_frame(paths, channels, first_path=shard.start)
        partial = _part(folder, shard).with_suffix(".partial")
        frame.to_parquet(partial, index=False)
        os.replace(partial, _part(folder, shard))
        done += 1
        progress("worlds", done, len(shards))
    return folder


def _claim(folder: Path, request: Mapping[str, Any], random_state: RandomState) -> dict[str, Any]:
    known = _read_request(folder)
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
            f"{folder}: holds the worlds of another request; choose another folder, or repeat the "
            "call with the same generator, arguments and seed"
        )
    return known


def _read_request(folder: Path) -> dict[str, Any] | None:
    if (folder / _REQUEST).is_file():
        found: dict[str, Any] = json.loads((folder / _REQUEST).read_bytes())
        return found
    if folder.exists() and (folder.is_file() or any(folder.iterdir())):
        raise ConfigError(f"{folder}: expected an empty folder or worlds; choose another folder")
    return None


def _part(folder: Path, shard: Shard) -> Path:
    return folder / f"part-{shard.number:06d}.parquet"


def _parts(path: Path) -> list[Path]:
    parts = sorted(path.glob("part-*.parquet")) if path.is_dir() else [path]
    if not parts:
        raise DataError(f"{path}: expected worlds as Parquet, found none")
    return parts


def _refuse_unfinished(folder: Path) -> None:
    request = _read_request(folder)
    if request is None:
        raise DataError(f"{folder}: expected worlds, found an empty folder")
    n_rows = sum(pq.read_metadata(part).num_rows for part in _parts(folder))
    expected = request["n"] * request["horizon"]
    if n_rows != expected:
        raise DataError(
            f"{folder}: {n_rows:,} of {expected:,} rows are there; "
            "repeat the call that wrote it to finish"
        )


def _from_table(table: pa.Table, *, where: Path) -> Worlds:
    if table.column_names[:2] != ["path", "step"] or len(table.column_names) < 3:
        raise DataError(
            f"{where}: expected the columns path, step and one per channel, "
            f"found {table.column_names}"
        )
    channels = table.column_names[2:]
    steps = table.column("step").to_numpy()
    n_steps = int(steps.max()) + 1
    if len(steps) % n_steps or (steps.reshape(-1, n_steps) != np.arange(n_steps)).any():
        raise DataError(f"{where}: expected every path to have the steps 0 to {n_steps - 1}")
    values = np.empty((len(steps), len(channels)))
    for i, channel in enumerate(channels):
        values[:, i] = table.column(channel).to_numpy()
    return Worlds(values.reshape(-1, n_steps, len(channels)), channels)
