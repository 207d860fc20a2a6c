"""One door for data from anywhere: a file, a database or a web address."""

import os
from collections.abc import Mapping, Sequence
from urllib.parse import unquote, urlsplit

import pandas as pd

from scenara.shared.data.options import MISSING, FileFormat, ReadOptions
from scenara.shared.data.origin import Origin
from scenara.shared.errors import ConfigError

__all__ = ["read", "read_located"]


def read_located(
    source: str | os.PathLike[str], *, options: ReadOptions | None = None
) -> tuple[pd.DataFrame, Origin]:
    """Read a table and remember where each row came from, for messages that name the line.

    Args:
        source: As for :func:`read`.
        options: How to read it.

    Returns:
        The table, and the name and lines of its source.

    Raises:
        DataError: If the source can't be read or is not a table.
        ConfigError: If the options don't fit the source.
    """
    options = options or ReadOptions()
    place = os.fspath(source)
    if not place.strip():
        raise ConfigError("source is empty; name a file, a database URL or a web address")
    scheme, has_scheme, _ = place.partition("://")
    if not has_scheme:
        from scenara.shared.data.files import read_file

        return read_file(place, options)
    if scheme.lower() == "file":
        from scenara.shared.data.files import read_file

        return read_file(unquote(urlsplit(place).path), options)
    if scheme.lower() in ("http", "https"):
        from scenara.shared.data.web import read_web

        return read_web(place, options)
    from scenara.shared.data.databases import read_database

    return read_database(place, options)


def read(
    source: str | os.PathLike[str],
    *,
    query: str | None = None,
    columns: Sequence[str] | None = None,
    maximum_columns: int | None = None,
    file_format: FileFormat | None = None,
    records: str | None = None,
    separator: str | None = None,
    decimal: str | None = None,
    encoding: str | None = None,
    missing: Sequence[str] = MISSING,
    headers: Mapping[str, str] | None = None,
    timeout: float = 30.0,
    retries: int = 3,
) -> pd.DataFrame:
    r"""Read a table from a file, an SQL database or a web address.

    Text tables (.csv .tsv .psv .txt), JSON (.json .jsonl) and Parquet, each also packed as .gz,
    .bz2, .xz, .zst or .zip. Separator, decimal mark and encoding are found out where they are
    not given. Dates stay as they are found: a :class:`Schema` decides about them. A pickle is
    never read.

    Args:
        source: Path; or URL of a database in SQLAlchemy's form; or http(s) address.
        query: The SQL query; for databases, where it is required.
        columns: The columns to give, in this order; None for all.
        maximum_columns: Refuse a table with more columns, before reading its rows.
        file_format: Format, where the ending of the file does not tell it.
        records: Where in a JSON document the list of records stands, as in ``"answer.rows"``.
        separator: The character between cells of a text table.
        decimal: Decimal mark of a text table, ``"."`` or ``","``.
        encoding: Encoding of a text file.
        missing: Cells of a text table that mean "no value".
        headers: HTTP headers to send, such as credentials; they never get into a message.
        timeout: Seconds to wait for a web server, at each try.
        retries: How often to ask a web server again that fails in passing.

    Returns:
        Table of shape (rows, columns), rows numbered from 0.

    Raises:
        DataError: If the source can't be read or is not a table: one line that names the
            source, the line where it applies, and what to do.
        ConfigError: If the arguments contradict themselves or the source.

    Example:
        >>> import tempfile, pathlib
        >>> path = pathlib.Path(tempfile.mkdtemp()) / "sales.csv"
        >>> _ = path.write_text("shop;sales\nnorth;1,5\nsouth;2,25\n")
        >>> read(path)["sales"].sum()
        np.float64(3.75)
    """
    options = ReadOptions(
        query=query,
        columns=columns,
        maximum_columns=maximum_columns,
        file_format=file_format,
        records=records,
        separator=separator,
        decimal=decimal,
        encoding=encoding,
        missing=missing,
        headers=headers or {},
        timeout=timeout,
        retries=retries,
    )
    return read_located(source, options=options)[0]
