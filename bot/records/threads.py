"""One family's thread as staff read it: what was said on both sides, in both languages, and who the family is."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from bot.records.families import Child, children_of
from bot.records.scope import visible_conversations
from bot.records.staff import Member
from bot.store.database import Database
from bot.store.learning import Answer, Contribution
from bot.store.people import Guardian, Staff, Student
from bot.store.talk import Conversation, FlowRevision, FlowSession, Inbox, Outbox

MESSAGES = 40
"""Messages on one page of a thread."""

HOPES = "hopes"
"""The field in which conversations keep what a family hopes for its child (`family.hopes`)."""

FAILED = frozenset({"undelivered", "failed", "expired"})
"""States of a text to a family that a person may send again."""


@dataclass(frozen=True, slots=True)
class Words:
    """A text with its language (None: not known)."""

    text: str
    language: str | None


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
    photos: int = 0
    kind: str = ""
    author: str | None = None
    segments: int = 0
    reason: str | None = None
    error_code: int | None = None
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
class Given:
    """Something a family told us: a hope, a strength, an idea, a question, or an answer to a question of ours."""

    kind: str
    words: Words
    english: str | None
    choice: str | None
    number: float | None
    child: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Family:
    """Who is on the other side. `name` is None for a number that belongs to nobody yet."""

    conversation_id: int
    guardian_id: int | None
    name: str | None
    address_as: str | None
    number_ends: str
    medium: str
    language: str | None
    spoken_language: str | None
    time_zone: str | None
    children: tuple[Child, ...]
    opted_out_at: datetime | None
    taken_over_at: datetime | None
    waits_since: datetime | None
    talking_about: str | None
    hopes: tuple[Given, ...]
    gave: tuple[Given, ...]
    answers: tuple[Given, ...]


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

    `before` is (inbox seq, outbox seq): only older texts than these. Seven queries, whatever its length.
    """
    with db.reading() as session:
        found = session.execute(_one(visible_conversations(who), conversation_id)).one_or_none()
        if found is None:
            return None
        talk, guardian = found
        family = _family(db, session, talk, guardian)
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
    waiting = _waiting(talk, heard)
    messages = [_heard(db, row, row.seq in waiting) for row in heard]
    messages += [_told(db, row, author) for row, author in told]
    messages.sort(key=lambda message: (message.at, not message.from_family, message.seq), reverse=True)
    return Thread(family, tuple(messages[:limit]), _older(messages, limit, before))


def can_see(db: Database, who: Member, conversation_id: int) -> bool:
    """Whether this conversation is one `who` may read and answer."""
    with db.reading() as session:
        return session.execute(_one(visible_conversations(who), conversation_id)).one_or_none() is not None


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


def _waiting(talk: Conversation, heard: Sequence[Inbox]) -> frozenset[int]:
    """The numbers of the texts that wait for a person: the one whose turn began the wait, and all since."""
    since = talk.awaits_staff_since
    if since is None or not heard:
        return frozenset()
    waits = [row.seq for row in heard if row.handled_at is None or row.handled_at >= since]
    return frozenset(waits or [heard[0].seq])


def _heard(db: Database, row: Inbox, unanswered: bool) -> Message:
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
        photos=len(json.loads(media)),
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


def _family(db: Database, session: Session, talk: Conversation, guardian: Guardian | None) -> Family:
    given = [
        Given(
            row.kind,
            Words(db.vault.show(Contribution.words, row.id, row.words), language),
            db.vault.show(Inbox.body_en, inbox_id, body_en) if body_en is not None else None,
            None,
            None,
            child,
            row.at,
        )
        for row, inbox_id, body_en, language, child in session.execute(
            select(Contribution, Inbox.id, Inbox.body_en, Inbox.language, Student.given_name)
            .outerjoin(Inbox, Inbox.id == Contribution.inbox_id)
            .outerjoin(Student, Student.id == Contribution.student_id)
            .where(Contribution.conversation_id == talk.id)
            .order_by(Contribution.at.desc(), Contribution.id.desc())
            .limit(30)
        ).all()
    ]
    answers = _answers(db, session, talk.id)
    hopes = tuple(item for item in answers if item.kind.rpartition(".")[2] == HOPES)
    hopes += tuple(
        item for item in given if item.kind == "hope" and item.words not in {hope.words for hope in hopes}
    )
    told = {
        item.words for item in hopes
    }  # the welcome conversation keeps a hope as an answer and as a strength
    return Family(
        conversation_id=talk.id,
        guardian_id=talk.guardian_id,
        name=guardian.name if guardian else None,
        address_as=guardian.address_as if guardian else None,
        number_ends=db.vault.open(Conversation.address, talk.id, talk.address)[-4:],
        medium=talk.medium,
        language=(guardian.language if guardian else None) or talk.language,
        spoken_language=guardian.spoken_language if guardian else None,
        time_zone=talk.time_zone or (guardian.time_zone if guardian else None),
        children=children_of(session, [guardian.id]).get(guardian.id, ()) if guardian else (),
        opted_out_at=talk.opted_out_at,
        taken_over_at=talk.staff_took_over_at,
        waits_since=talk.awaits_staff_since,
        talking_about=session.scalars(
            select(FlowRevision.name)
            .join(FlowSession, FlowSession.revision_id == FlowRevision.id)
            .where(FlowSession.conversation_id == talk.id, FlowSession.open)
            .order_by(FlowSession.asked_at.desc(), FlowSession.id.desc())
            .limit(1)
        ).one_or_none(),
        hopes=hopes,
        gave=tuple(item for item in given if item.kind != "hope" and item.words not in told),
        answers=tuple(item for item in answers if item.choice is not None or item.number is not None),
    )


def _answers(db: Database, session: Session, conversation_id: int) -> tuple[Given, ...]:
    """The latest answer to each question."""
    latest: dict[tuple[str, int | None], Given] = {}
    for row, inbox_id, body_en, language, child in session.execute(
        select(Answer, Inbox.id, Inbox.body_en, Inbox.language, Student.given_name)
        .outerjoin(Inbox, Inbox.id == Answer.inbox_id)
        .outerjoin(Student, Student.id == Answer.student_id)
        .where(Answer.conversation_id == conversation_id)
        .order_by(Answer.at.desc(), Answer.id.desc())
        .limit(60)
    ).all():
        latest.setdefault(
            (row.field, row.student_id),
            Given(
                row.field,
                Words(db.vault.show(Answer.words, row.id, row.words), language),
                db.vault.show(Inbox.body_en, inbox_id, body_en) if body_en is not None else None,
                row.choice,
                row.number,
                child,
                row.at,
            ),
        )
    return tuple(latest.values())
