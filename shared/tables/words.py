"""What is typed as ``name=value`` on the command line, read as Python values."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from scenara.shared.data.column import BOUNDED, Column, Kind
from scenara.shared.data.schema import Schema
from scenara.shared.errors import ConfigError
from scenara.shared.tuning import Choice, Space, Uniform, Whole

__all__ = ["as_toml", "read_balance", "read_given", "read_settings", "read_spaces"]


def read_settings(words: Sequence[str]) -> dict[str, Any]:
    """Read settings of a family; a value is JSON where it can be, else text.

    Args:
        words: Such as ``("min_leaf=40", 'candidates=["table/cart"]')``.

    Raises:
        ConfigError: A word is not of the form ``name=value``.

    Example:
        >>> read_settings(["min_leaf=40", "method=cart", "jitter=true"])
        {'min_leaf': 40, 'method': 'cart', 'jitter': True}
    """
    return {name: _json(value) for name, value in _pairs(words, "--set", "min_leaf=40")}


def read_given(words: Sequence[str], schema: Schema) -> dict[str, Any]:
    """Read conditions on generated rows.

    ``age=18..25`` asks for a closed range (an end may be left out), ``region=north|south`` for
    any of the values, ``income=`` for a missing cell.

    Args:
        words: The conditions, one a column.
        schema: What the columns are.

    Returns:
        Conditions as ``TableGenerator.sample`` takes them.

    Raises:
        ConfigError: A word is not of the form ``name=value``, or a number can't be read.

    Example:
        >>> schema = Schema((Column("age", "integer"), Column("bad", "boolean", levels=(0, 1))))
        >>> read_given(["age=18..25", "bad=1"], schema)
        {'age': (18.0, 25.0), 'bad': 1}
    """
    given: dict[str, Any] = {}
    for name, text in _pairs(words, "--given", "age=18..25"):
        if name in given:
            raise ConfigError(f"--given: column {name!r} is there twice; join the values with |")
        given[name] = _condition(text, schema[name]) if name in schema else text
    return given


def read_balance(word: str | None, schema: Schema) -> str | dict[str, dict[Any, float]] | None:
    """Read which values are to occur how often.

    Args:
        word: A column, for equal counts, or ``default=0:900|1:100`` for counts or shares.
        schema: What the columns are.

    Raises:
        ConfigError: A count can't be read.

    Example:
        >>> schema = Schema((Column("bad", "boolean", levels=(0, 1)),))
        >>> read_balance("bad=0:0.9|1:0.1", schema)
        {'bad': {0: 0.9, 1: 0.1}}
    """
    if word is None or "=" not in word or word in schema:
        return word
    name, _, text = word.partition("=")
    if name not in schema:
        raise ConfigError(f"--balance: no column {name!r}; there are {', '.join(schema.names)}")
    counts = {}
    for part in text.split("|"):
        level, _, count = part.rpartition(":")
        counts[_level(level, schema[name])] = _number(count, f"--balance: column {name!r}")
    return {name: counts}


def read_spaces(words: Sequence[str]) -> dict[str, Space]:
    """Read how settings vary.

    ``min_leaf=5..50`` varies whole numbers, ``rate=1e-4..1e-1:log`` real numbers on a logarithmic
    scale, ``depth=2|4|8`` among values.

    Args:
        words: One a setting.

    Raises:
        ConfigError: A word can't be read.

    Example:
        >>> read_spaces(["min_leaf=5..50"])
        {'min_leaf': Whole(low=5, high=50, log=False)}
    """
    return {name: _space(text, name) for name, text in _pairs(words, "--vary", "min_leaf=5..50")}


def _pairs(words: Sequence[str], option: str, example: str) -> list[tuple[str, str]]:
    pairs = []
    for word in words:
        name, sign, text = word.partition("=")
        if not sign or not name.strip():
            raise ConfigError(f"{option}: expected name=value such as {example}, found {word!r}")
        pairs.append((name.strip(), text.strip()))
    return pairs


def _json(text: str) -> Any:  # noqa: ANN401  (any JSON value)
    try:
        return json.loads(text)
    except ValueError:
        return text


def _condition(text: str, column: Column) -> object:
    if not text:
        return None
    if column.kind in BOUNDED and ".." in text:
        low, _, high = text.partition("..")
        return _end(low, column), _end(high, column)
    if "|" in text and text not in map(str, column.levels or ()):
        return [_level(part, column) for part in text.split("|")]
    return _level(text, column)


def _end(text: str, column: Column) -> object:
    return _level(text, column) if text.strip() else None


def _level(text: str, column: Column) -> Any:  # noqa: ANN401  (any level)
    if column.kind is Kind.DATETIME:
        return text.strip()
    if column.kind in BOUNDED:
        return _number(text, f"column {column.name!r}")
    for level in column.levels or ():
        if str(level) == text or (isinstance(level, (int, float)) and _json(text) == level):
            return level
    return text


def _number(text: str, where: str) -> float:
    try:
        return float(text)
    except ValueError as error:
        raise ConfigError(f"{where}: expected a number, found {text!r}") from error


def _space(text: str, name: str) -> Space:
    body, log = text.removesuffix(":log"), text.endswith(":log")
    low, dots, high = body.partition("..")
    if not dots:
        return Choice(tuple(map(_json, body.split("|"))))
    ends = _json(low), _json(high)
    if all(isinstance(end, int) and not isinstance(end, bool) for end in ends):
        return Whole(*ends, log=log)
    where = f"--vary: setting {name!r}"
    return Uniform(_number(low, where), _number(high, where), log=log)


def as_toml(values: Mapping[str, Any]) -> str:
    """Write plain values as TOML, nested mappings as tables; None is left out.

    Args:
        values: Texts, numbers, booleans, lists, and mappings of them.

    Example:
        >>> print(as_toml({"family": "table/cart", "settings": {"min_leaf": 40}}))
        family = "table/cart"
        <BLANKLINE>
        [settings]
        min_leaf = 40
        <BLANKLINE>
    """
    plain = {k: v for k, v in values.items() if v is not None and not isinstance(v, Mapping)}
    lines = [f"{name} = {json.dumps(value)}" for name, value in plain.items()]
    for name, inner in values.items():
        if isinstance(inner, Mapping):
            lines += ["", f"[{name}]", *(f"{k} = {json.dumps(v)}" for k, v in inner.items())]
    return "\n".join(lines) + "\n"
