"""Whom the promise clock has reminded, of which family: what a member of staff sees on the first page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from bot.records.scope import visible_conversations
from bot.records.staff import Member
from bot.store.database import Database
from bot.store.outreach import StaffNudge
from bot.store.people import Guardian
from bot.store.talk import Conversation

MOST = 30


@dataclass(frozen=True, slots=True)
class Nudge:
    """This family's question waits longer than was promised. `step`: teacher, or coordinator (a school day is over)."""

    conversation_id: int
    guardian: str | None
    step: str
    waits_since: datetime
    at: datetime


def open_nudges(db: Database, who: Member, limit: int = MOST) -> list[Nudge]:
    """What this person is reminded of and may read, the longest waiting first."""
    with db.reading() as session:
        rows = session.execute(
            select(
                StaffNudge.conversation_id,
                Guardian.name,
                StaffNudge.step,
                StaffNudge.waits_since,
                StaffNudge.at,
            )
            .join(Conversation, Conversation.id == StaffNudge.conversation_id)
            .outerjoin(Guardian, Guardian.id == Conversation.guardian_id)
            .where(
                StaffNudge.staff_id == who.id,
                StaffNudge.done_at.is_(None),
                # The clock settles reminders a moment after an answer; the page must not show them until then.
                Conversation.awaits_staff_since == StaffNudge.waits_since,
                Conversation.opted_out_at.is_(None),
                visible_conversations(who),
            )
            .order_by(StaffNudge.waits_since, StaffNudge.step, StaffNudge.id)
            .limit(limit)
        ).all()
    seen: dict[int, Nudge] = {}
    for row in rows:  # somebody may be teacher and coordinator of one family
        seen[row.conversation_id] = Nudge(*row)
    return list(seen.values())
