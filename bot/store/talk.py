"""What is said: conversations, the inbox and outbox, timers, receipts, consent, translations.

The tables are the truth; whatever wakes workers only saves time. `*_at` and `lease_until` are instants (UTC).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Float, ForeignKey, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.base import Base
from bot.store.columns import Sealed
from bot.store.people import one_of

INBOX_STATES = ("new", "done", "stuck")
OUTBOX_STATES = (
    "ready", "sending", "sent", "delivered", "undelivered", "failed", "unknown", "expired", "withheld",
)  # fmt: skip
TIMER_STATES = ("pending", "fired", "cancelled")


class SenderRow(Base):
    """A number texts are sent from, and its GCRA state: `tat` is the theoretical arrival time, counted in segments.
    While `paused_at` is set, nothing goes out from it; what is queued waits."""

    __tablename__ = "sender"
    number: Mapped[str] = mapped_column(primary_key=True)
    medium: Mapped[str] = mapped_column(primary_key=True)
    rate: Mapped[float] = mapped_column(Float)
    burst: Mapped[int]
    tat: Mapped[datetime | None]
    paused_at: Mapped[datetime | None]


class FlowRevision(Base):
    """A conversation script as it read on the day a session began with it. A session is pinned to one."""

    __tablename__ = "flow_revision"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    sha256: Mapped[str]
    yaml: Mapped[str]
    created_at: Mapped[datetime]
    __table_args__ = (UniqueConstraint("name", "sha256"),)


class Conversation(Base):
    """One phone and one of our numbers. `version` grows with every step: whoever saw an older one starts again.

    `answers_to`: the family's last text by this line came from that conversation (WhatsApp, outside its 24 hours), so
    what it answers belongs there.
    """

    __tablename__ = "conversation"
    id: Mapped[int] = mapped_column(primary_key=True)
    guardian_id: Mapped[int | None] = mapped_column(ForeignKey("guardian.id"))
    medium: Mapped[str]
    sender: Mapped[str]
    address: Mapped[Sealed]
    address_index: Mapped[bytes] = mapped_column(LargeBinary)
    language: Mapped[str | None]
    pending: Mapped[dict[str, Any]] = mapped_column(default=dict)
    paused_until: Mapped[datetime | None]
    weekly_cap: Mapped[int | None]
    time_zone: Mapped[str | None]
    opted_out_at: Mapped[datetime | None]
    staff_took_over_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=0)
    in_seq: Mapped[int] = mapped_column(default=0)
    out_seq: Mapped[int] = mapped_column(default=0)
    lease_until: Mapped[datetime | None]
    last_in_at: Mapped[datetime | None]
    awaits_staff_since: Mapped[datetime | None]
    answers_to: Mapped[int | None]
    created_at: Mapped[datetime]
    __table_args__ = (
        UniqueConstraint("address_index", "sender", "medium"),
        Index(None, "guardian_id"),
        Index(None, "awaits_staff_since", postgresql_where=text("awaits_staff_since IS NOT NULL")),
    )


class FlowSession(Base):
    """One run of a guardian through one script, about one child. `state` is the engine's own data."""

    __tablename__ = "session"
    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversation.id"))
    revision_id: Mapped[int] = mapped_column(ForeignKey("flow_revision.id"))
    student_id: Mapped[int | None] = mapped_column(ForeignKey("student.id"))
    section_id: Mapped[int | None] = mapped_column(ForeignKey("section.id"))
    goal_id: Mapped[int | None] = mapped_column(ForeignKey("learning_goal.id"))
    cause: Mapped[str]
    state: Mapped[Sealed]
    open: Mapped[bool] = mapped_column(default=True)
    outcome: Mapped[str | None]
    began_at: Mapped[datetime]
    asked_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    __table_args__ = (
        UniqueConstraint("conversation_id", "cause"),
        Index(None, "conversation_id", sqlite_where=text("open"), postgresql_where=text("open")),
    )


