"""What reviewers say beside a translation: questions to whoever wrote the text, and wordings that must not go out."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.base import Base
from bot.store.columns import Sealed


class ReviewQuestion(Base):
    """A reviewer asks what a text means. `asked_of` None: whoever at the school looks after families. `kind` and
    `item_id` name what is reviewed (bot.records.review); `conversation_id` the family it is about, if one."""

    __tablename__ = "review_question"
    id: Mapped[int] = mapped_column(primary_key=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"))
    kind: Mapped[str]
    item_id: Mapped[int] = mapped_column(BigInteger)
    conversation_id: Mapped[int | None] = mapped_column(ForeignKey("conversation.id"))
    asked_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    asked_of: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    question: Mapped[Sealed]
    asked_at: Mapped[datetime]
    answer: Mapped[Sealed | None]
    answered_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    answered_at: Mapped[datetime | None]
    __table_args__ = (
        Index(None, "kind", "item_id"),
        Index(None, "school_id", "answered_at"),
        Index(None, "conversation_id"),
    )


class ReviewRejection(Base):
    """A reviewer took something off the desk without a wording, and said why."""

    __tablename__ = "review_rejection"
    id: Mapped[int] = mapped_column(primary_key=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"))
    kind: Mapped[str]
    item_id: Mapped[int] = mapped_column(BigInteger)
    conversation_id: Mapped[int | None] = mapped_column(ForeignKey("conversation.id"))
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    author_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    reason: Mapped[Sealed]
    at: Mapped[datetime]
    seen_at: Mapped[datetime | None]
    __table_args__ = (
        Index(None, "kind", "item_id"),
        Index(None, "author_id", "seen_at"),
        Index(None, "conversation_id"),
    )
