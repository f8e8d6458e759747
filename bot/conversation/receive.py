"""The first of the five functions: number a text in its conversation, store it, wake a worker.

One transaction, and the carrier hears 2xx only after its commit. The provider's message id is unique, so a text
that is delivered twice is stored once; the conversation's row is the lock that numbers its texts.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, case, select, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.channels.base import Incoming, Medium
from bot.delivery.consent import first_text, stopped_since
from bot.delivery.pictures import expect
from bot.store.columns import new_id
from bot.store.database import Database
from bot.store.people import Guardian
from bot.store.talk import Conversation, Inbox
from bot.store.wake import Wake


@dataclass(frozen=True, slots=True)
class Received:
    """Where a text was stored. `duplicate`: it had been stored before, and nothing was changed."""

    conversation_id: int
    inbox_id: int
    duplicate: bool = False


# Built once: SQLAlchemy then only looks the compiled text up, which is a third of the time of a receive.
_NUMBER = (
    update(Conversation)
    .where(
        Conversation.address_index == bindparam("b_index"),
        Conversation.sender == bindparam("b_sender"),
        Conversation.medium == bindparam("b_medium"),
    )
    .values(
        in_seq=Conversation.in_seq + case((Conversation.answers_to.is_(None), 1), else_=0),
        last_in_at=bindparam("b_now"),
    )
    .returning(Conversation.id, Conversation.in_seq, Conversation.answers_to)
)
_NUMBER_THERE = (
    update(Conversation)
    .where(Conversation.id == bindparam("b_id"))
    .values(in_seq=Conversation.in_seq + 1, last_in_at=bindparam("b_now"))
    .returning(Conversation.id, Conversation.in_seq)
)
_SEEN = select(Inbox.id, Inbox.conversation_id).where(Inbox.provider_id == bindparam("b_provider_id"))
_GUARDIAN = (
    select(Guardian.id, Guardian.language, Guardian.time_zone)
    .where(Guardian.phone_index == bindparam("b_index"), Guardian.active)
    .order_by(Guardian.id)
    .limit(1)
)


def _store(insert: Any) -> Any:
    return insert(Inbox).on_conflict_do_nothing(index_elements=["provider_id"]).returning(Inbox.id)


def _open(insert: Any) -> Any:
    return insert(Conversation).on_conflict_do_nothing(index_elements=["address_index", "sender", "medium"])


_STORE = {"sqlite": _store(sqlite.insert), "postgresql": _store(postgresql.insert)}
_OPEN = {"sqlite": _open(sqlite.insert), "postgresql": _open(postgresql.insert)}


class _StoredBefore(Exception):
    """Rolls the transaction back, so that a second delivery does not use up a number."""


def receive(db: Database, incoming: Incoming, now: datetime, wake: Wake) -> Received:
    """Store one text. Returns after the commit. Raises what the database raises when it is down, and then
    nothing is stored and the carrier must be told to try again."""
    index = db.vault.index(incoming.address)
    place = {"b_index": index, "b_sender": incoming.sender, "b_medium": incoming.medium.value}
    try:
        with db.connection() as tx:
            numbered = tx.execute(_NUMBER, place | {"b_now": now}).one_or_none()
            if numbered is None:
                open_conversation(db, tx, incoming, index, now)
                numbered = tx.execute(_NUMBER, place | {"b_now": now}).one()
            talk, seq, came_by = numbered.id, numbered.in_seq, None
            if numbered.answers_to is not None:
                talk, seq, came_by = _where_it_belongs(tx, talk, numbered.answers_to, incoming, now)
            row_id = new_id()
            row = _row(db, row_id, talk, seq, incoming, now) | {"came_by": came_by}
            stored = tx.execute(_STORE[tx.dialect.name], row).scalar_one_or_none()
            if stored is None:
                raise _StoredBefore
            if incoming.media and incoming.medium is not Medium.SIMULATOR:
                expect(tx, row_id, len(incoming.media), now)
            wake.turn(tx, talk)
            return Received(talk, row_id)
    except _StoredBefore:
        with db.reading() as session:
            before = session.execute(_SEEN, {"b_provider_id": incoming.provider_id}).one()
        return Received(before.conversation_id, before.id, duplicate=True)


def _where_it_belongs(
    tx: Connection, line: int, elsewhere: int, incoming: Incoming, now: datetime
) -> tuple[int, int, str | None]:
    """The family answers a text that came by this line from another conversation (`bot.delivery.ways`): that one, the
    text's number there, and over what it came. When it was erased since, the line's own."""
    there = tx.execute(_NUMBER_THERE, {"b_id": elsewhere, "b_now": now}).one_or_none()
    if there is not None:
        return there.id, there.in_seq, incoming.medium.value
    tx.execute(update(Conversation).where(Conversation.id == line).values(answers_to=None))
    own = tx.execute(_NUMBER_THERE, {"b_id": line, "b_now": now}).one()
    return own.id, own.in_seq, None


def open_conversation(db: Database, tx: Connection, incoming: Incoming, index: bytes, now: datetime) -> None:
    """Begin a conversation with a number, unless somebody else just did. An unknown number has no guardian."""
    guardian = tx.execute(_GUARDIAN, {"b_index": index}).one_or_none()
    row_id = new_id()
    tx.execute(
        _OPEN[tx.dialect.name],
        {
            "id": row_id,
            "guardian_id": guardian.id if guardian else None,
            "medium": incoming.medium.value,
            "sender": incoming.sender,
            "address": db.vault.seal(Conversation.address, row_id, incoming.address),
            "address_index": index,
            "language": guardian.language if guardian else None,
            "time_zone": guardian.time_zone if guardian else None,
            "opted_out_at": stopped_since(tx, index),
            "created_at": now,
        },
    )
    first_text(tx, index, now)


def _row(
    db: Database, row_id: int, conversation_id: int, seq: int, incoming: Incoming, now: datetime
) -> dict[str, Any]:
    media = [[item.url, item.content_type] for item in incoming.media]
    return {
        "id": row_id,
        "provider_id": incoming.provider_id,
        "conversation_id": conversation_id,
        "seq": seq,
        "body": db.vault.seal(Inbox.body, row_id, incoming.body),
        "media": db.vault.seal(Inbox.media, row_id, json.dumps(media)) if media else None,
        "opt_out_type": incoming.opt_out_type,
        "received_at": now,
    }
