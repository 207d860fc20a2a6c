"""Rows drawn cell by cell from a network whose units are computed once each."""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from scenara.shared.generators.tables.diffusion_network import (
    FARTHEST,
    CellNetwork,
    spread_of,
)
from scenara.shared.generators.tables.diffusion_paths import descend

__all__ = ["Known", "Walk", "walk"]


@dataclass(frozen=True)
class Known:
    """Hold what is known of rows before they are drawn.

    Args:
        columns: Whether each cell is known, (rows, columns).
        codes: Codes, read where known, (rows, coded columns).
        numbers: Normal scores, read where known, (rows, measured columns).
        allowed: Whether each code may be drawn, (codes of all coded columns,).
    """

    columns: Tensor
    codes: Tensor
    numbers: Tensor
    allowed: Tensor


class Walk:
    """Compute what a network says of one cell after the other.

    The units that read the same cells are computed when these cells are there, and never again,
    so that a walk through all cells costs about one pass.

    Args:
        network: The network.
        known: Features that are known beforehand, 0 elsewhere, (rows, inputs).
    """

    def __init__(self, network: CellNetwork, known: Tensor) -> None:
        self.network = network
        n_cells = len(network.cells.columns)
        ends = torch.searchsorted(network.order, torch.arange(n_cells), right=True)
        self.ends = [0, *ends.tolist()]
        self.features = torch.zeros_like(known)
        self.start = known @ network.know.weight.T + network.read.bias
        # Activations of each layer in turn; the last layer's say what is given.
        self.active = [torch.empty_like(self.start) for _ in range(1 + 2 * len(network.layers()))]
        self.n_read = self.n_given = 0

    def said(self, cell: int) -> Tensor:
        """Give what the network says of a cell; the cells before it have been told."""
        network, units = self.network, slice(self.ends[cell], self.ends[cell + 1])
        upto = slice(units.stop)
        read = network.read.weight[units, : self.n_read]
        hidden = self.start[:, units] + self.features[:, : self.n_read] @ read.T
        self.active[0][:, units] = functional.silu(hidden)
        for place, (inner, outer) in enumerate(network.layers()):
            below, inside, above = self.active[2 * place : 2 * place + 3]
            rise = functional.linear(below[:, upto], inner.weight[units, upto], inner.bias[units])
            inside[:, units] = functional.silu(rise)
            rise = functional.linear(inside[:, upto], outer.weight[units, upto], outer.bias[units])
            hidden = hidden + rise
            above[:, units] = functional.silu(hidden)
        given = slice(self.n_given, self.n_given + network.cells.outputs[cell])
        self.n_given = given.stop
        top = self.active[-1][:, upto]
        return functional.linear(top, network.give.weight[given, upto], network.give.bias[given])

    def tell(self, features: Tensor) -> None:
        """Tell the features of the next cell, (rows, inputs of the cell)."""
        after = self.n_read + features.shape[1]
        self.features[:, self.n_read : after] = features
        self.n_read = after


@torch.no_grad()
def walk(
    network: CellNetwork, known: Known, levels: Tensor, rng: torch.Generator
) -> tuple[Tensor, Tensor]:
    """Draw rows.

    Args:
        network: The network.
        known: What is known of them.
        levels: Noise levels on the way from noise to numbers, see ``noise_levels``.
        rng: The stream.

    Returns:
        Codes (rows, coded columns) and normal scores (rows, measured columns), those known among
        them as they were.
    """
    cells = network.cells
    n_coded = len(cells.plan.coded)
    codes, numbers = known.codes.clone(), known.numbers.clone()
    flags = network.known_features(known.columns)
    there = cells.there(codes)
    steps = Walk(network, network.features(codes, numbers, there) * flags)
    fixed = known.columns[:, list(cells.columns)]
    for cell in range(n_coded):
        logits = steps.said(cell)
        size, first = cells.n_codes[cell], int(network.first_code[cell])
        logits = logits.masked_fill(~known.allowed[first : first + size], -torch.inf)
        drawn = torch.multinomial(logits.softmax(1), 1, generator=rng)[:, 0]
        codes[:, cell] = torch.where(fixed[:, cell], codes[:, cell], drawn)
        steps.tell(functional.one_hot(codes[:, cell], size).float())
    there = cells.there(codes)
    for place in range(len(cells.plan.measured)):
        said, open_ = steps.said(n_coded + place), there[:, place] & ~fixed[:, n_coded + place]
        numbers[open_, place] = _number(network, said[open_], place, levels, rng)
        spot = slice(place, place + 1)
        steps.tell(network.number_features(numbers[:, spot], there[:, spot], spot))
    return codes, numbers


def _number(
    network: CellNetwork, said: Tensor, place: int, levels: Tensor, rng: torch.Generator
) -> Tensor:
    start = torch.randn(len(said), generator=rng) * (1 + levels[0] ** 2).sqrt()
    rest = descend(
        lambda noisy, level: network.cleaned(said[:, 2:], noisy, level, place), start, levels
    )
    return said[:, 0] + spread_of(said[:, 1]) * rest.clamp(-FARTHEST, FARTHEST)
