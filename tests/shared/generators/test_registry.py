"""Families by name, with help for a name that is a letter off."""

import pytest
from table_contracts import TABLES

from scenara.shared.errors import ArtifactError, ConfigError
from scenara.shared.generators import families, load, make
from scenara.shared.store import Artifact, State, write_artifact


def test_an_unknown_family_is_answered_with_the_nearest():
    with pytest.raises(ConfigError, match="did you mean 'series/bootstrap'"):
        make("series/bootstap")


def test_an_unknown_setting_is_answered_with_the_nearest():
    with pytest.raises(ConfigError, match="did you mean 'mean_block'"):
        make("series/bootstrap", meanblock=3)


def test_an_artifact_of_another_kind_is_refused(tmp_path):
    folder = write_artifact(tmp_path / "a", Artifact("recommender", "x", {}, State()))
    with pytest.raises(ArtifactError, match="expected a generator"):
        load(folder)


def test_an_artifact_without_its_state_is_refused(tmp_path):
    artifact = Artifact("generator", "series/bootstrap", {"mean_block": 5}, State())
    with pytest.raises(ArtifactError, match="not a state of"):
        load(write_artifact(tmp_path / "a", artifact))


def test_other_packages_bring_families_by_entry_point(tmp_path, monkeypatch):
    package = tmp_path / "guest-1.0.dist-info"
    package.mkdir()
    (package / "METADATA").write_text("Metadata-Version: 2.1\nName: guest\nVersion: 1.0\n")
    target = "scenara.shared.generators.series.bootstrap:StationaryBootstrap"
    (package / "entry_points.txt").write_text(f"[scenara.generators]\nseries/guest = {target}\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert make("series/guest", mean_block=2).mean_block == 2


def test_every_family_of_tables_is_held_to_the_contract():
    assert set(TABLES) == set(families("table/"))
