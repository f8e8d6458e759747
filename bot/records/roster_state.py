"""What the database holds of the schools that a roster speaks of: read once, before anything is compared."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Row as SqlRow
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.records.roster_model import Roster
from bot.store.keeping import Forgotten, RosterImport
from bot.store.people import (
    Enrollment,
    Guardian,
    Guardianship,
    School,
    Section,
    Staff,
    Student,
    Teaching,
)
from bot.store.talk import ConsentEvent

Found = SqlRow[Any]


class WhichSchool(Exception):
    """It is not clear into which school the files go. The message says how to say so."""


@dataclass(slots=True)
class Stored:
    """Rows by the ways they are looked for. Identifiers are (school id, source id); ties are by row ids."""

    school_ids: dict[str, int] = field(default_factory=dict)
    """The files' schools that are here already."""
    staff: list[Found] = field(default_factory=list)
    sections: list[Found] = field(default_factory=list)
    students: list[Found] = field(default_factory=list)
    guardians: list[Found] = field(default_factory=list)
    enrolled: dict[tuple[int, int], bool] = field(default_factory=dict)
    """(student, section) → active."""
    taught: dict[tuple[int, int], bool] = field(default_factory=dict)
    """(staff, section) → lead."""
    related: dict[tuple[int, int], tuple[str | None, bool]] = field(default_factory=dict)
    """(guardian, student) → (relationship, active)."""
    forgotten: frozenset[bytes] = frozenset()
    returned: frozenset[bytes] = frozenset()
    """Numbers among the forgotten from which somebody has asked for texts again."""
    last_import: int | None = None


def stored(session: Session, roster: Roster, into: int | None) -> Stored:
    """Everything of the schools in `roster`. `into`: the school that a roster of one school goes into.

    Raises `WhichSchool` when `into` is given and the files hold several schools.
    """
    found = Stored(_schools(session, roster, into))
    found.last_import = session.scalar(select(func.max(RosterImport.id)))
    found.forgotten = frozenset(session.scalars(select(Forgotten.mark)))
    found.returned = frozenset(
        session.scalars(
            select(Forgotten.mark)
            .join(ConsentEvent, ConsentEvent.address_index == Forgotten.mark)
            .where(ConsentEvent.kind == "opt_in", ConsentEvent.at > Forgotten.at)
        )
    )
    found.staff = list(
        session.execute(
            select(
                Staff.id,
                Staff.school_id,
                Staff.source_id,
                Staff.name,
                Staff.email,
                Staff.role,
                Staff.active,
                Staff.left_at,
            )
        )
    )
    ids = list(found.school_ids.values())
    if not ids:
        return found
    found.sections = list(
        session.execute(
            select(
                Section.id, Section.school_id, Section.source_id, Section.name, Section.grade, Section.active
            ).where(Section.school_id.in_(ids))
        )
    )
    found.students = list(
        session.execute(
            select(
                Student.id, Student.school_id, Student.source_id, Student.given_name, Student.family_name,
                Student.grade, Student.active, Student.left_at,
            ).where(Student.school_id.in_(ids))
        )
    )  # fmt: skip
    found.guardians = list(
        session.execute(
            select(
                Guardian.id, Guardian.school_id, Guardian.source_id, Guardian.name, Guardian.phone, Guardian.phone_index,
                Guardian.language, Guardian.spoken_language, Guardian.active, Guardian.left_at,
            ).where(Guardian.school_id.in_(ids))
        )
    )  # fmt: skip
    _ties(session, found, ids)
    return found


def _schools(session: Session, roster: Roster, into: int | None) -> dict[str, int]:
    rows = session.execute(select(School.id, School.name, School.source_id, School.sample)).all()
    if into is not None:
        if len(roster.schools) > 1:
            names = ", ".join(sorted(school.name for school in roster.schools.values())[:5])
            raise WhichSchool(
                f"The files hold {len(roster.schools)} schools ({names} …): leave the school out, each goes where it belongs."
            )
        return dict.fromkeys(roster.schools, into)
    real = [row for row in rows if not row.sample]
    by_source = {row.source_id: row.id for row in rows if row.source_id is not None}
    by_name = {row.name.casefold(): row.id for row in real if row.source_id not in roster.schools}
    found = {}
    for source_id, school in roster.schools.items():
        known = by_source.get(source_id) or by_name.get(school.name.casefold())
        if known is None and not source_id and len(real) == 1:
            known = real[0].id
        if known is None and not source_id and len(real) > 1:
            names = ", ".join(sorted(row.name for row in real))
            raise WhichSchool(f"The file names no school. Say into which one it goes: {names}.")
        if known is not None:
            found[source_id] = known
    return found


def _ties(session: Session, found: Stored, ids: Iterable[int]) -> None:
    here = list(ids)
    found.enrolled = {
        (row.student_id, row.section_id): row.active
        for row in session.execute(
            select(Enrollment.student_id, Enrollment.section_id, Enrollment.active)
            .join(Student, Student.id == Enrollment.student_id)
            .where(Student.school_id.in_(here))
        )
    }
    found.taught = {
        (row.staff_id, row.section_id): row.lead
        for row in session.execute(
            select(Teaching.staff_id, Teaching.section_id, Teaching.lead)
            .join(Section, Section.id == Teaching.section_id)
            .where(Section.school_id.in_(here))
        )
    }
    found.related = {
        (row.guardian_id, row.student_id): (row.relationship, row.active)
        for row in session.execute(
            select(
                Guardianship.guardian_id,
                Guardianship.student_id,
                Guardianship.relationship,
                Guardianship.active,
            )
            .join(Student, Student.id == Guardianship.student_id)
            .where(Student.school_id.in_(here))
        )
    }
