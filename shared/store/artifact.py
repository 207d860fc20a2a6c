"""Fitted models on disk: a folder of JSON, safetensors and Parquet under a checksummed manifest."""

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from safetensors import SafetensorError
from safetensors.numpy import load as load_arrays
from safetensors.numpy import save as save_arrays

from scenara.shared.errors import ArtifactError
from scenara.shared.store.folders import atomic_folder
from scenara.shared.store.manifest import Manifest, canonical_json, sha256
from scenara.shared.types import Array

__all__ = ["Artifact", "State", "read_artifact", "write_artifact"]

_PICKLE, _ZIP = b"\x80", b"PK"


@dataclass(frozen=True)
class State:
    """Hold what a fitted object needs to come back: plain values, arrays and frames.

    Args:
        values: JSON-able values; no NaN and no infinity (put those into arrays).
        arrays: Name -> numeric or boolean array.
        frames: Name -> frame; the name becomes a part of a file name.
    """

    values: Mapping[str, Any] = field(default_factory=dict)
    arrays: Mapping[str, Array] = field(default_factory=dict)
    frames: Mapping[str, pd.DataFrame] = field(default_factory=dict)


@dataclass(frozen=True)
class Artifact:
    """Hold a fitted object apart from its class.

    Args:
        kind: What it is, such as ``generator``.
        family: Registered name of the class that restores it.
        settings: Constructor arguments, JSON-able.
        state: What ``fit`` learned.
    """

    kind: str
    family: str
    settings: Mapping[str, Any]
    state: State

    def contents(self) -> dict[str, bytes]:
        """Give file name -> bytes of everything but the manifest; the same object, the same bytes.

        Raises:
            ArtifactError: A value is not plain JSON.
        """
        body = {"settings": dict(self.settings), "values": dict(self.state.values)}
        files = {"values.json": canonical_json(body)}
        if self.state.arrays:
            # safetensors writes the raw buffer, whatever its strides are
            arrays = {k: np.ascontiguousarray(v) for k, v in self.state.arrays.items()}
            files["arrays.safetensors"] = save_arrays(arrays)
        for name, frame in self.state.frames.items():
            files[f"frame-{name}.parquet"] = frame.to_parquet()
        return files


def write_artifact(folder: str | Path, artifact: Artifact, *, overwrite: bool = False) -> Path:
    """Write an artifact; the folder appears whole or not at all.

    Args:
        folder: Where to write.
        artifact: What to write.
        overwrite: Replace an artifact that stands there already.

    Returns:
        The folder.

    Raises:
        ConfigError: The folder exists and ``overwrite`` is not set.
        ArtifactError: The state is not plain JSON, numeric arrays and frames.
    """
    files = artifact.contents()
    manifest = Manifest(
        kind=artifact.kind,
        family=artifact.family,
        version=version("scenara"),
        files={name: sha256(content) for name, content in files.items()},
    )
    with atomic_folder(folder, marker="manifest.json", overwrite=overwrite) as work:
        for name, content in {**files, "manifest.json": manifest.to_bytes()}.items():
            (work / name).write_bytes(content)
    return Path(folder)


def read_artifact(folder: str | Path) -> Artifact:
    """Read an artifact after every file has passed its checksum; nothing is ever unpickled.

    Args:
        folder: What :func:`write_artifact` wrote.

    Returns:
        The artifact, equal to what was written.

    Raises:
        ArtifactError: A file is missing, changed, added, linked, of a newer format, or not what
            its name says.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise ArtifactError(f"{folder}: expected an artifact's folder, found nothing of the kind")
    manifest = Manifest.from_bytes(_content(folder, "manifest.json"), where=folder)
    _refuse_strangers(folder, manifest)
    files = {name: _checked(folder, name, digest) for name, digest in manifest.files.items()}
    body = _values(folder, files)
    state = State(
        values=body["values"], arrays=_arrays(folder, files), frames=_frames(folder, files)
    )
    return Artifact(manifest.kind, manifest.family, body["settings"], state)


def _content(folder: Path, name: str) -> bytes:
    path = folder / name
    if path.is_symlink():
        raise ArtifactError(f"{path}: is a link; an artifact holds plain files only")
    if not path.is_file():
        raise ArtifactError(f"{path}: is missing; the artifact is incomplete")
    return path.read_bytes()


def _checked(folder: Path, name: str, digest: str) -> bytes:
    content = _content(folder, name)
    if sha256(content) != digest:
        raise ArtifactError(f"{folder / name}: checksum is wrong: the file was changed")
    return content


def _refuse_strangers(folder: Path, manifest: Manifest) -> None:
    strangers = {path.name for path in folder.iterdir()} - set(manifest.files) - {"manifest.json"}
    if strangers:
        raise ArtifactError(f"{folder}: {min(strangers)!r} does not belong to the artifact")


def _values(folder: Path, files: Mapping[str, bytes]) -> dict[str, Any]:
    try:
        body = json.loads(files["values.json"])
        return {"settings": dict(body["settings"]), "values": dict(body["values"])}
    except (KeyError, TypeError, ValueError) as error:
        raise _disguised(folder, "values.json", files.get("values.json", b"")) from error


def _arrays(folder: Path, files: Mapping[str, bytes]) -> dict[str, Array]:
    content = files.get("arrays.safetensors")
    if content is None:
        return {}
    try:
        return dict(load_arrays(content))
    except SafetensorError as error:
        raise _disguised(folder, "arrays.safetensors", content) from error


def _frames(folder: Path, files: Mapping[str, bytes]) -> dict[str, pd.DataFrame]:
    frames = {}
    for name in (name for name in files if name.endswith(".parquet")):
        try:
            frame = pd.read_parquet(io.BytesIO(files[name]))
        except (OSError, ValueError) as error:  # pyarrow's errors derive from these
            raise _disguised(folder, name, files[name]) from error
        frames[name.removeprefix("frame-").removesuffix(".parquet")] = frame
    return frames


def _disguised(folder: Path, name: str, content: bytes) -> ArtifactError:
    looks = "a pickle" if content[:1] == _PICKLE else "a zip" if content[:2] == _ZIP else "not that"
    expected = Path(name).suffix.removeprefix(".")
    return ArtifactError(f"{folder / name}: expected {expected}, found {looks}; it was not read")
