"""Where a job's table comes from, cleaned and described."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace

import pandas as pd

from scenara.shared.data.clean import clean
from scenara.shared.data.plain import as_dates
from scenara.shared.data.read import read
from scenara.shared.data.samples import find_sample, load_sample
from scenara.shared.data.schema import Kind, Schema
from scenara.shared.errors import ConfigError, DataError
from scenara.shared.progress import Progress, silent
from scenara.shared.run import file_sha256, redacted
from scenara.shared.tables.settings import TableSource

__all__ = ["LoadedTable", "read_table", "target_of", "with_dates"]


@dataclass(frozen=True)
class LoadedTable:
    """Hold a table that was read, and how it came to be.

    Args:
        frame: The rows, (rows, columns).
        schema: What the columns are.
        name: What the table is called.
        cleaning: What cleaning did, in a sentence.
        files: Checksum of each file it was read from, by name.
        target: The column one predicts, "" if unknown.
    """

    frame: pd.DataFrame
    schema: Schema
    name: str
    cleaning: str
    files: Mapping[str, str]
    target: str = ""


def read_table(source: TableSource, *, progress: Progress = silent) -> LoadedTable:
    """Read the table that settings name, clean it and say what its columns are.

    Args:
        source: File, address, database or sample, and perhaps a schema.
        progress: Told the steps of fetching a sample.

    Returns:
        The table.

    Raises:
        ConfigError: None or two sources are named.
        DataError: The table can't be read or has no rows.
        SchemaError: The schema does not fit the table.
    """
    declared = None if source.schema is None else Schema.load(source.schema)
    raw, name, files, target = _read(source, progress)
    if raw.empty:
        raise DataError(f"{name}: found {len(raw)} rows and {raw.shape[1]} columns, expected some")
    cleaned = clean(raw, schema=declared)
    frame = with_dates(cleaned.frame.reset_index(drop=True), cleaned.schema)
    schema = _retyped(cleaned.schema, frame)
    return LoadedTable(frame, schema, name, cleaned.report.summary(), files, target)


def with_dates(frame: pd.DataFrame, schema: Schema) -> pd.DataFrame:
    """Parse dates that a text file holds as text, in columns that are date-times.

    Args:
        frame: The table, (rows, columns); not changed.
        schema: What the columns are; columns that the table has not are passed over.

    Returns:
        The table with times in place of texts, without a zone.

    Example:
        >>> frame = pd.DataFrame({"day": ["2024-01-05", None]})
        >>> with_dates(frame, Schema.infer(frame))["day"].dt.day[0].item()
        5.0
    """
    texts = [
        column.name
        for column in schema
        if column.kind is Kind.DATETIME
        and column.name in frame
        and not pd.api.types.is_datetime64_any_dtype(frame[column.name].dtype)
    ]
    return frame.assign(**{name: as_dates(frame[name]).dt.tz_localize(None) for name in texts})


def _retyped(schema: Schema, frame: pd.DataFrame) -> Schema:
    """Let the schema give back times where it was made from texts."""
    columns = [
        replace(column, dtype=str(frame[column.name].dtype))
        if column.kind is Kind.DATETIME
        else column
        for column in schema
    ]
    return replace(schema, columns=tuple(columns))


def _read(source: TableSource, progress: Progress) -> tuple[pd.DataFrame, str, dict[str, str], str]:
    if (source.data is None) == (source.sample is None):
        found = "neither" if source.data is None else "both"
        raise ConfigError(f"expected one of --data and --sample, found {found}")
    if source.sample is not None:
        sample = find_sample(source.sample)
        frame = load_sample(sample, progress=progress)
        files = {f"{sample.package}: {path}": digest for path, digest in sample.sources.items()}
        return frame, f"sample {sample.name}", files, sample.target
    assert source.data is not None
    frame = read(source.data, query=source.query)
    is_file = os.path.isfile(source.data)
    name = os.path.basename(source.data) if is_file else "table"
    return frame, name, {redacted(source.data): file_sha256(source.data) if is_file else ""}, ""


def target_of(table: LoadedTable, wanted: str | None) -> str | None:
    """Give the column that models predict: the one wanted, or that of a sample.

    Args:
        table: The table.
        wanted: What the user named, None for the sample's own.

    Raises:
        ConfigError: The table has no such column.
    """
    target = wanted or table.target or None
    if target is not None and target not in table.schema:
        known = ", ".join(table.schema.names[:20])
        raise ConfigError(f"--target: no column {target!r} in {table.name}; there are {known}")
    return target
