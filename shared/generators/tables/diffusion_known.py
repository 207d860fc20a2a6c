"""What is known of rows before they are drawn: cells of a table, or what a caller asks for."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
from scipy.special import ndtr, ndtri
from torch import Tensor

from scenara.shared.features import CategoryEncoder, Coded, TableEncoder
from scenara.shared.generators.tables.conditions import Condition, Conditions
from scenara.shared.generators.tables.diffusion_cells import normal_scores, room
from scenara.shared.generators.tables.diffusion_walk import Known
from scenara.shared.generators.tables.heads import Plan
from scenara.shared.generators.tables.steering import Aim, aim_at
from scenara.shared.types import Array, FloatArray

__all__ = ["Table", "cells_there", "pinned"]

OFTEN = 0.05
"""Share of rows kept above which no cells are settled beforehand."""


@dataclass(frozen=True)
class Table:
    """Hold what is known of a table's margins.

    Args:
        encoder: The fitted encoder.
        plan: What the columns are.
        n_rows: Rows learned from.
        shares: Share of each code of the coded columns, one column after the other.
    """

    encoder: TableEncoder
    plan: Plan
    n_rows: int
    shares: FloatArray

    def codes_of(self, name: str) -> FloatArray:
        """Give the shares of the codes of one column, (codes,)."""
        place = self.plan.names.index(name)
        if place not in self.plan.coded:
            return np.ones(1)
        first = self.plan.starts[place]
        return self.shares[first : first + self.plan.n_codes[place]]

    def n_inside(self, name: str) -> float:
        """Give how many rows had a number in a column."""
        n_positioned = self.encoder.encoders_[name].n_positioned_
        return float(self.n_rows * self.codes_of(name)[:n_positioned].sum())

    def rooms(self, coded: Mapping[str, Coded]) -> tuple[Tensor, Tensor]:
        """Give lower and upper ranks of all numbers, (rows, measured columns) each."""
        names = [self.plan.names[place] for place in self.plan.measured]
        parts = [
            room(coded[name], self.encoder.encoders_[name], self.n_inside(name)) for name in names
        ]
        empty = np.zeros((len(next(iter(coded.values()))), 0))
        low, high = (
            np.stack([part[end] for part in parts], axis=1) if parts else empty for end in (0, 1)
        )
        return torch.from_numpy(low).float(), torch.from_numpy(high).float()


def cells_there(table: Table, frame: pd.DataFrame, rng: torch.Generator) -> Known:
    """Take the cells of a table that are there as known; others are to be drawn, not missing.

    Args:
        table: What was learned of margins.
        frame: Rows with gaps, (rows, columns learned).
        rng: The stream that places ties among their ranks.
    """
    encoders, absent = table.encoder.encoders_, frame.isna()
    coded = {}
    for name, encoder in encoders.items():
        gaps = absent[name].to_numpy()
        codes, positions = np.zeros(len(frame), dtype=np.int64), np.zeros(len(frame))
        if not gaps.all():
            found = encoder.transform(frame.loc[~gaps, name])
            codes[~gaps], positions[~gaps] = found.codes, found.positions
        coded[name] = Coded(codes, positions)
    present = [
        np.arange(encoder.n_codes_) < encoder.n_codes_ - encoder.has_missing_
        for encoder in encoders.values()
        if encoder.n_codes_ > 1
    ]
    allowed = torch.from_numpy(np.concatenate([np.ones(0, dtype=bool), *present]))
    return Known(
        columns=torch.from_numpy(~absent[list(encoders)].to_numpy()),
        codes=table.plan.read(coded)[0].long(),
        numbers=normal_scores(*table.rooms(coded), rng),
        allowed=allowed,
        wanted=torch.ones_like(allowed),
    )


def pinned(
    table: Table, given: Conditions, n: int, rng: np.random.Generator
) -> tuple[Known, dict[str, Coded]]:
    """Settle cells beforehand so that not too many rows must be drawn in vain.

    Rows are best drawn freely and dropped where they miss what is asked, as soon as their codes
    do. Where fewer than one in twenty would be kept, the rarest columns that are asked to hold one
    single content are settled; if there are none, it is the column of which least is allowed,
    drawn from its margin. Rows drawn around settled cells have, as far as the network has learned
    it, the law of all rows that hold them.

    Args:
        table: What was learned of margins.
        given: What is asked.
        n: Rows.
        rng: The stream.

    Returns:
        What is known, and the settled columns in full precision.
    """
    encoders = table.encoder.encoders_
    aims = _aims(table, given)
    chosen = _chosen(table, given, aims)
    settled = {name: _drawn(table, name, aims[name], n, rng) for name in chosen}
    blank = Coded(np.zeros(n, dtype=np.int64), np.zeros(n))
    codes, numbers = table.plan.read({name: settled.get(name, blank) for name in encoders})
    free = [
        aims[name].codes if name in aims and name not in settled else np.ones(part.n_codes_, bool)
        for name, part in encoders.items()
        if part.n_codes_ > 1
    ]
    wanted = torch.from_numpy(np.concatenate([np.ones(0, dtype=bool), *free]))
    known = torch.tensor([name in settled for name in encoders]).expand(n, -1)
    return Known(known, codes.long(), numbers, torch.ones_like(wanted), wanted), settled


def _aims(table: Table, given: Conditions) -> dict[str, Aim]:
    columns = {} if given.schema is None else {c.name: c for c in given.schema}
    return {
        name: aim_at(given[name], columns[name], encoder)
        for name, encoder in table.encoder.encoders_.items()
        if name in given
    }


def _chosen(table: Table, given: Conditions, aims: Mapping[str, Aim]) -> list[str]:
    """Give the columns to settle."""
    masses = {name: _mass(table, name, aim) for name, aim in aims.items()}
    rarest = sorted(masses, key=lambda name: masses[name])
    single = [name for name in rarest if _is_single(given[name])]
    chosen: list[str] = []
    while np.prod([masses[name] for name in rarest if name not in chosen]) < OFTEN:
        if len(chosen) == len(single):
            break
        chosen.append(single[len(chosen)])
    is_seldom = np.prod(list(masses.values())) < OFTEN
    return rarest[:1] if is_seldom and not single else chosen


def _mass(table: Table, name: str, aim: Aim) -> float:
    """Give about what share of cells will do; 0 where rare levels share a code."""
    encoder = table.encoder.encoders_[name]
    pooled = isinstance(encoder, CategoryEncoder) and bool(encoder.pooled_)
    if pooled and aim.codes[encoder.n_codes_ - encoder.has_missing_ - 1]:
        return 0.0
    return float(_weights(table, name, aim).sum())


def _is_single(condition: Condition) -> bool:
    if condition.is_range:
        return False
    return len(condition.any_of or ()) + condition.missing == 1


def _drawn(table: Table, name: str, aim: Aim, n: int, rng: np.random.Generator) -> Coded:
    """Draw cells of one column from its margin, only such as will do."""
    weights = _weights(table, name, aim)
    if not weights.sum():
        weights = np.asarray(aim.codes, dtype=np.float64)
    codes = rng.choice(len(weights), size=n, p=weights / weights.sum())
    positions = np.zeros(n)
    inside = np.flatnonzero(codes < len(aim.low))
    low, high = aim.low[codes[inside]], aim.high[codes[inside]]
    rank = ndtr(low) + rng.random(len(inside)) * (ndtr(high) - ndtr(low))
    positions[inside] = np.clip(ndtri(rank), low, high)
    return Coded(codes, np.nan_to_num(positions))


def _weights(table: Table, name: str, aim: Aim) -> FloatArray:
    """Give the share of each code's cells that will do, (codes,)."""
    weights: Array = table.codes_of(name) * aim.codes
    weights[: len(aim.low)] *= np.maximum(ndtr(aim.high) - ndtr(aim.low), 0)
    return weights
