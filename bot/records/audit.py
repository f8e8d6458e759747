"""Who looked at or changed a family's record: written in the same breath, only ever added to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select

from bot.store.columns import new_id
from bot.store.database import Database
from bot.store.people import AuditEvent, Staff


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the log: who (None: nobody was signed in), what, about what."""

    at: datetime
    staff_id: int | None
    action: str
    subject: str
    subject_id: int | None
    detail: Mapping[str, Any]


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


def about(db: Database, subject: str, subject_ids: Iterable[int], limit: int = 100) -> list[Event]:
    """The newest events about these records, newest first."""
    with db.reading() as session:
        rows = session.execute(
            select(
                AuditEvent.at,
                AuditEvent.staff_id,
                AuditEvent.action,
                AuditEvent.subject,
                AuditEvent.subject_id,
                AuditEvent.detail,
            )
            .where(AuditEvent.subject == subject, AuditEvent.subject_id.in_(list(subject_ids)))
            .order_by(AuditEvent.at.desc(), AuditEvent.id.desc())
            .limit(limit)
        ).all()
    return [Event(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line of a school's log. `who` None: whoever runs the server, or nobody signed in."""

    id: int
    at: datetime
    who: str | None
    action: str
    subject: str


@dataclass(frozen=True, slots=True)
class LogPage:
    """A page of the log; `next` is where the following page begins, or None."""

    lines: tuple[LogLine, ...]
    next: int | None


def log(db: Database, school_id: int, before: int | None = None, limit: int = 50) -> LogPage:
    """What the staff of a school looked at and changed, newest first. `before`: only lines older than this one."""
    query = (
        select(AuditEvent.id, AuditEvent.at, Staff.name, AuditEvent.action, AuditEvent.subject)
        .join(Staff, Staff.id == AuditEvent.staff_id)
        .where(Staff.school_id == school_id)
        .order_by(AuditEvent.id.desc())
        .limit(limit + 1)
    )
    if before is not None:
        query = query.where(AuditEvent.id < before)
    with db.reading() as session:
        rows = session.execute(query).all()
    lines = tuple(LogLine(*row) for row in rows[:limit])
    return LogPage(lines, lines[-1].id if len(rows) > limit else None)
