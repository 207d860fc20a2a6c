"""What a generator made of several parts keeps, as arrays with dotted names."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

__all__ = ["grouped_arrays", "named_arrays", "network_weights"]


def named_arrays(parts: Mapping[str, object]) -> dict[str, Any]:
    """Give the arrays of parts, each named ``part.field``.

    Args:
        parts: Dataclasses of arrays and networks, by name.

    Example:
        >>> list(named_arrays({"line": nn.Linear(1, 1)}))
        ['line.weight', 'line.bias']
    """
    return {
        f"{part}.{name}": value
        for part, found in parts.items()
        for name, value in _fields(found).items()
    }


def _fields(part: object) -> Mapping[str, Any]:
    if isinstance(part, nn.Module):
        return {name: tensor.numpy() for name, tensor in part.state_dict().items()}
    return vars(part)


def grouped_arrays(arrays: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Give the arrays of each part by name; those without a dot belong to the part ``""``.

    Args:
        arrays: From :func:`named_arrays`, and others.

    Example:
        >>> grouped_arrays({"a.b": 1, "c": 2})
        {'a': {'b': 1}, '': {'c': 2}}
    """
    parts: dict[str, dict[str, Any]] = {}
    for name, value in arrays.items():
        part, _, field = name.partition(".") if "." in name else ("", "", name)
        parts.setdefault(part, {})[field] = value
    return parts


def network_weights(arrays: Mapping[str, Any]) -> dict[str, Tensor]:
    """Give arrays as tensors of their own, for ``load_state_dict``.

    Args:
        arrays: Of one network, by name.
    """
    return {name: torch.from_numpy(np.array(array)) for name, array in arrays.items()}
