"""Texts that a person must see: what was raised, what people did about it, who was paged, who is on call.

Kept apart from the family's own records on purpose: the guardian who asks for everything may be the danger.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.base import Base
from bot.store.columns import Sealed
from bot.store.people import one_of

TIERS = ("urgent", "concern", "need")
OUTCOMES = ("handled", "false_alarm")
PAGE_WAYS = ("text", "email")
PAGE_STATES = ("ready", "sending", "sent", "failed")


class SafetyAlert(Base):
    """A text of a family that may mean danger or need. `rules` are the wordings found (JSON; they quote the family).
    When the family is erased, what stays says neither whose text it was nor what it said. `next_page_at`: when
    somebody is paged again; None when nobody need be. `pages` counts the rounds of paging so far."""

    __tablename__ = "safety_alert"
    id: Mapped[int] = mapped_column(primary_key=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"))
    conversation_id: Mapped[int | None] = mapped_column(ForeignKey("conversation.id"))
    inbox_id: Mapped[int | None] = mapped_column(ForeignKey("inbox.id"), unique=True)
    tier: Mapped[str]
    kinds: Mapped[list[Any]] = mapped_column(default=list)
    rules: Mapped[Sealed | None]
    raised_at: Mapped[datetime]
    due_at: Mapped[datetime]
    pages: Mapped[int] = mapped_column(default=0)
    next_page_at: Mapped[datetime | None]
    acknowledged_at: Mapped[datetime | None]
    acknowledged_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    assigned_to: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    settled_at: Mapped[datetime | None]
    outcome: Mapped[str | None]
    __table_args__ = (
        one_of("tier", TIERS),
        one_of("outcome", OUTCOMES),
        Index(None, "conversation_id"),
        Index(None, "school_id", "settled_at"),
        Index(
            "ix_safety_alert_open",
            "school_id",
            "due_at",
            sqlite_where=text("settled_at IS NULL"),
            postgresql_where=text("settled_at IS NULL"),
        ),
        Index(
            "ix_safety_alert_paging",
            "next_page_at",
            sqlite_where=text("next_page_at IS NOT NULL"),
            postgresql_where=text("next_page_at IS NOT NULL"),
        ),
    )


class SafetyStep(Base):
    """What somebody did about an alert. Only ever added to. `staff_id` None: the system itself."""

    __tablename__ = "safety_step"
    id: Mapped[int] = mapped_column(primary_key=True)
    alert_id: Mapped[int] = mapped_column(ForeignKey("safety_alert.id"))
    at: Mapped[datetime]
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    what: Mapped[str]
    words: Mapped[Sealed | None]
    to_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    __table_args__ = (Index(None, "alert_id"),)


class SafetyPage(Base):
    """One page to one person in one way. `ref` names alert, round, person and way: the same page is made once, however
    many schedulers run. A text goes through the outbox (its row bears the same `ref`); mail is sent from here."""

    __tablename__ = "safety_page"
    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(unique=True)
    alert_id: Mapped[int] = mapped_column(ForeignKey("safety_alert.id"))
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    way: Mapped[str]
    state: Mapped[str]
    attempts: Mapped[int] = mapped_column(default=0)
    lease_until: Mapped[datetime | None]
    at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    __table_args__ = (
        one_of("way", PAGE_WAYS),
        one_of("state", PAGE_STATES),
        Index(None, "alert_id"),
        Index(
            "ix_safety_page_open",
            "at",
            sqlite_where=text("state IN ('ready', 'sending')"),
            postgresql_where=text("state IN ('ready', 'sending')"),
        ),
    )


class SafetyContact(Base):
    """Somebody who is paged for urgent texts: by text, when there is a number, and by mail."""

    __tablename__ = "safety_contact"
    id: Mapped[int] = mapped_column(primary_key=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"))
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), unique=True)
    phone: Mapped[Sealed | None]
    phone_index: Mapped[bytes | None] = mapped_column(LargeBinary)
    by_email: Mapped[bool] = mapped_column(default=True)
    __table_args__ = (Index(None, "school_id"),)
