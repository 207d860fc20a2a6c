"""What a generator of tables refuses to learn from, before anything is learned."""

import numpy as np
import pandas as pd

from scenara.shared.data.schema import Kind, Schema
from scenara.shared.errors import DataError, SchemaError

__all__ = ["admitted"]


def admitted(
    data: pd.DataFrame, schema: Schema | None, *, minimum_rows: int
) -> tuple[pd.DataFrame, Schema]:
    """Check a table before anything is learned from it.

    Args:
        data: The table, (rows, columns).
        schema: What each column is; inferred if None.
        minimum_rows: Fewest rows.

    Returns:
        The table with its rows numbered from 0, and its schema.

    Raises:
        DataError: It is no table, or has too few rows, infinite numbers or free text.
        SchemaError: The schema does not fit the table, or a cell holds something nested.
    """
    if not isinstance(data, pd.DataFrame):
        raise DataError(f"expected a pandas DataFrame, found {type(data).__name__}")
    if len(data) < minimum_rows:
        raise DataError(f"expected at least {minimum_rows} rows to learn from, found {len(data)}")
    frame = data.reset_index(drop=True)
    _refuse_infinite(frame)
    known = Schema.infer(frame) if schema is None else schema
    if set(known.names) != set(frame.columns) or not frame.columns.is_unique:
        raise SchemaError(
            f"schema: expected the columns {list(known.names)}, found {list(frame.columns)}"
        )
    if schema is not None:
        known.validate(frame)
    for column in known:
        if column.kind is Kind.TEXT:
            raise DataError(
                f"column {column.name!r}: free text can't be generated and is not copied; leave "
                "the column out, or declare it a category or an identifier in the schema"
            )
    return frame[list(known.names)], known


def _refuse_infinite(frame: pd.DataFrame) -> None:
    for position, name in enumerate(frame.columns):
        values = frame.iloc[:, position]
        if getattr(values.dtype, "kind", "O") != "f":
            continue
        endless = np.isinf(values.to_numpy(dtype=np.float64, na_value=np.nan))
        if endless.any():
            raise DataError(
                f"column {name!r}: expected finite numbers, found an infinite one in row "
                f"{int(np.argmax(endless))}; mark it as missing or leave the row out"
            )
