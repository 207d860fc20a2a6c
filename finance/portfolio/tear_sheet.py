"""The tear sheet of one path, made by quantstats."""

import logging
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd

from scenara.shared.errors import DataError, MissingExtraError

__all__ = ["write_tear_sheet"]


def write_tear_sheet(
    returns: "pd.Series[float]",
    path: str | Path,
    *,
    title: str,
    benchmark: "pd.Series[float] | None" = None,
) -> Path:
    """Write the tear sheet of one series of returns as one HTML file.

    Args:
        returns: Simple returns by day.
        path: The file.
        title: Its heading.
        benchmark: Simple returns to compare with, by day.

    Returns:
        The file.

    Raises:
        DataError: The returns have no dates.
        MissingExtraError: quantstats is not installed.
    """
    if not isinstance(returns.index, pd.DatetimeIndex):
        raise DataError("tear sheet: expected returns by day, found no dates")
    path = Path(path)
    with _quiet():
        reports = _quantstats_reports()
        reports.html(
            returns,
            benchmark=benchmark,
            title=title,
            output=os.fspath(path),
            match_dates=benchmark is not None,
        )
    return path


@contextmanager
def _quiet() -> Iterator[None]:
    """Hush what quantstats, seaborn and matplotlib say about pandas and fonts."""
    fonts = logging.getLogger("matplotlib.font_manager")
    level = fonts.level
    fonts.setLevel(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        fonts.setLevel(level)


def _quantstats_reports() -> Any:  # noqa: ANN401  (quantstats ships no types)
    try:
        from quantstats import reports
    except ImportError as error:
        raise MissingExtraError("quantstats", extra="finance", purpose="a tear sheet") from error
    return reports