class Inbox(Base):
    """A text from a family, kept as it came. `seq` is its place in the conversation. `read_as`: with its accents and
    shortenings written out, when that is what was translated. `came_by`: over what, where that is not the conversation's
    own medium (an SMS in answer to a WhatsApp text that had to go as SMS)."""

    __tablename__ = "inbox"
    id: Mapped[int] = mapped_column(primary_key=True)
    provider_id: Mapped[str] = mapped_column(unique=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversation.id"))
    seq: Mapped[int]
    body: Mapped[Sealed | None]
    media: Mapped[Sealed | None]
    opt_out_type: Mapped[str | None]
    came_by: Mapped[str | None]
    language: Mapped[str | None]
    body_en: Mapped[Sealed | None]
    read_as: Mapped[Sealed | None]
    origin: Mapped[str | None]
    engine: Mapped[str | None]
    model: Mapped[str | None]
    doubts: Mapped[list[Any]] = mapped_column(default=list)
    notes: Mapped[list[Any]] = mapped_column(default=list)
    state: Mapped[str] = mapped_column(default="new")
    attempts: Mapped[int] = mapped_column(default=0)
    failures: Mapped[int] = mapped_column(default=0)
    retry_at: Mapped[datetime | None]
    received_at: Mapped[datetime]
    handled_at: Mapped[datetime | None]
    __table_args__ = (
        UniqueConstraint("conversation_id", "seq"),
        one_of("state", INBOX_STATES),
        Index(
            "ix_inbox_new",
            "received_at",
            sqlite_where=text("state = 'new'"),
            postgresql_where=text("state = 'new'"),
        ),
        Index(
            "ix_inbox_unread",
            "id",
            sqlite_where=text("body_en IS NULL AND language <> 'en'"),
            postgresql_where=text("body_en IS NULL AND language <> 'en'"),
        ),
    )


class Outbox(Base):
    """A text to a family, queued with the state change that caused it. `ref` comes from that cause: never twice.

    `occasion` is what it counts as against the family's weekly cap (None: nothing; replies, emergencies). `way` is how a
    text of a WhatsApp conversation travels (`bot.channels.whatsapp.Way`; None: not decided yet), and `content_sid` the
    template it travels in.
    """

    __tablename__ = "outbox"
    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversation.id"))
    seq: Mapped[int]
    ref: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    priority: Mapped[int]
    sender: Mapped[str]
    medium: Mapped[str]
    way: Mapped[str | None]
    content_sid: Mapped[str | None]
    to: Mapped[Sealed]
    body: Mapped[Sealed | None]
    language: Mapped[str | None]
    original: Mapped[Sealed | None]
    original_language: Mapped[str | None]
    origin: Mapped[str]
    engine: Mapped[str | None]
    model: Mapped[str | None]
    doubts: Mapped[list[Any]] = mapped_column(default=list)
    segments: Mapped[int]
    author_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    session_id: Mapped[int | None] = mapped_column(ForeignKey("session.id"))
    line: Mapped[str | None]
    occasion: Mapped[str | None]
    not_before: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    state: Mapped[str] = mapped_column(default="ready")
    attempts: Mapped[int] = mapped_column(default=0)
    lease_until: Mapped[datetime | None]
    tried_at: Mapped[datetime | None]
    provider_id: Mapped[str | None] = mapped_column(unique=True)
    error_code: Mapped[int | None]
    reason: Mapped[str | None]
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]
    __table_args__ = (
        UniqueConstraint("conversation_id", "seq"),
        one_of("state", OUTBOX_STATES),
        Index(
            "ix_outbox_ready",
            "sender",
            "priority",
            "not_before",
            sqlite_where=text("state = 'ready'"),
            postgresql_where=text("state = 'ready'"),
        ),
        Index(
            "ix_outbox_open",
            "conversation_id",
            "seq",
            sqlite_where=text("state IN ('ready', 'sending', 'unknown')"),
            postgresql_where=text("state IN ('ready', 'sending', 'unknown')"),
        ),
        Index(
            "ix_outbox_in_flight",
            "lease_until",
            sqlite_where=text("state IN ('sending', 'unknown')"),
            postgresql_where=text("state IN ('sending', 'unknown')"),
        ),
        Index(
            "ix_outbox_withheld",
            "reason",
            "id",
            sqlite_where=text("state = 'withheld'"),
            postgresql_where=text("state = 'withheld'"),
        ),
        Index(
            "ix_outbox_occasion",
            "conversation_id",
            "not_before",
            sqlite_where=text("occasion IS NOT NULL"),
            postgresql_where=text("occasion IS NOT NULL"),
        ),
        Index(
            "ix_outbox_staff",
            "created_at",
            "conversation_id",
            sqlite_where=text("kind = 'staff'"),
            postgresql_where=text("kind = 'staff'"),
        ),
    )


