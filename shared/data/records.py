"""JSON tables: a list of records, bare or inside an answer of a web service."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from scenara.shared.data.encoding import decode
from scenara.shared.data.options import ReadOptions
from scenara.shared.data.origin import Origin, shown
from scenara.shared.errors import DataError

__all__ = ["parse_json", "parse_json_lines"]

_USUAL_KEYS = ("data", "results", "items", "records")


def _loads(text: str, name: str, line: int = 0) -> Any:  # noqa: ANN401 - JSON can be anything
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise DataError(
            f"{name}, line {line + error.lineno}: malformed JSON at character {error.colno} "
            f'({error.msg}); expected a list of records such as [{{"a": 1}}, {{"a": 2}}]'
        ) from error
    except RecursionError as error:
        raise DataError(f"{name}: the JSON is nested too deeply; expected flat records") from error


def _follow(document: object, path: str, name: str) -> object:
    for key in path.split("."):
        if not isinstance(document, Mapping) or key not in document:
            keys = ", ".join(map(str, document)) if isinstance(document, Mapping) else "none"
            raise DataError(
                f"{name}: records={path!r}: found no key {key!r}; the keys there are: {keys}"
            )
        document = document[key]
    return document


def _find(document: object, name: str) -> object:
    if not isinstance(document, Mapping):
        return document
    found = [key for key in _USUAL_KEYS if isinstance(document.get(key), list)]
    if len(found) != 1:
        keys = ", ".join(map(str, document)) or "none"
        raise DataError(
            f"{name}: expected a list of records, found an object with the keys: {keys}; "
            "say which key holds the list, for example records='data'"
        )
    return document[found[0]]


def _table(rows: object, name: str) -> pd.DataFrame:
    if not isinstance(rows, list):
        raise DataError(f"{name}: expected a list of records, found {type(rows).__name__}")
    for number, row in enumerate(rows, start=1):
        if not isinstance(row, Mapping):
            raise DataError(
                f"{name}, record {number}: expected an object with named values, found {shown(row)}"
            )
    return pd.json_normalize(rows)


def parse_json(
    data: bytes, options: ReadOptions, name: str, *, declared: str | None = None
) -> tuple[pd.DataFrame, Origin]:
    """Parse a JSON document that is, or holds, one list of records.

    Values inside values become columns with dotted names. Without ``options.records`` an object
    must hold exactly one list under ``data``, ``results``, ``items`` or ``records``.

    Args:
        data: The bytes of the document.
        options: How to read it.
        name: Name of the source, for messages.
        declared: Encoding that a web server declared.

    Returns:
        The table, one row a record, and its origin.

    Raises:
        DataError: If the document is malformed or no list of records is found.

    Example:
        >>> document = b'{"data": [{"a": 1, "b": {"c": 2}}]}'
        >>> parse_json(document, ReadOptions(), "x")[0].to_dict("list")
        {'a': [1], 'b.c': [2]}
    """
    text = decode(data, name=name, encoding=options.encoding, declared=declared)
    if not text.strip():
        raise DataError(f"{name}: the document is empty; expected a list of records")
    document = _loads(text, name)
    path = options.records
    rows = _follow(document, path, name) if path is not None else _find(document, name)
    return _table(rows, name), Origin(name)


def _numbered_lines(text: str) -> Iterator[tuple[int, str]]:
    return ((i, line) for i, line in enumerate(text.split("\n")) if line.strip())


def parse_json_lines(
    data: bytes, options: ReadOptions, name: str, *, declared: str | None = None
) -> tuple[pd.DataFrame, Origin]:
    r"""Parse a text with one JSON record a line.

    Args:
        data: The bytes of the text.
        options: How to read it.
        name: Name of the source, for messages.
        declared: Encoding that a web server declared.

    Returns:
        The table, one row a line, and its origin.

    Raises:
        DataError: If a line is malformed or no record.

    Example:
        >>> parse_json_lines(b'{"a": 1}\n{"a": 2}\n', ReadOptions(), "x")[0]["a"].tolist()
        [1, 2]
    """
    text = decode(data, name=name, encoding=options.encoding, declared=declared)
    rows = [_loads(line, name, i) for i, line in _numbered_lines(text)]
    if not rows:
        raise DataError(f"{name}: the file is empty; expected one record a line")
    return _table(rows, name), Origin(name)
