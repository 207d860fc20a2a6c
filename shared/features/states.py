"""Fitted state as plain JSON values and arrays, so that an artifact never needs a pickle."""

import dataclasses
import datetime
import decimal
import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from scenara.shared.data.schema import Kind
from scenara.shared.errors import ArtifactError, DataError
from scenara.shared.types import Array

__all__ = ["as_objects", "join_state", "pack", "split_state", "unpack"]

Packed: TypeAlias = Any
"""JSON values in lists and dicts, with arrays as leaves; mypy has no finite name for it."""

PLAIN = (type(None), bool, int, str)
MAX_DEPTH = 40


def pack(value: object) -> Packed:
    """Give a value as nested dicts and lists of JSON values, with arrays as leaves.

    Dataclasses are packed field by field (fields not set yet are left out); what JSON does not
    know (tuples, times, decimals, intervals, dtypes, infinite floats) is tagged with its type.

    Args:
        value: A dataclass of the package, or any value that can be a level of a category.

    Raises:
        DataError: If a value has a type that can't be kept.

    Example:
        >>> pack(("a", 1.5, float("inf")))
        {'is': 'tuple', 'of': ['a', 1.5, {'is': 'float', 'of': 'inf'}]}
    """
    if type(value) in PLAIN:
        return value
    if isinstance(value, np.ndarray):
        return np.ascontiguousarray(value)
    if isinstance(value, float) and np.isfinite(value):
        return float(value)
    if isinstance(value, np.generic):
        return pack(value.item())
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {"is": type(value).__name__, "of": _pack_fields(value)}
    return _pack_tagged(value)


def unpack(packed: Packed, types: Mapping[str, type], *, depth: int = 0) -> Packed:
    """Give back what ``pack`` was given.

    Args:
        packed: What ``pack`` gave, perhaps after a way through JSON.
        types: The dataclasses allowed, by name.
        depth: How many levels down this is.

    Raises:
        ArtifactError: If the state has an unknown type, or is not what ``pack`` gives.

    Example:
        >>> unpack(pack(("a", pd.Timestamp("2020-01-01"))), {})
        ('a', Timestamp('2020-01-01 00:00:00'))
    """
    if type(packed) in (*PLAIN, float) or isinstance(packed, np.ndarray):
        return packed
    if depth > MAX_DEPTH or not isinstance(packed, dict) or packed.keys() != {"is", "of"}:
        raise ArtifactError(f"state: expected a tagged value, found {type(packed).__name__}")
    tag, inner = packed["is"], packed["of"]
    try:
        if tag in types:
            return _unpack_fields(types[tag], inner, types, depth)
        return UNPACKERS[tag](inner, lambda item: unpack(item, types, depth=depth + 1))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ArtifactError(f"state: {tag!r} can't be read back: {error}") from error


def split_state(state: Packed) -> tuple[Packed, dict[str, Array]]:
    """Part a state into JSON values and named arrays, the form the artifact store keeps.

    Args:
        state: What ``state()`` of an encoder gave.

    Returns:
        The values, in which ``{"array": name}`` stands for an array; and the arrays by name.

    Example:
        >>> values, arrays = split_state({"is": "x", "of": {"knots": np.arange(3)}})
        >>> values, arrays
        ({'is': 'x', 'of': {'knots': {'array': '0'}}}, {'0': array([0, 1, 2])})
    """
    arrays: dict[str, Array] = {}
    return _split(state, arrays), arrays


def join_state(values: Packed, arrays: Mapping[str, Array]) -> Packed:
    """Give back what ``split_state`` was given.

    Args:
        values: JSON values with ``{"array": name}`` in place of arrays.
        arrays: The arrays by name.

    Raises:
        ArtifactError: If an array is missing.
    """
    if isinstance(values, list):
        return [join_state(item, arrays) for item in values]
    if not isinstance(values, dict):
        return values
    if values.keys() != {"array"}:
        return {key: join_state(item, arrays) for key, item in values.items()}
    if values["array"] not in arrays:
        raise ArtifactError(f"state: array {values['array']!r} is missing; the state is incomplete")
    return arrays[values["array"]]


def _split(state: Packed, arrays: dict[str, Array]) -> Packed:
    if isinstance(state, np.ndarray):
        name = str(len(arrays))
        arrays[name] = state
        return {"array": name}
    if isinstance(state, list):
        return [_split(item, arrays) for item in state]
    if isinstance(state, dict):
        return {key: _split(item, arrays) for key, item in state.items()}
    return state


def _pack_fields(value: Packed) -> dict[str, Any]:
    names = (field.name for field in dataclasses.fields(value))
    return {name: pack(getattr(value, name)) for name in names if hasattr(value, name)}


def _unpack_fields(
    cls: type, packed: Mapping[str, Any], types: Mapping[str, type], depth: int
) -> object:
    values = {name: unpack(item, types, depth=depth + 1) for name, item in packed.items()}
    later = {field.name for field in dataclasses.fields(cls) if not field.init} & values.keys()
    made = cls(**{name: value for name, value in values.items() if name not in later})
    for name in later:
        setattr(made, name, values[name])
    return made


