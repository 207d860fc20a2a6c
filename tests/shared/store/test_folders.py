"""A folder appears whole or not at all."""

import pytest

from scenara.shared.errors import ConfigError
from scenara.shared.store import atomic_folder


def test_a_block_that_fails_leaves_nothing(tmp_path):
    def fail():
        with atomic_folder(tmp_path / "out", marker="old") as work:
            (work / "half").write_text("half")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert list(tmp_path.iterdir()) == []


def test_a_block_that_fails_keeps_what_was_there(tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "old").write_text("old")

    def fail():
        with atomic_folder(tmp_path / "out", marker="old", overwrite=True):
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert [path.name for path in tmp_path.rglob("*")] == ["out", "old"]


def test_a_file_in_the_way_is_refused(tmp_path):
    (tmp_path / "out").write_text("a file")
    with (
        pytest.raises(ConfigError, match="found a file"),
        atomic_folder(tmp_path / "out", marker="old"),
    ):
        pass


def test_an_empty_folder_is_taken(tmp_path):
    (tmp_path / "out").mkdir()
    with atomic_folder(tmp_path / "out", marker="old") as work:
        (work / "new").write_text("new")
    assert (tmp_path / "out" / "new").read_text() == "new"


def test_a_folder_that_is_not_ours_is_never_replaced(tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.txt").write_text("mine")
    with (
        pytest.raises(ConfigError, match="not written by scenara"),
        atomic_folder(tmp_path / "out", marker="run.json", overwrite=True),
    ):
        pass
    assert (tmp_path / "out" / "thesis.txt").read_text() == "mine"


def test_the_current_folder_is_never_replaced(tmp_path, monkeypatch):
    (tmp_path / "run.json").write_text("{}")
    monkeypatch.chdir(tmp_path)
    with (
        pytest.raises(ConfigError, match="where you stand"),
        atomic_folder(".", marker="run.json", overwrite=True),
    ):
        pass
