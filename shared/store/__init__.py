"""Artifacts on disk: safetensors, JSON and Parquet under a checksummed manifest, never pickle."""

from scenara.shared.store.artifact import Artifact, State, read_artifact, write_artifact
from scenara.shared.store.folders import atomic_folder
from scenara.shared.store.manifest import FORMAT, canonical_json, sha256

__all__ = [
    "FORMAT",
    "Artifact",
    "State",
    "atomic_folder",
    "canonical_json",
    "read_artifact",
    "sha256",
    "write_artifact",
]
