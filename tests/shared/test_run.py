"""The record of a run holds what one needs to repeat it."""

import hashlib
import json

import pytest

from scenara.shared.errors import ConfigError
from scenara.shared.run import redacted, run_folder


def test_the_record_names_arguments_inputs_and_versions(tmp_path):
    (tmp_path / "prices.csv").write_text("date,A\n")
    arguments = {"out": tmp_path / "out", "n_paths": 3}
    with (
        run_folder(
            tmp_path / "out",
            command="x",
            arguments=arguments,
            seed=7,
            inputs=[tmp_path / "prices.csv"],
        ) as run,
        run.stage("fit"),
    ):
        pass
    record = json.loads((tmp_path / "out" / "run.json").read_text())
    assert record["seed"] == 7
    assert record["arguments"]["n_paths"] == 3
    assert list(record["inputs"].values()) == [hashlib.sha256(b"date,A\n").hexdigest()]
    assert {"python", "scenara", "torch"} <= set(record["versions"])
    assert record["durations_s"]["fit"] >= 0


def test_a_run_that_fails_leaves_nothing(tmp_path):
    def fail():
        with run_folder(tmp_path / "out", command="x", arguments={}, seed=0) as run:
            run.write_json("metrics.json", {"a": 1})
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert list(tmp_path.iterdir()) == []


def test_an_existing_folder_is_replaced_only_by_force(tmp_path):
    for force in (False, True):
        with run_folder(tmp_path / "out", command="x", arguments={}, seed=0, force=force) as run:
            run.write_json("first.json" if not force else "second.json", {})
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == ["run.json", "second.json"]
    with (
        pytest.raises(ConfigError, match="already exists"),
        run_folder(tmp_path / "out", command="x", arguments={}, seed=0),
    ):
        pass


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("prices.csv", "prices.csv"),
        ("what?.csv", "what?.csv"),
        ("postgresql://ann:s3:cr@et@host/db", "postgresql://ann:***@host/db"),
        ("https://x.org/p.csv?key=1&b=2", "https://x.org/p.csv?***"),
        ("sqlite:///prices.db", "sqlite:///prices.db"),
    ],
)
def test_passwords_and_keys_are_not_written_down(source, shown):
    assert redacted(source) == shown


def test_a_folder_that_holds_the_input_is_refused(tmp_path):
    (tmp_path / "out").mkdir()
    prices = tmp_path / "out" / "prices.csv"
    prices.write_text("date,A\n")
    with (
        pytest.raises(ConfigError, match="holds the input"),
        run_folder(
            tmp_path / "out", command="x", arguments={}, seed=0, inputs=[prices], force=True
        ),
    ):
        pass
    assert prices.exists()
