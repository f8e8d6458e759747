"""Who there is: schools, staff, sections, students, guardians, and what staff looked at."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.base import Base
from bot.store.columns import Sealed

ROLES = ("teacher", "reviewer", "coordinator", "leader", "administrator", "district")


def one_of(column: str, values: tuple[str, ...]) -> CheckConstraint:
    """A CHECK that `column` holds one of `values`."""
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


class School(Base):
    """A school, with the time zone its families live in until they say otherwise.

    `source_id`, here and below, is the identifier of the school's own records (the roster): None for what was added
    by hand. `weekly_cap`: learning texts a family gets in any seven days; `announcements_a_week`: announcements the
    school may make in any seven days. The school day is local time; the promise clock runs by it, Monday to Friday.

    `critical_words`: what this school, beside `bot.language.critical.TOPICS`, lets no machine say alone;
    `uncritical_topics`: the topics of that list it does not hold back.
    `crisis_line` answers at any hour, by text too when `crisis_texts`; families get it and `emergency_number` when a
    text of theirs may mean danger.
    """

    __tablename__ = "school"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    time_zone: Mapped[str]
    source_id: Mapped[str | None] = mapped_column(unique=True)
    sample: Mapped[bool] = mapped_column(default=False)
    weekly_cap: Mapped[int] = mapped_column(default=3)
    announcements_a_week: Mapped[int] = mapped_column(default=2)
    day_begins: Mapped[time] = mapped_column(default=time(8, 0))
    day_ends: Mapped[time] = mapped_column(default=time(15, 0))
    uncritical_topics: Mapped[list[Any]] = mapped_column(default=list)
    critical_words: Mapped[list[Any]] = mapped_column(default=list)
    emergency_number: Mapped[str] = mapped_column(default="911")
    crisis_line: Mapped[str] = mapped_column(default="988")
    crisis_texts: Mapped[bool] = mapped_column(default=True)


class Staff(Base):
    """Somebody who works at a school. `session_epoch` grows when every session of theirs must end; `left_at` is set
    when the roster says so, not when an administrator closes an account. `reviews`: the languages whose translations
    they approve."""

    __tablename__ = "staff"
    __table_args__ = (one_of("role", ROLES),)
    id: Mapped[int] = mapped_column(primary_key=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"))
    name: Mapped[str]
    email: Mapped[str] = mapped_column(unique=True)
    role: Mapped[str]
    source_id: Mapped[str | None] = mapped_column(unique=True)
    language: Mapped[str] = mapped_column(default="en")
    reviews: Mapped[list[Any]] = mapped_column(default=list)
    password_hash: Mapped[str | None]
    active: Mapped[bool] = mapped_column(default=True)
    session_epoch: Mapped[int] = mapped_column(default=0)
    left_at: Mapped[datetime | None]


class Section(Base):
    """A class as it is taught: "Grade 3, Room 12", "Algebra I, period 2"."""

    __tablename__ = "section"
    id: Mapped[int] = mapped_column(primary_key=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"))
    name: Mapped[str]
    grade: Mapped[str | None]
    source_id: Mapped[str | None]
    active: Mapped[bool] = mapped_column(default=True)
    __table_args__ = (UniqueConstraint("school_id", "source_id"),)


class Teaching(Base):
    """A member of staff teaches a section, and so may read its families."""

    __tablename__ = "teaching"
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), primary_key=True)
    section_id: Mapped[int] = mapped_column(ForeignKey("section.id"), primary_key=True)
    lead: Mapped[bool] = mapped_column(default=True)


class Student(Base):
    """A child. `left_at`: since when it is no longer in the roster (retention counts from there)."""

    __tablename__ = "student"
    id: Mapped[int] = mapped_column(primary_key=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"))
    given_name: Mapped[str]
    family_name: Mapped[str]
    grade: Mapped[str | None]
    source_id: Mapped[str | None]
    active: Mapped[bool] = mapped_column(default=True)
    left_at: Mapped[datetime | None]
    __table_args__ = (UniqueConstraint("school_id", "source_id"),)


class Enrollment(Base):
    """A student is in a section."""

    __tablename__ = "enrollment"
    student_id: Mapped[int] = mapped_column(ForeignKey("student.id"), primary_key=True)
    section_id: Mapped[int] = mapped_column(ForeignKey("section.id"), primary_key=True)
    active: Mapped[bool] = mapped_column(default=True)
    __table_args__ = (Index(None, "section_id"),)


class Guardian(Base):
    """An adult who answers for a child. `language` is what the family reads; None until it is known: never assumed.

    `quiet_days` are the days to leave the family alone: "fri", "2026-03-20", "2026-03-01..2026-03-29".
    """

    __tablename__ = "guardian"
    id: Mapped[int] = mapped_column(primary_key=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"))
    name: Mapped[str]
    address_as: Mapped[str | None]
    phone: Mapped[Sealed | None]
    phone_index: Mapped[bytes | None]
    language: Mapped[str | None]
    spoken_language: Mapped[str | None]
    time_zone: Mapped[str | None]
    quiet_days: Mapped[list[Any]] = mapped_column(default=list)
    source_id: Mapped[str | None]
    active: Mapped[bool] = mapped_column(default=True)
    left_at: Mapped[datetime | None]
    __table_args__ = (
        UniqueConstraint("school_id", "phone_index"),
        UniqueConstraint("school_id", "source_id"),
        Index(None, "phone_index"),
    )


class Guardianship(Base):
    """A guardian belongs to a student."""

    __tablename__ = "guardianship"
    guardian_id: Mapped[int] = mapped_column(ForeignKey("guardian.id"), primary_key=True)
    student_id: Mapped[int] = mapped_column(ForeignKey("student.id"), primary_key=True)
    relationship: Mapped[str | None]
    active: Mapped[bool] = mapped_column(default=True)
    __table_args__ = (Index(None, "student_id"),)


class AuditEvent(Base):
    """Somebody looked at or changed a family's record. Only ever added to."""

    __tablename__ = "audit_event"
    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    action: Mapped[str]
    subject: Mapped[str]
    subject_id: Mapped[int | None]
    detail: Mapped[dict[str, Any]] = mapped_column(default=dict)
    __table_args__ = (Index(None, "subject", "subject_id"), Index(None, "staff_id", "at"))
