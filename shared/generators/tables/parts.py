"""Generated rows on disk: numbered Parquet parts that an interrupted run can be continued from."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from scenara.shared.engine import Engine, Shard
from scenara.shared.generators.parts import claim, is_there, write_part
from scenara.shared.generators.tables.conditions import Conditions
from scenara.shared.progress import Progress
from scenara.shared.types import RandomState

__all__ = ["stream_rows"]


def stream_rows(
    folder: Path,
    request: Mapping[str, Any],
    pieces: Callable[[int], list[tuple[Shard, Conditions]]],
    draw: Callable[[Shard, Conditions], pd.DataFrame],
    *,
    random_state: RandomState,
    engine: Engine,
    progress: Progress,
) -> Path:
    """Write the parts of a request that are not there yet.

    Args:
        folder: Where the parts stand; made where it is missing.
        request: JSON-able description; it is kept in the folder and must be the same when the
            run is continued.
        pieces: Gives the shards and their conditions for a seed.
        draw: Gives the rows of one shard.
        random_state: Seed; None takes the one in the folder, or draws one.
        engine: Runs ``draw`` over the shards.
        progress: Told how many parts are there.

    Returns:
        The folder.

    Raises:
        ConfigError: The folder holds the parts of another request, or something else.
    """
    seed = claim(folder, request, random_state)["random_state"]
    cuts = pieces(seed)
    asked = {shard.number: conditions for shard, conditions in cuts}
    missing = [shard for shard, _ in cuts if not is_there(folder, shard)]
    done = len(cuts) - len(missing)
    frames = engine.map(lambda shard: draw(shard, asked[shard.number]), missing)
    for shard, frame in zip(missing, frames, strict=True):
        write_part(folder, shard, frame)
        done += 1
        progress("rows", done, len(cuts))
    return folder
