"""A tear sheet is one file that asks no other machine for anything."""

import re
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest

from scenara.finance.portfolio.tear_sheet import without_remote_links, write_tear_sheet

FETCHING = {"link", "script", "img", "iframe", "source", "object", "embed"}


class _Fetches(HTMLParser):
    def __init__(self):
        super().__init__()
        self.remote = []

    def handle_starttag(self, tag, attrs):
        places = [value or "" for name, value in attrs if name in {"href", "src", "srcset", "data"}]
        remote = [place for place in places if place.lower().startswith(("http", "//"))]
        self.remote += remote if tag in FETCHING else []


def test_a_tear_sheet_names_nothing_that_a_browser_would_fetch(tmp_path):
    pytest.importorskip("quantstats")
    days = pd.bdate_range("2020-01-01", periods=300)
    returns = pd.Series(np.random.default_rng(0).normal(5e-4, 0.01, 300), index=days)
    page = write_tear_sheet(returns, tmp_path / "sheet.html", title="Trial").read_text("utf-8")
    seen = _Fetches()
    seen.feed(page)
    assert "Trial" in page
    assert seen.remote == []
    assert "url(http" not in page
    assert "@import" not in page


def test_a_path_that_stays_below_its_start_has_a_drawdown(tmp_path):
    pytest.importorskip("quantstats")
    days = pd.bdate_range("2020-01-01", periods=60)
    returns = pd.Series(np.r_[-0.2, 0.01 * np.random.default_rng(0).uniform(-1, 1, 59)], index=days)
    page = write_tear_sheet(returns, tmp_path / "sheet.html", title="Trial").read_text("utf-8")
    worst = (np.r_[1, (1 + returns).cumprod()] - 1).min()
    shown = re.search(r"Max Drawdown\s*</td>\s*<td>([^<]*)%", page)
    assert shown is not None
    assert float(shown[1]) / 100 == pytest.approx(worst, abs=5e-5)


@pytest.mark.parametrize(
    "link",
    [
        '<link rel="icon" href="https://example.org/a.ico" type="image/x-icon">',
        "<LINK href='http://example.org/a.css'>",
        "<link href=//example.org/a.css>",
    ],
)
def test_links_to_other_machines_are_removed_and_no_others(link):
    page = '<link href="own.css"><a href="https://example.org">there</a>'
    assert without_remote_links(link + page) == page
