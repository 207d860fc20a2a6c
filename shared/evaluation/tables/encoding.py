"""Comparable tables as matrices: one-hot beside scaled numbers, or codes for trees."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from scenara.shared.errors import ConfigError
from scenara.shared.types import FloatArray, IntArray, RandomState

__all__ = ["as_seed", "codes", "draw_rows", "one_hot", "pair_counts"]

# Rarer levels share one column beyond this many, so that memory stays bounded.
N_LEVELS = 256
WIDEST = 1e6
# Contingency tables of more cells than this are counted by the cells that occur.
MOST_CELLS = 1_000_000


def as_seed(random_state: RandomState) -> int:
    """Give a whole number as seed: the number itself, or one drawn from a generator.

    Args:
        random_state: A whole number from 0, a generator (which moves on), or None for fresh
            entropy.

    Raises:
        ConfigError: If it is none of these.

    Example:
        >>> as_seed(7)
        7
    """
    if isinstance(random_state, int | np.integer) and 0 <= random_state < 2**32 - 1:
        return int(random_state)
    if random_state is None or isinstance(random_state, np.random.Generator):
        return int(np.random.default_rng(random_state).integers(2**31))
    raise ConfigError(
        f"random_state: found {random_state!r}, expected a whole number from 0 below 2^32 - 1, a "
        f"numpy Generator or None"
    )


def draw_rows(
    frames: Sequence[pd.DataFrame], *, seeds: Sequence[int], most: int
) -> list[pd.DataFrame]:
    """Draw equally many rows of each table, without replacement.

    Args:
        frames: Tables of any sizes.
        seeds: One seed a table.
        most: Largest number of rows.

    Returns:
        As many rows of each table as the shortest has, at most ``most``, in drawn order.

    Example:
        >>> frames = [pd.DataFrame({"x": range(5)}), pd.DataFrame({"x": range(3)})]
        >>> [len(rows) for rows in draw_rows(frames, seeds=[0, 0], most=10)]
        [3, 3]
    """
    n_rows = min(most, *map(len, frames))
    return [
        frame.sample(n_rows, random_state=seed) for frame, seed in zip(frames, seeds, strict=True)
    ]


def one_hot(frames: Sequence[pd.DataFrame]) -> list[FloatArray]:
    """Turn comparable tables into matrices of numbers over their range and one-hot levels.

    The first table leads: its numbers fill [0, 1], its medians stand in for missing numbers,
    and where it has missing numbers an indicator column follows. Levels come in the order of
    appearance; beyond the 256 most frequent of a column they share one position.

    Args:
        frames: Tables from ``comparable``, or rows of them.

    Returns:
        One matrix a table, shape ``(rows, width)``, float32.

    Example:
        >>> frame = pd.DataFrame({"x": [0.0, 2.0], "c": pd.Categorical(["b", "a"])})
        >>> one_hot([frame])[0].tolist()
        [[0.0, 1.0, 0.0], [1.0, 0.0, 1.0]]
    """
    ends = np.cumsum([len(frame) for frame in frames])[:-1]
    parts = [_columns(pd.concat([f[name] for f in frames]), len(frames[0])) for name in frames[0]]
    return np.split(np.concatenate(parts, axis=1), ends)


def codes(frames: Sequence[pd.DataFrame]) -> tuple[FloatArray, list[int]]:
    """Stack comparable tables as one matrix for trees: numbers as they are, levels as codes.

    Codes follow the sorted text of the levels that occur.

    Args:
        frames: Tables from ``comparable``, or rows of them.

    Returns:
        Matrix of shape ``(rows of all tables, columns)``, float64, and the positions of the
        categories.

    Example:
        >>> frame = pd.DataFrame({"x": [0.0, 2.0], "c": pd.Categorical(["b", "a"])})
        >>> codes([frame, frame])[0].tolist()
        [[0.0, 1.0], [2.0, 0.0], [0.0, 1.0], [2.0, 0.0]]
    """
    rows = pd.concat(frames, ignore_index=True)
    levelled = [
        place for place, dtype in enumerate(rows.dtypes) if isinstance(dtype, pd.CategoricalDtype)
    ]
    columns = [
        np.unique(rows.iloc[:, place].cat.codes, return_inverse=True)[1].astype(float)
        if place in levelled
        else rows.iloc[:, place].to_numpy(float)
        for place in range(rows.shape[1])
    ]
    return np.column_stack(columns), levelled


def pair_counts(
    first: Sequence[IntArray], second: Sequence[IntArray], *, n_codes: tuple[int, int]
) -> tuple[IntArray, IntArray]:
    """Count the pairs of codes of two columns in two tables.

    Args:
        first: Codes of one column from 0, in each of the two tables.
        second: Codes of the other column, likewise.
        n_codes: How many codes either column may have.

    Returns:
        Counts of the same cells in either table; cells that occur in neither may be left out.

    Example:
        >>> codes = np.array([0, 1, 1])
        >>> pair_counts((codes, codes[:1]), (codes, codes[:1]), n_codes=(2, 2))[0].tolist()
        [1, 0, 0, 2]
    """
    n_first = len(first[0])
    cell = np.concatenate(first).astype(np.int64) * n_codes[1] + np.concatenate(second)
    n_cells = n_codes[0] * n_codes[1]
    if n_cells > MOST_CELLS:
        cell, cells = pd.factorize(cell)
        n_cells = len(cells)
    return (
        np.bincount(cell[:n_first], minlength=n_cells),
        np.bincount(cell[n_first:], minlength=n_cells),
    )


def _columns(values: "pd.Series", n_lead: int) -> FloatArray:
    if isinstance(values.dtype, pd.CategoricalDtype):
        return _level_columns(values.cat.codes.to_numpy())
    return _number_columns(values.to_numpy(float), n_lead)


def _level_columns(level: IntArray) -> FloatArray:
    code, _ = pd.factorize(level)
    count = np.bincount(code)
    if len(count) > N_LEVELS:
        rank = np.empty_like(count)
        rank[np.argsort(-count, kind="stable")] = np.arange(len(count))
        code = np.minimum(rank[code], N_LEVELS)
    columns: FloatArray = np.eye(code.max() + 1, dtype=np.float32)[code]
    return columns


def _number_columns(values: FloatArray, n_lead: int) -> FloatArray:
    lead = values[:n_lead]
    known = lead[~np.isnan(lead)]
    low, high, middle = (known.min(), known.max(), np.median(known)) if known.size else (0, 1, 0)
    missing = np.isnan(values)
    with np.errstate(over="ignore"):
        scaled = (np.where(missing, middle, values) - low) / ((high - low) or 1.0)
    columns = [np.clip(scaled, -WIDEST, WIDEST)]
    if known.size < n_lead:
        columns.append(missing)
    return np.column_stack(columns).astype(np.float32)
