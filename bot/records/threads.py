"""One family's thread as staff read it: what was said on both sides, in both languages, and who the family is."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select

from bot.records.pictures import Picture, pictures_of
from bot.records.profile import Family, Words, profile
from bot.records.scope import visible_conversations
from bot.records.staff import Member
from bot.store.database import Database
from bot.store.people import Guardian, Staff
from bot.store.talk import Conversation, Inbox, Outbox

MESSAGES = 40
"""Messages on one page of a thread."""

FAILED = frozenset({"undelivered", "failed", "expired"})
"""States of a text to a family that a person may send again."""


@dataclass(frozen=True, slots=True)
class Message:
    """One text of a thread. `said` is what the family wrote or reads; `english` the other side of it, if there is one.

    For a text from the family, `state` is the inbox state (`new`: the bot has not read it yet; `stuck`: it could not).
    For a text to the family it is the outbox state, with `reason` in our own words when it did not arrive.
    """

    id: int
    from_family: bool
    seq: int
    at: datetime
    said: Words | None
    english: str | None
    origin: str | None
    engine: str | None
    doubts: tuple[str, ...]
    state: str
    unanswered: bool = False
    notes: tuple[str, ...] = ()
    """What the automatic conversation noticed about a text of the family, as codes."""
    photos: int = 0
    pictures: tuple[Picture, ...] = ()
    kind: str = ""
    author: str | None = None
    segments: int = 0
    reason: str | None = None
    error_code: int | None = None
    read_as: str | None = None
    """A family's text with accents and shortenings written out, when that is what was translated."""
    not_before: datetime | None = None

    @property
    def translated(self) -> bool:
        """Whether there are two texts to show side by side."""
        return bool(self.english and self.said and self.english != self.said.text)

    @property
    def may_retry(self) -> bool:
        """Whether a person may have it sent again."""
        return not self.from_family and self.state in FAILED


@dataclass(frozen=True, slots=True)
class Thread:
    """A family and a page of its messages, newest first. `older` is where the page before begins, or None."""

    family: Family
    messages: tuple[Message, ...]
    older: tuple[int, int] | None

    @property
    def unanswered(self) -> tuple[Message, ...]:
        """What waits for an answer, oldest first."""
        return tuple(message for message in reversed(self.messages) if message.unanswered)


def thread(
    db: Database,
    who: Member,
    conversation_id: int,
    before: tuple[int, int] | None = None,
    limit: int = MESSAGES,
) -> Thread | None:
    """The thread as `who` may read it; None when there is no such thread, or it is not for this person to see.

    `before` is (inbox seq, outbox seq): only older texts than these. Eight queries, whatever its length.
    """
    with db.reading() as session:
        found = session.execute(_one(visible_conversations(who), conversation_id)).one_or_none()
        if found is None:
            return None
        talk, guardian = found
        family = profile(db, session, talk, guardian)
        heard = session.scalars(
            select(Inbox)
            .where(Inbox.conversation_id == talk.id, *([Inbox.seq < before[0]] if before else []))
            .order_by(Inbox.seq.desc())
            .limit(limit + 1)
        ).all()
        told = session.execute(
            select(Outbox, Staff.name)
            .outerjoin(Staff, Staff.id == Outbox.author_id)
            .where(Outbox.conversation_id == talk.id, *([Outbox.seq < before[1]] if before else []))
            .order_by(Outbox.seq.desc())
            .limit(limit + 1)
        ).all()
        sent_along = pictures_of(session, [row.id for row in heard if row.media is not None])
    waiting = _waiting(talk, heard)
    messages = [_heard(db, row, row.seq in waiting, sent_along.get(row.id, ())) for row in heard]
    messages += [_told(db, row, author) for row, author in told]
    messages.sort(key=lambda message: (message.at, not message.from_family, message.seq), reverse=True)
    return Thread(family, tuple(messages[:limit]), _older(messages, limit, before))


def can_see(db: Database, who: Member, conversation_id: int) -> bool:
    """Whether this conversation is one `who` may read and answer."""
    with db.reading() as session:
        return session.execute(_one(visible_conversations(who), conversation_id)).one_or_none() is not None


