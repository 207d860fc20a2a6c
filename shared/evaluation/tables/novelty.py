"""Whether generated rows are new, and whether they differ from each other."""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import pandas as pd

from scenara.shared.data.schema import Schema
from scenara.shared.evaluation.tables.columns import comparable
from scenara.shared.types import IntArray

__all__ = ["Novelty", "novelty"]

DECIMALS = 6


@dataclass(frozen=True)
class Novelty:
    """Hold how much of a generated table is new.

    Args:
        new_rows: Share of generated rows that equal no real row.
        distinct_rows: Number of different generated rows over the number of generated rows.
        new_combinations: Share of generated rows whose categories, taken together, no real row
            has; None with fewer than two categories.
    """

    new_rows: float
    distinct_rows: float
    new_combinations: float | None


def novelty(
    real: pd.DataFrame,
    generated: pd.DataFrame,
    *,
    schema: Schema | None = None,
    categories: Collection[str] = (),
) -> Novelty:
    """Measure how much of a generated table is new; numbers equal to six decimals are equal.

    Real people collide too: read each share beside the one of fresh real rows.

    Args:
        real: Real rows, those that the generator has seen.
        generated: Generated rows.
        schema: What the columns are; by default their dtypes say it.
        categories: Columns that are categories whatever else is said.

    Returns:
        Shares of new rows, of distinct rows and of new combinations of categories.

    Raises:
        DataError: If the tables can't be compared.

    Example:
        >>> real = pd.DataFrame({"x": [1.0, 2.0], "c": ["a", "b"]})
        >>> novelty(real, pd.DataFrame({"x": [1.0, 1.0], "c": ["a", "b"]}))
        Novelty(new_rows=0.5, distinct_rows=1.0, new_combinations=None)
    """
    tables = comparable(
        {"real": real, "generated": generated}, schema=schema, categories=categories
    )
    seen, drawn = (_keys(frame) for frame in tables.frames.values())
    levels = list(tables.roles.categories)
    combinations = None
    if len(levels) > 1:
        before, after = (_keys(frame[levels]) for frame in tables.frames.values())
        combinations = _share_of_new(before, after)
    return Novelty(_share_of_new(seen, drawn), len(np.unique(drawn)) / len(drawn), combinations)


def _keys(frame: pd.DataFrame) -> IntArray:
    """Hash each row; adding zero makes -0.0 the same as 0.0."""
    plain = {
        name: values.cat.codes
        if isinstance(values.dtype, pd.CategoricalDtype)
        else values.round(DECIMALS) + 0.0
        for name, values in frame.items()
    }
    keys: IntArray = pd.util.hash_pandas_object(pd.DataFrame(plain), index=False).to_numpy()
    return keys


def _share_of_new(seen: IntArray, drawn: IntArray) -> float:
    return float(1 - np.isin(drawn, seen).mean())
