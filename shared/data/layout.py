"""How a text table is laid out: its separator, its columns, and the line of each row."""

import csv
import io
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice

import numpy as np

from scenara.shared.data.options import ReadOptions
from scenara.shared.data.origin import shown
from scenara.shared.data.selection import check_columns
from scenara.shared.errors import DataError
from scenara.shared.types import IntArray

__all__ = ["layout_of", "records_of", "sniff_separator"]

_SEPARATORS = ("\t", ";", "|", ",")
_N_SNIFFED = 50
_N_FIRST = 2**23


def _lines(text: str) -> io.StringIO:
    return io.StringIO(text, newline="")


def _agreement(sample: Sequence[str], separator: str) -> tuple[float, int]:
    try:
        widths = [len(row) for row in csv.reader(sample, delimiter=separator) if row]
    except csv.Error:  # a line without this separator is longer than a cell may be
        return 0.0, 0
    if not widths or widths[0] < 2:
        return 0.0, 0
    return sum(width == widths[0] for width in widths) / len(widths), widths[0]


def sniff_separator(text: str) -> str:
    r"""Find the separator that cuts the first lines into equally many cells, and into most.

    Args:
        text: The text of the table.

    Returns:
        Tab, ``;``, ``|`` or ``,``; the comma where there is only one column.

    Example:
        >>> sniff_separator("date;price\n2020-01-02;1,5\n")
        ';'
    """
    sample = list(islice(_lines(text[:_N_FIRST]), _N_SNIFFED))
    scores = {separator: _agreement(sample, separator) for separator in _SEPARATORS}
    best = max(_SEPARATORS, key=lambda separator: scores[separator])
    return best if scores[best][1] else ","


def records_of(text: str, separator: str, name: str) -> Iterator[tuple[int, list[str]]]:
    r"""Give each record of a text table with the line on which it starts; skip blank lines.

    Args:
        text: The text.
        separator: The character between cells.
        name: Name of the source, for messages.

    Yields:
        The line, from 1, and the cells.

    Raises:
        DataError: If a quote is left open.

    Example:
        >>> list(records_of('a,b\n\n1,"x\ny"\n2,z', ",", "a.csv"))
        [(1, ['a', 'b']), (3, ['1', 'x\ny']), (5, ['2', 'z'])]
    """
    reader = csv.reader(_lines(text), delimiter=separator, strict=True)
    line = 1
    try:
        for record in reader:
            if record and (len(record) > 1 or record[0].strip() or reader.line_num > line):
                yield line, record
            line = reader.line_num + 1
    except csv.Error as error:
        raise DataError(
            f"{name}, line {line}: this row can't be cut into cells ({error}); "
            "close the quotes that are open, and write quotes inside a cell twice"
        ) from error


def _check_unique(header: Sequence[str], line: int, name: str) -> None:
    twice = [column for column, count in Counter(header).items() if count > 1]
    if twice:
        raise DataError(
            f"{name}, line {line}: column {shown(twice[0])} stands there twice; "
            "give every column a name of its own"
        )


def _widths(text: str, separator: str, name: str) -> tuple[IntArray, IntArray]:
    """Give the line on which each record starts, and how many cells it has."""
    if '"' in text or not separator.isascii():
        pairs = [(line, len(record)) for line, record in records_of(text, separator, name)]
        lines, widths = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
        return lines, widths
    # Ten times as fast as csv; without quotes a cell ends at every separator.
    data = text.replace("\r\n", "\n").replace("\r", "\n").encode() + b"\n"
    codes = np.frombuffer(data, dtype=np.uint8)
    ends = np.flatnonzero(codes == ord("\n"))
    starts = np.append(0, ends[:-1] + 1)
    widths = np.add.reduceat(codes == ord(separator), starts, dtype=np.int64) + 1
    alone = np.flatnonzero(widths == 1)
    is_blank = [not data[a:b].strip() for a, b in zip(starts[alone], ends[alone], strict=True)]
    lines = np.delete(np.arange(len(starts)), alone[is_blank])
    return lines + 1, widths[lines]


def layout_of(
    text: str, separator: str, options: ReadOptions, name: str
) -> tuple[list[str], IntArray]:
    r"""Give the names of the columns and the line of each row, and refuse a ragged table.

    Args:
        text: The text.
        separator: The character between cells.
        options: Holds the columns asked for and how many are allowed.
        name: Name of the source, for messages.

    Returns:
        Names of the columns, and shape (rows,): the line on which each row starts.

    Raises:
        DataError: If there are no columns, two have one name, or a row has more or fewer cells.

    Example:
        >>> header, lines = layout_of("a,b\n1,2\n\n3,4", ",", ReadOptions(), "a.csv")
        >>> header, lines.tolist()
        (['a', 'b'], [2, 4])
    """
    first, record = next(records_of(text[:_N_FIRST], separator, name), (0, []))
    if not record:
        raise DataError(f"{name}: the file is empty; expected a line of column names, then rows")
    header = [column.strip() or f"Unnamed: {i}" for i, column in enumerate(record)]
    check_columns(header, options, name)
    _check_unique(header, first, name)
    lines, widths = _widths(text, separator, name)
    is_ragged = widths != len(header)
    if is_ragged.any():
        i = int(is_ragged.argmax())
        raise DataError(
            f"{name}, line {lines[i]}: found {widths[i]} cells, expected {len(header)} as in the "
            f"first line (separator {shown(separator)}); mend the line, or give separator="
        )
    return header, lines[1:]
