"""Days on which a family is to be left alone, as a member of staff heard them from the family.

Families say so themselves in a conversation (`bot.conversation.wishes`); what could not be read there with certainty, or
was said at the school's door, is written down by a person.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select, update

from bot.store.database import Database
from bot.store.people import Guardian
from bot.store.talk import Conversation


@dataclass(frozen=True, slots=True)
class QuietDays:
    """Whose days they are, and which: "fri", "2026-03-20" or "2026-03-01..2026-03-29"."""

    name: str
    days: tuple[str, ...]


def quiet_days_of(db: Database, conversation_id: int) -> QuietDays | None:
    """The days of the guardian of a conversation. None: the number belongs to nobody."""
    with db.reading() as session:
        row = session.execute(
            select(Guardian.name, Guardian.quiet_days)
            .join(Conversation, Conversation.guardian_id == Guardian.id)
            .where(Conversation.id == conversation_id)
        ).one_or_none()
    return None if row is None else QuietDays(row.name, tuple(map(str, row.quiet_days)))


def keep(db: Database, conversation_id: int, days: list[str]) -> None:
    """Keep `days` (as `read_day` has them, in order) for the guardian of a conversation, in place of what was there.

    A prompt that is planned already looks at them again when it is due.
    """
    whose = select(Conversation.guardian_id).where(Conversation.id == conversation_id).scalar_subquery()
    with db.connection() as tx:
        tx.execute(update(Guardian).where(Guardian.id == whose).values(quiet_days=days))
