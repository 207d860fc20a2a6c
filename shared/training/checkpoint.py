"""Interrupted runs on disk: one safetensors file, written whole or not at all."""

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save

from scenara.shared.errors import ArtifactError, ConfigError

__all__ = ["compare_fingerprints", "digest", "read_checkpoint", "write_checkpoint"]

_FORMAT = "1"


def digest(tensors: Sequence[torch.Tensor]) -> str:
    """Give the SHA-256 of tensors: their types, shapes and numbers.

    Of overlapping windows of one series only the series is read.

    Args:
        tensors: Tensors on any device.

    Returns:
        64 hexadecimal digits.

    Example:
        >>> digest([torch.zeros(3)]) == digest([torch.zeros(3)]) != digest([torch.zeros(4)])
        True
    """
    total = hashlib.sha256()
    for tensor in tensors:
        total.update(f"{tensor.dtype} {tuple(tensor.shape)}".encode())
        total.update(_bytes(tensor.detach()))
    return total.hexdigest()


def _bytes(tensor: torch.Tensor) -> bytes:
    storage = tensor.untyped_storage()
    if tensor.numel() * tensor.element_size() > storage.nbytes():
        tensor = torch.empty(0, dtype=torch.uint8, device=tensor.device).set_(storage)
    return tensor.cpu().contiguous().reshape(-1).view(torch.uint8).numpy().tobytes()


def write_checkpoint(
    path: Path, tensors: Mapping[str, torch.Tensor], state: Mapping[str, Any]
) -> None:
    """Write tensors and what JSON can say as one file, or leave the old file as it was.

    The file is written beside its place, flushed to the disk and moved, so that a crash at any
    moment leaves a whole checkpoint: the old one or the new one.

    Args:
        path: The file; its folder is made if need be.
        tensors: Named tensors.
        state: Values that JSON keeps exactly.

    Example:
        >>> import tempfile
        >>> path = Path(tempfile.mkdtemp()) / "run.safetensors"
        >>> write_checkpoint(path, {"w": torch.ones(2)}, {"step": 3})
        >>> read_checkpoint(path)
        ({'w': tensor([1., 1.])}, {'step': 3})
    """
    kept = {name: tensors[name].detach().cpu().contiguous().clone() for name in sorted(tensors)}
    text = json.dumps(state)
    metadata = {"format": _FORMAT, "state": text, "sha256": _seal(kept, text)}
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".partial")
    with partial.open("wb") as file:
        file.write(save(kept, metadata=metadata))
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
    _flush_folder(path.parent)


def _flush_folder(folder: Path) -> None:
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _seal(tensors: Mapping[str, torch.Tensor], text: str) -> str:
    names = "\n".join(tensors)
    return hashlib.sha256(f"{names}\n{text}\n{digest(list(tensors.values()))}".encode()).hexdigest()


def read_checkpoint(path: Path) -> tuple[dict[str, torch.Tensor], dict[str, Any]]:
    """Read what :func:`write_checkpoint` wrote.

    Args:
        path: The file.

    Returns:
        The tensors and the state.

    Raises:
        ArtifactError: If the file is damaged, of another kind or of another format.
    """
    try:
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in sorted(file.keys())}
    except (SafetensorError, OSError) as error:
        raise ArtifactError(f"{path}: not a readable checkpoint ({error}); {_MEND}") from error
    if metadata.get("format") != _FORMAT:
        found = metadata.get("format")
        raise ArtifactError(f"{path}: expected checkpoint format {_FORMAT}, found {found}; {_MEND}")
    text = metadata.get("state", "")
    if metadata.get("sha256") != _seal(tensors, text):
        raise ArtifactError(f"{path}: the checkpoint is damaged, its checksum differs; {_MEND}")
    return tensors, json.loads(text)


_MEND = "delete it to train from the start"


def compare_fingerprints(
    path: Path, *, found: Mapping[str, Any], expected: Mapping[str, Any]
) -> None:
    """Refuse a checkpoint of another run.

    Args:
        path: The file, for the message.
        found: What the checkpoint says of its run, one level of names.
        expected: The same of the run at hand.

    Raises:
        ConfigError: If any value differs; the message names each.

    Example:
        >>> compare_fingerprints(Path("a"), found={"seed": 1}, expected={"seed": 1})
    """
    differing = [name for name in expected if found.get(name) != expected[name]]
    if differing:
        raise ConfigError(
            f"{path}: the checkpoint is of another run: "
            + ", ".join(_difference(name, found.get(name), expected[name]) for name in differing)
            + "; use another folder, or delete the file to train from the start"
        )


def _difference(name: str, found: object, expected: object) -> str:
    shown = f"{name} {found!r} there, {expected!r} here"
    return shown if len(shown) < 80 else f"{name} differ"
