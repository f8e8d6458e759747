"""What travels beside plain texts: the pictures families send, and the templates WhatsApp has approved."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.base import Base
from bot.store.columns import Sealed
from bot.store.people import one_of

MEDIA_STATES = ("waiting", "kept", "refused", "failed", "erased")


class MediaRow(Base):
    """A picture or file that came with a text: the `number`-th of its message, from 0. Its address at the provider stays
    in `Inbox.media`; `content` is what was fetched, sealed. `reason` says in words for staff why there is none."""

    __tablename__ = "media"
    id: Mapped[int] = mapped_column(primary_key=True)
    inbox_id: Mapped[int] = mapped_column(ForeignKey("inbox.id"))
    number: Mapped[int]
    state: Mapped[str] = mapped_column(default="waiting")
    content_type: Mapped[str | None]
    content: Mapped[Sealed | None] = mapped_column(info={"at_once": 10})
    """A row may hold 5 MB, so a key rotation takes few at once."""
    size: Mapped[int | None]
    attempts: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime]
    """When it is worth another look; while somebody fetches it, the end of their lease."""
    reason: Mapped[str | None]
    fetched_at: Mapped[datetime | None]
    __table_args__ = (
        UniqueConstraint("inbox_id", "number"),
        one_of("state", MEDIA_STATES),
        Index(
            "ix_media_waiting",
            "next_at",
            sqlite_where=text("state = 'waiting'"),
            postgresql_where=text("state = 'waiting'"),
        ),
    )


class WhatsAppTemplate(Base):
    """A wording WhatsApp approved, in one language. `wording` has one place, `{{1}}`, for our text. A row is retired and
    never changed: texts that are on their way name it."""

    __tablename__ = "whatsapp_template"
    id: Mapped[int] = mapped_column(primary_key=True)
    content_sid: Mapped[str] = mapped_column(unique=True)
    language: Mapped[str]
    wording: Mapped[str]
    added_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]
