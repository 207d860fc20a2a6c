"""Events in words."""

import pytest

from scenara.finance.market.scenarios import PathEvent, parse_event, parse_holding
from scenara.shared.errors import ConfigError


@pytest.mark.parametrize(
    ("text", "event"),
    [
        ("SPX return below -20% within 63", PathEvent("SPX", "return", below=-0.2, within=63)),
        ("equal-weight volatility above 0.4", PathEvent("equal weight", "volatility", above=0.4)),
        ("SPX,TLT correlation equals .3 day 21 days", PathEvent(["SPX", "TLT"], "correlation", equals=0.3, day=21)),
        ("A=0.6,B=-0.2 return above -5 % and below 5 %", PathEvent({"A": 0.6, "B": -0.2}, "return", above=-0.05, below=0.05)),
        ("10Y level above 1.05", PathEvent("10Y", "level", above=1.05)),
    ],
)  # fmt: skip
def test_events_in_words_are_read(text, event):
    assert parse_event(text) == event


@pytest.mark.parametrize(
    "text",
    ["", "SPX", "SPX return", "SPX return under 3", "SPX return below", "SPX return below x",
     "SPX return below -20% within soon", "SPX mood below 3", "SPX return below 3 or above 4",
     "SPX return below -20% below -5%"],
)  # fmt: skip
def test_what_is_no_event_is_refused(text):
    with pytest.raises(ConfigError, match="event"):
        parse_event(text)


@pytest.mark.parametrize("text", ["", "A,,B", "A=0.4,B", "A=much", "A=0.3,A=0.4", "A,A,B"])
def test_what_is_no_portfolio_is_refused(text):
    with pytest.raises(ConfigError, match="portfolio"):
        parse_holding(text)
