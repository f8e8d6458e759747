"""Who looked at or changed a family's record: written in the same breath, only ever added to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, insert, select

from bot.store.columns import new_id
from bot.store.database import Database
from bot.store.people import AuditEvent, Guardian, Staff
from bot.store.talk import Conversation


def record(
    db: Database,
    now: datetime,
    staff_id: int | None,
    action: str,
    subject: str,
    subject_id: int | None = None,
    **detail: Any,
) -> None:
    """Write one event; returns after the commit. `detail` is ids and codes, never a number or a text of a family.

    Written *before* the record is shown: when the log cannot be written, nothing is shown.
    """
    with db.connection() as tx:
        record_in(tx, now, staff_id, action, subject, subject_id, **detail)


def record_in(
    tx: Connection,
    now: datetime,
    staff_id: int | None,
    action: str,
    subject: str,
    subject_id: int | None = None,
    **detail: Any,
) -> None:
    """As `record`, in the transaction that does what it tells of."""
    tx.execute(
        insert(AuditEvent),
        {
            "id": new_id(),
            "at": now,
            "staff_id": staff_id,
            "action": action,
            "subject": subject,
            "subject_id": subject_id,
            "detail": detail,
        },
    )


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line of the log. `who` None: whoever runs the server, or nobody signed in. `family`: the guardian it is about,
    where it is about one that we still know; `conversation_id` leads to the thread."""

    id: int
    at: datetime
    who: str | None
    action: str
    conversation_id: int | None
    family: str | None


@dataclass(frozen=True, slots=True)
class LogPage:
    """A page of the log; `next` is where the following page begins, or None."""

    lines: tuple[LogLine, ...]
    next: int | None


_LINES = (
    select(AuditEvent.id, AuditEvent.at, Staff.name, AuditEvent.action, Conversation.id, Guardian.name)
    .outerjoin(Staff, Staff.id == AuditEvent.staff_id)
    .outerjoin(
        Conversation, and_(AuditEvent.subject == "conversation", Conversation.id == AuditEvent.subject_id)
    )
    .outerjoin(Guardian, Guardian.id == Conversation.guardian_id)
    .order_by(AuditEvent.id.desc())
)


def about(db: Database, conversation_ids: Iterable[int], limit: int = 100) -> tuple[LogLine, ...]:
    """Who looked at or changed what in these conversations, newest first."""
    query = _LINES.where(
        AuditEvent.subject == "conversation", AuditEvent.subject_id.in_(list(conversation_ids))
    )
    with db.reading() as session:
        return tuple(LogLine(*row) for row in session.execute(query.limit(limit)))


def log(
    db: Database, school_id: int, before: int | None = None, staff_id: int | None = None, limit: int = 50
) -> LogPage:
    """What the staff of a school (or one of them) looked at and changed, newest first. `before`: only lines older than
    this one."""
    query = _LINES.where(Staff.school_id == school_id).limit(limit + 1)
    if staff_id is not None:
        query = query.where(AuditEvent.staff_id == staff_id)
    if before is not None:
        query = query.where(AuditEvent.id < before)
    with db.reading() as session:
        rows = session.execute(query).all()
    lines = tuple(LogLine(*row) for row in rows[:limit])
    return LogPage(lines, lines[-1].id if len(rows) > limit else None)
