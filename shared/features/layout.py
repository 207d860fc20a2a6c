"""Where each column lies in an encoded matrix, and the way between columns and matrix."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from scenara.shared.errors import DataError
from scenara.shared.features.base import Coded, Encoder
from scenara.shared.types import Array, FloatArray

__all__ = ["Block", "BlockKind", "Encoded", "Layout", "from_matrix", "to_matrix"]


class BlockKind(StrEnum):
    """Say what the numbers of a block mean."""

    ONE_HOT = "one-hot"
    CODES = "codes"
    CONTINUOUS = "continuous"
    DERIVED = "derived"


@dataclass(frozen=True)
class Block:
    """Describe neighbouring columns of the matrix that belong together.

    Args:
        column: Name of the table's column they stand for.
        kind: One-hot and codes say what the cell is, continuous where inside its code it lies;
            derived says more about it and is not decoded.
        start: First column of the matrix.
        stop: Column after the last one.
        n_codes: Number of codes, of a one-hot or codes block.
        ordered: Whether the codes have an order that means something.
        law: How positions are spread (normal, uniform, standardised), of a continuous block.
        n_positioned: How many codes, from the first on, have a position; in other rows it is 0.
        labels: What each code, or each derived number, is, in words.
    """

    column: str
    kind: BlockKind
    start: int
    stop: int
    n_codes: int = 0
    ordered: bool = False
    law: str = ""
    n_positioned: int = 0
    labels: tuple[str, ...] = ()

    @property
    def columns(self) -> slice:
        """Give the block's columns of the matrix."""
        return slice(self.start, self.stop)


@dataclass(frozen=True)
class Layout:
    """Describe the columns of an encoded matrix.

    A table's column has a discrete block if it can be more than one thing, and a continuous
    block if any of these has a position; a constant has neither.

    Args:
        blocks: The blocks, in the order of the matrix.
    """

    blocks: tuple[Block, ...]

    @property
    def width(self) -> int:
        """Count the columns of the matrix."""
        return self.blocks[-1].stop if self.blocks else 0

    def of(self, column: str) -> tuple[Block, ...]:
        """Give the blocks of one column of the table."""
        return tuple(block for block in self.blocks if block.column == column)

    def select(self, *kinds: BlockKind) -> tuple[Block, ...]:
        """Give the blocks of some kinds."""
        return tuple(block for block in self.blocks if block.kind in kinds)


@dataclass(frozen=True)
class Encoded:
    """Hold an encoded table.

    Args:
        matrix: The numbers, (rows, width).
        layout: What they mean.
    """

    matrix: FloatArray
    layout: Layout

    def __len__(self) -> int:
        """Count the rows."""
        return len(self.matrix)

    def block(self, block: Block) -> FloatArray:
        """Give the columns of one block, (rows, columns)."""
        return self.matrix[:, block.columns]


def make_layout(
    encoders: Mapping[str, Encoder], *, one_hot: bool, derived: Mapping[str, tuple[str, ...]]
) -> Layout:
    """Lay out the columns of a table.

    Args:
        encoders: Fitted encoders by column.
        one_hot: Lay codes out as one column each, and not as one column of numbers.
        derived: Names of the derived numbers of some columns.
    """
    blocks: list[Block] = []
    for column, encoder in encoders.items():
        start = blocks[-1].stop if blocks else 0
        for block in _blocks(column, encoder, one_hot, derived.get(column, ())):
            width = block.stop
            blocks.append(_moved(block, start))
            start += width
    return Layout(tuple(blocks))


def to_matrix(
    coded: Mapping[str, Coded],
    layout: Layout,
    *,
    n_rows: int,
    derived: Mapping[str, FloatArray] | None = None,
    dtype: str = "float64",
) -> FloatArray:
    """Write coded columns into a matrix.

    Args:
        coded: Codes and positions by column.
        layout: Where each goes.
        n_rows: Number of rows.
        derived: Derived numbers by column, (rows, numbers) each.
        dtype: Type of the matrix.
    """
    matrix = np.zeros((n_rows, layout.width), dtype=dtype)
    rows = np.arange(n_rows)
    for block in layout.blocks:
        column = coded[block.column]
        if block.kind is BlockKind.ONE_HOT:
            matrix[rows, block.start + column.codes] = 1
        elif block.kind is BlockKind.DERIVED:
            matrix[:, block.columns] = (derived or {})[block.column]
        else:
            cells = column.codes if block.kind is BlockKind.CODES else column.positions
            matrix[:, block.start] = cells
    return matrix


def from_matrix(matrix: FloatArray, layout: Layout, column: str) -> Coded:
    """Read one coded column out of a matrix.

    The code of a one-hot block is its largest number; a code that is not whole is rounded.

    Args:
        matrix: Any finite numbers, (rows, width).
        layout: Where each column lies.
        column: Name of the column.
    """
    codes = np.zeros(len(matrix), dtype=np.int64)
    positions = np.zeros(len(matrix))
    for block in layout.of(column):
        cells = matrix[:, block.columns]
        if block.kind is BlockKind.ONE_HOT:
            codes = np.argmax(cells, axis=1)
        elif block.kind is BlockKind.CODES:
            codes = np.clip(np.rint(cells[:, 0]), 0, block.n_codes - 1).astype(np.int64)
        elif block.kind is BlockKind.CONTINUOUS:
            positions = cells[:, 0].astype(np.float64)
    return Coded(codes, positions)


def check_matrix(matrix: Array, layout: Layout) -> None:
    """Refuse a matrix that does not fit the layout.

    Args:
        matrix: The numbers, (rows, width).
        layout: What they should be.

    Raises:
        DataError: If the shape is another or a number is not finite.
    """
    if matrix.ndim != 2 or matrix.shape[1] != layout.width:
        raise DataError(
            f"encoded matrix: expected (rows, {layout.width}), found shape {matrix.shape}"
        )
    finite = np.isfinite(matrix)
    if not finite.all():
        row, place = np.argwhere(~finite)[0]
        column = next(block.column for block in layout.blocks if block.stop > place)
        raise DataError(
            f"encoded matrix: expected finite numbers, found {matrix[row, place]} in row {row} "
            f"for column {column!r}"
        )


def _blocks(column: str, encoder: Encoder, one_hot: bool, derived: tuple[str, ...]) -> list[Block]:
    """Give the blocks of a column, each as if it began at 0."""
    blocks = []
    if encoder.n_codes_ > 1:
        kind, stop = (BlockKind.ONE_HOT, encoder.n_codes_) if one_hot else (BlockKind.CODES, 1)
        blocks.append(
            Block(
                column,
                kind,
                0,
                stop,
                n_codes=encoder.n_codes_,
                ordered=encoder.ordered,
                labels=encoder.labels_,
            )
        )
    if encoder.n_positioned_:
        positioned = encoder.n_positioned_
        block = Block(column, BlockKind.CONTINUOUS, 0, 1, law=encoder.law, n_positioned=positioned)
        blocks.append(block)
    if derived:
        blocks.append(Block(column, BlockKind.DERIVED, 0, len(derived), labels=derived))
    return blocks


def _moved(block: Block, start: int) -> Block:
    return replace(block, start=start, stop=start + block.stop)
