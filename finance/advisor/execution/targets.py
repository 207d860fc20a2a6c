"""Target weights, as advice writes them and a person may edit them."""

import os
from collections.abc import Iterable

from scenara.finance.advisor.cells import nearest, read_cells
from scenara.finance.advisor.execution.orders import checked_targets
from scenara.finance.advisor.instruments import CASH
from scenara.shared.errors import DataError

__all__ = ["read_targets"]


def read_targets(path: str | os.PathLike[str], *, instruments: Iterable[str]) -> dict[str, float]:
    r"""Read target weights, one symbol a row; what they leave of one is cash.

    Args:
        path: File with the columns symbol and weight, a fraction of the wealth.
        instruments: Symbols that are known; CASH is known as well.

    Returns:
        Symbol -> weight, without cash.

    Raises:
        DataError: A column is missing, a cell is wrong or the weights don't add up: one line
            with file, line and column.

    Example:
        >>> import pathlib, tempfile
        >>> path = pathlib.Path(tempfile.mkdtemp()) / "targets.csv"
        >>> _ = path.write_text("symbol,weight\nVTI,0.6\nBND,0.3\nCASH,0.1\n")
        >>> read_targets(path, instruments=["VTI", "BND"])
        {'VTI': 0.6, 'BND': 0.3}
    """
    cells = read_cells(path, columns=("symbol", "weight"))
    known = [*instruments, CASH]
    targets: dict[str, float] = {}
    for row in range(len(cells)):
        symbol = cells.text(row, "symbol")
        symbol = CASH if symbol.upper() == CASH else symbol
        if symbol not in known:
            advice = nearest(symbol, known)
            raise cells.wrong(row, "symbol", f"{symbol!r} is not among the instruments; {advice}")
        if symbol in targets:
            raise cells.wrong(row, "symbol", f"{symbol!r} stands there twice; keep one row of it")
        targets[symbol] = cells.number(row, "weight", low=0, high=1)
    try:
        return checked_targets(targets)
    except DataError as error:
        raise DataError(f"{cells.origin.place()}: {error}") from error
