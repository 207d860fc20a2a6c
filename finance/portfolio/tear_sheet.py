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

__all__ = ["without_remote_links", "write_tear_sheet"]

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
