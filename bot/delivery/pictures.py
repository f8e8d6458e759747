"""The pictures families send: fetched after the text is stored, never while the carrier waits, and kept sealed.

What cannot be fetched is tried again for about three hours, and after that when somebody asks; what may not be kept says
why. Staff see either.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, insert, select, update

from bot.channels.base import Media, TryLater
from bot.channels.media import MediaRefused, MediaSource
from bot.store.carriage import MediaRow
from bot.store.columns import new_id
from bot.store.database import Database
from bot.store.talk import Conversation, Inbox

AT_ONCE = 5
MAX_ATTEMPTS = 10
"""Tries; at the backoff below they span about three hours."""

LEASE = timedelta(minutes=3)
"""For one medium: longer than the longest fetch."""


def expect(connection: Connection, inbox_id: int, count: int, now: datetime) -> None:
    """Note that a text came with `count` media. Belongs into the transaction that stores the text."""
    connection.execute(
        insert(MediaRow),
        [
            {"id": new_id(), "inbox_id": inbox_id, "number": number, "state": "waiting", "next_at": now}
            for number in range(count)
        ],
    )


def fetch_media(
    db: Database, sources: Mapping[str, MediaSource], clock: Callable[[], datetime], at_once: int = AT_ONCE
) -> int:
    """Fetch what waits, the longest waiting first. Returns how many were looked at. Safe to run twice at once."""
    with db.reading() as session:
        waiting = session.execute(
            select(MediaRow.id, MediaRow.inbox_id, MediaRow.number, MediaRow.attempts, Inbox.media, Conversation.medium)
            .join(Inbox, Inbox.id == MediaRow.inbox_id)
            .join(Conversation, Conversation.id == Inbox.conversation_id)
            .where(MediaRow.state == "waiting", MediaRow.next_at <= clock())
            .order_by(MediaRow.next_at)
            .limit(at_once)
        ).all()  # fmt: skip
    done = 0
    for row in waiting:
        if not _mine(db, row.id, clock()):
            continue
        done += 1
        source = sources.get(row.medium)
        address = _address(db, row.inbox_id, row.media, row.number)
        if address is None:
            _settle(db, row.id, clock(), "erased")
        elif source is None:
            _settle(db, row.id, clock(), "refused", reason="Nothing can be fetched over this channel.")
        else:
            _fetch_one(db, source, address, row.id, row.number, row.attempts + 1, clock)
    return done


def _fetch_one(
    db: Database,
    source: MediaSource,
    media: Media,
    row_id: int,
    number: int,
    attempts: int,
    clock: Callable[[], datetime],
) -> None:
    try:
        found = source.fetch(media, number)
    except MediaRefused as refused:
        _settle(db, row_id, clock(), "refused", reason=str(refused))
    except TryLater as later:
        if attempts >= MAX_ATTEMPTS:
            _settle(db, row_id, clock(), "failed", reason=later.reason)
        else:
            _settle(db, row_id, clock(), "waiting", reason=later.reason, next_at=clock() + backoff(attempts))
    else:
        _settle(
            db,
            row_id,
            clock(),
            "kept",
            content=db.vault.seal_bytes(MediaRow.content, row_id, found.content),
            content_type=found.content_type,
            size=len(found.content),
            fetched_at=clock(),
            reason=None,
        )


def fetch_again(db: Database, media_id: int, now: datetime) -> bool:
    """Try anew, from the first attempt on, what was given up. False: it was not given up, or is not ours to try."""
    with db.connection() as tx:
        return (
            tx.execute(
                update(MediaRow)
                .where(MediaRow.id == media_id, MediaRow.state == "failed")
                .values(state="waiting", attempts=0, next_at=now, reason=None)
            ).rowcount
            == 1
        )


def backoff(attempts: int) -> timedelta:
    """How long to wait after the n-th try: 10 s, doubling, at most an hour."""
    return timedelta(seconds=min(5.0 * 2**attempts, 3600.0))


def _mine(db: Database, row_id: int, now: datetime) -> bool:
    with db.connection() as tx:
        return (
            tx.execute(
                update(MediaRow)
                .where(MediaRow.id == row_id, MediaRow.state == "waiting", MediaRow.next_at <= now)
                .values(next_at=now + LEASE, attempts=MediaRow.attempts + 1)
            ).rowcount
            == 1
        )


def _settle(db: Database, row_id: int, now: datetime, state: str, **also: Any) -> None:
    """What became of one fetch. A text that was erased meanwhile stays erased."""
    with db.connection() as tx:
        tx.execute(
            update(MediaRow)
            .where(MediaRow.id == row_id, MediaRow.state == "waiting")
            .values({"state": state} | also)
        )


def _address(db: Database, inbox_id: int, sealed: bytes | None, number: int) -> Media | None:
    if sealed is None:
        return None
    media = json.loads(db.vault.open(Inbox.media, inbox_id, sealed))
    return Media(*media[number]) if number < len(media) else None
