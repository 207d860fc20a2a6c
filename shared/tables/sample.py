"""Write rows of a fitted generator to a file, or stream them to a folder."""

import os
import time
from pathlib import Path

import pandas as pd

from scenara.shared.errors import ConfigError
from scenara.shared.progress import Progress, silent
from scenara.shared.tables.fit import load_table_generator, warning_of
from scenara.shared.tables.result import JobResult
from scenara.shared.tables.settings import SampleSettings
from scenara.shared.tables.words import read_balance, read_given

__all__ = ["run_sampling"]

ENDINGS = (".parquet", ".csv")


def run_sampling(
    settings: SampleSettings,
    *,
    out: str | Path,
    force: bool = False,
    progress: Progress = silent,
) -> JobResult:
    """Write new rows.

    A path that ends in ``.parquet`` or ``.csv`` becomes one file; any other becomes a folder of
    Parquet parts, which is streamed with flat memory and goes on after an interruption.

    Args:
        settings: Which rows of which generator.
        out: Where to write; a file appears whole or not at all.
        force: Replace a file that is there.
        progress: Told how many parts of a folder are written.

    Returns:
        The path and the main figures.

    Raises:
        ConfigError: A condition is wrong, or the path is taken.
        DataError: Rows that fulfil the conditions can't be found.
        ArtifactError: The generator can't be loaded.
    """
    target = Path(out)
    is_file = target.suffix.lower() in ENDINGS
    _refuse_occupied(target, is_file=is_file, force=force)
    generator = load_table_generator(settings.generator)
    given = read_given(settings.given, generator.schema_) or None
    balance = read_balance(settings.balance, generator.schema_)
    start = time.process_time()
    if is_file:
        rows = generator.sample(
            settings.n, given=given, balance=balance, random_state=settings.seed
        )
        _write(rows, target)
    else:
        generator.sample_to(
            target,
            settings.n,
            given=given,
            balance=balance,
            random_state=settings.seed,
            progress=progress,
        )
    seconds = time.process_time() - start
    warning = warning_of(generator)
    summary = {
        "rows": settings.n,
        "family": generator.family,
        "cpu_seconds": round(seconds, 3),
        **({"warning": warning} if warning else {}),
        "out": str(target),
    }
    return JobResult(target, summary)


def _refuse_occupied(target: Path, *, is_file: bool, force: bool) -> None:
    if target.is_dir() and is_file:
        raise ConfigError(f"{target}: expected a file or nothing, found a folder; choose another")
    if target.is_file() and not is_file:
        raise ConfigError(
            f"{target}: expected a file ending in .parquet or .csv, or a folder; choose another"
        )
    if target.is_file() and not force:
        raise ConfigError(f"{target}: already exists; choose another file or pass --force")


def _write(rows: pd.DataFrame, target: Path) -> None:
    """Write a file beside the target and move it there, so that it appears whole."""
    partial = target.with_name(f".{target.name}.partial")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.suffix.lower() == ".csv":
            rows.to_csv(partial, index=False)
        else:
            rows.to_parquet(partial, index=False)
        os.replace(partial, target)
    except OSError as error:
        raise ConfigError(f"{target}: can't be written: {error.strerror}") from error
    finally:
        partial.unlink(missing_ok=True)
