"""What is asked of rows, said in codes and positions, so that draws can aim at it."""

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from scenara.shared.data.column import BOUNDED
from scenara.shared.data.schema import Column
from scenara.shared.features import CategoryEncoder, Coded, TableEncoder
from scenara.shared.features.base import Encoder
from scenara.shared.features.states import as_objects
from scenara.shared.generators.tables.conditions import Condition, Conditions, measures
from scenara.shared.types import Array, FloatArray

__all__ = ["Aim", "aim_at", "aimed"]

FARTHEST = 50.0
N_HALVINGS = 60


@dataclass(frozen=True)
class Aim:
    """Say which codes of a column will do, and which positions inside them.

    Between the bounds there can be cells that won't do; outside there is none that will.

    Args:
        codes: Whether each code will do, (codes,).
        low: Least position that will do, (codes with positions,).
        high: Greatest one.
    """

    codes: Array
    low: FloatArray
    high: FloatArray


def aim_at(condition: Condition, column: Column, encoder: Encoder) -> Aim:
    """Translate a condition on cells into one on codes and positions.

    The bounds of positions are found by halving, since decoding never falls as positions rise.

    Args:
        condition: What is asked of the column's cells.
        column: What the column is.
        encoder: The column's fitted encoder.

    Example:
        >>> from scenara.shared.features import NumberEncoder
        >>> encoder = NumberEncoder().fit(pd.Series(np.arange(99.0), name="age"))
        >>> aim = aim_at(Condition("age", low=49, high=200), Column("age", "numeric"), encoder)
        >>> aim.codes.tolist(), bool(abs(aim.low[0]) < 0.02)
        ([True], True)
    """
    n_codes, n_positioned = encoder.n_codes_, encoder.n_positioned_
    cells = encoder.inverse(Coded(np.arange(n_codes), np.zeros(n_codes)), random_state=0)
    good = condition.holds(cells, column)
    if isinstance(encoder, CategoryEncoder) and encoder.pooled_:
        good[len(encoder.levels_)] = condition.holds(_cells(encoder.pooled_), column).any()
    low, high = np.full(n_positioned, -FARTHEST), np.full(n_positioned, FARTHEST)
    if not n_positioned or column.kind not in BOUNDED:
        return Aim(good, low, high)
    least, greatest = _ends(condition)
    first, last = _decoded(encoder, column, low), _decoded(encoder, column, high)
    good[:n_positioned] = (last >= least) & (first <= greatest) & (least <= greatest)
    return Aim(
        good,
        _halved(encoder, column, lambda numbers: numbers >= least)[1],
        _halved(encoder, column, lambda numbers: numbers > greatest)[0],
    )


def aimed(encoder: TableEncoder, asked: Conditions) -> TableEncoder:
    """Give an encoder that decodes pools of rare levels to the levels that will do.

    Rare levels share one code, which alone can be aimed at.

    Args:
        encoder: The fitted encoder; it is not changed.
        asked: What is asked of rows.
    """
    narrowed = dict(encoder.encoders_)
    for name, condition in asked.items():
        part = narrowed.get(name)
        if isinstance(part, CategoryEncoder) and part.pooled_ and asked.schema is not None:
            narrowed[name] = _narrowed(part, condition, asked.schema[name])
    aiming = copy.copy(encoder)
    aiming.encoders_ = narrowed
    return aiming


def _narrowed(part: CategoryEncoder, condition: Condition, column: Column) -> CategoryEncoder:
    good = np.flatnonzero(condition.holds(_cells(part.pooled_), column))
    if not len(good):
        return part
    narrow = copy.copy(part)
    narrow.pooled_ = tuple(part.pooled_[place] for place in good)
    narrow.pooled_counts_ = part.pooled_counts_[good]
    return narrow


def _cells(values: tuple[Any, ...]) -> "pd.Series[Any]":
    return pd.Series(as_objects(values))


def _ends(condition: Condition) -> tuple[float, float]:
    if condition.any_of is not None:
        return min(condition.any_of, default=np.inf), max(condition.any_of, default=-np.inf)
    low, high = condition.low, condition.high
    return -np.inf if low is None else low, np.inf if high is None else high


def _decoded(encoder: Encoder, column: Column, positions: FloatArray) -> FloatArray:
    return measures(encoder.inverse(Coded(np.arange(len(positions)), positions)), column)


def _halved(
    encoder: Encoder, column: Column, beyond: Callable[[FloatArray], Array]
) -> tuple[FloatArray, FloatArray]:
    """Close in on where, inside each code, decoded numbers begin to lie beyond a bound.

    Gives the last position found before that and the first one after it.
    """
    before = np.full(encoder.n_positioned_, -FARTHEST)
    after = np.full(encoder.n_positioned_, FARTHEST)
    for _ in range(N_HALVINGS):
        middle = (before + after) / 2
        there = beyond(_decoded(encoder, column, middle))
        before, after = np.where(there, before, middle), np.where(there, middle, after)
    return before, after
