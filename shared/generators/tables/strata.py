"""Rows drawn by the code of a column, rare codes more often than they are, to learn laws given it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from scenara.shared.types import FloatArray, IntArray

__all__ = ["MAX_STRATA_ROWS", "Chances", "Strata"]

MAX_STRATA_ROWS = 100_000
"""Rows that are kept to draw from; more say little more about codes that are rare."""

Chances = Callable[[IntArray], FloatArray]
"""Give p(code of a column | rest of the row), (rows, codes), for rows by number."""


@dataclass(frozen=True)
class Strata:
    """Hold rows of codes, and the places at which the codes of each column are found.

    The law of other columns given a code is that of the rows that hold it, however often the code
    comes up. So it may be learned from more such rows than come up by chance: here codes come up
    in proportion to the logarithm of one and their count.

    Where a good p(code | rest of the row) is known, all rows stand for a code, each by its chance
    of it, instead of those few that happened to get it: p(rest | code) is in proportion to
    p(rest) p(code | rest).

    Args:
        codes: Rows, (rows, d).
        order: By column, rows by number, code by code, (d, rows).
        starts: By column and code, the first place in the order, (d, most codes).
        counts: By column and code, the number of places, (d, most codes).
        below: By column and code, the chance that this or a lesser code comes up,
            (d, most codes).

    References:
        Xu et al., 2019, Modeling tabular data using conditional GAN, section 4.3,
        https://arxiv.org/abs/1907.00503 (codes in proportion to log frequency).
    """

    codes: Tensor
    order: Tensor
    starts: Tensor
    counts: Tensor
    below: Tensor

    @classmethod
    def of(
        cls,
        codes: IntArray,
        n_codes: Sequence[int],
        *,
        soft: Mapping[int, FloatArray] | None = None,
        device: torch.device | str = "cpu",
    ) -> "Strata":
        """Sort rows.

        Args:
            codes: Rows, (rows, d).
            n_codes: Number of codes of each column.
            soft: By column, the chance of each code given the rest of the row, (rows, codes).
            device: Where to draw.

        Example:
            >>> strata = Strata.of(np.array([[0, 1], [1, 2], [0, 0]]), [2, 3])
            >>> strata.draw(torch.tensor([0, 0, 1]), torch.Generator().manual_seed(0)).shape
            torch.Size([3, 2])
        """
        known, most = soft or {}, max(n_codes)
        parts = [
            _stood_for(known[column]) if column in known else _sorted(codes[:, column], n)
            for column, n in enumerate(n_codes)
        ]
        order = np.stack([rows for rows, _, _ in parts]).astype(np.int32)
        counts = np.stack([np.pad(n, (0, most - len(n))) for _, n, _ in parts])
        mass = np.log1p(np.stack([np.pad(m, (0, most - len(m))) for _, _, m in parts]))
        below = (mass / mass.sum(axis=1, keepdims=True)).cumsum(axis=1)
        starts = counts.cumsum(axis=1) - counts
        arrays = (codes, order, starts, counts, below.astype(np.float32))
        return cls(*(torch.from_numpy(array).to(device) for array in arrays))

    def draw(self, columns: Tensor, rng: torch.Generator) -> Tensor:
        """Draw a code of a column, and a row that holds it or stands for it.

        Args:
            columns: The column of each draw, (n,).
            rng: The stream.

        Returns:
            Rows, (n, d), whole numbers.
        """
        levels, places = torch.rand(2, len(columns), 1, generator=rng, device=rng.device)
        drawn = (self.below[columns] <= levels).sum(1, keepdim=True)
        # Sums of chances can round to below one; the last code that has a place is meant then.
        drawn = torch.minimum(drawn, self._last[columns])
        n_places = self.counts[columns].gather(1, drawn)
        place = torch.minimum((places * n_places).long(), n_places - 1)
        place += self.starts[columns].gather(1, drawn)
        rows = self.codes[self.order[columns, place[:, 0]].long()].long()
        return rows.scatter(1, columns[:, None], drawn)

    @property
    def _last(self) -> Tensor:
        numbers = torch.arange(self.counts.shape[1], device=self.counts.device)
        return (numbers * (self.counts > 0)).amax(1, keepdim=True)


def _sorted(codes: IntArray, n_codes: int) -> tuple[IntArray, IntArray, FloatArray]:
    """Give rows code by code, the number of places of each code, and its mass."""
    counts = np.bincount(codes, minlength=n_codes)
    return np.argsort(codes, kind="stable"), counts, counts.astype(np.float64)


def _stood_for(chances: FloatArray) -> tuple[IntArray, IntArray, FloatArray]:
    """Give each code as many places, and each place of it to a row by its chance of the code."""
    n_rows, n_codes = chances.shape
    edges = np.arange(n_codes + 1) * n_rows // n_codes
    rows = []
    for chance, n in zip(chances.T, np.diff(edges), strict=True):
        mass = np.cumsum(chance)
        places = np.searchsorted(mass, (np.arange(n) + 0.5) / max(n, 1) * mass[-1], side="right")
        rows.append(np.minimum(places, n_rows - 1))
    mass = chances.sum(axis=0) * (np.diff(edges) > 0)
    return np.concatenate(rows), np.diff(edges), np.asarray(mass, dtype=np.float64)