class Timer(Base):
    """Something due later: a reminder, a silence, a wait, a prompt."""

    __tablename__ = "timer"
    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversation.id"))
    session_id: Mapped[int | None] = mapped_column(ForeignKey("session.id"))
    kind: Mapped[str]
    visit: Mapped[int]
    due_at: Mapped[datetime]
    time_zone: Mapped[str | None]
    state: Mapped[str] = mapped_column(default="pending")
    __table_args__ = (
        UniqueConstraint("conversation_id", "session_id", "kind", "visit", "due_at"),
        one_of("state", TIMER_STATES),
        Index(
            "ix_timer_due",
            "due_at",
            sqlite_where=text("state = 'pending'"),
            postgresql_where=text("state = 'pending'"),
        ),
        Index(None, "session_id"),
    )


class DeliveryEvent(Base):
    """A delivery receipt or our own step, as it came. Only ever added to."""

    __tablename__ = "delivery_event"
    id: Mapped[int] = mapped_column(primary_key=True)
    outbox_id: Mapped[int] = mapped_column(ForeignKey("outbox.id"))
    at: Mapped[datetime]
    state: Mapped[str]
    applied: Mapped[bool]
    error_code: Mapped[int | None]
    __table_args__ = (Index(None, "outbox_id"),)


class ConsentEvent(Base):
    """Why a number may or may not be texted, from when on. Only ever added to."""

    __tablename__ = "consent_event"
    id: Mapped[int] = mapped_column(primary_key=True)
    address_index: Mapped[bytes] = mapped_column(LargeBinary)
    guardian_id: Mapped[int | None] = mapped_column(ForeignKey("guardian.id"))
    at: Mapped[datetime]
    kind: Mapped[str]
    basis: Mapped[str]
    inbox_id: Mapped[int | None] = mapped_column(ForeignKey("inbox.id"))
    __table_args__ = (
        one_of("kind", ("opt_in", "opt_out")),
        Index(None, "address_index", "at"),
        Index(None, "guardian_id"),
    )


class TranslationRow(Base):
    """The translation memory. `source_hash` is the blind index of (school, pair, text with placeholders).
    `conversation_id`: the one family these words were written to or by; they are erased with it."""

    __tablename__ = "translation"
    id: Mapped[int] = mapped_column(primary_key=True)
    school_id: Mapped[int | None] = mapped_column(ForeignKey("school.id"))
    source_language: Mapped[str]
    target_language: Mapped[str]
    source_hash: Mapped[bytes] = mapped_column(LargeBinary)
    source: Mapped[Sealed]
    target: Mapped[Sealed]
    origin: Mapped[str]
    engine: Mapped[str | None]
    model: Mapped[str | None]
    doubts: Mapped[list[Any]] = mapped_column(default=list)
    reviewed_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    reviewed_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    conversation_id: Mapped[int | None] = mapped_column(ForeignKey("conversation.id"))
    __table_args__ = (
        UniqueConstraint("source_hash", "origin"),
        Index(None, "conversation_id"),
        Index(
            "ix_translation_machine",
            "target_language",
            "id",
            sqlite_where=text("origin = 'machine'"),
            postgresql_where=text("origin = 'machine'"),
        ),
    )
