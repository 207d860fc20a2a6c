"""Where a value came from, so that an error can name the file, the row and the column."""

from dataclasses import dataclass

from scenara.shared.types import IntArray

__all__ = ["Origin", "one_line", "shown"]

_LONGEST_VALUE = 60


def one_line(text: object) -> str:
    r"""Give a text that prints on one line, whatever a file name or a driver put into it.

    Args:
        text: Anything with a text form.

    Returns:
        The text with runs of white space made single spaces and control characters escaped.

    Example:
        >>> one_line("no such table:\n  prices\x07")
        'no such table: prices\\x07'
    """
    words = " ".join(str(text).split())
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in words)


def shown(value: object) -> str:
    """Give a value as it should stand in a message: quoted if it is text, and not too long.

    Args:
        value: A cell, a column name or the like.

    Returns:
        Its ``repr``, cut after 60 characters.

    Example:
        >>> shown("n.a."), shown(-1.5)
        ("'n.a.'", '-1.5')
    """
    text = repr(value.item() if hasattr(value, "item") else value)
    return text if len(text) <= _LONGEST_VALUE else f"{text[: _LONGEST_VALUE - 3]}..."


@dataclass(frozen=True)
class Origin:
    """Name a source and find the user's number of each row.

    Args:
        name: The file, the address without secrets, or any other name of the source.
        lines: Shape (rows,): line of the file on which each row starts, the first line being 1;
            None where rows have no lines, as in Parquet or a database.
        numbered: Whether the order of the rows is the user's own, so that a number means
            something to them.

    Example:
        >>> import numpy as np
        >>> Origin("a.csv", np.array([2, 3, 5])).place(2, "AAPL")
        "a.csv, line 5, column 'AAPL'"
        >>> Origin("a.parquet").place(2)
        'a.parquet, row 3'
    """

    name: str
    lines: IntArray | None = None
    numbered: bool = True

    def row(self, position: int) -> str:
        """Name one row: its line in the file, or its number counted from 1.

        Args:
            position: Position of the row in the frame, from 0.

        Returns:
            ``"line 17"``, ``"row 16"``, or an empty text where numbers mean nothing.
        """
        if not self.numbered:
            return ""
        return f"row {position + 1}" if self.lines is None else f"line {self.lines[position]}"

    def place(self, position: int | None = None, column: object = None) -> str:
        """Name a place in the source, as a message starts with it.

        Args:
            position: Position of the row in the frame, from 0; None for no row.
            column: Name of the column; None for no column.

        Returns:
            ``"prices.csv, line 17, column 'AAPL'"``.
        """
        row = "" if position is None else self.row(position)
        part = "" if column is None else f"column {shown(column)}"
        return ", ".join(word for word in (one_line(self.name), row, part) if word)
