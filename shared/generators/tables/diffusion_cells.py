"""Rows as a sequence of cells: codes, then numbers, and where ties leave numbers room."""

from dataclasses import dataclass

import numpy as np
import torch
from scipy.special import ndtr
from torch import Tensor

from scenara.shared.features import Coded
from scenara.shared.features.base import Encoder
from scenara.shared.generators.tables.heads import Plan
from scenara.shared.types import FloatArray

__all__ = ["Cells", "normal_scores", "room"]

EDGE = 1e-6


@dataclass(frozen=True)
class Cells:
    """Say in which order the cells of a row are drawn, and how wide each is for a network.

    The codes of all columns come first, in the order of the columns, then the numbers.

    Args:
        plan: What the columns are.
        n_waves: Frequencies at which a network reads a number.
        n_context: Numbers by which a network says what it knows of a number to be drawn.

    Example:
        >>> cells = Cells(Plan(("age", "sex"), (1, 2), (1, 0)), n_waves=3, n_context=8)
        >>> cells.columns, cells.inputs, cells.outputs
        ((1, 0), (2, 8), (2, 10))
    """

    plan: Plan
    n_waves: int
    n_context: int

    @property
    def columns(self) -> tuple[int, ...]:
        """Give the column of each cell, in the order of drawing."""
        return (*self.plan.coded, *self.plan.measured)

    @property
    def n_codes(self) -> tuple[int, ...]:
        """Count the codes of each coded column."""
        return tuple(self.plan.n_codes[place] for place in self.plan.coded)

    @property
    def inputs(self) -> tuple[int, ...]:
        """Give how many numbers each cell is for the network that reads it."""
        return (*self.n_codes, *(2 + 2 * self.n_waves for _ in self.plan.measured))

    @property
    def outputs(self) -> tuple[int, ...]:
        """Give how many numbers the network gives for each cell."""
        return (*self.n_codes, *(2 + self.n_context for _ in self.plan.measured))

    def gates(self) -> tuple[tuple[int, int], ...]:
        """Give what rules each measured column: its place among coded ones, and codes with numbers.

        The place is -1 where a column has numbers alone.
        """
        coded, n_positioned = self.plan.coded, self.plan.n_positioned
        return tuple(
            (coded.index(place) if place in coded else -1, n_positioned[place])
            for place in self.plan.measured
        )

    def there(self, codes: Tensor) -> Tensor:
        """Say which numbers are there, given the codes (rows, coded columns).

        Returns:
            (rows, measured columns) booleans.
        """
        ones = torch.ones(len(codes), dtype=torch.bool, device=codes.device)
        parts = [ones if rule < 0 else codes[:, rule] < most for rule, most in self.gates()]
        return torch.stack(parts, 1) if parts else ones.new_zeros(len(codes), 0)


def room(coded: Coded, encoder: Encoder, n_learned: float) -> tuple[FloatArray, FloatArray]:
    """Give the ranks between which each number lies among those of its column.

    Ties share the ranks of all their rows and a single number has those of one row, so that ranks
    drawn evenly in between are spread evenly over [0, 1] and decode to the number.

    Args:
        coded: The column, coded by normal scores.
        encoder: Its fitted encoder.
        n_learned: Rows with a number that the encoder was fitted on.

    Returns:
        Lower and upper rank, (rows,) each; both 0.5 where the code has no position.
    """
    low, high = np.full(len(coded), 0.5), np.full(len(coded), 0.5)
    inside = coded.codes < encoder.n_positioned_
    curve = getattr(encoder, "curve_", None)
    if curve is None or not inside.any():
        return low, high
    scores, half = coded.positions[inside], 0.5 / max(n_learned, 1.0)
    knot = np.maximum(np.searchsorted(curve.low, scores, side="right") - 1, 0)
    tied = scores <= curve.high[knot]
    low[inside] = ndtr(np.where(tied, curve.low[knot], scores)) - half
    high[inside] = ndtr(np.where(tied, curve.high[knot], scores)) + half
    return np.clip(low, 0, 1), np.clip(high, 0, 1)


def normal_scores(low: Tensor, high: Tensor, rng: torch.Generator) -> Tensor:
    """Draw ranks evenly between two bounds and give their normal scores.

    Args:
        low: Lower ranks, any shape.
        high: Upper ranks.
        rng: The stream.

    Example:
        >>> normal_scores(torch.tensor([0.5]), torch.tensor([0.5]), torch.Generator())
        tensor([0.])
    """
    share = torch.rand(low.shape, generator=rng, device=rng.device, dtype=low.dtype)
    scores: Tensor = torch.special.ndtri((low + share * (high - low)).clamp(EDGE, 1 - EDGE))
    return scores
