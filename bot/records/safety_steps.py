"""What people do about a text that may mean danger: seen, given to somebody, escalated, settled with a reason.

Every step is kept under the alert, with who took it, and is in the audit log.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from bot.records import audit
from bot.records.safety_queue import ROLES, SUBJECT
from bot.records.staff import Member
from bot.store.columns import new_id
from bot.store.database import Database
from bot.store.people import Staff
from bot.store.safety import SafetyAlert, SafetyStep


class NotPossible(ValueError):
    """What was asked cannot be done; the message is a sentence for whoever asked."""


def colleagues(db: Database, who: Member) -> list[tuple[int, str]]:
    """To whom an alert of this school may be given."""
    with db.reading() as session:
        rows = session.execute(
            select(Staff.id, Staff.name)
            .where(Staff.school_id == who.school_id, Staff.active, Staff.role.in_(ROLES))
            .order_by(Staff.name, Staff.id)
        )
        return [(row.id, row.name) for row in rows]


def acknowledge(db: Database, who: Member, alert_id: int, now: datetime) -> None:
    """Somebody has seen it: nobody is called again, for none of the family's texts up to now. Raises `NotPossible`."""
    with _doing(db, who, alert_id) as (tx, alert):
        tx.execute(
            update(SafetyAlert)
            .where(
                SafetyAlert.conversation_id == alert.conversation_id
                if alert.conversation_id is not None
                else SafetyAlert.id == alert_id,
                SafetyAlert.settled_at.is_(None),
                SafetyAlert.acknowledged_at.is_(None),
            )
            .values(acknowledged_at=now, acknowledged_by=who.id, next_page_at=None)
        )
        _step(db, tx, who, alert_id, now, "acknowledged")


def assign(db: Database, who: Member, alert_id: int, to: int, now: datetime) -> None:
    """Give it to a colleague who may see it. Whoever assigns has seen it."""
    if to not in dict(colleagues(db, who)):
        raise NotPossible("Please choose a coordinator or administrator.")
    acknowledge(db, who, alert_id, now)
    with _doing(db, who, alert_id) as (tx, _alert):
        tx.execute(update(SafetyAlert).where(SafetyAlert.id == alert_id).values(assigned_to=to))
        _step(db, tx, who, alert_id, now, "assigned", to=to)


def escalate(db: Database, who: Member, alert_id: int, words: str, now: datetime) -> None:
    """More urgent than it looked: everybody on call is called at once, and again until somebody else has seen it."""
    with _doing(db, who, alert_id) as (tx, _alert):
        tx.execute(
            update(SafetyAlert)
            .where(SafetyAlert.id == alert_id)
            .values(
                tier="urgent", due_at=now, next_page_at=now, acknowledged_at=None, acknowledged_by=None,
                assigned_to=None,
            )
        )  # fmt: skip
        _step(db, tx, who, alert_id, now, "escalated", words)


def note(db: Database, who: Member, alert_id: int, words: str, now: datetime) -> None:
    """Write down what was done."""
    if not words:
        raise NotPossible("Please write a sentence first.")
    with _doing(db, who, alert_id) as (tx, _alert):
        _step(db, tx, who, alert_id, now, "noted", words)


def settle(db: Database, who: Member, alert_id: int, outcome: str, words: str, now: datetime) -> None:
    """Handled, or a false alarm: both with what was done or why."""
    if not words:
        raise NotPossible("Please say in a few words why.")
    acknowledge(db, who, alert_id, now)
    with _doing(db, who, alert_id) as (tx, _alert):
        tx.execute(
            update(SafetyAlert)
            .where(SafetyAlert.id == alert_id)
            .values(settled_at=now, outcome=outcome, next_page_at=None)
        )
        _step(db, tx, who, alert_id, now, outcome, words)


@contextmanager
def _doing(db: Database, who: Member, alert_id: int) -> Iterator[tuple[Connection, Any]]:
    """A write transaction on an open alert this person may see. Raises `NotPossible` otherwise."""
    with db.connection() as tx:
        found = tx.execute(
            select(SafetyAlert.conversation_id, SafetyAlert.school_id, SafetyAlert.settled_at)
            .where(SafetyAlert.id == alert_id)
            .with_for_update()
        ).one_or_none()
        if found is None or found.school_id != who.school_id or found.settled_at is not None:
            raise NotPossible("Somebody has settled this already.")
        yield tx, found


def _step(
    db: Database,
    tx: Connection,
    who: Member,
    alert_id: int,
    now: datetime,
    what: str,
    words: str = "",
    to: int | None = None,
) -> None:
    row_id = new_id()
    tx.execute(
        insert(SafetyStep),
        {
            "id": row_id, "alert_id": alert_id, "at": now, "staff_id": who.id, "what": what, "to_id": to,
            "words": db.vault.seal(SafetyStep.words, row_id, words) if words else None,
        },
    )  # fmt: skip
    audit.record_in(tx, now, who.id, f"safety_{what}", SUBJECT, alert_id)
