"""Keep sample tables as Parquet in the user's cache, and notice when a file was changed."""

import contextlib
import dataclasses
import datetime
import hashlib
import io
import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import platformdirs

from scenara.shared.data.samples.entry import Sample
from scenara.shared.errors import ArtifactError, DataError

__all__ = ["cache_folder", "is_cached", "load_table", "sample_path", "save_tables"]


@dataclass(frozen=True)
class _Record:
    package: str
    sources: dict[str, str]
    revision: int
    rows: dict[str, int]
    sha256: dict[str, str]
    fetched: str


def cache_folder() -> Path:
    """Give the folder where scenara keeps what it has fetched.

    Returns:
        The folder that the environment variable ``SCENARA_CACHE`` names, or the user's cache
        folder of this operating system. It need not exist yet.
    """
    named = os.environ.get("SCENARA_CACHE")
    return Path(named).expanduser() if named else platformdirs.user_cache_path("scenara")


def sample_path(sample: Sample, *, table: str | None = None) -> Path:
    """Give the Parquet file that a table of a sample is kept in, whether it is there or not.

    Args:
        sample: The sample.
        table: Name of one of its tables; the main one for ``None``.

    Returns:
        Path of the file.
    """
    return _home(sample) / f"{sample.table(table).name}.parquet"


def _home(sample: Sample) -> Path:
    return cache_folder() / "samples" / sample.name


def _mend(sample: Sample) -> str:
    return f"mend it with: scenara samples fetch {sample.name}"


def _read_record(sample: Sample) -> _Record | None:
    path = _home(sample) / "source.json"
    try:
        record = _Record(**json.loads(path.read_text(encoding="utf-8")))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, TypeError, ValueError) as error:
        raise ArtifactError(
            f"sample {sample.name!r}: {path} is damaged: {error}; {_mend(sample)}"
        ) from error
    wanted = (sample.sources, sample.revision)
    return record if (record.sources, record.revision) == wanted else None


def _read_checked(sample: Sample, table: str, record: _Record) -> bytes:
    path = sample_path(sample, table=table)
    try:
        data = path.read_bytes()
        expected = record.sha256[table]
    except (OSError, KeyError) as error:
        raise ArtifactError(
            f"sample {sample.name!r}: {path} is missing or unreadable: {error}; {_mend(sample)}"
        ) from error
    found = hashlib.sha256(data).hexdigest()
    if found != expected:
        raise ArtifactError(
            f"sample {sample.name!r}: {path} was changed: expected sha256 {expected}, found "
            f"{found}; {_mend(sample)}"
        )
    return data


def is_cached(sample: Sample) -> bool:
    """Say whether all tables of a sample are in the cache, whole and of this revision.

    Args:
        sample: The sample.

    Returns:
        Whether ``load_table`` would succeed.
    """
    try:
        record = _read_record(sample)
        if record is not None:
            for table in sample.tables:
                _read_checked(sample, table.name, record)
    except ArtifactError:
        return False
    return record is not None


def load_table(sample: Sample, *, table: str | None = None) -> pd.DataFrame | None:
    """Load a table from the cache after checking its checksum.

    Args:
        sample: The sample.
        table: Name of one of its tables; the main one for ``None``.

    Returns:
        The table, or ``None`` where the sample is not in the cache.

    Raises:
        ArtifactError: If what is in the cache has been damaged.
        ConfigError: If the sample has no such table.
    """
    name = sample.table(table).name
    record = _read_record(sample)
    if record is None:
        return None
    return pd.read_parquet(io.BytesIO(_read_checked(sample, name, record)))


def _write(path: Path, data: bytes) -> None:
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        os.replace(name, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise


def _to_parquet(frame: pd.DataFrame) -> bytes:
    buffer = io.BytesIO()
    frame.to_parquet(buffer)
    return buffer.getvalue()


def save_tables(sample: Sample, frames: Mapping[str, pd.DataFrame]) -> Path:
    """Write the tables of a sample to the cache; the record that makes them valid comes last.

    Args:
        sample: The sample.
        frames: Its tables by name, all of them.

    Returns:
        Path of the main table's file.

    Raises:
        DataError: If the cache can't be written.
    """
    files = {name: _to_parquet(frame) for name, frame in frames.items()}
    record = _Record(
        package=str(sample.package),
        sources=sample.sources,
        revision=sample.revision,
        rows={name: len(frame) for name, frame in frames.items()},
        sha256={name: hashlib.sha256(data).hexdigest() for name, data in files.items()},
        fetched=datetime.date.today().isoformat(),
    )
    home = _home(sample)
    try:
        home.mkdir(parents=True, exist_ok=True)
        for name, data in files.items():
            _write(home / f"{name}.parquet", data)
        text = json.dumps(dataclasses.asdict(record), indent=2, sort_keys=True)
        _write(home / "source.json", text.encode())
    except OSError as error:
        raise DataError(
            f"can't write the sample cache {home}: {error}; make it writable or set SCENARA_CACHE "
            "to another folder"
        ) from error
    return sample_path(sample)
