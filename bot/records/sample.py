"""The sample school: an invented school with invented people, so that the first five minutes show a whole day.

Nobody here exists. Every phone number is of the form +1 555 555 xxxx, which belongs to nobody; every address ends in
.invalid. The families speak eight languages, one family's language is not known yet, one guardian has two children,
and two children have two guardians who read different languages: the cases a real school has on its first morning.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from bot.store.columns import new_id
from bot.store.database import Database
from bot.store.learning import LearningGoal
from bot.store.people import Enrollment, Guardian, Guardianship, School, Section, Staff, Student, Teaching
from bot.store.talk import ConsentEvent

SCHOOL = "Puente Sample School (invented)"
TIME_ZONE = "America/New_York"
_ONE_AT_A_TIME = 7246839
"""PostgreSQL advisory lock: two machines that start for the first time end with one school."""


@dataclass(frozen=True, slots=True)
class Seeded:
    """What was added."""

    school: str
    sections: int
    staff: int
    students: int
    guardians: int


@dataclass(frozen=True, slots=True)
class _Family:
    guardian: str
    address_as: str
    number: str
    reads: str | None
    speaks: str | None
    children: tuple[tuple[str, str], ...]
    """(child's source id, relationship)"""


_SECTIONS = {"room-12": ("Grade 3, Room 12", "3"), "room-8": ("Grade 5, Room 8", "5")}

_STAFF = (
    # name, address, role, languages read, sections taught
    ("Ms. Rachel Bennett", "rachel.bennett@sample.invalid", "teacher", "en", ("room-12",)),
    ("Tomás Aguilar", "tomas.aguilar@sample.invalid", "reviewer", "es", ()),
    ("Dana Whitfield", "dana.whitfield@sample.invalid", "coordinator", "en", ()),
    ("Mr. Samuel Osei", "samuel.osei@sample.invalid", "teacher", "en", ("room-8",)),
    ("Dr. Amina Rahman", "amina.rahman@sample.invalid", "leader", "en", ()),
    ("Grace Lindqvist", "grace.lindqvist@sample.invalid", "administrator", "en", ()),
)

_STUDENTS = {
    "lucas": ("Lucas", "Ferreira", "room-12"),
    "ana": ("Ana", "Morales", "room-12"),
    "diego": ("Diego", "Morales", "room-8"),
    "yousef": ("Yousef", "Haddad", "room-12"),
    "roseline": ("Roseline", "Pierre", "room-12"),
    "minh": ("Minh", "Tran", "room-12"),
    "hodan": ("Hodan", "Warsame", "room-8"),
    "emma": ("Emma", "Carter", "room-12"),
    "beatriz": ("Beatriz", "Andrade", "room-8"),
    "mateo": ("Mateo", "Xol", "room-8"),
}

_FAMILIES = (
    _Family("Juliana Ferreira", "Dona Juliana", "+15555550123", "pt", "pt", (("lucas", "mother"),)),
    _Family(
        "Carmen Morales",
        "Señora Morales",
        "+15555550131",
        "es",
        "es",
        (("ana", "mother"), ("diego", "mother")),
    ),
    _Family("Rami Haddad", "Mr. Haddad", "+15555550132", "ar", "ar", (("yousef", "father"),)),
    _Family("Mirlande Pierre", "Madan Pierre", "+15555550133", "ht", "ht", (("roseline", "mother"),)),
    _Family("Tran Thi Lan", "Chị Lan", "+15555550134", "vi", "vi", (("minh", "mother"),)),
    _Family("Faduma Warsame", "Faduma", "+15555550135", "so", "so", (("hodan", "aunt"),)),
    _Family("James Carter", "Mr. Carter", "+15555550136", "en", "en", (("emma", "father"),)),
    _Family("Paulo Andrade", "Seu Paulo", "+15555550137", "pt", "pt", (("beatriz", "grandfather"),)),
    # From Guatemala, and not asked yet: Spanish would be a guess.
    _Family("Elena Xol", "Elena", "+15555550138", None, None, (("mateo", "mother"),)),
    _Family("Kim Carter", "Ms. Carter", "+15555550139", "vi", "en", (("emma", "stepmother"),)),
    _Family("Héctor Morales", "Don Héctor", "+15555550140", "en", "es", (("diego", "father"),)),
)

_GOALS = (
    ("reading.daily_20min", "Reads or is read to for 20 minutes on most days"),
    ("math.facts", "Knows multiplication facts to 10 by heart"),
    ("writing.stories", "Tells and writes a story with a beginning, a middle and an end"),
)


def seed(db: Database, now: datetime) -> Seeded | None:
    """Add the sample school in one transaction. None, and nothing changed, when there is one already.

    Staff get no password: the sample's doors are open on this machine only, and only while SAMPLE_SCHOOL is true.
    """
    with db.writing() as session:
        if not db.is_sqlite:
            session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ONE_AT_A_TIME})
        if session.scalar(select(School.id).where(School.sample).limit(1)) is not None:
            return None
        school = School(id=new_id(), name=SCHOOL, time_zone=TIME_ZONE, sample=True)
        session.add(school)
        session.flush()
        sections = _sections(session, school)
        _staff(session, school, sections)
        students = _students(session, school, sections)
        for number, family in enumerate(_FAMILIES, start=1):
            _guardian(db, session, school, students, family, number, now)
        for code, title in _GOALS:
            session.add(LearningGoal(id=new_id(), school_id=school.id, code=code, title=title))
    return Seeded(SCHOOL, len(_SECTIONS), len(_STAFF), len(_STUDENTS), len(_FAMILIES))


def _sections(session: Session, school: School) -> dict[str, int]:
    ids = {}
    for source, (name, grade) in _SECTIONS.items():
        ids[source] = new_id()
        session.add(
            Section(id=ids[source], school_id=school.id, name=name, grade=grade, source_id=f"sample-{source}")
        )
    session.flush()
    return ids


def _staff(session: Session, school: School, sections: dict[str, int]) -> None:
    for name, email, role, language, taught in _STAFF:
        person = Staff(id=new_id(), school_id=school.id, name=name, email=email, role=role, language=language)
        session.add(person)
        session.flush()
        session.add_all(Teaching(staff_id=person.id, section_id=sections[section]) for section in taught)


def _students(session: Session, school: School, sections: dict[str, int]) -> dict[str, int]:
    ids = {}
    for source, (given, family, section) in _STUDENTS.items():
        ids[source] = new_id()
        session.add(
            Student(
                id=ids[source],
                school_id=school.id,
                given_name=given,
                family_name=family,
                grade=_SECTIONS[section][1],
                source_id=f"sample-{source}",
            )
        )
        session.flush()
        session.add(Enrollment(student_id=ids[source], section_id=sections[section]))
    return ids


def _guardian(
    db: Database,
    session: Session,
    school: School,
    students: dict[str, int],
    family: _Family,
    number: int,
    now: datetime,
) -> None:
    row_id = new_id()
    index = db.vault.index(family.number)
    session.add(
        Guardian(
            id=row_id,
            school_id=school.id,
            name=family.guardian,
            address_as=family.address_as,
            phone=db.vault.seal(Guardian.phone, row_id, family.number),
            phone_index=index,
            language=family.reads,
            spoken_language=family.speaks,
            source_id=f"sample-guardian-{number}",
        )
    )
    session.flush()
    for child, relationship in family.children:
        session.add(Guardianship(guardian_id=row_id, student_id=students[child], relationship=relationship))
    session.add(
        ConsentEvent(
            id=new_id(),
            address_index=index,
            guardian_id=row_id,
            at=now,
            kind="opt_in",
            basis="sample school: invented",
        )
    )
