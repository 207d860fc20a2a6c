"""Rows of codes and positions as tensors that networks read and write."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from scenara.shared.features import Coded, TableEncoder
from scenara.shared.types import Array

__all__ = ["Heads", "Plan", "gumbel"]


@dataclass(frozen=True)
class Plan:
    """Say what a network gives for each column of a coded table.

    A column that can be more than one thing has a head of logits, one for each code; a column
    with positions has a head of one number.

    Args:
        names: The columns.
        n_codes: Codes of each.
        n_positioned: How many codes of each, from the first on, have a position.

    Example:
        >>> plan = Plan(("age", "sex"), (1, 2), (1, 0))
        >>> plan.coded, plan.measured, plan.n_hot
        ((1,), (0,), 2)
    """

    names: tuple[str, ...]
    n_codes: tuple[int, ...]
    n_positioned: tuple[int, ...]

    @classmethod
    def of(cls, encoder: TableEncoder) -> "Plan":
        """Read it off a fitted encoder."""
        parts = encoder.encoders_.values()
        return cls(
            tuple(encoder.encoders_),
            tuple(part.n_codes_ for part in parts),
            tuple(part.n_positioned_ for part in parts),
        )

    @property
    def coded(self) -> tuple[int, ...]:
        """Give the places of the columns that have logits."""
        return tuple(place for place, n in enumerate(self.n_codes) if n > 1)

    @property
    def measured(self) -> tuple[int, ...]:
        """Give the places of the columns that have positions."""
        return tuple(place for place, n in enumerate(self.n_positioned) if n)

    @property
    def n_hot(self) -> int:
        """Count the logits."""
        return sum(self.n_codes[place] for place in self.coded)

    @property
    def n_outputs(self) -> int:
        """Count the logits and positions."""
        return self.n_hot + len(self.measured)

    @property
    def starts(self) -> dict[int, int]:
        """Give the first logit of each column that has any, by the column's place."""
        ends = np.cumsum([0, *(self.n_codes[place] for place in self.coded)])
        return {place: int(end) for place, end in zip(self.coded, ends, strict=False)}

    def read(self, coded: Mapping[str, Coded]) -> tuple[Tensor, Tensor]:
        """Give the codes (rows, coded columns) and positions (rows, measured columns)."""
        columns = [coded[name] for name in self.names]
        n_rows = len(columns[0])
        codes = [columns[place].codes for place in self.coded]
        spots = [columns[place].positions for place in self.measured]
        return (
            torch.from_numpy(_stacked(codes, n_rows).astype(np.int32)),
            torch.from_numpy(_stacked(spots, n_rows).astype(np.float32)),
        )

    def write(self, codes: Array, positions: Array) -> dict[str, Coded]:
        """Undo :meth:`read`, on arrays."""
        n_rows = len(codes)
        made = {}
        for place, name in enumerate(self.names):
            found, spots = np.zeros(n_rows, dtype=np.int64), np.zeros(n_rows)
            if place in self.coded:
                found = codes[:, self.coded.index(place)].astype(np.int64)
            if place in self.measured:
                spots = positions[:, self.measured.index(place)].astype(np.float64)
            made[name] = Coded(found, spots)
        return made

    def measured_codes(self, codes: Array) -> Array:
        """Pick the codes of the measured columns; 0 where a column can be one thing alone.

        Args:
            codes: Codes, (rows, coded columns).

        Returns:
            (rows, measured columns).
        """
        places = [self.coded.index(place) if place in self.coded else -1 for place in self.measured]
        return np.column_stack([codes, np.zeros(len(codes), dtype=codes.dtype)])[:, places]


class Heads(nn.Module):
    """Read rows as vectors of ones and positions, and turn outputs into such rows.

    A vector has a one for the code of each coded column, then the positions of the measured
    columns, 0 where the code has none. Sums within columns are products with a matrix of zeros
    and ones: one call instead of one for each column.

    Args:
        plan: What the columns are.
    """

    column: Tensor
    first: Tensor
    members: Tensor
    gates: Tensor
    always: Tensor

    def __init__(self, plan: Plan) -> None:
        super().__init__()
        sizes = torch.tensor([plan.n_codes[place] for place in plan.coded], dtype=torch.long)
        column = torch.repeat_interleave(torch.arange(len(sizes)), sizes)
        gates = torch.zeros(plan.n_hot, len(plan.measured))
        for spot, place in enumerate(plan.measured):
            start = plan.starts.get(place, 0)
            gates[start : start + plan.n_positioned[place] * (place in plan.coded), spot] = 1
        always = torch.tensor([place not in plan.coded for place in plan.measured])
        buffers = {
            "column": column,
            "first": torch.cumsum(sizes, 0) - sizes,
            "members": nn.functional.one_hot(column, max(len(sizes), 1)).float()[:, : len(sizes)],
            "gates": gates,
            "always": always.float(),
        }
        for name, value in buffers.items():
            self.register_buffer(name, value, persistent=False)

    @property
    def n_hot(self) -> int:
        """Count the logits."""
        return len(self.column)

    def hot(self, codes: Tensor) -> Tensor:
        """Give codes (rows, coded columns) as ones among zeros, (rows, logits)."""
        ones = self.gates.new_zeros(len(codes), self.n_hot)
        return ones.scatter_(1, codes.long() + self.first, 1.0)

    def codes(self, hot: Tensor) -> Tensor:
        """Give the place of the largest number of each column, (rows, coded columns)."""
        sizes = self.members.sum(0).long().tolist()
        parts = torch.split(hot, sizes, dim=1)
        if not len(self.first):
            return torch.zeros(len(hot), 0, dtype=torch.long)
        return torch.stack([part.argmax(1) for part in parts], dim=1)

    def vector(self, hot: Tensor, positions: Tensor) -> Tensor:
        """Join ones and positions, positions only where the code has one."""
        return torch.cat([hot, positions * self.gate(hot)], dim=1)

    def gate(self, hot: Tensor) -> Tensor:
        """Say which positions are there, (rows, measured columns)."""
        return hot @ self.gates + self.always

    def log_softmax(self, logits: Tensor) -> Tensor:
        """Give log probabilities of the codes within each column, (rows, logits)."""
        shifted = logits - self._largest(logits.detach())
        return shifted - (shifted.exp() @ self.members).log() @ self.members.T

    def hardest(self, logits: Tensor) -> Tensor:
        """Give a one for the largest logit of each column, (rows, logits)."""
        return (logits >= self._largest(logits)).to(logits.dtype)

    def _largest(self, logits: Tensor) -> Tensor:
        shape = (len(logits), self.members.shape[1])
        place = self.column.expand(len(logits), -1)
        low = torch.full(shape, -torch.inf, device=logits.device, dtype=logits.dtype)
        return low.scatter_reduce(1, place, logits, "amax").gather(1, place)


def gumbel(shape: torch.Size | tuple[int, ...], rng: torch.Generator) -> Tensor:
    """Draw from the standard Gumbel law.

    The largest of logits plus such numbers falls on each with its softmax probability.

    Args:
        shape: Shape of the result.
        rng: The stream; its device is that of the result.

    References:
        Maddison, Tarlow and Minka, 2014, A* sampling, https://arxiv.org/abs/1411.0030, eq. 2.
    """
    uniform = torch.rand(shape, generator=rng, device=rng.device).clamp(1e-20, 1 - 1e-7)
    return -(-uniform.log()).log()


def _stacked(columns: list[Array], n_rows: int) -> Array:
    return np.stack(columns, axis=1) if columns else np.zeros((n_rows, 0))
