"""Who looked at or changed a family's record: written in the same breath, only ever added to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select

from bot.store.columns import new_id
from bot.store.database import Database
from bot.store.people import AuditEvent


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
