"""From bytes to text: the encoding is told by its mark, tried, or given, and never forced."""

import codecs
import re

from scenara.shared.errors import ConfigError, DataError

__all__ = ["decode", "line_of"]

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it starts with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)

_SIGNATURES = {
    b"\x1f\x8b": "a gzip archive (.gz)",
    b"\xfd7zXZ": "an xz archive (.xz)",
    b"\x28\xb5\x2f\xfd": "a Zstandard archive (.zst)",
    b"PK\x03\x04": "a zip archive (.zip) or a spreadsheet (.xlsx)",
    b"PAR1\x15": "a Parquet file (.parquet)",
    b"SQLite format 3\x00": "an SQLite database (read it as sqlite:///PATH with a query)",
}


def line_of(text: str, position: int) -> int:
    r"""Count the line, from 1, that a position of a text stands on.

    Args:
        text: The text, with any of the three line endings.
        position: Index of a character.

    Returns:
        Number of the line.

    Example:
        >>> line_of("a,b\r\n1,2\n3,4", 9)
        3
    """
    return len(re.findall(r"\r\n|\r|\n", text[:position])) + 1


def _decode_as(data: bytes, encoding: str, name: str) -> str:
    try:
        return data.decode(encoding)
    except LookupError as error:
        raise ConfigError(
            f"encoding={encoding!r} is not a text encoding that Python knows; "
            "use for example 'utf-8', 'utf-16' or 'cp1252'"
        ) from error
    except UnicodeDecodeError as error:
        before = data[: error.start].decode(encoding, errors="replace")
        raise DataError(
            f"{name}, line {line_of(before, len(before))}: byte 0x{data[error.start]:02x} is not "
            f"{encoding}; save the file as UTF-8, or name its encoding with encoding="
        ) from error


def _is_damaged_utf8(data: bytes) -> bool:
    text = data.decode("utf-8", errors="replace")
    n_wrong = text.count("\ufffd")
    n_right = sum(1 for c in text if c > "\x7f") - n_wrong
    return n_right > n_wrong


def _guess(data: bytes, declared: str | None) -> str:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return encoding
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return "utf-8" if _is_damaged_utf8(data) else declared or "cp1252"
    return "utf-8"


def decode(
    data: bytes, *, name: str, encoding: str | None = None, declared: str | None = None
) -> str:
    r"""Decode a text file strictly, and refuse one that is not text.

    The byte order mark decides; without one the text is UTF-8 if it can be. What can't be is
    taken for what the server declared, else for Western European (cp1252), unless most of its
    accented letters are valid UTF-8: then it is UTF-8 with a damaged place, which is an error.

    Args:
        data: The bytes of the file.
        name: Name of the source, for messages.
        encoding: The encoding, where the caller knows it.
        declared: What a web server said, used only if the bytes are not UTF-8.

    Returns:
        The text without byte order mark.

    Raises:
        DataError: If bytes can't be decoded, the text has a NUL byte, or it is another format.
        ConfigError: If the encoding is unknown.

    Example:
        >>> decode("Größe;1,5".encode("cp1252"), name="a.csv")
        'Größe;1,5'
    """
    for signature, meaning in _SIGNATURES.items():
        if data.startswith(signature):
            raise DataError(f"{name}: found {meaning}, expected text; give it its true ending")
    text = _decode_as(data, encoding or _guess(data, declared), name).removeprefix("\ufeff")
    nul = text.find("\0")
    if nul >= 0:
        raise DataError(
            f"{name}, line {line_of(text, nul)}: found a NUL byte, expected plain text; export "
            "the file again as UTF-8, or say encoding='utf-16' if that is what it is"
        )
    return text
