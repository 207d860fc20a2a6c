"""Rows drawn cell by cell from a network whose units are computed once each."""

from dataclasses import dataclass, replace

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
        wanted: Whether rows with each code are kept, (codes of all coded columns,).
    """

    columns: Tensor
    codes: Tensor
    numbers: Tensor
    allowed: Tensor
    wanted: Tensor

    def rows(self, kept: Tensor) -> "Known":
        """Give what is known of some of the rows."""
        return replace(
            self, columns=self.columns[kept], codes=self.codes[kept], numbers=self.numbers[kept]
        )


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

    def keep(self, rows: Tensor) -> None:
        """Go on with some of the rows alone."""
        self.features, self.start = self.features[rows], self.start[rows]
        self.active = [layer[rows] for layer in self.active]


@torch.no_grad()
def walk(
    network: CellNetwork, known: Known, levels: Tensor, rng: torch.Generator
) -> tuple[Tensor, Tensor, Tensor]:
    """Draw rows; those whose codes are not wanted are dropped before their numbers are drawn.

    Args:
        network: The network.
        known: What is known of them.
        levels: Noise levels on the way from noise to numbers, see ``noise_levels``.
        rng: The stream.

    Returns:
        Codes (rows kept, coded columns) and normal scores (rows kept, measured columns), those
        known among them as they were; and whether each row was kept, (rows,).
    """
    cells = network.cells
    there = cells.there(known.codes)
    features = network.features(known.codes, known.numbers, there)
    steps = Walk(network, features * network.known_features(known.columns))
    codes = _codes(steps, known, rng)
    kept = known.wanted[codes + network.first_code].all(dim=1)
    if not kept.all():
        steps.keep(kept)
        known, codes = known.rows(kept), codes[kept]
    return codes, _numbers(steps, known, cells.there(codes), levels, rng), kept


def _codes(steps: Walk, known: Known, rng: torch.Generator) -> Tensor:
    """Draw the codes that are not known, (rows, coded columns)."""
    codes, cells = known.codes.clone(), steps.network.cells
    allowed = torch.split(known.allowed, list(cells.n_codes))
    for cell, place in enumerate(cells.plan.coded):
        logits = steps.said(cell).masked_fill(~allowed[cell], -torch.inf)
        drawn = torch.multinomial(logits.softmax(1), 1, generator=rng)[:, 0]
        codes[:, cell] = torch.where(known.columns[:, place], codes[:, cell], drawn)
        steps.tell(functional.one_hot(codes[:, cell], cells.n_codes[cell]).float())
    return codes


def _numbers(
    steps: Walk, known: Known, there: Tensor, levels: Tensor, rng: torch.Generator
) -> Tensor:
    """Draw the numbers that are there and not known, (rows, measured columns)."""
    numbers, network = known.numbers.clone(), steps.network
    n_coded = len(network.cells.plan.coded)
    for spot, place in enumerate(network.cells.plan.measured):
        said, drawn = steps.said(n_coded + spot), there[:, spot] & ~known.columns[:, place]
        numbers[drawn, spot] = _number(network, said[drawn], spot, levels, rng)
        own = slice(spot, spot + 1)
        steps.tell(network.number_features(numbers[:, own], there[:, own], own))
    return numbers


def _number(
    network: CellNetwork, said: Tensor, spot: int, levels: Tensor, rng: torch.Generator
) -> Tensor:
    start = torch.randn(len(said), generator=rng) * (1 + levels[0] ** 2).sqrt()
    context = said[:, 2:]
    rest = descend(lambda noisy, level: network.cleaned(context, noisy, level, spot), start, levels)
    return said[:, 0] + spread_of(said[:, 1]) * rest.clamp(-FARTHEST, FARTHEST)
