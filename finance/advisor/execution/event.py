"""One entry of a ledger, chained to the one before it."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from scenara.shared.errors import DataError

__all__ = ["KINDS", "START", "Draft", "Event", "chained"]

KINDS = (
    "open",
    "deposit",
    "transfer",
    "prices",
    "rebalance-begin",
    "order",
    "fill",
    "tax",
    "rebalance-end",
    "fee",
    "dividend",
    "adjust",
)
"""Kinds of events; ``scenara.finance.advisor.execution.ledger`` says what each holds."""

START = "0" * 64
"""Stands for the digest before the first event."""


@dataclass(frozen=True)
class Draft:
    """Hold what is to be written down.

    Args:
        kind: One of ``KINDS``.
        on: Day of the event.
        payload: Facts of the event; JSON-able, money in cents, other numbers as text.
        key: Name that the event shares with no other one of the ledger; None if it may happen
            again.

    Raises:
        DataError: The kind is unknown.
    """

    kind: str
    on: date
    payload: Mapping[str, Any]
    key: str | None = None

    def __post_init__(self) -> None:
        """Refuse an unknown kind."""
        if self.kind not in KINDS:
            raise DataError(f"event: expected one of {', '.join(KINDS)}, found {self.kind!r}")

    @property
    def text(self) -> str:
        """The payload as the one JSON text that it has."""
        return json.dumps(
            self.payload, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
        )


@dataclass(frozen=True)
class Event:
    """Hold what is written down: a draft, its number, and its place in the chain.

    Args:
        sequence: Number of the event, from 1.
        draft: What happened.
        previous: Digest of the event before.
        digest: SHA-256 over the digest before and everything in this event.
    """

    sequence: int
    draft: Draft
    previous: str
    digest: str

    @property
    def kind(self) -> str:
        """One of ``KINDS``."""
        return self.draft.kind

    @property
    def on(self) -> date:
        """Day of the event."""
        return self.draft.on

    @property
    def payload(self) -> Mapping[str, Any]:
        """Facts of the event."""
        return self.draft.payload


def chained(draft: Draft, *, sequence: int, previous: str) -> Event:
    """Give the event that a draft becomes behind another one.

    Args:
        draft: What happened.
        sequence: Number of the event, from 1.
        previous: Digest of the event before; 64 zeros for none.

    Example:
        >>> draft = Draft("deposit", date(2024, 6, 3), {"cents": 1})
        >>> len(chained(draft, sequence=1, previous=START).digest)
        64
    """
    whole = [previous, sequence, draft.on.isoformat(), draft.kind, draft.key, draft.text]
    digest = hashlib.sha256(json.dumps(whole, ensure_ascii=False).encode()).hexdigest()
    return Event(sequence, draft, previous, digest)
