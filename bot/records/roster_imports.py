"""The imports of a roster there have been, as an administrator sees them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from bot.records.staff import Member
from bot.store.database import Database
from bot.store.keeping import RosterImport
from bot.store.people import Staff


@dataclass(frozen=True, slots=True)
class Import:
    """One import. `undone_at`: it was taken back."""

    id: int
    at: datetime
    who: str | None
    source: str
    counts: dict[str, Any]
    undone_at: datetime | None


def imports(db: Database, who: Member, limit: int = 20) -> list[Import]:
    """The newest imports by people of this person's school, newest first."""
    with db.reading() as session:
        rows = session.execute(
            select(RosterImport, Staff.name)
            .join(Staff, Staff.id == RosterImport.staff_id)
            .where(Staff.school_id == who.school_id)
            .order_by(RosterImport.at.desc(), RosterImport.id.desc())
            .limit(limit)
        ).all()
    return [Import(row.id, row.at, name, row.source, dict(row.counts), row.undone_at) for row, name in rows]


def may_undo(db: Database, who: Member) -> bool:
    """Whether the newest import of all is one of this person's school, and still stands."""
    with db.reading() as session:
        newest = session.execute(
            select(RosterImport.undone_at, Staff.school_id)
            .outerjoin(Staff, Staff.id == RosterImport.staff_id)
            .order_by(RosterImport.id.desc())
            .limit(1)
        ).one_or_none()
    return newest is not None and newest.undone_at is None and newest.school_id == who.school_id