def pair(db: Database, conversation_id: int, from_family: bool, text_id: int) -> tuple[Words, Words] | None:
    """A text of this conversation and its translation, in the order in which they were made; None without both."""
    with db.reading() as session:
        if from_family:
            heard = session.get(Inbox, text_id)
            message = _heard(db, heard, False) if heard and heard.conversation_id == conversation_id else None
        else:
            told = session.get(Outbox, text_id)
            message = _told(db, told, None) if told and told.conversation_id == conversation_id else None
    if message is None or message.said is None or not message.english or not message.said.language:
        return None
    english = Words(message.english, "en")
    return (message.said, english) if from_family else (english, message.said)


def is_text_of(db: Database, outbox_id: int, conversation_id: int) -> bool:
    """Whether a text to a family belongs to this conversation."""
    with db.reading() as session:
        found = session.execute(
            select(Outbox.id).where(Outbox.id == outbox_id, Outbox.conversation_id == conversation_id)
        ).one_or_none()
    return found is not None


def _one(condition: ColumnElement[bool], conversation_id: int) -> Any:
    return (
        select(Conversation, Guardian)
        .outerjoin(Guardian, Guardian.id == Conversation.guardian_id)
        .where(Conversation.id == conversation_id, condition)
    )


def _older(messages: Sequence[Message], limit: int, before: tuple[int, int] | None) -> tuple[int, int] | None:
    if len(messages) <= limit:
        return None
    shown = messages[:limit]
    heard = [message.seq for message in shown if message.from_family]
    told = [message.seq for message in shown if not message.from_family]
    far = 10**12  # beyond the number of any text
    return (
        min(heard) if heard else (before[0] if before else far),
        min(told) if told else (before[1] if before else far),
    )


def message_of_family(db: Database, row: Inbox) -> Message:
    """A text from a family as staff read it."""
    return _heard(db, row, False)


def message_to_family(db: Database, row: Outbox) -> Message:
    """A text to a family as staff read it."""
    return _told(db, row, None)


def _waiting(talk: Conversation, heard: Sequence[Inbox]) -> frozenset[int]:
    """The numbers of the texts that wait for a person: the one whose turn began the wait, and all since."""
    since = talk.awaits_staff_since
    if since is None or not heard:
        return frozenset()
    waits = [row.seq for row in heard if row.handled_at is None or row.handled_at >= since]
    return frozenset(waits or [heard[0].seq])


def _heard(db: Database, row: Inbox, unanswered: bool, pictures: tuple[Picture, ...] = ()) -> Message:
    original = db.vault.show(Inbox.body, row.id, row.body) if row.body is not None else None
    media = db.vault.open_or(Inbox.media, row.id, row.media, "[]")
    return Message(
        id=row.id,
        from_family=True,
        seq=row.seq,
        at=row.received_at,
        said=None if original is None else Words(original, row.language),
        english=db.vault.show(Inbox.body_en, row.id, row.body_en) if row.body_en is not None else None,
        origin=row.origin,
        engine=row.engine,
        doubts=tuple(map(str, row.doubts)),
        state=row.state,
        unanswered=unanswered,
        notes=tuple(map(str, row.notes)),
        photos=len(json.loads(media)),
        read_as=db.vault.show(Inbox.read_as, row.id, row.read_as) or None,
        pictures=pictures,
    )


def _told(db: Database, row: Outbox, author: str | None) -> Message:
    return Message(
        id=row.id,
        from_family=False,
        seq=row.seq,
        at=row.created_at,
        said=Words(db.vault.show(Outbox.body, row.id, row.body), row.language)
        if row.body is not None
        else None,
        english=db.vault.show(Outbox.original, row.id, row.original) if row.original is not None else None,
        origin=row.origin,
        engine=row.engine,
        doubts=tuple(map(str, row.doubts)),
        state=row.state,
        kind=row.kind,
        author=author,
        segments=row.segments,
        reason=row.reason,
        error_code=row.error_code,
        not_before=row.not_before,
    )
