"""A technician looks around on the first morning: the sample school is whole, invented, and there once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import func, select

from bot.records.sample import seed
from bot.store.database import Database
from bot.store.people import Guardian, Guardianship, School, Section, Staff, Student, Teaching
from bot.store.talk import ConsentEvent
from tests.conftest import Clock


def count(db: Database, table: type) -> int:
    with db.reading() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_the_school_says_that_it_is_invented_and_its_numbers_belong_to_nobody(
    db: Database, clock: Clock
) -> None:
    added = seed(db, clock())
    assert added is not None
    with db.reading() as session:
        school = session.scalars(select(School)).one()
        guardians = session.scalars(select(Guardian)).all()
        staff = session.scalars(select(Staff)).all()
    assert school.sample
    assert "invented" in school.name
    assert len(guardians) == added.guardians
    for guardian in guardians:
        assert guardian.phone is not None
        assert db.vault.open(Guardian.phone, guardian.id, guardian.phone).startswith("+1555555")
    assert all(person.email.endswith(".invalid") and person.password_hash is None for person in staff)


def test_the_families_are_as_varied_as_a_real_school(db: Database, clock: Clock) -> None:
    seed(db, clock())
    with db.reading() as session:
        languages = set(session.scalars(select(Guardian.language)))
        children = session.execute(
            select(Guardianship.guardian_id, func.count()).group_by(Guardianship.guardian_id)
        ).all()
        taught = set(session.scalars(select(Teaching.section_id)))
        sections = set(session.scalars(select(Section.id)))
        without_guardian = session.scalars(
            select(Student.id).where(Student.id.not_in(select(Guardianship.student_id)))
        ).all()
    assert {"pt", "es", "ar", "ht", "vi", "so", "en", None} <= languages
    assert max(number for _guardian, number in children) == 2
    assert taught == sections
    assert without_guardian == []


def test_the_mother_of_the_readme_can_be_looked_up_by_her_number(db: Database, clock: Clock) -> None:
    seed(db, clock())
    with db.reading() as session:
        mother = session.scalars(
            select(Guardian).where(Guardian.phone_index == db.vault.index("+15555550123"))
        ).one()
    assert mother.language == "pt"


def test_seeding_twice_changes_nothing(db: Database, clock: Clock) -> None:
    seed(db, clock())
    before = [count(db, table) for table in (School, Staff, Guardian, Student, ConsentEvent)]
    assert seed(db, clock()) is None
    assert [count(db, table) for table in (School, Staff, Guardian, Student, ConsentEvent)] == before


def test_two_machines_that_start_at_once_end_with_one_school(db: Database, clock: Clock) -> None:
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda _: seed(db, clock()), range(4)))
    assert sum(result is not None for result in results) == 1
    assert count(db, School) == 1
