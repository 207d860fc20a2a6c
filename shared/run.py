"""One run of a command: an output folder that appears whole, and a record of how it was made."""

import hashlib
import json
import os
import platform
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from scenara.shared.errors import ConfigError
from scenara.shared.store import atomic_folder

__all__ = ["Run", "file_sha256", "redacted", "run_folder", "versions"]

_RECORDED = ("scenara", "numpy", "pandas", "scipy", "torch", "arch", "quantstats")


@dataclass
class Run:
    """Hold what a running command writes and remembers.

    Args:
        folder: Temporary folder that becomes the output folder.
        record: What goes into ``run.json``.
    """

    folder: Path
    record: dict[str, Any]
    durations: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time a stage; the same name twice adds up.

        Args:
            name: The stage's name in ``run.json``.
        """
        start = time.perf_counter()
        yield
        seconds = time.perf_counter() - start
        self.durations[name] = round(self.durations.get(name, 0) + seconds, 3)

    def write_json(self, name: str, value: Mapping[str, Any]) -> None:
        """Write a JSON file into the folder.

        Args:
            name: File name.
            value: JSON-able.
        """
        text = json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False)
        (self.folder / name).write_text(text + "\n", encoding="utf-8")


@contextmanager
def run_folder(
    out: str | Path,
    *,
    command: str,
    arguments: Mapping[str, Any],
    seed: int | None,
    inputs: Sequence[str | Path] = (),
    force: bool = False,
) -> Iterator[Run]:
    """Give a run whose folder becomes ``out`` when the block ends without an error.

    Args:
        out: Output folder.
        command: What was called, for the record.
        arguments: Its arguments, for the record.
        seed: Its seed, for the record.
        inputs: Files whose checksums belong into the record.
        force: Replace an output folder that is there.

    Yields:
        The run; its record is written as ``run.json`` at the end.

    Raises:
        ConfigError: ``out`` exists and ``force`` is not set, holds an input or other things than
            a run, or can't be written.
    """
    _refuse_input_inside(Path(out), inputs)
    with atomic_folder(out, marker="run.json", overwrite=force) as folder:
        run = Run(folder, _record(command, arguments, seed, inputs))
        yield run
        run.write_json("run.json", {**run.record, "durations_s": run.durations})


def _refuse_input_inside(out: Path, inputs: Sequence[str | Path]) -> None:
    for path in inputs:
        if os.path.exists(path) and Path(path).resolve().is_relative_to(out.resolve()):
            raise ConfigError(f"{out}: holds the input {path}; choose another output folder")


def _record(
    command: str, arguments: Mapping[str, Any], seed: int | None, inputs: Sequence[str | Path]
) -> dict[str, Any]:
    return {
        "command": command,
        "arguments": {name: _plain(value) for name, value in arguments.items()},
        "seed": seed,
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
        "versions": versions(),
        "inputs": {str(path): file_sha256(path) for path in inputs if os.path.isfile(path)},
    }


def _plain(value: object) -> object:
    if isinstance(value, (str, Path)):
        return redacted(str(value))
    return list(value) if isinstance(value, tuple) else value


def redacted(source: str) -> str:
    """Give a path, web address or database URL as it may be written down.

    Args:
        source: May hold a password, or a key behind a question mark.

    Example:
        >>> redacted("postgresql://ann:secret@host/prices"), redacted("https://x.org/p?key=1")
        ('postgresql://ann:***@host/prices', 'https://x.org/p?***')
    """
    if "://" not in source:
        return source
    return re.sub(r"\?.*", "?***", re.sub(r"(://[^/:@]*):.*@", r"\1:***@", source))


def versions() -> dict[str, str]:
    """Give the versions of Python and of the packages that decide the numbers."""
    found = {"python": platform.python_version()}
    for package in _RECORDED:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def file_sha256(path: str | Path) -> str:
    """Give the SHA-256 of a file in hexadecimal.

    Args:
        path: The file.
    """
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
