"""The people who work at a school, as an administrator looks after them: inviting, roles, sections, leaving.

An invitation is a row of staff without a password and a link that names the row and its session epoch. Setting the
password makes the epoch grow, so a link works once; ending somebody's sessions makes their old links worthless too.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from bot.records.passwords import fits, hash_password, weakness
from bot.records.staff import Member
from bot.store.columns import new_id
from bot.store.database import Database
from bot.store.people import ROLES, AuditEvent, School, Section, Staff, Teaching

_LONGEST = 200


class NotPossible(Exception):
    """Nothing was changed. The message says why, for the person at the page."""


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody who works at the school. `invited`: has no password yet."""

    id: int
    name: str
    email: str
    role: str
    language: str
    active: bool
    invited: bool
    epoch: int
    sections: tuple[tuple[int, str], ...]
    reviews: tuple[str, ...]


def colleagues(db: Database, who: Member) -> list[Colleague]:
    """Everybody of the school, those who left last."""
    with db.reading() as session:
        return _rows(session, Staff.school_id == who.school_id)


def colleague(db: Database, who: Member, staff_id: int) -> Colleague | None:
    """One of them."""
    with db.reading() as session:
        found = _rows(session, (Staff.school_id == who.school_id) & (Staff.id == staff_id))
    return found[0] if found else None


def invite(
    db: Database, who: Member, name: str, email: str, role: str, sections: Collection[int], now: datetime
) -> int:
    """Add somebody who has no password yet; returns their id. Raises `NotPossible`."""
    name, email = _clean(name), _clean(email)
    if not name:
        raise NotPossible("Please write the person’s name, as families and colleagues know it.")
    if not 3 <= len(email) <= _LONGEST or "@" not in email.strip("@"):
        raise NotPossible("Please write the e-mail address the person will sign in with.")
    with db.writing() as session:
        if session.scalar(select(Staff.id).where(func.lower(Staff.email) == email.lower())) is not None:
            raise NotPossible("Somebody signs in with this address already.")
        person = Staff(
            id=new_id(),
            school_id=who.school_id,
            name=name,
            email=email,
            role=_role(role),
            language=who.language,
        )
        session.add(person)
        session.flush()
        _teach(session, who, person.id, sections)
        _note(session, who, now, "invited", person.id, role=role)
    return person.id


def change(
    db: Database,
    who: Member,
    staff_id: int,
    *,
    name: str,
    role: str,
    active: bool,
    sections: Collection[int],
    reviews: Collection[str],
    now: datetime,
) -> None:
    """Change somebody's name, role, sections and languages, or close their account (every session ends). Raises `NotPossible`."""
    with db.writing() as session:
        person = session.scalars(
            select(Staff).where(Staff.id == staff_id, Staff.school_id == who.school_id)
        ).one_or_none()
        if person is None:
            raise NotPossible("There is nobody like that at this school.")
        if person.id == who.id and (role != person.role or not active):
            raise NotPossible("You cannot take away your own role. Ask another administrator.")
        if not _clean(name):
            raise NotPossible("Please write the person’s name, as families and colleagues know it.")
        if (not active and person.active) or role != person.role:
            person.session_epoch += 1  # what somebody saw in another role is not left open on a screen
        before = person.role, person.active
        person.name, person.role, person.active = _clean(name), _role(role), active
        person.reviews = sorted(set(reviews))
        _teach(session, who, person.id, sections)
        _note(session, who, now, "staff_changed", person.id, before=list(before), after=[role, active])


def end_sessions(db: Database, who: Member, staff_id: int, now: datetime) -> int | None:
    """End every session of somebody and make their old links worthless; returns the new epoch, None for nobody."""
    with db.writing() as session:
        return end_sessions_in(session, who, staff_id, now, "sessions_ended")


def end_sessions_in(session: Session, who: Member, staff_id: int, now: datetime, action: str) -> int | None:
    """As `end_sessions`, in the transaction that does what the log calls `action`."""
    person = session.scalars(
        select(Staff).where(Staff.id == staff_id, Staff.school_id == who.school_id)
    ).one_or_none()
    if person is None:
        return None
    person.session_epoch += 1
    _note(session, who, now, action, person.id)
    return person.session_epoch


