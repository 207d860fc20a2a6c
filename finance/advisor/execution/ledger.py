"""An append-only ledger of an account in one SQLite file: what happened, and nothing else.

The table ``events`` has one row for each event: ``sequence`` (1, 2, 3, ...), ``day`` (ISO date),
``kind``, ``key`` (unique where there is one), ``payload`` (JSON), ``previous`` and ``digest``
(SHA-256, hexadecimal). The digest is that of the JSON list ``[previous, sequence, day, kind, key,
payload]``, ``previous`` being the digest of the row before, so that a change of any row is found
by whoever reads the ledger; that rows are missing at the end is found by whoever kept the last
digest. Triggers refuse every change of a row. All that is appended in one transaction is there
after a crash, or none of it.

Money is in whole cents, other numbers are decimal numbers as text. The payloads are::

    open             currency
    deposit          cents (negative for a withdrawal)
    transfer         lots [symbol, quantity, purchase_date, cost_per_share], prices
    prices           prices {symbol: price}
    rebalance-begin  batch, targets, rules, tax_cents
    order            batch, order {side, symbol, quantity, price, cents, fee_cents, sales, wash_sale}
    fill             order, and batch if it belongs to a rebalance
    tax              cents
    rebalance-end    batch
    fee              cents, what
    dividend         cents, symbol
    adjust           reason, cents, and for shares: symbol, quantity, price
"""

import json
import os
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import Self

from scenara.finance.advisor.execution.event import START, Draft, Event, chained
from scenara.shared.errors import ArtifactError, ConfigError, DataError

__all__ = ["Ledger"]

_APPLICATION = 0x5343_4C47
_VERSION = 1
_PATIENCE_SECONDS = 10.0

_SCHEMA = {
    "events": """CREATE TABLE events (
        sequence INTEGER PRIMARY KEY, day TEXT NOT NULL, kind TEXT NOT NULL, key TEXT UNIQUE,
        payload TEXT NOT NULL, previous TEXT NOT NULL, digest TEXT NOT NULL)""",
    "no_update": """CREATE TRIGGER no_update BEFORE UPDATE ON events
        BEGIN SELECT RAISE(ABORT, 'a ledger is never changed'); END""",
    "no_delete": """CREATE TRIGGER no_delete BEFORE DELETE ON events
        BEGIN SELECT RAISE(ABORT, 'a ledger is never changed'); END""",
    "no_replace": """CREATE TRIGGER no_replace BEFORE INSERT ON events
        WHEN NEW.sequence IS NOT (SELECT COALESCE(MAX(sequence), 0) + 1 FROM events)
            OR EXISTS (SELECT 1 FROM events WHERE key = NEW.key)
        BEGIN SELECT RAISE(ABORT, 'a ledger is only appended to'); END""",
}


