"""Whose words somebody may read, where a district has more than one school."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from bot.records import families
from bot.records.staff import member
from bot.store.columns import new_id
from bot.store.database import Database
from bot.store.people import Enrollment, Guardian, Guardianship, School, Section, Staff, Student, Teaching
from bot.store.talk import Conversation
from tests.conftest import Clock


class District:
    """Two schools; Ana is at the first, her brother Diego at the second, and the first school's roster named Carmen."""

    def __init__(self, db: Database, now: datetime, *, schools: int = 2) -> None:
        self.db = db
        self.staff: dict[str, int] = {}
        with db.writing() as session:
            self.schools = [self.school(session, number) for number in range(schools)]
            self.carmen = self.person(session, "Carmen Morales", self.schools[0])
            self.child(session, "Ana", self.schools[0], self.carmen)
            if schools > 1:
                self.child(session, "Diego", self.schools[1], self.carmen)
                self.child(
                    session, "Minh", self.schools[1], self.person(session, "Lan Tran", self.schools[1])
                )
            stranger = new_id()
            address = db.vault.seal(Conversation.address, stranger, "+16175550199")
            session.add(
                Conversation(
                    id=stranger, medium="sms", sender="+16175550100", address=address,
                    address_index=db.vault.index("+16175550199"), created_at=now, last_in_at=now,
                )
            )  # fmt: skip

    def school(self, session: Session, number: int) -> int:
        school = School(id=new_id(), name=f"School {number}", time_zone="America/New_York")
        session.add(school)
        session.flush()
        section = Section(id=new_id(), school_id=school.id, name="Room 1")
        session.add(section)
        for role in ("teacher", "coordinator", "administrator", "district"):
            person = Staff(
                id=new_id(),
                school_id=school.id,
                name=role,
                email=f"{role}.{number}@school.example",
                role=role,
            )
            session.add(person)
            session.flush()
            self.staff[f"{role} {number}"] = person.id
            if role == "teacher":
                session.add(Teaching(staff_id=person.id, section_id=section.id))
        self.section = section.id
        setattr(self, f"section_{school.id}", section.id)
        return school.id

    def person(self, session: Session, name: str, school: int) -> int:
        guardian = Guardian(id=new_id(), school_id=school, name=name)
        session.add(guardian)
        session.flush()
        return guardian.id

    def child(self, session: Session, name: str, school: int, guardian: int) -> None:
        student = Student(id=new_id(), school_id=school, given_name=name, family_name="Morales")
        session.add(student)
        session.flush()
        session.add(Guardianship(guardian_id=guardian, student_id=student.id))
        session.add(Enrollment(student_id=student.id, section_id=getattr(self, f"section_{school}")))

    def sees(self, who: str) -> set[str | None]:
        found = member(self.db, self.staff[who])
        assert found is not None
        return {line.name for line in families.everyone_else(self.db, found).lines}

    def strangers(self, who: str) -> int:
        found = member(self.db, self.staff[who])
        assert found is not None
        return len(families.strangers(self.db, found).lines)


def test_a_mother_with_a_child_at_each_of_two_schools_belongs_to_both(db: Database, clock: Clock) -> None:
    district = District(db, clock())
    for role in ("teacher", "coordinator", "administrator"):
        assert district.sees(f"{role} 0") == {"Carmen Morales"}
        assert district.sees(f"{role} 1") == {"Carmen Morales", "Lan Tran"}
    assert district.sees("district 0") == set()


def test_a_number_nobody_knows_is_for_administrators_where_there_are_several_schools(
    db: Database, clock: Clock
) -> None:
    district = District(db, clock())
    assert district.strangers("coordinator 0") == district.strangers("coordinator 1") == 0
    assert district.strangers("administrator 1") == 1
    assert district.strangers("teacher 0") == district.strangers("district 0") == 0


def test_where_there_is_one_school_its_coordinator_looks_after_it(db: Database, clock: Clock) -> None:
    district = District(db, clock(), schools=1)
    assert district.strangers("coordinator 0") == 1


def test_the_district_counts_across_its_schools(db: Database, clock: Clock) -> None:
    district = District(db, clock())
    found = member(db, district.staff["district 0"])
    assert found is not None
    assert families.counts(db, found).families == 2
