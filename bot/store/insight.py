"""What people make of the numbers: corrections of summaries, alerts about the school's practice, staff pulses, and what
became of what families said; and the numbers themselves, reckoned once a day."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Float, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.base import Base
from bot.store.columns import Sealed
from bot.store.people import one_of

EDITS = ("hide", "show", "edit", "correction")


class SummaryEdit(Base):
    """Somebody hid, showed again or reworded a claim of a summary, or a family corrected it. The newest one counts."""

    __tablename__ = "summary_edit"
    id: Mapped[int] = mapped_column(primary_key=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"))
    conversation_id: Mapped[int | None] = mapped_column(ForeignKey("conversation.id"))
    claim: Mapped[str]
    kind: Mapped[str]
    words: Mapped[Sealed | None]
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    at: Mapped[datetime]
    __table_args__ = (
        one_of("kind", EDITS),
        Index(None, "school_id", "claim"),
        Index(None, "conversation_id"),
    )


class PracticeAlert(Base):
    """A gap between groups of families: a question to the school's practice, never to the families. `here` is the
    rate of the group, `others` that of everybody else."""

    __tablename__ = "practice_alert"
    id: Mapped[int] = mapped_column(primary_key=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"))
    dimension: Mapped[str]
    family_group: Mapped[str]
    measure: Mapped[str]
    here: Mapped[float] = mapped_column(Float)
    others: Mapped[float] = mapped_column(Float)
    first_seen: Mapped[datetime]
    last_seen: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    settled_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    outcome: Mapped[str | None]
    __table_args__ = (
        UniqueConstraint("school_id", "dimension", "family_group", "measure"),
        Index(
            "ix_practice_alert_open",
            "school_id",
            sqlite_where=text("settled_at IS NULL"),
            postgresql_where=text("settled_at IS NULL"),
        ),
    )


class StaffPulse(Base):
    """A member of staff's answer to one question of the pulse, 1 to 5."""

    __tablename__ = "staff_pulse"
    id: Mapped[int] = mapped_column(primary_key=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"))
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    question: Mapped[str]
    value: Mapped[float] = mapped_column(Float)
    at: Mapped[datetime]
    __table_args__ = (Index(None, "school_id", "at"),)


class SaidAndDone(Base):
    """A round of input: what families said, who looks after it, and what the school did about it."""

    __tablename__ = "said_and_done"
    id: Mapped[int] = mapped_column(primary_key=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"))
    section_id: Mapped[int | None] = mapped_column(ForeignKey("section.id"))
    said: Mapped[str]
    did: Mapped[str | None]
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    __table_args__ = (Index(None, "school_id", "opened_at"),)


class Reckoned(Base):
    """Numbers that many people look at, as they were reckoned last: counts and rates, never a family's words.

    `question` says about whom, what and how long (`bot.insight.reckoning`).
    """

    __tablename__ = "reckoned"
    question: Mapped[str] = mapped_column(primary_key=True)
    made_at: Mapped[datetime]
    numbers: Mapped[dict[str, Any]]


class StaffReflection(Base):
    """What a member of staff learned from a family in a week, and will do with it. Only its writer reads it."""

    __tablename__ = "staff_reflection"
    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    learned: Mapped[Sealed]
    next_step: Mapped[Sealed | None]
    at: Mapped[datetime]
    __table_args__ = (Index(None, "staff_id", "at"),)


class InputRound(Base):
    """Families' ideas, a vote on three of them, and what the school did: a round, and the prompts that carry it.

    `options` are the three ideas as they are voted on (sealed JSON); `ledger_id` is its line in "you said, we did".
    """

    __tablename__ = "input_round"
    id: Mapped[int] = mapped_column(primary_key=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"))
    section_id: Mapped[int | None] = mapped_column(ForeignKey("section.id"))
    title: Mapped[str]
    opened_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    opened_at: Mapped[datetime]
    ideas_prompt_id: Mapped[int] = mapped_column(ForeignKey("prompt.id"))
    vote_prompt_id: Mapped[int | None] = mapped_column(ForeignKey("prompt.id"))
    told_prompt_id: Mapped[int | None] = mapped_column(ForeignKey("prompt.id"))
    options: Mapped[Sealed | None]
    ledger_id: Mapped[int | None] = mapped_column(ForeignKey("said_and_done.id"))
    closed_at: Mapped[datetime | None]
    __table_args__ = (Index(None, "school_id", "opened_at"),)
