"""Schools and the people who work there, as whoever runs the server adds them, before anybody can sign in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.store.columns import new_id
from bot.store.database import Database
from bot.store.people import AuditEvent, School, Staff


@dataclass(frozen=True, slots=True)
class SchoolRow:
    """A school, as the command lists it."""

    id: int
    name: str
    time_zone: str
    sample: bool


@dataclass(frozen=True, slots=True)
class StaffRow:
    """Somebody who works at a school, as the command lists them."""

    email: str
    role: str
    name: str
    school: str
    active: bool


def schools(db: Database) -> list[SchoolRow]:
    """Every school, by name."""
    with db.reading() as session:
        rows = session.execute(
            select(School.id, School.name, School.time_zone, School.sample).order_by(School.name)
        )
        return [SchoolRow(*row) for row in rows]


def add_school(db: Database, name: str, time_zone: str, now: datetime) -> bool:
    """Add a school; False when one has this name."""
    with db.writing() as session:
        if session.scalar(select(School.id).where(School.name == name)) is not None:
            return False
        row_id = new_id()
        session.add(School(id=row_id, name=name, time_zone=time_zone))
        session.flush()
        _note(session, now, "school_added", "school", row_id)
        return True


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How a school works with its families: learning texts a family gets in any seven days, announcements the school
    may make in them, and its day (local time; the promise clock runs by it)."""

    weekly_cap: int
    announcements_a_week: int
    day_begins: time
    day_ends: time


def rhythm_of(db: Database, school_id: int) -> Rhythm:
    """The rhythm of a school."""
    with db.reading() as session:
        school = session.get_one(School, school_id)
        return Rhythm(school.weekly_cap, school.announcements_a_week, school.day_begins, school.day_ends)


def set_rhythm(
    db: Database, school_id: int, rhythm: Rhythm, now: datetime, staff_id: int | None = None
) -> None:
    """Change the rhythm of a school. Raises ValueError saying what cannot be right."""
    if not 0 <= rhythm.weekly_cap <= 7:
        raise ValueError("Learning texts a week: 0 to 7. About three keep families; more lose them.")
    if not 0 <= rhythm.announcements_a_week <= 7:
        raise ValueError("Announcements a week: 0 to 7.")
    if not rhythm.day_begins < rhythm.day_ends:
        raise ValueError("The school day must end after it begins.")
    with db.writing() as session:
        school = session.get_one(School, school_id)
        school.weekly_cap = rhythm.weekly_cap
        school.announcements_a_week = rhythm.announcements_a_week
        school.day_begins, school.day_ends = rhythm.day_begins, rhythm.day_ends
        session.add(
            AuditEvent(
                id=new_id(), at=now, staff_id=staff_id, action="rhythm_changed", subject="school",
                subject_id=school_id, detail={"by": "command" if staff_id is None else "page"},
            )
        )  # fmt: skip


def staff_rows(db: Database) -> list[StaffRow]:
    """Everybody, by school and name."""
    with db.reading() as session:
        rows = session.execute(
            select(Staff.email, Staff.role, Staff.name, School.name, Staff.active)
            .join(School, School.id == Staff.school_id)
            .order_by(School.name, Staff.name)
        )
        return [StaffRow(*row) for row in rows]


def add_staff(
    db: Database,
    school_id: int,
    name: str,
    email: str,
    role: str,
    language: str,
    password_hash: str,
    now: datetime,
) -> bool:
    """Add somebody; False when the address is taken. Addresses that differ in case only are one address."""
    with db.writing() as session:
        if _by_email(session, email) is not None:
            return False
        person = Staff(
            id=new_id(),
            school_id=school_id,
            name=name,
            email=email,
            role=role,
            language=language,
            password_hash=password_hash,
        )
        session.add(person)
        session.flush()
        _note(session, now, "staff_added", "staff", person.id)
        return True


def set_password(db: Database, email: str, password_hash: str, now: datetime) -> bool:
    """Set a password and end every session of that person; False when nobody has the address."""
    with db.writing() as session:
        person = _by_email(session, email)
        if person is None:
            return False
        person.password_hash = password_hash
        person.session_epoch += 1
        _note(session, now, "password_set", "staff", person.id)
        return True


def _by_email(session: Session, email: str) -> Staff | None:
    return session.scalars(select(Staff).where(func.lower(Staff.email) == email.lower())).first()


def _note(session: Session, now: datetime, action: str, subject: str, subject_id: int) -> None:
    """The command has no member of staff behind it: whoever runs the server did this."""
    session.add(
        AuditEvent(
            id=new_id(),
            at=now,
            staff_id=None,
            action=action,
            subject=subject,
            subject_id=subject_id,
            detail={"by": "command"},
        )
    )
