"""What a member of staff learned from a family this week: staff must grow as much as families do.

The words belong to the person who writes them: nobody else reads them, and the school sees only how many wrote.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, insert, select

from bot.insight.pulse import CS, HIGHEST, LOWEST
from bot.store.columns import new_id
from bot.store.database import Database
from bot.store.insight import StaffPulse, StaffReflection

LONGEST = 1000
PAGE = 10


@dataclass(frozen=True, slots=True)
class Reflection:
    """One week's thought, and what is to come of it."""

    learned: str
    next_step: str
    at: datetime


def write_down(db: Database, staff_id: int, learned: str, next_step: str, now: datetime) -> None:
    """Keep a reflection. Raises `ValueError` when there are no words."""
    if not learned.strip():
        raise ValueError("Write what you learned first; one sentence is enough.")
    row_id, seal = new_id(), db.vault.seal
    planned = next_step.strip()[:LONGEST]
    with db.connection() as tx:
        tx.execute(
            insert(StaffReflection),
            {
                "id": row_id, "staff_id": staff_id, "at": now,
                "learned": seal(StaffReflection.learned, row_id, learned.strip()[:LONGEST]),
                "next_step": seal(StaffReflection.next_step, row_id, planned) if planned else None,
            },
        )  # fmt: skip


def own(db: Database, staff_id: int, limit: int = PAGE) -> list[Reflection]:
    """A person's own reflections, newest first."""
    with db.reading() as session:
        rows = session.scalars(
            select(StaffReflection)
            .where(StaffReflection.staff_id == staff_id)
            .order_by(StaffReflection.at.desc(), StaffReflection.id.desc())
            .limit(limit)
        ).all()
    show = db.vault.show
    return [
        Reflection(
            show(StaffReflection.learned, row.id, row.learned),
            show(StaffReflection.next_step, row.id, row.next_step),
            row.at,
        )
        for row in rows
    ]


def last_pulse(db: Database, staff_id: int) -> tuple[dict[str, int], datetime | None]:
    """A person's own last answers to the pulse, and when they gave the last of them."""
    newest = (
        select(StaffPulse.question, func.max(StaffPulse.id).label("id"))
        .where(StaffPulse.staff_id == staff_id)
        .group_by(StaffPulse.question)
        .subquery()
    )
    with db.reading() as session:
        rows = session.execute(
            select(StaffPulse.question, StaffPulse.value, StaffPulse.at).join(
                newest, newest.c.id == StaffPulse.id
            )
        ).all()
    said = {
        row.question: int(row.value) for row in rows if row.question in CS and LOWEST <= row.value <= HIGHEST
    }
    return said, max((row.at for row in rows), default=None)
