"""Returns as a caller has them: a frame, a NumPy array or a tensor, checked as they are used."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
from pandas.api.types import is_float_dtype, is_integer_dtype
from torch import Tensor

from scenara.shared.errors import DataError
from scenara.shared.types import Array

__all__ = ["Panel", "read_panel"]


@dataclass(frozen=True, eq=False)
class Panel:
    """Hold simple returns of many paths, without a copy where that can be had.

    Args:
        name: What the values are called in messages.
        values: Simple returns, shape (paths, steps, assets).
        assets: Name of each asset, shape (assets,).
        dates: Date of each step, where known, shape (steps,).
        named: Whether the caller named the assets.
    """

    name: str
    values: Array | Tensor
    assets: tuple[str, ...]
    dates: pd.DatetimeIndex | None = None
    named: bool = False

    @property
    def n_paths(self) -> int:
        """Number of paths."""
        return int(self.values.shape[0])

    @property
    def n_steps(self) -> int:
        """Number of returns in each path."""
        return int(self.values.shape[1])

    def paths(self, start: int, end: int) -> Tensor:
        """Give some paths with time first.

        Args:
            start: First path.
            end: Path after the last one.

        Returns:
            Simple returns, shape (steps, end - start, assets), in the memory order of the input.

        Example:
            >>> read_panel(np.zeros((5, 3, 2))).paths(1, 3).shape
            torch.Size([3, 2, 2])
        """
        part = self.values[start:end]
        if isinstance(part, np.ndarray):
            usable = part.flags.writeable and min(part.strides) >= 0
            part = torch.from_numpy(part if usable else part.copy())
        return part.transpose(0, 1)

    def check(self, start: int, end: int, *, excused: Tensor | None = None) -> None:
        """Refuse values that no price can have had.

        Args:
            start: First path.
            end: Path after the last one.
            excused: Where a value may be missing, shape (steps, end - start, assets).

        Raises:
            DataError: A return is not finite, or not above -1; names path, step and asset.

        Example:
            >>> read_panel(np.zeros((5, 3, 2))).check(0, 5)
        """
        part = self.paths(start, end)
        if part.amin() > -1 and part.amax() < torch.inf:
            return
        wrong = ~((part > -1) & (part < torch.inf))
        bad = torch.nonzero(wrong if excused is None else wrong & ~excused)
        if len(bad) == 0:
            return
        step, path, asset = (int(i) for i in bad[0])
        day = f"step {step}" if self.dates is None else f"step {step} ({self.dates[step]:%Y-%m-%d})"
        raise DataError(
            f"{self.name}: found {part[step, path, asset].item()} at path {start + path}, {day}, "
            f"asset {self.assets[asset]!r} ({len(bad)} such values in this chunk); expected "
            "finite simple returns above -1; fill or drop these values"
        )


def read_panel(
    returns: pd.DataFrame | Array | Tensor,
    *,
    dates: pd.DatetimeIndex | None = None,
    assets: Sequence[str] | None = None,
    name: str = "returns",
) -> Panel:
    """Read one path from a frame, or many from an array.

    Args:
        returns: Simple returns: a frame of shape (steps, assets), or an array or tensor of shape
            (paths, steps, assets) or (steps, assets).
        dates: Date of each step; taken from a frame that is indexed by dates.
        assets: Name of each asset of an array; a frame brings its own.
        name: What to call the values in messages.

    Returns:
        The panel, sharing memory with the input.

    Raises:
        DataError: Wrong number of dimensions, an empty dimension, values that are no real numbers,
            two assets of one name, or dates that do not increase.

    Example:
        >>> frame = pd.DataFrame({"a": [0.1, 0.2]}, index=pd.bdate_range("2024-01-01", periods=2))
        >>> panel = read_panel(frame)
        >>> panel.values.shape, panel.assets
        ((1, 2, 1), ('a',))
    """
    if isinstance(returns, pd.DataFrame):
        return _read_frame(returns, dates, name)
    values = returns if isinstance(returns, Tensor) else _as_array(returns, name)
    values = values[None] if values.ndim == 2 else values
    _check_shape(tuple(values.shape), name)
    _check_numbers(values, name)
    names = _as_names(assets, int(values.shape[2]))
    days = _as_dates(dates, int(values.shape[1]), name)
    return Panel(name, values, names, days, named=assets is not None)


def _read_frame(frame: pd.DataFrame, dates: pd.DatetimeIndex | None, name: str) -> Panel:
    assets = tuple(map(str, frame.columns))
    _check_differ(assets, f"{name}: expected columns with names that differ")
    for column in frame.columns:
        found = frame[column].dtype
        if not (is_integer_dtype(found) or is_float_dtype(found)):
            raise DataError(f"{name}: expected numbers in column {column!r}, found type {found}")
    values = frame.to_numpy(dtype=np.float64, na_value=np.nan)[None]
    _check_shape(values.shape, name)
    if dates is None and isinstance(frame.index, pd.DatetimeIndex):
        dates = frame.index
    return Panel(name, values, assets, _as_dates(dates, len(frame), name), named=True)


def _as_array(returns: Array, name: str) -> Array:
    try:
        return np.asarray(returns)
    except ValueError as error:
        raise DataError(
            f"{name}: expected rows of the same length, found some of others"
        ) from error


def _check_numbers(values: Array | Tensor, name: str) -> None:
    if isinstance(values, Tensor):
        is_real = not (values.is_complex() or values.dtype == torch.bool)
    else:
        is_real = values.dtype.kind in "fiu"
    if not is_real:
        raise DataError(f"{name}: expected numbers, found an array of type {values.dtype}")


def _check_shape(shape: tuple[int, ...], name: str) -> None:
    if len(shape) != 3 or 0 in shape:
        raise DataError(
            f"{name}: expected simple returns of shape (paths, steps, assets), or (steps, assets) "
            f"for one path, none of them empty; found shape {shape}"
        )


def _as_names(assets: Sequence[str] | None, n_assets: int) -> tuple[str, ...]:
    if assets is None:
        return tuple(f"asset {i}" for i in range(n_assets))
    if len(assets) != n_assets:
        raise DataError(f"assets: expected one name for each of {n_assets}, found {len(assets)}")
    _check_differ(assets, "assets: expected names that differ")
    return tuple(assets)


def _check_differ(names: Sequence[str], expected: str) -> None:
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        raise DataError(
            f"{expected}, found {twice[0]!r} {names.count(twice[0])} times; rename them"
        )


def _as_dates(dates: pd.DatetimeIndex | None, n_steps: int, name: str) -> pd.DatetimeIndex | None:
    if dates is None:
        return None
    if len(dates) != n_steps:
        raise DataError(f"dates: expected one for each of the {n_steps} steps, found {len(dates)}")
    try:
        days = pd.DatetimeIndex(dates)
    except (ValueError, TypeError) as error:
        raise DataError(f"{name}: expected dates, found {dates[0]!r}: {error}") from error
    late = np.flatnonzero(~(days[1:] > days[:-1]))
    if days.hasnans or len(late):
        where = f"row {int(late[0]) + 1} ({days[late[0] + 1]})" if len(late) else "one that is NaT"
        raise DataError(
            f"{name}: expected strictly increasing dates, found {where}; sort the rows, and drop "
            "those that are there twice"
        )
    return days
