"""The formats that can be read: their endings, their packings, and the ones refused."""

import bz2
import gzip
import io
import lzma
import zipfile
import zlib
from collections.abc import Callable
from pathlib import PurePosixPath
from typing import cast

import pandas as pd

from scenara.shared.data.delimited import parse_delimited
from scenara.shared.data.options import FileFormat, ReadOptions
from scenara.shared.data.origin import Origin, one_line
from scenara.shared.data.parquet import parse_parquet
from scenara.shared.data.records import parse_json, parse_json_lines
from scenara.shared.data.selection import select
from scenara.shared.errors import DataError

__all__ = ["format_of", "parse", "unpack"]

_ENDINGS: dict[str, FileFormat] = {
    ".csv": "csv",
    ".tsv": "csv",
    ".tab": "csv",
    ".psv": "csv",
    ".txt": "csv",
    ".parquet": "parquet",
    ".pq": "parquet",
    ".json": "json",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
}
_PICKLE = "a pickle can run any program when it is opened; save the table as Parquet or CSV"
_SHEET = "a spreadsheet is not read; save the sheet as CSV"
_REFUSED = {
    **dict.fromkeys((".pkl", ".pickle", ".p", ".joblib", ".dill"), _PICKLE),
    **dict.fromkeys((".xlsx", ".xls", ".xlsm", ".ods"), _SHEET),
    **dict.fromkeys(
        (".db", ".sqlite", ".sqlite3"), "read a database as sqlite:///PATH with a query"
    ),
    ".duckdb": "read a database as duckdb:///PATH with a query",
}


def _unpack_zst(data: bytes) -> bytes:
    import pyarrow

    stream = pyarrow.CompressedInputStream(pyarrow.BufferReader(data), "zstd")
    return cast(bytes, stream.read())


def _unpack_zip(data: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return archive.read(_member(archive))


def _member(archive: zipfile.ZipFile) -> str:
    members = [name for name in archive.namelist() if not name.endswith("/")]
    if len(members) != 1:
        raise zipfile.BadZipFile(f"expected one file in it, found {len(members)}")
    return members[0]


_PACKINGS: dict[str, Callable[[bytes], bytes]] = {
    ".gz": gzip.decompress,
    ".bz2": bz2.decompress,
    ".xz": lzma.decompress,
    ".zst": _unpack_zst,
    ".zip": _unpack_zip,
}


def _ending(path: str) -> str:
    return PurePosixPath(path).suffix.lower()


def unpack(data: bytes, path: str, name: str) -> tuple[bytes, str]:
    """Undo the compression that the ending of a file tells of.

    Args:
        data: The bytes as they were found.
        path: Path or file name, such as ``prices.csv.gz``.
        name: Name of the source, for messages.

    Returns:
        The bytes unpacked, and the path without that ending (for a zip: the name of its member).

    Raises:
        DataError: If the archive is damaged, locked, or a zip with other than one file.

    Example:
        >>> unpack(gzip.compress(b"a,b"), "x.csv.gz", "x.csv.gz")
        (b'a,b', 'x.csv')
    """
    packing = _ending(path)
    if packing not in _PACKINGS or not data:
        return data, path
    try:
        inner = PurePosixPath(path).stem
        if packing == ".zip":
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                inner = _member(archive)
        return _PACKINGS[packing](data), inner
    except (OSError, EOFError, RuntimeError, zlib.error, lzma.LZMAError, zipfile.BadZipFile) as e:
        raise DataError(f"{name}: the archive can't be unpacked ({one_line(e)})") from e


def format_of(path: str, name: str) -> FileFormat:
    """Tell the format of a file by its ending.

    Args:
        path: Path or file name, without the ending of a compression.
        name: Name of the source, for messages.

    Returns:
        The format.

    Raises:
        DataError: If the ending is unknown, or the format is one that is never read.

    Example:
        >>> format_of("prices.tsv", "prices.tsv")
        'csv'
    """
    ending = _ending(path)
    if ending in _REFUSED:
        raise DataError(f"{name}: {_REFUSED[ending]}")
    if ending not in _ENDINGS:
        known = ", ".join([*_ENDINGS, *_PACKINGS])
        found = f"the ending {ending!r}" if ending else "no ending"
        raise DataError(
            f"{name}: {one_line(found)} tells no format that can be read; known are {known}; "
            "rename the file, or say file_format='csv'"
        )
    return _ENDINGS[ending]


def parse(
    data: bytes,
    options: ReadOptions,
    name: str,
    *,
    file_format: FileFormat,
    declared: str | None = None,
) -> tuple[pd.DataFrame, Origin]:
    r"""Parse the unpacked bytes of a file of a known format.

    Args:
        data: The bytes.
        options: How to read them.
        name: Name of the source, for messages.
        file_format: Their format.
        declared: Encoding that a web server declared.

    Returns:
        The columns asked for, and where the rows came from.

    Raises:
        DataError: If the file is empty or not what its format says.

    Example:
        >>> parse(b"a,b\n1,2\n", ReadOptions(), "x.csv", file_format="csv")[0].shape
        (1, 2)
    """
    if not data.strip():
        raise DataError(f"{name}: the file is empty; expected a table")
    parsers = {
        "csv": parse_delimited,
        "json": parse_json,
        "jsonl": parse_json_lines,
        "parquet": parse_parquet,
    }
    frame, origin = parsers[file_format](data, options, name, declared=declared)
    return select(frame, options, name), origin
