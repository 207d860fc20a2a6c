"""Generated paths on disk: numbered Parquet parts that an interrupted run can be continued from."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from scenara.shared.engine import Engine, Shard, cut
from scenara.shared.errors import DataError
from scenara.shared.generators.parts import claim, is_there, read_request, write_part
from scenara.shared.progress import Progress
from scenara.shared.store import canonical_json
from scenara.shared.types import FloatArray, RandomState

__all__ = ["Worlds", "read_worlds", "stream_worlds", "worlds_frame", "write_worlds"]

_ORIGIN = b"scenara"


@dataclass(frozen=True)
class Worlds:
    """Hold generated paths with the names of their channels.

    Args:
        paths: Array (paths, steps, channels).
        channels: Name of each channel.
        n_past: How many of the first steps come before the world begins; models may look back
            at them, results don't count them.
        origin: What is known of how the paths were made, such as the last day that was learned
            from.

    Raises:
        DataError: The shape does not fit, or a value is missing or infinite.
    """

    paths: FloatArray
    channels: list[str]
    n_past: int = 0
    origin: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.paths.ndim != 3 or self.paths.shape[2] != len(self.channels):
            raise DataError(
                f"worlds: expected (paths, steps, {len(self.channels)} channels), "
                f"found shape {self.paths.shape}"
            )
        if not 0 <= self.n_past < self.paths.shape[1]:
            raise DataError(
                f"worlds: expected fewer than {self.paths.shape[1]} steps of past, "
                f"found {self.n_past}"
            )

    @property
    def past(self) -> FloatArray:
        """The steps before the world begins, (paths, n_past, channels)."""
        return self.paths[:, : self.n_past]

    @property
    def future(self) -> FloatArray:
        """The world itself, (paths, steps - n_past, channels)."""
        return self.paths[:, self.n_past :]


def worlds_frame(
    paths: FloatArray, channels: Sequence[str], *, first_path: int = 0, first_step: int = 0
) -> pd.DataFrame:
    """Lay paths out as a long frame.

    Args:
        paths: Array (paths, steps, channels).
        channels: Name of each channel.
        first_path: Number of the first path.
        first_step: Number of the first step.

    Returns:
        Frame with the columns ``path``, ``step`` and one for each channel.

    Raises:
        DataError: A channel is called ``path`` or ``step``.

    Example:
        >>> worlds_frame(np.zeros((1, 2, 1)), ["SPX"])
           path  step  SPX
        0     0     0  0.0
        1     0     1  0.0
    """
    taken = {"path", "step"} & set(channels)
    if taken:
        raise DataError(f"channel {min(taken)!r}: worlds keep that name for themselves; rename it")
    n_paths, n_steps, n_channels = paths.shape
    steps = np.arange(first_step, first_step + n_steps)
    frame = pd.DataFrame(paths.reshape(-1, n_channels), columns=list(channels))
    frame.insert(0, "path", np.repeat(np.arange(first_path, first_path + n_paths), n_steps))
    frame.insert(1, "step", np.tile(steps, n_paths))
    return frame


def write_worlds(path: str | Path, worlds: Worlds) -> Path:
    """Write paths to one Parquet file; the past of a world has steps below zero.

    Args:
        path: The file.
        worlds: What to write.

    Returns:
        The file.
    """
    path = Path(path)
    frame = worlds_frame(worlds.paths, worlds.channels, first_step=-worlds.n_past)
    table = pa.Table.from_pandas(frame, preserve_index=False)
    known = {_ORIGIN: canonical_json(dict(worlds.origin))}
    pq.write_table(table.replace_schema_metadata({**(table.schema.metadata or {}), **known}), path)
    return path


def read_worlds(path: str | Path) -> Worlds:
    """Read paths from a Parquet file, or from the folder that ``sample_to`` wrote.

    Args:
        path: File or folder; a folder that holds a ``worlds.parquet`` stands for that file.

    Returns:
        The paths in their order.

    Raises:
        DataError: Nothing is there, the layout is another one, paths differ in length, or a value
            is missing or infinite.
    """
    path = Path(path)
    path = path / "worlds.parquet" if (path / "worlds.parquet").is_file() else path
    if not path.exists():
        raise DataError(f"{path}: there is no such file or folder of worlds; check the path")
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
    request = claim(folder, request, random_state)
    shards = cut(request["n"], size=shard_size, random_state=request["random_state"])
    missing = [shard for shard in shards if not is_there(folder, shard)]
    done = len(shards) - len(missing)
    for shard, paths in zip(missing, engine.map(draw, missing), strict=True):
        write_part(folder, shard, worlds_frame(paths, channels, first_path=shard.start))
        done += 1
        progress("worlds", done, len(shards))
    return folder


def _parts(path: Path) -> list[Path]:
    parts = sorted(path.glob("part-*.parquet")) if path.is_dir() else [path]
    if not parts:
        raise DataError(f"{path}: expected worlds as Parquet, found none")
    return parts


def _refuse_unfinished(folder: Path) -> None:
    request = read_request(folder)
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
    if not table.num_rows:
        raise DataError(f"{where}: expected worlds, found a file without rows")
    channels = table.column_names[2:]
    columns = {name: _numbers(table, name, where) for name in table.column_names}
    first, last = int(columns["step"].min()), int(columns["step"].max())
    n_steps = last - first + 1
    n_paths, rest = divmod(table.num_rows, n_steps)
    expected = {
        "step": np.tile(np.arange(first, last + 1), n_paths),
        "path": np.repeat(columns["path"][::n_steps], n_steps),
    }
    numbers = columns["path"][::n_steps]
    if (
        rest
        or len(np.unique(numbers)) != n_paths
        or any(not np.array_equal(columns[name], values) for name, values in expected.items())
    ):
        raise DataError(f"{where}: expected every path to have the steps {first} to {last} once")
    values = np.column_stack([columns[name] for name in channels])
    origin = json.loads((table.schema.metadata or {}).get(_ORIGIN, b"{}"))
    return Worlds(values.reshape(n_paths, n_steps, -1), channels, max(0, -first), origin)


def _numbers(table: pa.Table, name: str, where: Path) -> FloatArray:
    column = table.column(name)
    if not (pa.types.is_integer(column.type) or pa.types.is_floating(column.type)):
        raise DataError(f"{where}: column {name!r}: expected numbers, found {column.type}")
    values: FloatArray = column.to_numpy().astype(np.float64)
    if not np.isfinite(values).all():
        row = int(np.flatnonzero(~np.isfinite(values))[0])
        raise DataError(f"{where}: column {name!r}: missing or infinite value in row {row}")
    return values
