"""The ledger: it only grows, finds what was tampered with, and refuses what is no ledger."""

import sqlite3
from datetime import date
from itertools import pairwise

import pytest

from scenara.finance.advisor.execution.event import Draft
from scenara.finance.advisor.execution.ledger import Ledger
from scenara.shared.errors import ArtifactError, ConfigError, DataError

ON = date(2024, 6, 3)
REST = "payload, previous, digest FROM events"


@pytest.fixture
def path(tmp_path):
    """Give a ledger of four events, closed."""
    place = tmp_path / "account.ledger"
    drafts = [Draft("deposit", ON, {"cents": cents}, key=str(cents)) for cents in (100, 250, 70)]
    Ledger.create(place, on=ON, first=drafts).close()
    return place


def execute(path, *statements):
    connection = sqlite3.connect(path, isolation_level=None)
    for statement in statements:
        connection.execute(statement)
    connection.close()


def test_events_come_back_as_they_were_written(path):
    with Ledger.open(path) as ledger:
        events = ledger.events()
    assert [event.sequence for event in events] == [1, 2, 3, 4]
    assert [dict(event.payload) for event in events[1:]] == [
        {"cents": 100}, {"cents": 250}, {"cents": 70},
    ]  # fmt: skip
    assert all(after.previous == before.digest for before, after in pairwise(events))


def test_the_head_is_the_digest_of_the_last_event(path):
    with Ledger.open(path) as ledger:
        assert ledger.head == ledger.events()[-1].digest


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE events SET payload = '{\"cents\":9}' WHERE sequence = 2",
        "DELETE FROM events WHERE sequence = 4",
        "INSERT OR REPLACE INTO events SELECT * FROM events WHERE sequence = 2",
        f"INSERT OR REPLACE INTO events SELECT 5, day, kind, key, {REST} WHERE sequence = 2",
        f"INSERT INTO events SELECT 9, day, kind, 'new', {REST} WHERE sequence = 2",
    ],
)
def test_the_file_itself_refuses_changes(path, statement):
    with pytest.raises(sqlite3.IntegrityError, match="a ledger is"):
        execute(path, statement)


@pytest.mark.parametrize(
    ("statement", "number"),
    [
        ("UPDATE events SET payload = '{\"cents\":9}' WHERE sequence = 2", 2),
        ("UPDATE events SET day = '2024-06-02' WHERE sequence = 3", 3),
        ("UPDATE events SET kind = 'gift' WHERE sequence = 3", 3),
        ("UPDATE events SET payload = 'no json' WHERE sequence = 4", 4),
        ("UPDATE events SET digest = previous WHERE sequence = 4", 4),
        ("DELETE FROM events WHERE sequence = 2", 2),
    ],
)
def test_tampering_behind_the_triggers_is_found_with_its_event(path, statement, number):
    connection = sqlite3.connect(path, isolation_level=None)
    triggers = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
    triggers = dict(triggers.fetchall())
    for name in triggers:
        connection.execute(f"DROP TRIGGER {name}")
    connection.execute(statement)
    for sql in triggers.values():
        connection.execute(sql)
    connection.close()
    with pytest.raises(
        ArtifactError, match=f"event {number} is missing or is not what was written"
    ):
        Ledger.open(path)


def test_a_ledger_without_its_triggers_is_refused(path):
    execute(path, "DROP TRIGGER no_delete")
    with pytest.raises(ArtifactError, match="rules that protect the ledger were changed"):
        Ledger.open(path)


def test_a_damaged_page_is_refused(path):
    content = bytearray(path.read_bytes())
    content[200:4096] = b"\x00" * 3896
    path.write_bytes(bytes(content))
    with pytest.raises(ArtifactError, match=r"account\.ledger: "):
        Ledger.open(path)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"symbol,quantity\nVTI,10\n" * 100, "can't be opened as a ledger"),
        (b"", "is no ledger of an account"),
    ],
)
def test_a_file_that_is_no_ledger_is_refused(tmp_path, content, words):
    path = tmp_path / "holdings.csv"
    path.write_bytes(content)
    with pytest.raises(ArtifactError, match=words):
        Ledger.open(path)


def test_another_database_is_refused(tmp_path):
    path = tmp_path / "other.db"
    execute(path, "CREATE TABLE events (sequence INTEGER)")
    with pytest.raises(ArtifactError, match="is no ledger of an account"):
        Ledger.open(path)


def test_a_file_that_is_missing_is_refused(tmp_path):
    with pytest.raises(ConfigError, match="there is no such ledger"):
        Ledger.open(tmp_path / "none.ledger")


def test_an_account_is_not_opened_over_another_file(path):
    with pytest.raises(ConfigError, match="already exists"):
        Ledger.create(path, on=ON)


def test_an_opening_that_is_refused_leaves_no_file(tmp_path):
    early = Draft("deposit", date(2024, 6, 2), {"cents": 1})
    with pytest.raises(DataError, match="expected a day from 2024-06-03 on"):
        Ledger.create(tmp_path / "new.ledger", on=ON, first=[early])
    assert not list(tmp_path.iterdir())


def test_what_a_crash_leaves_of_an_opening_does_not_bar_the_next_one(tmp_path):
    (tmp_path / "new.ledger").touch()
    with Ledger.create(tmp_path / "new.ledger", on=ON) as ledger:
        assert [event.kind for event in ledger.events()] == ["open"]


def test_a_reader_that_holds_the_file_makes_a_commit_fail_whole(path):
    reader = sqlite3.connect(path, isolation_level=None)
    with Ledger.open(path) as ledger:
        before = ledger.head
        ledger._connection.execute("PRAGMA busy_timeout = 0")
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM events").fetchone()
        with pytest.raises(DataError, match="another process"):
            ledger.append(Draft("deposit", ON, {"cents": 5}))
        reader.close()
        assert ledger.head == before


def test_a_key_stands_for_one_event(path):
    with Ledger.open(path) as ledger:
        again = ledger.append(Draft("deposit", ON, {"cents": 250}, key="250"))
        with pytest.raises(ConfigError, match="the key '250' stands for another event"):
            ledger.append(Draft("deposit", ON, {"cents": 9}, key="250"))
        assert (again.sequence, len(ledger.events())) == (3, 4)


def append_two_of_which_the_second_fails(ledger):
    with ledger.transaction():
        ledger.append(Draft("deposit", ON, {"cents": 5}))
        ledger.append(Draft("deposit", ON, {"cents": 5}, key="100"))


def test_a_transaction_that_fails_leaves_nothing(path):
    with Ledger.open(path) as ledger:
        before = ledger.head
        with pytest.raises(ConfigError, match="the key '100'"):
            append_two_of_which_the_second_fails(ledger)
        assert ledger.head == before


def test_a_second_writer_is_told_to_wait(path):
    with Ledger.open(path) as ledger, Ledger.open(path) as other, ledger.transaction():
        other._connection.execute("PRAGMA busy_timeout = 0")
        with pytest.raises(DataError, match="another process is writing"):
            other.append(Draft("deposit", ON, {"cents": 5}))


def test_a_second_reader_sees_what_was_appended(path):
    with Ledger.open(path) as ledger, Ledger.open(path) as other:
        ledger.append(Draft("deposit", ON, {"cents": 5}))
        assert other.events() == ledger.events()


def test_an_unknown_kind_is_refused():
    with pytest.raises(DataError, match="found 'gift'"):
        Draft("gift", ON, {})
