"""What the roster holds, in numbers."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import func, select

from bot.store.database import Database
from bot.store.people import Guardian, School, Section, Staff, Student


@dataclass(frozen=True, slots=True)
class SchoolCounts:
    """One school's active records."""

    school: str
    sample: bool
    sections: int
    staff: int
    students: int
    guardians: int
    without_number: int
    without_language: int

    def as_json(self) -> dict[str, Any]:
        """As the command prints it."""
        return asdict(self)


def roster_counts(db: Database) -> list[SchoolCounts]:
    """Every school, by name: four grouped counts, however many schools there are."""
    with db.reading() as session:
        schools = session.execute(select(School.id, School.name, School.sample).order_by(School.name)).all()
        plain = {
            model: dict(
                session.execute(
                    select(model.school_id, func.count()).where(model.active).group_by(model.school_id)
                ).all()
            )
            for model in (Section, Staff, Student)
        }
        guardians = {
            row.school_id: row
            for row in session.execute(
                select(
                    Guardian.school_id,
                    func.count().label("all"),
                    func.count(Guardian.phone_index).label("numbers"),
                    func.count(Guardian.language).label("languages"),
                )
                .where(Guardian.active)
                .group_by(Guardian.school_id)
            )
        }
    found = []
    for school in schools:
        row = guardians.get(school.id)
        total, numbers, languages = (row[1], row.numbers, row.languages) if row else (0, 0, 0)
        found.append(
            SchoolCounts(
                school.name,
                school.sample,
                plain[Section].get(school.id, 0),
                plain[Staff].get(school.id, 0),
                plain[Student].get(school.id, 0),
                total,
                total - numbers,
                total - languages,
            )
        )
    return found
