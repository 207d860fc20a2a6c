"""Events and portfolios written as a command line takes them."""

import re
from typing import get_args

from scenara.finance.market.scenarios.holdings import EQUAL_WEIGHT, Holding
from scenara.finance.market.scenarios.path_events import Measure, PathEvent
from scenara.shared.errors import ConfigError

__all__ = ["parse_event", "parse_holding"]

_MEASURES = "|".join(get_args(Measure))
_EVENT = re.compile(
    rf"(?P<of>.+?)\s+(?P<measure>{_MEASURES})\s+(?P<bounds>.+?)"
    r"(?:\s+(?P<when>within|day)\s+(?P<days>\d+)(?:\s+days?)?)?"
)
_BOUND = re.compile(
    r"(below|above|equals)\s+([-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?)(\s*%)?", re.IGNORECASE
)
_EXAMPLE = "'SPX return below -20% within 63', 'equal weight volatility above 40%'"


def parse_holding(text: str) -> Holding:
    """Read an asset or a portfolio.

    Args:
        text: ``equal weight``, an asset, assets such as ``SPX,TLT``, or shares such as
            ``SPX=0.6,TLT=40%``.

    Raises:
        ConfigError: It can't be read, or names an asset twice.

    Example:
        >>> parse_holding("SPX=0.6,TLT=40%"), parse_holding("SPX, TLT"), parse_holding("SPX")
        ({'SPX': 0.6, 'TLT': 0.4}, ['SPX', 'TLT'], 'SPX')
    """
    parts = [part.strip() for part in text.split(",")]
    if not all(parts):
        raise ConfigError(f"portfolio {text!r}: expected assets, such as SPX=0.6,TLT=0.4")
    if text.strip().replace("-", " ") == EQUAL_WEIGHT:
        return EQUAL_WEIGHT
    if not any("=" in part for part in parts):
        return parts[0] if len(parts) == 1 else _once(parts, f"portfolio {text!r}")
    shares = [_share(part, text) for part in parts]
    _once([name for name, _ in shares], f"portfolio {text!r}")
    return dict(shares)


def parse_event(text: str) -> PathEvent:
    """Read an event.

    Args:
        text: What, its measure, bounds, and optionally when, such as ``SPX return below -20%
            within 63`` or ``SPX,TLT correlation above 0.3 day 21``.

    Returns:
        The event.

    Raises:
        ConfigError: It can't be read, or can't happen.

    Example:
        >>> print(parse_event("equal weight volatility above 40%"))
        volatility of the equal-weight portfolio at least 40.0 %
    """
    found = _EVENT.fullmatch(text.strip())
    if found is None:
        raise ConfigError(f"event {text!r}: expected words such as {_EXAMPLE}")
    bounds = _bounds(found["bounds"], text)
    when = {found["when"]: int(found["days"])} if found["when"] else {}
    measure: Measure = found["measure"]  # type: ignore[assignment]  # the pattern lists them
    return PathEvent(
        parse_holding(found["of"]),
        measure,
        below=bounds.get("below"),
        above=bounds.get("above"),
        equals=bounds.get("equals"),
        within=when.get("within"),
        day=when.get("day"),
    )


def _bounds(text: str, event: str) -> dict[str, float]:
    if re.sub(r"\s+|\band\b", "", _BOUND.sub("", text)):
        raise ConfigError(
            f"event {event!r}: expected below, above or equals with a number, found {text!r}"
        )
    found = _BOUND.findall(text)
    _once([word.lower() for word, _, _ in found], f"event {event!r}")
    return {
        word.lower(): float(number) / (100 if sign.strip() else 1) for word, number, sign in found
    }


def _once(words: list[str], where: str) -> list[str]:
    """Give the words back, or refuse them if one comes twice."""
    for word in words:
        if words.count(word) > 1:
            raise ConfigError(f"{where}: expected {word!r} once, found it more often")
    return words


def _share(part: str, text: str) -> tuple[str, float]:
    name, _, share = (piece.strip() for piece in part.partition("="))
    try:
        value = float(share.removesuffix("%")) / (100 if share.endswith("%") else 1)
    except ValueError:
        raise ConfigError(
            f"portfolio {text!r}: expected a share after {name!r}, such as {name}=0.4, "
            f"found {share!r}"
        ) from None
    return name, value
