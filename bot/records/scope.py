"""Whose words somebody may read: the one place that turns a role into a condition on rows.

A teacher reads the families of the sections she teaches. A coordinator or administrator reads those of the school,
and texts from numbers that belong to nobody yet. Everybody else reads none.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, Select, false, or_, select

from bot.records.staff import Member
from bot.store.people import Enrollment, Guardian, Guardianship, Section, Teaching
from bot.store.talk import Conversation


def guardians_taught_by(staff_id: int) -> Select[int]:
    """The ids of the guardians of the students in the sections this person teaches."""
    return (
        select(Guardianship.guardian_id)
        .join(Enrollment, Enrollment.student_id == Guardianship.student_id)
        .join(Teaching, Teaching.section_id == Enrollment.section_id)
        .join(Section, Section.id == Teaching.section_id)
        .where(Teaching.staff_id == staff_id, Enrollment.active, Guardianship.active, Section.active)
    )


def visible_guardians(who: Member) -> ColumnElement[bool]:
    """The condition on `guardian` rows this person may read."""
    if not who.reads_families:
        return false()
    if who.sees_whole_school:
        return Guardian.school_id == who.school_id
    return (Guardian.school_id == who.school_id) & Guardian.id.in_(guardians_taught_by(who.id))


def visible_conversations(who: Member) -> ColumnElement[bool]:
    """The condition on `conversation` rows (joined with their guardian, if any) this person may read."""
    if who.reads_families and who.sees_whole_school:
        return or_(visible_guardians(who), Conversation.guardian_id.is_(None))
    return visible_guardians(who)
