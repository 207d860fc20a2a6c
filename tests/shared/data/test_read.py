"""Parquet and JSON files, and paths that can't be read."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pandas as pd
import pytest

from scenara.shared.data import read
from scenara.shared.errors import ConfigError, DataError

TABLE = pd.DataFrame({"shop": ["Köln", "Łódź"], "sales": [1.5, -2.25]})


@pytest.fixture
def folder_for_all():
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)
        Path(name).chmod(0o755)


@pytest.fixture
def unprivileged():
    """Run as a user whom the file system can refuse something."""
    import pyarrow  # noqa: F401 - could not be imported any more once the rights are gone

    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    yield
    os.seteuid(0)


def test_parquet_is_read_with_its_index_as_a_column(tmp_path):
    path = tmp_path / "a.parquet"
    TABLE.set_index("shop").to_parquet(path)
    pd.testing.assert_frame_equal(read(path), TABLE)


def test_some_columns_of_parquet_are_read(tmp_path):
    path = tmp_path / "a.parquet"
    TABLE.to_parquet(path)
    assert list(read(path, columns=["sales"])) == ["sales"]


@pytest.mark.parametrize(
    ("wrapped", "records"),
    [
        (lambda rows: rows, None),
        (lambda rows: {"data": rows, "page": 1}, None),
        (lambda rows: {"results": rows}, None),
        (lambda rows: {"items": rows, "data": {}}, None),
        (lambda rows: {"answer": {"rows": rows}}, "answer.rows"),
    ],
)
def test_json_records_are_found(tmp_path, wrapped, records):
    path = tmp_path / "a.json"
    path.write_text(json.dumps(wrapped(TABLE.to_dict("records"))))
    pd.testing.assert_frame_equal(read(path, records=records), TABLE)


def test_a_wrong_path_to_the_records_names_the_keys(tmp_path):
    path = tmp_path / "a.json"
    path.write_text('{"answer": {"rows": []}}')
    with pytest.raises(DataError, match="found no key 'row'; the keys there are: rows"):
        read(path, records="answer.row")


def test_json_lines_are_read(tmp_path):
    path = tmp_path / "a.jsonl"
    TABLE.to_json(path, orient="records", lines=True)
    pd.testing.assert_frame_equal(read(path), TABLE)


def test_a_file_is_read_by_its_url_and_from_home(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "a b.csv").write_text("x\n1\n")
    assert read((tmp_path / "a b.csv").as_uri()).equals(read("~/a b.csv"))


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("none.csv", "there is no such file"),
        ("a.csv/none.csv", "there is no such file"),
        ("folder.csv", "is a directory, expected a file"),
        ("pipe.csv", "is a device or a pipe"),
        ("loop.csv", "not a path that can be read"),
        ("x" * 300 + ".csv", "not a path that can be read"),
        ("a\0.csv", "not a path that can be read"),
    ],
)
def test_a_path_that_is_no_file_is_refused(tmp_path, name, words):
    (tmp_path / "a.csv").touch()
    (tmp_path / "folder.csv").mkdir()
    os.mkfifo(tmp_path / "pipe.csv")
    (tmp_path / "loop.csv").symlink_to(tmp_path / "loop.csv")
    with pytest.raises(DataError, match=words) as caught:
        read(f"{tmp_path}/{name}")
    assert str(tmp_path) in str(caught.value)


def test_a_source_without_a_name_is_refused():
    with pytest.raises(ConfigError, match="source is empty; name a file"):
        read(" ")


def test_a_line_break_in_a_file_name_does_not_break_the_message(tmp_path):
    with pytest.raises(DataError) as caught:
        read(tmp_path / "a\nb.csv")
    assert len(str(caught.value).splitlines()) == 1


def test_a_file_without_permission_is_refused(folder_for_all, unprivileged_file):
    with pytest.raises(DataError, match=r"a\.csv: no permission to read it"):
        read(unprivileged_file)


@pytest.fixture
def unprivileged_file(folder_for_all, request):
    path = folder_for_all / "a.csv"
    path.write_text("x\n1\n")
    path.chmod(0)
    request.getfixturevalue("unprivileged")
    return path


@pytest.fixture
def hidden_file(folder_for_all, request):
    path = folder_for_all / "a.csv"
    path.write_text("x\n1\n")
    folder_for_all.chmod(0)
    request.getfixturevalue("unprivileged")
    return path


def test_a_folder_without_permission_is_refused(hidden_file):
    with pytest.raises(DataError, match=r"a\.csv: no permission to look into its folder"):
        read(hidden_file)


def test_importing_the_reader_imports_nothing_heavy():
    program = (
        "import sys, scenara.shared.data\n"
        "heavy = ['torch', 'httpx', 'sqlalchemy', 'pandera', 'sklearn', 'matplotlib']\n"
        "sys.exit(' '.join(name for name in heavy if name in sys.modules) or 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], check=False, capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")