def _pack_tagged(value: object) -> dict[str, Any]:
    for kind, packer in PACKERS:
        if type(value) is kind or (kind in FAMILIES and isinstance(value, kind)):
            tag = kind.__name__
            return {"is": tag, "of": packer(value)}
    raise DataError(
        f"found a value of type {type(value).__name__} ({str(value)[:40]!r}), which can't be kept; "
        f"convert the column, for example with astype(str)"
    )


def _pack_timestamp(value: pd.Timestamp) -> list[Any]:
    naive = value.tz_convert("UTC").tz_localize(None) if value.tzinfo else value
    return [str(naive.asm8), value.unit, str(value.tzinfo) if value.tzinfo else None]


def _unpack_timestamp(packed: list[Any], _: Callable[[Any], Any]) -> pd.Timestamp:
    text, unit, zone = packed
    naive = pd.Timestamp(np.datetime64(text, unit))
    return naive.tz_localize("UTC").tz_convert(zone) if zone else naive


def _pack_string_dtype(dtype: pd.StringDtype) -> list[Any]:
    return [dtype.storage, "NA" if getattr(dtype, "na_value", pd.NA) is pd.NA else "nan"]


def _unpack_string_dtype(packed: list[Any], _: Callable[[Any], Any]) -> pd.StringDtype:
    storage, missing = packed
    if missing == "NA":
        return pd.StringDtype(storage)
    return pd.StringDtype(storage, na_value=np.nan)


def _pack_categories(dtype: pd.CategoricalDtype) -> list[Any]:
    return [[pack(item) for item in dtype.categories], pack(dtype.categories.dtype), dtype.ordered]


def _unpack_categories(packed: list[Any], inner: Callable[[Any], Any]) -> pd.CategoricalDtype:
    levels, dtype, ordered = packed
    values = [inner(item) for item in levels]
    index = pd.Index(as_objects(values), dtype=inner(dtype), tupleize_cols=False)
    return pd.CategoricalDtype(index, ordered=ordered)


def _pack_dtype(dtype: object) -> str:
    name = str(dtype)
    try:
        kept = pd.api.types.pandas_dtype(name) == dtype
    except TypeError:
        kept = False
    if not kept:
        raise DataError(f"found dtype {name!r}, which can't be kept; convert the column")
    return name


def as_objects(values: Sequence[Any]) -> Array:
    """Give values, tuples among them, as an array of objects."""
    array = np.empty(len(values), dtype=object)
    for row, value in enumerate(values):
        array[row] = value
    return array


FAMILIES = (np.dtype, pd.api.extensions.ExtensionDtype)
PACKERS: list[tuple[type, Callable[[Any], Any]]] = [
    (tuple, lambda value: [pack(item) for item in value]),
    (list, lambda value: [pack(item) for item in value]),
    (dict, lambda value: [[pack(key), pack(item)] for key, item in value.items()]),
    (frozenset, lambda value: [pack(item) for item in sorted(value, key=repr)]),
    (float, repr),
    (bytes, bytes.hex),
    (Kind, str),
    (pd.Timestamp, _pack_timestamp),
    (pd.Timedelta, lambda value: [int(value.asm8.astype("int64")), value.unit]),
    (pd.Interval, lambda value: [pack(value.left), pack(value.right), value.closed]),
    (pd.Period, lambda value: [value.ordinal, value.freqstr]),
    (datetime.datetime, datetime.datetime.isoformat),
    (datetime.date, datetime.date.isoformat),
    (datetime.time, datetime.time.isoformat),
    (decimal.Decimal, str),
    (uuid.UUID, str),
    (pd.StringDtype, _pack_string_dtype),
    (pd.CategoricalDtype, _pack_categories),
    (np.dtype, _pack_dtype),
    (pd.api.extensions.ExtensionDtype, _pack_dtype),
]
UNPACKERS: dict[str, Callable[[Any, Callable[[Any], Any]], Any]] = {
    "tuple": lambda packed, inner: tuple(inner(item) for item in packed),
    "list": lambda packed, inner: [inner(item) for item in packed],
    "dict": lambda packed, inner: {inner(key): inner(item) for key, item in packed},
    "frozenset": lambda packed, inner: frozenset(inner(item) for item in packed),
    "float": lambda packed, _: float(packed),
    "bytes": lambda packed, _: bytes.fromhex(packed),
    "Kind": lambda packed, _: Kind(packed),
    "Timestamp": _unpack_timestamp,
    "Timedelta": lambda packed, _: pd.Timedelta(np.timedelta64(packed[0], packed[1])),
    "Interval": lambda packed, inner: pd.Interval(inner(packed[0]), inner(packed[1]), packed[2]),
    "Period": lambda packed, _: pd.Period(ordinal=packed[0], freq=packed[1]),
    "datetime": lambda packed, _: datetime.datetime.fromisoformat(packed),
    "date": lambda packed, _: datetime.date.fromisoformat(packed),
    "time": lambda packed, _: datetime.time.fromisoformat(packed),
    "Decimal": lambda packed, _: decimal.Decimal(packed),
    "UUID": lambda packed, _: uuid.UUID(packed),
    "StringDtype": _unpack_string_dtype,
    "CategoricalDtype": _unpack_categories,
    "dtype": lambda packed, _: pd.api.types.pandas_dtype(packed),
    "ExtensionDtype": lambda packed, _: pd.api.types.pandas_dtype(packed),
}
