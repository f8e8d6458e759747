"""Whose words somebody may read: the one place that turns a role into a condition on rows.

A teacher reads the families of the sections she teaches. A coordinator or administrator reads those with a child at the
school. A family with children at two schools is a family of both, whichever school's roster named the guardian first.

A number that belongs to nobody belongs to no school either. The sample school's staff read those of the simulator;
where there is one school, its coordinators and administrators read the others; where there are several, administrators
only, until a family's roster or an answer tells whose it is. Everybody else reads none.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, Select, and_, exists, false, func, or_, select

from bot.channels.base import Medium
from bot.records.staff import Member
from bot.store.people import Enrollment, Guardian, Guardianship, School, Section, Student, Teaching
from bot.store.signin import StaffPhone
from bot.store.talk import Conversation


def guardians_taught_by(staff_id: int, school_id: int) -> Select[int]:
    """The ids of the guardians of the students in the sections of this school that this person teaches."""
    return (
        select(Guardianship.guardian_id)
        .join(Enrollment, Enrollment.student_id == Guardianship.student_id)
        .join(Teaching, Teaching.section_id == Enrollment.section_id)
        .join(Section, Section.id == Teaching.section_id)
        .where(
            Teaching.staff_id == staff_id,
            Section.school_id == school_id,
            Enrollment.active,
            Guardianship.active,
            Section.active,
        )
    )


def at_school(school_id: int) -> ColumnElement[bool]:
    """The condition on `guardian` rows of a school: named by its roster, or with a child there."""
    child_there = (
        exists()
        .where(
            Guardianship.guardian_id == Guardian.id,
            Guardianship.active,
            Student.id == Guardianship.student_id,
            Student.school_id == school_id,
            Student.active,
        )
        .correlate(Guardian)
    )
    return or_(Guardian.school_id == school_id, child_there)


def visible_guardians(who: Member) -> ColumnElement[bool]:
    """The condition on `guardian` rows this person may read."""
    if not who.reads_families:
        return false()
    if who.sees_whole_school:
        return at_school(who.school_id)
    return Guardian.id.in_(guardians_taught_by(who.id, who.school_id))


def strangers_of(who: Member) -> ColumnElement[bool]:
    """The condition on `conversation` rows with numbers that belong to nobody and fall to this person's school."""
    own_phone = exists().where(
        StaffPhone.phone_index == Conversation.address_index, StaffPhone.confirmed_at.is_not(None)
    )
    nobodys = and_(Conversation.guardian_id.is_(None), ~own_phone)
    if who.sample:
        return and_(nobodys, Conversation.medium == Medium.SIMULATOR.value)
    elsewhere = or_(
        Conversation.medium != Medium.SIMULATOR.value,
        ~exists().where(School.sample),
    )
    if who.role == "administrator":
        return and_(nobodys, elsewhere)
    schools = select(func.count()).select_from(School).where(~School.sample).scalar_subquery()
    return and_(nobodys, elsewhere, schools == 1)


def visible_conversations(who: Member) -> ColumnElement[bool]:
    """The condition on `conversation` rows (joined with their guardian, if any) this person may read."""
    if who.reads_families and who.sees_whole_school:
        return or_(visible_guardians(who), strangers_of(who))
    return visible_guardians(who)
