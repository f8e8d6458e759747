"""What the school begins: prompts and who gets them, programmes, holidays, emergencies, nudges for staff.

A plan is data: one row a guardian, written before anything is due, which says when, in which language, or why not.
"""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.base import Base
from bot.store.columns import Sealed
from bot.store.people import one_of

PROMPT_KINDS = ("prompt", "announcement")
PROMPT_STATES = ("scheduled", "planned", "done", "skipped", "cancelled")
RECIPIENT_STATES = ("planned", "fired", "left_out", "expired", "cancelled")
NUDGES = ("teacher", "coordinator")


class Programme(Base):
    """Prompts that belong together, over weeks."""

    __tablename__ = "programme"
    id: Mapped[int] = mapped_column(primary_key=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"))
    name: Mapped[str]
    created_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    created_at: Mapped[datetime]
    cancelled_at: Mapped[datetime | None]


class Prompt(Base):
    """One thing the school begins with an audience on a day, at a time on each family's own clock.

    `script` names a conversation; `words` are an announcement's own. `topic` marks critical content, which no machine
    translates alone. `reason` says why an announcement, which cannot be answered, is worth a family's attention.
    `best_time`: families who told us when texts suit them best get it then, the others at `at`.
    """

    __tablename__ = "prompt"
    id: Mapped[int] = mapped_column(primary_key=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"))
    programme_id: Mapped[int | None] = mapped_column(ForeignKey("programme.id"))
    kind: Mapped[str]
    title: Mapped[str]
    script: Mapped[str | None]
    words: Mapped[Sealed | None]
    words_language: Mapped[str | None]
    told: Mapped[Sealed | None]
    """What the conversation is told when it begins, beside the family and the goal: JSON, name → words in English."""
    goal_id: Mapped[int | None] = mapped_column(ForeignKey("learning_goal.id"))
    topic: Mapped[str | None]
    reason: Mapped[str | None]
    audience: Mapped[dict[str, Any]]
    day: Mapped[date]
    at: Mapped[time]
    best_time: Mapped[bool] = mapped_column(default=False, server_default=false())
    state: Mapped[str] = mapped_column(default="scheduled")
    why: Mapped[str | None]
    opens_at: Mapped[datetime]
    """The first instant at which it can be due anywhere on earth."""
    closes_at: Mapped[datetime]
    """The instant from which it can be sent nowhere any more."""
    created_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    created_at: Mapped[datetime]
    planned_at: Mapped[datetime | None]
    __table_args__ = (
        one_of("kind", PROMPT_KINDS),
        one_of("state", PROMPT_STATES),
        Index(
            "ix_prompt_open",
            "opens_at",
            sqlite_where=text("state IN ('scheduled', 'planned')"),
            postgresql_where=text("state IN ('scheduled', 'planned')"),
        ),
        Index(None, "school_id", "day"),
        Index(None, "programme_id"),
    )


class PromptRecipient(Base):
    """One guardian in the audience of a prompt: when, about which child, in which language; or why not.

    `digest` is shared by rows of one guardian that go out as one text.
    """

    __tablename__ = "prompt_recipient"
    id: Mapped[int] = mapped_column(primary_key=True)
    prompt_id: Mapped[int] = mapped_column(ForeignKey("prompt.id"))
    guardian_id: Mapped[int] = mapped_column(ForeignKey("guardian.id"))
    student_id: Mapped[int | None] = mapped_column(ForeignKey("student.id"))
    section_id: Mapped[int | None] = mapped_column(ForeignKey("section.id"))
    conversation_id: Mapped[int | None] = mapped_column(ForeignKey("conversation.id"))
    day: Mapped[date]
    time_zone: Mapped[str]
    due_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    language: Mapped[str | None]
    segments: Mapped[int | None]
    digest: Mapped[int | None]
    state: Mapped[str]
    why: Mapped[str | None]
    settled_at: Mapped[datetime | None]
    __table_args__ = (
        UniqueConstraint("prompt_id", "guardian_id"),
        one_of("state", RECIPIENT_STATES),
        Index(
            "ix_prompt_recipient_due",
            "due_at",
            "guardian_id",
            sqlite_where=text("state = 'planned'"),
            postgresql_where=text("state = 'planned'"),
        ),
        Index(None, "guardian_id", "day"),
    )


class SchoolHoliday(Base):
    """A day without school: no prompt is begun, and the promise clock rests."""

    __tablename__ = "school_holiday"
    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    name: Mapped[str]


class Emergency(Base):
    """A text that waits for nothing but two people's word. `queued_at`: every family's text is in the outbox."""

    __tablename__ = "emergency"
    id: Mapped[int] = mapped_column(primary_key=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"))
    reason: Mapped[str]
    words: Mapped[Sealed]
    audience: Mapped[dict[str, Any]]
    created_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    created_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
    queued_at: Mapped[datetime | None]
    __table_args__ = (
        Index(
            "ix_emergency_under_way",
            "confirmed_at",
            sqlite_where=text("confirmed_at IS NOT NULL AND queued_at IS NULL"),
            postgresql_where=text("confirmed_at IS NOT NULL AND queued_at IS NULL"),
        ),
    )


class EmergencyConfirmation(Base):
    """One person's word that an emergency must go out. Two different people are needed."""

    __tablename__ = "emergency_confirmation"
    emergency_id: Mapped[int] = mapped_column(ForeignKey("emergency.id"), primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), primary_key=True)
    at: Mapped[datetime]


class EmergencyRecipient(Base):
    """What an emergency became for one guardian: how many texts, or `why` somebody has to call."""

    __tablename__ = "emergency_recipient"
    emergency_id: Mapped[int] = mapped_column(ForeignKey("emergency.id"), primary_key=True)
    guardian_id: Mapped[int] = mapped_column(ForeignKey("guardian.id"), primary_key=True)
    texts: Mapped[int]
    """How many channels of the guardian's number it was queued for."""
    why: Mapped[str | None]
    called_at: Mapped[datetime | None]


class StaffNudge(Base):
    """The promise clock: a family's question waits, and this member of staff is reminded of it. `mail_after`: when mail
    about it may be tried (again); `mailed_at`: a mail server took it."""

    __tablename__ = "staff_nudge"
    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversation.id"))
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    step: Mapped[str]
    waits_since: Mapped[datetime]
    at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    mail_after: Mapped[datetime | None]
    mailed_at: Mapped[datetime | None]
    __table_args__ = (
        UniqueConstraint("conversation_id", "staff_id", "step", "waits_since"),
        one_of("step", NUDGES),
        Index(
            "ix_staff_nudge_open",
            "staff_id",
            sqlite_where=text("done_at IS NULL"),
            postgresql_where=text("done_at IS NULL"),
        ),
    )
