"""Every way of parting days into some folds that test and the others that train, with gaps."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import comb

import numpy as np

from scenara.shared.errors import ConfigError, MissingExtraError
from scenara.shared.types import IntArray

__all__ = ["Split", "purged_splits"]


@dataclass(frozen=True, eq=False, kw_only=True)
class Split:
    """Hold one way to part the days.

    Args:
        train: Positions of the training days, shape (days,).
        tests: Positions of the days of each test fold, in order.
        folds: Number of each test fold.
    """

    train: IntArray
    tests: tuple[IntArray, ...]
    folds: tuple[int, ...]


def purged_splits(
    n_steps: int, *, n_folds: int = 10, n_test_folds: int = 2, purge: int = 0, embargo: int = 0
) -> Iterator[Split]:
    """Part days in every way of choosing some folds for testing.

    Days are cut into folds in their order; the last one has what is left. Training days within
    ``purge`` of a test fold on either side are dropped, and the ``embargo`` days after that.

    Args:
        n_steps: Number of days.
        n_folds: Number of folds N.
        n_test_folds: Number of test folds k in a split.
        purge: Training days dropped on either side of a test fold: as many as a label looks ahead.
        embargo: Further training days dropped after a test fold, for serial correlation.

    Yields:
        The C(N, k) splits.

    Raises:
        ConfigError: A number is out of range.
        MissingExtraError: skfolio is not installed.

    Example:
        >>> first = next(purged_splits(12, n_folds=3, n_test_folds=2, purge=1))
        >>> first.train.tolist(), [days.tolist() for days in first.tests]
        ([9, 10, 11], [[0, 1, 2, 3], [4, 5, 6, 7]])

    References:
        Lopez de Prado (2018), Advances in financial machine learning, sections 7.4 and 12.4.
    """
    _check_folds(n_steps, n_folds, n_test_folds, purge, embargo)
    try:
        from skfolio.model_selection import CombinatorialPurgedCV
    except ModuleNotFoundError as error:
        raise MissingExtraError("skfolio", extra="finance", purpose="cross-validation") from error
    splitter = CombinatorialPurgedCV(
        n_folds=n_folds, n_test_folds=n_test_folds, purged_size=purge, embargo_size=embargo
    )
    found = splitter.split(np.zeros((n_steps, 1)))
    for (train, tests), folds in zip(found, splitter.test_set_index, strict=True):
        yield Split(train=train, tests=tuple(tests), folds=tuple(folds.tolist()))


def _check_folds(n_steps: int, n_folds: int, n_test_folds: int, purge: int, embargo: int) -> None:
    if not 3 <= n_folds <= n_steps:
        raise ConfigError(f"n_folds: expected from 3 to the {n_steps} days, found {n_folds!r}")
    if not 2 <= n_test_folds < n_folds:
        raise ConfigError(
            f"n_test_folds: expected from 2 to below the {n_folds} folds, found {n_test_folds!r}"
        )
    if comb(n_folds, n_test_folds) > 100_000:
        raise ConfigError(
            f"n_folds: {n_folds} folds of which {n_test_folds} test are "
            f"{comb(n_folds, n_test_folds):,} splits; take fewer"
        )
    for name, number in (("purge", purge), ("embargo", embargo)):
        if number < 0:
            raise ConfigError(f"{name}: expected 0 days or more, found {number!r}")
    if purge + embargo >= n_steps // n_folds - 1:
        raise ConfigError(
            f"purge, embargo: {purge} and {embargo} days leave nothing of a training fold of "
            f"{n_steps // n_folds} days; take fewer folds"
        )
