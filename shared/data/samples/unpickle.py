"""Read the data frame out of a pickle that holds nothing but one.

Pickles can run any code, so nothing else in scenara reads one. A few sample tables are published
as pickles only; they come here after their sha256 has been checked, and even then no class of
pandas is built: inert stand-ins collect the arrays, and every other name is refused.
"""

import io
import pickle
from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple

import numpy as np
import pandas as pd

from scenara.shared.errors import ArtifactError
from scenara.shared.types import Array

__all__ = ["frame_from_pickle"]


class _Block(NamedTuple):
    values: Array
    places: slice | Array


class _Blocks(NamedTuple):
    blocks: Sequence[_Block]
    axes: Sequence[Array]


class _Index:
    """Stand for the index classes, which appear only as a name to be built."""


class _RangeIndex:
    """Stand for a range, kept as its three numbers."""


class _Frame:
    """Stand for the data frame and keep the state that pandas wrote."""

    def __setstate__(self, state: Mapping[str, Any]) -> None:
        self.state = state


def _new_index(kind: type, parts: Mapping[str, Any]) -> Array:
    if kind is _RangeIndex:
        return np.arange(parts["start"], parts["stop"], parts["step"])
    return np.asarray(parts["data"])


def _new_block(values: Array, places: slice | Array, n_dim: int) -> _Block:
    return _Block(values, places)


def _array_from_bytes(
    data: bytearray, dtype: np.dtype[Any], shape: tuple[int, ...], order: Literal["C", "F"]
) -> Array:
    return np.frombuffer(data, dtype=dtype).reshape(shape, order=order)


# numpy keeps the rebuilding function private; a plain array names it in its own reduction.
_REBUILD_ARRAY = np.empty(0).__reduce__()[0]

ALLOWED: dict[tuple[str, str], Any] = {
    ("builtins", "slice"): slice,
    ("numpy", "dtype"): np.dtype,
    ("numpy", "ndarray"): np.ndarray,
    ("numpy.core.multiarray", "_reconstruct"): _REBUILD_ARRAY,
    ("numpy.core.numeric", "_frombuffer"): _array_from_bytes,
    ("pandas._libs.internals", "_unpickle_block"): _new_block,
    ("pandas.core.frame", "DataFrame"): _Frame,
    ("pandas.core.indexes.base", "Index"): _Index,
    ("pandas.core.indexes.base", "_new_Index"): _new_index,
    ("pandas.core.indexes.range", "RangeIndex"): _RangeIndex,
    ("pandas.core.internals.managers", "BlockManager"): _Blocks,
}


class _FrameUnpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> object:
        try:
            return ALLOWED[module, name]
        except KeyError:
            raise ArtifactError(
                f"refused a pickle that names {module}.{name}: expected a plain data frame of "
                "numbers and strings"
            ) from None


def _assemble(blocks: _Blocks) -> pd.DataFrame:
    names, rows = blocks.axes
    columns: dict[int, Array] = {}
    for block in blocks.blocks:
        places = np.arange(len(names))[block.places]
        columns.update(zip(places.tolist(), block.values, strict=True))
    ordered = {name: columns[place] for place, name in enumerate(names)}
    return pd.DataFrame(ordered, index=pd.RangeIndex(len(rows)))


def frame_from_pickle(data: bytes) -> pd.DataFrame:
    """Read the data frame in a pickle without building any class that the pickle names.

    Args:
        data: The pickle, uncompressed. Its origin has been checked by the caller.

    Returns:
        The frame, rows numbered from 0.

    Raises:
        ArtifactError: If the pickle names anything but the parts of a plain frame, or is none.
    """
    try:
        found = _FrameUnpickler(io.BytesIO(data)).load()
        if not isinstance(found, _Frame):
            raise ArtifactError(f"expected a pickled data frame, found {type(found).__name__}")
        return _assemble(found.state["_mgr"])
    except (pickle.UnpicklingError, EOFError, KeyError, AttributeError, TypeError) as error:
        raise ArtifactError(f"expected a pickled data frame, found damage: {error}") from error
