"""What families gave in their own words, beside whoever writes to them: skills, stories, ideas, hopes."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from bot.records.scope import visible_guardians
from bot.records.staff import Member
from bot.store.database import Database
from bot.store.learning import Contribution
from bot.store.people import Enrollment, Guardian, Guardianship
from bot.store.talk import Conversation, Inbox

SHOWN = ("strength", "idea", "practice", "hope")


@dataclass(frozen=True, slots=True)
class Gift:
    """One of them, with its English where there is one. `conversation_id` leads to the family's thread."""

    conversation_id: int
    guardian: str
    kind: str
    words: str
    language: str | None
    english: str | None
    at: datetime


def gifts(db: Database, who: Member, sections: Collection[int] = (), limit: int = 8) -> list[Gift]:
    """The newest ones of the families this person may read; with `sections`, of those sections only."""
    query = (
        select(
            Contribution.id,
            Contribution.conversation_id,
            Contribution.kind,
            Contribution.words,
            Contribution.at,
            Guardian.name,
            Inbox.id.label("inbox_id"),
            Inbox.body_en,
            Inbox.language,
        )
        .join(Conversation, Conversation.id == Contribution.conversation_id)
        .join(Guardian, Guardian.id == Conversation.guardian_id)
        .outerjoin(Inbox, Inbox.id == Contribution.inbox_id)
        .where(Contribution.kind.in_(SHOWN), Guardian.active, visible_guardians(who))
        .order_by(Contribution.at.desc(), Contribution.id.desc())
        .limit(limit)
    )
    if sections:
        query = query.where(
            Guardian.id.in_(
                select(Guardianship.guardian_id)
                .join(Enrollment, Enrollment.student_id == Guardianship.student_id)
                .where(Enrollment.section_id.in_(list(sections)), Enrollment.active, Guardianship.active)
            )
        )
    with db.reading() as session:
        rows = session.execute(query).all()
    return [
        Gift(
            row.conversation_id,
            row.name,
            row.kind,
            db.vault.show(Contribution.words, row.id, row.words),
            row.language,
            None if row.body_en is None else db.vault.show(Inbox.body_en, row.inbox_id, row.body_en),
            row.at,
        )
        for row in rows
    ]
