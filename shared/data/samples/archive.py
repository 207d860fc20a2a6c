"""Read single files out of packages, and refuse every byte that is not the pinned one."""

import hashlib
import tarfile
import zipfile
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from scenara.shared.data.samples.entry import Package, Sample
from scenara.shared.errors import ArtifactError

__all__ = ["archived_parts", "installed_parts", "require_digest"]


def require_digest(data: bytes, expected: str, *, what: str) -> None:
    """Refuse bytes whose sha256 is not the expected one.

    Args:
        data: The bytes.
        expected: Their sha256 as 64 hex digits.
        what: What the bytes are, for the message.

    Raises:
        ArtifactError: If the digests differ.

    Example:
        >>> require_digest(b"", hashlib.sha256().hexdigest(), what="an empty file")
    """
    found = hashlib.sha256(data).hexdigest()
    if found != expected:
        raise ArtifactError(
            f"{what}: expected sha256 {expected}, found {found}; refused, nothing was kept; "
            "fetch again, and if it repeats, distrust the source"
        )


def _read_wheel(archive: Path, paths: Iterable[str]) -> dict[str, bytes]:
    with zipfile.ZipFile(archive) as wheel:
        return {path: wheel.read(path) for path in paths}


def _read_sdist(archive: Path, paths: Iterable[str]) -> dict[str, bytes]:
    parts = {}
    with tarfile.open(archive) as sdist:
        for path in paths:
            file = sdist.extractfile(path)
            if file is None:
                raise KeyError(f"{path} is not a plain file")
            parts[path] = file.read()
    return parts


def archived_parts(archive: Path, sample: Sample) -> dict[str, bytes]:
    """Read the files of a sample out of a downloaded package; nothing is unpacked to disk.

    Args:
        archive: A wheel or a source distribution.
        sample: The sample whose files are wanted.

    Returns:
        The bytes of each file by its path inside the package, each checked.

    Raises:
        ArtifactError: If the archive is damaged, lacks a file, or a file is another one.
    """
    read = _read_sdist if sample.package.form == "sdist" else _read_wheel
    try:
        parts = read(archive, sample.sources)
    except (KeyError, tarfile.TarError, zipfile.BadZipFile, EOFError, OSError) as error:
        raise ArtifactError(
            f"sample {sample.name!r}: {archive.name} can't be read as expected: {error}"
        ) from error
    for path, expected in sample.sources.items():
        require_digest(parts[path], expected, what=f"sample {sample.name!r}: {path}")
    return parts


def _installed_file(package: Package, path: str) -> bytes | None:
    try:
        file = Path(str(distribution(package.name).locate_file(path)))
        return file.read_bytes()
    except (PackageNotFoundError, OSError):
        return None


def installed_parts(sample: Sample) -> dict[str, bytes] | None:
    """Read the files of a sample where its package is installed, without importing it.

    A package of another version serves too, as long as the files are the same to the byte.

    Args:
        sample: The sample whose files are wanted.

    Returns:
        The bytes of each file by its path inside the package, or ``None`` where the package is
        not installed or carries other files.
    """
    parts = {}
    for path, expected in sample.sources.items():
        part = _installed_file(sample.package, path)
        if part is None or hashlib.sha256(part).hexdigest() != expected:
            return None
        parts[path] = part
    return parts
