"""How families that decode what a network draws are saved: encoder, weights, and further parts."""

from typing import Protocol, TypeVar

import numpy as np
import torch
from torch import nn

from scenara.shared.features import TableEncoder, join_state, split_state
from scenara.shared.generators.tables.prefixes import below, prefixed
from scenara.shared.store import State
from scenara.shared.types import Array

__all__ = ["encoder_of", "network_state", "part_of", "with_weights_of"]

Network = TypeVar("Network", bound=nn.Module)


class _Kept(Protocol):
    def arrays(self) -> dict[str, Array]: ...


def network_state(encoder: TableEncoder, network: nn.Module, **parts: _Kept | None) -> State:
    """Give what a family has learned as plain values and arrays.

    Args:
        encoder: Codes the columns.
        network: Its weights are kept.
        **parts: What else has arrays to keep, each below its name; None keeps nothing.
    """
    values, codes = split_state(encoder.state())
    weights = {name: weight.numpy() for name, weight in network.state_dict().items()}
    arrays = {**prefixed("encoder.", codes), **prefixed("network.", weights)}
    for name, part in parts.items():
        arrays |= {} if part is None else prefixed(f"{name}.", part.arrays())
    return State(values={"encoder": values}, arrays=arrays)


def part_of(state: State, name: str) -> dict[str, Array]:
    """Give the arrays of one part.

    Args:
        state: From ``network_state``.
        name: Such as ``"margins"``.
    """
    return below(f"{name}.", state.arrays)


def encoder_of(state: State) -> TableEncoder:
    """Give the encoder.

    Args:
        state: From ``network_state``.
    """
    return TableEncoder.from_state(join_state(state.values["encoder"], part_of(state, "encoder")))


def with_weights_of(state: State, network: Network) -> Network:
    """Load the weights into a network, ready to draw.

    Args:
        state: From ``network_state``.
        network: Of the same shape; it is changed and given back.
    """
    weights = part_of(state, "network").items()
    network.load_state_dict({name: torch.from_numpy(np.array(x)) for name, x in weights})
    network.eval()
    return network
