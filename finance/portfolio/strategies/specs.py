"""The syntax of strategies on a command line: names, settings in brackets, commas between."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from scenara.shared.errors import ConfigError

__all__ = ["Spec", "read_specs"]

_ITEM = re.compile(r"(?P<name>[^(]*?)\s*(?:\((?P<settings>.*)\))?", re.DOTALL)
_CLOSING = {"(": ")", "[": "]", "{": "}"}


@dataclass(frozen=True)
class Spec:
    """Hold what was typed for one strategy.

    Args:
        text: All of it.
        name: What is before the brackets.
        settings: What is in them; None if there are no brackets.
    """

    text: str
    name: str
    settings: Mapping[str, object] | None = None


def read_specs(text: str) -> list[Spec]:
    """Read names with settings in brackets, and commas between them.

    Values are written as in TOML: ``true``, ``0.5``, ``'text'``, ``['A', 'B']``, ``{A = 0.6}``.

    Args:
        text: What was typed.

    Returns:
        Each of them, without the spaces around it.

    Raises:
        ConfigError: A value is not TOML, a bracket or a quote is left open, or something is empty.

    Example:
        >>> read_specs("mix(targets={A=0.6}), momentum")[0].settings
        {'targets': {'A': 0.6}}
    """
    return [_read(item) for item in _split(text, where="strategy")]


def _read(item: str) -> Spec:
    parts = _ITEM.fullmatch(item)
    if parts is None or not parts["name"]:
        raise ConfigError(f"strategy: expected name or name(setting=value, ...), found {item!r}")
    name, settings = parts["name"], parts["settings"]
    if settings is None:
        return Spec(item, name)
    return Spec(item, name, _values(name, settings) if settings.strip() else {})


def _values(name: str, settings: str) -> dict[str, object]:
    values: dict[str, object] = {}
    for setting in _split(settings, where=f"strategy {name!r}"):
        key, equals, value = (part.strip() for part in setting.partition("="))
        if not (key.isidentifier() and equals and value):
            raise ConfigError(f"strategy {name!r}: expected setting=value, found {setting!r}")
        if key in values:
            raise ConfigError(f"strategy {name!r}: setting {key!r} is there twice")
        values[key] = _value(value, where=f"strategy {name!r}: setting {key!r}")
    return values


def _value(text: str, *, where: str) -> object:
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        hint = (
            f"; did you mean {text!r} in quotes?" if text.replace("-", "_").isidentifier() else ""
        )
        raise ConfigError(
            f"{where}: expected a value as in TOML, such as 126, 0.5, true, 'text' or ['A', 'B']; "
            f"found {text}{hint}"
        ) from None


def _split(text: str, *, where: str) -> list[str]:
    """Cut a text at its commas outside brackets and quotes."""
    parts = [text[start:end].strip() for start, end in _pieces(text, where)]
    if not all(parts):
        raise ConfigError(
            f"{where}: expected something before and after each comma, found {text!r}"
        )
    return parts


def _pieces(text: str, where: str) -> Iterator[tuple[int, int]]:
    start, quote, open_brackets = 0, "", [""]
    for place, sign in enumerate(text):
        if quote:
            quote = "" if sign == quote else quote
        elif sign in "'\"":
            quote = sign
        elif sign in _CLOSING:
            open_brackets.append(_CLOSING[sign])
        elif sign == open_brackets[-1]:
            open_brackets.pop()
        elif sign == "," and len(open_brackets) == 1:
            yield start, place
            start = place + 1
    if quote or len(open_brackets) > 1:
        missing = quote or open_brackets[-1]
        raise ConfigError(f"{where}: a closing {missing} is missing in {text!r}")
    yield start, len(text)
