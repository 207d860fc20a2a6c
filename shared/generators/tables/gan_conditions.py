"""What rows are drawn under: the conditional vector of a generative adversarial network."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from scenara.shared.features import Coded
from scenara.shared.generators.tables.heads import Plan
from scenara.shared.generators.tables.steering import Aim
from scenara.shared.types import Array, FloatArray, IntArray

__all__ = ["Classes", "RowSampler"]

N_PARTS = 8


@dataclass(frozen=True)
class Classes:
    """Cut every column into classes that rows can be asked for.

    The classes of a column are its codes; a code with positions, where it is the only such one,
    is cut into parts of equal mass, so that a range of numbers can be asked for.

    Args:
        plan: What the columns are.
        edges: Where the parts of each column end, (parts - 1,) each; empty for one part.
        shares: Share of the rows in each class, (classes,), one column after the other.
    """

    plan: Plan
    edges: tuple[FloatArray, ...]
    shares: FloatArray

    @classmethod
    def of(cls, plan: Plan, coded: Mapping[str, Coded], *, n_parts: int = N_PARTS) -> "Classes":
        """Learn the parts and the shares.

        Args:
            plan: What the columns are.
            coded: The columns.
            n_parts: Most parts of a code.
        """
        edges = tuple(
            _edges(coded[name], n_parts) if n_positioned == 1 else np.zeros(0)
            for name, n_positioned in zip(plan.names, plan.n_positioned, strict=True)
        )
        bare = cls(plan, edges, np.zeros(0))
        number = bare.number(coded) + bare.starts
        counts = np.bincount(number.ravel(), minlength=int(bare.sizes.sum()))
        return cls(plan, edges, counts / len(number))

    @property
    def sizes(self) -> IntArray:
        """Count the classes of each column, (columns,)."""
        parts = [len(edges) for edges in self.edges]
        return np.array(self.plan.n_codes) + np.array(parts, dtype=np.int64)

    @property
    def starts(self) -> IntArray:
        """Give the first class of each column among all, (columns,)."""
        return np.cumsum(self.sizes) - self.sizes

    def number(self, coded: Mapping[str, Coded]) -> IntArray:
        """Give the class of each cell, counted within its column, (rows, columns)."""
        columns = []
        for name, edges in zip(self.plan.names, self.edges, strict=True):
            codes, positions = coded[name].codes, coded[name].positions
            part = np.searchsorted(edges, positions, side="right")
            columns.append(np.where(codes == 0, part, codes + len(edges)))
        return np.stack(columns, axis=1)

    def outputs(self) -> tuple[IntArray, IntArray]:
        """Give, for each class, its column among those with logits and its logit; -1 for none."""
        owners, logits = [], []
        for place, size in enumerate(self.sizes):
            codes = np.maximum(np.arange(size) - len(self.edges[place]), 0)
            there = place in self.plan.coded
            owners.append(np.full(size, self.plan.coded.index(place) if there else -1))
            logits.append(codes + self.plan.starts[place] if there else np.full(size, -1))
        return np.concatenate(owners), np.concatenate(logits)

    def reached(self, place: int, aim: Aim) -> Array:
        """Say which classes of a column hold codes and positions that will do.

        Args:
            place: Which column.
            aim: What will do.
        """
        edges = self.edges[place]
        good: Array = np.r_[np.full(len(edges), aim.codes[0]), aim.codes]
        if len(edges):
            reaches = (np.r_[edges, np.inf] >= aim.low[0]) & (np.r_[-np.inf, edges] <= aim.high[0])
            good[: len(edges) + 1] &= reaches
        return good

    def arrays(self) -> dict[str, Array]:
        """Give what it holds by name."""
        counts = np.array([len(edges) for edges in self.edges])
        return {"shares": self.shares, "counts": counts, "edges": np.concatenate(self.edges)}

    @classmethod
    def from_arrays(cls, plan: Plan, *, shares: Array, counts: Array, edges: Array) -> "Classes":
        """Undo :meth:`arrays`."""
        return cls(plan, tuple(np.split(edges, np.cumsum(counts)[:-1])), shares)

    def padded(self, weights: FloatArray) -> FloatArray:
        """Lay numbers of classes out as (columns, most classes of a column), 0 where none is."""
        sizes = self.sizes
        table = np.zeros((len(sizes), int(sizes.max())))
        for place, (start, size) in enumerate(zip(self.starts, sizes, strict=True)):
            table[place, :size] = weights[start : start + size]
        return table


class RowSampler:
    """Draw conditions and rows that fulfil them, rare classes more often than they occur.

    A column is drawn evenly, a class of it in proportion to ``log(1 + rows in it)``, and a row
    of that class evenly: training by sampling.

    Args:
        classes: What can be asked for.
        numbers: Class of each cell, (rows, columns).
        device: Where to draw.

    References:
        Xu, Skoularidou, Cuesta-Infante and Veeramachaneni, 2019, Modeling tabular data using
        conditional GAN, https://arxiv.org/abs/1907.00503, section 4.3.
    """

    def __init__(
        self, classes: Classes, numbers: IntArray, *, device: torch.device | str = "cpu"
    ) -> None:
        counts = classes.padded(classes.shares * len(numbers)).round()
        weights = np.log1p(counts)
        laws = np.cumsum(weights / weights.sum(1, keepdims=True), axis=1)
        self.laws = _tensor(laws, device).float()
        self.counts = _tensor(counts.astype(np.int64), device)
        self.begins = self.counts.cumsum(1) - self.counts
        self.starts = _tensor(classes.starts, device)
        order = np.argsort(numbers, axis=0, kind="stable").astype(np.int32)
        self.order = _tensor(np.ascontiguousarray(order.T), device)

    def draw(self, n: int, rng: torch.Generator) -> tuple[Tensor, Tensor]:
        """Draw classes, (n,) among those of all columns, and rows of them, (n,).

        Args:
            n: How many.
            rng: The stream.
        """
        column = torch.randint(len(self.laws), (n,), generator=rng, device=rng.device)
        chance, share = torch.rand(2, n, generator=rng, device=rng.device)
        laws = self.laws[column]
        number = (laws < chance[:, None] * laws[:, -1:]).sum(1).clamp(max=laws.shape[1] - 1)
        counts = self.counts[column, number]
        place = (share.double() * counts).long().clamp(max=counts - 1)
        rows = self.order[column, self.begins[column, number] + place]
        return self.starts[column] + number, rows.long()


def _edges(column: Coded, n_parts: int) -> FloatArray:
    positions = column.positions[column.codes == 0]
    if not len(positions):
        return np.zeros(0)
    edges = np.unique(np.quantile(positions, np.arange(1, n_parts) / n_parts))
    parted: FloatArray = edges[edges > positions.min()]
    return parted


def _tensor(values: Array, device: torch.device | str) -> Tensor:
    return torch.from_numpy(values).to(device)
