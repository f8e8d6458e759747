"""The learning goals a school works with."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import or_, select

from bot.records.staff import Member
from bot.store.database import Database
from bot.store.learning import LearningGoal

MOST = 50


@dataclass(frozen=True, slots=True)
class Goal:
    """A goal: the class's own, or one that stands for an imported standard (`standard` is its identifier)."""

    id: int
    code: str
    title: str
    standard: str | None


def goals_of(db: Database, who: Member, search: str = "", limit: int = MOST) -> list[Goal]:
    """The school's goals by code; with `search`, those whose code or words contain it."""
    query = (
        select(LearningGoal.id, LearningGoal.code, LearningGoal.title, LearningGoal.standard)
        .where(LearningGoal.school_id == who.school_id)
        .order_by(LearningGoal.code, LearningGoal.id)
        .limit(limit)
    )
    if search:
        query = query.where(
            or_(
                LearningGoal.code.icontains(search, autoescape=True),
                LearningGoal.title.icontains(search, autoescape=True),
            )
        )
    with db.reading() as session:
        return [Goal(*row) for row in session.execute(query)]
