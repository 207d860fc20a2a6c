"""Artifacts come back as they were, and anything tampered with is refused by name."""

import json
import pickle

import numpy as np
import pandas as pd
import pytest

from scenara.shared.errors import ArtifactError, ConfigError
from scenara.shared.store import (
    FORMAT,
    Artifact,
    State,
    canonical_json,
    read_artifact,
    sha256,
    write_artifact,
)

ARTIFACT = Artifact(
    "generator",
    "series/example",
    {"mean_block": 63.0, "name": "ü"},
    State(
        values={"channels": ["a", "b"], "nothing": None},
        arrays={"rows": np.arange(6.0).reshape(2, 3), "mask": np.array([True, False])},
        frames={"levels": pd.DataFrame({"level": ["x", None], "n": [1, 2]})},
    ),
)
FILES = ["manifest.json", "values.json", "arrays.safetensors", "frame-levels.parquet"]


@pytest.fixture
def folder(tmp_path):
    return write_artifact(tmp_path / "model", ARTIFACT)


def forge(folder, name, content, **changes):
    """Replace a file and write a manifest whose checksums are right."""
    body = json.loads((folder / "manifest.json").read_bytes())
    del body["digest"]
    body.update(changes)
    if content is not None:
        body["files"][name] = sha256(content)
        if "/" not in name:
            (folder / name).write_bytes(content)
    digest = sha256(canonical_json(body))
    (folder / "manifest.json").write_bytes(canonical_json({**body, "digest": digest}))


def test_values_arrays_and_frames_come_back(folder):
    found = read_artifact(folder)
    assert (found.kind, found.family) == (ARTIFACT.kind, ARTIFACT.family)
    assert found.settings == ARTIFACT.settings
    assert found.state.values == ARTIFACT.state.values
    np.testing.assert_array_equal(found.state.arrays["rows"], ARTIFACT.state.arrays["rows"])
    pd.testing.assert_frame_equal(found.state.frames["levels"], ARTIFACT.state.frames["levels"])


@pytest.mark.parametrize("view", [np.asfortranarray, np.flipud, lambda a: a[:, ::2], np.transpose])
def test_an_array_of_any_memory_layout_comes_back(tmp_path, view):
    array = view(np.arange(12.0).reshape(3, 4))
    folder = write_artifact(tmp_path / "m", Artifact("k", "f", {}, State(arrays={"a": array})))
    np.testing.assert_array_equal(read_artifact(folder).state.arrays["a"], array)


def test_the_same_artifact_is_written_in_the_same_bytes(folder, tmp_path):
    again = write_artifact(tmp_path / "again", ARTIFACT)
    assert all((again / name).read_bytes() == (folder / name).read_bytes() for name in FILES)


@pytest.mark.parametrize("name", FILES)
def test_any_flipped_byte_is_refused(folder, name):
    path, whole = folder / name, (folder / name).read_bytes()
    for at in np.linspace(0, len(whole) - 1, 60).astype(int):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        with pytest.raises(ArtifactError, match=r"manifest|" + name):
            read_artifact(folder)


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_is_named(folder, name):
    (folder / name).unlink()
    with pytest.raises(ArtifactError, match=f"{name}: is missing"):
        read_artifact(folder)


@pytest.mark.parametrize("name", FILES)
def test_a_truncated_file_is_refused(folder, name):
    (folder / name).write_bytes((folder / name).read_bytes()[:-3])
    with pytest.raises(ArtifactError, match=name):
        read_artifact(folder)


def test_a_newer_format_asks_for_a_newer_version(folder):
    forge(folder, "values.json", None, format=FORMAT + 1)
    with pytest.raises(ArtifactError, match="install a newer scenara"):
        read_artifact(folder)


@pytest.mark.parametrize("name", ["../evil.json", "/etc/evil.json", "a/b.json", "..", ""])
def test_a_path_that_climbs_out_is_refused(folder, name):
    forge(folder, f"{name}", b"{}") if "/" in name else forge(
        folder, "x", None, files={name: "0" * 64}
    )
    with pytest.raises(ArtifactError, match="climbs out"):
        read_artifact(folder)


@pytest.mark.parametrize("name", ["model.pkl", ".hidden.json", "arrays.pt"])
def test_a_file_of_another_kind_is_refused(folder, name):
    forge(folder, "x", None, files={name: "0" * 64})
    with pytest.raises(ArtifactError, match="not allowed"):
        read_artifact(folder)


@pytest.mark.parametrize("name", FILES[1:])
def test_a_pickle_in_disguise_is_refused_and_not_run(folder, tmp_path, name):
    class Evil:
        def __reduce__(self):
            return (open, (str(tmp_path / "ran"), "w"))

    forge(folder, name, pickle.dumps(Evil()))
    with pytest.raises(ArtifactError, match=f"{name}.*pickle"):
        read_artifact(folder)
    assert not (tmp_path / "ran").exists()


def test_a_file_that_does_not_belong_is_named(folder):
    (folder / "extra.bin").write_bytes(b"?")
    with pytest.raises(ArtifactError, match="extra.bin"):
        read_artifact(folder)


def test_a_link_is_refused(folder, tmp_path):
    outside = tmp_path / "outside.json"
    outside.write_bytes((folder / "values.json").read_bytes())
    (folder / "values.json").unlink()
    (folder / "values.json").symlink_to(outside)
    with pytest.raises(ArtifactError, match="is a link"):
        read_artifact(folder)


def test_a_manifest_that_is_not_json_is_refused(folder):
    (folder / "manifest.json").write_bytes(b"\x80\x04.")
    with pytest.raises(ArtifactError, match="manifest.json"):
        read_artifact(folder)


def test_nothing_is_overwritten_unasked(folder):
    with pytest.raises(ConfigError, match="already exists"):
        write_artifact(folder, ARTIFACT)


def test_overwriting_replaces_the_whole_folder(folder):
    (folder / "old.txt").write_text("old")
    write_artifact(folder, ARTIFACT, overwrite=True)
    assert sorted(path.name for path in folder.iterdir()) == sorted(FILES)


@pytest.mark.parametrize("value", [float("nan"), {1, 2}, b"bytes"])
def test_values_that_are_not_json_are_refused_and_leave_nothing(tmp_path, value):
    with pytest.raises(ArtifactError, match="plain JSON"):
        write_artifact(tmp_path / "m", Artifact("k", "f", {"a": value}, State()))
    assert list(tmp_path.iterdir()) == []
