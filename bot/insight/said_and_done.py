"""You said, we did: each round of input stays visible until the school has said what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, tuple_

from bot.store.columns import new_id
from bot.store.database import Database
from bot.store.insight import SaidAndDone
from bot.store.people import Staff

PAGE = 30


@dataclass(frozen=True, slots=True)
class Round:
    """What families said, who looks after it, what was done. `did` None: it is open."""

    id: int
    said: str
    did: str | None
    owner: str | None
    opened_at: datetime
    closed_at: datetime | None


def open_round(
    db: Database,
    school_id: int,
    said: str,
    now: datetime,
    owner_id: int | None = None,
    section_id: int | None = None,
) -> int:
    """Write down what several families said. Raises `ValueError` when there are no words."""
    if not said.strip():
        raise ValueError("Write what families said first.")
    with db.writing() as session:
        row = SaidAndDone(
            id=new_id(),
            school_id=school_id,
            section_id=section_id,
            said=said.strip(),
            owner_id=owner_id,
            opened_at=now,
        )
        session.add(row)
        return row.id


def close_round(db: Database, school_id: int, round_id: int, did: str, now: datetime) -> bool:
    """Say what was done; False when it is not open any more, or not this school's."""
    if not did.strip():
        raise ValueError("Write what the school did first.")
    with db.writing() as session:
        row = session.get(SaidAndDone, round_id)
        if row is None or row.school_id != school_id or row.closed_at is not None:
            return False
        row.did, row.closed_at = did.strip(), now
        return True


def ledger(
    db: Database, school_id: int, after: tuple[datetime, int] | None = None, limit: int = PAGE
) -> tuple[list[Round], tuple[datetime, int] | None]:
    """The rounds, newest first, a page at a time by key; and where the next page begins."""
    query = (
        select(SaidAndDone, Staff.name)
        .outerjoin(Staff, Staff.id == SaidAndDone.owner_id)
        .where(SaidAndDone.school_id == school_id)
        .order_by(SaidAndDone.opened_at.desc(), SaidAndDone.id.desc())
        .limit(limit + 1)
    )
    if after is not None:
        query = query.where(tuple_(SaidAndDone.opened_at, SaidAndDone.id) < tuple_(*after))
    with db.reading() as session:
        rows = session.execute(query).all()
    shown = [
        Round(row.id, row.said, row.did, name, row.opened_at, row.closed_at) for row, name in rows[:limit]
    ]
    return shown, (shown[-1].opened_at, shown[-1].id) if len(rows) > limit else None
