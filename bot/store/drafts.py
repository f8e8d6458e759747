"""What staff are still writing."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.base import Base
from bot.store.columns import Sealed


class PromptDraft(Base):
    """A prompt that somebody has begun to write: the form's fields, as they stand (JSON, sealed)."""

    __tablename__ = "prompt_draft"
    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    fields: Mapped[Sealed]
    updated_at: Mapped[datetime]
    __table_args__ = (Index(None, "staff_id", "updated_at"),)


class Upload(Base):
    """A file that somebody has handed over and not applied yet: looked at first, thrown away after a day."""

    __tablename__ = "upload"
    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    name: Mapped[str]
    content: Mapped[Sealed]
    at: Mapped[datetime]
    __table_args__ = (Index(None, "at"),)
