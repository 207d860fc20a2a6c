"""The manifest of an artifact: which files belong to it, and how to know that none was changed."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

from scenara.shared.errors import ArtifactError

__all__ = ["FORMAT", "Manifest", "canonical_json", "sha256"]

FORMAT = 1
_SAFE_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*\.(json|safetensors|parquet)")


def canonical_json(value: Any) -> bytes:  # noqa: ANN401  (any JSON value)
    """Write JSON in the one form that a checksum can stand on.

    Args:
        value: Nested dicts, lists, strings, numbers, booleans and None; no NaN, no infinity.

    Returns:
        UTF-8 bytes with sorted keys.

    Raises:
        ArtifactError: The value is not plain JSON.

    Example:
        >>> canonical_json({"b": 1, "a": [True, None]})
        b'{"a":[true,null],"b":1}'
    """
    try:
        text = json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)
    except (TypeError, ValueError) as error:
        raise ArtifactError(f"expected plain JSON values, found something else: {error}") from error
    return text.encode()


def sha256(content: bytes) -> str:
    """Give the SHA-256 of some bytes in hexadecimal.

    Example:
        >>> sha256(b"")[:8]
        'e3b0c442'
    """
    return hashlib.sha256(content).hexdigest()


@dataclass(frozen=True)
class Manifest:
    """List the files of an artifact with their checksums.

    Args:
        kind: What the artifact is, such as ``generator``.
        family: Which registered class can restore it, such as ``series/bootstrap``.
        version: Version of scenara that wrote it.
        files: File name -> SHA-256 of its content.
        format: Version of the layout on disk.
    """

    kind: str
    family: str
    version: str
    files: Mapping[str, str]
    format: int = FORMAT

    def to_bytes(self) -> bytes:
        """Give the content of ``manifest.json``, its own checksum included."""
        body = asdict(self)
        return canonical_json({**body, "digest": sha256(canonical_json(body))})

    @classmethod
    def from_bytes(cls, content: bytes, *, where: Path) -> Self:
        """Read a manifest and refuse one that is damaged, newer or unsafe.

        Args:
            content: The bytes of ``manifest.json``.
            where: The artifact's folder, named in errors.

        Raises:
            ArtifactError: The manifest was changed, is of a newer format, or names unsafe files.
        """
        body = _parse(content, where)
        found = body.get("format")
        if isinstance(found, int) and found > FORMAT:
            raise ArtifactError(
                f"{where}: written in format {found}, this version of scenara reads up to "
                f"{FORMAT}; install a newer scenara"
            )
        digest = body.pop("digest", None)
        if digest != sha256(canonical_json(body)):
            raise ArtifactError(f"{where}/manifest.json: checksum is wrong: the file was changed")
        try:
            manifest = cls(**body)
        except TypeError as error:
            raise ArtifactError(f"{where}/manifest.json: not a manifest: {error}") from error
        if manifest.to_bytes() != content:
            raise ArtifactError(f"{where}/manifest.json: checksum is wrong: the file was changed")
        for name in manifest.files:
            _refuse_unsafe(name, where)
        return manifest


def _parse(content: bytes, where: Path) -> dict[str, Any]:
    try:
        body = json.loads(content)
    except ValueError as error:
        raise ArtifactError(f"{where}/manifest.json: not readable as JSON: {error}") from error
    if not isinstance(body, dict):
        raise ArtifactError(f"{where}/manifest.json: expected an object, found {type(body)}")
    return body


def _refuse_unsafe(name: str, where: Path) -> None:
    if Path(name).name != name or name in {"", ".", ".."}:
        raise ArtifactError(f"{where}: the file name {name!r} climbs out of the artifact's folder")
    if not _SAFE_NAME.fullmatch(name):
        raise ArtifactError(
            f"{where}: the file name {name!r} is not allowed; an artifact holds only .json, "
            ".safetensors and .parquet files"
        )
