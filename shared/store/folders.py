"""Folders that appear whole or not at all."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from scenara.shared.errors import ConfigError

__all__ = ["atomic_folder"]


@contextmanager
def atomic_folder(target: str | Path, *, marker: str, overwrite: bool = False) -> Iterator[Path]:
    """Give a temporary folder that becomes ``target`` when the block ends without an error.

    The temporary folder stands beside the target, so that the last step is one rename. A block
    that fails leaves nothing behind, and an existing target as it was.

    Args:
        target: Where the folder shall stand.
        marker: A file that every such folder holds; only a folder with it is ever replaced.
        overwrite: Replace an existing folder instead of refusing it.

    Yields:
        The folder to write into.

    Raises:
        ConfigError: ``target`` exists and ``overwrite`` is not set, it is not ours to replace, or
            its parent can't be written.

    Example:
        >>> import tempfile
        >>> home = Path(tempfile.mkdtemp())
        >>> with atomic_folder(home / "run", marker="a.txt") as folder:
        ...     _ = (folder / "a.txt").write_text("done")
        >>> [path.name for path in (home / "run").iterdir()]
        ['a.txt']
    """
    target = Path(target)
    _refuse_occupied(target, marker=marker, overwrite=overwrite)
    work = _temporary_beside(target)
    try:
        yield work
        _put_in_place(work, target)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _refuse_occupied(target: Path, *, marker: str, overwrite: bool) -> None:
    if target.is_file():
        raise ConfigError(f"{target}: expected a folder or nothing, found a file; choose another")
    if not target.exists() or not any(target.iterdir()):
        return
    if not overwrite:
        raise ConfigError(f"{target}: already exists; choose another folder or ask to overwrite it")
    if not (target / marker).is_file():
        raise ConfigError(
            f"{target}: holds no {marker}, so it was not written by scenara and is not "
            "replaced; choose another folder"
        )
    if Path.cwd().is_relative_to(target.resolve()):
        raise ConfigError(f"{target}: is where you stand and can't be replaced; choose another")


def _temporary_beside(target: Path) -> Path:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        work = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
    except OSError as error:
        raise ConfigError(f"{target}: can't be written: {error.strerror}") from error
    work.chmod(0o755)
    return work


def _put_in_place(work: Path, target: Path) -> None:
    if not target.exists():
        work.rename(target)
        return
    with tempfile.TemporaryDirectory(prefix=f".{target.name}.", dir=target.parent) as trash:
        target.rename(Path(trash) / "replaced")
        work.rename(target)
