"""Who works here: signing in, what a role may see, when a session ends.

An unknown address costs the same time as a wrong password, so that the
sign-in page does not tell who works at the school.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from bot.records import passwords
from bot.records.passwords import hash_password
from bot.store.database import Database
from bot.store.people import School, Section, Staff, Teaching

__all__ = ["Member", "hash_password", "member", "sample_members", "sections_of", "sign_in"]

FAMILY_ROLES = frozenset({"teacher", "coordinator", "administrator"})
"""Roles that read families' words: a teacher those of her own sections, the others those of their school."""


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody who works at a school, as far as the pages need to know. `epoch` grows when sessions must end."""

    id: int
    school_id: int
    name: str
    role: str
    language: str
    epoch: int
    school_name: str
    time_zone: str
    sample: bool
    """Whether the school is the invented one."""
    reviews: tuple[str, ...]
    """The languages whose translations this person approves."""

    @property
    def sees_whole_school(self) -> bool:
        """Whether the families of every section (and senders nobody knows) are this person's to see."""
        return self.role in ("coordinator", "administrator")

    @property
    def reads_families(self) -> bool:
        """Whether this person reads families' words at all."""
        return self.role in FAMILY_ROLES


_MEMBER = (
    select(
        Staff.id,
        Staff.school_id,
        Staff.name,
        Staff.role,
        Staff.language,
        Staff.session_epoch,
        School.name.label("school_name"),
        School.time_zone,
        School.sample,
        Staff.reviews,
    )
    .join(School, School.id == Staff.school_id)
    .where(Staff.active)
)


def member(db: Database, staff_id: int) -> Member | None:
    """The active member of staff with this id."""
    with db.reading() as session:
        row = session.execute(_MEMBER.where(Staff.id == staff_id)).one_or_none()
    return _member(row) if row else None


def sign_in(db: Database, email: str, password: str) -> Member | None:
    """The member of staff whose password this is; None when the pair does not fit, whichever half is wrong."""
    address = "" if "\0" in email else email.strip().lower()  # PostgreSQL refuses a NUL even in a question
    with db.reading() as session:
        row = session.execute(
            select(Staff.id, Staff.password_hash).where(Staff.active, func.lower(Staff.email) == address)
        ).one_or_none()
    right = passwords.fits(row.password_hash if row else None, password)
    return member(db, row.id) if row and right else None


def sample_members(db: Database) -> list[Member]:
    """The invented staff of the sample school, for its doors that need no password."""
    with db.reading() as session:
        rows = session.execute(_MEMBER.where(School.sample).order_by(Staff.id).limit(20)).all()
    return [_member(row) for row in rows]


def sections_of(db: Database, who: Member) -> list[tuple[int, str]]:
    """The sections whose families this person looks after: id and name, by name."""
    query = select(Section.id, Section.name).where(Section.active, Section.school_id == who.school_id)
    if not who.sees_whole_school:
        query = query.join(Teaching, Teaching.section_id == Section.id).where(Teaching.staff_id == who.id)
    with db.reading() as session:
        return [(row.id, row.name) for row in session.execute(query.order_by(Section.name, Section.id))]


def grades_of(db: Database, who: Member) -> list[str]:
    """The grades of the school's classes, for those who see the whole school."""
    if not who.sees_whole_school:
        return []
    query = (
        select(Section.grade)
        .where(Section.active, Section.school_id == who.school_id, Section.grade.is_not(None))
        .distinct()
        .order_by(Section.grade)
    )
    with db.reading() as session:
        return [str(grade) for grade in session.scalars(query)]


def _member(row: Any) -> Member:
    """A row of `_MEMBER`. A reviewer of whom nobody said more reviews the language of her pages."""
    own = (row.language,) if row.role == "reviewer" and row.language != "en" else ()
    return Member(
        row.id,
        row.school_id,
        row.name,
        row.role,
        row.language,
        row.session_epoch,
        row.school_name,
        row.time_zone,
        row.sample,
        tuple(map(str, row.reviews)) or own,
    )
