"""Whom a prompt is for: sections, grades, languages, families not heard from; or the whole school."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from bot.language import codes
from bot.outreach.reach import Reach
from bot.store.people import Enrollment, Guardian, Guardianship, School, Section, Student


class NoAudience(ValueError):
    """Nobody is meant, or somebody who is not there; the message says what to write."""


@dataclass(frozen=True, slots=True)
class Audience:
    """All conditions must hold; within one, any of its values. `everyone` says that no condition is meant."""

    sections: tuple[int, ...] = ()
    grades: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    not_heard_days: int | None = None
    """Only families who have not written for this many days."""
    everyone: bool = False

    def to_json(self) -> dict[str, Any]:
        """As it is kept."""
        return {
            "sections": list(self.sections),
            "grades": list(self.grades),
            "languages": list(self.languages),
            "not_heard_days": self.not_heard_days,
            "everyone": self.everyone,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Audience:
        """Reads what `to_json` gave."""
        return cls(
            tuple(data["sections"]),
            tuple(data["grades"]),
            tuple(data["languages"]),
            data["not_heard_days"],
            data["everyone"],
        )

    def checked(self, session: Session, school_id: int) -> Audience:
        """The same, with languages in their one spelling. Raises `NoAudience` for what this school has not, and when
        nothing narrows the audience and `everyone` was not said."""
        if not (self.sections or self.grades or self.languages or self.not_heard_days or self.everyone):
            raise NoAudience("Say whom it is for: sections, grades, languages, not_heard_days or everyone.")
        if self.not_heard_days is not None and self.not_heard_days < 1:
            raise NoAudience("not_heard_days must be a number of days, 1 or more.")
        if session.get(School, school_id) is None:
            raise NoAudience("There is no such school.")
        there = set(
            session.scalars(
                select(Section.id).where(
                    Section.id.in_(self.sections), Section.school_id == school_id, Section.active
                )
            )
        )
        missing = [section for section in self.sections if section not in there]
        if missing:
            raise NoAudience(f"This school has no section with the id {missing[0]}.")
        try:
            languages = tuple(codes.normalise(one) for one in self.languages)
        except codes.UnknownLanguage as error:
            raise NoAudience(str(error)) from None
        return Audience(self.sections, self.grades, languages, self.not_heard_days, self.everyone)

    def wants(self, reach: Reach, due: datetime) -> bool:
        """Is this guardian meant, as far as language and silence go?"""
        if self.languages and (
            reach.language is None
            or not any(codes.same_for_readers(reach.language, one) for one in self.languages)
        ):
            return False
        if self.not_heard_days is None:
            return True
        heard = max((talk.last_in_at for talk in reach.talks if talk.last_in_at), default=None)
        return heard is None or heard < due - timedelta(days=self.not_heard_days)


@dataclass(frozen=True, slots=True)
class Lead:
    """A child of the audience, and the section by which it belongs to it."""

    student_id: int
    section_id: int | None


def leads(session: Session, school_id: int, audience: Audience) -> dict[int, list[Lead]]:
    """The guardians of the audience's children on today's roster, with these children, in a steady order."""
    query = (
        select(Guardian.id, Student.id, Section.id)
        .join(Guardianship, Guardianship.guardian_id == Guardian.id)
        .join(Student, Student.id == Guardianship.student_id)
        .outerjoin(Enrollment, (Enrollment.student_id == Student.id) & Enrollment.active)
        .outerjoin(Section, (Section.id == Enrollment.section_id) & Section.active)
        .where(Guardian.school_id == school_id, Guardian.active, Guardianship.active, Student.active)
        .order_by(Guardian.id, Student.id, Section.id)
    )
    if audience.sections:
        query = query.where(Section.id.in_(audience.sections))
    if audience.grades:
        query = query.where(or_(Student.grade.in_(audience.grades), Section.grade.in_(audience.grades)))
    found: dict[int, list[Lead]] = defaultdict(list)
    for guardian, student, section in session.execute(query):
        if all(lead.student_id != student for lead in found[guardian]):
            found[guardian].append(Lead(student, section))
    return found
