"""Parquet tables."""

import io
from pathlib import Path
from typing import Any

import pandas as pd

from scenara.shared.data.options import ReadOptions
from scenara.shared.data.origin import Origin, one_line
from scenara.shared.data.selection import check_columns
from scenara.shared.errors import DataError

__all__ = ["parse_parquet"]


def _read(file: Any, options: ReadOptions, name: str) -> pd.DataFrame:  # noqa: ANN401 - untyped
    check_columns(file.schema_arrow.names, options, name)
    columns = None if options.columns is None else list(options.columns)
    frame: pd.DataFrame = file.read(columns=columns).to_pandas()
    return frame


def parse_parquet(
    source: bytes | Path, options: ReadOptions, name: str, *, declared: str | None = None
) -> tuple[pd.DataFrame, Origin]:
    """Parse a Parquet file; an index that pandas stored becomes columns.

    Args:
        source: The bytes of the file, or its path.
        options: Which columns to read.
        name: Name of the source, for messages.
        declared: Not used; Parquet needs no encoding.

    Returns:
        The table and its origin.

    Raises:
        DataError: If the file is not Parquet, is damaged, or lacks a column.
    """
    import pyarrow
    import pyarrow.parquet

    try:
        with pyarrow.parquet.ParquetFile(
            io.BytesIO(source) if isinstance(source, bytes) else source
        ) as file:
            frame = _read(file, options, name)
    except (pyarrow.ArrowException, OSError) as error:
        raise DataError(f"{name}: not a sound Parquet file ({one_line(error)})") from error
    if not isinstance(frame.index, pd.RangeIndex) or frame.index.name is not None:
        frame = frame.reset_index()
    return frame, Origin(name)
