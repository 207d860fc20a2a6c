"""Streams of worlds: continued after an interruption, refused when they don't fit."""

import numpy as np
import pytest
from contracts import example_returns

from scenara.shared.errors import ConfigError, DataError
from scenara.shared.generators import make
from scenara.shared.generators.series import Worlds, read_worlds, worlds_frame, write_worlds


@pytest.fixture(scope="module")
def generator():
    return make("series/bootstrap").fit(example_returns())


def content(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


class Interrupted(Exception):
    pass


def stop_after(n_parts):
    def progress(stage, done, total, note=""):
        if done == n_parts:
            raise Interrupted

    return progress


def test_an_interrupted_stream_continues_to_the_same_bytes(generator, tmp_path):
    whole = generator.sample_to(tmp_path / "whole", 3_500, horizon=3, random_state=1)
    with pytest.raises(Interrupted):
        generator.sample_to(
            tmp_path / "cut", 3_500, horizon=3, random_state=1, progress=stop_after(2)
        )
    cut = generator.sample_to(tmp_path / "cut", 3_500, horizon=3, random_state=1)
    assert content(cut) == content(whole)


def test_finished_parts_are_not_written_again(generator, tmp_path):
    folder = generator.sample_to(tmp_path / "w", 2_000, horizon=2, random_state=1)
    before = (folder / "part-000000.parquet").stat().st_mtime_ns
    generator.sample_to(folder, 2_000, horizon=2, random_state=1)
    assert (folder / "part-000000.parquet").stat().st_mtime_ns == before


def test_an_unfinished_stream_is_not_read(generator, tmp_path):
    with pytest.raises(Interrupted):
        generator.sample_to(tmp_path / "w", 2_000, horizon=2, progress=stop_after(1))
    with pytest.raises(DataError, match="repeat the call"):
        read_worlds(tmp_path / "w")


def test_without_a_seed_a_continued_stream_keeps_the_first_one(generator, tmp_path):
    folder = generator.sample_to(tmp_path / "w", 1_500, horizon=2)
    before = content(folder)
    (folder / "part-000001.parquet").unlink()
    assert content(generator.sample_to(folder, 1_500, horizon=2)) == before


@pytest.mark.parametrize("change", [{"n": 20}, {"horizon": 3}, {"random_state": 2}])
def test_a_folder_of_another_request_is_refused(generator, tmp_path, change):
    request = {"n": 10, "horizon": 2, "random_state": 1}
    generator.sample_to(tmp_path / "w", **request)
    with pytest.raises(ConfigError, match="another request"):
        generator.sample_to(tmp_path / "w", **{**request, **change})


def test_a_folder_of_other_things_is_refused(generator, tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(ConfigError, match="choose another folder"):
        generator.sample_to(tmp_path, 10)


def test_one_file_round_trip(tmp_path):
    worlds = Worlds(np.random.default_rng(0).normal(size=(3, 4, 2)), ["a", "b"])
    found = read_worlds(write_worlds(tmp_path / "w.parquet", worlds))
    np.testing.assert_array_equal(found.paths, worlds.paths)
    assert found.channels == ["a", "b"]


def test_a_file_that_is_not_worlds_is_refused(tmp_path):
    example_returns().to_parquet(tmp_path / "prices.parquet")
    with pytest.raises(DataError, match="path, step"):
        read_worlds(tmp_path / "prices.parquet")


def test_worlds_that_are_not_three_dimensional_are_refused():
    with pytest.raises(DataError, match="found shape"):
        Worlds(np.zeros((3, 4)), ["a"])


def test_past_and_origin_come_back(tmp_path):
    paths = np.random.default_rng(0).normal(size=(3, 6, 2))
    worlds = Worlds(paths, ["a", "b"], n_past=4, origin={"until": "2014-12-31"})
    found = read_worlds(write_worlds(tmp_path / "w.parquet", worlds))
    np.testing.assert_array_equal(found.future, paths[:, 4:])
    np.testing.assert_array_equal(found.past, paths[:, :4])
    assert found.origin == {"until": "2014-12-31"}


def test_a_run_folder_stands_for_the_worlds_in_it(tmp_path):
    write_worlds(tmp_path / "worlds.parquet", Worlds(np.zeros((1, 2, 1)), ["a"]))
    assert read_worlds(tmp_path).paths.shape == (1, 2, 1)


@pytest.mark.parametrize("name", ["path", "step"])
def test_a_channel_may_not_be_called_as_the_layout_is(name):
    with pytest.raises(DataError, match="rename it"):
        worlds_frame(np.zeros((1, 1, 1)), [name])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda f: f.iloc[:0], "without rows"),
        (lambda f: f.assign(a=["x"] * len(f)), "column 'a': expected numbers"),
        (lambda f: f.assign(a=np.where(f.index == 3, np.nan, f["a"])), "'a'.*row 3"),
        (lambda f: f.assign(path=0), "steps 0 to 1 once"),
        (lambda f: f.iloc[1:], "steps 0 to 1 once"),
        (lambda f: f.sample(frac=1, random_state=0), "steps 0 to 1 once"),
    ],
)
def test_a_damaged_file_is_refused_by_name(tmp_path, change, words):
    frame = worlds_frame(np.arange(6.0).reshape(3, 2, 1), ["a"])
    change(frame).to_parquet(tmp_path / "w.parquet", index=False)
    with pytest.raises(DataError, match=rf"w\.parquet.*{words}"):
        read_worlds(tmp_path / "w.parquet")


def test_worlds_that_are_not_there_are_said_to_be_missing(tmp_path):
    with pytest.raises(DataError, match="nowhere: there is no such file or folder of worlds"):
        read_worlds(tmp_path / "nowhere")
