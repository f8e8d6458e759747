"""Emergencies as staff see them: what waits for a second person, what has gone out, whom somebody has to call."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from bot.conversation.desk import Desk
from bot.outreach.emergencies import FRESH, WHY_CALL
from bot.store.database import Database
from bot.store.outreach import Emergency, EmergencyRecipient
from bot.store.people import Guardian, Staff


@dataclass(frozen=True, slots=True)
class ToCall:
    """A guardian somebody has to call, and why."""

    guardian_id: int
    guardian: str
    why: str
    called_at: datetime | None


@dataclass(frozen=True, slots=True)
class Shown:
    """An emergency, as staff see it. `state`: waits (for a second person), stale, called off, going, gone."""

    id: int
    words: str
    reason: str
    writer: str
    writer_id: int
    created_at: datetime
    state: str
    texts: int
    to_call: int


def emergencies(desk: Desk, school_id: int, limit: int = 20) -> list[Shown]:
    """The school's newest emergencies."""
    now = desk.clock()
    with desk.db.reading() as session:
        rows = session.execute(
            select(Emergency, Staff.name)
            .join(Staff, Staff.id == Emergency.created_by)
            .where(Emergency.school_id == school_id)
            .order_by(Emergency.created_at.desc(), Emergency.id.desc())
            .limit(limit)
        ).all()
        counts = {
            row.emergency_id: (row.texts, row.calls)
            for row in session.execute(
                select(
                    EmergencyRecipient.emergency_id,
                    func.sum(EmergencyRecipient.texts).label("texts"),
                    func.count(EmergencyRecipient.why)
                    .filter(EmergencyRecipient.called_at.is_(None))
                    .label("calls"),
                )
                .where(EmergencyRecipient.emergency_id.in_([one.id for one, _ in rows]))
                .group_by(EmergencyRecipient.emergency_id)
            )
        }
    return [
        Shown(
            one.id,
            desk.db.vault.show(Emergency.words, one.id, one.words),
            one.reason,
            writer,
            one.created_by,
            one.created_at,
            _state(one, now),
            *(int(number or 0) for number in counts.get(one.id, (0, 0))),
        )
        for one, writer in rows
    ]


def _state(one: Emergency, now: datetime) -> str:
    if one.cancelled_at is not None:
        return "called_off"
    if one.queued_at is not None:
        return "gone"
    if one.confirmed_at is not None:
        return "going"
    return "stale" if now - one.created_at > FRESH else "waits"


def to_call(
    db: Database, emergency_id: int, school_id: int, after: int = 0, limit: int = 100
) -> list[ToCall]:
    """Whom somebody has to call, by guardian, from the one after `after` on."""
    with db.reading() as session:
        rows = session.execute(
            select(Guardian.id, Guardian.name, EmergencyRecipient.why, EmergencyRecipient.called_at)
            .join(EmergencyRecipient, EmergencyRecipient.guardian_id == Guardian.id)
            .where(
                EmergencyRecipient.emergency_id == emergency_id,
                EmergencyRecipient.why.is_not(None),
                Guardian.school_id == school_id,
                Guardian.id > after,
            )
            .order_by(Guardian.id)
            .limit(limit)
        ).all()
    return [ToCall(row.id, row.name, WHY_CALL[str(row.why)], row.called_at) for row in rows]
