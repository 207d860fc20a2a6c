import json
from dataclasses import replace
from pathlib import Path

import pandas as pd
import platformdirs
import pytest

from scenara.shared.data.samples import cache_folder, fetch_sample, load_sample
from scenara.shared.data.samples.state import state_of
from scenara.shared.errors import ArtifactError


@pytest.fixture
def home(toy, cache):
    fetch_sample(toy[0], downloader=toy[1])
    return cache / "samples" / "toy"


def flip_a_byte(path):
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def change_record(path, **changes):
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


DAMAGE = {
    "a flipped byte in the table": lambda home: flip_a_byte(home / "main.parquet"),
    "a table cut short": lambda home: (home / "main.parquet").write_bytes(b"PAR1"),
    "no table": lambda home: (home / "main.parquet").unlink(),
    "a record that is no JSON": lambda home: (home / "source.json").write_text("{"),
    "a record with other fields": lambda home: (home / "source.json").write_text('{"a": 1}'),
    "a record without digests": lambda home: change_record(home / "source.json", sha256={}),
}
damaged = pytest.mark.parametrize("damage", DAMAGE.values(), ids=list(DAMAGE))


@damaged
def test_damage_is_refused_on_load(toy, home, forbidden, damage):
    damage(home)
    with pytest.raises(ArtifactError, match="mend it with: scenara samples fetch toy"):
        load_sample(toy[0], downloader=forbidden)


@damaged
def test_fetching_again_mends_damage(toy, home, damage):
    damage(home)
    fetch_sample(toy[0], downloader=toy[1])
    assert len(load_sample(toy[0])) == 2


@damaged
def test_damage_counts_as_not_cached(toy, home, damage):
    damage(home)
    assert state_of(toy[0]) == "remote"


@pytest.mark.parametrize("change", [{"revision": 0}, {"sources": {}}])
def test_a_copy_made_from_other_sources_or_by_an_older_reader_is_fetched_anew(toy, home, change):
    change_record(home / "source.json", **change)
    load_sample(toy[0], downloader=toy[1])
    assert toy[1].asked == ["scenara-toy", "scenara-toy"]


def test_the_record_says_where_the_table_comes_from(toy, home):
    record = json.loads((home / "source.json").read_text())
    assert record["package"] == "scenara-toy 1.0"
    assert record["sources"] == toy[0].sources
    assert record["rows"] == {"main": 2}


def test_every_table_of_a_sample_is_kept_under_its_name(toy):
    second = replace(toy[0].main, name="other", reader=lambda part: pd.DataFrame({"z": [1]}))
    second = replace(second, rows=1, columns=1)
    sample = replace(toy[0], tables=(toy[0].main, second))
    assert load_sample(sample, downloader=toy[1]).shape == (2, 2)
    assert load_sample(sample, table="other").columns.tolist() == ["z"]


def test_a_named_folder_is_the_cache(monkeypatch):
    monkeypatch.setenv("SCENARA_CACHE", "~/somewhere")
    assert cache_folder() == Path.home() / "somewhere"


@pytest.mark.parametrize("value", [None, ""])
def test_without_a_name_the_cache_is_the_users(monkeypatch, value):
    monkeypatch.delenv("SCENARA_CACHE")
    if value is not None:
        monkeypatch.setenv("SCENARA_CACHE", value)
    assert cache_folder() == platformdirs.user_cache_path("scenara")