def invited(db: Database, staff_id: int, epoch: int) -> Colleague | None:
    """Who a link was made for; None when it was used, or is worth nothing any more."""
    with db.reading() as session:
        found = _rows(session, (Staff.id == staff_id) & (Staff.session_epoch == epoch) & Staff.active)
    return found[0] if found else None


def choose_password(db: Database, staff_id: int, epoch: int, password: str, now: datetime) -> None:
    """Set the password of the person a link was made for, and end every session. Raises `NotPossible`."""
    with db.reading() as session:
        about = session.execute(
            select(Staff.name, Staff.email, School.name)
            .join(School, School.id == Staff.school_id)
            .where(Staff.id == staff_id)
        ).one_or_none()
    weak = weakness(password, about or ())
    if weak:
        raise NotPossible(weak)
    hashed = hash_password(password)  # outside the transaction: it takes a while on purpose
    with db.writing() as session:
        person = session.get(Staff, staff_id)
        if person is None or not person.active or person.session_epoch != epoch:
            raise NotPossible("This link has been used, or a newer one was made. Ask for another.")
        person.password_hash = hashed
        person.session_epoch += 1
        session.add(
            AuditEvent(
                id=new_id(),
                at=now,
                staff_id=staff_id,
                action="password_chosen",
                subject="staff",
                subject_id=staff_id,
            )
        )


def change_own_password(db: Database, who: Member, present: str, password: str, now: datetime) -> None:
    """Choose another password, knowing the present one; every session of this person ends. Raises `NotPossible`."""
    with db.reading() as session:
        kept = session.scalar(select(Staff.password_hash).where(Staff.id == who.id))
    if not fits(kept, present):
        raise NotPossible("That is not your present password.")
    choose_password(db, who.id, who.epoch, password, now)


def _rows(session: Session, condition: Any) -> list[Colleague]:
    people = session.scalars(
        select(Staff).where(condition).order_by(Staff.active.desc(), Staff.name, Staff.id)
    ).all()
    taught: dict[int, list[tuple[int, str]]] = defaultdict(list)
    for staff_id, section_id, name in session.execute(
        select(Teaching.staff_id, Section.id, Section.name)
        .join(Section, Section.id == Teaching.section_id)
        .where(Teaching.staff_id.in_([person.id for person in people]), Section.active)
        .order_by(Section.name)
    ):
        taught[staff_id].append((section_id, name))
    return [
        Colleague(
            person.id,
            person.name,
            person.email,
            person.role,
            person.language,
            person.active,
            person.password_hash is None,
            person.session_epoch,
            tuple(taught[person.id]),
            tuple(map(str, person.reviews)),
        )
        for person in people
    ]


def _teach(session: Session, who: Member, staff_id: int, sections: Collection[int]) -> None:
    """Make `sections` the ones this person teaches. Sections of another school are left out."""
    wanted = set(
        session.scalars(
            select(Section.id).where(Section.id.in_(list(sections)), Section.school_id == who.school_id)
        )
    )
    there = set(session.scalars(select(Teaching.section_id).where(Teaching.staff_id == staff_id)))
    if there - wanted:
        session.execute(
            delete(Teaching).where(Teaching.staff_id == staff_id, Teaching.section_id.in_(there - wanted))
        )
    session.add_all(Teaching(staff_id=staff_id, section_id=section) for section in wanted - there)


def _note(session: Session, who: Member, now: datetime, action: str, subject_id: int, **detail: Any) -> None:
    session.add(
        AuditEvent(
            id=new_id(),
            at=now,
            staff_id=who.id,
            action=action,
            subject="staff",
            subject_id=subject_id,
            detail=detail,
        )
    )


def _role(role: str) -> str:
    if role not in ROLES:
        raise NotPossible("Please choose one of the roles.")
    return role


def _clean(text: str) -> str:
    return " ".join(text.replace("\0", "").split())[:_LONGEST]
