"""Text tables: CSV and its relatives, whatever their separator and decimal mark."""

import io
import re
from collections.abc import Iterator, Sequence
from itertools import islice

import pandas as pd

from scenara.shared.data.encoding import decode
from scenara.shared.data.layout import layout_of, records_of, sniff_separator
from scenara.shared.data.options import ReadOptions
from scenara.shared.data.origin import Origin, one_line
from scenara.shared.errors import DataError

__all__ = ["parse_delimited"]


def _codes(text: str, separator: str, header: Sequence[str], name: str) -> list[str]:
    """Name the columns with cells such as 00123, whose zeros a number would lose."""
    edges = re.escape(f'{separator}\r\n"')
    if not re.search(rf"0(?<![^{edges}]0)\d+(?=[{edges}]|\Z)", text):
        return []
    code = re.compile(r"0\d+")
    rows = (row for _, row in islice(records_of(text, separator, name), 1, None))
    found = {i for row in rows for i, cell in enumerate(row) if code.fullmatch(cell)}
    return [header[i] for i in sorted(found)]


def _texts(frame: pd.DataFrame) -> Iterator[tuple[str, "pd.Series[str]"]]:
    """Give the text columns whose first cell could be a number written another way."""
    for column in frame.columns:
        cells = frame[column].dropna() if frame[column].dtype.kind == "O" else frame[column][:0]
        if len(cells) and re.fullmatch(r"[+-]?\d[\d.,]*", str(cells.iloc[0]).strip()):
            yield column, cells.astype(str).str.strip()


def _has_decimal_comma(frame: pd.DataFrame, separator: str) -> bool:
    """Tell whether more cells of a text column are like 1,5 or 1.234,5 than like 1.5.

    Groups of three digits prove nothing: 1.234 may be either, as 1,234 between commas may.
    """
    for _, cells in _texts(frame):
        is_comma = cells.str.fullmatch(r"[+-]?(?:\d+|\d{1,3}(?:\.\d{3})+),\d+")
        is_point = cells.str.fullmatch(r"[+-]?\d+\.(?:\d{1,2}|\d{4,})")
        if separator == ",":
            is_comma &= ~cells.str.fullmatch(r"[+-]?\d{1,3}(?:,\d{3})+")
        if is_comma.sum() > is_point.sum():
            return True
    return False


def _ungrouped(frame: pd.DataFrame, decimal: str) -> pd.DataFrame:
    """Make numbers of columns written with thousands marks throughout, as 1,234.5 is."""
    group = "," if decimal == "." else "."
    g, d = re.escape(group), re.escape(decimal)
    pattern = rf"[+-]?(?:\d+|\d{{1,3}}(?:{g}\d{{3}})+)(?:{d}\d+)?"
    done = {}
    for column, cells in _texts(frame):
        if not cells.str.fullmatch(pattern).all() or not cells.str.contains(g).any():
            continue
        plain = cells.str.replace(group, "", regex=False).str.replace(decimal, ".", regex=False)
        done[column] = pd.to_numeric(plain).reindex(frame.index)
    return frame.assign(**done)


def _parse(
    data: bytes,
    separator: str,
    decimal: str,
    header: Sequence[str],
    codes: Sequence[str],
    options: ReadOptions,
) -> pd.DataFrame:
    return pd.read_csv(
        io.BytesIO(data),
        sep=separator,
        decimal=decimal,
        header=0,
        names=list(header),
        index_col=False,
        dtype=dict.fromkeys(codes, str),
        na_values=list(options.missing),
        keep_default_na=False,
        low_memory=False,
    )


def parse_delimited(
    data: bytes, options: ReadOptions, name: str, *, declared: str | None = None
) -> tuple[pd.DataFrame, Origin]:
    r"""Parse a text table whose first line names the columns.

    Numbers may carry a decimal comma and thousands marks; a column with codes such as ``00123``
    stays text, so that no zero is lost. Dates stay text: the schema decides about them.

    Args:
        data: The bytes of the file, unpacked.
        options: How to read it.
        name: Name of the source, for messages.
        declared: Encoding that a web server declared.

    Returns:
        The table, and the line of each of its rows.

    Raises:
        DataError: If the text is empty, ragged, not text, or a quote is left open.

    Example:
        >>> frame, origin = parse_delimited(b"id;x\n007;1,5\n\n008;2,25\n", ReadOptions(), "a.csv")
        >>> frame["x"].tolist(), frame["id"].tolist(), origin.row(1)
        ([1.5, 2.25], ['007', '008'], 'line 4')
    """
    text = decode(data, name=name, encoding=options.encoding, declared=declared)
    separator = options.separator or sniff_separator(text)
    header, lines = layout_of(text, separator, options, name)
    codes = _codes(text, separator, header, name)
    plain = text.encode()
    try:
        frame = _parse(plain, separator, options.decimal or ".", header, codes, options)
        is_comma = options.decimal is None and _has_decimal_comma(frame, separator)
        frame = _parse(plain, separator, ",", header, codes, options) if is_comma else frame
    except (pd.errors.ParserError, ValueError) as error:
        raise DataError(f"{name}: {one_line(error)}; mend the file") from error
    # A lone "" is a row for pandas and a blank line for csv; no line is better than a wrong one.
    origin = Origin(name, lines if len(lines) == len(frame) else None)
    return _ungrouped(frame, "," if is_comma else options.decimal or "."), origin