class Ledger:
    """Append events to a file and read them back, each checked against the chain.

    Args:
        connection: The open file.
        path: Its name, for messages.
        watch: Called with ``"written"`` after each event and with ``"committed"`` after each
            transaction; for tests of what a crash leaves behind.

    Example:
        >>> import pathlib, tempfile
        >>> path = pathlib.Path(tempfile.mkdtemp()) / "account.ledger"
        >>> with Ledger.create(path, on=date(2024, 6, 3)) as ledger:
        ...     deposit = Draft("deposit", date(2024, 6, 3), {"cents": 100_000}, key="first")
        ...     events = [ledger.append(deposit), ledger.append(deposit)]
        >>> [event.sequence for event in events]
        [2, 2]
    """

    def __init__(
        self,
        connection: sqlite3.Connection,
        path: Path,
        *,
        watch: Callable[[str], None] | None = None,
    ) -> None:
        self.path = path
        self._connection = connection
        self._watch = watch or (lambda moment: None)
        self._events: list[Event] = []

    @classmethod
    def create(
        cls,
        path: str | os.PathLike[str],
        *,
        on: date,
        currency: str = "USD",
        first: Sequence[Draft] = (),
        watch: Callable[[str], None] | None = None,
    ) -> Self:
        """Open an account in a new file; what happens first is there with it or not at all.

        Args:
            path: File that doesn't exist.
            on: Day of the opening.
            currency: Currency of all amounts.
            first: Events that follow at once, such as the deposit.
            watch: As for the class.

        Raises:
            ConfigError: The file exists, or its folder doesn't.
            DataError: An event can't be meant.
        """
        place = Path(path)
        was_cut_off = Path(f"{place}-journal").exists()
        if place.exists() and place.stat().st_size > 0 and not was_cut_off:
            raise ConfigError(f"{place}: already exists; choose another file, or use this account")
        if not place.parent.is_dir():
            raise ConfigError(f"{place}: there is no folder {place.parent}; make it first")
        ledger = cls(_connected(place, "rwc"), place, watch=watch)
        try:
            with ledger.transaction():
                ledger._lay_out()
                for draft in (Draft("open", on, {"currency": currency}, key="open"), *first):
                    ledger.append(draft)
        except BaseException:
            ledger.close()
            if place.stat().st_size == 0:
                place.unlink()
            raise
        return ledger

    @classmethod
    def open(
        cls, path: str | os.PathLike[str], *, watch: Callable[[str], None] | None = None
    ) -> Self:
        """Open a ledger that exists, and check all that is in it.

        Args:
            path: The file.
            watch: As for the class.

        Raises:
            ConfigError: There is no such file.
            ArtifactError: The file is no ledger, is damaged or was tampered with.
        """
        place = Path(path)
        if not place.is_file():
            raise ConfigError(f"{place}: there is no such ledger; open an account first")
        ledger = cls(_connected(place, "rw"), place, watch=watch)
        with ledger._refusing():
            ledger._check_schema()
        ledger.events()
        return ledger

    @property
    def head(self) -> str:
        """Digest of the last event; who keeps it can tell later that nothing is missing."""
        return self.events()[-1].digest if self.events() else START

    def events(self) -> tuple[Event, ...]:
        """Give all events, in their order.

        Raises:
            ArtifactError: An event is missing or is not what was written.
        """
        with self._refusing():
            rows = self._connection.execute(
                "SELECT sequence, day, kind, key, payload, previous, digest FROM events "
                "WHERE sequence > ? ORDER BY sequence",
                (len(self._events),),
            ).fetchall()
        for row in rows:
            self._events.append(self._checked(row))
        return tuple(self._events)

    def append(self, draft: Draft) -> Event:
        """Append an event; one with the key of an event that is there is not written again.

        Args:
            draft: What happened.

        Returns:
            The event, or the one that is there already.

        Raises:
            ConfigError: Another event has that key.
            DataError: The day is before that of the last event, or another process writes.
        """
        if not self._connection.in_transaction:
            with self.transaction():
                return self.append(draft)
        events = self.events()
        known = [event for event in events if draft.key and event.draft.key == draft.key]
        if known and (known[0].draft.text, known[0].kind) != (draft.text, draft.kind):
            raise ConfigError(f"{self.path}: the key {draft.key!r} stands for another event")
        if known:
            return known[0]
        if events and draft.on < events[-1].on:
            raise DataError(
                f"{self.path}: expected a day from {events[-1].on} on, when the last event "
                f"happened, found {draft.on}"
            )
        previous = events[-1].digest if events else START
        event = chained(draft, sequence=len(events) + 1, previous=previous)
        self._insert(event)
        return event

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Make what is appended inside one whole: it is there after a crash, or none of it.

        Raises:
            DataError: Another process is writing.
        """
        with self._refusing():
            self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            with self._refusing():
                self._connection.execute("COMMIT")
        except BaseException:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            self._events.clear()
            raise
        self._watch("committed")

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _insert(self, event: Event) -> None:
        draft = event.draft
        row = (event.sequence, draft.on.isoformat(), draft.kind, draft.key, draft.text)
        with self._refusing():
            self._connection.execute(
                "INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?)",
                (*row, event.previous, event.digest),
            )
        self._events.append(event)
        self._watch("written")

    def _checked(self, row: tuple[int, str, str, str | None, str, str, str]) -> Event:
        sequence, day, kind, key, payload, previous, digest = row
        expected = len(self._events) + 1
        before = self._events[-1].digest if self._events else START
        try:
            draft = Draft(kind, date.fromisoformat(day), json.loads(payload), key)
            event = chained(draft, sequence=sequence, previous=before)
        except (ValueError, TypeError):
            event = None
        if event is None or (sequence, previous, digest) != (expected, before, event.digest):
            raise ArtifactError(
                f"{self.path}: event {expected} is missing or is not what was written; "
                "restore the file from a backup"
            )
        return event

    def _lay_out(self) -> None:
        with self._refusing():
            for statement in _SCHEMA.values():
                self._connection.execute(statement)
            self._connection.execute(f"PRAGMA application_id = {_APPLICATION}")
            self._connection.execute(f"PRAGMA user_version = {_VERSION}")

    def _check_schema(self) -> None:
        pragma = [
            self._connection.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("application_id", "user_version")
        ]
        if pragma != [_APPLICATION, _VERSION]:
            raise ArtifactError(f"{self.path}: is no ledger of an account, or one of another kind")
        found = dict(
            self._connection.execute("SELECT name, sql FROM sqlite_master WHERE sql != ''")
        )
        if found != _SCHEMA:
            raise ArtifactError(
                f"{self.path}: the rules that protect the ledger were changed; restore the file "
                "from a backup"
            )

    @contextmanager
    def _refusing(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.OperationalError as error:
            if "locked" not in str(error):
                raise ArtifactError(f"{self.path}: can't be used as a ledger ({error})") from error
            raise DataError(
                f"{self.path}: another process is writing to the ledger; wait, and run it again"
            ) from error
        except sqlite3.DatabaseError as error:
            raise ArtifactError(f"{self.path}: is no ledger, or damaged ({error})") from error


def _connected(path: Path, mode: str) -> sqlite3.Connection:
    try:
        connection = sqlite3.connect(
            f"{path.resolve().as_uri()}?mode={mode}",
            uri=True,
            isolation_level=None,
            timeout=_PATIENCE_SECONDS,
        )
        with closing(connection.execute("PRAGMA synchronous = FULL")):
            return connection
    except sqlite3.DatabaseError as error:
        raise ArtifactError(f"{path}: can't be opened as a ledger ({error})") from error
