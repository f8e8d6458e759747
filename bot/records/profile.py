"""Who a family is, as staff see it beside its thread: children, languages, pace, what it hopes, gave and answered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.records.families import Child, children_of
from bot.store.database import Database
from bot.store.learning import Answer, Contribution
from bot.store.people import Guardian, Student
from bot.store.talk import Conversation, FlowRevision, FlowSession, Inbox

ABOUT_ITSELF = "guardian."
"""Fields in which a guardian says how it likes to be reached: they stand beside the thread as facts, not as answers."""

BEST_TIME = "guardian.best_time"
"""The field in which they keep when texts suit it best."""

HOPES = "hopes"
"""The field in which conversations keep what a family hopes for its child (`family.hopes`)."""


@dataclass(frozen=True, slots=True)
class Words:
    """A text with its language (None: not known)."""

    text: str
    language: str | None


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
    paused_until: datetime | None
    weekly_cap: int | None
    quiet_days: tuple[str, ...]
    best_time: str | None
    talking_about: str | None
    hopes: tuple[Given, ...]
    gave: tuple[Given, ...]
    answers: tuple[Given, ...]


def profile(db: Database, session: Session, talk: Conversation, guardian: Guardian | None) -> Family:
    """Who is behind a conversation, read within the caller's snapshot: four queries."""
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
        language=talk.language or (guardian.language if guardian else None),
        spoken_language=guardian.spoken_language if guardian else None,
        time_zone=talk.time_zone or (guardian.time_zone if guardian else None),
        children=children_of(session, [guardian.id]).get(guardian.id, ()) if guardian else (),
        opted_out_at=talk.opted_out_at,
        taken_over_at=talk.staff_took_over_at,
        waits_since=talk.awaits_staff_since,
        paused_until=talk.paused_until,
        weekly_cap=talk.weekly_cap,
        quiet_days=tuple(map(str, guardian.quiet_days)) if guardian else (),
        best_time=next((item.choice for item in answers if item.kind == BEST_TIME), None),
        talking_about=session.scalars(
            select(FlowRevision.name)
            .join(FlowSession, FlowSession.revision_id == FlowRevision.id)
            .where(FlowSession.conversation_id == talk.id, FlowSession.open)
            .order_by(FlowSession.asked_at.desc(), FlowSession.id.desc())
            .limit(1)
        ).one_or_none(),
        hopes=hopes,
        gave=tuple(item for item in given if item.kind != "hope" and item.words not in told),
        answers=tuple(
            item
            for item in answers
            if not item.kind.startswith(ABOUT_ITSELF) and (item.choice is not None or item.number is not None)
        ),
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
