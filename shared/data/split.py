"""Split a table into what a model may learn from and what it is judged by, without leaks."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from scenara.shared.data.column import nearest
from scenara.shared.data.moments import (
    Gap,
    Time,
    check_column,
    check_present,
    length_of,
    moment_of,
    shown,
    times_of,
)
from scenara.shared.data.plain import text
from scenara.shared.errors import ConfigError, DataError
from scenara.shared.types import IntArray, RandomState

__all__ = ["Split", "split", "split_by_group", "split_by_time", "split_random", "split_stratified"]


@dataclass(frozen=True)
class Split:
    """Two parts of a table that share nothing; checks on creation that they don't.

    For a third part, to validate on, split ``train`` again.

    Args:
        train: Rows to learn from, in the order of the table.
        test: Rows to judge by, in the order of the table.
        method: "random", "stratified", "time" or "group".
        detail: How the rows were chosen, in words.
        train_rows: Positions of ``train`` in the table, (rows of train,).
        test_rows: Positions of ``test`` in the table, (rows of test,).
        by: The column that the method looks at, "" for none or for the index.

    Raises:
        DataError: If a part is empty, or the parts share a row, a time or a group.
    """

    train: pd.DataFrame
    test: pd.DataFrame
    method: str
    detail: str
    train_rows: IntArray = field(repr=False)
    test_rows: IntArray = field(repr=False)
    by: str = ""

    def __post_init__(self) -> None:
        """Check that nothing leaks from one part into the other."""
        if len(self.train) == 0 or len(self.test) == 0:
            raise DataError(
                f"split by {self.method}: {len(self.train):,} rows to train and "
                f"{len(self.test):,} to test, expected both to have some; {self.detail}"
            )
        if len(self.train) != len(self.train_rows) or len(self.test) != len(self.test_rows):
            raise DataError(f"split by {self.method}: expected one position for each row")
        if len(np.intersect1d(self.train_rows, self.test_rows)):
            raise DataError(f"split by {self.method}: a row is in train and in test")
        if self.method == "time" and times_of(self.train, self.by).max() >= (
            first := times_of(self.test, self.by).min()
        ):
            raise DataError(
                f"split by time: train has rows of {shown(first)} or later, where test begins"
            )
        if self.method == "group" and self.train[self.by].isin(self.test[self.by]).any():
            raise DataError(f"split by group: train and test share a value of column {self.by!r}")


def split(frame: pd.DataFrame, how: str = "random", **options: object) -> Split:
    """Split a table by a method that settings name.

    Args:
        frame: The table, (rows, columns).
        how: "random", "stratified", "time" or "group".
        **options: Arguments of ``split_random``, ``split_stratified``, ``split_by_time`` or
            ``split_by_group``.

    Raises:
        ConfigError: If the method is not known.
        DataError: If the table can't be split that way.

    Example:
        >>> parts = split(pd.DataFrame({"year": [2001, 2002, 2003]}), "time", column="year", at=2003)
        >>> parts.test["year"].tolist()
        [2003]
    """
    if how not in METHODS:
        raise ConfigError(f"split: method {how!r} is not known{nearest(how, list(METHODS))}")
    return METHODS[how](frame, **options)


def split_random(
    frame: pd.DataFrame, *, test_size: float = 0.25, random_state: RandomState = None
) -> Split:
    """Split rows at random, right where rows know nothing of each other.

    Args:
        frame: The table, (rows, columns).
        test_size: Share of the rows to judge by, in (0, 1), or their number from 1.
        random_state: Seed.

    Raises:
        ConfigError: If ``test_size`` is out of range.
        DataError: If a part would have no row.

    Example:
        >>> parts = split_random(pd.DataFrame({"x": range(10)}), test_size=0.3, random_state=0)
        >>> len(parts.train), len(parts.test)
        (7, 3)
    """
    n_test = _n_test(len(frame), test_size)
    order = np.random.default_rng(random_state).permutation(len(frame))
    is_test = np.isin(np.arange(len(frame)), order[:n_test])
    return _parts(frame, ~is_test, is_test, method="random", detail="rows at random")


def split_stratified(
    frame: pd.DataFrame,
    *,
    by: str,
    test_size: float = 0.25,
    random_state: RandomState = None,
) -> Split:
    """Split rows at random so that each level of a column has the same share in both parts.

    Missing values count as a level.

    Args:
        frame: The table, (rows, columns).
        by: Column whose levels are shared out, such as a rare outcome.
        test_size: Share of the rows to judge by, in (0, 1), or their number from 1.
        random_state: Seed.

    Raises:
        ConfigError: If ``test_size`` is out of range.
        DataError: If the column is not there, a level has one row only, or a part can't hold
            all levels.

    Example:
        >>> frame = pd.DataFrame({"bad": [0, 0, 0, 0, 0, 0, 1, 1]})
        >>> split_stratified(frame, by="bad", test_size=0.5, random_state=0).test["bad"].sum()
        np.int64(1)
    """
    from sklearn.model_selection import train_test_split

    check_column(frame, by)
    n_test = _n_test(len(frame), test_size)
    codes, levels = pd.factorize(frame[by], use_na_sentinel=False)
    counts = np.bincount(codes)
    if counts.min() < 2:
        rare = text(levels[int(np.argmin(counts))])
        raise DataError(
            f"column {by!r}: level {rare} has one row only, expected two or more to share out; "
            "merge rare levels or split at random"
        )
    if len(levels) > min(n_test, len(frame) - n_test):
        raise DataError(
            f"column {by!r}: {len(levels):,} levels, expected no more than the rows of the smaller "
            f"part, {min(n_test, len(frame) - n_test):,}; take another test_size or column"
        )
    seed = int(np.random.default_rng(random_state).integers(2**32))
    rows = np.arange(len(frame))
    _, chosen = train_test_split(rows, test_size=n_test, random_state=seed, stratify=codes)
    is_test = np.isin(rows, chosen)
    detail = f"rows at random with equal shares of {len(levels):,} levels of {by!r}"
    return _parts(frame, ~is_test, is_test, method="stratified", detail=detail, by=by)


def split_by_time(
    frame: pd.DataFrame,
    *,
    at: Time | None = None,
    test_size: float | None = None,
    column: str | None = None,
    gap: Gap = 0,
) -> Split:
    """Split at a moment: learn from what was before, judge by what came at it and after.

    Rows of the same moment stay together. Rows less than ``gap`` before the test part are left
    out, so that what is known only later (a label over 21 days) can't reach into the test part.

    Args:
        frame: The table, (rows, columns), in any order.
        at: First moment of the test part: a date or time, or a number where times are numbers.
        test_size: Instead of ``at``, share or number of the last rows; rows of the same moment
            as the first of these are with them.
        column: Column with times, or numbers such as years; the index if not given.
        gap: Length of time, such as "21D", or a number where times are numbers.

    Raises:
        ConfigError: If not exactly one of ``at`` and ``test_size`` is given, or one can't be read.
        DataError: If there are no times, one is missing, or a part would have no row.

    Example:
        >>> days = pd.date_range("2014-12-29", periods=5, freq="D", name="date")
        >>> parts = split_by_time(pd.DataFrame({"close": range(5)}, index=days), at="2015-01-01")
        >>> len(parts.train), len(parts.test)
        (3, 2)
    """
    if (at is None) == (test_size is None):
        raise ConfigError("split by time: expected either at or test_size, found both or neither")
    by = column or ""
    times = times_of(frame, by)
    if at is None:
        n_test = _n_test(len(frame), test_size or 0)
        start = times.sort_values().iloc[len(frame) - n_test]
    else:
        start = moment_of(at, frame, by)
    is_test = (times >= start).to_numpy()
    is_train = (times < start - length_of(gap, times)).to_numpy()
    n_between = len(frame) - int(is_train.sum()) - int(is_test.sum())
    detail = f"test begins at {shown(start)}, {n_between:,} rows left out in the gap before it"
    return _parts(frame, is_train, is_test, method="time", detail=detail, by=by)


def split_by_group(
    frame: pd.DataFrame,
    *,
    group: str,
    test_size: float = 0.25,
    random_state: RandomState = None,
) -> Split:
    """Split groups at random, so that all rows of a customer, a policy, ... are on one side.

    Args:
        frame: The table, (rows, columns).
        group: Column that says which rows belong together.
        test_size: Share of the groups to judge by, in (0, 1), or their number from 1.
        random_state: Seed.

    Raises:
        ConfigError: If ``test_size`` is out of range.
        DataError: If the column is not there or has missing values, or there is one group only.

    Example:
        >>> frame = pd.DataFrame({"user": [1, 1, 2, 2, 2]})
        >>> split_by_group(frame, group="user", test_size=0.5, random_state=0).test.nunique().item()
        1
    """
    check_column(frame, group)
    check_present(frame[group])
    codes, levels = pd.factorize(frame[group])
    n_test = _n_test(len(levels), test_size)
    chosen = np.random.default_rng(random_state).permutation(len(levels))[:n_test]
    is_test = np.isin(codes, chosen)
    detail = f"{n_test:,} of {len(levels):,} groups of {group!r} at random"
    return _parts(frame, ~is_test, is_test, method="group", detail=detail, by=group)


METHODS: dict[str, Callable[..., Split]] = {
    "random": split_random,
    "stratified": split_stratified,
    "time": split_by_time,
    "group": split_by_group,
}


def _parts(
    frame: pd.DataFrame,
    is_train: npt.NDArray[np.bool_],
    is_test: npt.NDArray[np.bool_],
    *,
    method: str,
    detail: str,
    by: str = "",
) -> Split:
    train_rows, test_rows = np.flatnonzero(is_train), np.flatnonzero(is_test)
    train, test = frame.iloc[train_rows], frame.iloc[test_rows]
    return Split(train, test, method, detail, train_rows=train_rows, test_rows=test_rows, by=by)


def _n_test(n: int, test_size: float) -> int:
    is_share, is_count = 0 < test_size < 1, test_size >= 1 and float(test_size).is_integer()
    if isinstance(test_size, bool) or not (is_share or is_count):
        raise ConfigError(
            f"test_size: expected a share in (0, 1) or a whole number from 1, found {test_size!r}"
        )
    n_test = max(1, round(n * test_size)) if is_share else int(test_size)
    if n_test >= n:
        raise DataError(f"split: {n_test:,} of {n:,} to test leave none to train; give more data")
    return n_test
