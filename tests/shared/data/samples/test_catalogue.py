import dataclasses

import pytest

from scenara.shared.data.samples import SAMPLES, Member, find_sample
from scenara.shared.errors import ConfigError

EXPECTED = {
    "sp500": (8_313, 20),
    "factors": (2_264, 5),
    "us-monthly": (1_200, 6),
    "vix": (1_259, 1),
    "nasdaq": (5_031, 6),
    "taiwan-credit": (30_000, 24),
    "lending-club": (9_857, 23),
    "german-credit": (1_000, 21),
    "motor-frequency": (25_000, 8),
    "health-claims": (20_190, 45),
    "workers-comp": (7_150, 30),
    "schedule-p": (42_845, 14),
    "schedule-p-long": (149_550, 16),
    "grocery": (1_423_304, 11),
    "movielens-100k": (100_000, 4),
    "rossmann": (93_832, 11),
}

each_sample = pytest.mark.parametrize("sample", SAMPLES.values(), ids=list(SAMPLES))


def test_the_catalogue_has_these_samples_in_these_sizes():
    sizes = {name: (sample.main.rows, sample.main.columns) for name, sample in SAMPLES.items()}
    assert sizes == EXPECTED


@each_sample
@pytest.mark.parametrize(
    "field", ["summary", "description", "data_licence", "citation", "traps", "licence"]
)
def test_every_sample_says_what_it_is_and_whose(sample, field):
    assert getattr(sample, field)


@each_sample
def test_no_two_tables_of_a_sample_share_a_name(sample):
    names = [table.name for table in sample.tables]
    assert len(names) == len(set(names))


@each_sample
def test_every_source_is_pinned(sample):
    assert all(len(digest) == 64 for digest in [sample.package.sha256, *sample.sources.values()])
    assert sample.package.version[0].isdigit()


def test_only_the_disputed_sample_carries_a_note():
    notes = {name: sample.note for name, sample in SAMPLES.items() if sample.note}
    assert notes == {"grocery": "provenance disputed"}


@pytest.mark.parametrize("sha256", ["", "abc", "g" * 64, "A" * 64])
def test_a_digest_that_is_none_is_refused(sha256):
    with pytest.raises(ConfigError, match="64 hex digits"):
        Member("x", sha256)


def test_the_catalogue_cannot_be_changed():
    with pytest.raises(TypeError):
        SAMPLES["mine"] = SAMPLES["sp500"]
    with pytest.raises(dataclasses.FrozenInstanceError):
        SAMPLES["sp500"].name = "other"


@pytest.mark.parametrize(("typed", "hint"), [("sp50", "'sp500'"), ("zzz", "known: sp500, ")])
def test_an_unknown_name_is_answered_with_the_nearest(typed, hint):
    with pytest.raises(ConfigError, match=hint):
        find_sample(typed)


def test_an_unknown_table_is_answered_with_those_there_are():
    with pytest.raises(ConfigError, match="transactions, products, households"):
        find_sample("grocery").table("promotions")
