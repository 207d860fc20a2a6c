"""The tear sheet of one path, made by quantstats."""

import logging
import os
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd

from scenara.shared.errors import DataError, MissingExtraError

__all__ = ["with_start", "without_remote_links", "write_tear_sheet"]

_REMOTE_LINK = re.compile(r"""<link\b[^>]*\bhref\s*=\s*["']?(?:https?:)?//[^>]*>""", re.IGNORECASE)


def write_tear_sheet(
    returns: "pd.Series[float]",
    path: str | Path,
    *,
    title: str,
    benchmark: "pd.Series[float] | None" = None,
) -> Path:
    """Write the tear sheet of one series of returns as one HTML file that fetches nothing.

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
    returns = with_start(returns)
    with _quiet():
        reports = _quantstats_reports()
        reports.html(
            returns,
            benchmark=benchmark,
            title=title,
            output=os.fspath(path),
            match_dates=benchmark is not None,
        )
    page = path.read_text(encoding="utf-8")
    path.write_text(without_remote_links(page), encoding="utf-8")
    return path


def with_start(returns: "pd.Series[float]") -> "pd.Series[float]":
    """Put the day on which the money was there in full before a series that begins with a loss.

    quantstats finds a drawdown where wealth leaves a peak; without the first one it shows no
    drawdown at all for a series that stays below its start.

    Args:
        returns: Simple returns by day.

    Returns:
        The same, with a return of 0 on the business day before if the first one is a loss.

    Example:
        >>> days = pd.DatetimeIndex(["2024-01-08", "2024-01-09"])
        >>> with_start(pd.Series([-0.1, 0.05], index=days)).tolist()
        [0.0, -0.1, 0.05]
    """
    if not returns.iloc[0] < 0:
        return returns
    before = pd.DatetimeIndex([returns.index[0] - pd.offsets.BDay()])
    return pd.concat([pd.Series([0.0], index=before, name=returns.name), returns])


def without_remote_links(page: str) -> str:
    """Remove the link elements for which a browser would ask another machine.

    Args:
        page: HTML.

    Returns:
        The page without them.

    Example:
        >>> without_remote_links('<link rel="icon" href="https://example.org/a.ico"><p>Text</p>')
        '<p>Text</p>'
    """
    return _REMOTE_LINK.sub("", page)


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
