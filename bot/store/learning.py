"""What it is about: learning goals, what families answered, where goals stand, what families gave."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Float, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.base import Base
from bot.store.columns import Sealed
from bot.store.people import one_of

CONTRIBUTIONS = ("strength", "idea", "vote", "practice", "question")


class LearningGoal(Base):
    """A goal a prompt serves: the class's own, or an imported learning standard (`standard` is its identifier)."""

    __tablename__ = "learning_goal"
    id: Mapped[int] = mapped_column(primary_key=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"))
    code: Mapped[str]
    title: Mapped[str]
    standard: Mapped[str | None]
    improvement_goal: Mapped[str | None]
    __table_args__ = (UniqueConstraint("school_id", "code"),)


class Framework(Base):
    """A set of learning standards as its publisher issued it (a CASE `CFDocument`). `identifier` is the publisher's."""

    __tablename__ = "framework"
    id: Mapped[int] = mapped_column(primary_key=True)
    identifier: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str]
    publisher: Mapped[str | None]
    language: Mapped[str | None]
    uri: Mapped[str | None]
    imported_at: Mapped[datetime]


class Standard(Base):
    """One learning standard of a framework (a CASE `CFItem`), in its place in the tree: `place` orders a framework
    as a reader meets it, `depth` is 1 for a root. `words` is what a search looks through, folded."""

    __tablename__ = "standard"
    id: Mapped[int] = mapped_column(primary_key=True)
    framework_id: Mapped[int] = mapped_column(ForeignKey("framework.id"))
    identifier: Mapped[str]
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("standard.id"))
    place: Mapped[int]
    depth: Mapped[int]
    code: Mapped[str | None]
    folded_code: Mapped[str | None]
    statement: Mapped[str]
    kind: Mapped[str | None]
    grades: Mapped[list[Any]] = mapped_column(default=list)
    words: Mapped[str]
    active: Mapped[bool] = mapped_column(default=True)
    __table_args__ = (
        UniqueConstraint("framework_id", "identifier"),
        Index(None, "folded_code"),
        Index(None, "parent_id"),
    )


class Answer(Base):
    """What a family answered to a question: the category or number it was understood as, and its own words."""

    __tablename__ = "answer"
    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversation.id"))
    session_id: Mapped[int] = mapped_column(ForeignKey("session.id"))
    student_id: Mapped[int | None] = mapped_column(ForeignKey("student.id"))
    inbox_id: Mapped[int | None] = mapped_column(ForeignKey("inbox.id"))
    field: Mapped[str]
    choice: Mapped[str | None]
    number: Mapped[float | None] = mapped_column(Float)
    words: Mapped[Sealed | None]
    at: Mapped[datetime]
    __table_args__ = (
        UniqueConstraint("session_id", "inbox_id", "field"),
        Index(None, "conversation_id", "field", "at"),
    )


class GoalProgress(Base):
    """A step a family reported towards a goal."""

    __tablename__ = "goal_progress"
    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("session.id"))
    student_id: Mapped[int | None] = mapped_column(ForeignKey("student.id"))
    inbox_id: Mapped[int | None] = mapped_column(ForeignKey("inbox.id"))
    goal: Mapped[str]
    did: Mapped[str]
    amount: Mapped[float | None] = mapped_column(Float)
    at: Mapped[datetime]
    __table_args__ = (UniqueConstraint("session_id", "inbox_id", "goal", "did"), Index(None, "goal", "at"))


class Contribution(Base):
    """What a family gave in its own words: a strength, an idea, a vote, a practice to share, a question for the teacher."""

    __tablename__ = "contribution"
    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversation.id"))
    session_id: Mapped[int | None] = mapped_column(ForeignKey("session.id"))
    student_id: Mapped[int | None] = mapped_column(ForeignKey("student.id"))
    inbox_id: Mapped[int | None] = mapped_column(ForeignKey("inbox.id"))
    kind: Mapped[str]
    words: Mapped[Sealed]
    at: Mapped[datetime]
    __table_args__ = (
        one_of("kind", CONTRIBUTIONS),
        UniqueConstraint("inbox_id", "kind"),
        Index(None, "conversation_id", "kind"),
    )
