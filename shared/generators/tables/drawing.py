"""Rows that do what is asked, drawn until there are enough or a budget is spent."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from scenara.shared.errors import DataError
from scenara.shared.types import Array

__all__ = ["Budget", "draw_accepted"]


@dataclass(frozen=True)
class Budget:
    """Limit how long rows are drawn that are thrown away again.

    Args:
        least: Rows that may always be drawn.
        factor: Rows that may be drawn for each one asked for.
        batch: Most rows drawn at once.
    """

    least: int = 20_000
    factor: int = 200
    batch: int = 50_000

    def rows(self, n: int) -> int:
        """Give the most rows drawn for ``n``."""
        return max(self.least, self.factor * n)


def draw_accepted(
    draw: Callable[[int], pd.DataFrame],
    holds: Callable[[pd.DataFrame], Array],
    n: int,
    *,
    budget: Budget,
    asked: object,
) -> pd.DataFrame:
    """Draw rows until ``n`` of them do what is asked.

    The number drawn next follows from the share that was kept so far, so that a family whose
    rows all do is asked once.

    Args:
        draw: Gives that many rows or, where it threw some away itself, fewer.
        holds: Says which rows to keep, (rows,) booleans.
        n: Rows wanted, at least 1.
        budget: When to give up.
        asked: What was asked; its text at the end is part of the message.

    Returns:
        ``n`` rows, index from 0.

    Raises:
        DataError: The budget is spent; the message says how few rows were kept.
    """
    kept: list[pd.DataFrame] = []
    n_kept = n_drawn = 0
    limit = budget.rows(n)
    while n_kept < n:
        if n_drawn >= limit:
            raise DataError(
                f"only {n_kept:,} of {n_drawn:,} rows drawn fulfil {asked}, and {n:,} are wanted; "
                "ask for less, or for something that occurs more often"
            )
        size = _next_size(n, n_kept, n_drawn, limit, budget.batch)
        frame = draw(size)
        n_drawn += size
        frame = frame[holds(frame)]
        n_kept += len(frame)
        kept.append(frame)
    whole = kept[0] if len(kept) == 1 else pd.concat(kept)
    return whole.iloc[:n].reset_index(drop=True)


def _next_size(n: int, n_kept: int, n_drawn: int, limit: int, batch: int) -> int:
    wanted = n - n_kept
    if n_drawn:
        share = max(n_kept, 0.5) / n_drawn
        wanted = int(np.ceil(1.1 * wanted / share)) + 10
    return min(wanted, max(batch, n - n_kept), limit - n_drawn)
